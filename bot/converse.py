"""One message's whole way: crisis first, then once and in order: load, take a turn, render, save, act, send.

What it needs from outside stands in outside.py. Knows neither SQL nor the Bot API.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import structlog

from bot.conversation import safety
from bot.conversation.codes import Carried, Verb, parse
from bot.conversation.engine import take_turn
from bot.conversation.under_way import facts_of
from bot.conversation.vocabulary import Choice, Do, Kind, Message, Reply, Text, World
from bot.errands import Errands, with_ids
from bot.languages.render import Rendered, render
from bot.languages.voice import VOICE, with_recording
from bot.links.sealed import HandOvers, is_sealed
from bot.links.start import place_of
from bot.offers.model import Crisis
from bot.outside import (
    Chat,
    Conversations,
    Counters,
    Desk,
    Incoming,
    NoDesk,
    Plans,
    Record,
    StoreUnavailable,
    Subscriptions,
)
from nlu.values import Hints, Understanding

LOG = structlog.get_logger()
REMEMBERED_CHATS = 10_000
"""Chats whose language is kept in memory, so that a crisis card needs no database."""
_V = TypeVar("_V")
Understand = Callable[[str, Hints], Understanding]


class Converse:
    """Works on one update at a time per chat; the caller keeps the order within a chat."""

    def __init__(
        self,
        world: Callable[[], World],
        understand: Understand,
        conversations: Conversations,
        counters: Counters,
        subscriptions: Subscriptions,
        plans: Plans,
        hand_overs: HandOvers,
        recordings: Path = VOICE,
        desk: Desk | None = None,
    ) -> None:
        self._world = world
        self._understand = understand
        self._conversations = conversations
        self._counters = counters
        self._subscriptions = subscriptions
        self._plans = plans
        self._hand_overs = hand_overs
        self._recordings = recordings
        self._desk: Desk = desk or NoDesk()
        self._errands = Errands(
            world, conversations, counters, subscriptions, plans, hand_overs, recordings, self._desk
        )
        self._languages: OrderedDict[int, str] = OrderedDict()
        self._seen: OrderedDict[int, None] = (
            OrderedDict()
        )  # before consent nothing stored tells a repeated update
        self._redeemed_in: OrderedDict[int, bytes] = OrderedDict()  # by its hash

    async def crisis(self, incoming: Incoming) -> bool:
        """Answers a crisis here and now, before order, locks, de-duplication and stores; False when there is none."""
        message = incoming.message
        if not message.text:
            return False
        known = self._languages.get(incoming.chat.id)
        said = self._understand(message.text, Hints(chosen=known, app_language=message.app_language))
        if said.crisis is None:
            return False
        world = self._world()
        language = known or said.language
        if language not in world.languages:
            language = safety.likely_language(said, world)
        told = Carried(facts_of(replace(message, understanding=said), world), language=language or "")
        card = safety.card(
            Crisis(said.crisis),
            language,
            world,
            band=said.age_band,
            resume=f"{Verb.RESUME}.{told.pack()}",
        )
        if not incoming.private:
            card = replace(card, rows=(_private_row(world),))
        await incoming.chat.send(self._rendered(card, language or world.main_languages[0], world))
        if incoming.private and self._desk.writes(incoming.chat.id):
            return False  # the draft of a member whose text alarms gets the card, and is taken all the same
        incoming.durable()
        return True

    async def handle(self, incoming: Incoming) -> None:
        """Everything else: at most one effect per update, replies in order."""
        if incoming.update_id in self._seen:
            incoming.durable()
            return
        _remember(self._seen, incoming.update_id, None)
        if not incoming.private:
            await self._group(incoming)
            return
        try:
            async with self._conversations.lock(incoming.chat.id):
                if await self._desk.take(incoming):
                    incoming.durable()
                else:
                    await self._handle(incoming)
        except StoreUnavailable as error:
            await self._failed(incoming, error)
        except Exception as error:
            await self._failed(incoming, error)
            raise

    async def _handle(self, incoming: Incoming) -> None:
        record = await self._conversations.load(incoming.chat.id)
        if record is not None and incoming.update_id <= record.last_update:
            await self._deliver(incoming.chat, record)
            incoming.durable()
            return
        world = self._world()
        if place := place_of(incoming.message.start or ""):
            await self._counters.count_place(place, world.now.date().replace(day=1))
        understood = self._understood(incoming, record)
        if _may_ask_for_what_is_kept(understood, record):
            kept = await self._subscriptions.of(incoming.chat.id), await self._plans.of(incoming.chat.id)
            understood = replace(understood, subscription=kept[0], plan=kept[1])
        if understood.start and is_sealed(understood.start):
            handed_over = await self._redeemed(understood.start, incoming.chat.id, record, world)
            understood = replace(understood, handed_over=handed_over)
        turn = take_turn(record.state if record else None, understood, world)
        messages = tuple(self._rendered(reply, turn.language, world) for reply in turn.replies)
        if any(command.do is Do.FORGET for command in turn.commands):
            self._languages.pop(incoming.chat.id, None)
            self._redeemed_in.pop(incoming.chat.id, None)
        elif turn.state is not None:
            self._keep_language(incoming.chat.id, turn.language)
        aside = any(reply.side_by_side for reply in turn.replies)  # what is said of the other is not stored
        if turn.state is None or aside:
            if turn.chosen:  # asked once, in memory only: nothing is stored yet
                self._keep_language(incoming.chat.id, turn.language)
            await self._errands.run(turn.commands, incoming.chat, record)
            for message in messages:
                await incoming.chat.send(message, _replaced(message, incoming))
            incoming.durable()
            await self._errands.send(turn.commands, incoming.chat, None)
            return
        record = replace(
            record or Record(incoming.chat.id),
            last_update=incoming.update_id,
            state=turn.state,
            outbox=messages,
        )
        await self._errands.run(turn.commands, incoming.chat, record)
        await self._conversations.save(record)
        incoming.durable()
        sent = await self._deliver(incoming.chat, record, incoming)
        await self._errands.send(turn.commands, incoming.chat, sent)

    async def _redeemed(self, start: str, chat_id: int, record: Record | None, world: World) -> Carried:
        """What a link hands over; no more than `results` when it was used in this chat, nothing when it is over.

        Before consent, when nothing is stored, it hands over the same again to the same chat.
        """
        mark = hashlib.sha256(start.encode()).digest()
        used_here = self._redeemed_in.get(chat_id) == mark
        again = used_here and (record is None or record.state is None)
        told = await self._hand_overs.redeem(start, world.places, world.now, again=again)
        if told:
            _remember(self._redeemed_in, chat_id, mark)
        return replace(told or Carried(), results=told is not None or used_here)

    def _rendered(self, reply: Reply, language: str, world: World) -> Rendered:
        """The message, with a button to listen to it where somebody has recorded it."""
        return with_recording(render(reply, language, world), reply, language, self._recordings)

    def _understood(self, incoming: Incoming, record: Record | None) -> Message:
        message = incoming.message
        state = record.state if record else None
        remembered = record.remembered_language if record else None
        if state:
            chosen = state.language if state.chosen else None
        else:
            chosen = remembered or self._languages.get(incoming.chat.id)
        hints = Hints(chosen, message.app_language, state.evidence if state else {})
        return replace(
            message, understanding=self._understand(message.text, hints), remembered_language=remembered
        )

    async def _deliver(self, chat: Chat, record: Record, incoming: Incoming | None = None) -> Record:
        """Sends what is in the outbox, in order, and then empties it; notes the ids of both sides' messages."""
        if not record.outbox:
            return record
        ids = [incoming.message_id if incoming else None]
        for message in record.outbox:
            ids.append(await chat.send(message, _replaced(message, incoming)))
        sent = with_ids(record.sent, ids, self._world().now)
        await self._conversations.delivered(record.chat_id, sent)
        return replace(record, outbox=(), sent=sent)

    async def deliver_unsent(self, chat_of: Callable[[int], Chat]) -> None:
        """After a start: sends again what a crash left in the outboxes."""
        for left in await self._conversations.unsent():
            async with self._conversations.lock(left.chat_id):
                if record := await self._conversations.load(left.chat_id):
                    await self._deliver(chat_of(record.chat_id), record)

    async def _group(self, incoming: Incoming) -> None:
        """In a group everybody reads along: only the way to a private chat."""
        if incoming.message.text:
            world = self._world()
            said = self._understand(incoming.message.text, Hints(app_language=incoming.message.app_language))
            language = said.language if said.language in world.languages else None
            reply = Reply((Text("utter_group"),), rows=(_private_row(world),))
            if language is None:
                reply = replace(reply, languages=world.main_languages)
            await incoming.chat.send(render(reply, language or world.main_languages[0], world))
        incoming.durable()

    async def _failed(self, incoming: Incoming, error: Exception) -> None:
        """A kind sentence with an id; the log has the id and the kind of error, never what was written."""
        id = secrets.token_hex(3)
        LOG.error("message_failed", error_id=id, error=type(error).__name__)
        world = self._world()
        known = self._languages.get(incoming.chat.id)
        said = self._understand(incoming.message.text, Hints(known, incoming.message.app_language))
        language = said.language if said.language in world.languages else None
        reply = Reply((Text("utter_error", {"id": id}),), languages=() if language else world.main_languages)
        await incoming.chat.send(render(reply, language or world.main_languages[0], world))
        incoming.durable()

    def _keep_language(self, chat_id: int, language: str) -> None:
        _remember(self._languages, chat_id, language)


