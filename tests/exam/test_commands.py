"""The commands on assessments, reports and accounts: the real program where its exit status counts, the rest in this process."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import update
from typer.testing import CliRunner, Result

from exam.assessments.tables import Candidate
from exam.commands import add_commands
from exam.people.accounts import SignInRefused
from exam.people.rules import Channel, Grant, OrganisationKind, Role
from exam.wiring import Exam
from question_bank.commands import CommandRefused
from question_bank.database import Database
from question_bank.wiring import QuestionBank
from tests import factories
from tests.conftest import LOADED, run_apart
from tests.fakes import FakeClock

TITLE = "[/b] 秋季:smile:抽查"
PASSWORD = "correct horse"


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[Exam, QuestionBank, Database, FakeClock]]:
    database, clock = Database(f"sqlite+aiosqlite:///{folder / 'yushi.db'}"), FakeClock()
    bank = QuestionBank.build(database, clock)
    try:
        yield Exam.build(database, bank, clock), bank, database, clock
    finally:
        await database.close()


async def prepare(folder: Path) -> None:
    """Two schools and a round that is over: of 一小's four three sat and two passed, of 二小's one that one failed."""
    async with opened(folder) as (exam, bank, _, clock):
        await factories.add_regions(exam)
        administrator = await factories.add_administrator(exam)
        await exam.accounts.create(administrator.person_id, "li", PASSWORD)
        one = (await factories.add_school(exam, "一小", 4)).people
        [other] = (await factories.add_school(exam, "二小", 1, factories.OTHER_DISTRICT)).people
        round_id = await factories.open_round(exam, administrator, title=TITLE)
        for person, right in ((one[0], 3), (one[1], 4), (one[2], 0), (other, 0)):
            await factories.sit(exam, bank.questions, person, round_id, right=right)
        clock.advance(hours=9)
        await exam.tick()


@pytest.fixture(scope="module")
def prepared(sqlite_templates: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands")
    shutil.copy(sqlite_templates[LOADED], folder / "yushi.db")
    run_apart(prepare(folder))
    return folder


@pytest.fixture
def folder(prepared: Path, tmp_path: Path) -> Path:
    shutil.copy(prepared / "yushi.db", tmp_path / "yushi.db")
    return tmp_path


def start(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """The program as people run it."""
    environment = {**os.environ, "YUSHI_DATA": str(folder), "PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": "200"}
    environment.pop("YUSHI_DATABASE_URL", None)
    command = [sys.executable, "-m", "main", *arguments]
    return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def run(folder: Path, *arguments: str) -> Result:
    app = typer.Typer()

    @asynccontextmanager
    async def open_exam() -> AsyncIterator[Exam]:
        async with opened(folder) as (exam, *_):
            yield exam

    add_commands(app, open_exam)
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})


def refusal(folder: Path, *arguments: str) -> str:
    error = run(folder, *arguments).exception
    assert isinstance(error, CommandRefused), error
    return str(error)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("│").split("│")]


def look(folder: Path, work: Callable[[Exam], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        async with opened(folder) as (exam, *_):
            return await work(exam)

    return asyncio.run(whole())


def test_the_program_reports_in_json_and_refuses_with_one_line_and_status_one(folder: Path) -> None:
    report = start(folder, "report", "pass-rates", "--json")
    refused = start(folder, "account", "reset", "nobody")
    told = [(*process.communicate(timeout=60), process.returncode) for process in (report, refused)]
    assert json.loads(told[0][0]) == [
        {"school": "一小", "district": "金水区", "drawn": 4, "sat": 3, "absent": 1, "passed": 2, "pass_rate": 2 / 3},
        {"school": "二小", "district": "中原区", "drawn": 1, "sat": 1, "absent": 0, "passed": None, "pass_rate": None},
    ]
    assert told[0][1:] == ("", 0)
    assert told[1] == ("", "没有登录名为 nobody 的账号。\n", 1)


def test_assessments_are_listed_and_shown_with_titles_as_they_are(folder: Path) -> None:
    listed = run(folder, "assessment", "list")
    assert listed.exit_code == 0
    assert cells(listed.output.splitlines()[3]) == ["1", TITLE, "郑州市", "1", "5"]
    shown = run(folder, "assessment", "show", "1").output
    assert f"{TITLE}（郑州市），合格线 60%，5 题" in shown
    assert "轮次 1：已结束，应考 5" in shown
    assert "考核窗口结束后公布" not in shown, "the seed is told now"


def test_a_draw_is_verified_and_a_changed_one_refused(folder: Path) -> None:
    assert run(folder, "assessment", "verify", "1").output == "轮次 1：一致\n"

    async def tamper() -> None:
        async with opened(folder) as (_, _, database, _), database.transaction() as session:
            await session.execute(update(Candidate).values(draw_position=-Candidate.draw_position))

    asyncio.run(tamper())
    result = run(folder, "assessment", "verify", "1")
    assert result.output == "轮次 1：应考名单与重新抽取的结果不符\n"
    assert isinstance(result.exception, CommandRefused)


def test_what_cannot_be_shown_is_refused(folder: Path) -> None:
    for number in ("0", "2", "99999999999999999999"):
        for command in ("show", "verify"):
            assert refusal(folder, "assessment", command, number) == f"没有编号为 {number} 的抽查考核。"
        if number != "2":
            assert refusal(folder, "account", "code", number) == f"没有编号为 {number} 的人员。"
    assert run(folder, "assessment", "show", "一").exit_code == 2


def test_pass_rates_are_a_table_in_which_too_few_show_nothing(folder: Path) -> None:
    lines = run(folder, "report", "pass-rates").output.splitlines()
    assert cells(lines[3]) == ["一小", "金水区", "4", "3", "1", "2", "66.7%"]
    assert cells(lines[4]) == ["二小", "中原区", "1", "1", "0", "—", "人数不足3"]


def test_an_account_is_added_with_a_password_that_works_and_its_scope(folder: Path) -> None:
    output = run(folder, "account", "add", "wang", "--role", "regulator", "--region", "410105", "--name", "王五").output
    password = output.split("密码 ")[1].split()[0]
    actor = look(folder, lambda exam: exam.accounts.sign_in("wang", password)).actor
    assert (actor.name, actor.grants) == ("王五", (Grant(Role.REGULATOR, region_code="410105"),))
    password = run(folder, "account", "add", "zhao").output.split("密码 ")[1].split()[0]
    actor = look(folder, lambda exam: exam.accounts.sign_in("zhao", password)).actor
    assert (actor.name, actor.grants) == ("zhao", (Grant(Role.ADMINISTRATOR),))


def test_an_account_that_cannot_be_is_refused_and_nobody_is_added(folder: Path) -> None:
    assert refusal(folder, "account", "add", "li") == "不能新建账号：这个登录名已经有人用了。"
    assert refusal(folder, "account", "add", "?") == "不能新建账号：登录名要用 2 到 40 个汉字、字母、数字或 . _ @ -。"
    assert refusal(folder, "account", "add", "qian", "--role", "staff") == "不能新建账号：这个角色不使用后台。"
    assert "--region" in refusal(folder, "account", "add", "qian", "--role", "regulator")
    assert "--region" in refusal(folder, "account", "add", "qian", "--role", "trainer", "--region", "410100")
    assert refusal(folder, "account", "add", "qian", "--role", "regulator", "--region", "1") == "没有代码为 1 的地区。"
    assert "邀请码" in refusal(folder, "account", "add", "qian", "--role", "organisation_manager")
    assert run(folder, "account", "add", "qian", "--role", "king").exit_code == 2
    last = look(folder, lambda exam: exam.people.add_person("下一个", []))
    assert last == 1 + 4 + 1 + 1, "administrator, two schools' staff, and this one"


def test_a_reset_password_works_and_the_old_one_no_longer(folder: Path) -> None:
    password = run(folder, "account", "reset", "li").output.split("新密码 ")[1].split()[0]
    assert look(folder, lambda exam: exam.accounts.sign_in("li", password)).login == "li"
    with pytest.raises(SignInRefused):
        look(folder, lambda exam: exam.accounts.sign_in("li", PASSWORD))


def test_a_code_lets_its_person_in_once(folder: Path) -> None:
    school = look(folder, lambda exam: exam.people.add_organisation("一小", OrganisationKind.SCHOOL_CANTEEN, factories.DISTRICT))
    output = run(folder, "account", "code", "2").output
    code = output.split("邀请码 ")[1].split("　")[0]
    member = look(folder, lambda exam: exam.people.join(Channel.WEBCHAT, "tab", code))
    assert (member.person_id, member.organisation_id) == (2, school)
