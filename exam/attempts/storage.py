"""SQL of the attempts subject. Every function works inside the session it is given."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from exam.assessments.rules import FeedbackPolicy
from exam.attempts.rules import AttemptMode, PastStep, SlotState, SubmittedBy, Tap
from exam.attempts.tables import Attempt, Slot, Step
from exam.papers.rules import PaperSlot
from question_bank.questions.rules import QuestionType
from question_bank.questions.tables import QuestionVersion


@dataclass(frozen=True)
class NewAttempt:
    """What an attempt is frozen with at its start."""

    person_id: int
    mode: AttemptMode
    title: str
    feedback: FeedbackPolicy
    paper: tuple[PaperSlot, ...]
    candidate_id: int | None = None
    ordinal: int = 1
    pass_mark: int | None = None
    deadline: dt.datetime | None = None
    window_closes_at: dt.datetime | None = None


async def insert_attempt(session: AsyncSession, new: NewAttempt, now: dt.datetime) -> int:
    """Write an attempt with its frozen paper; returns its id."""
    attempt = Attempt(
        person_id=new.person_id,
        mode=new.mode,
        candidate_id=new.candidate_id,
        ordinal=new.ordinal,
        title=new.title,
        feedback=new.feedback,
        pass_mark=new.pass_mark,
        started_at=now,
        deadline=new.deadline,
        window_closes_at=new.window_closes_at,
        max_score=float(len(new.paper)),
    )
    session.add(attempt)
    await session.flush()
    assert attempt.id is not None
    await session.execute(
        insert(Slot),
        [
            {
                "attempt_id": attempt.id,
                "position": position,
                "question_version_id": slot.version_id,
                "option_order": list(slot.option_order),
                "max_mark": 1.0,
                "response": [],
                "is_answered": False,
                "step_count": 0,
            }
            for position, slot in enumerate(new.paper, start=1)
        ],
    )
    return attempt.id


@dataclass(frozen=True)
class AttemptRow:
    """An attempt as read back: plain values, as a paper is read at every tap."""

    id: int
    person_id: int
    mode: AttemptMode
    candidate_id: int | None
    ordinal: int
    title: str
    feedback: FeedbackPolicy
    pass_mark: int | None
    started_at: dt.datetime
    deadline: dt.datetime | None
    window_closes_at: dt.datetime | None
    submitted_at: dt.datetime | None
    submitted_by: SubmittedBy | None
    score: float | None
    max_score: float
    passed: bool | None


@dataclass(frozen=True)
class SlotRow:
    """A slot as read back; `type` is its question's."""

    id: int
    position: int
    question_version_id: int
    option_order: list[int]
    max_mark: float
    response: list[int]
    is_answered: bool
    step_count: int
    type: QuestionType


@dataclass(frozen=True)
class Paper:
    """An attempt with its slots in order."""

    attempt: AttemptRow
    slots: tuple[SlotRow, ...]

    def with_slot(self, slot: SlotRow) -> "Paper":
        return replace(self, slots=(*self.slots[: slot.position - 1], slot, *self.slots[slot.position :]))


_ATTEMPT, _SLOT, _STEP = Attempt.__table__, Slot.__table__, Step.__table__
_ATTEMPT_FIELDS = [field.name for field in fields(AttemptRow)]
_SLOT_FIELDS = [field.name for field in fields(SlotRow) if field.name != "type"]
_PAPER = (
    select(*(_ATTEMPT.c[name] for name in _ATTEMPT_FIELDS), *(_SLOT.c[name] for name in _SLOT_FIELDS), QuestionVersion.type)
    .select_from(_ATTEMPT)
    .outerjoin(_SLOT, _SLOT.c.attempt_id == _ATTEMPT.c.id)
    .outerjoin(QuestionVersion, QuestionVersion.id == _SLOT.c.question_version_id)
    .where(_ATTEMPT.c.id == bindparam("attempt_id"))
    .order_by(_SLOT.c.position)
)
_HOLD = select(_ATTEMPT.c.id).where(_ATTEMPT.c.id == bindparam("attempt_id")).with_for_update()
_STEPS_SINCE = (
    select(_STEP.c.sequence, _STEP.c.action, _STEP.c.option, _STEP.c.response)
    .where(_STEP.c.slot_id == bindparam("slot"), _STEP.c.sequence > bindparam("seen"))
    .order_by(_STEP.c.sequence)
)
_APPEND = insert(_STEP)
_BRING_UP_TO_DATE = (
    update(_SLOT)
    .where(_SLOT.c.id == bindparam("slot"))
    .values(response=bindparam("new_response"), is_answered=bindparam("answered"), step_count=bindparam("steps"))
)
_MARK = (
    update(_SLOT).where(_SLOT.c.id == bindparam("slot")).values(fraction=bindparam("new_fraction"), mark=bindparam("new_mark"))
)


