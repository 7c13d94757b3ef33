import re

import pytest
from sqlalchemy import select, update

from admin import words
from exam.assessments.rules import AssessmentState, DrawFault, RoundFailure, RoundState, ScheduleKind
from exam.assessments.tables import Assessment, AssessmentRound
from exam.attempts.tables import Attempt
from tests.admin.browser import Browser
from tests.admin.world import World


async def _rounds(world: World) -> list[AssessmentRound]:
    async with world.database.reading() as session:
        return list((await session.scalars(select(AssessmentRound).order_by(AssessmentRound.id))).all())


def _tiles(text: str) -> dict[str, str]:
    """The counts of the live view, by their names on screen."""
    block = text.split('class="tiles tiles-small"')[1].split("</dl>")[0]
    return dict(re.findall(r"<dt>(\S+)</dt><dd>(\d+)</dd>", block))


def test_every_state_has_its_word() -> None:
    for members in (AssessmentState, RoundState, RoundFailure, DrawFault):
        for member in members:
            assert words.term(member)


@pytest.mark.asyncio
async def test_an_empty_list_says_what_to_do_next(browser: Browser, world: World) -> None:
    await browser.sign_in("regulator")
    reply = await browser.get("/admin/assessments")
    assert "还没有抽查考核" in reply.words
    assert 'href="/admin/assessments/new"' in reply.text


@pytest.mark.asyncio
async def test_the_list_shows_where_each_assessment_stands_in_words(browser: Browser, world: World) -> None:
    actor = await world.actor("admin")
    await world.open_assessment(title="已经结束的")
    await world.close_window()
    await world.open_assessment(title="正在进行的")
    await world.assessments.create(actor, world.plan(title="还没开始的"))
    cancelled = await world.assessments.create(actor, world.plan(title="不要了的"))
    await world.assessments.cancel(actor, cancelled)
    await browser.sign_in("regulator")
    text = (await browser.get("/admin/assessments")).text
    lines = dict(re.findall(r">(\S+的)</a>.*?class=\"state state-\w+\">(\S+?)<", text, re.DOTALL))
    assert lines == {"已经结束的": "已结束", "正在进行的": "进行中", "还没开始的": "待开始", "不要了的": "已取消"}


@pytest.mark.asyncio
async def test_a_cancelled_assessment_that_still_runs_is_shown_as_running(browser: Browser, world: World) -> None:
    assessment_id, _ = await world.open_assessment()
    await world.assessments.cancel(await world.actor("admin"), assessment_id)
    await browser.sign_in("regulator")
    assert "进行中" in (await browser.get("/admin/assessments")).words


@pytest.mark.asyncio
async def test_each_region_lists_its_own_assessments(browser: Browser, world: World) -> None:
    await world.open_assessment("regulator", title="郑州的抽查")
    await browser.sign_in("kaifeng")
    assert "郑州的抽查" not in (await browser.get("/admin/assessments")).words
    assert "郑州的抽查" not in (await browser.get("/admin/")).words


@pytest.mark.asyncio
async def test_the_settings_are_told_in_words(browser: Browser, world: World) -> None:
    assessment_id, _ = await world.open_assessment()
    await browser.sign_in("admin")
    page = (await browser.get(f"/admin/assessments/{assessment_id}")).words
    for told in (
        "全部人员",
        "共2道题：《疫苗管理法》单选题2道",
        "90%（2道题答对2道即合格）",
        "30分钟",
        "2小时",
        "不补考",
        "考核窗口结束后显示",
    ):
        assert told in page, told


