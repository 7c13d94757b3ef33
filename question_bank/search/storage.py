"""SQL of the search subject. Every function works inside the session it is given."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from question_bank.companions.tables import Companion
from question_bank.regulations.tables import Regulation, RegulationVersion
from question_bank.reviews.storage import open_on
from question_bank.reviews.tables import Review
from question_bank.search.rules import TodoState
from question_bank.search.tables import GivenAnswer, LawAlias, LexiconEntry, TextVector, UnansweredQuestion

VECTOR_BATCH = 500


async def note_unanswered(session: AsyncSession, question: str, now: dt.datetime) -> None:
    """Add a question to the trainers' list, or count it up; one that was thought settled is open again."""
    insert = _insert(session)
    statement = insert(UnansweredQuestion).values(
        question=question, times=1, first_asked_at=now, last_asked_at=now, state=TodoState.OPEN
    )
    again = {"times": UnansweredQuestion.times + 1, "last_asked_at": now, "state": TodoState.OPEN}
    await session.execute(statement.on_conflict_do_update(index_elements=["question"], set_=again))


def _insert(session: AsyncSession):  # type: ignore[no-untyped-def]
    """The engine's own INSERT, the only one that knows ON CONFLICT."""
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert


async def list_lexicon(session: AsyncSession) -> list[tuple[str, str]]:
    """(everyday word, term) pairs that trainers added."""
    rows = await session.execute(select(LexiconEntry.everyday, LexiconEntry.term).order_by(LexiconEntry.id))
    return [(everyday, term) for everyday, term in rows]


async def list_aliases(session: AsyncSession) -> list[tuple[str, str]]:
    """(name, short name of the law) pairs that trainers added."""
    query = select(LawAlias.alias, Regulation.short_name).join(Regulation, Regulation.id == LawAlias.regulation_id)
    return [(alias, law) for alias, law in await session.execute(query.order_by(LawAlias.id))]


async def signature(session: AsyncSession, today: dt.date) -> tuple[object, ...]:
    """Changes whenever a text is loaded or replaced, something is taught or taken back, or a review opens or ends."""
    versions = await session.execute(select(RegulationVersion.id, RegulationVersion.text_hash).order_by(RegulationVersion.id))
    counts: list[Any] = [select(func.count(Review.id)).where(*open_on(today)).scalar_subquery()]
    for table in (Companion, LexiconEntry, LawAlias):
        # The moment too: SQLite gives the id of a row that is gone to the next one.
        counts += [
            select(each).scalar_subquery() for each in (func.count(table.id), func.max(table.id), func.max(table.created_at))
        ]
    return (today, *map(tuple, versions), *(await session.execute(select(*counts))).one())


async def read_vectors(session: AsyncSession, model: str, hashes: Sequence[str]) -> dict[str, np.ndarray]:
    """Cached vectors by text hash; those that are not there are left out."""
    found: dict[str, np.ndarray] = {}
    for start in range(0, len(hashes), VECTOR_BATCH):
        query = select(TextVector.text_hash, TextVector.vector).where(
            TextVector.model == model, TextVector.text_hash.in_(hashes[start : start + VECTOR_BATCH])
        )
        found |= {text_hash: np.frombuffer(vector, dtype="<f4") for text_hash, vector in await session.execute(query)}
    return found


async def write_vectors(session: AsyncSession, model: str, vectors: Mapping[str, np.ndarray]) -> None:
    """Keep vectors; what another process wrote meanwhile stays."""
    rows = [{"model": model, "text_hash": key, "vector": vector.astype("<f4").tobytes()} for key, vector in vectors.items()]
    await session.execute(_insert(session)(TextVector).on_conflict_do_nothing(), rows)


async def lock_answer(session: AsyncSession, answer_id: int) -> GivenAnswer | None:
    """A given answer, held by this transaction."""
    return await session.get(GivenAnswer, answer_id, with_for_update=True)
