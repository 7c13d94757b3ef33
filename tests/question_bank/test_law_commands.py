"""`yushi law import`, `diff`, `impact`, `confirm` and `load --all` as a trainer runs them, in this process."""

import datetime as dt
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from question_bank.commands import CommandRefused, add_commands
from question_bank.commands.law import IMPORT_REFUSALS
from question_bank.database import Database
from question_bank.regulations import package_source
from question_bank.regulations.importing.rules import ImportRefusal
from question_bank.regulations.package_source import PackageLaw
from question_bank.wiring import QuestionBank
from tests.conftest import LOADED
from tests.fakes import FakeClock
from tests.question_bank.law_files import LAW_LINES, docx, plain
from tests.question_bank.samples import articles

LAW = "反食品浪费法"
NAME = "中华人民共和国样例法"


@dataclass
class Trainer:
    """Somebody at the command line, with files in a folder."""

    app: typer.Typer
    folder: Path
    clock: FakeClock

    def run(self, *arguments: str) -> list[str]:
        """The lines that a command prints."""
        result = CliRunner().invoke(self.app, arguments, catch_exceptions=False)
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout.splitlines()

    def refused(self, *arguments: str) -> str:
        """The one line that a refused command says."""
        with pytest.raises(CommandRefused) as refused:
            CliRunner().invoke(self.app, arguments, catch_exceptions=False)
        line = str(refused.value)
        assert "\n" not in line
        assert "{" not in line
        return line

    def file(self, name: str, data: bytes) -> str:
        (self.folder / name).write_bytes(data)
        return str(self.folder / name)