@pytest.mark.asyncio
async def test_the_live_view_counts_who_stands_where(browser: Browser, world: World) -> None:
    assessment_id, round_id = await world.open_assessment("regulator")
    await world.sit("张三", round_id)
    await world.sit("李四", round_id, wrong=1)
    await world.sitting.start(world.people_ids["王五"], round_id)
    await browser.sign_in("regulator")
    page = await browser.get(f"/admin/assessments/{assessment_id}")
    expected = {"应考": "6", "已通知": "0", "未开始": "3", "答题中": "1", "合格": "1", "不合格": "1", "缺考": "0"}
    assert _tiles(page.text) == expected
    assert f'data-live="/admin/assessments/{assessment_id}/live?round={round_id}"' in page.text
    live = await browser.get(f"/admin/assessments/{assessment_id}/live?round={round_id}")
    assert _tiles(live.text) == expected
    assert "<html" not in live.text
    assert "2/2" in live.words
    assert "1/2" in live.words
    await world.close_window()
    over = await browser.get(f"/admin/assessments/{assessment_id}/live?round={round_id}")
    assert "data-live=" not in over.text, "a closed round asks for no more"
    assert _tiles(over.text) == {
        "应考": "6",
        "已通知": "0",
        "未开始": "0",
        "答题中": "0",
        "合格": "1",
        "不合格": "2",
        "缺考": "3",
    }
    async with world.database.reading() as session:
        assert len((await session.scalars(select(Attempt))).all()) == 3


