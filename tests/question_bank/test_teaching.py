"""Trainers teach the search: the list of what it missed, lessons tried on the evaluation, kept, and taken back."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import select

from question_bank.companions.rules import CompanionKind, Origin
from question_bank.companions.tables import Companion
from question_bank.database import Database
from question_bank.regulations.rules import ArticleNumber, RegulationStatus
from question_bank.search import storage
from question_bank.search.evaluation import Case
from question_bank.search.lessons import AliasLesson, Lesson, LessonKind, LexiconLesson, Problem, QuestionLesson
from question_bank.search.meaning import load_model
from question_bank.search.rules import TodoState, Vote
from question_bank.search.service import AnswerKind
from question_bank.search.tables import GivenAnswer, LawAlias, LexiconEntry, UnansweredQuestion
from question_bank.search.teaching import FiguresWorse, LessonRefused, Teaching
from question_bank.search.todo import TodoKind, TodoNotFound, TodoRef
from question_bank.wiring import QuestionBank
from tests.fakes import START, FakeClock
from tests.question_bank.samples import SAMPLE_LAW, articles, write_law

OTHER_LAW = "另样法"
TEXTS = (
    "食堂的冷藏柜应当张贴温度记录。",
    "成品应当留样，留样不少于四十八小时。",
    "操场跑道每年检修一次。",
    "冷藏柜应当定期除霜清洗。",
)
OTHER_TEXTS = ("图书应当编目。", "阅览室应当安静。")
CASES = [
    Case("t1", "冷藏柜要不要贴温度", frozenset({(SAMPLE_LAW, ArticleNumber(1))})),
    Case("t2", "冷藏柜除霜清洗", frozenset({(SAMPLE_LAW, ArticleNumber(4))})),
    Case("t3", "跑道检修", frozenset({(SAMPLE_LAW, ArticleNumber(3))})),
    Case("t4", "火箭发射", frozenset()),
]
QUESTION = "雪柜没贴纸"
"""What nobody's article says in these words."""

LEXICON = LexiconLesson("雪柜", "冷藏柜")
WAY = QuestionLesson(SAMPLE_LAW, ArticleNumber(1), "雪柜没贴纸会怎样")
ALIAS = AliasLesson("样法", SAMPLE_LAW)
HARMFUL = AliasLesson("冷藏柜", OTHER_LAW)
"""Taken for the name of a law that says nothing of the matter, it costs the two questions about refrigerators their place."""


@pytest.fixture
async def small(empty_database: Database, clock: FakeClock) -> QuestionBank:
    """Two made-up laws, and a bank that is judged by four questions."""
    await write_law(empty_database, articles(*TEXTS))
    await write_law(empty_database, articles(*OTHER_TEXTS), short_name=OTHER_LAW, name=f"中华人民共和国{OTHER_LAW}", aliases=())
    return judged(QuestionBank.build(empty_database, clock), empty_database, clock)


def judged(bank: QuestionBank, database: Database, clock: FakeClock) -> QuestionBank:
    return replace(bank, teaching=Teaching(database, bank.search, clock, lambda: CASES))


async def unanswered(database: Database, question: str = QUESTION, *, times: int = 1, hours: int = 0) -> TodoRef:
    async with database.transaction() as session:
        for n in range(times):
            await storage.note_unanswered(session, question, START + dt.timedelta(hours=hours + n))
    async with database.reading() as session:
        row = (await session.scalars(select(UnansweredQuestion).where(UnansweredQuestion.question == question))).one()
    assert row.id is not None
    return TodoRef(TodoKind.UNANSWERED, row.id)


async def answered(
    database: Database, question: str, vote: Vote | None, word: str | None = None, *, article: int = 1, hours: int = 0
) -> TodoRef:
    async with database.transaction() as session:
        row = GivenAnswer(
            question=question, regulation_id=1, article_number=article, article_suffix=0,
            answered_at=START + dt.timedelta(hours=hours), vote=vote, word=word, state=TodoState.OPEN,
        )  # fmt: skip
        session.add(row)
        await session.flush()
        assert row.id is not None
        return TodoRef(TodoKind.VOTED_DOWN, row.id)


