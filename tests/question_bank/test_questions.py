"""The question bank in the database: loaded once, versions kept, counted."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml
from sqlalchemy import func, select, update

from question_bank.database import Database
from question_bank.questions import storage
from question_bank.questions.content import CONTENT_FOLDER, ContentError, load_content
from question_bank.questions.rules import Citation, QuestionState, QuestionType
from question_bank.questions.service import Questions
from question_bank.questions.tables import Question, QuestionCitation, QuestionOption, QuestionVersion
from question_bank.regulations.rules import ArticleNumber
from question_bank.wiring import QuestionBank
from tests.fakes import START, FakeClock
from tests.question_bank.samples import articles, question, write_law
from tests.question_bank.test_content import choice, true_false, write

SHIPPED = load_content()


async def counts(database: Database) -> tuple[int, ...]:
    """Rows of question, version, option, citation."""
    tables = (Question, QuestionVersion, QuestionOption, QuestionCitation)
    async with database.reading() as session:
        return tuple([(await session.scalars(select(func.count()).select_from(table))).one() for table in tables])


@pytest.fixture
async def small_bank(empty_database: Database, clock: FakeClock) -> AsyncIterator[QuestionBank]:
    """A bank that knows one law of three articles, under the name of a shipped one, and no questions."""
    bank = QuestionBank.build(empty_database, clock)
    await write_law(empty_database, articles("一。", "二。", "三。"), short_name="疫苗管理法")
    return bank


async def test_what_is_shipped_is_in_the_bank_as_written(bank: QuestionBank) -> None:
    stored = {found.content_key: found for found in await bank.questions.list_questions()}
    assert {key: found.content for key, found in stored.items()} == {key: entry.content for key, entry in SHIPPED.items()}
    assert {(found.version, found.state) for found in stored.values()} == {(1, QuestionState.PUBLISHED)}


async def test_loading_again_adds_nothing(database: Database, bank: QuestionBank) -> None:
    before = await counts(database)
    assert before[:2] == (len(SHIPPED), len(SHIPPED))
    assert await bank.questions.load_shipped() == 0
    await bank.load_shipped()
    assert await counts(database) == before


async def test_processes_that_load_at_once_write_each_question_once(empty_database: Database, clock: FakeClock) -> None:
    databases = [Database(empty_database.url.render_as_string(hide_password=False)) for _ in range(3)]
    banks = [QuestionBank.build(database, clock) for database in databases]
    await banks[0].regulations.load_register()
    written = await asyncio.gather(*(bank.questions.load_shipped() for bank in banks))
    assert sum(written) == len(SHIPPED)
    assert (await counts(empty_database))[:2] == (len(SHIPPED), len(SHIPPED))
    for database in databases:
        await database.close()


async def test_a_changed_entry_is_the_next_version_and_the_first_stays_readable(
    database: Database, bank: QuestionBank, tmp_path: Path
) -> None:
    source = yaml.safe_load((CONTENT_FOLDER / "vaccine_administration_law.yaml").read_text(encoding="utf-8"))
    key = source[0]["key"]
    first = next(found for found in await bank.questions.list_questions() if found.content_key == key)
    source[0]["stem"] = "改过的题干？"
    before = await counts(database)

    assert await bank.questions.load_shipped(write(tmp_path, *source)) == 1

    second = next(found for found in await bank.questions.list_questions() if found.content_key == key)
    assert (second.question_id, second.version, second.content.stem) == (first.question_id, 2, "改过的题干？")
    assert second.content.options == first.content.options
    fresh = Questions(database, bank.regulations, lambda: START)  # nothing remembered
    assert await fresh.get_version(first.version_id) == first
    assert await bank.questions.get_versions([first.version_id, second.version_id]) == {
        first.version_id: first,
        second.version_id: second,
    }
    options, citations = len(first.content.options), len(first.content.citations)
    assert await counts(database) == (before[0], before[1] + 1, before[2] + options, before[3] + citations)
    pool = await bank.questions.pool()
    assert [entry.version_id for entry in pool if entry.content_key == key] == [second.version_id]
    assert (await bank.questions.stats()).total == len(SHIPPED), "questions are counted, not versions"


FAULTS = {
    "unknown regulation 民法典": [{"law": "民法典", "article": 1}],
    "疫苗管理法 has no 第四条 paragraph 1": [{"law": "疫苗管理法", "article": 4}],
    "疫苗管理法 has no 第三条 paragraph 2": [{"law": "疫苗管理法", "article": 3, "paragraph": 2}],
    "疫苗管理法 has no 第三条之一 paragraph 1": [{"law": "疫苗管理法", "article": 3, "suffix": 1}],
}


async def test_a_citation_of_what_is_not_there_is_refused_and_nothing_is_written(
    small_bank: QuestionBank, empty_database: Database, tmp_path: Path
) -> None:
    sound = choice(key="sound-1", cites=[{"law": "疫苗管理法", "article": 3, "paragraph": 1}])
    for fault, cites in FAULTS.items():
        folder = write(tmp_path, sound, choice(cites=[*sound["cites"], *cites]))
        with pytest.raises(ContentError) as refused:
            await small_bank.questions.load_shipped(folder)
        assert str(refused.value) == f"sample.yaml: sample-1: {fault}"
        assert await counts(empty_database) == (0, 0, 0, 0)
    assert await small_bank.questions.load_shipped(write(tmp_path, sound)) == 1


async def test_an_article_of_a_law_without_its_text_can_be_cited(
    small_bank: QuestionBank, empty_database: Database, tmp_path: Path
) -> None:
    await small_bank.regulations.load_register()
    cites = [{"law": "食品安全法实施条例", "article": 86, "paragraph": 2}]
    assert await small_bank.questions.load_shipped(write(tmp_path, choice(cites=cites))) == 1
    stored = await small_bank.questions.list_questions("食品安全法实施条例")
    assert stored[0].content.citations == (Citation("食品安全法实施条例", ArticleNumber(86), 2),)
    assert await small_bank.questions.list_questions("疫苗管理法") == []


async def test_the_pool_holds_published_questions_in_the_order_of_their_keys(bank: QuestionBank, database: Database) -> None:
    pool = await bank.questions.pool()
    assert [entry.content_key for entry in pool] == sorted(SHIPPED)
    for entry in pool:
        content = SHIPPED[entry.content_key].content
        assert (entry.type, entry.level, entry.topic) == (content.type, content.level, content.topic)
        assert (entry.option_count, entry.law) == (len(content.options), content.citations[0].law)

    hidden = {
        "vaccine-010-1": QuestionState.RETIRED,
        "vaccine-018-1": QuestionState.DRAFT,
        "vaccine-020-1": QuestionState.IN_REVIEW,
    }
    async with database.transaction() as session:
        for key, state in hidden.items():
            await session.execute(update(Question).where(Question.content_key == key).values(state=state))
    assert {entry.content_key for entry in await bank.questions.pool()} == SHIPPED.keys() - hidden.keys()
    assert await bank.questions.load_shipped() == 0, "what was retired stays retired"
    assert (await bank.questions.stats()).by_state == {"published": len(SHIPPED) - 3, "retired": 1, "draft": 1, "in_review": 1}


async def test_a_session_in_hand_is_used_to_read(bank: QuestionBank, database: Database) -> None:
    async with database.transaction() as session:
        ids = await storage.regulation_ids(session)
        state, author = QuestionState.PUBLISHED, "tests"
        await storage.write_version(session, "new-1", question(), ids, state=state, author=author, reason="", now=START)
        entry = next(entry for entry in await bank.questions.pool(session) if entry.content_key == "new-1")
        assert (await bank.questions.get_version(entry.version_id, session)).content == question()


async def test_statistics_count_by_everything(small_bank: QuestionBank, tmp_path: Path) -> None:
    def cites(*numbers: int) -> list[dict[str, object]]:
        return [{"law": "疫苗管理法", "article": number} for number in numbers]

    empty = await small_bank.questions.stats()
    assert asdict(empty) == {name: {} for name in asdict(empty)} | {"total": 0}
    folder = write(
        tmp_path,
        choice(key="one-1", cites=cites(2, 3)),
        choice(key="two-1", cites=cites(3, 3), level="hard"),  # cited twice, counted once
        true_false(key="three-1", cites=cites(1)),
    )
    await small_bank.questions.load_shipped(folder)
    written = json.dumps(asdict(await small_bank.questions.stats()), ensure_ascii=False)
    assert json.loads(written) == {
        "total": 3,
        "by_law": {"疫苗管理法": 3},
        "by_type": {"single_choice": 2, "true_false": 1},
        "by_level": {"easy": 2, "hard": 1},
        "by_state": {"published": 3},
        "by_article": {"疫苗管理法第一条": 1, "疫苗管理法第二条": 1, "疫苗管理法第三条": 2},
    }
    assert written.index("第一条") < written.index("第二条") < written.index("第三条"), "in the order of the statute"


async def test_shipped_statistics_add_up(bank: QuestionBank) -> None:
    stats = await bank.questions.stats()
    total = len(SHIPPED)
    assert stats.total == total == sum(stats.by_type.values()) == sum(stats.by_level.values()) == sum(stats.by_state.values())
    assert set(stats.by_type) == set(QuestionType)
    assert min(stats.by_law["疫苗管理法"], stats.by_law["药品管理法"]) >= 30
    assert sum(stats.by_article.values()) >= total
