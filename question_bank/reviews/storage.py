"""SQL of reviews. Every function works inside the session it is given."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from question_bank.companions.rules import CompanionKind
from question_bank.companions.tables import Companion
from question_bank.questions.tables import Question, QuestionCitation, QuestionVersion
from question_bank.regulations.rules import ArticleNumber
from question_bank.regulations.tables import Regulation, RegulationVersion
from question_bank.reviews.rules import ReviewEntry, ReviewState, ReviewSubject
from question_bank.reviews.tables import Review

Touched = tuple[ArticleNumber, int | None, int | None]
"""An article with the id of the question, or that of the digest, which cites it."""


async def find_touched(session: AsyncSession, regulation_id: int, articles: Collection[ArticleNumber]) -> set[Touched]:
    """The questions (in their current version) and digests that cite one of these articles."""
    if not articles:
        return set()
    questions = (
        select(Question.id, QuestionCitation.article_number, QuestionCitation.article_suffix)
        .join(QuestionVersion, _is_current())
        .join(QuestionCitation, QuestionCitation.version_id == QuestionVersion.id)
        .where(QuestionCitation.regulation_id == regulation_id)
    )
    digests = select(Companion.id, Companion.article_number, Companion.article_suffix).where(
        Companion.regulation_id == regulation_id, Companion.kind == CompanionKind.DIGEST
    )
    found: set[Touched] = {(ArticleNumber(n, suffix), q, None) for q, n, suffix in await session.execute(questions)}
    found |= {(ArticleNumber(n, suffix), None, c) for c, n, suffix in await session.execute(digests)}
    return {touched for touched in found if touched[0] in articles}


async def reviews_of_version(session: AsyncSession, version_id: int) -> dict[Touched, Review]:
    rows = await session.scalars(select(Review).where(Review.version_id == version_id))
    return {(ArticleNumber(r.article_number, r.article_suffix), r.question_id, r.companion_id): r for r in rows}


def open_review(session: AsyncSession, version: RegulationVersion, touched: Touched) -> None:
    article, question_id, companion_id = touched
    session.add(
        Review(
            version_id=version.id,
            article_number=article.number,
            article_suffix=article.suffix,
            question_id=question_id,
            companion_id=companion_id,
            due_on=version.effective,
            state=ReviewState.OPEN,
        )
    )


async def read_entries(session: AsyncSession, query: Select[Any]) -> list[ReviewEntry]:
    """The reviews that a query over `entries()` finds, by due date, article and subject."""
    place = (Review.due_on, Regulation.id, Review.article_number, Review.article_suffix)
    subject = (Review.question_id.is_(None), Question.content_key, Review.id)  # the engines differ in where NULL goes
    rows = await session.execute(query.order_by(*place, *subject))
    return [_entry(*row) for row in rows]


def entries() -> Select[Any]:
    """Reviews with law, version, and the question or digest as it stands now; to be narrowed by the caller."""
    return (
        select(Review, Regulation.short_name, RegulationVersion.label, Question.content_key, QuestionVersion.stem, Companion.text)
        .join(RegulationVersion, RegulationVersion.id == Review.version_id)
        .join(Regulation, Regulation.id == RegulationVersion.regulation_id)
        .outerjoin(Question, Question.id == Review.question_id)
        .outerjoin(QuestionVersion, _is_current())
        .outerjoin(Companion, Companion.id == Review.companion_id)
    )


def _entry(review: Review, law: str, label: str, key: str | None, stem: str | None, digest: str | None) -> ReviewEntry:
    assert review.id is not None
    return ReviewEntry(
        id=review.id,
        law=law,
        article=ArticleNumber(review.article_number, review.article_suffix),
        version_label=label,
        due_on=review.due_on,
        state=review.state,
        subject=ReviewSubject.QUESTION if review.question_id is not None else ReviewSubject.DIGEST,
        key=key,
        text=stem or digest or "",
        decided_by=review.decided_by,
        decided_at=review.decided_at,
    )


async def digests_in_review(session: AsyncSession, on: dt.date) -> Sequence[int]:
    query = select(Review.companion_id).where(Review.companion_id.is_not(None), *open_on(on)).distinct()
    return (await session.scalars(query)).all()


def open_on(on: dt.date) -> tuple[Any, ...]:
    """The condition that a review is open and due on a day."""
    return (Review.state == ReviewState.OPEN, Review.due_on <= on)


def _is_current() -> Any:
    return and_(QuestionVersion.question_id == Question.id, QuestionVersion.number == Question.current_version)
