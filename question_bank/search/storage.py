"""SQL of the search subject."""

import datetime as dt

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from question_bank.search.tables import UnansweredQuestion


async def note_unanswered(session: AsyncSession, question: str, now: dt.datetime) -> None:
    """Add a question to the list, or count it up."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(UnansweredQuestion).values(question=question, times=1, first_asked_at=now, last_asked_at=now)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["question"], set_={"times": UnansweredQuestion.times + 1, "last_asked_at": now}
        )
    )
