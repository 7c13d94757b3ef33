"""The `yushi assessment …`, `yushi report …` and `yushi account …` commands."""

import asyncio
import json
import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from exam.assessments.rules import DrawFault, RoundState
from exam.assessments.service import AssessmentNotFound
from exam.people.accounts import AccountRefusal, AccountRefused
from exam.people.rules import Actor, Grant, Role
from exam.results.service import PassRates, SchoolPassRate
from exam.wiring import Exam
from question_bank.commands import CommandRefused

Opening = Callable[[], AbstractAsyncContextManager[Exam]]
out = Console(markup=False, emoji=False, highlight=False, soft_wrap=True)  # titles and names are printed as they are

OPERATOR = Actor(0, "command line", (Grant(Role.ADMINISTRATOR),))
"""Whoever can run commands on the machine can read the database anyway."""

_ROUND_STATES = {
    RoundState.PLANNED: "待开始",
    RoundState.OPEN: "进行中",
    RoundState.CLOSED: "已结束",
    RoundState.FAILED: "未能开始",
    RoundState.CANCELLED: "已取消",
}
_ACCOUNT_REFUSALS = {
    AccountRefusal.LOGIN_INVALID: "登录名要用 2 到 40 个汉字、字母、数字或 . _ @ -",
    AccountRefusal.LOGIN_TAKEN: "这个登录名已经有人用了",
    AccountRefusal.PASSWORD_SHORT: "密码太短",
    AccountRefusal.HAS_ACCOUNT: "这个人已经有后台账号",
    AccountRefusal.NO_PANEL_ROLE: "这个角色不使用后台",
}
_FAULTS = {
    DrawFault.FRAME_CHANGED: "抽样框与公布的哈希值不符",
    DrawFault.SEED_NOT_COMMITTED: "随机种子与事先公布的承诺值不符",
    DrawFault.ROSTER_DIFFERS: "应考名单与重新抽取的结果不符",
}


def add_commands(app: typer.Typer, open_exam: Opening) -> None:
    """Add this package's commands to the program."""
    app.add_typer(_assessment_commands(open_exam), name="assessment")
    app.add_typer(_report_commands(open_exam), name="report")
    app.add_typer(_account_commands(open_exam), name="account")


def new_password() -> str:
    """A password to be shown once: about 95 bits."""
    return secrets.token_urlsafe(12)


def _assessment_commands(open_exam: Opening) -> typer.Typer:
    assessment = typer.Typer(help="抽查考核", no_args_is_help=True)

    @assessment.command("list")
    def list_assessments() -> None:
        """列出全部抽查考核。"""

        async def run():  # type: ignore[no-untyped-def]
            async with open_exam() as exam:
                return await exam.assessments.list_assessments(OPERATOR)

        table = Table("编号", "名称", "地区", "轮次", "应考")
        for view in asyncio.run(run()):
            table.add_row(
                str(view.id), view.title, view.region_name, str(len(view.rounds)), str(sum(r.drawn for r in view.rounds))
            )
        out.print(table)

    @assessment.command("show")
    def show(assessment_id: Annotated[int, typer.Argument(metavar="ID")]) -> None:
        """一次抽查考核的各轮情况。"""

        async def run():  # type: ignore[no-untyped-def]
            async with open_exam() as exam:
                return await exam.assessments.get_assessment(OPERATOR, assessment_id)

        view = _or_refuse(run, assessment_id)
        out.print(f"{view.title}（{view.region_name}），合格线 {view.pass_mark}%，{view.blueprint.question_count} 题")
        for r in view.rounds:
            out.print(f"  轮次 {r.id}：{_ROUND_STATES[r.state]}，应考 {r.drawn}，抽样框哈希 {r.frame_hash or '—'}")
            out.print(f"    种子承诺 {r.seed_commitment}，种子 {r.seed or '考核窗口结束后公布'}")

    @assessment.command("verify")
    def verify(assessment_id: Annotated[int, typer.Argument(metavar="ID")]) -> None:
        """用公布的数据重新抽取一遍，核对每一轮的应考名单。"""

        async def run():  # type: ignore[no-untyped-def]
            async with open_exam() as exam:
                return await exam.assessments.verify(OPERATOR, assessment_id)

        checked = _or_refuse(run, assessment_id)
        if not checked:
            out.print("还没有已结束的轮次，种子尚未公布，暂时不能核对。")
        for round_id, faults in checked.items():
            out.print(f"轮次 {round_id}：" + ("一致" if not faults else "；".join(_FAULTS[fault] for fault in faults)))
        if any(checked.values()):
            raise CommandRefused("核对不一致。")

    return assessment


