"""An amendment holds back what cites the articles it changes, from its effective date until a trainer confirms."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import delete, select

from question_bank.companions.rules import CompanionKind, Origin
from question_bank.companions.tables import Companion
from question_bank.database import Database
from question_bank.questions import storage as questions
from question_bank.questions.rules import Citation, QuestionState
from question_bank.questions.tables import Question
from question_bank.regulations.importing.rules import LawText
from question_bank.regulations.importing.use_case import ImportOrder, ImportReport
from question_bank.regulations.rules import ArticleNumber, RegulationNotFound
from question_bank.reviews.rules import ReviewEntry, ReviewNotFound, ReviewState, ReviewSubject
from question_bank.reviews.tables import Review
from question_bank.wiring import QuestionBank
from tests.fakes import START, FakeClock
from tests.question_bank.samples import SAMPLE_LAW, articles, question, write_law

IN_FORCE, COMING, LATER = dt.date(2026, 1, 1), dt.date(2026, 12, 1), dt.date(2027, 6, 1)
DUE = dt.datetime(2026, 11, 30, 16, 0, tzinfo=dt.UTC)
"""Midnight in China before the coming version's day."""


@pytest.fixture
async def small(empty_database: Database, clock: FakeClock) -> QuestionBank:
    """Four articles in force; questions one-1 … three-1 cite article 1, 2, and 3 with 4; a digest of 2 and one of 3."""
    bank = QuestionBank.build(empty_database, clock)
    law = await write_law(empty_database, articles("一。", "二。", "三。", "四。"))
    for key, cited in (("one-1", [1]), ("two-1", [2]), ("three-1", [3, 4])):
        await write_question(empty_database, key, cited)
    async with empty_database.transaction() as session:
        for number, kind in ((2, CompanionKind.DIGEST), (3, CompanionKind.DIGEST), (2, CompanionKind.QUESTION)):
            session.add(
                Companion(
                    regulation_id=law, article_number=number, article_suffix=0, kind=kind, text=f"{kind}{number}",
                    origin=Origin.SHIPPED, author="tests", created_at=START,
                )
            )  # fmt: skip
    return bank


async def write_question(database: Database, key: str, cited: list[int]) -> None:
    content = question(citations=tuple(Citation(SAMPLE_LAW, ArticleNumber(n)) for n in cited), stem=f"{key}？")
    async with database.transaction() as session:
        laws = await questions.regulation_ids(session)
        state = QuestionState.PUBLISHED
        await questions.write_version(session, key, content, laws, state=state, author="tests", reason="", now=START)


async def amend(bank: QuestionBank, *texts: str, effective: dt.date = COMING, **more: Any) -> ImportReport:
    text = LawText("中华人民共和国样例法", tuple(articles(*texts)))
    return await bank.regulations.import_text(ImportOrder(text, "tests", effective=effective, **more))


def told(entries: list[ReviewEntry]) -> list[tuple[int, str]]:
    return [(entry.article.number, entry.key or entry.text) for entry in entries]


async def drawn(bank: QuestionBank) -> list[str]:
    return [entry.content_key for entry in await bank.questions.pool()]


async def test_what_cites_changed_or_removed_articles_is_listed_with_its_date(small: QuestionBank) -> None:
    report = await amend(small, "一。", "新二。", "三。")
    entries = await small.reviews.impact("法规样例")
    assert told(entries) == [(2, "two-1"), (2, "digest2"), (4, "three-1")]
    assert report.reviews_opened == 3
    first = entries[0]
    assert (first.law, first.version_label, first.due_on, first.state) == (SAMPLE_LAW, "2026年文本", COMING, ReviewState.OPEN)
    assert (first.subject, first.text, first.decided_by) == (ReviewSubject.QUESTION, "two-1？", None)
    assert (entries[1].subject, entries[1].key) == (ReviewSubject.DIGEST, None)


