"""What the logs may say: an allow-list of keys, so that no text, chat or token can slip in (SAFETY §3)."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    [
        "event",
        "level",
        "timestamp",
        "error",
        "error_id",
        "place",
        "hint",
        "offers",
        "version",
        "port",
        "seconds",
        "count",
        "languages",
        "address",
    ]
)


def _only_allowed(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in event.items() if key in ALLOWED}


def configure() -> None:
    """Logs of our own go to standard error, one line each; those of libraries only from warnings up.

    HTTP clients log addresses, and Telegram's addresses hold the token: they are silenced altogether.
    """
    structlog.configure(
        processors=[
            _only_allowed,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(levelname)s %(name)s")
    for name in ("httpx", "httpcore", "aiohttp", "telegram", "rasa_sdk", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
