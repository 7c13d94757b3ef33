"""SQL of the questions subject. Every function works inside the session it is given."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from question_bank.questions.rules import (
    Audience,
    Citation,
    Option,
    PoolEntry,
    QuestionContent,
    QuestionState,
    StoredQuestion,
)
from question_bank.questions.tables import (
    Question,
    QuestionAudience,
    QuestionCitation,
    QuestionOption,
    QuestionVersion,
)
from question_bank.regulations.rules import ArticleNumber
from question_bank.regulations.tables import Regulation
from question_bank.reviews.rules import ReviewState
from question_bank.reviews.tables import Review


async def current_hashes(session: AsyncSession) -> dict[str, str]:
    """Content hash of the current version of every question, by content key."""
    rows = await session.execute(select(Question.content_key, QuestionVersion.content_hash).join(QuestionVersion, _is_current()))
    return dict(rows.all())


async def regulation_ids(session: AsyncSession) -> dict[str, int]:
    rows = await session.execute(select(Regulation.short_name, Regulation.id))
    return dict(rows.all())


async def write_version(
    session: AsyncSession,
    content_key: str,
    content: QuestionContent,
    laws: dict[str, int],
    *,
    state: QuestionState,
    author: str,
    reason: str,
    now: dt.datetime,
) -> None:
    """Write the next version of the question with this key (the first, if there is none) and make it current."""
    question = (await session.execute(select(Question).where(Question.content_key == content_key))).scalar_one_or_none()
    if question is None:
        question = Question(content_key=content_key, state=state, current_version=0, created_at=now)
    question.current_version += 1
    session.add(question)
    await session.flush()
    version = QuestionVersion(
        question_id=question.id,
        number=question.current_version,
        type=content.type,
        level=content.level,
        dimension=content.dimension,
        topic=content.topic,
        stem=content.stem,
        explanation=content.explanation,
        content_hash=content.content_hash,
        author=author,
        reason=reason,
        created_at=now,
    )
    session.add(version)
    await session.flush()
    for position, option in enumerate(content.options):
        session.add(
            QuestionOption(version_id=version.id, position=position, text=option.text, is_key=option.is_key, reason=option.reason)
        )
    session.add_all(QuestionAudience(version_id=version.id, audience=audience) for audience in content.audience)
    for citation in content.citations:
        session.add(
            QuestionCitation(
                version_id=version.id,
                regulation_id=laws[citation.law],
                article_number=citation.article.number,
                article_suffix=citation.article.suffix,
                paragraph=citation.paragraph,
            )
        )
    await session.flush()


async def read_versions(session: AsyncSession, version_ids: Iterable[int]) -> dict[int, StoredQuestion]:
    """The versions with these ids, by id. Five queries, however many."""
    wanted = list(version_ids)
    rows = await session.execute(
        select(Question, QuestionVersion)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .where(QuestionVersion.id.in_(wanted))
    )
    options: defaultdict[int, list[Option]] = defaultdict(list)
    for option in (
        await session.scalars(
            select(QuestionOption)
            .where(QuestionOption.version_id.in_(wanted))
            .order_by(QuestionOption.version_id, QuestionOption.position)
        )
    ).all():
        options[option.version_id].append(Option(option.text, option.is_key, option.reason))
    citations: defaultdict[int, list[Citation]] = defaultdict(list)
    for citation, law in await session.execute(
        select(QuestionCitation, Regulation.short_name)
        .join(Regulation, Regulation.id == QuestionCitation.regulation_id)
        .where(QuestionCitation.version_id.in_(wanted))
        .order_by(QuestionCitation.id)
    ):
        number = ArticleNumber(citation.article_number, citation.article_suffix)
        citations[citation.version_id].append(Citation(law, number, citation.paragraph))
    audiences: defaultdict[int, list[Audience]] = defaultdict(list)
    for version_id, audience in await session.execute(
        select(QuestionAudience.version_id, QuestionAudience.audience).where(QuestionAudience.version_id.in_(wanted))
    ):
        audiences[version_id].append(audience)
    return {v.id: _stored(q, v, options[v.id], citations[v.id], audiences[v.id]) for q, v in rows}


def _stored(
    question: Question,
    version: QuestionVersion,
    options: list[Option],
    citations: list[Citation],
    audience: list[Audience],
) -> StoredQuestion:
    content = QuestionContent(
        type=version.type,
        level=version.level,
        dimension=version.dimension,
        topic=version.topic,
        stem=version.stem,
        options=tuple(options),
        explanation=version.explanation,
        citations=tuple(citations),
        audience=tuple(sorted(audience)),
    )
    assert question.id is not None
    assert version.id is not None
    return StoredQuestion(question.id, version.id, version.number, question.content_key, question.state, content)


async def list_pool(session: AsyncSession, on: dt.date) -> list[PoolEntry]:
    """Every published question in its current version, ordered by content key, so that draws can be replayed.

    Those with a review open and due on that day are left out.
    """
    first = select(func.min(QuestionCitation.id)).group_by(QuestionCitation.version_id)
    counts = select(QuestionOption.version_id, func.count().label("n")).group_by(QuestionOption.version_id).subquery()
    query = (
        select(Question.content_key, QuestionVersion, counts.c.n, Regulation.short_name)
        .join(QuestionVersion, _is_current())
        .join(counts, counts.c.version_id == QuestionVersion.id)
        .join(QuestionCitation, QuestionCitation.version_id == QuestionVersion.id)
        .join(Regulation, Regulation.id == QuestionCitation.regulation_id)
        .where(Question.state == QuestionState.PUBLISHED, QuestionCitation.id.in_(first), Question.id.not_in(_in_review(on)))
        .order_by(Question.content_key)
    )
    rows = await session.execute(query)
    return [PoolEntry(key, v.id, v.type, v.level, v.dimension, v.topic, n, law) for key, v, n, law in rows]


async def questions_in_review(session: AsyncSession, on: dt.date) -> set[int]:
    """Ids of the questions with a review open and due on a day."""
    return set((await session.scalars(_in_review(on))).all())


def _in_review(on: dt.date) -> Select[tuple[int]]:
    # Never NULL, which would make NOT IN unknown for every question.
    return select(Review.question_id).where(
        Review.question_id.is_not(None), Review.state == ReviewState.OPEN, Review.due_on <= on
    )


async def list_current_ids(session: AsyncSession, law: str | None = None) -> Sequence[int]:
    """Version ids of all questions as they stand now, in the order of their keys; of one law if named."""
    query = select(QuestionVersion.id).join(Question, _is_current()).order_by(Question.content_key)
    if law is not None:
        cites_law = (
            select(QuestionCitation.id)
            .join(Regulation, Regulation.id == QuestionCitation.regulation_id)
            .where(QuestionCitation.version_id == QuestionVersion.id, Regulation.short_name == law)
        )
        query = query.where(cites_law.exists())
    return (await session.scalars(query)).all()


def _is_current() -> ColumnElement[bool]:
    return and_(QuestionVersion.question_id == Question.id, QuestionVersion.number == Question.current_version)
