"""Says what plans ask to be said unasked: reminders, and the question whether it worked. Never at night, each once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.announcements.delivery import Blocked, Refused, is_quiet
from bot.conversation.plans import unasked
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

    async def take_due(self, now: datetime, again_at: datetime, most: int) -> Sequence[tuple[int, Plan]]:
        """Chats and plans that are due; each is due again only at `again_at`. Erases plans past their day."""

    async def advance(self, chat_id: int, plan: Plan) -> None:
        """Keeps the progress of this plan, beside what the person changed meanwhile."""

    async def erase(self, chat_id: int) -> None:
        """Erases the plan of a chat that takes no messages any more."""


async def remind(plans: Due, chat_of: Callable[[int], Chat], world: Callable[[], World]) -> None:
    """Says all that is due now, one after another; nothing in the quiet hours. Raises StoreUnavailable."""
    for _ in range(AT_ONCE):
        here = world()
        if is_quiet(here.now):
            return
        taken = await plans.take_due(here.now, here.now + LEASE, 1)
        if not taken:
            return
        ((chat_id, plan),) = taken
        reply, after = unasked(plan, here)
        if reply is not None:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await chat_of(chat_id).send_unasked(render(reply, plan.language, here))
            except TimeoutError:
                LOG.warning("reminder_later")
                continue
            except Blocked:
                await plans.erase(chat_id)
                continue
            except Refused as refused:  # our mistake: the plan stays, and goes on without this message
                LOG.error("reminder_refused", error=str(refused))
        await plans.advance(chat_id, after)
