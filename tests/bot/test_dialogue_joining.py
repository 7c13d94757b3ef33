"""Getting in with a join code: by deep link or typed, once, and every refusal said kindly."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from bot import messages
from bot.dialogue.home import find_code
from exam.people.codes import normalise_join_code
from exam.people.rules import Channel
from exam.people.service import JOIN_CODE_LIFETIME, WRONG_CODE_LIMIT, JoinRefusal
from exam.people.tables import Binding, JoinAttempt, JoinCode
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.search.tables import UnansweredQuestion
from tests import factories
from tests.bot.conftest import NewTalker
from tests.factories import School
from tests.fakes import FakeClock

REFUSALS = messages.JOIN_REFUSALS


async def count(database: Database, table: type) -> int:
    async with database.reading() as session:
        return (await session.execute(select(func.count()).select_from(table))).scalar_one()


async def test_a_newcomer_is_told_what_a_join_code_is_and_where_to_get_one(stranger: NewTalker, school: School) -> None:
    talker = stranger()
    for welcomed in (
        await talker.command("start"),
        await talker.command("help"),
        await talker.say("你好"),
        await talker.sticker(),
    ):
        assert "邀请码" in welcomed
    assert await talker.say("食堂员工没有健康证能上岗吗，被查到会怎么样") == welcomed


async def test_a_deep_link_joins_and_leads_home(stranger: NewTalker, school: School, exam: Exam, database: Database) -> None:
    odd = await factories.add_school(exam, "<i>二&小</b>", 1)
    talker = stranger(Channel.WEBCHAT, "77")
    await talker.command("start", await exam.people.issue_join_code(odd.people[0]))
    name = "<i>二&小</b>"  # shown as it is
    assert talker.text.startswith(f"加入成功，{name}1号（{name}）。\n\n{name}1号，您好\n{name} · 食品安全员\n")
    assert talker.labels == ["练习", "我的考核", "帮助"]
    assert len(talker.screen) == 1
    async with database.reading() as session:
        row = (await session.scalars(select(Binding))).one()
    assert (row.person_id, row.channel, row.external_id) == (odd.people[0], Channel.WEBCHAT, "77")


CODE = "K7QM-2XRD"


@pytest.mark.parametrize(
    "typed",
    [
        *(CODE, CODE.lower(), "K7QM2XRD", "  K7QM 2XRD\n", "K 7 Q M 2 X R D", "K7QM—2XRD", "k7qm_2xrd", "K7QM－2XRD"),
        "".join(chr(ord(c) + 0xFEE0) for c in "K7QM2xrd"),
        "您好，我的邀请码是K7QM-2XRD，谢谢",
        "【某某区市场监管局】请用邀请码K7QM-2XRD在30天内加入",
    ],
)
def test_a_code_is_found_however_it_is_typed(typed: str) -> None:
    assert normalise_join_code(find_code(typed) or "") == "K7QM2XRD"


@pytest.mark.parametrize(
    "typed", ["", "你好", "hi", "hello", "👍", "食堂员工没有健康证能上岗吗", "药品管理法第51条", "K7QM2XRDA" * 2, "a" * 4096]
)
def test_what_is_no_code_is_not_taken_for_one(typed: str) -> None:
    assert find_code(typed) is None


async def test_codes_that_do_not_work_are_refused_each_in_its_own_words(
    stranger: NewTalker, school: School, exam: Exam, database: Database
) -> None:
    code = await exam.people.issue_join_code(school.people[1])
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in code.lower())
    assert (await stranger(external_id="1").say(full_width)).startswith("加入成功，一小2号（一小）。")
    late = stranger(external_id="2")
    assert await late.say(code) == REFUSALS[JoinRefusal.USED]
    assert await late.say("K7QM-2XRD") == REFUSALS[JoinRefusal.UNKNOWN]
    assert await count(database, JoinAttempt) == 2
    for typed in ("K7QM-2XR", "K7QM2XRDA", "K7QM-2XR0", "ABCDEF", "1234567890"):
        assert await late.say(typed) == REFUSALS[JoinRefusal.NOT_A_CODE], typed
        assert await late.command("start", typed) == REFUSALS[JoinRefusal.NOT_A_CODE], typed
    assert await late.command("start", "把码弄丢了") == REFUSALS[JoinRefusal.NOT_A_CODE]
    assert await count(database, JoinAttempt) == 2, "what is no code is no guess"
    assert await count(database, Binding) == 1


async def test_a_code_expires_after_thirty_days_to_the_second(
    stranger: NewTalker, school: School, exam: Exam, clock: FakeClock
) -> None:
    first, second = [await exam.people.issue_join_code(person) for person in school.people[:2]]
    clock.now += JOIN_CODE_LIFETIME - dt.timedelta(seconds=1)
    assert (await stranger(external_id="1").say(first)).startswith("加入成功")
    clock.advance(seconds=1)
    assert await stranger(external_id="2").say(second) == REFUSALS[JoinRefusal.EXPIRED]


async def test_eight_wrong_codes_close_the_door_for_an_hour(
    stranger: NewTalker, school: School, exam: Exam, clock: FakeClock
) -> None:
    talker, code = stranger(), await exam.people.issue_join_code(school.people[0])
    for _ in range(WRONG_CODE_LIMIT):
        assert await talker.say("K7QM-2XRD") == REFUSALS[JoinRefusal.UNKNOWN]
    assert await talker.say(code) == REFUSALS[JoinRefusal.TOO_MANY_TRIES]
    assert (await stranger(external_id="2").command("help")) == await talker.command("help"), "others are not shut out"
    clock.advance(hours=1, seconds=1)
    assert (await talker.say(code)).startswith("加入成功")


async def test_who_has_joined_needs_no_code_and_uses_none_up(
    stranger: NewTalker, school: School, exam: Exam, database: Database
) -> None:
    own, other = [await exam.people.issue_join_code(person) for person in school.people[:2]]
    talker = stranger()
    await talker.command("start", own)
    for code in (own, other):  # a repeated update, and somebody else's code
        for said in (await talker.command("start", code), await talker.say(code)):
            assert said.startswith(f"{REFUSALS[JoinRefusal.ALREADY_BOUND]}\n\n一小1号，您好")
    async with database.reading() as session:
        unused = (await session.scalars(select(JoinCode.person_id).where(JoinCode.used_at.is_(None)))).all()
        asked = (await session.scalars(select(UnansweredQuestion.question))).all()
    assert unused == [school.people[1]]
    assert await count(database, Binding) == 1
    assert asked == [], "a code is a secret: it is not put on the trainers' list as a question"
