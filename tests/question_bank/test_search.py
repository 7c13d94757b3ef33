"""Questions to the loaded regulations: the right article, or an honest word that there is none."""

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from question_bank.database import Database
from question_bank.regulations.rules import ArticleNumber
from question_bank.search.query import MAX_QUESTION_LENGTH
from question_bank.search.service import Answer, AnswerKind
from question_bank.search.tables import UnansweredQuestion
from question_bank.wiring import QuestionBank
from tests.fakes import START, FakeClock, FakeModel
from tests.question_bank.samples import SAMPLE_LAW, articles, write_law

NONSENSE = {
    "今天天气怎么样": "今天天气怎么样",
    "asdf qwer zxcv": "asdf qwer zxcv",
    "帮我写一首诗": "帮我写一首诗",
    "😀🎉👍🏽": "😀🎉👍🏽",
    "喵" * 4096: "喵" * MAX_QUESTION_LENGTH,
    "'; DROP TABLE question; --": "'; DROP TABLE question; --",
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    "？！。，、…": "?!。,、...",
    "%s {0} \\x00 ${HOME}": "%s {0} \\x00 ${HOME}",
    "药品管理法今天天气怎么样": "药品管理法今天天气怎么样",
}


def hits(answer: Answer) -> list[tuple[str, int]]:
    return [(hit.article.short_name, hit.article.number.number) for hit in answer.hits]


async def noted(database: Database) -> dict[str, tuple[int, dt.datetime, dt.datetime]]:
    async with database.reading() as session:
        rows = await session.scalars(select(UnansweredQuestion))
        return {row.question: (row.times, row.first_asked_at, row.last_asked_at) for row in rows}


async def test_an_article_asked_for_by_number_is_quoted(bank: QuestionBank) -> None:
    for question, article in {
        "药品管理法第51条": ("药品管理法", 51),
        "疫苗法四十六条": ("疫苗管理法", 46),
        "药管法51条": ("药品管理法", 51),
        "药品管里法第五十一条": ("药品管理法", 51),
    }.items():
        answer = await bank.search.ask(question)
        assert (answer.kind, answer.confidence, hits(answer)) == (AnswerKind.FOUND, 1.0, [article])
        assert answer.hits[0].article.effective == dt.date(2019, 12, 1)
        assert answer.hits[0].article == await bank.regulations.get_article(article[0], ArticleNumber(article[1]))


async def test_what_cannot_be_quoted_is_told_apart(bank: QuestionBank, database: Database) -> None:
    for question, kind, law, count in [
        ("药品管理法第999条", AnswerKind.NO_SUCH_ARTICLE, "药品管理法", 155),
        ("疫苗管理法第999条", AnswerKind.NO_SUCH_ARTICLE, "疫苗管理法", 100),
        ("疫苗管理法第101条", AnswerKind.NO_SUCH_ARTICLE, "疫苗管理法", 100),
        ("疫苗管理法第0条", AnswerKind.NO_SUCH_ARTICLE, "疫苗管理法", 100),
        ("疫苗管理法第九九九九九九九九九条", AnswerKind.NO_SUCH_ARTICLE, "疫苗管理法", 100),
        ("食品安全法实施条例第三条", AnswerKind.TEXT_NOT_LOADED, "食品安全法实施条例", 0),
        ("学校食品安全规定要求留样多久", AnswerKind.TEXT_NOT_LOADED, "学校食品安全与营养健康管理规定", 0),
    ]:
        answer = await bank.search.ask(question)
        assert (answer.kind, answer.hits, answer.confidence, answer.article_count) == (kind, (), 0.0, count), question
        assert answer.law is not None
        assert answer.law.short_name == law
    for question in ("第85条", "85条"):
        answer = await bank.search.ask(question)
        assert (answer.kind, answer.hits, answer.law) == (AnswerKind.LAW_MISSING, (), None), question
    for question, name in {
        "宪法第85条": "宪法",
        "传染病防治法实施办法第八十五条": "传染病防治法实施办法",
        "《劳动合同法》里试用期多长": "劳动合同法",
    }.items():
        answer = await bank.search.ask(question)
        assert (answer.kind, answer.hits, answer.law_name) == (AnswerKind.LAW_UNKNOWN, (), name), question
    assert await noted(database) == {}, "these have an answer: nothing for the trainers' list"


async def test_a_question_in_everyday_words_finds_its_article(bank: QuestionBank) -> None:
    answer = await bank.search.ask("疫苗冷链断了怎么办")
    assert answer.kind is AnswerKind.FOUND
    assert hits(answer)[0] == ("疫苗管理法", 37)
    assert 0.5 < answer.confidence <= 1.0
    for question, article in {
        "食堂员工没有健康证可以上班吗": ("食品安全法", 45),
        "哪一条规定了疫苗冷链": ("疫苗管理法", 37),
        "疫苗管理法里哪一条规定了冷链": ("疫苗管理法", 37),
    }.items():
        found = hits(await bank.search.ask(question))
        assert article in found[:2], (question, found)


