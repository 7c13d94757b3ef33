"""Taps that are late, repeated, somebody else's or forged: nothing breaks, nothing changes, and the person is told kindly."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import SQLModel

from bot import messages, messages_law
from exam.attempts.tables import Attempt, Step
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.questions.rules import StoredQuestion
from tests import factories
from tests.bot.talk import Talker, answer, letters_on, question_on
from tests.factories import School
from tests.fakes import FakeClock

LARGE = ("article", "question_version", "question_option", "question_citation")
LAWS = ("*", "疫苗管理法", "药品管理法")


async def rows(database: Database) -> dict[str, list[Any]]:
    """Every row of every table that conversations could change."""
    async with database.reading() as session:
        return {
            table.name: sorted(map(str, (await session.execute(select(table))).all()))
            for table in SQLModel.metadata.sorted_tables
            if table.name not in LARGE
        }


@pytest.fixture
async def sitting(exam: Exam, school: School, member: Callable[..., Any]) -> Talker:
    """一小1号, on the first question of an assessment."""
    talker = await member()
    await factories.open_round(exam, await factories.add_administrator(exam))
    await talker.command("exam")
    await talker.tap("现在开始")
    return talker


async def test_a_repeated_tap_leads_where_the_first_one_led_and_another_one_on_an_old_screen_changes_nothing(
    sitting: Talker, database: Database
) -> None:
    first = sitting.last
    moved_on = await sitting.tap("A")
    assert moved_on.startswith("秋季抽查考核\n第 2/5 题")
    before = await rows(database)
    assert await sitting.tap("A", on=first) == moved_on, "a double tap does not throw one back"
    assert sitting.toast is None
    for letter in ("B", "C"):
        assert "第 1/5 题" in await sitting.tap(letter, on=first)
        assert sitting.text.endswith("已选：A（已保存）")
        assert sitting.toast == "没有变化，请看最新的画面"
    assert await rows(database) == before
    await sitting.tap("B")
    assert (await rows(database))["step"] != before["step"], "on the present screen it counts"


async def test_quick_ticks_on_one_screen_all_count_and_a_late_one_does_not(sitting: Talker, database: Database) -> None:
    await sitting.forge("q:1:3")
    screen = sitting.last
    for letter in "CAB":  # all tapped before any reply
        await sitting.tap(f"☐ {letter}", on=screen)
    assert "已选：ABC（已保存）" in sitting.text
    ticked = sitting.last
    onward = await sitting.tap("确定")
    assert "第 4/5 题" in onward
    before = await rows(database)
    assert await sitting.tap("确定", on=ticked) == onward, "确定 twice"
    assert "第 3/5 题" in await sitting.tap("☑ A", on=ticked), "unticked after it was confirmed, on the old screen"
    assert sitting.toast == "没有变化，请看最新的画面"
    assert await rows(database) == before


async def test_a_tap_after_the_deadline_counts_no_more(
    sitting: Talker, database: Database, clock: FakeClock, questions: list[StoredQuestion]
) -> None:
    await answer(sitting, questions, right=True)
    second = sitting.last
    clock.advance(minutes=30)
    await answer(sitting, questions, right=True)  # on the very deadline
    clock.advance(seconds=1)
    letter = letters_on(second.text, question_on(second.text, questions), keys=False)[0]
    assert "时间到，已自动交卷。\n答对 2/5 题" in await sitting.tap(letter, on=second)
    assert sitting.toast == "时间到，已自动交卷"
    before = await rows(database)
    assert "答对 2/5 题" in await sitting.tap(letter, on=second)
    assert sitting.toast == "已经交卷，不能再改"
    for action in ("q:1:3", "q:1:0", "ov:1", "ov:1:0", "sub:1", "sub!:1", "res:1", "t:1:3:k:0:0"):
        assert "答对 2/5 题" in await sitting.forge(action), action
    assert await rows(database) == before
    async with database.reading() as session:
        attempt = (await session.scalars(select(Attempt))).one()
        assert attempt.submitted_at == attempt.deadline
        assert len((await session.scalars(select(Step))).all()) == 2


async def test_somebody_elses_paper_is_neither_shown_nor_touched(
    sitting: Talker, member: Callable[..., Any], database: Database, stranger: Callable[..., Talker]
) -> None:
    other = await member(1)
    stem = sitting.text.split("\n")[3]
    before = await rows(database)
    for talker in (other, stranger(external_id="99")):
        for action in (
            "q:1:1",
            "q:1:0",
            "t:1:1:c:0:0",
            "t:1:3:a:0:0",
            "t:1:3:k:0:0",
            "ov:1",
            "ov:1:0",
            "sub:1",
            "sub!:1",
            "res:1",
        ):
            said = await talker.forge(action)
            assert said == (messages.NOT_YOURS if talker is other else messages.WELCOME.replace("<b>", "").replace("</b>", ""))
    assert stem not in "".join(other.seen)
    assert await rows(database) == before


MALFORMED = (
    *(
        "",
        ":",
        "::",
        "x",
        "home:",
        "home:1",
        "HOME",
        " home",
        "help:1",
        "pr:",
        "pr!",
        "pr!:a:b",
        "ex:",
        "ex:x",
        "ex:-1",
        "ex:1:1",
    ),
    *(
        "go",
        "go:1",
        "go:1:",
        "go:1:x",
        "go:１:0",
        "go: 1:0",
        "go:1:0:0",
        "q",
        "q:1",
        "q:1:",
        "q:1:1:1",
        "q:1:x",
        "q:1:-1",
        "q:1:+1",
    ),
    *("q:1:6", "q:1:101", "ov", "ov:x", "ov:1:1", "ov:1:x", "sub", "sub:", "sub!:", "sub!:1:1", "res", "res:1.0", "res:1:1"),
    *("t", "t:1", "t:1:1:c:0", "t:1:1:c:0:0:0", "t:1:1:x:0:0", "t:1:1::0:0", "t:x:1:c:0:0", "t:1:1:c:x:0", "t:1:1:c:0:-1"),
    *("art", "art:1", "art:1:37", "art:疫苗管理法:37:0", "art:1:x:0", "art:1:0:0", "art:1:101:0", "art:1:37:9"),
    *("art:99:1:0", "art:0:1:0", "art::1:0", "art:%:1:0", "art:\x00:1:0", "art:\ud83d:1:0", "q:1:1\x00", "home\n"),
    *("art~:1:101:0", "art:1:37:0:1", "art:1:37:0:20251301", "art:1:37:0:10000101", "art:1:37:0:20200101:1", "art:1:37:0:x"),
    *("toc", "toc:1", "toc:99:1:0", "toc~:1:101:0", "tocp:1:1:1:0", "tocp:x:1:1:0", "tocp", "ch:1:101:0", "chp:9:1:1:0", "ch"),
    *("rel:1", "rel:1:101:0", "rel:99:1:0", "rel:1:1:0:20200101", "v", "v:up", "v:up:1", "v:down:1", "v:up:x", "v:x:1"),
    *("v:why:1", "v:why:1:0", "v:why:1:9", "v:write:1", "v:skip", "v:skip:x"),
    *(f"{name}:{number}" for name in ("ex", "ov", "res") for number in ("4294967296", "9" * 20, "2147483648")),
    *(
        "q:4294967297:1",
        "q:1:4294967297",
        "t:1:4294967297:c:0:0",
        "t:1:1:c:4294967296:0",
        "t:1:1:c:0:4294967296",
        "go:4294967297:0",
    ),
    *(
        "art:1:4294967333:0",
        "art:1:37:4294967296",
        "v:up:4294967296",
        "toc:4294967297:1:0",
        "ov:1:4294967296",
        "sub!:18446744073709551617",
    ),
)


WELL_FORMED = (
    *("art:1:0:0", "art:1:101:0", "art:1:37:9", "art:99:1:0", "art:0:1:0", "art~:1:101:0", "art:1:37:0:10000101"),
    *("toc:99:1:0", "toc~:1:101:0", "tocp:1:1:1:0", "ch:1:101:0", "chp:9:1:1:0", "rel:1:101:0", "rel:99:1:0"),
)
"""They could be of a screen of ours, but for there being no such article, part or page."""

IMPOSSIBLE = (
    *("t:1:1:a:0:0", "t:1:1:r:0:0", "t:1:1:k:0:0"),  # ticks on a single choice
    *("t:1:3:c:0:0", "t:1:3:r:0:0"),  # a choice on a multiple one, and unticking what is not ticked
    *("t:1:1:c:6:0", "t:1:1:c:999999999:0", "t:1:5:c:2:0"),  # options that are not there
    *("t:1:1:c:0:1", "t:1:3:a:0:7", "t:1:1:c:0:999999999"),  # screens that have not been yet
)


async def test_actions_that_no_screen_has_change_nothing(sitting: Talker, database: Database) -> None:
    before = await rows(database)
    for action in MALFORMED:
        if action in WELL_FORMED:
            continue  # paused like every text, see below
        assert await sitting.forge(action) == messages.SCREEN_OUTDATED, action
        assert sitting.labels == ["首页"]
    for action in IMPOSSIBLE:
        assert (await sitting.forge(action)).startswith("秋季抽查考核\n第 "), action
        assert sitting.toast == "没有变化，请看最新的画面", action
    for position in ("0", "6", "999999999"):
        assert await sitting.forge(f"t:1:{position}:c:0:0") == messages.NOT_YOURS
    assert await rows(database) == before


SHAPES = {
    "home": 0,
    "help": 0,
    "pr": 0,
    "pr!": 1,
    "ex": 1,
    "go": 2,
    "t": 5,
    "q": 2,
    "ov": 1,
    "sub": 1,
    "sub!": 1,
    "res": 1,
    **{"art": 3, "art~": 3, "toc": 3, "toc~": 3, "tocp": 4, "ch": 3, "chp": 4, "v:up": 1, "v:down": 1, "v:why": 2},
    **{"v:write": 1, "v:skip": 1},
}
_numbers = st.one_of(st.integers(0, 12), st.sampled_from(["", "-1", "0x1", "１", "1e9", "2147483648", "9" * 19])).map(str)
_words = st.sampled_from(["疫苗管理法", "刑法", "*", "c", "a", "r", "k", "", "%", "'", '"', "\\", "\x00", "☑"])
_shaped = st.sampled_from(list(SHAPES.items())).flatmap(
    lambda shape: st.lists(_numbers | _words, min_size=shape[1], max_size=shape[1]).map(lambda made: ":".join([shape[0], *made]))
)
_taps = st.tuples(_numbers, _numbers, st.sampled_from("cark"), _numbers, _numbers).map(lambda made: ":".join(["t", *made]))
actions = st.one_of(st.text(max_size=64), _shaped, _taps).filter(
    lambda action: len(action.encode("utf-8", "surrogatepass")) <= 64 and action not in [f"pr!:{law}" for law in LAWS]
)


KIND = (
    *(messages.SCREEN_OUTDATED, messages.NOT_YOURS, messages.NOTHING_TO_PRACTISE, "这次考核没有抽到您", "怎么用"),
    *(
        "二小1号，您好",
        "练习\n每组最多",
        "我的考核\n目前没有",
        "《",
        messages_law.NO_QUESTIONS_ON_ARTICLE,
        messages_law.NO_WORD_TAKEN,
    ),
)


@pytest.fixture
async def onlooker(sitting: Talker, exam: Exam, stranger: Callable[..., Talker]) -> Talker:
    """Somebody who joined after the draw and has nothing open: whatever they tap, nothing changes."""
    other = await factories.add_school(exam, "二小", 1)
    talker = stranger(external_id="5")
    await talker.say(await exam.people.issue_join_code(other.people[0]))
    return talker


@settings(max_examples=25, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(forged=st.lists(actions, min_size=10, max_size=10))
async def test_no_forged_action_fails_or_changes_a_row(database: Database, onlooker: Talker, forged: list[str]) -> None:
    before = await rows(database)
    for action in forged:
        said = await onlooker.forge(action)
        assert "没有保存" not in said, action
        assert said.startswith(KIND), (action, said)
    assert await rows(database) == before


async def test_numbers_and_laws_that_are_not_there_are_met_kindly(onlooker: Talker, database: Database) -> None:
    before = await rows(database)
    for action in (action for action in MALFORMED if action.startswith(("art", "toc", "ch", "rel", "v"))):
        assert await onlooker.forge(action) == messages.SCREEN_OUTDATED, action
    for action in ("q:999999999:1", "ov:0", "sub!:7", "res:7", "t:0:1:c:0:0", "t:999999999:999999999:c:999999999:999999999"):
        assert await onlooker.forge(action) == messages.NOT_YOURS, action
    for action in ("ex:1", "ex:0", "ex:999999999", "go:1:0", "go:999999999:0", "go:0:999999999"):
        assert await onlooker.forge(action) == "这次考核没有抽到您，不用参加。", action
    assert await rows(database) == before