async def rows(database: Database) -> tuple[list[tuple[str, str, str]], list[tuple[str, str]], list[tuple[str, str]]]:
    """What is written: lexicon entries, names, and trainers' ways to ask, with their authors."""
    async with database.reading() as session:
        lexicon = [(e.everyday, e.term, e.author) for e in await session.scalars(select(LexiconEntry))]
        aliases = [(a.alias, a.author) for a in await session.scalars(select(LawAlias))]
        mine = select(Companion).where(Companion.origin == Origin.TRAINER)
        ways = [(c.text, c.author) for c in await session.scalars(mine)]
    return lexicon, aliases, ways


async def first(bank: QuestionBank, question: str = QUESTION) -> tuple[str, int] | None:
    hits = (await bank.teaching.given_now(question)).hits
    return (hits[0].article.short_name, hits[0].article.number.number) if hits else None


async def test_what_was_asked_most_is_on_top_of_the_list(small: QuestionBank, empty_database: Database) -> None:
    await unanswered(empty_database, "甲问", times=2)
    await unanswered(empty_database, "乙问", times=3)
    await unanswered(empty_database, "丙问", times=2, hours=5)
    entries = await small.teaching.list_todo(TodoKind.UNANSWERED)
    assert [(e.question, e.times) for e in entries] == [("乙问", 3), ("丙问", 2), ("甲问", 2)]
    assert (entries[0].first_at, entries[0].last_at) == (START, START + dt.timedelta(hours=2))
    assert [e.question for e in await small.teaching.list_todo(TodoKind.UNANSWERED, offset=1, limit=1)] == ["丙问"]
    assert await small.teaching.count_todo(TodoKind.UNANSWERED) == 3
    assert await small.teaching.count_todo(TodoKind.VOTED_DOWN) == 0


async def test_equal_votes_are_one_entry_with_what_people_wrote(small: QuestionBank, empty_database: Database) -> None:
    await answered(empty_database, "冷藏柜", Vote.DOWN, "答非所问")
    await answered(empty_database, "冷藏柜", Vote.DOWN, hours=1)
    await answered(empty_database, "冷藏柜", Vote.DOWN, "看不懂", hours=2)
    await answered(empty_database, "冷藏柜", Vote.UP, "很好")
    await answered(empty_database, "冷藏柜", Vote.DOWN, "别的条", article=4)
    await answered(empty_database, "冷藏柜", None)
    one, other = await small.teaching.list_todo(TodoKind.VOTED_DOWN)
    assert (one.question, one.times, one.law, one.article) == ("冷藏柜", 3, SAMPLE_LAW, ArticleNumber(1))
    assert (one.words, other.words) == (("答非所问", "看不懂"), ("别的条",))
    assert (one.first_at, one.last_at) == (START, START + dt.timedelta(hours=2))
    assert await small.teaching.count_todo(TodoKind.VOTED_DOWN) == 2


async def test_dismissing_settles_an_entry_once_with_author_and_time(small: QuestionBank, empty_database: Database) -> None:
    refs = [await unanswered(empty_database), await answered(empty_database, "冷藏柜", Vote.DOWN)]
    await answered(empty_database, "冷藏柜", Vote.DOWN, hours=1)
    for ref in refs:
        assert await small.teaching.dismiss(ref, "王教员")
        assert not await small.teaching.dismiss(ref, "李教员")
        entry = await small.teaching.get_todo(ref)
        assert (entry.state, entry.decided_by, entry.decided_at) == (TodoState.DISMISSED, "王教员", START)
        assert await small.teaching.list_todo(ref.kind) == []
        settled = await small.teaching.list_todo(ref.kind, settled=True)
        assert [e.question for e in settled] == [entry.question]
        assert await small.teaching.count_todo(ref.kind, settled=True) == 1


async def test_a_question_that_was_settled_and_fails_again_is_open_again(small: QuestionBank, empty_database: Database) -> None:
    ref = await unanswered(empty_database)
    await small.teaching.dismiss(ref, "王教员")
    await unanswered(empty_database)
    assert (await small.teaching.get_todo(ref)).state is TodoState.OPEN


@pytest.mark.parametrize("kind", list(TodoKind))
async def test_an_entry_that_is_not_there_is_said_to_be_missing(small: QuestionBank, kind: TodoKind) -> None:
    ref = TodoRef(kind, 7)
    for attempt in (small.teaching.get_todo(ref), small.teaching.dismiss(ref, "王"), small.teaching.keep(LEXICON, "王", ref)):
        with pytest.raises(TodoNotFound):
            await attempt