_ABOUT_WHAT_IS_KEPT = {
    *(Verb.NEWS, Verb.PLAN, Verb.LANGUAGE, Verb.CARD),
    *(Verb.MY_DATA, Verb.FORGET, Verb.FORGET_NOW),
}


def _remember(memory: OrderedDict[int, _V], key: int, value: _V) -> None:
    """Keeps it in memory, among the newest REMEMBERED_CHATS."""
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > REMEMBERED_CHATS:
        memory.popitem(last=False)


def _may_ask_for_what_is_kept(message: Message, record: Record | None) -> bool:
    """Whether the answer can depend on a subscription or a plan; all other messages are spared the look."""
    code = parse(message.code) if message.code else None
    return (
        message.command not in ("", "sos")
        or (code is not None and (record is None or record.state is None))
        or (message.start or "")[:2] in ("d-", "k-", "w-")
        or (code is not None and code.verb in _ABOUT_WHAT_IS_KEPT)
        or message.understanding.intent in ("stop", "delete_data")
    )


def _replaced(message: Rendered, incoming: Incoming | None) -> int | None:
    """The message that this one takes the place of: the one whose button was tapped."""
    tapped = incoming is not None and incoming.message.kind is Kind.BUTTON
    return incoming.message_id if incoming and tapped and message.replaces else None


def _private_row(world: World) -> tuple[Choice, ...]:
    return (Choice(Text("button_private"), url=f"https://t.me/{world.bot_username}?start=hello"),)
