"""SQL of teaching: the trainers' list, and the lessons as rows. Every function works inside the session it is given."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from question_bank.companions import storage as companions
from question_bank.companions.rules import CompanionKind, Origin
from question_bank.companions.tables import Companion
from question_bank.questions.storage import regulation_ids
from question_bank.regulations.rules import ArticleNumber
from question_bank.regulations.tables import Regulation
from question_bank.search.lessons import AliasLesson, Lesson, LessonKind, LexiconLesson, QuestionLesson
from question_bank.search.rules import TodoState, Vote
from question_bank.search.tables import GivenAnswer, LawAlias, LexiconEntry, UnansweredQuestion
from question_bank.search.todo import TodoEntry, TodoKind, TodoRef

_ANSWER = (GivenAnswer.question, GivenAnswer.regulation_id, GivenAnswer.article_number, GivenAnswer.article_suffix)
"""Votes on the same answer to the same question are one entry."""


async def count_todo(session: AsyncSession, kind: TodoKind, *, settled: bool) -> int:
    if kind is TodoKind.UNANSWERED:
        query = select(func.count()).select_from(UnansweredQuestion).where(_is_settled(UnansweredQuestion, settled))
    else:
        query = select(func.count()).select_from(_votes(settled).subquery())
    return (await session.execute(query)).scalar_one()


async def list_todo(session: AsyncSession, kind: TodoKind, *, settled: bool, offset: int, limit: int) -> list[TodoEntry]:
    """Open entries, most asked first; settled ones, the last decided first."""
    if kind is TodoKind.UNANSWERED:
        query = select(UnansweredQuestion).where(_is_settled(UnansweredQuestion, settled))
        order = _order(UnansweredQuestion, UnansweredQuestion.times, UnansweredQuestion.last_asked_at, settled=settled)
        rows = await session.scalars(query.order_by(*order).offset(offset).limit(limit))
        return [_unanswered(row) for row in rows]
    groups = _votes(settled).subquery()
    order = _order(GivenAnswer, groups.c.times, groups.c.last, settled=settled)
    return await _voted_down(session, _joined(groups).order_by(*order).offset(offset).limit(limit), settled=settled)


async def find_todo(session: AsyncSession, ref: TodoRef) -> TodoEntry | None:
    if ref.kind is TodoKind.UNANSWERED:
        row = await session.get(UnansweredQuestion, ref.id)
        return _unanswered(row) if row else None
    answer = await session.get(GivenAnswer, ref.id)
    if answer is None or answer.vote is not Vote.DOWN:
        return None
    settled = answer.state is not TodoState.OPEN
    groups = _votes(settled).where(*_same_as(answer)).subquery()
    return (await _voted_down(session, _joined(groups), settled=settled))[0]


async def decide(session: AsyncSession, ref: TodoRef, state: TodoState, author: str, now: dt.datetime) -> bool:
    """Settle an entry, and with it all equal votes. What is settled is not dismissed, what is taught not taught again."""
    table: Any = UnansweredQuestion if ref.kind is TodoKind.UNANSWERED else GivenAnswer
    before = [TodoState.OPEN] if state is TodoState.DISMISSED else [TodoState.OPEN, TodoState.DISMISSED]
    conditions = [table.state.in_(before)]
    if ref.kind is TodoKind.UNANSWERED:
        conditions.append(table.id == ref.id)
    else:
        answer = await session.get_one(GivenAnswer, ref.id)
        conditions += [GivenAnswer.vote == Vote.DOWN, *_same_as(answer)]
    statement = update(table).where(*conditions).values(state=state, decided_by=author, decided_at=now)
    return bool((await session.execute(statement)).rowcount)  # type: ignore[attr-defined]


def _is_settled(table: Any, settled: bool) -> ColumnElement[bool]:
    return table.state != TodoState.OPEN if settled else table.state == TodoState.OPEN


def _order(table: Any, times: Any, last: Any, *, settled: bool) -> tuple[Any, ...]:
    return (table.decided_at.desc(), table.id.desc()) if settled else (times.desc(), last.desc(), table.id.desc())


def _votes(settled: bool) -> Select[Any]:
    """Answers voted down by question and article: how often, when, and the id of the latest."""
    times = [func.count().label("times"), func.min(GivenAnswer.answered_at).label("first")]
    times += [func.max(GivenAnswer.answered_at).label("last"), func.max(GivenAnswer.id).label("id")]
    query = select(*_ANSWER, *times).where(GivenAnswer.vote == Vote.DOWN, _is_settled(GivenAnswer, settled))
    return query.group_by(*_ANSWER)


def _same_as(answer: GivenAnswer) -> tuple[ColumnElement[bool], ...]:
    return tuple(column == getattr(answer, column.key) for column in _ANSWER)


def _joined(groups: Any) -> Select[Any]:
    query = select(GivenAnswer, groups.c.times, groups.c.first, groups.c.last, Regulation.short_name)
    joined = query.join(groups, groups.c.id == GivenAnswer.id)
    return joined.join(Regulation, Regulation.id == GivenAnswer.regulation_id)


async def _voted_down(session: AsyncSession, query: Select[Any], *, settled: bool) -> list[TodoEntry]:
    rows = (await session.execute(query)).all()
    words: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    questions = {answer.question for answer, *_ in rows}
    written = select(GivenAnswer).where(
        GivenAnswer.vote == Vote.DOWN,
        GivenAnswer.word.is_not(None),
        GivenAnswer.question.in_(questions),
        _is_settled(GivenAnswer, settled),
    )
    for answer in await session.scalars(written.order_by(GivenAnswer.id)):
        words[_key(answer)].append(answer.word or "")
    return [
        TodoEntry(
            ref=TodoRef(TodoKind.VOTED_DOWN, answer.id),
            question=answer.question,
            times=times,
            first_at=first,
            last_at=last,
            state=answer.state,
            decided_by=answer.decided_by,
            decided_at=answer.decided_at,
            law=law,
            article=ArticleNumber(answer.article_number, answer.article_suffix),
            words=tuple(dict.fromkeys(words[_key(answer)])),
        )
        for answer, times, first, last, law in rows
    ]


def _key(answer: GivenAnswer) -> tuple[Any, ...]:
    return tuple(getattr(answer, column.key) for column in _ANSWER)


def _unanswered(row: UnansweredQuestion) -> TodoEntry:
    assert row.id is not None
    return TodoEntry(
        ref=TodoRef(TodoKind.UNANSWERED, row.id),
        question=row.question,
        times=row.times,
        first_at=row.first_asked_at,
        last_at=row.last_asked_at,
        state=row.state,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


async def write_lesson(session: AsyncSession, lesson: Lesson, author: str, now: dt.datetime) -> bool:
    """Write a lesson's row; False where it is there already, shipped or taught."""
    laws = await regulation_ids(session)
    match lesson:
        case LexiconLesson(everyday, term):
            same = select(LexiconEntry.id).where(LexiconEntry.everyday == everyday, LexiconEntry.term == term)
            row: Any = LexiconEntry(everyday=everyday, term=term, author=author, created_at=now)
        case AliasLesson(alias, law):
            same = select(LawAlias.id).where(LawAlias.alias == alias)
            row = LawAlias(regulation_id=laws[law], alias=alias, author=author, created_at=now)
        case QuestionLesson(law, article, text):
            key = (laws[law], article.number, article.suffix, CompanionKind.QUESTION, text)
            if await companions.exists(session, key):
                return False
            await companions.insert_many(session, [key], Origin.TRAINER, author, now)
            return True
    if (await session.scalars(same)).first() is not None:
        return False
    session.add(row)
    return True


