"""A Telegram Bot API server for tests, on 127.0.0.1."""

import re
import time
from collections import Counter
from typing import Any, NamedTuple, Self

from aiohttp import web

from .errors import ApiError
from .faults import Faults
from .limits import MAX_DOCUMENT_BYTES
from .methods import HANDLERS
from .parameters import Parameters, method_name, read_request, typed
from .webhook import Webhook
from .world import World

_METHOD_PATH = re.compile(r"/bot([^/]+)/(\w+)")
_FILE_PATH = re.compile(r"/file/bot([^/]+)/(.+)")


class Request(NamedTuple):
    """A request of the bot; `time` is that of time.monotonic()."""

    method: str
    params: Parameters
    time: float


class Refused(NamedTuple):
    """A request which was answered with an error."""

    method: str
    params: Parameters
    description: str


class BotApiServer(World):
    """Stands in for api.telegram.org: one bot, and the people who write to it.

    `refused` has the requests which Telegram would refuse: a right bot leaves it empty. `faults`
    has the errors which the test ordered (fail_next, block, enforce_limits) and conflicts of two
    polling bots.
    """

    def __init__(
        self,
        token: str = "123456:TEST-TOKEN",
        *,
        port: int = 0,
        username: str = "test_bot",
    ) -> None:
        super().__init__(token, username)
        self.port = port
        self.requests: list[Request] = []
        self.refused: list[Refused] = []
        self.faults: list[Refused] = []
        self.sent: Counter[str] = Counter()
        self.webhook = Webhook(self.updates)
        self._ordered = Faults()
        self._runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        """What ApplicationBuilder().base_url() takes."""
        return f"http://127.0.0.1:{self.port}/bot"

    @property
    def base_file_url(self) -> str:
        """What ApplicationBuilder().base_file_url() takes."""
        return f"http://127.0.0.1:{self.port}/file/bot"

    async def start(self) -> None:
        """Listen; after `stop` on the same port and with the same state."""
        app = web.Application(client_max_size=MAX_DOCUMENT_BYTES + 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, backlog=1024).start()
        self.port = self._runner.addresses[0][1]
        self.updates.open()
        self.webhook.start()

    async def stop(self) -> None:
        """Stop listening; the state stays."""
        self.updates.close()
        await self.webhook.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def fail_next(
        self,
        method: str,
        error_code: int,
        description: str | None = None,
        retry_after: int | None = None,
        times: int = 1,
    ) -> None:
        """Answer the next calls of the method with an error, without applying them."""
        self._ordered.fail_next(method, error_code, description, retry_after, times)

    def drop_next(self, method: str, times: int = 1) -> None:
        """Apply the next calls of the method, but close the connection instead of answering."""
        self._ordered.drop_next(method, times)

    def requests_of(self, method: str) -> list[Parameters]:
        """The parameters of all calls of the method until now."""
        return [request.params for request in self.requests if request.method == method]

    def describe(self) -> str:
        """The newest requests and refusals, for error messages."""
        lines = [f"{self.updates.count} updates not confirmed, {self.sent.total()} sent"]
        lines += [f"  request {request.method}" for request in self.requests[-5:]]
        lines += [f"  refused {r.method}: {r.description}" for r in self.refused[-5:]]
        return "\n".join(lines)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if file := _FILE_PATH.fullmatch(request.path):
            return self._answer_file(*file.groups())
        called = _METHOD_PATH.fullmatch(request.path)
        token, method = called.groups() if called else ("", request.path)
        method = method_name(method)
        params: Parameters = {}
        try:
            params = await read_request(request)
            if called is not None and token != self.token:
                raise ApiError(401, "Unauthorized")
            if method not in HANDLERS:
                raise ApiError(404, "Not Found")
            params = typed(method, params)
            self.requests.append(Request(method, params, time.monotonic()))
            body, status = {"ok": True, "result": await self._apply(method, params)}, 200
        except ConnectionError:  # the bot was killed while it sent the request
            return web.Response()
        except ApiError as error:
            kept = self.faults if error.asked_for else self.refused
            kept.append(Refused(method, params, error.description))
            body, status = error.as_api(), error.error_code
        else:
            if method not in ("getUpdates", "getMe"):
                self.sent[method] += 1
            if self._ordered.next_drop(method) and request.transport is not None:
                request.transport.abort()
        await self.tell()
        return web.json_response(body, status=status)

    async def _apply(self, method: str, params: Parameters) -> Any:
        error = self._ordered.next_error(method)
        if error is not None:
            raise error
        return await HANDLERS[method](self, params)

    def _answer_file(self, token: str, path: str) -> web.Response:
        for file in self.files.values():
            if token == self.token and file.file_path == path:
                return web.Response(body=file.content, content_type=file.mime_type)
        error = ApiError(404, "Not Found") if token == self.token else ApiError(401, "Unauthorized")
        self.refused.append(Refused("file", {"file_path": path}, error.description))
        return web.json_response(error.as_api(), status=error.error_code)
