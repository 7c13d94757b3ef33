"""A database with the default laws, kept between runs in build/qa so that vectors are computed once."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from question_bank.database import Database
from question_bank.schema import upgrade
from question_bank.search.builder import Builder
from question_bank.search.meaning import load_model
from question_bank.wiring import QuestionBank

FOLDER = Path(__file__).parent.parent.parent / "build" / "qa"


def utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def opened_bank(name: str = "default") -> AsyncIterator[tuple[Database, QuestionBank]]:
    """The bank with everything shipped, in the database of that name."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite+aiosqlite:///{FOLDER / name}.db")
    try:
        await upgrade(database)
        bank = QuestionBank.build(database, utc_now)
        await bank.load_shipped()
        yield database, bank
    finally:
        await database.close()


@asynccontextmanager
async def opened_builder(*, with_model: bool) -> AsyncIterator[Builder]:
    """A builder over the default laws, with all vectors there if it has the model."""
    async with opened_bank() as (database, bank):
        builder = Builder(database, bank.regulations, bank.reviews, load_model if with_model else lambda: None)
        corpus, _, _ = await builder.read_corpus()
        if missing := await builder.missing_vectors(corpus):
            print(f"computing {len(missing)} vectors, once …", file=sys.stderr)
            await builder.add_vectors(missing)
        yield builder