def _or_refuse(run, assessment_id: int):  # type: ignore[no-untyped-def]
    try:
        return asyncio.run(run())
    except AssessmentNotFound as missing:
        raise CommandRefused(f"没有编号为 {assessment_id} 的抽查考核。") from missing


def _report_commands(open_exam: Opening) -> typer.Typer:
    report = typer.Typer(help="报表", no_args_is_help=True)

    @report.callback()
    def reports() -> None:
        """报表。"""

    @report.command("pass-rates")
    def pass_rates(as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False) -> None:
        """按单位的合格率；人数太少的不显示。"""

        async def run() -> PassRates:
            async with open_exam() as exam:
                return await exam.results.pass_rates(OPERATOR)

        rates = asyncio.run(run())
        if as_json:
            typer.echo(json.dumps([_line_json(line) for line in rates.lines], ensure_ascii=False))
            return
        table = Table("单位", "区县", "应考", "参考", "缺考", "合格", "合格率")
        for line in rates.lines:
            t = line.tally
            passed, rate = ("—", f"人数不足{rates.minimum_n}") if line.rate is None else (str(t.passed), f"{line.rate:.1%}")
            table.add_row(line.organisation_name, line.region_name, str(t.drawn), str(t.sat), str(t.absent), passed, rate)
        out.print(table)

    return report


def _line_json(line: SchoolPassRate) -> dict[str, object]:
    """Of a suppressed rate the number that passed is left out too: the rate could be told from it."""
    t = line.tally
    return {
        "school": line.organisation_name,
        "district": line.region_name,
        "drawn": t.drawn,
        "sat": t.sat,
        "absent": t.absent,
        "passed": None if line.rate is None else t.passed,
        "pass_rate": line.rate,
    }


def _account_commands(open_exam: Opening) -> typer.Typer:
    account = typer.Typer(help="后台账号", no_args_is_help=True)

    @account.command("add")
    def add(
        login: Annotated[str, typer.Argument(help="登录名")],
        role: Annotated[Role, typer.Option(help="角色")] = Role.ADMINISTRATOR,
        region: Annotated[str | None, typer.Option(help="监管人员的地区代码，例如 410100")] = None,
        name: Annotated[str | None, typer.Option(help="姓名，默认同登录名")] = None,
    ) -> None:
        """新建后台账号，密码只显示一次。"""
        if role is Role.ORGANISATION_MANAGER:
            raise CommandRefused("单位管理人员请用邀请码开通账号：yushi account code。")
        if (role is Role.REGULATOR) != (region is not None):
            raise CommandRefused("监管人员要用 --region 写明地区代码，例如 410100；其他角色不写。")
        password = new_password()

        async def run() -> None:
            async with open_exam() as exam:
                if region is not None and region not in {known.code for known in await exam.people.list_regions(OPERATOR)}:
                    raise CommandRefused(f"没有代码为 {region} 的地区。")
                await exam.accounts.create_with_person(name or login, [Grant(role, region_code=region)], login, password)

        try:
            asyncio.run(run())
        except AccountRefused as refused:
            raise CommandRefused(f"不能新建账号：{_ACCOUNT_REFUSALS[refused.reason]}。") from refused
        typer.echo(f"登录名 {login}　密码 {password}　（只显示这一次）")

    @account.command("reset")
    def reset(login: Annotated[str, typer.Argument(help="登录名")]) -> None:
        """重置密码，新密码只显示一次；已登录的会全部退出。"""
        password = new_password()

        async def run() -> bool:
            async with open_exam() as exam:
                return await exam.accounts.reset_password(login, password)

        if not asyncio.run(run()):
            raise CommandRefused(f"没有登录名为 {login} 的账号。")
        typer.echo(f"登录名 {login}　新密码 {password}　（只显示这一次）")

    @account.command("code")
    def code(person_id: Annotated[int, typer.Argument(help="人员编号，见后台“单位与人员”")]) -> None:
        """给一个人发新的一次性邀请码。"""

        async def run() -> str:
            async with open_exam() as exam:
                await exam.people.get_actor(person_id)
                return await exam.people.issue_join_code(person_id)

        try:
            typer.echo(f"邀请码 {asyncio.run(run())}　（30 天内有效，只能用一次，只显示这一次）")
        except LookupError as missing:
            raise CommandRefused(f"没有编号为 {person_id} 的人员。") from missing

    return account
