"""Use cases on companions: keep the rows in line with the shipped files; trainers' own rows are never touched by that."""

from pathlib import Path

from question_bank.companions import storage
from question_bank.companions.content import CONTENT_FOLDER, load_companions
from question_bank.companions.rules import CompanionKind, Origin
from question_bank.database import Clock, Database, Turn
from question_bank.questions.content import ContentError
from question_bank.questions.storage import regulation_ids

SHIPPED_AUTHOR = "yushi"


class Companions:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def load_shipped(self, folder: Path = CONTENT_FOLDER) -> int:
        """Write new shipped companions and remove those no longer shipped; returns how many rows changed. Idempotent.

        Raises ContentError when a file is unsound or names a law outside the register; nothing is written then.
        """
        entries = load_companions(folder)
        async with self._database.reading() as session:
            laws = await regulation_ids(session)
            there = await storage.list_shipped(session)
        wanted: list[storage.Key] = []
        for entry in entries:
            if entry.law not in laws:
                raise ContentError(f"companions: unknown regulation {entry.law}")
            place = (laws[entry.law], entry.article.number, entry.article.suffix)
            wanted.append((*place, CompanionKind.DIGEST, entry.digest or ""))
            wanted += [(*place, CompanionKind.QUESTION, question) for question in entry.questions]
        if there.keys() == set(wanted):
            return 0
        async with self._database.transaction() as session:
            await self._database.take_turn(session, Turn.LOAD)
            there = await storage.list_shipped(session)  # another process may have been first
            gone = [row_id for key, row_id in there.items() if key not in set(wanted)]
            new = [key for key in wanted if key not in there]
            if gone:
                await storage.delete_many(session, gone)
            await storage.insert_many(session, new, Origin.SHIPPED, SHIPPED_AUTHOR, self._clock())
        return len(gone) + len(new)