async def test_an_answer_that_helped_after_all_is_not_on_the_list(small: QuestionBank, empty_database: Database) -> None:
    ref = await answered(empty_database, "冷藏柜", Vote.UP)
    with pytest.raises(TodoNotFound):
        await small.teaching.get_todo(ref)


@pytest.mark.parametrize(
    ("lesson", "problem"),
    [
        (LexiconLesson(" ", "冷藏柜"), Problem.EMPTY),
        (LexiconLesson("雪柜", ""), Problem.EMPTY),
        (LexiconLesson("柜", "冷藏柜"), Problem.TOO_SHORT),
        (LexiconLesson("雪" * 21, "冷藏柜"), Problem.TOO_LONG),
        (LexiconLesson("雪柜", "冷" * 21), Problem.TOO_LONG),
        (LexiconLesson("怎么办", "冷藏柜"), Problem.SAYS_NOTHING),
        (LexiconLesson("？！", "冷藏柜"), Problem.SAYS_NOTHING),
        (LexiconLesson("冷藏柜", "冷藏柜"), Problem.SAME_WORD),
        (LexiconLesson("雪柜", "冰淇淋"), Problem.TERM_UNKNOWN),
        (LexiconLesson("体检", "健康检查"), Problem.ALREADY_THERE),
        (QuestionLesson("没有的法", ArticleNumber(1), "雪柜要贴纸吗"), Problem.LAW_UNKNOWN),
        (QuestionLesson(SAMPLE_LAW, ArticleNumber(5), "雪柜要贴纸吗"), Problem.ARTICLE_MISSING),
        (QuestionLesson(SAMPLE_LAW, ArticleNumber(1, 1), "雪柜要贴纸吗"), Problem.ARTICLE_MISSING),
        (QuestionLesson(SAMPLE_LAW, ArticleNumber(1), ""), Problem.EMPTY),
        (QuestionLesson(SAMPLE_LAW, ArticleNumber(1), "雪" * 61), Problem.TOO_LONG),
        (QuestionLesson(SAMPLE_LAW, ArticleNumber(1), "怎么办呢"), Problem.SAYS_NOTHING),
        (AliasLesson("样法", "没有的法"), Problem.LAW_UNKNOWN),
        (AliasLesson("", SAMPLE_LAW), Problem.EMPTY),
        (AliasLesson("样", SAMPLE_LAW), Problem.TOO_SHORT),
        (AliasLesson("样" * 31, SAMPLE_LAW), Problem.TOO_LONG),
        (AliasLesson("法规样例", SAMPLE_LAW), Problem.ALREADY_THERE),
        (AliasLesson("《法规样例》", OTHER_LAW), Problem.ALIAS_TAKEN),
        (AliasLesson(SAMPLE_LAW, OTHER_LAW), Problem.ALIAS_TAKEN),
    ],
)
async def test_an_unsound_lesson_is_refused_and_nothing_is_written(
    small: QuestionBank, empty_database: Database, lesson: Lesson, problem: Problem
) -> None:
    with pytest.raises(LessonRefused) as refused:
        await small.teaching.try_out(lesson, QUESTION)
    assert refused.value.problem is problem
    assert await rows(empty_database) == ([], [], [])


