"""Migrations: they make what the models say, once, whoever else is migrating, and never destroy anything."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect, text
from sqlmodel import SQLModel

from question_bank.database import Database, DatabaseFailure, DatabaseUnavailable
from question_bank.schema import MIGRATIONS, alembic_config, current_revision, head_revision, upgrade
from question_bank.wiring import QuestionBank
from tests.fakes import START

VERSIONS = sorted((MIGRATIONS / "versions").glob("*.py"))


@pytest.fixture
async def blank_url(empty_database: Database, tmp_path: Path) -> str:
    """A database without any table."""
    if empty_database.is_sqlite:
        return f"sqlite+aiosqlite:///{tmp_path / 'blank.db'}"
    async with empty_database.transaction() as session:
        await session.execute(text("DROP SCHEMA public CASCADE"))
        await session.execute(text("CREATE SCHEMA public"))
    return empty_database.url.render_as_string(hide_password=False)


async def run(database: Database, work: Any) -> Any:
    async with database.engine.connect() as connection:
        return await connection.run_sync(work)


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def contents(connection: Connection) -> dict[str, list[Any]]:
    """Every row of every table there is."""
    found = MetaData()
    found.reflect(connection)
    return {t.name: sorted(map(repr, connection.execute(t.select()))) for t in found.sorted_tables}


async def test_the_migrated_schema_is_what_the_models_say(empty_database: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, SQLModel.metadata))

    assert {"article", "question_version", "step"} <= set(SQLModel.metadata.tables), "models of both packages are known"
    assert await run(empty_database, differences) == []
    assert await run(empty_database, tables) == {*SQLModel.metadata.tables, "alembic_version"}


async def test_upgrading_again_does_nothing(blank_url: str) -> None:
    database = Database(blank_url)
    assert await current_revision(database) is None
    assert await upgrade(database) is True
    await QuestionBank.build(database, lambda: START).regulations.load_register()
    before = await run(database, contents)
    assert await upgrade(database) is False
    assert await run(database, contents) == before
    assert await current_revision(database) == head_revision()
    await database.close()


@pytest.mark.parametrize("attempt", range(3))
async def test_concurrent_upgrades_of_one_empty_database_all_succeed_and_one_does_it(blank_url: str, attempt: int) -> None:
    databases = [Database(blank_url) for _ in range(4)]  # each with connections and locks of its own, as processes have
    async with asyncio.timeout(60):  # without the lock they wait for each other's tables for ever
        done = await asyncio.gather(*map(upgrade, databases), return_exceptions=True)
    made = await run(databases[0], tables)
    for database in databases:
        await database.close()
    assert sorted(done, key=str) == [False, False, False, True]
    assert made == {*SQLModel.metadata.tables, "alembic_version"}


async def test_a_newer_schema_is_refused_and_nothing_is_touched(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await session.execute(text("ALTER TABLE article ADD COLUMN from_the_future INTEGER"))
    before = await run(database, contents)
    assert len(before["article"]) == 1228

    with pytest.raises(DatabaseUnavailable) as refused:
        await upgrade(database)

    assert (refused.value.failure, refused.value.place) == (DatabaseFailure.NEWER_SCHEMA, database.place)
    assert await run(database, contents) == before
    assert await current_revision(database) == "9999"


async def test_a_migration_stopped_half_way_leaves_the_old_schema_whole(blank_url: str) -> None:
    database = Database(blank_url)

    def migrate_and_stop(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert "article" in tables(connection)
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        async with database.transaction() as session:
            await (await session.connection()).run_sync(migrate_and_stop)
    assert await run(database, tables) == set()
    assert await upgrade(database) is True
    await database.close()


def test_revisions_form_one_line_and_are_named_after_their_files() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    line = [script.revision for script in scripts.walk_revisions()][::-1]
    assert len(scripts.get_heads()) == 1
    assert line == [path.name.split("_")[0] for path in VERSIONS] == [f"{n:04}" for n in range(1, len(VERSIONS) + 1)]


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_never_destroys_data(path: Path) -> None:
    found = re.findall(
        r"\bdrop_\w+|\bDROP\b|\bTRUNCATE\b|\bDELETE\s+FROM\b|def downgrade", path.read_text(encoding="utf-8"), re.IGNORECASE
    )
    assert not found, f"{path.name}: a migration may add, copy and rename; it never drops or deletes"
