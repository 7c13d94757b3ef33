"""Trainers teach the search in the panel: the list, the trial in plain words, keeping, taking back; and who may not."""

import datetime as dt
import re

import pytest
from sqlalchemy import select

from admin.lesson_form import read_article_number
from question_bank.regulations.rules import ArticleNumber
from question_bank.search.lessons import AliasLesson, Lesson, LexiconLesson, QuestionLesson
from question_bank.search.rules import TodoState, Vote
from question_bank.search.storage import note_unanswered
from question_bank.search.tables import GivenAnswer
from question_bank.search.todo import TodoEntry, TodoKind, TodoRef
from tests.admin.browser import Browser
from tests.admin.world import UNANSWERED, World
from tests.fakes import START
from tests.question_bank.samples import SAMPLE_LAW, articles, write_law

LIST, LESSONS, ONE = "/admin/teaching", "/admin/teaching/lessons", "/admin/teaching/unanswered/1"
REF = TodoRef(TodoKind.UNANSWERED, 1)
LEXICON = {"kind": "lexicon", "everyday": "雪柜", "term": "冷藏柜"}
WAY = {"kind": "question", "law": SAMPLE_LAW, "article": "第一条", "text": "雪柜没人抄温度"}
ALIAS = {"kind": "alias", "alias": "样法", "alias_law": SAMPLE_LAW}
HARMFUL = {"kind": "alias", "alias": "冷藏柜", "alias_law": "另样法"}
TAUGHT: list[tuple[dict[str, str], Lesson]] = [
    (LEXICON, LexiconLesson("雪柜", "冷藏柜")),
    (WAY, QuestionLesson(SAMPLE_LAW, ArticleNumber(1), "雪柜没人抄温度")),
    (ALIAS, AliasLesson("样法", SAMPLE_LAW)),
]


async def kept(world: World) -> list[Lesson]:
    return [each.lesson for each in await world.bank.teaching.list_lessons()]


async def entry(world: World) -> TodoEntry:
    return await world.bank.teaching.get_todo(REF)


async def vote_down(world: World, word: str | None = None) -> int:
    async with world.database.transaction() as session:
        given = GivenAnswer(
            question="留样多久", regulation_id=1, article_number=2, article_suffix=0,
            answered_at=START, vote=Vote.DOWN, word=word, state=TodoState.OPEN,
        )  # fmt: skip
        session.add(given)
        await session.flush()
        assert given.id is not None
        return given.id


async def test_the_list_shows_what_was_asked_how_often_and_when(small_browser: Browser, small_world: World) -> None:
    async with small_world.database.transaction() as session:
        await note_unanswered(session, UNANSWERED, START + dt.timedelta(hours=3))
    page = await small_browser.get(LIST)
    assert page.status == 200
    assert f"{UNANSWERED} 2 2026-11-24 12:00 处理 不处理" in page.words
    assert "没答上来（1） 被评没用（0）" in page.words


async def test_an_answer_voted_down_is_listed_with_its_quotation_and_word(small_browser: Browser, small_world: World) -> None:
    await vote_down(small_world, "<b>答非所问</b>")
    await vote_down(small_world)
    page = await small_browser.get(f"{LIST}?kind=voted_down")
    assert "留样多久 留言：<b>答非所问</b> 样例法第二条 2 2026-11-24 09:00" in page.words
    assert "<b>答非所问" not in page.text, "what people type is never markup"


@pytest.mark.parametrize("address", ["?kind=nonsense", "?page=99", "?page=-1", "?settled=x", "?kind=unanswered&page=٣"])
async def test_a_nonsense_address_shows_the_list(small_browser: Browser, small_world: World, address: str) -> None:
    page = await small_browser.get(f"{LIST}{address}")
    assert (page.status, UNANSWERED in page.words) == (200, True)


async def test_a_long_list_is_paged(small_browser: Browser, small_world: World) -> None:
    async with small_world.database.transaction() as session:
        for n in range(30):
            await note_unanswered(session, f"第{n}个问题怎么办", START + dt.timedelta(hours=1))
    first, second = [await small_browser.get(f"{LIST}?page={n}") for n in (1, 2)]
    assert (UNANSWERED in first.words, UNANSWERED in second.words) == (False, True)
    assert "第1页，共2页" in first.words


async def test_what_needs_no_lesson_is_settled_and_found_again(small_browser: Browser, small_world: World) -> None:
    reply = await small_browser.submit(f"{ONE}/dismiss", page=LIST)
    assert (reply.status, reply.location) == (303, f"{LIST}?kind=unanswered&notice=dismissed")
    settled = await entry(small_world)
    assert (settled.state, settled.decided_by, settled.decided_at) == (TodoState.DISMISSED, "trainer", START)
    again = await small_browser.submit(f"{ONE}/dismiss", page="/admin/")
    assert again.status == 303, "pressing twice changes nothing"
    page = await small_browser.get(reply.location)
    assert "已从清单里去掉" in page.words
    assert UNANSWERED not in page.words
    done = await small_browser.get(f"{LIST}?kind=unanswered&settled=1")
    assert f"{UNANSWERED} 1 2026-11-24 09:00 不处理 trainer， 2026-11-24 09:00 再处理" in done.words


