"""One message's whole way: crisis first, then once and in order: load, take a turn, render, save, act, send.

Says what it needs from outside as protocols; storage and telegram fulfil them. Knows neither SQL nor the Bot API.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Protocol

import structlog

from bot.conversation import safety
from bot.conversation.codes import Carried, Verb, parse
from bot.conversation.engine import Turn, facts_of, take_turn
from bot.conversation.state import State
from bot.conversation.vocabulary import Choice, Command, Do, Kind, Message, Reply, Subscription, Text, World
from bot.languages.render import Rendered, render
from bot.languages.voice import VOICE, voice_of, with_recording
from bot.links.start import place_of
from bot.offers.model import Crisis
from nlu.values import Hints, Understanding

LOG = structlog.get_logger()
REMEMBERED_CHATS = 10_000
"""Chats whose language is kept in memory, so that a crisis card needs no database."""


class StoreUnavailable(Exception):
    """The store did not answer in time; the person gets a kind sentence and the log an error id."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of one chat between two messages.

    `last_update` is the highest update id whose effect is in here; `outbox` the messages that Telegram has not accepted
    yet; `sent` (message id, Unix seconds) of both sides' messages of the last 48 hours, for "clear this chat".
    """

    chat_id: int
    last_update: int = 0
    state: State | None = None
    outbox: tuple[Rendered, ...] = ()
    sent: tuple[tuple[int, int], ...] = ()
    remembered_language: str | None = None


class Conversations(Protocol):
    """Where records live: encrypted, found by a keyed hash of the chat, expiring."""

    def lock(self, chat_id: int) -> AbstractAsyncContextManager[None]:
        """Held while one update of this chat is worked on; across processes where there are several."""

    async def load(self, chat_id: int) -> Record | None:
        """The record of this chat, None when there is none or it expired. Raises StoreUnavailable."""

    async def save(self, record: Record) -> None:
        """Keeps the state and the outbox; they are durable on return. Raises StoreUnavailable."""

    async def delivered(self, chat_id: int, sent: tuple[tuple[int, int], ...]) -> None:
        """Empties the outbox of this chat and keeps the ids of its messages. Raises StoreUnavailable."""

    async def remember_language(self, chat_id: int, language: str, consented_on: date) -> None:
        """Keeps the language beyond the conversation, with the date of consent."""

    async def erase(self, chat_id: int) -> None:
        """Erases all that is kept of this chat."""

    async def unsent(self) -> Sequence[Record]:
        """The records whose outbox is not empty: what a crash left behind."""


class Counters(Protocol):
    """Counters without any id: statistics cells and reports that an offer is wrong."""

    async def count(self, cell: Mapping[str, str | bool | None], month: date) -> None:
        """Adds one to the cell of this month."""

    async def count_place(self, place: str, month: date) -> None:
        """Adds one to the links opened this month that hung at this place."""

    async def report_wrong(self, offer_id: str, what: str, day: date) -> None:
        """Notes that somebody says something about this offer is wrong."""


class Subscriptions(Protocol):
    """Where subscriptions to news live: encrypted, found by a keyed hash of the chat."""

    async def of(self, chat_id: int) -> Subscription | None:
        """What this chat subscribed to, unless it has lapsed. Raises StoreUnavailable."""

    async def subscribe(self, chat_id: int, subscription: Subscription) -> None:
        """Keeps or replaces the subscription. Raises StoreUnavailable."""

    async def renew(self, chat_id: int, until: date) -> None:
        """Lets the subscription go on until then. Raises StoreUnavailable."""

    async def unsubscribe(self, chat_id: int, announcement: str = "") -> None:
        """Erases the subscription; `announcement` is counted as the one that was stopped after."""


class Chat(Protocol):
    """One chat as the messenger knows it."""

    @property
    def id(self) -> int: ...

    async def send(self, message: Rendered, instead_of: int | None = None) -> int | None:
        """Sends one message, however long it takes; its id, or None when the person blocked the bot.

        `instead_of`: changes this message of ours, where Telegram lets us.
        """

    async def play(self, recording: Path) -> int | None:
        """Sends a voice message from this Ogg file; its id, or None when it was refused."""

    async def show_photo(self, photo: str, message: Rendered) -> int | None:
        """Sends a picture that the messenger knows by this id, with the message as its caption."""

    async def send_file(self, name: str, content: bytes, html: str = "") -> int | None:
        """Sends a file with this name; its id, or None when the person blocked the bot."""

    async def fetch(self, file_id: str) -> bytes | None:
        """The content of a file that was sent to us; None when the messenger does not give it."""

    async def edit(self, message_id: int, message: Rendered) -> None:
        """Changes a message of ours, in one try; whether it worked does not matter."""

    async def delete(self, message_ids: Sequence[int]) -> None:
        """Deletes what may still be deleted."""

    async def set_commands(self, language: str) -> None:
        """Shows the command menu of this chat in this language."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update, translated: its number, the chat, what was sent, and the message's own id, if it has one.

    `durable` is called once the update's effect cannot be lost any more.
    """

    update_id: int
    chat: Chat
    message: Message
    message_id: int | None = None
    private: bool = True
    durable: Callable[[], None] = field(default=lambda: None)


class Desk(Protocol):
    """What members of the network do in the chat."""

    def writes(self, chat_id: int) -> bool:
        """Whether what this chat writes next is meant for the network."""

    async def take(self, incoming: Incoming) -> bool:
        """True when the message was for the network and is done. For everybody else it is as if there were none."""

    async def forget(self, chat_id: int) -> None:
        """Erases what is kept of this chat as a member."""


class NoDesk:
    """A bot without members."""

    def writes(self, chat_id: int) -> bool:
        return False

    async def take(self, incoming: Incoming) -> bool:
        return False

    async def forget(self, chat_id: int) -> None:
        pass


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
        recordings: Path = VOICE,
        desk: Desk | None = None,
    ) -> None:
        self._world = world
        self._understand = understand
        self._conversations = conversations
        self._counters = counters
        self._subscriptions = subscriptions
        self._recordings = recordings
        self._desk: Desk = desk or NoDesk()
        self._languages: OrderedDict[int, str] = OrderedDict()
        self._seen: OrderedDict[int, None] = (
            OrderedDict()
        )  # before consent nothing stored tells a repeated update

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
        self._seen[incoming.update_id] = None
        if len(self._seen) > REMEMBERED_CHATS:
            self._seen.popitem(last=False)
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
        if _may_ask_for_subscription(understood):
            understood = replace(understood, subscription=await self._subscriptions.of(incoming.chat.id))
        turn = take_turn(record.state if record else None, understood, world)
        messages = tuple(self._rendered(reply, turn.language, world) for reply in turn.replies)
        if turn.state is None:
            if turn.chosen:  # asked once, in memory only: nothing is stored yet
                self._keep_language(incoming.chat.id, turn.language)
            await self._act(turn, incoming, record, world)
            for message in messages:
                await incoming.chat.send(message, _replaced(message, incoming))
            incoming.durable()
            return
        self._keep_language(incoming.chat.id, turn.language)
        record = replace(
            record or Record(incoming.chat.id),
            last_update=incoming.update_id,
            state=turn.state,
            outbox=messages,
        )
        await self._conversations.save(record)
        incoming.durable()
        await self._act(turn, incoming, record, world)
        await self._deliver(incoming.chat, record, incoming)

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

    async def _deliver(self, chat: Chat, record: Record, incoming: Incoming | None = None) -> None:
        """Sends what is in the outbox, in order, and then empties it; notes the ids of both sides' messages."""
        if not record.outbox:
            return
        ids = [incoming.message_id if incoming else None]
        for message in record.outbox:
            ids.append(await chat.send(message, _replaced(message, incoming)))
        now = int(self._world().now.timestamp())
        await self._conversations.delivered(record.chat_id, _with_ids(record.sent, ids, now))

    async def deliver_unsent(self, chat_of: Callable[[int], Chat]) -> None:
        """After a start: sends again what a crash left in the outboxes."""
        for left in await self._conversations.unsent():
            async with self._conversations.lock(left.chat_id):
                if record := await self._conversations.load(left.chat_id):
                    await self._deliver(chat_of(record.chat_id), record)

    async def _act(self, turn: Turn, incoming: Incoming, record: Record | None, world: World) -> None:
        for command in turn.commands:
            await self._perform(command, incoming, record, world)

    async def _perform(
        self, command: Command, incoming: Incoming, record: Record | None, world: World
    ) -> None:
        values, chat, today = command.values, incoming.chat, world.now.date()
        match command.do:
            case Do.COUNT:
                await self._counters.count(values, today.replace(day=1))
            case Do.REPORT_WRONG:
                await self._counters.report_wrong(values["offer"], values["what"], today)
            case Do.REMEMBER_LANGUAGE:
                await self._conversations.remember_language(chat.id, values["language"], today)
            case Do.CLEAR_CHAT:
                await chat.delete([id for id, _ in record.sent] if record else [])
            case Do.FORGET:
                self._languages.pop(chat.id, None)
                await self._conversations.erase(chat.id)
                await self._subscriptions.unsubscribe(chat.id)
                await self._desk.forget(chat.id)
            case Do.SET_COMMANDS:
                await chat.set_commands(values["language"])
            case Do.SUBSCRIBE:
                await self._subscriptions.subscribe(chat.id, values["subscription"])
            case Do.RENEW:
                await self._subscriptions.renew(chat.id, values["until"])
            case Do.UNSUBSCRIBE:
                await self._subscriptions.unsubscribe(chat.id, values["announcement"])
            case Do.PLAY:
                await self._play(chat, values["utterance"], values["language"], record)

    async def _play(self, chat: Chat, utterance: str, language: str, record: Record | None) -> None:
        """Sends a recording, and notes its id like any other message's."""
        recording = voice_of(utterance, language, self._recordings)
        id = await chat.play(recording) if recording else None
        if id is not None and record is not None:
            now = int(self._world().now.timestamp())
            await self._conversations.delivered(chat.id, _with_ids(record.sent, [id], now))

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
        self._languages[chat_id] = language
        self._languages.move_to_end(chat_id)
        if len(self._languages) > REMEMBERED_CHATS:
            self._languages.popitem(last=False)


