"""Reviews after an amendment in the panel: old and new text with the changed words marked, confirming, and who may not."""

import datetime as dt
import re

import pytest

from question_bank.companions.rules import CompanionKind, Origin
from question_bank.companions.tables import Companion
from question_bank.questions import storage as questions
from question_bank.questions.rules import Citation, QuestionState
from question_bank.regulations.importing.rules import LawText
from question_bank.regulations.importing.use_case import ImportOrder
from question_bank.regulations.rules import ArticleNumber
from question_bank.reviews.rules import ReviewState
from tests.admin.browser import Browser
from tests.admin.conftest import SMALL_LAW
from tests.admin.world import World
from tests.fakes import START
from tests.question_bank.samples import SAMPLE_LAW, articles, question

PAGE = "/admin/reviews"
COMING = dt.date(2026, 12, 1)
CHANGED = ("食堂的冷藏柜应当张贴湿度记录。", *SMALL_LAW[1:3])
"""Article 1 says another word, article 4 is gone."""


@pytest.fixture
async def amended(small_world: World) -> World:
    """A question and a digest on article 1, a question on article 4, and an amendment of both from 1 December 2026."""
    for key, number in (("sample-1", 1), ("sample-4", 4)):
        content = question(citations=(Citation(SAMPLE_LAW, ArticleNumber(number)),), stem=f"{key}问什么？")
        async with small_world.database.transaction() as session:
            laws = await questions.regulation_ids(session)
            published = QuestionState.PUBLISHED
            await questions.write_version(session, key, content, laws, state=published, author="tests", reason="", now=START)
    async with small_world.database.transaction() as session:
        session.add(
            Companion(
                regulation_id=1, article_number=1, article_suffix=0, kind=CompanionKind.DIGEST, text="冷藏柜要贴温度记录",
                origin=Origin.SHIPPED, author="tests", created_at=START,
            )
        )  # fmt: skip
    text = LawText("中华人民共和国样例法", tuple(articles(*CHANGED)))
    await small_world.bank.regulations.import_text(ImportOrder(text, "tests", effective=COMING))
    return small_world


async def take_effect(browser: Browser, world: World) -> None:
    """The amendment's day has come; the session that was open before has run out."""
    world.clock.advance(days=7)
    await browser.sign_in("trainer")


async def states(world: World) -> list[ReviewState]:
    return [entry.state for entry in await world.bank.reviews.impact(SAMPLE_LAW)]


async def test_without_an_amendment_there_is_nothing_to_look_at(small_browser: Browser, small_world: World) -> None:
    assert "没有待审的内容" in (await small_browser.get(PAGE)).words


async def test_old_and_new_text_stand_side_by_side_with_the_changed_words_marked(small_browser: Browser, amended: World) -> None:
    page = await small_browser.get(PAGE)
    assert (page.status, "共3项，其中0项已经停用" in page.words) == (200, True)
    assert re.findall(r"<(del|ins)>(.*?)</\1>", page.text) == [("del", "温度"), ("ins", "湿度"), ("del", SMALL_LAW[3])]
    assert "食堂的冷藏柜应当张贴 温度 记录。" in page.words
    assert "没有这一条" in page.words, "of the article that is gone"
    assert page.words.count("2026年12月1日起停用") == 2, "once an article, however much cites it"


async def test_from_the_effective_date_they_are_held_back_and_the_bank_says_so(small_browser: Browser, amended: World) -> None:
    assert "待审，暂不进试卷" not in (await small_browser.get("/admin/bank")).words
    await take_effect(small_browser, amended)
    assert "共3项，其中3项已经停用" in (await small_browser.get(PAGE)).words
    bank = await small_browser.get("/admin/bank")
    assert "有2道题因法规修正待审，暂不进试卷" in bank.words
    assert bank.text.count('<span class="tag tag-warn">待审</span>') == 2
    one = re.search(r'href="(/admin/bank/\d+)"', bank.text)
    assert one is not None
    assert "它引用的条文修正过" in (await small_browser.get(one[1])).words


async def test_confirming_settles_one_and_twice_is_once(small_browser: Browser, amended: World) -> None:
    await take_effect(small_browser, amended)
    page = await small_browser.get(PAGE)
    address = re.search(r'action="(/admin/reviews/(\d+)/confirm\?page=1)"', page.text)
    assert address is not None
    for _ in range(2):
        reply = await small_browser.submit(address[1], page=PAGE)
        assert (reply.status, reply.location) == (303, f"{PAGE}?notice=confirmed&page=1")
    assert sorted(await states(amended)) == [ReviewState.CONFIRMED, ReviewState.OPEN, ReviewState.OPEN]
    confirmed = next(e for e in await amended.bank.reviews.impact(SAMPLE_LAW) if e.state is ReviewState.CONFIRMED)
    assert (confirmed.id, confirmed.decided_by, confirmed.decided_at) == (int(address[2]), "trainer", amended.clock())
    after = await small_browser.get(reply.location)
    assert "已确认。" in after.words
    assert "共2项" in after.words


async def test_a_review_that_is_not_there_is_not_found(small_browser: Browser, amended: World) -> None:
    assert (await small_browser.submit(f"{PAGE}/99/confirm", page=PAGE)).status == 404


@pytest.mark.parametrize("login", ["regulator", "manager", "kaifeng"])
async def test_other_roles_confirm_nothing_even_with_a_token(small_browser: Browser, amended: World, login: str) -> None:
    small_browser.client.session.cookie_jar.clear()
    await small_browser.sign_in(login)
    assert (await small_browser.get(PAGE)).status == 403
    assert (await small_browser.submit(f"{PAGE}/1/confirm", page="/admin/")).status == 403
    assert await states(amended) == [ReviewState.OPEN] * 3


@pytest.mark.parametrize("token", [{}, {"csrf_token": "x" * 43}])
async def test_without_its_token_nothing_is_confirmed(small_browser: Browser, amended: World, token: dict[str, str]) -> None:
    assert (await small_browser.post(f"{PAGE}/1/confirm", token)).status == 403
    assert await states(amended) == [ReviewState.OPEN] * 3


async def test_the_register_tells_of_texts_to_come(small_browser: Browser, amended: World) -> None:
    assert "新文本自2026年12月1日起施行" in (await small_browser.get("/admin/regulations")).words
    await take_effect(small_browser, amended)
    assert "新文本自" not in (await small_browser.get("/admin/regulations")).words