async def test_no_more_hits_than_asked_for(bank: QuestionBank) -> None:
    assert [len((await bank.search.ask("疫苗接种", top=top)).hits) for top in (1, 2, 20, 21)] == [1, 2, 20, 20]
    assert len((await bank.search.ask("疫苗法第1条，第2条，第3条", top=2)).hits) == 2


async def test_what_nothing_answers_is_said_so_and_counted_once(bank: QuestionBank, database: Database, clock: FakeClock) -> None:
    for question in NONSENSE:
        answer = await bank.search.ask(question)
        assert (answer.kind, answer.hits, answer.law) == (AnswerKind.NOT_ANSWERED, (), None), question
        assert answer.confidence < 0.4
    assert await noted(database) == dict.fromkeys(NONSENSE.values(), (1, START, START))

    clock.advance(minutes=5)
    await bank.search.ask("今天天气怎么样\n")
    assert (await noted(database))["今天天气怎么样"] == (2, START, clock())
    for blank in ("", " \n\t　", "\x00", "\ud800"):
        assert (await bank.search.ask(blank)).kind is AnswerKind.NOT_ANSWERED
    assert len(await noted(database)) == len(NONSENSE), "a blank is no question"


async def test_near_topics_are_offered_when_part_of_a_question_is_known(bank: QuestionBank) -> None:
    answer = await bank.search.ask("食堂留样多少克")
    assert answer.kind is AnswerKind.NOT_ANSWERED
    assert 1 <= len(answer.nearest) <= 3
    assert answer.hits == ()


async def test_a_law_loaded_meanwhile_is_found_without_a_restart(
    bank: QuestionBank, database: Database, clock: FakeClock
) -> None:
    question = "锦鲤池要多久清洗"
    assert (await bank.search.ask(question)).kind is AnswerKind.NOT_ANSWERED
    assert (await bank.search.ask("样例法第1条")).kind is AnswerKind.LAW_UNKNOWN
    await write_law(database, articles("锦鲤池每月清洗。"))
    assert hits(await bank.search.ask(question))[0] == (SAMPLE_LAW, 1)
    assert hits(await bank.search.ask("法规样例第1条")) == [(SAMPLE_LAW, 1)]
    await write_law(database, articles("锦鲤池不必清洗。"))  # the same version, corrected in the same instant
    assert (await bank.search.ask(question)).hits[0].article.text == "锦鲤池不必清洗。"


async def test_a_version_answers_from_its_day_on(empty_database: Database, clock: FakeClock) -> None:
    search = QuestionBank.build(empty_database, clock).search
    await write_law(empty_database, articles("锦鲤池每月清洗。"), effective=dt.date(2026, 11, 25))
    assert (await search.ask("锦鲤池清洗")).kind is AnswerKind.NOT_ANSWERED
    assert (await search.ask("样例法第1条")).kind is AnswerKind.TEXT_NOT_LOADED
    await write_law(empty_database, articles("锦鲤池每年清洗。"), effective=dt.date(2026, 11, 26), version_label="2026年修正")
    clock.advance(hours=15)  # midnight in China
    assert (await search.ask("锦鲤池清洗")).hits[0].article.text == "锦鲤池每月清洗。"
    assert (await search.ask("样例法第2条")).kind is AnswerKind.NO_SUCH_ARTICLE
    clock.advance(days=1)
    assert (await search.ask("锦鲤池清洗")).hits[0].article.version_label == "2026年修正"


async def test_an_empty_database_answers_honestly(empty_database: Database, clock: FakeClock) -> None:
    search = QuestionBank.build(empty_database, clock).search
    assert (await search.ask("疫苗冷链断了怎么办")).kind is AnswerKind.NOT_ANSWERED
    assert (await search.ask("药品管理法第51条")).kind is AnswerKind.LAW_UNKNOWN


PIECES = [
    "药品管理法",
    "疫苗法",
    "药品管里法",
    "第",
    "条",
    "之一",
    "51",
    "九九",
    "千",
    "一百二",
    "0",
    "冷链",
    "假药",
    "》",
    "\x00",
    "\ud800",
    " ",
]


@given(question=st.one_of(st.text(st.characters(), max_size=60), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)))
@settings(max_examples=80, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
async def test_whatever_is_typed_gets_an_answer(bank: QuestionBank, question: str) -> None:
    answer = await bank.search.ask(question)
    assert (answer.kind is AnswerKind.FOUND) == bool(answer.hits)
    assert 0.0 <= answer.confidence <= 1.0


async def test_vectors_are_computed_a_little_at_a_time_and_kept(database: Database, clock: FakeClock) -> None:
    model = FakeModel()
    search = QuestionBank.build(database, clock, lambda: model).search
    assert not await search.knows_meaning()
    heard: list[tuple[int, int]] = []
    while not await search.work_on_vectors(lambda done, total: heard.append((done, total))):
        pass
    assert await search.knows_meaning()
    assert heard[-1][0] == heard[-1][1] == model.calls, "each text once"
    assert hits(await search.ask("疫苗冷链断了怎么办"))

    again = FakeModel()
    assert await QuestionBank.build(database, clock, lambda: again).search.knows_meaning()
    assert again.calls == 0, "what was kept is not computed again"
