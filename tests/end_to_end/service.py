"""The real command `yushi` in a process of its own: started, killed with SIGKILL, started again, stopped, or refused."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.bot_api import BotApiServer
from tests.bot_api.waiting import Waiting

COMMAND = str(Path(sys.executable).parent / "yushi")
READY = "按 Ctrl+C 停止"
START_SECONDS = 60.0
"""Far more than a start takes: only a start that hangs is meant to reach it."""

_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/chat/")
_ORDINARY_POWERS = (
    "import ctypes, os, sys\n"
    "for power in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH\n"
    "    ctypes.CDLL(None).prctl(24, power, 0, 0, 0)  # PR_CAPBSET_DROP: gone after the exec\n"
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def environment(data: Path, database_url: str | None = None, telegram: BotApiServer | None = None, **more: str) -> dict[str, str]:
    """What the command sees: nothing of the machine's own settings of ours, and no proxy between it and this machine.

    On SQLite give only the folder: the database is yushi.db in it.
    """
    ours = ("YUSHI_", "TELEGRAM_", "PTB_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours) and "proxy" not in name.lower()}
    settings = {"YUSHI_DATA": str(data), "PTB_TIMEDELTA": "1", "PYTHONUTF8": "1"}
    settings["YUSHI_SENTENCE_VECTORS"] = "false"  # minutes of a processor's time at each start of a new database
    if database_url is not None and not database_url.startswith("sqlite"):
        settings["YUSHI_DATABASE_URL"] = database_url
    if telegram is not None:
        settings["TELEGRAM_BOT_TOKEN"] = telegram.token
        settings["YUSHI_TELEGRAM_BASE_URL"] = telegram.base_url.removesuffix("/bot")
    return {**kept, **settings, **more}


class Service(Waiting):
    """`yushi serve`. `output` and `errors` hold the lines of the run under way, or of the last one.

    As a context manager it starts the service, and kills it if the test left it running.
    """

    def __init__(self, settings: dict[str, str], *arguments: str, port: int = 0, has_roots_powers: bool = True) -> None:
        super().__init__()
        self.settings = settings
        self.arguments = arguments
        self.port = port
        self.output: list[str] = []
        self.errors: list[str] = []
        self._wrapper = [] if has_roots_powers or os.geteuid() else [sys.executable, "-c", _ORDINARY_POWERS]
        self._process: asyncio.subprocess.Process | None = None
        self._readers: list[asyncio.Task[None]] = []
        self._open_streams = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        return self._process is not None

    async def launch(self) -> None:
        """Start the process, ready or not; on the port of the run before, if there was one."""
        assert self._process is None
        self.output, self.errors = [], []
        command = [*self._wrapper, COMMAND, "serve", "--port", str(self.port), *self.arguments]
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(*command, env=self.settings, stdout=pipe, stderr=pipe)
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        streams = ((self._process.stdout, self.output), (self._process.stderr, self.errors))
        self._open_streams = len(streams)
        self._readers = [asyncio.create_task(self._read(stream, lines)) for stream, lines in streams]

    async def start(self) -> None:
        """Start, and return when it says that it serves."""
        await self.launch()
        await self.wait_for(lambda self: READY in "".join(self.output) or not self._open_streams, START_SECONDS)
        address = _ADDRESS.search("\n".join(self.output))
        assert address is not None, self.describe()
        self.port = int(address[1])

    async def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is tidied up."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        assert await self._end() == -signal.SIGKILL

    async def stop(self) -> None:
        """SIGTERM, as an init system does it: it says that all is saved, and ends well."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        assert await self.ended() == 0, self.describe()
        assert "Traceback" not in "\n".join(self.errors), self.describe()

    async def ended(self) -> int:
        """Wait until it has ended by itself; returns the exit status."""
        async with asyncio.timeout(START_SECONDS):
            return await self._end()

    async def _end(self) -> int:
        assert self._process is not None
        await asyncio.gather(*self._readers)
        status = await self._process.wait()
        self._process = None
        return status

    async def _read(self, stream: asyncio.StreamReader, lines: list[str]) -> None:
        async for line in stream:
            lines.append(line.decode().rstrip("\n"))
            await self.tell()
        self._open_streams -= 1
        await self.tell()

    def describe(self) -> str:
        return "\n".join(["yushi serve", *self.output[-10:], "-- stderr", *self.errors[-40:]])

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None:
            if self._process.returncode is None:
                self._process.kill()
            await self._end()


async def run_command(settings: dict[str, str], arguments: Sequence[str]) -> tuple[int, str, str]:
    """Run another `yushi` command to its end; returns exit status, stdout, stderr."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(COMMAND, *arguments, env=settings, stdout=pipe, stderr=pipe)
    async with asyncio.timeout(START_SECONDS):
        output, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()
