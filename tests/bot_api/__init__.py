"""A Telegram Bot API server for tests: a real bot talks to it over HTTP, people are virtual."""

from .conversation import Conversation, Group
from .messages import Button, CallbackAnswer, File, Message
from .parameters import InputFile
from .person import NoSuchButtonError, Person
from .server import BotApiServer, Refused, Request

__all__ = [
    "BotApiServer",
    "Button",
    "CallbackAnswer",
    "Conversation",
    "File",
    "Group",
    "InputFile",
    "Message",
    "NoSuchButtonError",
    "Person",
    "Refused",
    "Request",
]
