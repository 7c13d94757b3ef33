import asyncio
import datetime as dt
from typing import Any

import pytest
from multidict import MultiDict
from sqlalchemy import select

from admin import words
from admin.plan_form import count_field, first_form, parse_plan
from admin.pool_counts import count_pool
from exam.assessments.rules import AssessmentPlan, FeedbackPolicy, PlanProblem, ScheduleKind
from exam.assessments.tables import Assessment, AssessmentRound
from exam.papers.rules import MAX_QUESTIONS
from exam.people.rules import JobRole, OrganisationKind
from question_bank.questions.rules import QuestionType
from tests.admin.browser import Browser, Reply
from tests.admin.world import World

NEW = "/admin/assessments/new"
SINGLE = count_field("疫苗管理法", QuestionType.SINGLE_CHOICE)


async def _form(world: World, login: str = "admin", **changes: str | list[str] | None) -> MultiDict[str]:
    """The form as it is proposed, with a title and these changes; None leaves a field out, a list repeats it."""
    regions = await world.people.list_regions(await world.actor(login))
    form = first_form(regions, count_pool(await world.questions.pool()))
    form["title"] = "秋季抽查"
    for name, value in changes.items():
        form.popall(name, None)
        for each in [value] if isinstance(value, str) else value or []:
            form.add(name, each)
    return form


async def _post(browser: Browser, world: World, login: str = "admin", **changes: Any) -> Reply:
    return await browser.submit(NEW, await _form(world, login, **changes))


async def _rows(world: World) -> list[Assessment]:
    async with world.database.reading() as session:
        return list((await session.scalars(select(Assessment))).all())


async def _round(world: World) -> AssessmentRound:
    async with world.database.reading() as session:
        return (await session.scalars(select(AssessmentRound))).one()


@pytest.mark.asyncio
async def test_the_form_as_proposed_needs_only_a_title(browser: Browser, world: World) -> None:
    await browser.sign_in("regulator")
    page = await browser.get(NEW)
    assert page.status == 200
    assert "每人随机抽题不少于30道，90%正确为合格" in page.words
    reply = await _post(browser, world, "regulator")
    assert reply.status == 303
    (row,) = await _rows(world)
    assert reply.location == f"/admin/assessments/{row.id}?notice=created"
    assert (row.title, row.region_code, row.pass_mark, row.quota, row.max_resits) == ("秋季抽查", "410100", 90, 3, 1)
    assert sum(part["count"] for part in row.blueprint) == 30
    assert set(row.organisation_kinds) == {kind for kind in OrganisationKind if "canteen" in kind}
    assert row.feedback is FeedbackPolicy.AFTER_WINDOW
    assert (await _round(world)).scheduled_for == world.clock.now
    assert "考核已发布" in (await browser.get(reply.location)).words


@pytest.mark.asyncio
async def test_what_is_typed_is_what_is_planned(browser: Browser, world: World) -> None:
    await browser.sign_in("admin")
    fields = {name: "" for name in await _form(world) if name.startswith("count:")}
    reply = await _post(
        browser,
        world,
        **fields
        | {
            "title": "  三月  抽查 ",
            "region": "410105",
            "kinds": ["school_canteen"],
            "job_roles": ["safety_officer", "safety_officer"],
            "quota": "０",
            SINGLE: "2",
            "time_limit": "20",
            "window": "90",
            "window_unit": "minutes",
            "pass_mark": "60",
            "resits": "0",
            "feedback": "after_submission",
            "schedule": "at",
            "starts_at": "2026-12-01T09:30",
        },
    )
    assert reply.status == 303
    (row,) = await _rows(world)
    assert (row.title, row.region_code, row.organisation_kinds, row.job_roles) == (
        "三月 抽查",
        "410105",
        ["school_canteen"],
        ["safety_officer"],
    )
    assert row.blueprint == [{"law": "疫苗管理法", "type": "single_choice", "count": 2}]
    assert (row.quota, row.time_limit_seconds, row.window_seconds, row.pass_mark, row.max_resits) == (0, 1200, 5400, 60, 0)
    assert row.feedback is FeedbackPolicy.AFTER_SUBMISSION
    assert (await _round(world)).scheduled_for == dt.datetime(2026, 12, 1, 1, 30, tzinfo=dt.UTC)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("choice", "typed", "cron", "due"),
    [
        ("0 9 1 * *", "", "0 9 1 * *", dt.datetime(2026, 12, 1, 1, 0, tzinfo=dt.UTC)),
        ("", "30 14 * * 3", "30 14 * * 3", dt.datetime(2026, 11, 25, 6, 30, tzinfo=dt.UTC)),
        ("nonsense", "30 14 * * 3", "30 14 * * 3", dt.datetime(2026, 11, 25, 6, 30, tzinfo=dt.UTC)),
    ],
)
async def test_a_recurring_assessment_takes_a_ready_choice_or_what_is_typed(
    browser: Browser, world: World, choice: str, typed: str, cron: str, due: dt.datetime
) -> None:
    await browser.sign_in("admin")
    assert (await _post(browser, world, schedule="cron", cron_choice=choice, cron=typed)).status == 303
    assert (await _rows(world))[0].cron == cron
    assert (await _round(world)).scheduled_for == due


