"""The error answers of the Bot API."""


class ApiError(Exception):
    """A refusal: becomes {"ok": false, "error_code": ..., "description": ...}.

    `asked_for` marks the refusals which the test itself ordered (a fault, a person who blocked the
    bot, the rate limit); they are no mistakes of the bot and are kept apart from them.
    """

    def __init__(
        self,
        error_code: int,
        description: str,
        *,
        retry_after: int | None = None,
        asked_for: bool = False,
    ) -> None:
        super().__init__(description)
        self.error_code = error_code
        self.description = description
        self.retry_after = retry_after
        self.asked_for = asked_for

    def as_api(self) -> dict[str, object]:
        """The body of the HTTP answer."""
        body: dict[str, object] = {
            "ok": False,
            "error_code": self.error_code,
            "description": self.description,
        }
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


def bad_request(reason: str) -> ApiError:
    """A 400 with the given reason."""
    return ApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str, *, asked_for: bool = False) -> ApiError:
    """A 403 with the given reason."""
    return ApiError(403, f"Forbidden: {reason}", asked_for=asked_for)


def too_many_requests(retry_after: int) -> ApiError:
    """A 429: the test ordered it, or turned on the rate limit."""
    description = f"Too Many Requests: retry after {retry_after}"
    return ApiError(429, description, retry_after=retry_after, asked_for=True)