@pytest.fixture
def trainer(sqlite_templates: dict[str, Path], tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Trainer:
    monkeypatch.setenv("COLUMNS", "200")  # so that no table breaks its lines
    path = tmp_path / "yushi.db"
    path.write_bytes(sqlite_templates[LOADED].read_bytes())

    @asynccontextmanager
    async def open_bank() -> AsyncIterator[QuestionBank]:
        database = Database(f"sqlite+aiosqlite:///{path}")
        try:
            yield QuestionBank.build(database, clock)
        finally:
            await database.close()

    app = typer.Typer()
    add_commands(app, open_bank)
    return Trainer(app, tmp_path, clock)


def changed_law(trainer: Trainer, name: str, **entries: str) -> str:
    """A file of a shipped law in which articles say something else: changed_law(…, 疫苗管理法, a5="…")."""
    texts = dict(package_source.read_articles([f"中华人民共和国{name}"]))[f"中华人民共和国{name}"]
    rows = [
        {
            "label": article.number.label,
            "chapter": article.chapter,
            "text": entries.get(f"a{article.number.number}", article.text),
        }
        for article in texts
    ]
    content = {"name": f"中华人民共和国{name}", "effective": "2026-12-01", "version": "样例修正", "articles": rows}
    return trainer.file("amended.json", json.dumps(content, ensure_ascii=False).encode())


def test_a_word_file_becomes_a_version_of_a_new_law(trainer: Trainer) -> None:
    file = trainer.file("样例法.docx", docx(*LAW_LINES, "附件", "名录"))
    assert trainer.refused("law", "import", file) == (
        f"没有导入 样例法.docx：登记表里没有《{NAME}》。如果是新的法规，请加 --name {NAME}；如果不是，请用 --name 写明是哪部。"
    )
    assert trainer.refused("law", "import", file, "--name", NAME) == (
        "没有导入 样例法.docx：文件没有写明这个文本从哪天起施行，请用 --effective 年-月-日 写明。"
    )
    order = ("law", "import", file, "--name", NAME, "--effective", "2026-10-01")
    what = "《样例法》2026年修正，2026-10-01起施行，6 条。"
    left_out = "有 2 行不属于任何一条（序言、附件等），没有载入。"
    assert trainer.run(*order, "--dry-run") == [f"试运行：将导入（新的法规）：{what}", left_out]
    assert not any("样例法" in line for line in trainer.run("law", "list"))
    assert trainer.run(*order) == [f"已导入（新的法规）：{what}", left_out]
    assert trainer.run(*order) == [f"已经载入过，没有变化：{what}"]
    assert trainer.run("ask", "样例法第三条之一")[:3] == [
        "《样例法》第三条之一", f"{NAME}（2026年修正，2026-10-01起施行）", "夜间不喂食。",
    ]  # fmt: skip


def test_an_amendment_is_imported_compared_reviewed_and_confirmed(trainer: Trainer) -> None:
    file = changed_law(trainer, "疫苗管理法", a39="冷链由样例机关负责。", a1="样例。")
    imported = trainer.run("law", "import", file)
    assert imported[0] == "已导入：《疫苗管理法》样例修正，2026-12-01起施行，100 条。"
    assert imported[1] == "与 2019-12-01 起施行的文本相比：新增 0 条，删去 0 条，修改 2 条。"
    assert imported[2].endswith("自施行之日起待审：yushi law impact 疫苗管理法")
    assert "注意：已公布的新文本自2026-12-01起施行，届时这一条有变动。" in trainer.run("ask", "疫苗管理法第39条")

    impact = json.loads(trainer.run("law", "impact", "疫苗法", "--json")[0])
    assert impact
    assert {entry["article"] for entry in impact} <= {1, 39}
    assert all(
        entry.keys() == {"id", "law", "article", "suffix", "version", "due", "state", "kind", "key", "text"} for entry in impact
    )
    assert {(entry["law"], entry["version"], entry["due"], entry["state"]) for entry in impact} == {
        ("疫苗管理法", "样例修正", "2026-12-01", "open")
    }
    assert json.loads(trainer.run("bank", "stats", "--json")[0])["by_state"].keys() == {"published"}
    trainer.clock.now = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    questions = [entry for entry in impact if entry["kind"] == "question"]
    states = json.loads(trainer.run("bank", "stats", "--json")[0])["by_state"]
    assert states["in_review"] == len({entry["key"] for entry in questions})
    table = "\n".join(trainer.run("law", "impact", "疫苗管理法"))
    assert table.count("待审") == len(impact)

    ids = [str(entry["id"]) for entry in impact]
    assert trainer.run("law", "confirm", *ids) == [f"已确认 {len(ids)} 处。"]
    assert trainer.run("law", "confirm", *ids) == ["这些都已确认过，没有变化。"]
    assert json.loads(trainer.run("bank", "stats", "--json")[0])["by_state"].keys() == {"published"}
    assert "已确认" in "\n".join(trainer.run("law", "impact", "疫苗管理法"))


def test_the_difference_of_two_versions_is_shown_word_by_word(trainer: Trainer) -> None:
    for day, text in (
        ("2026-01-01", "第一条　每周更换池水。\n第二条　删。"),
        ("2026-06-01", "第一条　每月更换池水。\n第一条之一　加。"),
    ):
        file = trainer.file("law.txt", plain("锦鲤法", *text.split("\n")))
        trainer.run("law", "import", file, "--name", "锦鲤法", "--effective", day, "--version", f"{day[:7]}版")
    assert trainer.run("law", "diff", "锦鲤法") == [
        "《锦鲤法》2026-01版（2026-01-01起施行） → 2026-06版（2026-06-01起施行）",
        "", "修改 第一条", "[-每周-]{+每月+}更换池水。",
        "", "新增 第一条之一", "{+加。+}",
        "", "删去 第二条", "[-删。-]",
        "", "共 3 条有变化。",
    ]  # fmt: skip
    found = json.loads(trainer.run("law", "diff", "锦鲤法", "--json")[0])
    assert (found["law"], found["from"]) == ("锦鲤法", {"version": "2026-01版", "effective": "2026-01-01"})
    assert found["changes"][0] == {
        "article": 1, "suffix": 0, "label": "第一条", "change": "changed", "old": "每周更换池水。", "new": "每月更换池水。",
        "words": [{"mark": "old", "text": "每周"}, {"mark": "new", "text": "每月"}, {"mark": "kept", "text": "更换池水。"}],
    }  # fmt: skip
    assert [(c["label"], c["change"], c["new"]) for c in found["changes"][1:]] == [
        ("第一条之一", "added", "加。"),
        ("第二条", "removed", None),
    ]
    back = trainer.run("law", "diff", "锦鲤法", "--from", "2026-06-01", "--to", "2026-03-01")
    assert "[-每月-]{+每周+}更换池水。" in back
    assert trainer.refused("law", "diff", "锦鲤法", "--from", "2025-01-01") == (
        "《锦鲤法》没有可以比较的两个版本。已载入的文本（按施行日期）：2026-01-01、2026-06-01。"
    )


def test_what_is_not_there_is_refused_in_one_line(trainer: Trainer) -> None:
    unknown = "登记表里没有《锦鲤法》。已知的法规见 yushi law list。"
    assert trainer.refused("law", "diff", "锦鲤法") == trainer.refused("law", "impact", "锦鲤法") == unknown
    assert trainer.refused("law", "diff", "刑法").endswith("已载入的文本（按施行日期）：2021-03-01。")
    assert trainer.refused("law", "diff", "食品安全法实施条例").endswith("：没有。")
    assert trainer.run("law", "impact", "刑法") == ["没有受影响的试题和要点。"]
    assert trainer.refused("law", "confirm", "7") == "没有编号为 7 的待审项，见 yushi law impact。"


REFUSED_FILES = [
    ("none.txt", None, "找不到文件，或者没有权限读取。"),
    ("law.pdf", b"%PDF", "不能读取 .pdf：只接受 .docx、.txt、.md、.json。旧的 .doc 请在 Word 里另存为 .docx。"),
    ("law.docx", b"PK\x03\x04broken", "文件已经损坏、加了密或者不是正常的 Word 文档，请重新下载。"),
    ("law.docx", b"text", "文件的内容与扩展名 .docx 不符，请确认是不是改过扩展名。"),
    ("law.txt", plain("第一条　甲。", "第三条　乙。"), "条号不连续：缺第二条（接下来是第三条）。"),
    ("law.txt", plain("第一条　甲。", "第一条　乙。"), "第一条出现了两次。"),
    ("law.txt", plain("第一条　甲\x07。"), "第 1 行有不该出现的字符 U+0007，文件可能有损坏。"),
    ("law.txt", plain("第一条　甲。"), "文件里没有找到法规名称，请用 --name 写明是哪部法规。"),
    ("law.json", b"{}", "JSON 的内容不对（articles）。格式见 docs/importing-laws.md。"),
]


@pytest.mark.parametrize(("name", "data", "reason"), REFUSED_FILES)
def test_a_file_that_cannot_be_used_is_refused_in_plain_words(
    trainer: Trainer, name: str, data: bytes | None, reason: str
) -> None:
    file = str(trainer.folder / name) if data is None else trainer.file(name, data)
    assert trainer.refused("law", "import", file) == f"没有导入 {name}：{reason}"


def test_a_file_of_50_megabytes_is_refused_with_its_size(trainer: Trainer) -> None:
    with (trainer.folder / "law.docx").open("wb") as file:
        file.truncate(50 * 2**20)
    line = trainer.refused("law", "import", str(trainer.folder / "law.docx"))
    assert line == "没有导入 law.docx：文件有 50 MB，超过 20 MB 的上限，没有读取。"


def test_every_refusal_has_words() -> None:
    assert IMPORT_REFUSALS.keys() == set(ImportRefusal)


@pytest.mark.parametrize(
    "arguments",
    [
        ("law", "import"), ("law", "import", "x.txt", "--effective", "2026-13-01"), ("law", "confirm"), ("law", "confirm", "0"),
        ("law", "confirm", str(2**31)), ("law", "diff"), ("law", "diff", "刑法", "--from", "昨天"),
        ("law", "load", "刑法", "--all"),
    ],
)  # fmt: skip
def test_wrong_usage_ends_with_status_2(trainer: Trainer, arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(trainer.app, arguments).exit_code == 2


def test_all_laws_of_the_package_are_loaded_with_what_is_wrong_with_them(
    trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = dt.date(2020, 1, 1)

    def package() -> Any:
        yield PackageLaw("中华人民共和国锦鲤法", "", day, day, False, articles("锦鲤每天喂食。"))
        yield PackageLaw("中华人民共和国池水法", "", day, day, False, articles("一。", "二。", "三。")[1:])
        yield PackageLaw("中华人民共和国旧池法", "", day, day, True, articles("一。"))

    monkeypatch.setattr(package_source, "read_package", package)
    assert trainer.run("law", "load", "--all") == [
        "载入 锦鲤法：1 条", "载入 池水法：2 条（数据包里的文本不完整：缺第一条）", "载入 旧池法：1 条", "新载入 3 部。",
    ]  # fmt: skip
    assert trainer.run("law", "load", "--all") == ["都已载入，没有变化。"]
    status = {row["short_name"]: row["status"] for row in json.loads(trainer.run("law", "list", "--json")[0])}
    assert (status["锦鲤法"], status["旧池法"], status["刑法"]) == ("unverified", "superseded", "in_force")
    table = "\n".join(trainer.run("law", "list"))
    assert table.count("已载入，日期未核对") == 2
    assert table.count("已载入，已废止") == 1
    assert trainer.run("ask", "锦鲤法第一条")[1] == "中华人民共和国锦鲤法（数据包文本，日期未核对，2020-01-01起施行）"
