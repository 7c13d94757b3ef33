"""The pages that only show things: overview, bank, regulations, organisations."""

import re

import pytest
from sqlalchemy import update

from admin.pool_counts import count_pool
from question_bank.questions.rules import QuestionType
from question_bank.regulations.rules import ArticleNumber
from question_bank.regulations.tables import Article
from tests.admin.browser import Browser
from tests.admin.world import World


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("login", "sections"),
    [
        ("admin", ["概览", "抽查考核", "合格率", "题库", "教检索", "待审", "法规", "单位"]),
        ("regulator", ["概览", "抽查考核", "合格率", "法规", "单位"]),
        ("trainer", ["概览", "题库", "教检索", "待审", "法规"]),
        ("manager", ["概览", "合格率", "法规", "单位"]),
    ],
)
async def test_the_navigation_shows_only_what_the_role_may_open(
    browser: Browser, world: World, login: str, sections: list[str]
) -> None:
    await browser.sign_in(login)
    page = await browser.get("/admin/")
    navigation = page.text.split('<nav class="nav"')[1].split("</nav>")[0]
    assert re.findall(r">([^<>\s]+)</a>", navigation) == sections
    assert navigation.count('aria-current="page"') == 1
    for address in re.findall(r'href="([^"]+)"', page.text.split("<main")[1]):
        assert (await browser.get(address)).status in (200, 303), "the overview leads nowhere that is closed"


@pytest.mark.asyncio
async def test_a_regulators_overview_shows_what_runs_and_what_comes(browser: Browser, world: World) -> None:
    await world.open_assessment(title="正在考的")
    await world.assessments.create(await world.actor("admin"), world.plan(title="将要考的"))
    await browser.sign_in("regulator")
    page = (await browser.get("/admin/")).words
    running, coming = page.split("即将开始")
    assert "正在考的 进行中 郑州市 · 应考6人 · 2026-11-24 11:00 结束" in running
    assert "将要考的 待开始 郑州市 · 2026-11-24 09:00 （马上开始）" in coming
    assert "人数不足3人，不显示" in coming


@pytest.mark.asyncio
async def test_a_managers_overview_shows_the_own_schools_rate_with_its_n(browser: Browser, world: World) -> None:
    _, round_id = await world.open_assessment()
    for name in ("张三", "李四", "王五"):
        await world.sit(name, round_id)
    await world.sit("赵六", round_id)
    await browser.sign_in("manager")
    page = (await browser.get("/admin/")).words
    assert "100.0% n=3" in page
    assert "金水一小 金水区 100.0% （3/3）" in page
    assert "中原二中" not in page
    assert "新建抽查考核" not in page


@pytest.mark.asyncio
async def test_a_trainers_overview_counts_the_bank_by_law_and_type(browser: Browser, world: World) -> None:
    counts = count_pool(await world.questions.pool())
    await browser.sign_in("trainer")
    page = (await browser.get("/admin/")).words
    for law, types in counts.items():
        assert " ".join([law, *map(str, types.values()), str(sum(types.values()))]) in page
    assert f"启用的试题共{sum(sum(types.values()) for types in counts.values())}道" in page


@pytest.mark.asyncio
async def test_the_bank_can_be_narrowed_by_law_and_type(browser: Browser, world: World) -> None:
    await browser.sign_in("trainer")
    every = await world.questions.list_questions()
    wanted = [q for q in await world.questions.list_questions("疫苗管理法") if q.content.type is QuestionType.TRUE_FALSE]
    assert f"共{len(every)}道题" in (await browser.get("/admin/bank")).words
    assert len(wanted) > 50
    pages = [await browser.get(f"/admin/bank?law=疫苗管理法&type=true_false&page={n}") for n in (1, 2)]
    assert all(f"共{len(wanted)}道题" in page.words for page in pages)
    shown = [version_id for page in pages for version_id in re.findall(r"/admin/bank/(\d+)\"", page.text)]
    assert shown == [str(question.version_id) for question in wanted]
    assert f"共{len(every)}道题" in (await browser.get("/admin/bank?law=没有的&type=x")).words