async def test_an_added_article_or_a_first_version_touches_nothing(small: QuestionBank) -> None:
    assert (await amend(small, "一。", "二。", "三。", "四。", "五。")).reviews_opened == 0
    assert await small.reviews.impact(SAMPLE_LAW) == []
    with pytest.raises(RegulationNotFound):
        await small.reviews.impact("锦鲤法")


async def test_nothing_is_held_back_before_the_day_and_all_of_it_from_midnight(small: QuestionBank, clock: FakeClock) -> None:
    await amend(small, "一。", "新二。", "三。")
    clock.now = DUE - dt.timedelta(seconds=1)
    assert await drawn(small) == ["one-1", "three-1", "two-1"]
    assert await small.reviews.list_open() == []
    assert await small.reviews.digests_in_review() == set()
    assert (await small.questions.stats()).by_state == {"published": 3}
    clock.now = DUE
    assert await drawn(small) == ["one-1"]
    assert told(await small.reviews.list_open()) == [(2, "two-1"), (2, "digest2"), (4, "three-1")]
    assert len(await small.reviews.digests_in_review()) == 1
    states = {stored.content_key: stored.state for stored in await small.questions.list_questions()}
    assert states == {"one-1": "published", "two-1": "in_review", "three-1": "in_review"}
    assert (await small.questions.stats()).by_state == {"in_review": 2, "published": 1}
    assert await small.reviews.list_open(COMING - dt.timedelta(days=1)) == [], "any day can be asked about"


async def test_a_single_question_says_too_that_it_is_in_review(small: QuestionBank, clock: FakeClock) -> None:
    await amend(small, "一。", "新二。", "三。", "四。")
    version = next(stored.version_id for stored in await small.questions.list_questions() if stored.content_key == "two-1")
    assert (await small.questions.get_version(version)).state is QuestionState.PUBLISHED
    clock.now = DUE
    assert (await small.questions.get_version(version)).state is QuestionState.IN_REVIEW
    async with small.questions._database.transaction() as session:
        assert (await small.questions.get_version(version, session)).state is QuestionState.IN_REVIEW


async def test_confirming_brings_it_back_and_is_written_down(small: QuestionBank, clock: FakeClock) -> None:
    await amend(small, "一。", "新二。", "新三。", "新四。")
    clock.now = DUE
    for entry in await small.reviews.list_open():
        if entry.article.number in (2, 3):
            assert await small.reviews.confirm(entry.id, "培训师")
            assert not await small.reviews.confirm(entry.id, "别人"), "the first to decide has decided"
    assert await drawn(small) == ["one-1", "two-1"], "three-1 cites another article that is still open"
    assert await small.reviews.digests_in_review() == set()
    confirmed = (await small.reviews.impact(SAMPLE_LAW))[0]
    assert (confirmed.state, confirmed.decided_by, confirmed.decided_at) == (ReviewState.CONFIRMED, "培训师", DUE)
    with pytest.raises(ReviewNotFound):
        await small.reviews.confirm(10_000, "培训师")


async def test_a_review_may_be_confirmed_before_the_day(small: QuestionBank, clock: FakeClock) -> None:
    await amend(small, "一。", "新二。", "三。", "四。")
    for entry in await small.reviews.impact(SAMPLE_LAW):
        await small.reviews.confirm(entry.id, "培训师")
    clock.now = DUE
    assert await drawn(small) == ["one-1", "three-1", "two-1"]


async def test_the_same_import_again_opens_nothing_more(small: QuestionBank) -> None:
    await amend(small, "一。", "新二。", "三。")
    before = await small.reviews.impact(SAMPLE_LAW)
    assert (await amend(small, "一。", "新二。", "三。")).reviews_opened == 0
    assert await small.reviews.impact(SAMPLE_LAW) == before