async def list_lessons(session: AsyncSession) -> list[tuple[LessonKind, int, Lesson, str, dt.datetime]]:
    """(kind, row id, lesson, author, moment) of all that trainers taught, the latest first."""
    found: list[tuple[LessonKind, int, Lesson, str, dt.datetime]] = []
    for entry in await session.scalars(select(LexiconEntry)):
        lesson: Lesson = LexiconLesson(entry.everyday, entry.term)
        found.append((LessonKind.LEXICON, entry.id or 0, lesson, entry.author, entry.created_at))
    taught = select(Companion, Regulation.short_name).join(Regulation, Regulation.id == Companion.regulation_id)
    for row, law in await session.execute(taught.where(*_taught_questions())):
        lesson = QuestionLesson(law, ArticleNumber(row.article_number, row.article_suffix), row.text)
        found.append((LessonKind.QUESTION, row.id, lesson, row.author, row.created_at))
    names = select(LawAlias, Regulation.short_name).join(Regulation, Regulation.id == LawAlias.regulation_id)
    for name, law in await session.execute(names):
        found.append((LessonKind.ALIAS, name.id, AliasLesson(name.alias, law), name.author, name.created_at))
    return sorted(found, key=lambda each: (each[4], each[1]), reverse=True)


def _taught_questions() -> Sequence[ColumnElement[bool]]:
    return (Companion.origin == Origin.TRAINER, Companion.kind == CompanionKind.QUESTION)  # type: ignore[return-value]


async def delete_lesson(session: AsyncSession, kind: LessonKind, lesson_id: int) -> bool:
    """Take a lesson back; False where there is none (any more). What is shipped stays."""
    if kind is LessonKind.QUESTION:
        query = select(Companion.id).where(Companion.id == lesson_id, *_taught_questions())
        ids = (await session.scalars(query)).all()
        await companions.delete_many(session, [each for each in ids if each is not None])
        return bool(ids)
    table: Any = LexiconEntry if kind is LessonKind.LEXICON else LawAlias
    return bool((await session.execute(delete(table).where(table.id == lesson_id))).rowcount)  # type: ignore[attr-defined]
