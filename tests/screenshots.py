"""Makes the README's pictures from the running product: python -m tests.screenshots FOLDER (make screenshots).

The demonstration municipality in a temporary folder, a phone in the web chat, a desk in the panel. Everybody is invented.
"""

import asyncio
import re
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, ViewportSize

from exam.attempts.rules import AttemptMode
from exam.commands import OPERATOR
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.wiring import QuestionBank
from tests import factories
from tests.end_to_end.browser import DESK, PHONE, PhonePage, find_chromium, running_browser
from tests.end_to_end.chats import says
from tests.end_to_end.service import Service, environment
from tests.end_to_end.web_chats import SocketChat
from tests.end_to_end.world import utc_now

TITLE = "示例：冬季两法抽查考核"
_PASSWORD = re.compile(r"登录名 (\S+)　密码 (\S+)")
_STAFF_CODE = re.compile(r"学员.+?(\w{4}-\w{4})")


async def make_pictures(folder: Path, executable: str) -> None:
    with tempfile.TemporaryDirectory(prefix="yushi-pictures-") as temporary:
        data = Path(temporary)
        async with Service(environment(data), "--demo") as service, running_browser(executable, data) as browser:
            desk, phone = await _open(browser, DESK), PhonePage(await _open(browser, PHONE))
            printed = "\n".join(service.output)
            await _plan(desk, service.url, *_PASSWORD.findall(printed)[0], folder)
            await _chat(phone, service.url, _STAFF_CODE.findall(printed)[0], folder)
            await _let_others_sit(data, service.url)
            await _look(desk, service.url, folder)
            await browser.close()
            await service.stop()


async def _open(browser: Browser, viewport: ViewportSize) -> Page:
    is_phone = viewport == PHONE
    page = await browser.new_page(
        viewport=viewport,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        color_scheme="light",
        device_scale_factor=2 if is_phone else 1,
        is_mobile=is_phone,
        has_touch=is_phone,
    )
    page.set_default_timeout(20_000)
    return page


async def _picture(page: Page, path: Path, *, full_page: bool = False) -> None:
    await page.screenshot(path=path, full_page=full_page, animations="disabled")


async def _plan(desk: Page, url: str, login: str, password: str, folder: Path) -> None:
    """Everybody in canteens with a duty is drawn; thirty questions as the form proposes them."""
    await desk.goto(f"{url}/admin/")
    await desk.get_by_label("登录名").fill(login)
    await desk.get_by_label("密码").fill(password)
    await desk.get_by_role("button", name="登录").click()
    await desk.get_by_role("link", name="新建抽查考核").click()
    await desk.get_by_label("考核名称").fill(TITLE)
    await desk.get_by_label("地区").select_option("410100")
    await _picture(desk, folder / "panel-new-assessment.png", full_page=True)
    await desk.get_by_label("每个单位抽取人数").fill("0")
    await desk.get_by_role("button", name="发布考核").click()
    await desk.get_by_role("heading", name=TITLE).wait_for()


async def _chat(phone: PhonePage, url: str, code: str, folder: Path) -> None:
    await phone.page.goto(f"{url}/chat/")
    await phone.see("欢迎来到豫食学堂")
    await phone.say(code)
    await phone.see("您被抽中")
    await _begin_anew(phone)
    await _picture(phone.page, folder / "chat-home.png")
    await phone.say("疫苗冷链断了怎么办")
    await phone.see("起施行")
    await phone.page.locator("#log").evaluate("log => log.scrollBy(0, -80)")  # the question above the answer
    await _picture(phone.page, folder / "chat-answer.png")
    await _begin_anew(phone)
    await phone.tap("我的考核：")
    await phone.see("状态：待开始")
    await phone.tap("现在开始")
    await phone.see("第 1/")
    await _picture(phone.page, folder / "chat-question.png")


async def _begin_anew(phone: PhonePage) -> None:
    await phone.page.reload()
    await phone.see("待开始，请在")


async def _let_others_sit(data: Path, url: str) -> None:
    """Everybody joins and is told; two of five have handed in, one of five is at it, the others have not come yet."""
    database = Database(f"sqlite+aiosqlite:///{data / 'yushi.db'}")
    bank = QuestionBank.build(database, utc_now)
    exam = Exam.build(database, bank, utc_now)
    view = next(view for view in await exam.assessments.list_assessments(OPERATOR) if view.title == TITLE)
    round_id = view.rounds[0].id
    drawn = await exam.assessments.list_drawn(OPERATOR, round_id)
    others = [each for each in drawn if not await exam.attempts.find_open(each, AttemptMode.ASSESSMENT)]
    chats = {person_id: SocketChat(url, str(person_id)) for person_id in others}
    for person_id, chat in chats.items():
        await chat.connect()
        await chat.say(await exam.people.issue_join_code(person_id))
    for chat in chats.values():
        await chat.find(says("您被抽中"))
        await chat.close()
    for number, person_id in enumerate(others):
        if number % 5 in (1, 3):
            await factories.sit(exam, bank.questions, person_id, round_id, right=30 - number % 6)
        elif number % 5 == 2:
            await exam.sitting.start(person_id, round_id)
    await database.close()


async def _look(desk: Page, url: str, folder: Path) -> None:
    await desk.goto(desk.url.partition("?")[0])
    await _picture(desk, folder / "panel-live.png")
    await desk.goto(f"{url}/admin/")
    await _picture(desk, folder / "panel-overview.png")
    await desk.goto(f"{url}/admin/pass-rates")
    await _picture(desk, folder / "panel-pass-rates.png")


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.screenshots FOLDER")
    executable = find_chromium()
    if executable is None:
        sys.exit("no Chromium found")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(make_pictures(folder, executable))


if __name__ == "__main__":
    main()
