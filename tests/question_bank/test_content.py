"""The YAML content format: what is wrong with an entry is refused with the file's name and the entry's key."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from question_bank.questions.content import ContentError, load_content
from question_bank.questions.rules import Citation, QuestionType
from question_bank.regulations.rules import ArticleNumber


def choice(**changes: Any) -> dict[str, Any]:
    """A sound entry; a change to None takes the field away."""
    entry = {
        "key": "sample-1",
        "type": "single_choice",
        "level": "easy",
        "dimension": "knowledge",
        "topic": "vaccination",
        "cites": [{"law": "疫苗管理法", "article": 45, "paragraph": 2}],
        "stem": "接种前要做什么？",
        "options": [{"text": "签到", "reason": "不够。"}, {"text": "核对", "key": True}, {"text": "拍照"}],
        "explanation": "接种前要核对。",
        "checked": {"date": "2026-11-23", "answer": "B"},
    }
    return {name: value for name, value in {**entry, **changes}.items() if value is not None}


def true_false(**changes: Any) -> dict[str, Any]:
    base = {"type": "true_false", "options": None, "answer": False, "checked": {"date": "2026-11-23", "answer": False}}
    return choice(**{**base, **changes})


def write(folder: Path, *entries: Any, name: str = "sample.yaml") -> Path:
    (folder / name).write_text(yaml.safe_dump(list(entries), allow_unicode=True), encoding="utf-8")
    return folder


def test_an_entry_is_read_whole(tmp_path: Path) -> None:
    entry = load_content(write(tmp_path, choice(), true_false(key="sample-2")))
    assert [(key, read.file) for key, read in entry.items()] == [("sample-1", "sample.yaml"), ("sample-2", "sample.yaml")]
    content = entry["sample-1"].content
    assert (content.type, content.topic, content.keys) == (QuestionType.SINGLE_CHOICE, "vaccination", {1})
    assert [(option.text, option.reason) for option in content.options] == [("签到", "不够。"), ("核对", None), ("拍照", None)]
    assert content.citations == (Citation("疫苗管理法", ArticleNumber(45), 2),)
    wrong = entry["sample-2"].content
    assert ([option.text for option in wrong.options], wrong.keys) == (["正确", "错误"], {1})


def test_an_article_between_others_is_cited_by_its_suffix(tmp_path: Path) -> None:
    entry = choice(cites=[{"law": "刑法", "article": 142, "suffix": 1}])
    read = load_content(write(tmp_path, entry))["sample-1"]
    assert read.content.citations == (Citation("刑法", ArticleNumber(142, 1), None),)


FAULTS = {
    "unknown field": (choice(hint="?"), "hint"),
    "unknown field in an option": (choice(options=[{"text": "甲", "right": True}]), "options.0.right"),
    "unknown field in a citation": (choice(cites=[{"law": "刑法", "article": 1, "item": 1}]), "cites.0.item"),
    "missing field": (choice(explanation=None), "explanation"),
    "unknown type": (choice(type="essay"), "type"),
    "unknown level": (choice(level="tough"), "level"),
    "unknown dimension": (choice(dimension="luck"), "dimension"),
    "key with capitals": (choice(key="Sample-1"), "key"),
    "key too short": (choice(key="ab"), "key"),
    "article 0": (choice(cites=[{"law": "刑法", "article": 0}]), "cites.0.article"),
    "suffix below 0": (choice(cites=[{"law": "刑法", "article": 1, "suffix": -1}]), "cites.0.suffix"),
    "paragraph 0": (choice(cites=[{"law": "刑法", "article": 1, "paragraph": 0}]), "cites.0.paragraph"),
    "no date of the check": (choice(checked={"answer": "B"}), "checked.date"),
    "a date that is none": (choice(checked={"date": "yesterday", "answer": "B"}), "checked.date"),
    "choice with an answer": (choice(answer=True), "true_false takes `answer`"),
    "true_false without an answer": (true_false(answer=None, checked=None), "true_false takes `answer`"),
    "true_false with options": (true_false(options=choice()["options"]), "true_false takes `answer`"),
    "two keys": (choice(options=[{"text": t, "key": True} for t in "甲乙丙"]), "key_count_wrong"),
    "no citation": (choice(cites=[]), "no_citation"),
    "no options": (choice(options=[]), "too_few_options, key_count_wrong"),
    "a stem of spaces": (choice(stem="　 "), "stem_empty"),
    "a blind answer that is not the key": (
        choice(checked={"date": "2026-11-23", "answer": "A"}),
        "the blind answer A is not the key",
    ),
    "a blind answer with one letter too many": (choice(checked={"date": "2026-11-23", "answer": "AB"}), "the blind answer AB"),
    "a blind answer in small letters": (choice(checked={"date": "2026-11-23", "answer": "b"}), "the blind answer b"),
    "an empty blind answer": (choice(checked={"date": "2026-11-23", "answer": ""}), "the blind answer"),
    "true as the blind answer to a choice": (choice(checked={"date": "2026-11-23", "answer": False}), "the blind answer False"),
    "a wrong blind true_false": (true_false(checked={"date": "2026-11-23", "answer": True}), "the blind answer True"),
    "a letter as the blind true_false": (true_false(checked={"date": "2026-11-23", "answer": "B"}), "the blind answer B"),
}


@pytest.mark.parametrize(("entry", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_entry_is_refused_with_file_key_and_fault(tmp_path: Path, entry: dict[str, Any], fault: str) -> None:
    write(tmp_path, choice(key="sound-1"), name="a_sound.yaml")
    with pytest.raises(ContentError) as refused:
        load_content(write(tmp_path, choice(key="sound-2"), entry))
    message = str(refused.value)
    assert message.startswith(f"sample.yaml: {entry['key']}: ")
    assert fault in message
    assert "\n" not in message


def test_a_key_used_twice_is_refused_within_a_file_and_between_files(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"^sample\.yaml: sample-1: key used twice$"):
        load_content(write(tmp_path, choice(), choice(stem="另一题？")))
    write(tmp_path, choice())
    with pytest.raises(ContentError, match=r"^second\.yaml: sample-1: key used twice$"):
        load_content(write(tmp_path, choice(), name="second.yaml"))


@pytest.mark.parametrize(
    "text", [b"- key: [", b"just words", b"key: sample-1", b"5", b"- just words", b"- [1]", b"\xff\xfe- key"], ids=repr
)
def test_a_file_that_is_not_a_list_of_entries_is_refused_by_name(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "sample.yaml").write_bytes(text)
    with pytest.raises(ContentError, match=r"^sample\.yaml: "):
        load_content(tmp_path)


def test_an_empty_file_and_an_empty_folder_hold_no_questions(tmp_path: Path) -> None:
    assert load_content(tmp_path) == {}
    (tmp_path / "sample.yaml").write_text("# nothing yet\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no content", encoding="utf-8")
    assert load_content(tmp_path) == {}
