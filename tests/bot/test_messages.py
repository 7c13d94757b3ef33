"""The words of the bot: exact numbers and times, and one place for all of them."""

import ast
import datetime as dt
from pathlib import Path

import pytest

import bot
from bot import messages
from exam.assessments.sitting import InvitationState, StartRefusal
from exam.attempts.rules import Outcome
from exam.people.service import JoinRefusal
from question_bank.questions.rules import Citation
from question_bank.regulations.rules import ArticleNumber
from tests.bot.checking import read_html

BOT = Path(bot.__file__).parent


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        *((0, "0 秒"), (-5, "0 秒"), (0.9, "0 秒"), (1, "1 秒"), (59, "59 秒"), (60, "1 分"), (61, "1 分 1 秒")),
        *((1800, "30 分"), (3599, "59 分 59 秒"), (3600, "1 小时"), (3601, "1 小时 1 秒"), (5400, "1 小时 30 分")),
        *((5405, "1 小时 30 分"), (86400, "1 天"), (90000, "1 天 1 小时"), (90061, "1 天 1 小时")),
    ],
)
def test_a_duration_shows_its_two_largest_parts(seconds: float, shown: str) -> None:
    assert messages.duration(dt.timedelta(seconds=seconds)) == shown


def test_times_are_chinas_whatever_zone_they_come_in() -> None:
    assert messages.clock_time(dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)) == "1月1日 00:00"
    assert messages.clock_time(dt.datetime(2026, 11, 24, 9, 5, tzinfo=dt.timezone(dt.timedelta(hours=8)))) == "11月24日 09:05"


def test_scores_are_written_without_needless_zeros() -> None:
    assert [messages.number(value) for value in (0.0, 3.0, 2.5, 66.7, 100.0)] == ["0", "3", "2.5", "66.7", "100"]


def test_a_citation_names_law_article_and_paragraph() -> None:
    assert messages.citation(Citation("刑法", ArticleNumber(142, 1))) == "《刑法》第一百四十二条之一"
    assert messages.citation(Citation("疫苗管理法", ArticleNumber(38), 2)) == "《疫苗管理法》第三十八条第二款"


def test_every_refusal_and_state_has_words() -> None:
    assert messages.JOIN_REFUSALS.keys() == set(JoinRefusal)
    assert messages.START_REFUSALS.keys() == set(StartRefusal)
    assert messages.INVITATION_STATES.keys() == set(InvitationState)
    assert messages.TAP_REMARKS.keys() == set(Outcome) - {Outcome.RECORDED}
    for text in (*messages.JOIN_REFUSALS.values(), *messages.START_REFUSALS.values(), messages.WELCOME, messages.HELP_TEXT):
        assert read_html(text)


def test_all_words_are_in_messages() -> None:
    """A text that is written elsewhere is found by nobody who corrects the wording, and is missing from the other channel."""
    found = []
    for path in sorted(BOT.rglob("*.py")):
        if path.name.startswith("messages") or path.parent.name == "webchat":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        for node in ast.walk(tree):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
            if is_text and any("\u4e00" <= c <= "\u9fff" or c in "☑☐✓：、，。" for c in node.value):
                found.append(f"{path.relative_to(BOT)}:{node.lineno} {node.value!r}")
    assert found == []