TITLE, QUOTA, BLUEPRINT = "title", "quota", "blueprint"
PROBLEMS: list[tuple[dict[str, Any], str, str]] = [
    ({"title": "  "}, "title", "请填写考核名称"),
    ({"title": None}, "title", "请填写考核名称"),
    ({"title": "考" * 81}, "title", "不要超过80个字"),
    ({"title": ["一", "二"]}, "title", "重复提交"),
    ({"region": ""}, "region", "地区：请填写"),
    ({"region": None}, "region", "地区：请填写"),
    ({"region": "419999"}, "region", "没有这个地区"),
    ({"region": ["410100", "410105"]}, "region", "重复提交"),
    ({"kinds": None}, "kinds", "请至少选择一类单位"),
    ({"kinds": ["palace"]}, "kinds", "请从列出的选项中选择"),
    ({"kinds": ["pharmacy"]}, "kinds", "没有符合所选单位类别和岗位的人员"),
    ({"job_roles": None}, "job_roles", "请至少选择一种岗位"),
    ({"job_roles": ["king", "safety_officer"]}, "job_roles", "请从列出的选项中选择"),
    ({"quota": "三"}, "quota", "每个单位抽取人数：请填写整数"),
    ({"quota": "1.5"}, "quota", "请填写整数"),
    ({"quota": ""}, "quota", "请填写"),
    ({"quota": None}, "quota", "请填写"),
    ({"quota": "-1"}, "quota", "请填0到1000"),
    ({"quota": "1001"}, "quota", "请填0到1000"),
    ({"quota": "9" * 5000}, "quota", "请填0到1000"),
    ({SINGLE: "-1"}, SINGLE, "《疫苗管理法》单选题：题数不能小于0"),
    ({SINGLE: "多"}, SINGLE, "《疫苗管理法》单选题：请填写整数"),
    ({SINGLE: ["1", "2"]}, SINGLE, "重复提交"),
    ({SINGLE: "101"}, "blueprint", "一份试卷最多100道题"),
    ({"count:没有的法:single_choice": "3"}, "count:没有的法:single_choice", "《没有的法》单选题要3道，题库只有0道"),
    ({"time_limit": "0"}, "time_limit", "1到240分钟"),
    ({"time_limit": "241", "window": "30"}, "time_limit", "1到240分钟"),
    ({"time_limit": "9" * 400}, "time_limit", "1到240分钟"),
    ({"window": "0"}, "window", "1分钟到60天"),
    ({"window": "1441"}, "window", "1分钟到60天"),
    ({"window": "44", "window_unit": "minutes"}, "window", "不能短于答题时限"),
    ({"window": "999999999999"}, "window", "1分钟到60天"),
    ({"window_unit": "years"}, "window", "请从列出的选项中选择"),
    ({"window_unit": ["hours", "hours"]}, "window_unit", "重复提交"),
    ({"pass_mark": "0"}, "pass_mark", "请填1到100"),
    ({"pass_mark": "101"}, "pass_mark", "请填1到100"),
    ({"resits": "6"}, "resits", "请填0到5"),
    ({"feedback": "immediate"}, "feedback", "请从列出的选项中选择"),
    ({"feedback": None}, "feedback", "请从列出的选项中选择"),
    ({"schedule": "soon"}, "schedule", "请从列出的选项中选择"),
    ({"schedule": ["now", "now"]}, "schedule", "重复提交"),
    ({"schedule": "at", "starts_at": ""}, "starts_at", "请填写开始时间"),
    ({"schedule": "at", "starts_at": None}, "starts_at", "请填写开始时间"),
    ({"schedule": "at", "starts_at": "明天"}, "starts_at", "完整的日期和时间"),
    ({"schedule": "at", "starts_at": "2026-13-01T09:00"}, "starts_at", "完整的日期和时间"),
    ({"schedule": "at", "starts_at": "0001-01-01T00:00"}, "starts_at", "完整的日期和时间"),
    ({"schedule": "at", "starts_at": "2026-11-24T08:59"}, "starts_at", "已经过去"),
    ({"schedule": "at", "starts_at": "9999-12-31T23:59"}, "starts_at", "五年以内"),
    ({"schedule": "at", "starts_at": "2026-12-01T09:00+08:00"}, "starts_at", "完整的日期和时间"),
    ({"schedule": "cron", "cron_choice": "", "cron": ""}, "cron", "五段写法"),
    ({"schedule": "cron", "cron_choice": "", "cron": "every day"}, "cron", "五段写法"),
    ({"schedule": "cron", "cron_choice": "", "cron": "0 9 31 2 *"}, "cron", "五段写法"),
    ({"schedule": "cron", "cron_choice": "", "cron": "* " * 5000}, "cron", "五段写法"),
    ({"schedule": "cron", "cron_choice": ["0 9 1 * *", ""]}, "cron_choice", "重复提交"),
]