@pytest.mark.asyncio
async def test_nothing_new_is_told_in_a_few_bytes(browser: Browser, world: World) -> None:
    assessment_id, round_id = await world.open_assessment()
    await browser.sign_in("admin")
    address = f"/admin/assessments/{assessment_id}/live?round={round_id}"
    first = await browser.get(address)
    again = await browser.get(address, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    await world.sit("张三", round_id)
    assert (await browser.get(address, **{"If-None-Match": first.headers["ETag"]})).status == 200


@pytest.mark.asyncio
async def test_names_are_masked(browser: Browser, world: World) -> None:
    assessment_id, _ = await world.open_assessment()
    await browser.sign_in("admin")
    page = (await browser.get(f"/admin/assessments/{assessment_id}")).words
    for masked, name in (("张＊", "张三"), ("欧阳＊", "欧阳小明")):
        assert masked in page
        assert name not in page


@pytest.mark.asyncio
async def test_the_candidates_of_one_status_can_be_picked_out(browser: Browser, world: World) -> None:
    assessment_id, round_id = await world.open_assessment()
    await world.sit("张三", round_id)
    await browser.sign_in("admin")
    passed = await browser.get(f"/admin/assessments/{assessment_id}?round={round_id}&status=passed")
    assert "张＊" in passed.words
    assert "李＊" not in passed.words
    assert "status=passed" in passed.text.split('data-live="')[1].split('"')[0], "and it is still so after an update"
    nobody = await browser.get(f"/admin/assessments/{assessment_id}?round={round_id}&status=absent")
    assert "没有这种状态的人员" in nobody.words
    assert (await browser.get(f"/admin/assessments/{assessment_id}?status=nonsense&page=x")).status == 200


@pytest.mark.asyncio
async def test_the_seed_is_shown_only_after_the_window(browser: Browser, world: World) -> None:
    assessment_id, _ = await world.open_assessment()
    (row,) = await _rounds(world)
    await browser.sign_in("admin")
    address = f"/admin/assessments/{assessment_id}"
    for page in (address, f"{address}/live", f"{address}/verify"):
        assert row.seed not in (await browser.get(page)).text
    page = await browser.get(address)
    assert "随机种子在考核窗口结束后公布" in page.words
    assert row.seed_commitment in page.text
    assert f"<code>{row.frame_hash}</code>" in page.text
    assert "核对抽取" not in page.words
    await world.close_window()
    page = await browser.get(address)
    assert row.seed in page.text
    assert f'href="{address}/verify"' in page.text


@pytest.mark.asyncio
async def test_checking_a_draw_says_that_it_agrees_or_what_does_not(browser: Browser, world: World) -> None:
    assessment_id, _ = await world.open_assessment()
    await browser.sign_in("admin")
    address = f"/admin/assessments/{assessment_id}/verify"
    assert "还没有可以核对的场次" in (await browser.get(address)).words
    await world.close_window()
    assert "一致：名单确由这个种子抽出" in (await browser.get(address)).words
    async with world.database.transaction() as session:
        await session.execute(update(AssessmentRound).values(seed="another"))
    reply = (await browser.get(address)).words
    assert "随机种子与事先公布的承诺值不符" in reply
    assert "应考名单与重新计算的结果不同" in reply
    assert "一致：" not in reply


@pytest.mark.asyncio
async def test_a_round_that_could_not_open_says_why(browser: Browser, world: World) -> None:
    assessment_id = await world.assessments.create(await world.actor("admin"), world.plan())
    async with world.database.transaction() as session:
        await session.execute(update(Assessment).values(job_roles=["gsp_inspector"]))
    await world.rounds.open_due()
    await browser.sign_in("admin")
    page = await browser.get(f"/admin/assessments/{assessment_id}")
    assert "未能开始" in page.words
    assert "没有符合条件的人员可抽取" in page.words


@pytest.mark.asyncio
async def test_a_round_that_is_about_to_open_is_watched_and_a_distant_one_is_not(browser: Browser, world: World) -> None:
    actor = await world.actor("admin")
    await browser.sign_in("admin")
    soon = await world.assessments.create(actor, world.plan())
    later = await world.assessments.create(actor, world.plan(schedule=ScheduleKind.CRON, cron="0 9 1 * *"))
    assert "data-live=" in (await browser.get(f"/admin/assessments/{soon}")).text
    page = await browser.get(f"/admin/assessments/{later}")
    assert "data-live=" not in page.text
    assert "循环：每月1日9:00" in page.words


@pytest.mark.asyncio
async def test_cancelling_asks_first_and_then_happens_once(browser: Browser, world: World) -> None:
    actor = await world.actor("admin")
    assessment_id = await world.assessments.create(actor, world.plan(schedule=ScheduleKind.CRON, cron="0 9 1 * *"))
    await browser.sign_in("regulator")
    address = f"/admin/assessments/{assessment_id}/cancel"
    assert "取消后不能恢复" in (await browser.get(address)).words
    assert (await _rounds(world))[0].state is RoundState.PLANNED
    token = {"csrf_token": await browser.token(address)}
    for _ in range(2):
        reply = await browser.post(address, token)
        assert (reply.status, reply.location) == (303, f"/admin/assessments/{assessment_id}?notice=cancelled")
    assert (await world.assessments.get_assessment(actor, assessment_id)).state is AssessmentState.CANCELLED
    assert [row.state for row in await _rounds(world)] == [RoundState.CANCELLED]
    assert "考核已取消" in (await browser.get(reply.location)).words
    assert "不需要取消" in (await browser.get(address)).words


@pytest.mark.asyncio
@pytest.mark.parametrize("address", ["0", "abc", "999999999", "99999999999999999999", "1%00", "-1", "1/live/x", "²"])
async def test_an_assessment_that_is_none_is_not_found(browser: Browser, world: World, address: str) -> None:
    await browser.sign_in("admin")
    assert (await browser.get(f"/admin/assessments/{address}")).status == 404


@pytest.mark.asyncio
@pytest.mark.parametrize("asked", ["", "x", "999", "1e9"])
async def test_a_round_of_another_assessment_is_not_found(browser: Browser, world: World, asked: str) -> None:
    assessment_id, _ = await world.open_assessment()
    _, other_round = await world.open_assessment()
    await browser.sign_in("admin")
    for round_id in (asked, str(other_round)):
        assert (await browser.get(f"/admin/assessments/{assessment_id}?round={round_id}")).status == 404
        assert (await browser.get(f"/admin/assessments/{assessment_id}/live?round={round_id}")).status == 404


@pytest.mark.asyncio
async def test_a_title_is_text_and_never_markup(browser: Browser, world: World) -> None:
    assessment_id, _ = await world.open_assessment(title="<script>alert(1)</script>'\"&")
    await browser.sign_in("admin")
    for page in ("/admin/", "/admin/assessments", f"/admin/assessments/{assessment_id}", "/admin/pass-rates"):
        text = (await browser.get(page)).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text