def read_paper(connection: Connection, attempt_id: int, *, lock: bool = False) -> Paper | None:
    """An attempt's paper in one query; with `lock`, held until the transaction ends (SQLite's write lock serves there).

    The lock is a statement of its own: one that waits for it would show the slots as they were before the wait.
    """
    if lock and connection.dialect.name != "sqlite":
        connection.execute(_HOLD, {"attempt_id": attempt_id})
    rows = connection.execute(_PAPER, {"attempt_id": attempt_id}).all()
    if not rows:
        return None
    width = len(_ATTEMPT_FIELDS)
    return Paper(AttemptRow(*rows[0][:width]), tuple(SlotRow(*row[width:]) for row in rows if row[width] is not None))


async def find_paper(session: AsyncSession, attempt_id: int, *, lock: bool = False) -> Paper | None:
    """`read_paper` inside a session's transaction."""
    return await (await session.connection()).run_sync(read_paper, attempt_id, lock=lock)


def list_steps_since(connection: Connection, slot_id: int, sequence: int) -> list[PastStep]:
    rows = connection.execute(_STEPS_SINCE, {"slot": slot_id, "seen": sequence})
    return [PastStep(number, action, option, tuple(response)) for number, action, option, response in rows]


def append_step(
    connection: Connection, slot: SlotRow, tap: Tap, state: SlotState, occurred_at: dt.datetime, now: dt.datetime
) -> SlotRow:
    """Add a step and bring the slot's copy of it up to date; returns the slot as it is then."""
    changed = replace(slot, response=list(state.response), is_answered=state.is_answered, step_count=state.step_count)
    step = {
        "slot_id": slot.id,
        "sequence": changed.step_count,
        "action": tap.action,
        "option": tap.option,
        "response": changed.response,
        "occurred_at": occurred_at,
        "recorded_at": now,
    }
    connection.execute(_APPEND, step)
    copy = {"slot": slot.id, "new_response": changed.response, "answered": changed.is_answered, "steps": changed.step_count}
    connection.execute(_BRING_UP_TO_DATE, copy)
    return changed


async def write_submission(session: AsyncSession, submitted: AttemptRow, marks: Sequence[tuple[int, float, float]]) -> None:
    """Write how an attempt ended, and (slot id, fraction, mark) of its whole paper."""
    connection = await session.connection()
    rows = [{"slot": slot_id, "new_fraction": fraction, "new_mark": mark} for slot_id, fraction, mark in marks]
    if rows:
        await connection.execute(_MARK, rows)
    ended = {name: getattr(submitted, name) for name in ("submitted_at", "submitted_by", "score", "max_score", "passed")}
    await connection.execute(update(_ATTEMPT).where(_ATTEMPT.c.id == submitted.id).values(ended))


async def list_steps(session: AsyncSession, attempt_id: int) -> Sequence[tuple[int, Step]]:
    """(position, step) of a whole attempt in the order recorded."""
    query = select(Slot.position, Step).join(Slot, Slot.id == Step.slot_id).where(Slot.attempt_id == attempt_id).order_by(Step.id)
    return [(position, step) for position, step in await session.execute(query)]


async def list_overdue(session: AsyncSession, now: dt.datetime, limit: int) -> Sequence[int]:
    """Ids of open attempts whose deadline is past, oldest first."""
    query = (
        select(Attempt.id).where(Attempt.submitted_at.is_(None), Attempt.deadline < now).order_by(Attempt.deadline).limit(limit)
    )
    return [attempt_id for attempt_id in (await session.scalars(query)).all() if attempt_id is not None]


async def find_open(session: AsyncSession, person_id: int, mode: AttemptMode, *, lock: bool = False) -> Paper | None:
    """The person's newest attempt in this mode that is not submitted; `lock` as in `read_paper`."""
    query = (
        select(Attempt.id)
        .where(Attempt.person_id == person_id, Attempt.mode == mode, Attempt.submitted_at.is_(None))
        .order_by(Attempt.id.desc())
        .limit(1)
    )
    attempt_id = (await session.scalars(query)).first()
    paper = None if attempt_id is None else await find_paper(session, attempt_id, lock=lock)
    return paper if paper is None or paper.attempt.submitted_at is None else None


async def list_attempts_of_candidates(session: AsyncSession, candidate_ids: Iterable[int | None]) -> Sequence[Attempt]:
    """Their attempts, each candidate's in the order of sitting."""
    query = select(Attempt).where(Attempt.candidate_id.in_(list(candidate_ids)))
    return (await session.scalars(query.order_by(Attempt.candidate_id, Attempt.ordinal))).all()


async def list_versions_of_candidate(session: AsyncSession, candidate_id: int) -> frozenset[int]:
    """Question versions in any of the candidate's papers."""
    query = select(Slot.question_version_id).join(Attempt, Attempt.id == Slot.attempt_id)
    return frozenset((await session.scalars(query.where(Attempt.candidate_id == candidate_id))).all())


async def list_versions_seen(session: AsyncSession, person_id: int, mode: AttemptMode) -> frozenset[int]:
    """Question versions that a person has answered in this mode."""
    query = (
        select(Slot.question_version_id)
        .join(Attempt, Attempt.id == Slot.attempt_id)
        .where(Attempt.person_id == person_id, Attempt.mode == mode, Slot.is_answered)
    )
    return frozenset((await session.scalars(query)).all())
