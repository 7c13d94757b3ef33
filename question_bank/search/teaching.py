"""Use cases of trainers: look at what the search did not answer well, try a lesson out, keep it, take it back.

A lesson is tried on the evaluation questions before it is kept; the search follows what is kept by itself.
"""

import asyncio
import datetime as dt
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from question_bank.database import Clock, Database, Turn
from question_bank.search import storage, teaching_storage
from question_bank.search.builder import Snapshot, all_names
from question_bank.search.evaluation import Case, Outcome, load_cases
from question_bank.search.lessons import AliasLesson, Lesson, LessonKind, Problem, find_problem, tidy, with_lesson
from question_bank.search.rules import TodoState
from question_bank.search.service import Search
from question_bank.search.todo import TodoEntry, TodoKind, TodoNotFound, TodoRef
from question_bank.search.trial import Given, Trial, compare, give, run


class LessonRefused(ValueError):
    """A lesson that cannot be taken, and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class FiguresWorse(ValueError):
    """More evaluation questions lose their place by a lesson than is tolerated; it is kept only if asked for all the same."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(str(trial.lost))
        self.trial = trial


@dataclass(frozen=True)
class KeptLesson:
    kind: LessonKind
    id: int
    lesson: Lesson
    author: str
    at: dt.datetime


class Teaching:
    """`cases` gives the evaluation questions; by default those that are shipped."""

    def __init__(self, database: Database, search: Search, clock: Clock, cases: Callable[[], list[Case]] = load_cases) -> None:
        self._database = database
        self._search = search
        self._clock = clock
        self._load_cases = cases
        self._cases: list[Case] | None = None
        self._trying = asyncio.Lock()
        # Of the snapshot as it is; no snapshot is kept alive by them.
        self._baseline: tuple[weakref.ref[Snapshot], list[Outcome]] | None = None
        self._last: tuple[weakref.ref[Snapshot], Trial] | None = None

    async def count_todo(self, kind: TodoKind, *, settled: bool = False) -> int:
        async with self._database.reading() as session:
            return await teaching_storage.count_todo(session, kind, settled=settled)

    async def list_todo(self, kind: TodoKind, *, settled: bool = False, offset: int = 0, limit: int = 50) -> Sequence[TodoEntry]:
        """Open entries, most asked first, or the settled ones, last decided first."""
        async with self._database.reading() as session:
            return await teaching_storage.list_todo(session, kind, settled=settled, offset=offset, limit=limit)

    async def get_todo(self, ref: TodoRef) -> TodoEntry:
        """Raises TodoNotFound."""
        async with self._database.reading() as session:
            entry = await teaching_storage.find_todo(session, ref)
        if entry is None:
            raise TodoNotFound(ref)
        return entry

    async def dismiss(self, ref: TodoRef, author: str) -> bool:
        """Settle an entry without a lesson; True if it was open. Raises TodoNotFound."""
        await self.get_todo(ref)
        async with self._database.transaction() as session:
            return await teaching_storage.decide(session, ref, TodoState.DISMISSED, author, self._clock())

    async def given_now(self, question: str) -> Given:
        """What the search gives for a question now. Nothing is written down."""
        return await asyncio.to_thread(give, await self._search.refresh(), question)

    async def try_out(self, lesson: Lesson, question: str) -> Trial:
        """What a lesson would do to the evaluation and to the question at hand; nothing is taught by it.

        Takes some seconds; with sentence vectors some ten more the first time. Raises LessonRefused.
        """
        async with self._trying:
            return await self._try_out(tidy(lesson), question)

    async def _try_out(self, lesson: Lesson, question: str) -> Trial:
        before = await self._search.refresh()
        if self._last is not None and self._last[0]() is before:
            last = self._last[1]
            if (last.lesson, last.question) == (lesson, question):
                return last
        after = await self._build(before, lesson)
        cases = await self._ready_cases(before, after, question)
        if self._baseline is None or self._baseline[0]() is not before:
            self._baseline = (weakref.ref(before), await asyncio.to_thread(run, before, cases))
        outcomes = await asyncio.to_thread(run, after, cases)
        trial = await asyncio.to_thread(compare, lesson, question, (before, after), self._baseline[1], outcomes)
        self._last = (weakref.ref(before), trial)
        return trial

    async def _build(self, before: Snapshot, lesson: Lesson) -> Snapshot:
        """The snapshot as it will be with the lesson. Raises LessonRefused."""
        register = list(before.register.values())
        async with self._database.reading() as session:
            aliases = await storage.list_aliases(session)
        if problem := find_problem(lesson, before, dict(all_names(register, aliases))):
            raise LessonRefused(problem)
        builder = self._search.builder
        if isinstance(lesson, AliasLesson):
            return await builder.with_names(before, [*aliases, (lesson.alias, lesson.law)])
        corpus = with_lesson(before.corpus, lesson)
        if before.ranker.knows_meaning:
            await builder.add_vectors(await builder.missing_vectors(corpus))
        return await builder.build_from(corpus, register, aliases)

    async def _ready_cases(self, before: Snapshot, after: Snapshot, question: str) -> list[Case]:
        """The evaluation questions, with the vectors that ranking them takes."""
        if self._cases is None:
            self._cases = await asyncio.to_thread(self._load_cases)
        if before.ranker.knows_meaning or after.ranker.knows_meaning:
            cases = self._cases

            def read() -> list[str]:
                questions = [question, *(case.question for case in cases)]
                return [snapshot.reader.read(each).topic for snapshot in (before, after) for each in questions]

            await self._search.builder.know_queries(await asyncio.to_thread(read))
        return self._cases

    async def keep(self, lesson: Lesson, author: str, ref: TodoRef, *, in_spite_of_figures: bool = False) -> bool:
        """Teach a lesson, effective at once, and mark the entry taught. False where it was taught already.

        Raises TodoNotFound, LessonRefused, or FiguresWorse when the evaluation loses by it more than is tolerated.
        """
        lesson = tidy(lesson)
        entry = await self.get_todo(ref)
        try:
            trial = await self.try_out(lesson, entry.question)
        except LessonRefused as refused:
            if refused.problem is not Problem.ALREADY_THERE:
                raise
            is_new = False
        else:
            is_new = True
            if trial.is_harmful and not in_spite_of_figures:
                raise FiguresWorse(trial)
        async with self._database.transaction() as session:
            await self._database.take_turn(session, Turn.LOAD)
            if is_new:
                is_new = await teaching_storage.write_lesson(session, lesson, author, self._clock())
            await teaching_storage.decide(session, ref, TodoState.TAUGHT, author, self._clock())
        await self._search.refresh()
        return is_new

    async def list_lessons(self) -> list[KeptLesson]:
        """All that trainers taught, the latest first."""
        async with self._database.reading() as session:
            return [KeptLesson(*row) for row in await teaching_storage.list_lessons(session)]

    async def withdraw(self, kind: LessonKind, lesson_id: int) -> bool:
        """Take a lesson back, effective at once; False where there is none (any more)."""
        async with self._database.transaction() as session:
            await self._database.take_turn(session, Turn.LOAD)
            is_gone = await teaching_storage.delete_lesson(session, kind, lesson_id)
        await self._search.refresh()
        return is_gone
