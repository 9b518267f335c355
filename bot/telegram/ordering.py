"""The order of work: updates of one chat one after another, of many chats side by side, a crisis before all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor

SIDE_BY_SIDE = 256
"""Updates worked on at the same time, at most; further ones wait."""


class ChatOrder(BaseUpdateProcessor):
    """Chains the updates of each chat.

    `urgent` is asked first, before any waiting; where it returns True the update is done.
    """

    def __init__(self, urgent: Callable[[Update], Awaitable[bool]]) -> None:
        super().__init__(SIDE_BY_SIDE)
        self._urgent = urgent
        self._tails: dict[int, asyncio.Future[None]] = {}

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        chat = update.effective_chat if isinstance(update, Update) else None
        if chat is None:
            await coroutine
            return
        before = self._tails.get(chat.id)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tails[chat.id] = done
        try:
            if isinstance(update, Update) and await self._urgent(update):
                if hasattr(coroutine, "close"):
                    coroutine.close()
                if before is not None:
                    await before
                return
            if before is not None:
                await before
            await coroutine
        finally:
            done.set_result(None)
            if self._tails.get(chat.id) is done:
                del self._tails[chat.id]

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to close."""
