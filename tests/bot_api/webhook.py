"""Posts the updates to the bot's webhook, if that is on this machine."""

import asyncio
import ipaddress
import time
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from .errors import bad_request
from .updates import Update, UpdateQueue

RETRY_DELAYS = (0.05, 0.1, 0.2, 0.4)
_PORTS = (80, 88, 443, 8443)


def is_loopback(url: str) -> bool:
    """Whether the URL leads to this machine."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _port(url: str) -> int:
    try:
        return urlsplit(url).port or 443
    except ValueError:
        return 0


class Webhook:
    """Where the updates are posted; a URL elsewhere is taken, but nothing is ever sent there."""

    def __init__(self, queue: UpdateQueue) -> None:
        self.url = ""
        self.max_connections = 40
        self.ip_address: str | None = None
        self.has_custom_certificate = False
        self.last_error_date: int | None = None
        self.last_error_message: str | None = None
        self._secret_token: str | None = None
        self._queue = queue
        self._delivery: asyncio.Task[None] | None = None

    async def set(self, url: str, secret_token: str | None) -> None:
        """Deliver to another URL from now on, or to none if it is empty."""
        if url and not is_loopback(url):
            if not url.startswith("https://"):
                raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
            if _port(url) not in _PORTS:
                raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        await self.stop()
        self.url, self._secret_token = url, secret_token
        self.last_error_date = self.last_error_message = None
        self.start()

    def start(self) -> None:
        """Begin to deliver, if there is a URL on this machine."""
        if self.url and is_loopback(self.url):
            self._delivery = asyncio.create_task(self._deliver())

    async def stop(self) -> None:
        """End the delivery; the updates stay."""
        if self._delivery is not None:
            self._delivery.cancel()
            await asyncio.gather(self._delivery, return_exceptions=True)
            self._delivery = None

    def info(self) -> dict[str, Any]:
        """The WebhookInfo."""
        info = {
            "url": self.url,
            "has_custom_certificate": self.has_custom_certificate,
            "pending_update_count": self._queue.count,
        }
        if self.url:
            info["max_connections"] = self.max_connections
            info["ip_address"] = self.ip_address or "127.0.0.1"
        if self.last_error_message is not None:
            info["last_error_date"] = self.last_error_date
            info["last_error_message"] = self.last_error_message
        return info

    async def _deliver(self) -> None:
        timeout = aiohttp.ClientTimeout(total=10)
        connector = aiohttp.TCPConnector(ssl=False)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            while True:
                self._queue.forget_arrivals()
                update = self._queue.first()
                if update is not None and await self._post_repeatedly(session, update):
                    self._queue.delivered(update)
                else:  # nothing to do, or the bot is away: the next update starts anew
                    await self._queue.arrival()

    async def _post_repeatedly(self, session: aiohttp.ClientSession, update: Update) -> bool:
        for delay in (*RETRY_DELAYS, None):
            error = await self._post(session, update)
            if error is None:
                return True
            self.last_error_date = int(time.time())
            self.last_error_message = error
            if delay is not None:
                await asyncio.sleep(delay)
        return False

    async def _post(self, session: aiohttp.ClientSession, update: Update) -> str | None:
        headers = {}
        if self._secret_token is not None:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self._secret_token
        try:
            async with session.post(self.url, json=update, headers=headers) as response:
                if response.ok:
                    return None
                return f"Wrong response from the webhook: {response.status} {response.reason}"
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"Connection failed: {error}"
