"""Brings a database to the current schema with Alembic, or says plainly that it is newer than this program."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from question_bank.database import Database, DatabaseFailure, DatabaseUnavailable, Turn, classify_failure

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def head_revision() -> str:
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert head is not None
    return head


async def current_revision(database: Database) -> str | None:
    """The revision the database is at; None when it has no tables of ours yet."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(_read_revision)


def _read_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


async def upgrade(database: Database) -> bool:
    """Migrate to the newest schema; True if anything was done. One transaction: a kill leaves the old schema whole.

    Raises DatabaseUnavailable(NEWER_SCHEMA) when a newer program has migrated it, and nothing is touched.
    """
    scripts = ScriptDirectory.from_config(alembic_config())
    known = {script.revision for script in scripts.walk_revisions()}
    try:
        current = await current_revision(database)
        if current is not None and current not in known:
            raise DatabaseUnavailable(DatabaseFailure.NEWER_SCHEMA, database.place)
        if current == scripts.get_current_head():
            return False
        async with database.transaction() as session:
            await database.take_turn(session, Turn.MIGRATE)
            return await (await session.connection()).run_sync(_upgrade)
    except (DBAPIError, OSError) as error:
        raise DatabaseUnavailable(classify_failure(error), database.place) from error


def _upgrade(connection: Connection) -> bool:
    if _read_revision(connection) == head_revision():  # another process was first
        return False
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return True
