"""The home screen and joining: what matters now, and how a newcomer gets in with a code."""

import re
import unicodedata

from bot import messages
from bot.dialogue.events import Button, Identity, Response
from bot.dialogue.pages import DialogueServices, Row, action, one
from exam.assessments.sitting import InvitationState
from exam.attempts.rules import AttemptMode
from exam.people.service import JoinRefusal, JoinRefused, Member

_PRINTED_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{4}[-–—_ ]?[A-Za-z0-9]{4}(?![A-Za-z0-9])")
_MISTYPED_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 –—_-]{4,14}[A-Za-z0-9]")
_WAITING = (InvitationState.CAN_START, InvitationState.SITTING, InvitationState.CAN_RESIT)


async def home(services: DialogueServices, member: Member, *, replaces: bool = False, remark: str = "") -> Response:
    """The home screen; `remark` is put above it."""
    invitations = await services.sitting.list_invitations(member.person_id)
    waiting = [invitation for invitation in invitations if invitation.state in _WAITING]
    sitting = {}
    rows: list[Row] = []
    for item in waiting:
        if item.state is InvitationState.SITTING and item.attempt_id is not None:
            sitting[item.round_id] = await services.attempts.get(member.person_id, item.attempt_id)
            rows.append((Button(messages.continue_button(item.title), action("q", item.attempt_id, 0)),))
        else:
            rows.append((Button(messages.exam_button(item.title), action("ex", item.round_id)),))
    practice = await services.attempts.find_open(member.person_id, AttemptMode.PRACTICE)
    text = messages.home(member, waiting, sitting, practice, services.clock())
    return one(f"{remark}\n\n{text}" if remark else text, *rows, *menu_rows(), replaces=replaces)


def menu_rows() -> tuple[Row, ...]:
    return ((Button(messages.PRACTICE, "pr"), Button(messages.EXAM, "ex"), Button(messages.HELP, "help")),)


def find_code(typed: str) -> str | None:
    """What in a newcomer's text is meant as a join code, also amid other words or mistyped; None when nothing is."""
    text = unicodedata.normalize("NFKC", typed).strip()
    if found := _PRINTED_CODE.search(text):
        return found[0]
    return text if _MISTYPED_CODE.fullmatch(text) else None


async def join(services: DialogueServices, identity: Identity, code: str) -> Response:
    """Try a code from somebody who has not joined yet."""
    try:
        member = await services.people.join(identity.channel, identity.external_id, code)
    except JoinRefused as refused:
        return one(messages.JOIN_REFUSALS[refused.reason], replaces=False)
    return await home(services, member, remark=messages.joined(member))


async def already_joined(services: DialogueServices, member: Member) -> Response:
    """A code from somebody who has joined: it is neither used up nor read as a question."""
    return await home(services, member, remark=messages.JOIN_REFUSALS[JoinRefusal.ALREADY_BOUND])
