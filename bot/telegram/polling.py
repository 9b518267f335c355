"""Polling that loses nothing: an offset is confirmed only when every update below it is durable.

PTB's own updater moves the offset on at the next fetch, so a crash would lose what is queued.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

import structlog
from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.telegram.inbound import ALLOWED_UPDATES
from bot.telegram.outbound import seconds, waits

LOG = structlog.get_logger()
LONG_POLL = 50
"""Seconds that Telegram holds a request open while there is nothing to tell."""
LAST_WORD = 3
"""Seconds that a stopping bot waits for Telegram to take note of what is done."""
STUCK = 0.5
"""Seconds after which polling goes on although some chat's update is not durable yet."""

Work = Callable[[Update, Callable[[], None]], asyncio.Task[None]]
"""Starts the work on an update; calls back when its effect cannot be lost any more."""


class Polling:
    """Fetches updates and starts the work on them, each once."""

    def __init__(self, bot: Bot, work: Work) -> None:
        self._bot = bot
        self._work = work
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._next = 0
        self._polled = asyncio.Event()
        self._answered_at = monotonic()

    async def first_poll(self) -> None:
        """Returns when Telegram answered for the first time."""
        await self._polled.wait()

    def silence(self) -> float:
        """Seconds since Telegram last answered."""
        return monotonic() - self._answered_at

    async def run(self) -> None:
        """Polls until cancelled. Raises InvalidToken when Telegram does not know the token."""
        tries = waits()
        while True:
            try:
                await self._fetch()
                tries = waits()
            except RetryAfter as error:
                await asyncio.sleep(seconds(error))
            except InvalidToken:
                raise
            except Conflict:
                LOG.warning("another_process_polls", hint="polling means one process; see docs/operations.md")
                await asyncio.sleep(next(tries))
            except TelegramError as error:
                LOG.warning("telegram_unreachable", error=type(error).__name__)
                await asyncio.sleep(next(tries))

    async def _fetch(self) -> None:
        offset = min(self._waiting, default=self._next)
        timeout = 0 if self._waiting else LONG_POLL
        self._polled.set()
        updates = await self._bot.get_updates(
            offset=offset, timeout=timeout, allowed_updates=ALLOWED_UPDATES, read_timeout=timeout + 10
        )
        self._answered_at = monotonic()
        for update in updates:
            if update.update_id >= self._next:
                self._start(update)
        if self._waiting:
            await asyncio.wait(self._waiting.values(), timeout=STUCK)

    def _start(self, update: Update) -> None:
        id = update.update_id
        self._next = id + 1
        durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[id] = durable

        def done(_: object = None) -> None:
            if not durable.done():
                durable.set_result(None)
                del self._waiting[id]

        task = self._work(update, done)
        task.add_done_callback(done)

    async def confirm(self) -> None:
        """Tells Telegram what is durable, so that a planned restart does not see it again."""
        with suppress(TelegramError):
            offset = min(self._waiting, default=self._next)
            await self._bot.get_updates(offset=offset, timeout=0, limit=1, read_timeout=LAST_WORD)