@pytest.mark.parametrize("length", [20, 2])
async def test_the_longest_and_the_shortest_word_are_taken(small: QuestionBank, length: int) -> None:
    assert (await small.teaching.try_out(LexiconLesson("雪柜" * (length // 2), "冷藏柜"), QUESTION)).lost == (0, 0)


async def test_ways_to_ask_go_with_laws_whose_text_is_loaded_and_checked(small: QuestionBank, empty_database: Database) -> None:
    unchecked = {"short_name": "未核法", "name": "未核法", "aliases": (), "status": RegulationStatus.UNVERIFIED}
    await write_law(empty_database, articles("雪柜。"), **unchecked)
    await small.regulations.load_register()
    for law, problem in (("未核法", Problem.LAW_UNVERIFIED), ("疫苗管理法", Problem.LAW_NOT_LOADED)):
        with pytest.raises(LessonRefused) as refused:
            await small.teaching.try_out(QuestionLesson(law, ArticleNumber(1), "雪柜要贴纸吗"), QUESTION)
        assert refused.value.problem is problem


async def test_a_trial_shows_what_changes_and_writes_nothing(small: QuestionBank, empty_database: Database) -> None:
    trial = await small.teaching.try_out(LEXICON, QUESTION)
    assert (trial.before.n_answerable, trial.before.n_unanswerable) == (3, 1)
    assert (trial.before.hit_at_1, trial.after.hit_at_1, trial.lost) == (1.0, 1.0, (0, 0))
    assert (trial.better, trial.worse, trial.is_harmful, trial.knows_meaning) == ((), (), False, False)
    assert {hit.article.number.number for hit in trial.then.hits[:2]} == {1, 4}, "the two that speak of refrigerators"
    assert trial.now.hits[:2] != trial.then.hits[:2]
    assert await rows(empty_database) == ([], [], [])
    assert await small.teaching.given_now(QUESTION) == trial.now, "and what people get has not changed"


async def test_a_trial_names_the_questions_that_lose_their_place(small: QuestionBank) -> None:
    trial = await small.teaching.try_out(HARMFUL, QUESTION)
    assert (trial.lost, trial.is_harmful) == ((2, 2), True)
    assert (trial.better, trial.worse) == ((), ("冷藏柜要不要贴温度", "冷藏柜除霜清洗"))
    assert trial.after.hit_at_1 == pytest.approx(1 / 3)


@pytest.mark.parametrize("typed", ["雪櫃", " 雪柜 "])
async def test_a_lesson_is_written_as_questions_are_read(small: QuestionBank, empty_database: Database, typed: str) -> None:
    await small.teaching.keep(LexiconLesson(typed, "冷藏柜"), "王教员", await unanswered(empty_database))
    assert (await rows(empty_database))[0] == [("雪柜", "冷藏柜", "王教员")]


@pytest.mark.parametrize("lesson", [LEXICON, WAY, ALIAS])
async def test_a_kept_lesson_is_effective_at_once_and_settles_the_entry(
    small: QuestionBank, empty_database: Database, lesson: Lesson
) -> None:
    question = "样法第三条" if lesson is ALIAS else QUESTION
    ref = await unanswered(empty_database, question)
    promised = (await small.teaching.try_out(lesson, question)).then
    assert await small.teaching.keep(lesson, "王教员", ref)
    assert await small.teaching.given_now(question) == promised
    entry = await small.teaching.get_todo(ref)
    assert (entry.state, entry.decided_by, entry.decided_at) == (TodoState.TAUGHT, "王教员", START)
    kept = await small.teaching.list_lessons()
    assert [(each.lesson, each.author, each.at) for each in kept] == [(lesson, "王教员", START)]
    if lesson is ALIAS:
        assert (await small.search.ask(question)).kind is AnswerKind.FOUND
    else:
        assert await first(small) in {(SAMPLE_LAW, 1), (SAMPLE_LAW, 4)}


async def test_keeping_twice_writes_once(small: QuestionBank, empty_database: Database) -> None:
    first_ref, other_ref = await unanswered(empty_database), await unanswered(empty_database, "雪柜脏")
    assert await small.teaching.keep(LEXICON, "王教员", first_ref)
    assert not await small.teaching.keep(LEXICON, "李教员", first_ref)
    assert not await small.teaching.keep(LEXICON, "李教员", other_ref), "but the other entry is settled by it"
    assert (await rows(empty_database))[0] == [("雪柜", "冷藏柜", "王教员")]
    assert (await small.teaching.get_todo(first_ref)).decided_by == "王教员"
    assert (await small.teaching.get_todo(other_ref)).decided_by == "李教员"


async def test_what_was_dismissed_may_still_be_taught(small: QuestionBank, empty_database: Database) -> None:
    ref = await unanswered(empty_database)
    await small.teaching.dismiss(ref, "王教员")
    await small.teaching.keep(LEXICON, "李教员", ref)
    assert (await small.teaching.get_todo(ref)).state is TodoState.TAUGHT


async def test_a_harmful_lesson_is_kept_only_when_asked_for_all_the_same(small: QuestionBank, empty_database: Database) -> None:
    ref = await unanswered(empty_database)
    with pytest.raises(FiguresWorse) as refused:
        await small.teaching.keep(HARMFUL, "王教员", ref)
    assert refused.value.trial.lost == (2, 2)
    assert await rows(empty_database) == ([], [], [])
    assert (await small.teaching.get_todo(ref)).state is TodoState.OPEN
    assert await small.teaching.keep(HARMFUL, "王教员", ref, in_spite_of_figures=True)
    assert (await rows(empty_database))[1] == [("冷藏柜", "王教员")]


async def test_one_question_may_lose_its_place(empty_database: Database, small: QuestionBank, clock: FakeClock) -> None:
    teaching = Teaching(empty_database, small.search, clock, lambda: CASES[1:])
    assert (await teaching.try_out(HARMFUL, QUESTION)).lost == (1, 1)
    assert await teaching.keep(HARMFUL, "王教员", await unanswered(empty_database))


async def test_lessons_are_taken_back_the_latest_first(small: QuestionBank, empty_database: Database, clock: FakeClock) -> None:
    before = await small.teaching.given_now(QUESTION)
    ref = await unanswered(empty_database)
    for lesson in (LEXICON, WAY, ALIAS):
        await small.teaching.keep(lesson, "王教员", ref)
        clock.advance(minutes=1)
    kept = await small.teaching.list_lessons()
    assert [each.lesson for each in kept] == [ALIAS, WAY, LEXICON]
    assert [each.kind for each in kept] == [LessonKind.ALIAS, LessonKind.QUESTION, LessonKind.LEXICON]
    for each in kept:
        assert await small.teaching.withdraw(each.kind, each.id)
        assert not await small.teaching.withdraw(each.kind, each.id)
    assert await rows(empty_database) == ([], [], [])
    assert await small.teaching.given_now(QUESTION) == before


async def test_a_lesson_in_the_place_of_the_one_before_is_noticed(
    small: QuestionBank, empty_database: Database, clock: FakeClock
) -> None:
    """SQLite gives the id of the row that is gone to the next one."""
    ref = await unanswered(empty_database)
    await small.teaching.keep(LEXICON, "王教员", ref)
    elsewhere = QuestionBank.build(empty_database, clock)
    assert (await elsewhere.search.refresh()).corpus.lexicon["雪柜"] == ["冷藏柜"]
    clock.advance(minutes=1)
    await small.teaching.withdraw(LessonKind.LEXICON, (await small.teaching.list_lessons())[0].id)
    await small.teaching.keep(LexiconLesson("雪柜", "跑道"), "王教员", ref)
    assert (await elsewhere.search.refresh()).corpus.lexicon["雪柜"] == ["跑道"]


async def test_what_is_shipped_cannot_be_taken_back(small: QuestionBank, empty_database: Database) -> None:
    async with empty_database.transaction() as session:
        for kind, origin in ((CompanionKind.QUESTION, Origin.SHIPPED), (CompanionKind.DIGEST, Origin.TRAINER)):
            session.add(
                Companion(
                    regulation_id=1, article_number=1, article_suffix=0, kind=kind, text="随商品带来的",
                    origin=origin, author="yushi", created_at=START,
                )
            )  # fmt: skip
    for companion_id in (1, 2):
        assert not await small.teaching.withdraw(LessonKind.QUESTION, companion_id)
    assert await small.teaching.list_lessons() == []


async def test_the_shipped_evaluation_is_what_lessons_are_judged_by(bank: QuestionBank) -> None:
    trial = await bank.teaching.try_out(AliasLesson("本店药法", "药品管理法"), "本店药法怎么说")
    assert (trial.before.n_answerable > 300, trial.before.n_unanswerable > 100) == (True, True)
    assert trial.before.hit_at_1 > 0.7
    assert trial.before == trial.after, "nobody in it uses that name"
    assert not trial.is_harmful


async def test_with_sentence_vectors_a_lesson_is_tried_and_kept_with_its_own(
    small: QuestionBank, empty_database: Database, clock: FakeClock
) -> None:
    await small.teaching.keep(WAY, "王教员", await unanswered(empty_database))
    bank = judged(QuestionBank.build(empty_database, clock, load_model), empty_database, clock)
    assert bank.search.builder.model is not None, "the wheel is part of what the tests are installed with"
    while not await bank.search.work_on_vectors():
        pass
    lesson = QuestionLesson(SAMPLE_LAW, ArticleNumber(3), "操场要不要修")
    trial = await bank.teaching.try_out(lesson, "操场破了谁修")
    assert trial.knows_meaning
    await bank.teaching.keep(lesson, "王教员", await unanswered(empty_database, "操场破了谁修"))
    assert await bank.search.knows_meaning(), "no answer waits for the vector of what was taught"
    assert await bank.teaching.given_now("操场破了谁修") == trial.then
