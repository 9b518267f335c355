"""How Telegram says no. Knows no method; the rule behind each text stands where it is raised."""


class Refusal(Exception):
    """An answer `{"ok": false, …}`: an HTTP status, Telegram's description, for a 429 the seconds to wait."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


def bad_request(description: str) -> Refusal:
    """A 400: the request itself is at fault and will fail again."""
    return Refusal(400, f"Bad Request: {description}")


def forbidden(description: str) -> Refusal:
    """A 403: the person or the chat does not want this bot."""
    return Refusal(403, f"Forbidden: {description}")


def conflict(description: str) -> Refusal:
    """A 409: somebody else fetches this bot's updates."""
    return Refusal(409, f"Conflict: {description}")


def too_many_requests(retry_after: int) -> Refusal:
    """A 429 with ResponseParameters.retry_after in whole seconds (Bot API, ResponseParameters)."""
    return Refusal(429, f"Too Many Requests: retry after {retry_after}", retry_after)
