"""Says what plans ask to be said unasked: reminders, and the question whether it worked. Never at night, each once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

import structlog

from bot.announcements.delivery import is_quiet
from bot.conversation.plans import due, erased_on, unasked
from bot.conversation.vocabulary import Plan, World
from bot.languages.render import render
from bot.outside import Chat

LOG = structlog.get_logger()
AT_ONCE = 200
LEASE = timedelta(minutes=10)
"""For so long a plan that was taken to be reminded of is nobody else's; after a crash it is taken again."""
PATIENCE_SECONDS = 120.0
"""How long one message may take; then it is tried again after the lease."""


class Due(Protocol):
    """The plans of which something is to be said."""

    async def take_due(
        self, now: datetime, again_at: datetime, most: int
    ) -> Sequence[tuple[int, bytes, Plan]]:
        """Chats, marks and plans that are due; each is due again only at `again_at`. Erases plans past their day."""

    async def advance(
        self, chat_id: int, mark: bytes, plan: Plan, due: datetime | None, erased_on: date
    ) -> None:
        """Keeps the plan after something was said, unless the person changed it since the mark."""

    async def erase(self, chat_id: int) -> None:
        """Erases the plan of a chat that takes no messages any more."""


async def remind(plans: Due, chat_of: Callable[[int], Chat], world: World) -> None:
    """Says all that is due now; nothing in the quiet hours. Raises StoreUnavailable."""
    if is_quiet(world.now):
        return
    for chat_id, mark, plan in await plans.take_due(world.now, world.now + LEASE, AT_ONCE):
        reply, after = unasked(plan, world)
        if reply is not None:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    sent = await chat_of(chat_id).send(render(reply, plan.language, world))
            except TimeoutError:
                LOG.warning("reminder_later")
                continue
            if sent is None:
                await plans.erase(chat_id)
                continue
        await plans.advance(chat_id, mark, after, due(after, world), erased_on(after))