async def test_a_dry_run_counts_reviews_and_opens_none(small: QuestionBank) -> None:
    text = LawText("中华人民共和国样例法", tuple(articles("新一。", "二。", "三。", "四。")))
    report = await small.regulations.import_text(ImportOrder(text, "tests", effective=COMING), dry_run=True)
    assert report.reviews_opened == 1
    assert await small.reviews.impact(SAMPLE_LAW) == []


async def test_a_replaced_version_has_the_reviews_of_its_new_text(small: QuestionBank) -> None:
    await amend(small, "新一。", "新二。", "三。", "四。")
    for entry in await small.reviews.impact(SAMPLE_LAW):
        if entry.key != "one-1":
            await small.reviews.confirm(entry.id, "培训师")
    again = await amend(small, "一。", "新二。", "新三。", "四。", replace=True)
    entries = await small.reviews.impact(SAMPLE_LAW)
    assert told(entries) == [(2, "two-1"), (2, "digest2"), (3, "three-1"), (3, "digest3")]
    assert [entry.state for entry in entries] == [ReviewState.CONFIRMED] * 2 + [ReviewState.OPEN] * 2
    assert again.reviews_opened == 2
    await amend(small, "一。", "又改二。", "新三。", "四。", replace=True)
    assert {entry.state for entry in await small.reviews.impact(SAMPLE_LAW)} == {ReviewState.OPEN}, (
        "what was confirmed has changed"
    )


async def test_a_text_in_force_that_is_replaced_puts_what_cites_the_changed_articles_to_review(small: QuestionBank) -> None:
    assert (await amend(small, "一。", "二。", "三。", "改四。", effective=IN_FORCE, replace=True)).reviews_opened == 1
    assert await drawn(small) == ["one-1", "two-1"]


async def test_a_version_of_the_past_opens_nothing(small: QuestionBank) -> None:
    assert (await amend(small, "很旧。", effective=dt.date(2015, 1, 1))).reviews_opened == 0
    assert (await amend(small, "较旧。", effective=dt.date(2018, 1, 1))).reviews_opened == 0
    assert await drawn(small) == ["one-1", "three-1", "two-1"], "the questions were written for the text in force"


async def test_a_version_between_moves_the_reviews_to_the_first_that_changes_the_article(small: QuestionBank) -> None:
    await amend(small, "新一。", "新二。", "三。", "四。", effective=LATER)
    await amend(small, "一。", "新二。", "三。", "四。", effective=COMING)
    entries = await small.reviews.impact(SAMPLE_LAW)
    assert [(entry.due_on, entry.key or entry.text) for entry in entries] == [
        (COMING, "two-1"), (COMING, "digest2"), (LATER, "one-1"),
    ]  # fmt: skip


async def test_only_the_current_version_of_a_question_counts(small: QuestionBank, empty_database: Database) -> None:
    await write_question(empty_database, "two-1", [1])
    await amend(small, "一。", "新二。", "三。", "四。")
    assert told(await small.reviews.impact(SAMPLE_LAW)) == [(2, "digest2")]


async def test_a_retired_question_stays_retired(small: QuestionBank, empty_database: Database, clock: FakeClock) -> None:
    async with empty_database.transaction() as session:
        row = (await session.scalars(select(Question).where(Question.content_key == "two-1"))).one()
        row.state = QuestionState.RETIRED
    await amend(small, "一。", "新二。", "三。", "四。")
    clock.now = DUE
    states = {stored.content_key: stored.state for stored in await small.questions.list_questions()}
    assert states["two-1"] is QuestionState.RETIRED


async def test_a_failure_while_reviews_are_opened_leaves_no_version(
    empty_database: Database, clock: FakeClock, small: QuestionBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*arguments: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("question_bank.reviews.storage.find_touched", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        await amend(small, "一。", "新二。", "三。")
    assert (await small.regulations.get_article(SAMPLE_LAW, ArticleNumber(2))).upcoming is None
    async with empty_database.transaction() as session:
        assert (await session.execute(delete(Review))).rowcount == 0