async def test_the_page_of_a_question_shows_what_it_gets_now(small_browser: Browser, small_world: World) -> None:
    page = await small_browser.get(ONE)
    assert UNANSWERED in page.words
    assert "现在会得到什么" in page.words
    assert "样例法第一条 食堂的冷藏柜应当张贴温度记录。 就该是这一条" in page.words
    assert page.text.count("<form") == 4, "three lessons and signing out"


async def test_this_is_the_article_fills_in_the_form(small_browser: Browser, small_world: World) -> None:
    page = await small_browser.get(ONE)
    link = re.search(r'href="([^"]+)#way"', page.text)
    assert link is not None
    chosen = await small_browser.get(link[1].replace("&amp;", "&"))
    assert f"<option selected>{SAMPLE_LAW}</option>" in chosen.text
    assert chosen.words.count("食堂的冷藏柜应当张贴温度记录。") == 2, "in the list and beside the form"
    assert f'name="text" value="{UNANSWERED}"' in chosen.text


async def test_looking_at_an_article_keeps_what_was_typed(small_browser: Browser, small_world: World) -> None:
    page = await small_browser.submit(ONE, WAY | {"article": "2", "step": "look"})
    assert page.status == 200
    assert "样例法第二条 成品应当留样，留样不少于四十八小时。" in page.words
    assert 'value="雪柜没人抄温度"' in page.text
    assert "试一试的结果" not in page.words


@pytest.mark.parametrize(("fields", "lesson"), TAUGHT)
async def test_a_lesson_is_tried_then_kept_then_taken_back(
    small_browser: Browser, small_world: World, fields: dict[str, str], lesson: Lesson
) -> None:
    tried = await small_browser.submit(ONE, fields)
    assert tried.status == 200
    assert "检验题3题：第一条就对100.0% → 100.0%，前五条里有100.0% → 100.0%。" in tried.words
    assert "第一条就对（共2题） 2 2 不变" in tried.words
    assert (await kept(small_world), (await entry(small_world)).state) == ([], TodoState.OPEN)
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', tried.text.split("/keep")[1].split("</form>")[0]))
    done = await small_browser.post(f"{ONE}/keep", form)
    assert (done.status, done.location) == (303, f"{LIST}?kind=unanswered&notice=taught")
    assert await kept(small_world) == [lesson]
    settled = await entry(small_world)
    assert (settled.state, settled.decided_by) == (TodoState.TAUGHT, "trainer")
    listed = await small_browser.get(LESSONS)
    assert "共1条" in listed.words
    address = re.search(r'action="([^"]+/withdraw)"', listed.text)
    assert address is not None
    for _ in range(2):
        gone = await small_browser.submit(address[1], page="/admin/")
        assert (gone.status, gone.location) == (303, f"{LESSONS}?notice=withdrawn")
    assert await kept(small_world) == []


async def test_a_lesson_that_does_nothing_for_the_question_says_so(small_browser: Browser, small_world: World) -> None:
    assert "对它没有帮助" in (await small_browser.submit(ONE, ALIAS)).words
    assert "对它没有帮助" not in (await small_browser.submit(ONE, WAY)).words


async def test_a_harmful_lesson_warns_and_is_kept_only_after_a_tick(small_browser: Browser, small_world: World) -> None:
    other = {"short_name": "另样法", "name": "中华人民共和国另样法", "aliases": ()}
    await write_law(small_world.database, articles("图书应当编目。", "阅览室应当安静。"), **other)
    tried = await small_browser.submit(ONE, HARMFUL)
    assert "变差2题" in tried.words
    assert "名次退后的（2题） 冷藏柜贴温度 冷藏柜清洗除霜" in tried.words
    for reply in (tried, await small_browser.submit(f"{ONE}/keep", HARMFUL, page=ONE)):
        assert reply.status == 200
        assert "别的问题会答得更差" in reply.words
        assert 'name="in_spite"' in reply.text
    assert await kept(small_world) == []
    assert (await small_browser.submit(f"{ONE}/keep", HARMFUL | {"in_spite": "yes"}, page=ONE)).status == 303
    assert await kept(small_world) == [AliasLesson("冷藏柜", "另样法")]


