"""Progress messages: each is edited as its announcement goes on, until nothing is being sent any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.languages.render import Rendered
from bot.outside import Chat, StoreUnavailable

EDIT_SECONDS = 2.0
"""Telegram lets a message be edited about once a second; slower is as good to the eye."""

Look = Callable[[], Awaitable[tuple[Rendered, bool]]]
"""Gives the message as it is to be now, and whether it may still change."""


class Progress:
    """The progress messages of this process."""

    def __init__(self, edit_seconds: float = EDIT_SECONDS) -> None:
        self._edit_seconds = edit_seconds
        self._tasks: dict[tuple[int, int], asyncio.Task[None]] = {}

    def follow(self, chat: Chat, message_id: int, look: Look) -> None:
        """Keeps this message up to date from now on."""
        self.stop(chat.id, message_id)
        key = chat.id, message_id
        task = asyncio.create_task(self._follow(chat, message_id, look))
        self._tasks[key] = task
        task.add_done_callback(lambda done: self._tasks.get(key) is done and self._tasks.pop(key))

    def stop(self, chat_id: int, message_id: int) -> None:
        """Leaves this message alone: something else is to stand in it."""
        if task := self._tasks.pop((chat_id, message_id), None):
            task.cancel()

    async def _follow(self, chat: Chat, message_id: int, look: Look) -> None:
        shown: Rendered | None = None
        goes_on = True
        while goes_on:
            await asyncio.sleep(self._edit_seconds)
            with suppress(StoreUnavailable):  # it comes back; the next look will tell
                message, goes_on = await look()
                if message != shown:
                    await chat.edit(message_id, message)
                    shown = message

    async def close(self) -> None:
        """Ends all of them."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
