"""Says what plans ask to be said unasked: reminders, and the question whether it worked. Never at night, each once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.announcements.delivery import Blocked, Refused, is_quiet
from bot.conversation.plans import unasked
from bot.conversation.vocabulary import Plan, Reply, World
from bot.languages.render import Rendered, render
from bot.outside import Chat, Conversations

LOG = structlog.get_logger()
AT_ONCE = 200
LEASE = timedelta(minutes=10)
"""For so long a plan that was taken to be reminded of is nobody else's; after a crash it is taken again."""
PATIENCE_SECONDS = 120.0
"""How long one message may take; then it is tried again after the lease."""
LAST_WORD_SECONDS = 5.0
"""How long a bot that is stopped waits for Telegram's answer, so that it is written down; Docker stops it after ten."""


class Due(Protocol):
    """The plans of which something is to be said."""

    async def take_due(self, now: datetime, again_at: datetime, most: int) -> Sequence[tuple[int, Plan]]:
        """Chats and plans that are due; each is due again only at `again_at`. Erases plans past their day."""

    async def advance(self, chat_id: int, plan: Plan) -> None:
        """Keeps the progress of this plan, beside what the person changed meanwhile."""

    async def erase(self, chat_id: int) -> None:
        """Erases the plan of a chat that takes no messages any more."""


async def remind(
    plans: Due, conversations: Conversations, chat_of: Callable[[int], Chat], world: Callable[[], World]
) -> None:
    """Says all that is due now, one after another; nothing in the quiet hours. Raises StoreUnavailable.

    When it is cancelled, what is on its way is finished and written down.
    """
    for _ in range(AT_ONCE):
        here = world()
        if is_quiet(here.now):
            return
        taken = await plans.take_due(here.now, here.now + LEASE, 1)
        if not taken:
            return
        ((chat_id, plan),) = taken
        saying = asyncio.create_task(_say(chat_of(chat_id), plan, plans, conversations, here))
        try:
            await asyncio.shield(saying)
        except asyncio.CancelledError:
            await asyncio.wait([saying], timeout=LAST_WORD_SECONDS)
            saying.cancel()
            await asyncio.gather(saying, return_exceptions=True)
            raise


async def _say(chat: Chat, plan: Plan, plans: Due, conversations: Conversations, world: World) -> None:
    """Says what is due of this plan, and writes it down; notes the message where the chat may be cleared."""
    reply, after = unasked(plan, world)
    message = _written(reply, plan.language, world) if reply else None
    said: int | None = None
    if message is not None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                said = await chat.send_unasked(message)
        except TimeoutError:
            LOG.warning("reminder_later")
            return
        except Blocked:
            await plans.erase(chat.id)
            return
        except Refused as refused:  # our mistake: the plan stays, and goes on without this message
            LOG.error("message_refused", error=str(refused))
    await plans.advance(chat.id, after)
    if said is not None:
        await conversations.note_sent(chat.id, said, int(world.now.timestamp()))


def _written(reply: Reply, language: str, world: World) -> Rendered | None:
    """The message; None where it cannot be written: our mistake, which trying again would not mend."""
    try:
        return render(reply, language, world)
    except Exception as error:
        LOG.error("reminder_left_out", error=type(error).__name__)
        return None
