"""The whole line: two schools, a scheduled assessment, Telegram for one and the web chat for the other, two kills, pass rates."""

import asyncio
import datetime as dt
import json
from contextlib import AsyncExitStack
from io import BytesIO
from pathlib import Path

from python_calamine import CalamineWorkbook

from exam.assessments.rules import RoundState
from exam.assessments.tables import Assessment, AssessmentRound
from exam.notices.rules import NoticeKind, NoticeState
from exam.notices.tables import Notice
from exam.people.rules import Channel
from exam.people.tables import Binding
from question_bank.regulations.service import CHINA
from tests.bot_api import BotApiServer
from tests.end_to_end.candidates import Candidate
from tests.end_to_end.chats import Chat, TelegramChat, says
from tests.end_to_end.panel import Panel
from tests.end_to_end.service import Service, environment, run_command
from tests.end_to_end.story import Story
from tests.end_to_end.web_chats import SocketChat
from tests.end_to_end.world import PASSWORD, SCHOOL_A, SCHOOL_B, filled_world, utc_now

TITLE = "秋季抽查考核"
VACCINE_LAW = "疫苗管理法"
PLAN = {
    "title": TITLE,
    "region": "410100",
    "kinds": ["school_canteen"],
    "job_roles": ["safety_officer"],
    "quota": "0",
    f"count:{VACCINE_LAW}:single_choice": "2",
    f"count:{VACCINE_LAW}:multiple_choice": "2",
    f"count:{VACCINE_LAW}:true_false": "1",
    "pass_mark": "80",
    "resits": "1",
    "time_limit": "30",
    "window": "2",
    "window_unit": "hours",
    "schedule": "at",
    "action": "create",
}
"""Five questions a paper: two single, two multiple, one true/false. 80 % of five is four."""

BENIGN_REFUSALS = ("Bad Request: message is not modified", "Bad Request: query is too old")
"""What Telegram answers to taps that come twice; the bot is meant to shrug."""


