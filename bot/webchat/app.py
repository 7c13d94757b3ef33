"""The web chat's sub-application: the page, its session cookie, the socket and the HTTP fallback.

GET  /        the page, sets the cookie          GET  socket   WebSocket: frames up, responses and notices down
GET  static/  its style, scripts and icon        POST events   one frame up, its response down
                                                 GET  notices  long poll: the next notice, or none (?wait=0: at once)
"""

from pathlib import Path

from aiohttp import WSMsgType, web

from bot.webchat.frames import MAX_FRAME_BYTES, BadFrame, error_object, notice_object, parse_frame, to_json
from bot.webchat.presence import PollListener, Presence, SocketListener, WebChatSender
from bot.webchat.session import grant_session, refusal, require_identity, require_same_origin
from bot.webchat.turns import Handle, Turns
from question_bank.database import Clock

STATIC = Path(__file__).parent / "static"
HEARTBEAT_SECONDS = 25.0
POLL_SECONDS = 25.0
CLOSE_TIMEOUT_SECONDS = 3.0

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",  # may be kept, must be asked about: a new release is seen at the next visit
}

_CLOCK = web.AppKey("webchat_clock", Clock)
_TURNS = web.AppKey("webchat_turns", Turns)
_PRESENCE = web.AppKey("webchat_presence", Presence)
_SENDER = web.AppKey("webchat_sender", WebChatSender)
_POLL_SECONDS = web.AppKey("webchat_poll_seconds", float)


def init_app(handle: Handle, clock: Clock, *, poll_seconds: float = POLL_SECONDS) -> web.Application:
    """Build the sub-application; mount it with `add_subapp("/chat/", app)`, or serve it alone."""
    app = web.Application()
    presence = Presence()
    app[_CLOCK] = clock
    app[_TURNS] = Turns(handle, clock)
    app[_PRESENCE] = presence
    app[_SENDER] = WebChatSender(presence, clock)
    app[_POLL_SECONDS] = poll_seconds
    app.router.add_get("", add_slash)  # "/chat": without its slash the page's relative addresses would miss
    app.router.add_get("/", show_page, name="page")
    app.router.add_get("/socket", open_socket)
    app.router.add_post("/events", post_event)
    app.router.add_get("/notices", wait_for_notice, allow_head=False)
    app.router.add_static("/static/", STATIC)
    app.on_response_prepare.append(_add_headers)
    app.on_shutdown.append(_close_connections)
    return app


def webchat_sender(app: web.Application) -> WebChatSender:
    """The sender of notices for the application that `init_app` returned."""
    return app[_SENDER]


async def add_slash(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(request.app.router["page"].url_for())


async def show_page(request: web.Request) -> web.StreamResponse:
    response = web.FileResponse(STATIC / "chat.html")
    grant_session(request, response, path=str(request.app.router["page"].url_for()))
    return response


async def open_socket(request: web.Request) -> web.StreamResponse:
    require_same_origin(request)
    _require_running(request)
    identity = require_identity(request)
    # aiohttp refuses a message of max_msg_size bytes, hence the one more
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=MAX_FRAME_BYTES + 1, timeout=CLOSE_TIMEOUT_SECONDS)
    await socket.prepare(request)
    with request.app[_PRESENCE].joined(identity.external_id, SocketListener(socket)):
        async for message in socket:
            if message.type is WSMsgType.ERROR:
                break
            try:
                if message.type is not WSMsgType.TEXT:
                    raise BadFrame("not_json")
                answer = await request.app[_TURNS].take(identity, parse_frame(message.data))
                await socket.send_str(to_json(answer, request.app[_CLOCK]()))
            except BadFrame as error:
                await socket.send_str(to_json(error_object(error)))
            except ConnectionError:  # gone before the answer: the page asks again when it is back
                break
    return socket


async def post_event(request: web.Request) -> web.Response:
    require_same_origin(request)
    identity = require_identity(request)
    if request.content_type != "application/json":
        raise refusal(web.HTTPUnsupportedMediaType, "not_json")
    body = await _read_body(request)
    try:
        answer = await request.app[_TURNS].take(identity, parse_frame(body))
    except BadFrame as error:
        raise refusal(web.HTTPTooManyRequests if error.code == "busy" else web.HTTPBadRequest, error.code) from None
    return _json_response(to_json(answer, request.app[_CLOCK]()))


async def _read_body(request: web.Request) -> bytes:
    """Read at most 32 KiB. Not request.read(): its limit belongs to the application this one is mounted in."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_FRAME_BYTES:
            raise web.HTTPRequestEntityTooLarge(
                MAX_FRAME_BYTES, len(body), text='{"error": "too_large"}', content_type="application/json"
            )
    return bytes(body)


async def wait_for_notice(request: web.Request) -> web.StreamResponse:
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":  # a GET carries no Origin
        raise refusal(web.HTTPForbidden, "foreign_origin")
    _require_running(request)
    identity = require_identity(request)
    listener = PollListener(request)
    delivered = False
    try:
        with request.app[_PRESENCE].joined(identity.external_id, listener):
            frame = await listener.wait(0 if request.query.get("wait") == "0" else request.app[_POLL_SECONDS])
        response = _json_response(frame or to_json(notice_object(()), request.app[_CLOCK]()))
        # Written here, not by the server after the return, so that the sender knows whether anybody got it.
        await response.prepare(request)
        await response.write_eof()
        delivered = True
    except ConnectionError:
        pass  # the page hung up while it waited; the sender is told below
    finally:
        listener.written(delivered)
    return response


def _require_running(request: web.Request) -> None:
    if request.app[_PRESENCE].is_closed:
        raise refusal(web.HTTPServiceUnavailable, "stopping")


def _json_response(text: str) -> web.Response:
    return web.Response(text=text, content_type="application/json", headers={"Cache-Control": "no-store"})


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)


async def _close_connections(app: web.Application) -> None:
    await app[_PRESENCE].close()
