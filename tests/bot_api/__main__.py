"""Runs the server for a bot in another process: python -m tests.bot_api --port 8081."""

import argparse
import asyncio
import signal

from .server import BotApiServer


async def serve(token: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM, then tell what was refused."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with BotApiServer(token, port=port) as server:
        print(f"base_url {server.base_url}\nbase_file_url {server.base_file_url}", flush=True)  # noqa: T201
        await stopped.wait()
    for refused in server.refused:
        print(f"refused {refused.method}: {refused.description}", flush=True)  # noqa: T201


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bot_api", description=__doc__)
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--token", default="123456:TEST-TOKEN")
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.token, arguments.port))


if __name__ == "__main__":
    main()
