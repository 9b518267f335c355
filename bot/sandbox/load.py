"""Many updates from many chats at once, and when each was answered: a benchmark's counterpart."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from bot.sandbox.cloud import JSON, Chat, Sandbox
from bot.sandbox.phones import Phone

FIRST_CHAT = 10_000_001


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message of the bot: its chat, seconds after the load began, seconds after the update (or None)."""

    chat_id: int
    at: float
    took: float | None
    text: str


class Load:
    """A running measurement. Within a chat the first answer counts for the first update, and so on."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._began = perf_counter()
        self._open: dict[int, deque[float]] = {}
        self._all_answered = asyncio.Event()
        self.updates = 0
        self.answered = 0
        self.arrivals: list[Arrival] = []
        sandbox.observers.add(self._arrived)

    def send(self, messages: Iterable[tuple[int, str]]) -> None:
        """Let these texts arrive at the bot now, in order: (chat, text). Unknown chats are made."""
        for chat_id, text in messages:
            self._expect(chat_id)
            self._phone(chat_id).send(text)

    def tap(self, taps: Iterable[tuple[int, str]]) -> None:
        """Let these taps arrive now: (chat, callback data), on the newest message of the chat."""
        for chat_id, data in taps:
            phone = self._phone(chat_id)
            self._expect(chat_id)
            phone.tap(next(reversed(phone.private.messages)), data)

    def _phone(self, chat_id: int) -> Phone:
        if chat_id not in self._sandbox.people:
            self._sandbox.add_person(chat_id, f"Chat {chat_id}", "de")
        return Phone(self._sandbox, chat_id)

    def _expect(self, chat_id: int) -> None:
        self._open.setdefault(chat_id, deque()).append(perf_counter())
        self.updates += 1
        self._all_answered.clear()

    def _arrived(self, chat: Chat, message: JSON) -> None:
        waiting = self._open.get(chat.id)
        if waiting is None:
            return
        now = perf_counter()
        took = now - waiting.popleft() if waiting else None
        self.arrivals.append(Arrival(chat.id, now - self._began, took, message.get("text", "")))
        if took is not None:
            self.answered += 1
            if self.answered == self.updates:
                self._all_answered.set()

    async def wait(self, seconds: float) -> bool:
        """Wait until every update has its first answer; False when the time is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._all_answered.wait()
        except TimeoutError:
            return False
        return True

    def stop(self) -> None:
        """Measure no longer."""
        self._sandbox.observers.discard(self._arrived)

    def report(self) -> dict[str, Any]:
        """Counts, answered updates a second, and the time to the first answer in milliseconds."""
        took = sorted(arrival.took * 1000 for arrival in self.arrivals if arrival.took is not None)
        seconds = self.arrivals[-1].at if self.arrivals else 0.0
        return {
            "updates": self.updates,
            "answered": self.answered,
            "messages": len(self.arrivals),
            "seconds": round(seconds, 4),
            "updates_per_second": round(self.answered / seconds, 1) if seconds else 0.0,
            "answer_ms": {
                name: round(took[min(len(took) - 1, int(len(took) * share))], 3)
                for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))
                if took
            },
        }
