"""A person with a phone and a regulator at a desk, in a real browser: what they see works, and nothing leaves the host."""

import asyncio
from io import BytesIO
from pathlib import Path

import pytest
from playwright.async_api import Page
from python_calamine import CalamineWorkbook

from tests.conftest import LOADED, fresh_url
from tests.end_to_end.browser import DESK, PHONE, PhonePage, Watch, running_browser
from tests.end_to_end.candidates import Candidate, QuestionOnScreen
from tests.end_to_end.chats import Screen
from tests.end_to_end.service import Service, environment
from tests.end_to_end.world import PASSWORD, SCHOOL_A, SCHOOL_B, filled_world

TITLE = "冬季抽查考核"
QUESTIONS = {"count:疫苗管理法:single_choice": "2", "count:疫苗管理法:multiple_choice": "1", "count:疫苗管理法:true_false": "1"}


@pytest.mark.browser
async def test_a_phone_and_a_desk(chromium: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    async with fresh_url(request, "sqlite", LOADED) as url, filled_world(url) as world:
        settings = environment(tmp_path, YUSHI_MINIMUM_N="1")
        async with Service(settings) as service, running_browser(chromium, tmp_path) as browser:
            watch = Watch(service.url)
            desk = watch.over(await browser.new_page(viewport=DESK, locale="zh-CN"))
            phone = watch.over(await browser.new_page(viewport=PHONE, locale="zh-CN", is_mobile=True, has_touch=True))
            for page in (desk, phone):
                page.set_default_timeout(15_000)
            person = world.school_a[0]

            await asyncio.gather(
                a_regulator_plans(desk, service.url),
                a_person_joins_asks_and_practises(PhonePage(phone), service.url, person),
            )
            await the_live_state_shows(desk, "未开始", 6)
            await a_person_sits_the_paper(PhonePage(phone), desk)
            await the_regulator_reads_the_pass_rates(desk)
            assert watch.trouble == []
            assert await phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
            await browser.close()
            await service.stop()


async def a_regulator_plans(page: Page, url: str) -> None:
    await page.goto(f"{url}/admin/")
    await page.get_by_label("登录名").fill("city")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await page.get_by_role("link", name="新建抽查考核").click()
    await page.get_by_label("考核名称").fill(TITLE)
    for field in await page.locator("[data-count]").all():
        await field.fill(QUESTIONS.get(await field.get_attribute("name") or "", ""))
    assert await page.locator("[data-total]").inner_text() == "4"
    await page.get_by_label("每个单位抽取人数").fill("0")
    await page.get_by_label("合格分数线").fill("75")
    await page.get_by_role("button", name="看看符合条件的有多少人").click()
    await page.get_by_text("符合条件的有2个单位、6人").wait_for()
    await page.get_by_role("button", name="发布考核").click()
    await page.get_by_role("heading", name=TITLE).wait_for()


async def a_person_joins_asks_and_practises(phone: PhonePage, url: str, person: Candidate) -> None:
    await phone.page.goto(f"{url}/chat/")
    await phone.see("欢迎来到豫食学堂")
    await phone.say(person.code)
    await phone.see(f"{person.name}，您好")
    await phone.say("疫苗冷链断了怎么办")
    assert "疫苗" in await phone.see("起施行")
    await phone.tap("👍 有用")
    await phone.see("改为：没用")
    await phone.tap("改为：没用")
    await phone.see("哪里不好？")
    await phone.tap("不用了")
    await phone.see("评价已经记下")
    await phone.page.get_by_role("button", name="练习").first.click()
    await phone.see("选一部法规")
    await phone.tap("疫苗管理法")
    await answer(phone, "练习 第 1/", right=False)
    assert "解析：" in await phone.see("答错了")


async def a_person_sits_the_paper(phone: PhonePage, desk: Page) -> None:
    """Right, right, wrong, right: three of four, exactly on the mark of 75 %."""
    await phone.see("您被抽中参加抽查考核")
    await phone.tap("现在开始")
    await phone.see("第 1/4 题")
    await the_live_state_shows(desk, "答题中", 1)
    for position, right in enumerate((True, True, False, True), start=1):
        await answer(phone, f"第 {position}/4 题", right=right)
    await phone.see("全部答完")
    await phone.tap("交卷")
    await phone.see("确定交卷吗")
    await phone.tap("确认交卷")
    assert "答对 3/4 题，正确率 75%（合格线 75%）：合格" in await phone.see("已交卷")
    await the_live_state_shows(desk, "合格", 1)


async def answer(phone: PhonePage, head: str, *, right: bool) -> None:
    question = QuestionOnScreen.read(Screen("", await phone.see(head)))
    choice = question.choice(right=right)
    for index in choice:
        await phone.tap(f"☐ {question.buttons[index]}" if question.is_multiple else question.buttons[index])
        if question.is_multiple:
            await phone.page.get_by_role("button", name=f"☑ {question.buttons[index]}").last.wait_for()
    if question.is_multiple:
        await phone.tap("确定")


async def the_live_state_shows(desk: Page, label: str, count: int) -> None:
    """The page renews itself: nobody reloads it."""
    tile = desk.locator("#live dl.tiles > div").filter(has=desk.get_by_text(label, exact=True))
    await tile.filter(has=desk.get_by_text(str(count), exact=True)).wait_for()


async def the_regulator_reads_the_pass_rates(desk: Page) -> None:
    await desk.get_by_role("navigation").get_by_role("link", name="合格率").click()
    await desk.get_by_role("img", name="各单位合格率").wait_for()
    assert "100.0% n=1" in " ".join((await desk.get_by_role("row", name=SCHOOL_A).inner_text()).split())
    async with desk.expect_download() as started:
        await desk.get_by_role("link", name="下载 Excel").click()
    path = await (await started.value).path()
    sheet = CalamineWorkbook.from_filelike(BytesIO(path.read_bytes())).get_sheet_by_index(0)
    rows = {row[0]: dict(zip(sheet.to_python()[4], row, strict=True)) for row in sheet.to_python()[5:]}
    assert (rows[SCHOOL_A]["应考"], rows[SCHOOL_A]["合格"], rows[SCHOOL_A]["合格率"]) == (3, 1, 1.0)
    assert (rows[SCHOOL_B]["应考"], rows[SCHOOL_B]["合格"]) == (3, ""), "nobody sat: no rate, and no number to tell it from"
