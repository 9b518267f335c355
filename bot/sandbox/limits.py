"""Telegram's flood limits and terms, each of them adjustable. Knows chats only by number."""

import math
from dataclasses import dataclass
from typing import Self

from bot.sandbox.refusals import too_many_requests


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of the stand-in; None switches a flood limit off.

    Rates are those of "Bots FAQ, How can I message all of my bot's subscribers at once?": about 30 messages
    a second in all, one a second in a chat with short bursts allowed, 20 a minute in a group. How long a
    burst may be is not documented; ten is this stand-in's choice.
    """

    overall_per_second: float | None = 30
    chat_per_second: float | None = 1
    chat_burst: int = 10
    group_per_minute: float | None = 20
    callback_seconds: float = 15
    """How long a query can be answered. Not documented; about 15 s were measured by others."""
    deletable_seconds: float = 48 * 3600
    """Bot API, deleteMessage: a message can only be deleted if it was sent less than 48 hours ago."""
    update_seconds: float = 24 * 3600
    """Bot API, Getting updates: updates are kept for 24 hours."""
    webhook_retry_seconds: float = 1
    """First wait after a webhook failed; doubles up to a minute."""
    history: int = 1000
    """Messages kept in a chat, so that a long benchmark does not fill the memory."""

    @classmethod
    def without_flood(cls) -> Self:
        """No flood limits: for benchmarks and for tests of other things."""
        return cls(overall_per_second=None, chat_per_second=None, group_per_minute=None)


class FloodGate:
    """Counts messages by the generic cell rate algorithm: one number for each chat."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._free_at: dict[int, float] = {}
        self._overall_free_at = 0.0

    def take(self, chat_id: int, now: float, *, group: bool, messages: int = 1) -> None:
        """Let `messages` pass at second `now`, or raise Refusal 429 and count nothing."""
        limits = self._limits
        rate, burst = (
            (limits.group_per_minute and limits.group_per_minute / 60, int(limits.group_per_minute or 0))
            if group
            else (limits.chat_per_second, limits.chat_burst)
        )
        chat_free_at = self._free_at.get(chat_id, 0.0)
        overall_free_at = self._overall_free_at
        if limits.overall_per_second:
            overall_free_at = _next(
                overall_free_at, now, limits.overall_per_second, int(limits.overall_per_second), messages
            )
        if rate:
            self._free_at[chat_id] = _next(chat_free_at, now, rate, burst, messages)
        self._overall_free_at = overall_free_at


def _next(free_at: float, now: float, per_second: float, burst: int, messages: int) -> float:
    wait = free_at - now - (burst - messages) / per_second
    if wait > 1e-9:
        raise too_many_requests(max(1, math.ceil(wait)))
    return max(free_at, now) + messages / per_second
