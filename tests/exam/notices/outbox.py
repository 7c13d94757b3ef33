"""People with notices waiting, for the tests of the outbox."""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import select

from exam.notices.rules import NoticeKind
from exam.notices.service import DueNotice
from exam.notices.tables import Notice
from exam.people.rules import Channel, Grant, Role
from exam.wiring import Exam
from question_bank.database import Database

TELEGRAM, WEB = Channel.TELEGRAM, Channel.WEBCHAT


async def add_person(exam: Exam, *accounts: tuple[Channel, str]) -> int:
    person = await exam.people.add_person("张三", [Grant(Role.STAFF)])
    for channel, external_id in accounts:
        await exam.people.join(channel, external_id, await exam.people.issue_join_code(person))
    return person


async def write(
    exam: Exam, database: Database, people: Iterable[int], subject: int = 1, not_after: dt.datetime | None = None
) -> None:
    async with database.transaction() as session:
        await exam.notices.write(session, NoticeKind.ASSESSMENT_OPENED, subject, people, not_after=not_after)


async def rows(database: Database) -> list[Notice]:
    async with database.reading() as session:
        return list((await session.scalars(select(Notice).order_by(Notice.id))).all())


async def claim(exam: Exam, channel: Channel = TELEGRAM, reachable: set[str] | None = None, limit: int = 9) -> list[DueNotice]:
    return await exam.notices.claim(channel, reachable, limit)