@pytest.mark.asyncio
async def test_the_bank_shows_fifty_questions_a_page_and_each_once(browser: Browser, world: World) -> None:
    await browser.sign_in("trainer")
    total = len(await world.questions.list_questions())
    pages = -(-total // 50)
    assert pages > 1
    seen: list[str] = []
    for number in range(1, pages + 1):
        seen += re.findall(r"/admin/bank/(\d+)\"", (await browser.get(f"/admin/bank?page={number}")).text)
    assert len(seen) == len(set(seen)) == total
    for beyond in ("999", "0", "-1", "x", "", "9" * 400):
        assert (await browser.get(f"/admin/bank?page={beyond}")).status == 200


@pytest.mark.asyncio
async def test_a_question_is_shown_with_key_reasons_and_articles(browser: Browser, world: World) -> None:
    await browser.sign_in("trainer")
    question = next(q for q in await world.questions.list_questions() if q.content_key == "vaccine-010-1")
    page = await browser.get(f"/admin/bank/{question.version_id}")
    for text in (question.content.stem, question.content.explanation, *(o.reason for o in question.content.options if o.reason)):
        assert text in page.words
    key = next(option.text for option in question.content.options if option.is_key)
    assert f"{key} ✓ 正确答案" in page.words
    assert page.words.count("正确答案") == 1
    link = re.search(r'href="(/admin/regulations/[^"]+/10)"', page.text)
    assert link
    assert "第十条" in (await browser.get(link[1])).words


@pytest.mark.asyncio
@pytest.mark.parametrize("version", ["999999999", "0", "x", "99999999999999999999"])
async def test_a_question_that_is_none_is_not_found(browser: Browser, world: World, version: str) -> None:
    await browser.sign_in("trainer")
    assert (await browser.get(f"/admin/bank/{version}")).status == 404


@pytest.mark.asyncio
async def test_the_register_says_plainly_which_texts_are_not_loaded(browser: Browser, world: World) -> None:
    await browser.sign_in("manager")
    page = await browser.get("/admin/regulations")
    rows = page.text.split("<tr>")[2:]
    for regulation in await world.regulations.list_regulations():
        row = next(row for row in rows if f">{regulation.short_name}<" in row)
        assert ("文本未载入" in row) is not regulation.is_loaded
        assert f"{regulation.effective.year}年" in row


@pytest.mark.asyncio
async def test_an_article_is_quoted_with_number_version_and_effective_date(browser: Browser, world: World) -> None:
    await browser.sign_in("manager")
    article = await world.regulations.get_article("疫苗管理法", ArticleNumber(45))
    page = await browser.get("/admin/regulations/疫苗管理法/45")
    for paragraph in article.paragraphs:
        assert paragraph in page.text
    assert "中华人民共和国主席令第三十号，2019年公布，自2019年12月1日起施行" in page.words
    assert "/44" in page.text
    assert "/46" in page.text
    assert "下一条" not in (await browser.get("/admin/regulations/疫苗管理法/100")).words
    assert "上一条" not in (await browser.get("/admin/regulations/疫苗管理法/1")).words


@pytest.mark.asyncio
async def test_an_amended_article_is_never_shown_as_current(browser: Browser, world: World) -> None:
    await browser.sign_in("manager")
    async with world.database.transaction() as session:
        await session.execute(update(Article).where(Article.number == 7).values(is_outdated=True))
    assert "不是现行文本" in (await browser.get("/admin/regulations/疫苗管理法/7")).words
    assert "不是现行文本" not in (await browser.get("/admin/regulations/疫苗管理法/8")).words


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("疫苗管理法/101", "现行文本中没有第一百零一条"),
        ("疫苗管理法/9999-99", "现行文本中没有"),
        ("食品安全法实施条例/5", "文本未载入"),
        ("没有的法/1", "没有找到"),
        ("没有的法", "没有找到"),
        ("疫苗管理法/0", "没有找到"),
        ("疫苗管理法/第一条", "没有找到"),
        ("疫苗管理法/10000", "没有找到"),
        ("%00/1", "没有找到"),
    ],
)
async def test_an_article_that_is_not_there_is_said_to_be_missing(
    browser: Browser, world: World, address: str, words: str
) -> None:
    await browser.sign_in("manager")
    reply = await browser.get(f"/admin/regulations/{address}")
    assert reply.status == 404
    assert words in reply.words


@pytest.mark.asyncio
async def test_a_regulation_lists_its_articles_by_chapter(browser: Browser, world: World) -> None:
    await browser.sign_in("trainer")
    page = await browser.get("/admin/regulations/疫苗管理法")
    assert page.text.count("/regulations/%E7%96%AB%E8%8B%97%E7%AE%A1%E7%90%86%E6%B3%95/") == 100
    assert "第一章 总则" in page.words
    assert "文本未载入" in (await browser.get("/admin/regulations/食品安全法实施条例")).words


@pytest.mark.asyncio
async def test_organisations_are_those_of_the_scope_with_their_staff(browser: Browser, world: World) -> None:
    for login, expected in (
        ("admin", {"金水一小": "4", "中原二中": "2", "开封三小": "3"}),
        ("regulator", {"金水一小": "4", "中原二中": "2"}),
        ("kaifeng", {"开封三小": "3"}),
        ("manager", {"金水一小": "4"}),
    ):
        browser.client.session.cookie_jar.clear()
        await browser.sign_in(login)
        page = await browser.get("/admin/people")
        assert (
            dict(re.findall(r'<th scope="row"><a [^>]*>(\S+)</a>\s*</th>.*?"人数" class="n">(\d+)<', page.text, re.DOTALL))
            == expected
        )
        assert f"共{len(expected)}个单位，{sum(map(int, expected.values()))}人" in page.words
