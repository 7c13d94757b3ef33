"""Routes a person's event to the conversation it belongs to. All state is in the database: any process can answer."""

import traceback

import structlog
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from bot import messages
from bot.dialogue import asking, elsewhere, home, practising, reading, sitting, voting
from bot.dialogue.events import Event, EventKind, Identity, Reply, Response, Suggestions
from bot.dialogue.pages import HOME_ROW, BadAction, DialogueServices, one, whole_number
from bot.dialogue.paper import show_result, show_slot, take_tap
from bot.dialogue.reading import Place
from exam.attempts.service import AttemptNotFound
from exam.notices.rules import NoticeKind
from exam.notices.service import DueNotice
from exam.people.codes import normalise_join_code
from exam.people.service import Member
from question_bank.database import is_busy

log = structlog.get_logger()


class Dialogue:
    """The one dialogue behind Telegram and the web chat."""

    def __init__(self, services: DialogueServices) -> None:
        self._services = services

    async def handle(self, event: Event) -> Response:
        """Everything that one event leads to. Never raises: trouble is logged without texts and told kindly."""
        try:
            return await self._route(event)
        except AttemptNotFound:
            return one(messages.NOT_YOURS, HOME_ROW, replaces=False)
        except BadAction:
            return one(messages.SCREEN_OUTDATED, HOME_ROW, replaces=False)
        except Exception as error:
            is_passing = is_busy(error) or isinstance(error, (NoFreeConnection, OSError))
            _log_failure(event.kind, error, is_passing=is_passing)
            return one(messages.BUSY if is_passing else messages.FAILED, replaces=False)

    async def suggest(self, identity: Identity, typed: str) -> Suggestions:
        """What to offer while somebody types after the bot's name. Never raises: in trouble there is nothing to offer."""
        try:
            member = await self._services.people.find_member(identity.channel, identity.external_id)
            return await elsewhere.suggest(self._services, member, typed)
        except Exception as error:
            _log_failure("suggest", error, is_passing=is_busy(error))
            return Suggestions()

    async def _route(self, event: Event) -> Response:
        services = self._services
        member = await services.people.find_member(event.identity.channel, event.identity.external_id)
        if event.kind is EventKind.GROUP_TEXT:
            return await elsewhere.ask_in_group(services, member, event.identity, event.text, event.place)
        if member is None:
            return await self._newcomer(event)
        if event.kind is EventKind.TAP:
            return await self._tap(event, member)
        if event.kind is EventKind.COMMAND:
            return await self._command(event, member)
        if event.kind is EventKind.TEXT and normalise_join_code(event.text):
            return await home.already_joined(services, member)
        if event.kind is EventKind.TEXT:
            return await asking.ask(services, member, event.identity, event.text)
        return one(messages.NOT_TEXT, replaces=False)

    async def _newcomer(self, event: Event) -> Response:
        """Somebody who has not joined: a code is tried, anything else is welcomed."""
        code = home.find_code(event.text) if event.kind is EventKind.TEXT else None
        if event.kind is EventKind.COMMAND and event.name == "start":
            code = None if elsewhere.is_link(event.text) else event.text
        return await home.join(self._services, event.identity, code) if code else one(messages.WELCOME, replaces=False)

    async def _command(self, event: Event, member: Member) -> Response:
        services = self._services
        match event.name:
            case "start" if place := elsewhere.linked_place(event.text):
                return await reading.show_article(services, member, place)
            case "start" if event.text and not elsewhere.is_link(event.text):
                return await home.already_joined(services, member)
            case "start":
                return await home.home(services, member)
            case "practice":
                return await practising.choose_law(services, member, replaces=False)
            case "exam":
                return await sitting.list_invitations(services, member, replaces=False)
            case "help":
                return one(messages.HELP_TEXT, *home.menu_rows(), replaces=False)
            case "ask":
                return await asking.ask(services, member, event.identity, event.text)
        return one(f"{messages.UNKNOWN_COMMAND}\n\n{messages.HELP_TEXT}", *home.menu_rows(), replaces=False)

    async def _tap(self, event: Event, member: Member) -> Response:
        services = self._services
        if not event.name.isprintable():  # a NUL, half an emoji: in no action of ours, and no database takes them
            raise BadAction(event.kind)
        match event.name.split(":"):
            case ["home"]:
                return await home.home(services, member, replaces=True)
            case ["help"]:
                return one(messages.HELP_TEXT, *home.menu_rows())
            case ["pr"]:
                return await practising.choose_law(services, member)
            case ["pr!", law]:
                return await practising.start(services, member, law)
            case ["ex"]:
                return await sitting.list_invitations(services, member)
            case ["ex", round_id]:
                return await sitting.show_invitation(services, member, whole_number(round_id))
            case ["go", round_id, latest]:
                return await sitting.start(services, member, whole_number(round_id), whole_number(latest))
            case ["t", *arguments]:
                return await take_tap(services, member, arguments, event.occurred_at)
            case ["q", attempt_id, position]:
                attempt = await services.attempts.get(member.person_id, whole_number(attempt_id))
                return await show_slot(services, attempt, whole_number(position))
            case ["ov", attempt_id]:
                return await sitting.overview(services, member, whole_number(attempt_id))
            case ["ov", attempt_id, page]:
                return await sitting.overview(services, member, whole_number(attempt_id), whole_number(page))
            case ["sub", attempt_id]:
                return await sitting.ask_to_submit(services, member, whole_number(attempt_id))
            case ["sub!", attempt_id]:
                return await sitting.submit(services, member, whole_number(attempt_id))
            case ["res", attempt_id]:
                attempt = await services.attempts.get(member.person_id, whole_number(attempt_id))
                return show_result(attempt) if attempt.is_submitted else await show_slot(services, attempt, 0)
            case [reading.RELATED, regulation, number, suffix]:
                return await practising.start_on_article(services, member, Place.parse(regulation, number, suffix))
            case [voting.VOTE, *arguments]:
                return await voting.take_tap(services, event.identity, arguments)
        return await reading.take_tap(services, member, event.name)

    async def word_notice(self, notice: DueNotice) -> Reply:
        """The message for a notice, worded as things stand when it is sent."""
        if notice.kind is NoticeKind.ASSESSMENT_OPENED:
            invitation = await self._services.sitting.get_invitation(notice.person_id, notice.subject_id)
            return Reply(messages.invitation_notice(invitation), tuple(sitting.invitation_rows(invitation)))
        attempt = await self._services.attempts.get(notice.person_id, notice.subject_id)
        return show_result(attempt).replies[0]


def _log_failure(kind: str, error: Exception, *, is_passing: bool) -> None:
    """Log where it failed, without the error's own words: a database's carry the very values a person entered."""
    places = [f"{place.filename}:{place.lineno} {place.name}" for place in traceback.extract_tb(error.__traceback__)[-6:]]
    cause = type(error.__cause__).__name__ if error.__cause__ else None
    log.error("dialogue_failed", kind=kind, error=type(error).__name__, cause=cause, passing=is_passing, places=places)