async def test_from_a_plan_in_the_panel_to_pass_rates_through_two_kills(database_url: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(filled_world(database_url))
        telegram = await stack.enter_async_context(BotApiServer())
        telegram.callback_query_max_age = 120  # a slow machine must not look like a defect
        service = await stack.enter_async_context(Service(environment(tmp_path, database_url, telegram)))
        regulator = await stack.enter_async_context(Panel(service.url))
        story = Story(service, telegram, world, stack)

        starts_at = await the_regulator_plans_an_assessment(story, regulator)
        await everybody_joins_and_is_told_once(story, starts_at, stack)
        await everybody_answers_a_part(story)
        await the_service_is_killed_between_taps(story)
        await everybody_finishes(story)
        await two_sit_again_and_the_service_is_killed_at_the_first_reply(story)
        await what_was_tapped_is_what_is_stored(story)
        await asyncio.gather(
            the_panel_shows_the_right_pass_rates(regulator),
            the_command_reports_the_same(story),
            a_regulator_of_another_district_sees_neither_school(story, stack),
        )

        await service.stop()  # with pages still open
        assert [r for r in telegram.refused if not r.description.startswith(BENIGN_REFUSALS)] == []


async def the_regulator_plans_an_assessment(story: Story, regulator: Panel) -> dt.datetime:
    await regulator.sign_in("city", PASSWORD)
    await regulator.open("assessments/new")
    starts_at = utc_now().replace(microsecond=0) + dt.timedelta(seconds=3)
    local = starts_at.astimezone(CHINA).strftime("%Y-%m-%dT%H:%M:%S")
    form = regulator.filled_in({**PLAN, "starts_at": local}, emptied="count:")
    page = await regulator.send(form)
    assert page.status == 200, page.text
    assert TITLE in page.text
    place = page.url.path

    await regulator.open("assessments/new")
    assert (await regulator.send(form)).url.path == place, "the same form sent twice plans once"
    [assessment] = await story.world.rows(Assessment)
    assert (assessment.title, assessment.pass_mark, assessment.max_resits) == (TITLE, 80, 1)
    return starts_at


async def everybody_joins_and_is_told_once(story: Story, starts_at: dt.datetime, stack: AsyncExitStack) -> None:
    await asyncio.gather(*(candidate.join() for candidate in story.everybody if candidate is not story.b3))
    strangers: list[Chat] = [
        TelegramChat(story.telegram, 2001, "陌生人"),
        story.browser(stack, SocketChat, "陌生人"),
    ]
    for stranger, code in zip(strangers, (story.a1.code, story.b1.code), strict=True):
        await stranger.connect()
        await stranger.say(code)
        await stranger.see(says("已经用过"))
        await stranger.say("KKKK-KKKK")
        await stranger.see(says("没有找到这个邀请码"))
        await stranger.leave()

    invited = says("您被抽中参加抽查考核", TITLE)
    await asyncio.gather(*(candidate.chat.find(invited) for candidate in story.everybody if candidate is not story.b3))
    await story.b3.join()  # late: the notice waits for whoever comes
    await story.b3.chat.find(invited)

    assert len(await story.world.rows(Binding)) == 6
    [opened] = await story.world.rows(AssessmentRound)
    assert (opened.state, opened.scheduled_for) == (RoundState.OPEN, starts_at)
    assert opened.opened_at >= starts_at


async def everybody_answers_a_part(story: Story) -> None:
    """A single choice, a multiple choice and a true/false are among what is answered; then everybody leaves or stays."""
    await asyncio.gather(*(candidate.start("现在开始") for candidate in story.everybody))
    await asyncio.gather(
        story.a1.answer(True, True),
        story.a2.answer(True, False),
        story.a3.answer(True),
        story.b1.answer(True, True),
        story.b2.answer(False, False),
        story.b3.answer(True),
    )
    await story.a3.go_to(3)
    await story.a3.answer(True)
    await story.a3.go_to(5)
    await story.a3.answer(True)
    for person in (story.a2, story.a3):
        await person.chat.say("/start")
        await person.chat.see(says(TITLE, "正在答题"))
    await story.b2.chat.leave()
    assert story.telegram.refused == []


async def the_service_is_killed_between_taps(story: Story) -> None:
    """Three people tap several times without waiting, and in the same instant the process dies."""
    sent = {
        story.a1.name: await story.a1.answer_blindly(right=True, times=2),
        story.b1.name: await story.b1.answer_blindly(right=True),
        story.b3.name: await story.b3.answer_blindly(right=True, times=2),
    }
    await story.kill_and_restart(sent)
    await asyncio.gather(*(candidate.resume() for candidate in story.everybody))
    assert [_place(candidate) for candidate in story.everybody] == [
        "第 4/5 题 · 多选题 · 已答 3",
        "第 3/5 题 · 多选题 · 已答 2",
        "第 2/5 题 · 单选题 · 已答 3",
        "第 4/5 题 · 多选题 · 已答 3",
        "第 3/5 题 · 多选题 · 已答 2",
        "第 3/5 题 · 多选题 · 已答 2",
    ]


def _place(candidate: Candidate) -> str:
    return candidate.chat.screen.text.splitlines()[1].partition(" · 剩余")[0]


async def everybody_finishes(story: Story) -> None:
    """By hand, of five: a1 4 (exactly on the mark), a2 3, a3 3 with one left blank, b1 5, b2 3, b3 3."""
    finishing = ((story.a1, [False, True]), (story.a2, [False, True, True]), (story.a3, [False]))
    finishing += ((story.b1, [True, True]), (story.b2, [True, True, True]), (story.b3, [False, False, True]))
    await asyncio.gather(*(candidate.answer(*rights) for candidate, rights in finishing))
    await story.a3.chat.tap("答题卡")
    await story.a3.chat.see(says("未答：第 4 题"))
    results = await asyncio.gather(*(candidate.hand_in() for candidate in story.everybody))
    failed = (3, 60, "不合格")
    expected = [(4, 80, "合格"), failed, failed, (5, 100, "合格"), failed, failed]
    for result, (right, per_cent, verdict) in zip(results, expected, strict=True):
        assert f"答对 {right}/5 题，正确率 {per_cent}%（合格线 80%）：{verdict}" in result
        assert "解析在考核结束后公布" in result, "the window is still open: no key leaves the server"


async def two_sit_again_and_the_service_is_killed_at_the_first_reply(story: Story) -> None:
    """a2 sits again and passes with five of five; b2 sits again and fails with two."""
    again = (story.a2, story.b2)
    for candidate in again:
        await candidate.chat.say("/exam")
        await candidate.chat.see(says("不合格，可以补考"))
    await asyncio.gather(*(candidate.start("开始补考") for candidate in again))
    await asyncio.gather(story.a2.answer(True, True), story.b2.answer(False, False))
    sent = {candidate.name: await candidate.answer_blindly(right=True) for candidate in again}
    for candidate in again:
        await candidate.chat.acknowledged(sent[candidate.name][0])
    await story.kill_and_restart(sent)

    await asyncio.gather(*(candidate.resume() for candidate in again))
    await asyncio.gather(story.a2.answer(True, True), story.b2.answer(True, False))
    passed, failed = [await candidate.hand_in() for candidate in again]
    assert "秋季抽查考核\n已交卷。\n答对 5/5 题，正确率 100%（合格线 80%）：合格" in passed
    assert "答对 2/5 题，正确率 40%（合格线 80%）：不合格" in failed
    for candidate, words in zip(again, ("合格", "不合格"), strict=True):
        await candidate.chat.say("/exam")
        screen = await candidate.chat.see(says(f"状态：{words}\n"))
        assert not screen.has_button("开始补考")


async def what_was_tapped_is_what_is_stored(story: Story) -> None:
    for candidate in story.everybody:
        papers = await story.world.papers(candidate.person_id)
        assert [list(paper.steps) for paper in papers] == candidate.steps
    papers = [await story.world.papers(candidate.person_id) for candidate in story.everybody]
    assert [[paper.result for paper in own] for own in papers] == [
        [(4.0, True)],
        [(3.0, False), (5.0, True)],
        [(3.0, False)],
        [(5.0, True)],
        [(3.0, False), (2.0, False)],
        [(3.0, False)],
    ]
    for own in (papers[1], papers[4]):
        first, second = ({version for _, version, _ in paper.frozen[-1]} for paper in own)
        assert not first & second, "a resit has other questions"

    notices = await story.world.rows(Notice)
    assert {(n.kind, n.state, n.tries) for n in notices} == {(NoticeKind.ASSESSMENT_OPENED, NoticeState.SENT, 1)}
    assert sorted(n.person_id for n in notices) == sorted(candidate.person_id for candidate in story.everybody)
    by_person = {n.person_id: n.sent_by for n in notices}
    assert [by_person[c.person_id] for c in story.everybody] == [Channel.TELEGRAM] * 3 + [Channel.WEBCHAT] * 3
    # On Telegram a notice stays a message until its button is tapped; then the paper takes its place.
    assert [len(candidate.chat.notices) for candidate in story.world.school_b] == [1, 1, 1]
    assert sum("您被抽中参加抽查考核" in str(p.get("text")) for p in story.telegram.requests_of("sendMessage")) == 3


async def the_panel_shows_the_right_pass_rates(regulator: Panel) -> None:
    """School A: 2 of 3, school B: 1 of 3, both together: 3 of 6. The session of before the kills is still good."""
    page = await regulator.open("pass-rates")
    assert [row[""] for row in page.rows if "" in row] == [SCHOOL_B, SCHOOL_A], "the lowest first"
    columns = ("应考", "参考", "缺考", "合格", "合格率")
    assert [page.row(SCHOOL_A)[column] for column in columns] == ["3", "3", "0", "2", "66.7% n=3"]
    assert [page.row(SCHOOL_B)[column] for column in columns] == ["3", "3", "0", "1", "33.3% n=3"]
    assert "合格率50.0%（n=6）" in page.text

    sheet = CalamineWorkbook.from_filelike(BytesIO(await regulator.download("pass-rates.xlsx"))).get_sheet_by_index(0)
    rows = {row[0]: dict(zip(sheet.to_python()[4], row, strict=True)) for row in sheet.to_python()[5:]}
    assert {name: (row["应考"], row["参考（n）"], row["缺考"], row["合格"], row["合格率"]) for name, row in rows.items()} == {
        SCHOOL_A: (3, 3, 0, 2, 2 / 3),
        SCHOOL_B: (3, 3, 0, 1, 1 / 3),
    }


async def the_command_reports_the_same(story: Story) -> None:
    status, output, errors = await run_command(story.service.settings, ["report", "pass-rates", "--json"])
    assert (status, errors) == (0, "")
    counts = {"drawn": 3, "sat": 3, "absent": 0}
    assert json.loads(output) == [
        {"school": SCHOOL_B, "district": "二七区", **counts, "passed": 1, "pass_rate": 1 / 3},
        {"school": SCHOOL_A, "district": "金水区", **counts, "passed": 2, "pass_rate": 2 / 3},
    ]


async def a_regulator_of_another_district_sees_neither_school(story: Story, stack: AsyncExitStack) -> None:
    elsewhere = await stack.enter_async_context(Panel(story.service.url))
    await elsewhere.sign_in("elsewhere", PASSWORD)
    [assessment] = await story.world.rows(Assessment)
    for path in ("", "pass-rates", "people", "assessments"):
        page = await elsewhere.open(path)
        assert page.status == 200
        assert SCHOOL_A not in page.text
        assert SCHOOL_B not in page.text
        assert TITLE not in page.text
    assert (await elsewhere.open(f"assessments/{assessment.id}")).status == 404
    assert (await elsewhere.open("pass-rates", assessment=str(assessment.id))).status == 404
    sheet = CalamineWorkbook.from_filelike(BytesIO(await elsewhere.download("pass-rates.xlsx"))).get_sheet_by_index(0)
    assert len(sheet.to_python()) == 5, "title, range, date, a blank row, headings, and no school"