_ABOUT_SUBSCRIPTION = {Verb.NEWS, Verb.MY_DATA, Verb.FORGET, Verb.FORGET_NOW}


def _may_ask_for_subscription(message: Message) -> bool:
    """Whether the answer can depend on it; all other messages are spared the look."""
    code = parse(message.code) if message.code else None
    return (
        bool(message.command)
        or (code is not None and code.verb in _ABOUT_SUBSCRIPTION)
        or message.understanding.intent in ("stop", "delete_data")
    )


def _replaced(message: Rendered, incoming: Incoming | None) -> int | None:
    """The message that this one takes the place of: the one whose button was tapped."""
    tapped = incoming is not None and incoming.message.kind is Kind.BUTTON
    return incoming.message_id if incoming and tapped and message.replaces else None


def _private_row(world: World) -> tuple[Choice, ...]:
    return (Choice(Text("button_private"), url=f"https://t.me/{world.bot_username}?start=hello"),)


DELETABLE_SECONDS = 48 * 3600
"""Bot API, deleteMessage: a message can only be deleted if it was sent less than 48 hours ago."""


def _with_ids(
    sent: tuple[tuple[int, int], ...], ids: Sequence[int | None], now: int
) -> tuple[tuple[int, int], ...]:
    """The messages that can still be deleted and the new ones; oldest first."""
    too_old = now - DELETABLE_SECONDS
    if sent and sent[0][1] <= too_old:
        sent = tuple(pair for pair in sent if pair[1] > too_old)
    return (*sent, *((id, now) for id in ids if id is not None))
