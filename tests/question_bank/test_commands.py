"""`yushi ask`, `yushi law …` and `yushi bank …` as a person or a script runs them: the installed command, a folder of its own."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from question_bank.commands import CommandRefused, add_commands
from question_bank.commands.ask import LEXICAL_HINT, read_questions
from question_bank.database import Database
from question_bank.wiring import QuestionBank
from tests.conftest import LOADED
from tests.fakes import FakeClock

YUSHI = Path(sys.executable).with_name("yushi")
ARTICLES = {
    "疫苗管理法": 100, "药品管理法": 155, "食品安全法": 154, "农产品质量安全法": 81, "反食品浪费法": 32, "传染病防治法": 115,
    "行政处罚法": 86, "刑法": 505,
}  # fmt: skip

STATS = ("bank", "stats", "--json")
LIST = ("law", "list", "--json")
LOAD_UNKNOWN = ("law", "load", "民法典")
ASK, ASK_JSON = ("ask", "疫苗冷链断了怎么办", "--top", "2"), ("ask", "疫苗冷链断了怎么办", "--top", "3", "--json")
WRONG_USAGE = ("ask", "问题", "--top", "0")

Done = subprocess.CompletedProcess[str]
Commands = dict[tuple[str, ...], Done]


def yushi(data: Path, *arguments: str) -> Done:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("YUSHI_", "TELEGRAM_"))}
    environment |= {"YUSHI_DATA": str(data), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [YUSHI, *arguments], env=environment, capture_output=True, encoding="utf-8", check=False, timeout=60, cwd=data.parent
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """What each command did: the first two at the same moment on a folder that is not there yet, the others on what they made."""
    data = tmp_path_factory.mktemp("commands") / "data"
    with ThreadPoolExecutor(2) as processes:
        results: Commands = {}
        for commands in ((STATS, LIST), (LOAD_UNKNOWN, ASK, ASK_JSON, WRONG_USAGE)):
            results |= zip(commands, processes.map(lambda arguments: yushi(data, *arguments), commands), strict=True)
    return results


def read_json(done: Done) -> Any:
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def refusal(done: Done) -> str:
    """The one line on stderr of a refused command."""
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    return done.stderr.strip()


def test_law_list_as_json_keeps_the_contract(done: Commands) -> None:
    laws = read_json(done[LIST])
    assert all(law.keys() == {"short_name", "name", "articles", "effective", "status", "loaded"} for law in laws)
    assert {law["short_name"]: law["articles"] for law in laws if law["loaded"]} == ARTICLES
    by_name = {law["short_name"]: law for law in laws}
    assert by_name["食品安全法"] == {
        "short_name": "食品安全法",
        "name": "中华人民共和国食品安全法",
        "articles": 154,
        "effective": "2025-12-01",
        "status": "in_force",
        "loaded": True,
    }
    assert (by_name["食品安全法实施条例"]["articles"], by_name["食品安全法实施条例"]["loaded"]) == (86, False)
    assert by_name["学校食品安全与营养健康管理规定"]["articles"] is None


def test_bank_stats_as_json_keeps_the_contract(done: Commands) -> None:
    stats = read_json(done[STATS])
    assert stats.keys() == {"total", "by_law", "by_type", "by_level", "by_state", "by_article"}
    assert stats["by_type"].keys() == {"single_choice", "multiple_choice", "true_false"}
    assert stats["by_state"] == {"published": stats["total"]}
    assert min(stats["by_law"].values()) >= 30
    assert stats["by_article"]["疫苗管理法第三十九条"] >= 1


def test_law_load_refuses_an_unknown_name_in_one_line(done: Commands) -> None:
    assert refusal(done[LOAD_UNKNOWN]) == "没有可载入的法规：民法典。可用的法规见 yushi law list。"


def test_ask_quotes_the_article_with_law_number_version_and_date(done: Commands) -> None:
    assert done[ASK].returncode == 0
    assert done[ASK].stderr in ("", f"{LEXICAL_HINT}\n"), "the vectors of a new database are not computed for one question"
    lines = done[ASK].stdout.splitlines()
    assert lines[:2] == ["《疫苗管理法》第三十七条", "中华人民共和国疫苗管理法（2019年公布，2019-12-01起施行）"]
    assert "冷链" in done[ASK].stdout
    assert sum(line.startswith("《") for line in lines) == 2


def test_ask_as_json_keeps_the_contract(done: Commands) -> None:
    answer = read_json(done[ASK_JSON])
    assert answer.keys() == {"answered", "confidence", "hits"}
    assert answer["answered"] is True
    assert 0.5 < answer["confidence"] <= 1.0
    assert len(answer["hits"]) == 3
    assert all(hit.keys() == {"law", "article", "score"} for hit in answer["hits"])
    assert (answer["hits"][0]["law"], answer["hits"][0]["article"]) == ("疫苗管理法", 37)
    assert isinstance(answer["hits"][0]["score"], float)


def test_wrong_usage_ends_with_status_2_and_no_traceback(done: Commands) -> None:
    assert (done[WRONG_USAGE].returncode, done[WRONG_USAGE].stdout) == (2, "")
    assert "--top" in done[WRONG_USAGE].stderr
    assert "Traceback" not in done[WRONG_USAGE].stderr


@pytest.fixture
def run(sqlite_templates: dict[str, Path], tmp_path: Path) -> Callable[..., list[str]]:
    """Runs a command in this process, over a filled database; returns the lines it printed."""
    path = tmp_path / "yushi.db"
    path.write_bytes(sqlite_templates[LOADED].read_bytes())

    @asynccontextmanager
    async def open_bank() -> AsyncIterator[QuestionBank]:
        database = Database(f"sqlite+aiosqlite:///{path}")
        yield QuestionBank.build(database, FakeClock())
        await database.close()

    app = typer.Typer()
    add_commands(app, open_bank)

    def invoke(*arguments: str) -> list[str]:
        result = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout.splitlines()

    return invoke


def test_ask_is_honest_when_there_is_nothing_to_quote(run: Callable[..., list[str]]) -> None:
    refused = json.loads(run("ask", "今天天气怎么样", "--json")[0])
    assert (refused["answered"], refused["hits"]) == (False, [])
    assert refused["confidence"] < 0.3
    not_found = "已载入的法规里没有找到能回答这个问题的条文。问题已记下，交给题库维护人员。"
    assert run("ask", "今天天气怎么样") == [not_found]
    nearest = run("ask", "食堂留样多少克")
    assert nearest[0] == not_found
    assert 1 <= len(nearest[1:]) <= 3
    assert all(line.startswith("  相近：《") for line in nearest[1:])
    assert run("ask", "药品管理法第999条") == ["《药品管理法》没有这一条，全文共 155 条。"]
    assert run("ask", "食品安全法实施条例第三条") == ["《食品安全法实施条例》的文本没有载入，不能引用条文。"]
    assert run("ask", "第85条") == ["请说明是哪部法，例如：药品管理法第51条"]
    assert run("ask", "宪法第5条") == ["《宪法》没有载入，不能引用条文。"]
    assert run("ask", "你好") == ["您好！请直接写问题，例如：疫苗冷链断了怎么办"]


def test_ask_warns_of_an_article_amended_since(run: Callable[..., list[str]]) -> None:
    assert run("ask", "刑法第165条")[:3] == [
        "《刑法》第一百六十五条",
        "中华人民共和国刑法（2020年修正（刑法修正案（十一）），2021-03-01起施行）",
        "注意：这一条已被后来的修正案修改，下面是修改前的文字。",
    ]


def test_law_load_again_changes_nothing(run: Callable[..., list[str]]) -> None:
    assert run("law", "load") == ["都已载入，没有变化。"]
    assert run("law", "load", "刑法", "药品管理法") == ["都已载入，没有变化。"]


def test_lists_for_people_tell_what_the_json_tells(run: Callable[..., list[str]]) -> None:
    table = "\n".join(run("law", "list"))
    assert table.count("已载入") == len(ARTICLES)
    assert table.count("未载入") == 6
    stats = run("bank", "stats")
    assert stats[0].startswith("共 ")
    assert [line.split("：")[0] for line in stats[1:]] == ["法规", "题型", "难度", "状态"]


def test_a_file_of_questions_gets_a_line_each_in_their_order(run: Callable[..., list[str]], tmp_path: Path) -> None:
    questions = tmp_path / "in.jsonl"
    lines = [
        {"id": "a", "question": "疫苗冷链断了怎么办"},
        {"id": 7, "question": ""},
        {"id": "c", "question": "药品管理法第51条"},
    ]
    questions.write_text("\n".join(json.dumps(line) for line in lines) + "\n\n", encoding="utf-8-sig")
    answers = [json.loads(line) for line in run("ask", "--batch", str(questions), "--json", "--top", "2")]
    assert [answer["id"] for answer in answers] == ["a", 7, "c"]
    assert all(answer.keys() == {"id", "answered", "confidence", "hits", "ms"} for answer in answers)
    assert [answer["answered"] for answer in answers] == [True, False, True]
    assert answers[0]["hits"][0].keys() == {"law", "article", "score"}
    assert (answers[2]["hits"][0]["law"], answers[2]["hits"][0]["article"]) == ("药品管理法", 51)
    assert all(len(answer["hits"]) <= 2 and answer["ms"] >= 0 for answer in answers)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b'{"id": 1, "question": "x"}\n{"id": 2}\n', "第 2 行"),
        (b"not json\n", "第 1 行"),
        (b'{"id": 1, "question": 5}\n', "第 1 行"),
        (b"[" * 100_000, "第 1 行"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_a_file_of_questions_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, place: str) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(content)
    with pytest.raises(CommandRefused, match=place):
        list(read_questions(path))
    with pytest.raises(CommandRefused):
        list(read_questions(tmp_path / "missing.jsonl"))