@pytest.mark.asyncio
async def test_each_thing_wrong_is_said_beside_its_field_and_at_the_top_and_nothing_is_published(
    browser: Browser, world: World
) -> None:
    await browser.sign_in("admin")
    token = await browser.token(NEW)
    for changes, field, message in PROBLEMS:
        form = await _form(world, **changes)
        form["csrf_token"] = token
        reply = await browser.post(NEW, form)
        assert reply.status == 422, changes
        summary = reply.text.split('id="errors"')[1].split("</div>")[0]
        assert f'<a href="#{field}">' in summary, (changes, summary)
        assert message in summary, (changes, summary)
        beside = reply.text.split("</h2>", 1)[1].split("</div>", 1)[1]
        assert message.split("：")[-1] in beside, changes
    assert await _rows(world) == []


def test_every_problem_of_a_plan_has_its_words_and_a_field_of_the_form() -> None:
    assert words.PLAN_PROBLEMS.keys() == set(PlanProblem)
    assert {field for field, _ in words.PLAN_PROBLEMS.values()} <= words.PLAN_FIELDS.keys()


@pytest.mark.asyncio
async def test_a_cell_that_asks_for_too_much_says_how_many_there_are(browser: Browser, world: World) -> None:
    await browser.sign_in("admin")
    there = count_pool(await world.questions.pool())["疫苗管理法"][QuestionType.TRUE_FALSE]
    assert 50 < there < MAX_QUESTIONS
    only = {SINGLE: "0", count_field("疫苗管理法", QuestionType.TRUE_FALSE): str(there)}
    assert (await _post(browser, world, **only)).status == 303
    only[count_field("疫苗管理法", QuestionType.TRUE_FALSE)] = str(there + 1)
    reply = await _post(browser, world, **only, title="又一次")
    assert f"《疫苗管理法》判断题要{there + 1}道，题库只有{there}道" in reply.words
    assert len(await _rows(world)) == 1


