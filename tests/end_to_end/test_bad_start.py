"""Starts under bad conditions: a clear line and an exit status for what cannot be helped, and nothing lost in any case."""

import re
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from question_bank.database import Database
from tests.bot_api import BotApiServer
from tests.end_to_end.chats import says
from tests.end_to_end.panel import Panel
from tests.end_to_end.service import Service, environment
from tests.end_to_end.web_chats import SocketChat
from tests.end_to_end.world import dump

_PASSWORD = re.compile(r"管理后台登录名 (\S+)　密码 (\S+)")


@pytest.fixture
def loaded(tmp_path: Path, sqlite_templates: dict[str, Path]) -> Path:
    """A data folder with the laws and the questions in its database, and nobody in it yet."""
    shutil.copy(sqlite_templates["loaded"], tmp_path / "yushi.db")
    return tmp_path


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


async def refusal(service: Service) -> str:
    """Start what cannot start; returns the one line that says why."""
    await service.launch()
    assert await service.ended() == 1, service.describe()
    assert len(service.errors) == 1, service.describe()
    assert re.search(r"[一-鿿]{4}", service.errors[0]), "in Chinese"
    return service.errors[0]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def passwords(*services: Service) -> list[tuple[str, str]]:
    return [found for service in services for found in _PASSWORD.findall("\n".join(service.output))]


@pytest.mark.parametrize("token", ["123456:WRONG", "123456:two\nlines"])
async def test_a_wrong_token_is_told_in_one_line_and_the_web_chat_goes_on(loaded: Path, token: str) -> None:
    async with BotApiServer() as telegram:
        service = Service(environment(loaded, telegram=telegram, TELEGRAM_BOT_TOKEN=token))
        async with service:
            await service.wait_for(lambda service: service.errors, 20)
            chat = SocketChat(service.url, "学员")
            await chat.connect()
            await chat.say("你好，请问怎么用")
            await chat.see(says("欢迎来到豫食学堂"))
            await chat.close()
            await service.stop()
    [line] = service.errors
    assert "TELEGRAM_BOT_TOKEN" in line
    assert token not in line


async def test_a_port_in_use_refuses_the_start_and_the_password_is_not_lost(loaded: Path, taken_port: int) -> None:
    refused, started = Service(environment(loaded), port=taken_port), Service(environment(loaded))
    assert f"端口 {taken_port} 已被占用" in await refusal(refused)
    async with started, Panel(started.url) as panel:
        [(login, password)] = passwords(refused, started)
        await panel.sign_in(login, password)
        await started.stop()


async def test_a_second_start_prints_no_password_and_changes_no_row(database_url: str, tmp_path: Path) -> None:
    """Both are stopped in their first instant, with jobs of the clock under way: these are let finish, not cut off."""
    settings = environment(tmp_path, database_url)
    async with Service(settings) as first:
        await first.stop()
    assert len(passwords(first)) == 1
    before = await dump(database_url)
    assert len(before["account"]) == 1
    assert before["question"]
    assert before["article"]

    async with Service(settings) as second:
        await second.stop()
    assert passwords(second) == []
    assert "密码" not in "\n".join(second.output)
    assert await dump(database_url) == before
    assert (first.errors, second.errors) == ([], [])
    assert "已停止" in second.output[-1]


async def test_a_first_start_that_is_killed_is_made_up_for_by_the_next(tmp_path: Path, sqlite_templates: dict[str, Path]) -> None:
    killed, started = (Service(environment(tmp_path)) for _ in range(2))
    await killed.launch()
    await killed.wait_for(lambda service: any("载入" in line for line in service.output), 20)
    await killed.kill()
    async with started:
        await started.stop()
    assert len(passwords(killed, started)) == 1
    found, expected = [await dump(f"sqlite+aiosqlite:///{path}") for path in (tmp_path / "yushi.db", sqlite_templates["loaded"])]
    for table in ("regulation", "article", "question", "question_version"):
        assert len(found[table]) == len(expected[table]) > 0


async def test_a_data_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    line = await refusal(Service(environment(tmp_path / "file" / "data")))
    assert "打不开数据库" in line
    assert str(tmp_path) in line


@pytest.fixture(params=[True, False], ids=["with_database", "empty"])
def read_only(request: pytest.FixtureRequest, loaded: Path) -> Iterator[Path]:
    """A data folder that may be read only, with a database in it that may be read only, or with none."""
    path = loaded / "yushi.db"
    path.chmod(0o400)
    if not request.param:
        path.unlink()
    loaded.chmod(0o500)
    yield loaded
    loaded.chmod(0o700)


async def test_a_data_folder_that_cannot_be_written_is_refused(read_only: Path) -> None:
    before = contents(read_only)
    line = await refusal(Service(environment(read_only), has_roots_powers=False))
    assert "数据库只读" in line or "打不开数据库" in line
    assert str(read_only) in line
    assert contents(read_only) == before


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "yushi.db").write_text("我的购物清单：白菜、豆腐\n" * 500)
    before = contents(tmp_path)
    line = await refusal(Service(environment(tmp_path)))
    assert "不是有效的数据库" in line
    assert str(tmp_path / "yushi.db") in line
    assert contents(tmp_path) == before


async def test_a_database_of_a_newer_program_is_refused_and_left_alone(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    async with database.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = 'zzzz'"))
    before = await dump(database_url)

    line = await refusal(Service(environment(tmp_path, database_url)))

    assert "更新版本的程序" in line
    assert await dump(database_url) == before
    async with database.reading() as session:
        assert (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one() == "zzzz"
    await database.close()


async def test_a_database_that_another_process_holds_for_long_is_refused(loaded: Path) -> None:
    """The start waits out the busy timeout of ten seconds before it gives up."""
    other = sqlite3.connect(loaded / "yushi.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        line = await refusal(Service(environment(loaded)))
    finally:
        other.close()
    assert "被另一个程序长时间占用" in line
    assert str(loaded / "yushi.db") in line


async def test_a_database_server_that_is_not_there_is_refused_without_telling_the_password(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"postgresql+asyncpg://yushi:geheim@127.0.0.1:{port}/yushi"
    line = await refusal(Service(environment(tmp_path, url)))
    assert "连不上数据库" in line
    assert str(port) in line
    assert "geheim" not in line


@pytest.mark.parametrize("url", ["mysql://yushi:geheim@127.0.0.1/yushi", "geheim", "postgresql+psycopg://u:geheim@h/d"])
async def test_an_address_of_no_database_of_ours_is_refused_without_telling_the_password(tmp_path: Path, url: str) -> None:
    line = await refusal(Service(environment(tmp_path, url)))
    assert "YUSHI_DATABASE_URL" in line
    assert "geheim" not in line


async def test_a_setting_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    line = await refusal(Service(environment(tmp_path, YUSHI_MINIMUM_N="three")))
    assert "YUSHI_MINIMUM_N" in line
