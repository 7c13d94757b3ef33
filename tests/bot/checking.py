"""What every reply must keep to, whatever it says: the limits of the channels, and the small HTML that both show."""

import html
import re

from bot.dialogue.events import Button, Reply, Response

ALLOWED_TAGS = ("b", "i", "u", "blockquote")
MOST_BUTTONS, MOST_IN_A_ROW, LONGEST_LABEL, LONGEST_TOAST = 100, 8, 64, 200
_PIECE = re.compile(r"<(/?)([^<>]*)>|&(?:lt|gt|amp|quot|#x27);|[^<>&]+|([<>&])")


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def read_html(text: str) -> str:
    """What a person reads of a reply's text; AssertionError for anything but the allowed, balanced tags."""
    plain, opened, position = "", [], 0
    for piece in _PIECE.finditer(text):
        assert piece.start() == position, f"cannot be read at {position}: {text!r}"
        position = piece.end()
        assert piece[3] is None, f"{piece[3]} is not escaped at {piece.start()}: {text!r}"
        if piece[2] is None:
            plain += html.unescape(piece[0])
            continue
        assert piece[2] in ALLOWED_TAGS, f"tag not allowed: {piece[0]}"
        if piece[1]:
            assert opened, f"{piece[0]} closes nothing: {text!r}"
            assert opened.pop() == piece[2], f"{piece[0]} closes another tag: {text!r}"
        else:
            opened.append(piece[2])
    assert not opened, f"never closed: {opened} in {text!r}"
    return plain


def check_reply(reply: Reply) -> None:
    plain = read_html(reply.text)
    assert plain.strip(), "an empty message"
    assert utf16_length(plain) <= 4096, f"{utf16_length(plain)} UTF-16 units"
    assert sum(map(len, reply.buttons)) <= MOST_BUTTONS
    for row in reply.buttons:
        assert 1 <= len(row) <= MOST_IN_A_ROW, [button.text for button in row]
        for button in row:
            check_button(button)


def check_button(button: Button) -> None:
    assert button.text.strip(), f"a button without a text: {button}"
    assert len(button.text) <= LONGEST_LABEL, button.text
    assert 1 <= len(button.action.encode()) <= 64, button.action


def check_response(response: Response) -> None:
    assert response.replies or response.toast, "a person is never left without an answer"
    for button in response.row or ():
        check_button(button)
    for reply in response.replies:
        check_reply(reply)
    assert sum(reply.replaces for reply in response.replies) <= 1, "two replies cannot take the place of one message"
    assert response.toast is None or 1 <= utf16_length(response.toast) <= LONGEST_TOAST
