"""Files of laws: every format read alike, and whatever cannot be trusted refused with its reason."""

import datetime as dt
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.regulations.importing import files
from question_bank.regulations.importing.docx import MAX_PART_BYTES
from question_bank.regulations.importing.files import read_law, read_law_file
from question_bank.regulations.importing.rules import MAX_FILE_BYTES, ImportRefusal, ImportRefused, LawText
from question_bank.regulations.rules import find_gap
from tests.question_bank.law_files import LABELS, LAW_LINES, W, docx, plain, zipped

FIRST, SECOND = "第一条　甲。", "第二条　乙。"


def refused(name: str, data: bytes) -> tuple[ImportRefusal, dict[str, object]]:
    with pytest.raises(ImportRefused) as error:
        read_law(name, data)
    return error.value.reason, error.value.details


def as_json(**changes: Any) -> bytes:
    entries = [{"number": 1, "text": "甲。"}, {"label": "第二条", "text": "乙。"}]
    return json.dumps({"name": "样例法", "articles": entries} | changes, ensure_ascii=False).encode()


MARKDOWN = ("# 中华人民共和国样例法", "", LAW_LINES[1], "", "## 目录", "", "- 第一章　总则", "", "## 第一章　总则", "")
MARKDOWN_BODY = (
    "**第一条**　为了养好锦鲤，制定本法。",
    "",
    "**第二条**&emsp;养鱼人应当：",
    "",
    "- （一）每天喂食；",
    "> （二）每周换水。",
)


@pytest.mark.parametrize("name", ["law.docx", "LAW.DOCX", "law.txt", "law.md"])
def test_every_format_gives_the_same_law(name: str) -> None:
    data = docx(*LAW_LINES) if name.lower().endswith("docx") else plain(*LAW_LINES)
    law = read_law(name, data)
    assert [article.label for article in law.articles] == LABELS
    assert law.articles == read_law("law.txt", plain(*LAW_LINES)).articles
    assert (law.title, law.version_label, law.promulgated) == ("中华人民共和国样例法", "2026年修正", dt.date(2026, 9, 12))
    assert law.effective is None, "its last article still names the day of the first enactment"
    assert law.left_out == 0


def test_markup_of_markdown_is_no_text() -> None:
    law = read_law("law.md", plain(*MARKDOWN, *MARKDOWN_BODY))
    assert [article.paragraphs for article in law.articles] == [
        ("为了养好锦鲤，制定本法。",),
        ("养鱼人应当：\n（一）每天喂食；\n（二）每周换水。",),
    ]
    assert (law.title, law.articles[0].chapter, law.left_out) == ("中华人民共和国样例法", "第一章 总则", 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_text_in_any_encoding_that_editors_write(encoding: str) -> None:
    assert read_law("law.txt", f"{FIRST}\r\n{SECOND}".encode(encoding)).articles[1].text == "乙。"


def test_json_gives_what_it_states() -> None:
    entries = [{"number": 1, "number_label": "第一条", "chapter": "第一章 总则", "section": None, "text": "甲：\n(一)乙。"}]
    law = read_law(
        "law.json", as_json(articles=entries, effective="2026-12-01", promulgated="2026-09-12", version="样例修正", note=1)
    )
    assert law == LawText("样例法", law.articles, "样例修正", dt.date(2026, 9, 12), dt.date(2026, 12, 1))
    assert (law.articles[0].chapter, law.articles[0].paragraphs) == ("第一章 总则", ("甲：\n（一）乙。",))


def test_names_in_json_are_of_one_line() -> None:
    entries = [{"number": 1, "chapter": "第一章\n总则", "section": " ", "text": "甲。"}]
    law = read_law("law.json", as_json(name="样例\n法", version="样\n例", articles=entries))
    assert (law.title, law.version_label, law.articles[0].chapter, law.articles[0].section) == (
        "样例法",
        "样 例",
        "第一章 总则",
        None,
    )
    assert refused("law.json", as_json(articles=[{"label": "首\n条", "text": "甲"}]))[1] == {"place": "articles: 首 条"}


def test_in_json_a_label_wins_over_a_number() -> None:
    entries = [{"number": 1, "text": "甲。"}, {"number": 1, "label": "第一条之一", "text": "乙。"}]
    assert [a.label for a in read_law("law.json", as_json(articles=entries)).articles] == ["第一条", "第一条之一"]


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"{", "?"), (b"[1" * 100_000, "?"), (b"9" * 5000, "?"), (b"[]", "?"), (b"{}", "articles"),
        (as_json(articles=[1]), "articles.0"),
        (as_json(articles=[{"number": 1}]), "articles.0.text"), (as_json(articles=[{"text": "甲"}]), "articles: number"),
        (as_json(articles=[{"number": 0, "text": "甲"}]), "articles.0.number"),
        (as_json(articles=[{"number": "1", "text": "甲"}]), "articles.0.number"),
        (as_json(articles=[{"label": "首条", "text": "甲"}]), "articles: 首条"), (as_json(effective="明年"), "effective"),
    ],
)  # fmt: skip
def test_json_of_another_form_is_refused_with_the_place(data: bytes, place: str) -> None:
    assert refused("law.json", data) == (ImportRefusal.JSON_WRONG, {"place": place})