@pytest.mark.parametrize(
    ("fields", "place", "message"),
    [
        (LEXICON | {"everyday": " "}, "everyday", "请填写"),
        (LEXICON | {"term": ""}, "term", "请填写"),
        (LEXICON | {"term": "冰淇淋"}, "term", "已载入的法条里没有这个词"),
        (LEXICON | {"everyday": "柜"}, "everyday", "请至少写两个字"),
        (LEXICON | {"everyday": "雪" * 21}, "everyday", "请不要超过20个字"),
        (LEXICON | {"everyday": "怎么办"}, "everyday", "请换成更具体的词"),
        (WAY | {"law": ""}, "law", "请填写"),
        (WAY | {"law": "没有的法"}, "law", "请从列出的选项中选择"),
        (WAY | {"article": "五十"}, "article", "没有这一条"),
        (WAY | {"article": "x"}, "article", "请填写条号"),
        (WAY | {"text": "问" * 61}, "text", "请不要超过60个字"),
        (ALIAS | {"alias_law": "没有的法"}, "alias_law", "请从列出的选项中选择"),
        ({"kind": "nonsense"}, "kind", "请从列出的选项中选择"),
        ({}, "kind", "请从列出的选项中选择"),
    ],
)
async def test_an_unsound_lesson_is_refused_where_it_is_wrong(
    small_browser: Browser, small_world: World, fields: dict[str, str], place: str, message: str
) -> None:
    for path in (ONE, f"{ONE}/keep"):
        reply = await small_browser.submit(path, fields, page=ONE)
        assert reply.status == 422
        assert re.search(f'<a href="#{place}">[^<]*{message}', reply.text)
    assert (await kept(small_world), (await entry(small_world)).state) == ([], TodoState.OPEN)


async def test_what_is_known_already_is_not_tried_and_settles_the_entry_when_kept(
    small_browser: Browser, small_world: World
) -> None:
    known = ALIAS | {"alias": "法规样例"}
    tried = await small_browser.submit(ONE, known)
    assert (tried.status, "这一条已经有了，不用再教" in tried.words) == (422, True)
    assert (await small_browser.submit(f"{ONE}/keep", known, page=ONE)).status == 303
    assert (await kept(small_world), (await entry(small_world)).state) == ([], TodoState.TAUGHT)


@pytest.mark.parametrize("path", ["/admin/teaching/unanswered/99", "/admin/teaching/voted_down/1"])
async def test_an_entry_that_is_not_there_is_not_found(small_browser: Browser, small_world: World, path: str) -> None:
    assert (await small_browser.get(path)).status == 404
    for action in ("", "/keep", "/dismiss"):
        assert (await small_browser.submit(f"{path}{action}", LEXICON, page=LIST)).status == 404


@pytest.mark.parametrize("login", ["regulator", "manager", "kaifeng"])
async def test_other_roles_teach_nothing_even_with_a_token(small_browser: Browser, small_world: World, login: str) -> None:
    lesson_id = await _taught(small_world)
    small_browser.client.session.cookie_jar.clear()
    await small_browser.sign_in(login)
    for path in (LIST, LESSONS, ONE):
        assert (await small_browser.get(path)).status == 403
    fields = LEXICON | {"csrf_token": await small_browser.token("/admin/")}
    for path in (ONE, f"{ONE}/keep", f"{ONE}/dismiss", f"{LESSONS}/alias/{lesson_id}/withdraw"):
        assert (await small_browser.post(path, fields)).status == 403
    assert await kept(small_world) == [AliasLesson("样法", SAMPLE_LAW)]


@pytest.mark.parametrize("token", [{}, {"csrf_token": "x" * 43}])
async def test_without_its_token_no_form_is_taken(small_browser: Browser, small_world: World, token: dict[str, str]) -> None:
    lesson_id = await _taught(small_world)
    for path in (ONE, f"{ONE}/keep", f"{ONE}/dismiss", f"{LESSONS}/alias/{lesson_id}/withdraw"):
        reply = await small_browser.post(path, LEXICON | token)
        assert (reply.status, "请" in reply.words) == (403, True)
    assert await kept(small_world) == [AliasLesson("样法", SAMPLE_LAW)]
    async with small_world.database.reading() as session:
        assert (await session.scalars(select(GivenAnswer))).all() == []


async def _taught(world: World) -> int:
    """A lesson that is there already, kept for another entry; its id."""
    async with world.database.transaction() as session:
        await note_unanswered(session, "别的问题", START)
    assert await world.bank.teaching.keep(AliasLesson("样法", SAMPLE_LAW), "trainer", TodoRef(TodoKind.UNANSWERED, 2))
    return (await world.bank.teaching.list_lessons())[0].id


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("45", ArticleNumber(45)),
        (" 第４５条 ", ArticleNumber(45)),
        ("第四十五条", ArticleNumber(45)),
        ("四十五", ArticleNumber(45)),
        ("142-1", ArticleNumber(142, 1)),
        ("第一百四十二条之一", ArticleNumber(142, 1)),
        ("142条之1", ArticleNumber(142, 1)),
        ("", None),
        ("第条", None),
        ("45款", None),
        ("-45", None),
        ("45 46", None),
    ],
)
def test_an_article_number_is_read_as_people_write_it(typed: str, number: ArticleNumber | None) -> None:
    assert read_article_number(typed) == number