@pytest.mark.asyncio
async def test_the_form_keeps_everything_typed(browser: Browser, world: World) -> None:
    await browser.sign_in("admin")
    reply = await _post(
        browser,
        world,
        title='<b>"引号"</b>',
        region="410105",
        kinds=["pharmacy"],
        job_roles=["gsp_inspector"],
        quota="多少",
        window="77",
        window_unit="minutes",
        schedule="cron",
        cron_choice="",
        cron="0 9 1 * *",
        feedback="after_submission",
        starts_at="2027-01-01T09:00",
        **{SINGLE: "几"},
    )
    assert reply.status == 422
    assert 'value="&lt;b&gt;&#34;引号&#34;&lt;/b&gt;"' in reply.text
    for kept in (
        'value="410105" selected',
        'value="pharmacy" checked',
        'value="gsp_inspector" checked',
        'value="多少"',
        'value="77"',
        'value="minutes" selected',
        'value="cron" checked',
        'value="0 9 1 * *" class="code"',
        'value="after_submission" checked',
        'value="2027-01-01T09:00"',
        'value="几"',
    ):
        assert kept in reply.text, kept
    assert 'value="school_canteen" checked' not in reply.text


@pytest.mark.asyncio
async def test_pressing_twice_publishes_once(browser: Browser, world: World) -> None:
    await browser.sign_in("admin")
    form = await _form(world)
    form["csrf_token"] = await browser.token(NEW)
    first, second = await asyncio.gather(browser.post(NEW, form), browser.post(NEW, form))
    third = await browser.post(NEW, form)
    assert first.status == 303
    assert first.location == second.location == third.location
    assert len(await _rows(world)) == 1


@pytest.mark.asyncio
async def test_the_same_plan_from_a_new_form_is_a_new_assessment(browser: Browser, world: World) -> None:
    await browser.sign_in("admin")
    for form_id in ("one", "two", None, None):
        assert (await _post(browser, world, form_id=form_id)).status == 303
    assert len(await _rows(world)) == 4


@pytest.mark.asyncio
async def test_looking_how_many_people_fit_publishes_nothing(browser: Browser, world: World) -> None:
    await browser.sign_in("regulator")
    reply = await _post(browser, world, "regulator", action="preview")
    assert reply.status == 200
    assert "符合条件的有2个单位、6人" in reply.words
    nobody = await _post(browser, world, "regulator", action="preview", kinds=["pharmacy"])
    assert "没有符合条件的人员" in nobody.words
    assert await _rows(world) == []


@pytest.mark.asyncio
@pytest.mark.parametrize("action", ["create", "preview"])
@pytest.mark.parametrize("region", ["410000", "410200", "11", "%"])
async def test_a_region_outside_the_scope_is_refused(browser: Browser, world: World, action: str, region: str) -> None:
    await browser.sign_in("regulator")
    reply = await _post(browser, world, "regulator", region=region, action=action)
    assert reply.status == 403
    assert await _rows(world) == []


@pytest.mark.asyncio
async def test_the_widest_region_of_the_scope_is_proposed(browser: Browser, world: World) -> None:
    for login, widest in (("admin", "410000"), ("regulator", "410100"), ("kaifeng", "410200")):
        assert (await _form(world, login))["region"] == widest


@pytest.mark.asyncio
async def test_the_proposed_numbers_can_be_filled_by_the_bank(world: World) -> None:
    form = await _form(world)
    parsed = parse_plan(form, world.clock.now, await world.questions.pool())
    assert parsed.errors == []
    assert parsed.plan.blueprint.question_count == 30
    assert isinstance(parsed.plan, AssessmentPlan)
    assert parsed.plan.schedule is ScheduleKind.NOW
    assert JobRole.SAFETY_DIRECTOR in parsed.plan.job_roles


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/x-www-form-urlencoded", 403),
        (b"\xff\xfe%zz&&&=&=", "application/x-www-form-urlencoded", 403),
        (b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a=1" for _ in range(1001)), "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"x", "multipart/form-data; boundary=x", 415),
    ],
)
async def test_what_is_no_form_is_refused_calmly(
    browser: Browser, world: World, body: bytes, content_type: str, status: int
) -> None:
    await browser.sign_in("admin")
    async with browser.client.post(NEW, data=body, headers={"Content-Type": content_type}, allow_redirects=False) as response:
        text = await response.text()
    assert response.status == status
    assert "<h1>" in text
    assert "Traceback" not in text


@pytest.mark.asyncio
async def test_a_body_just_within_the_limit_is_read(browser: Browser, world: World) -> None:
    await browser.sign_in("admin")
    form = await _form(world, padding="x" * 60_000)
    assert (await browser.submit(NEW, form)).status == 303