@pytest.mark.parametrize(
    ("lines", "reason", "details"),
    [
        ((), ImportRefusal.NO_ARTICLE, {}),
        (("今天天气很好。",), ImportRefusal.NO_ARTICLE, {}),
        ((SECOND,), ImportRefusal.NOT_CONTIGUOUS, {"label": "第一条", "found": "第二条"}),
        ((FIRST, SECOND, "第四条　丁。", "第五条　戊。"), ImportRefusal.NOT_CONTIGUOUS, {"label": "第三条", "found": "第四条"}),
        ((FIRST, "第一条之二　乙。"), ImportRefusal.NOT_CONTIGUOUS, {"label": "第一条之一", "found": "第一条之二"}),
        ((FIRST, SECOND, "第二条　又。"), ImportRefusal.DUPLICATE_ARTICLE, {"label": "第二条"}),
        ((FIRST, "第二条　", "第三条　丙。"), ImportRefusal.EMPTY_ARTICLE, {"label": "第二条"}),
        ((FIRST, "第二条　\x00"), ImportRefusal.BAD_CHARACTER, {"character": "U+0000", "line": 2}),
        ((FIRST + "\x1b[2J",), ImportRefusal.BAD_CHARACTER, {"character": "U+001B", "line": 1}),
        ((FIRST, "", "\u202e" + SECOND), ImportRefusal.BAD_CHARACTER, {"character": "U+202E", "line": 3}),
        ((FIRST + "\ufffd",), ImportRefusal.BAD_CHARACTER, {"character": "U+FFFD", "line": 1}),
    ],
)
def test_a_text_with_something_missing_or_amiss_is_refused_by_name(
    lines: tuple[str, ...], reason: ImportRefusal, details: dict[str, object]
) -> None:
    assert refused("law.txt", plain(*lines)) == (reason, details)


def test_a_character_that_no_database_stores_is_refused_in_json_too() -> None:
    data = json.dumps({"name": "样例法", "articles": [{"number": 1, "text": "甲\ud800"}]}).encode()
    assert refused("law.json", data) == (ImportRefusal.BAD_CHARACTER, {"character": "U+D800", "line": 5})


@pytest.mark.parametrize("name", ["law.doc", "law.pdf", "law", "law.docx.exe"])
def test_other_formats_are_refused_by_their_extension(name: str) -> None:
    assert refused(name, plain(FIRST))[0] is ImportRefusal.FORMAT_UNKNOWN


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("law.docx", plain(FIRST)), ("law.docx", b""), ("law.txt", docx(FIRST)), ("law.json", docx(FIRST)),
        ("law.md", b"%PDF-1.7"),
        ("law.txt", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), ("law.docx", zipped("<x/>", name="xl/workbook.xml")),
    ],
)  # fmt: skip
def test_a_content_of_another_kind_than_the_extension_is_refused(name: str, data: bytes) -> None:
    assert refused(name, data) == (ImportRefusal.NOT_WHAT_IT_SAYS, {"extension": name.removeprefix("law")})


def test_bytes_that_are_no_text_are_refused() -> None:
    assert refused("law.txt", b"\xff\xff\xff")[0] is ImportRefusal.NOT_TEXT
    assert refused("law.json", '{"name": "样例"}'.encode("gbk"))[0] is ImportRefusal.NOT_TEXT


WHOLE = docx(*LAW_LINES)
DOCTYPE = (
    f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "{FIRST}">]><w:document xmlns:w="{W}"><w:p><w:t>&a;</w:t></w:p></w:document>'
)


