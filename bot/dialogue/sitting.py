"""Assessments in chat: the invitation, starting, the answer card, handing in."""

import structlog

from bot import messages
from bot.dialogue.events import Button, Response
from bot.dialogue.pages import HOME_ROW, DialogueServices, Row, action, one
from bot.dialogue.paper import show_overview, show_result, show_slot
from exam.assessments.sitting import Invitation, InvitationState, StartRefused
from exam.papers.rules import PaperCannotBeFilled
from exam.people.service import Member

log = structlog.get_logger()

_STARTS = {InvitationState.CAN_START: messages.START_NOW, InvitationState.CAN_RESIT: messages.RESIT}


async def list_invitations(services: DialogueServices, member: Member, *, replaces: bool = True) -> Response:
    invitations = await services.sitting.list_invitations(member.person_id)
    if not invitations:
        return one(messages.NO_INVITATIONS, HOME_ROW, replaces=replaces)
    if len(invitations) == 1:
        return one(messages.invitation(invitations[0]), *invitation_rows(invitations[0]), replaces=replaces)
    rows: list[Row] = [(Button(messages.invitation_button(item), action("ex", item.round_id)),) for item in invitations]
    return one(messages.EXAM_LIST, *rows, HOME_ROW, replaces=replaces)


async def show_invitation(services: DialogueServices, member: Member, round_id: int) -> Response:
    try:
        found = await services.sitting.get_invitation(member.person_id, round_id)
    except StartRefused as refused:
        return one(messages.START_REFUSALS[refused.reason], HOME_ROW)
    return one(messages.invitation(found), *invitation_rows(found))


def invitation_rows(invitation: Invitation) -> list[Row]:
    latest = invitation.attempt_id
    rows: list[Row] = []
    if invitation.state in _STARTS:
        rows.append((Button(_STARTS[invitation.state], action("go", invitation.round_id, latest or 0)),))
    if latest is not None and invitation.state is InvitationState.SITTING:
        rows.append((Button(messages.CONTINUE, action("q", latest, 0)),))
    elif latest is not None:
        rows.append((Button(messages.RESULT, action("res", latest)),))
    return [*rows, HOME_ROW]


async def start(services: DialogueServices, member: Member, round_id: int, latest: int) -> Response:
    """Start, or go on where the person stopped.

    `latest` is the attempt (0: none) after which the tapped button offered a start: an old button must not use up a resit.
    """
    try:
        invitation = await services.sitting.get_invitation(member.person_id, round_id)
        if invitation.state in _STARTS and (invitation.attempt_id or 0) != latest:
            return one(messages.invitation(invitation), *invitation_rows(invitation), toast=messages.SCREEN_OUTDATED)
        attempt = await services.sitting.start(member.person_id, round_id)
    except StartRefused as refused:
        return one(messages.START_REFUSALS[refused.reason], HOME_ROW)
    except PaperCannotBeFilled as short:
        log.error("paper_unavailable", round=round_id, parts=len(short.shortfalls))
        return one(messages.PAPER_UNAVAILABLE, *invitation_rows(invitation))
    return await show_slot(services, attempt, 0)


async def overview(services: DialogueServices, member: Member, attempt_id: int, page: int = 0) -> Response:
    attempt = await services.attempts.get(member.person_id, attempt_id)
    return show_result(attempt) if attempt.is_submitted else show_overview(services, attempt, page)


async def ask_to_submit(services: DialogueServices, member: Member, attempt_id: int) -> Response:
    attempt = await services.attempts.get(member.person_id, attempt_id)
    if attempt.is_submitted:
        return show_result(attempt)
    rows = (
        (Button(messages.SUBMIT_NOW, action("sub!", attempt_id)),),
        (Button(messages.KEEP_ANSWERING, action("ov", attempt_id)),),
    )
    return one(messages.confirm_submit(attempt), *rows, deadline=attempt.deadline)


async def submit(services: DialogueServices, member: Member, attempt_id: int) -> Response:
    return show_result(await services.attempts.submit(member.person_id, attempt_id))
