"""What a monitor may ask: /health and /metrics. Numbers without ids; counts of people under five are not told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

SILENT_SECONDS = 150.0
"""After so long without an answer from Telegram something is wrong: a poll is held open for 50 seconds at most."""
Gauges = Callable[[], Awaitable[Mapping[str, float]]]


def watch_routes(silence: Callable[[], float | None], gauges: Gauges) -> list[Route]:
    """The two routes. `silence`: seconds since Telegram last answered, None where that cannot be known (webhook).

    `gauges` gives the figures by name and raises when a database does not answer.
    """

    async def health(_: Request) -> PlainTextResponse:
        try:
            await gauges()
        except Exception as error:
            return PlainTextResponse(f"database: {type(error).__name__}", status_code=503)
        silent = silence()
        if silent is not None and silent > SILENT_SECONDS:
            return PlainTextResponse(f"telegram: silent for {silent:.0f} seconds", status_code=503)
        return PlainTextResponse("ok")

    async def metrics(_: Request) -> PlainTextResponse:
        lines = [f"rahnuma_{name} {value:g}\n" for name, value in (await gauges()).items()]
        silent = silence()
        if silent is not None:
            lines.append(f"rahnuma_telegram_silent_seconds {silent:.0f}\n")
        return PlainTextResponse("".join(lines), media_type="text/plain; version=0.0.4")

    return [Route("/health", health), Route("/metrics", metrics)]