@pytest.mark.parametrize(
    "data",
    [
        WHOLE[: len(WHOLE) // 2], WHOLE[:30], zipped("<w:document"), zipped(DOCTYPE), zipped(b"\x00\xff"), zipped(""),
        docx(markup="<w:p>" * 300 + "</w:p>" * 300),
    ],
    ids=["half", "header", "markup", "entities", "bytes", "empty", "deep"],
)  # fmt: skip
def test_a_damaged_or_tricky_document_is_refused(data: bytes) -> None:
    assert refused("law.docx", data) == (ImportRefusal.DAMAGED, {})


def test_only_the_text_that_a_reader_sees_is_read() -> None:
    run = "<w:r><w:t>{}</w:t></w:r>"
    markup = (
        f"<w:p><w:pPr><w:t>甲</w:t></w:pPr>{run.format('第一条')}<w:r><w:tab/></w:r>{run.format('池水')}"
        f"<w:del>{run.format('不')}</w:del><w:ins>{run.format('应当')}</w:ins><w:moveFrom>{run.format('乙')}</w:moveFrom>"
        "<w:r><w:instrText>PAGE</w:instrText><w:t>清澈。</w:t><w:br/><w:t>不得混浊。</w:t></w:r></w:p>"
        f"<w:tbl><w:tr><w:tc><w:p>{run.format(SECOND)}</w:p></w:tc></w:tr></w:tbl>"
    )
    law = read_law("law.docx", docx(markup=markup))
    assert [article.paragraphs for article in law.articles] == [("池水应当清澈。", "不得混浊。"), ("乙。",)]


def test_a_zip_bomb_is_refused_without_being_unpacked() -> None:
    bomb = zipped("<w:document>" + " " * MAX_PART_BYTES)
    assert len(bomb) < 100_000
    assert refused("law.docx", bomb)[0] is ImportRefusal.ZIP_BOMB
    assert refused("law.docx", docx(FIRST + "甲" * 2_000_000))[0] is ImportRefusal.ZIP_BOMB, "packed far closer than any statute"


def test_a_zip_that_lies_about_its_size_is_refused_all_the_same() -> None:
    bomb = bytearray(zipped(b" " * (MAX_PART_BYTES + 1)))
    entry = bomb.rindex(b"PK\x01\x02")
    bomb[entry + 24 : entry + 28] = (50_000).to_bytes(4, "little")  # the unpacked size in the directory
    assert refused("law.docx", bytes(bomb))[0] in (ImportRefusal.DAMAGED, ImportRefusal.ZIP_BOMB)


def test_a_document_with_a_password_or_another_packing_is_refused(tmp_path: Path) -> None:
    encrypted = bytearray(WHOLE)
    for mark in (b"PK\x01\x02", b"PK\x03\x04"):
        start = 0
        while (start := encrypted.find(mark, start)) >= 0:
            encrypted[start + (8 if mark == b"PK\x01\x02" else 6)] |= 1
            start += 4
    assert refused("law.docx", bytes(encrypted))[0] is ImportRefusal.DAMAGED
    other = tmp_path / "law.docx"
    with zipfile.ZipFile(other, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    assert refused("law.docx", other.read_bytes())[0] is ImportRefusal.DAMAGED


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(path: Path) -> bytes:
        raise AssertionError("was read")

    large, limit = tmp_path / "large.docx", tmp_path / "limit.txt"
    for path, size in ((large, 50 * 2**20), (limit, MAX_FILE_BYTES + 1)):
        with path.open("wb") as file:
            file.truncate(size)
    monkeypatch.setattr(Path, "read_bytes", never)
    for path in (large, limit):
        with pytest.raises(ImportRefused) as error:
            read_law_file(path)
        assert error.value.reason is ImportRefusal.TOO_LARGE
    assert refused("law.txt", b"x" * (MAX_FILE_BYTES + 1))[0] is ImportRefusal.TOO_LARGE


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "law.txt"
    os.mkfifo(pipe)
    for path in (tmp_path, tmp_path / "none.txt", pipe, Path("/dev/zero")):
        with pytest.raises(ImportRefused) as error:
            read_law_file(path)
        assert error.value.reason is ImportRefusal.NOT_A_FILE
    law = tmp_path / "there.txt"
    law.write_bytes(plain(FIRST))
    assert len(read_law_file(law).articles) == 1


ANY_FILE = st.sampled_from(files.EXTENSIONS).flatmap(
    lambda extension: st.tuples(st.just(f"law{extension}"), st.binary(max_size=400))
)
PIECES = st.sampled_from(
    [*LAW_LINES, "第一条", "附件：", "目录", "第九千九百九十九条之二　甲", "第〇条　甲", "\x0b", '"', "第一章", ""]
)


@settings(max_examples=150, deadline=None)
@given(ANY_FILE)
def test_any_bytes_are_a_law_or_a_refusal(file: tuple[str, bytes]) -> None:
    _read_or_refuse(*file)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
def test_a_document_changed_anywhere_is_a_law_or_a_refusal(place: int, change: bytes) -> None:
    _read_or_refuse("law.docx", WHOLE[:place] + change + WHOLE[place + len(change) :])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=12), st.sampled_from(["law.txt", "law.md"]))
def test_any_lines_are_a_law_or_a_refusal(lines: list[str], name: str) -> None:
    _read_or_refuse(name, "\n".join(lines).encode("utf-8", "surrogatepass"))


def _read_or_refuse(name: str, data: bytes) -> None:
    try:
        law = read_law(name, data)
    except ImportRefused:
        return
    numbers = [article.number for article in law.articles]
    assert numbers == sorted(set(numbers))
    assert find_gap(numbers) is None
    assert all(article.paragraphs and all(article.paragraphs) for article in law.articles)
