"""What the way of a message needs from outside, as protocols; storage, staff and telegram fulfil them.

Knows neither SQL nor the Bot API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from bot.conversation.state import State
from bot.conversation.vocabulary import Message, Plan, Subscription
from bot.languages.render import Rendered


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

    async def note_sent(self, chat_id: int, message_id: int, at: int) -> None:
        """Keeps the id of one more message, sent at `at` (Unix seconds), where such ids are kept already.

        What is in the outbox stays there. Raises StoreUnavailable.
        """

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

    async def count_answer(self, cell: Mapping[str, str | None], month: date) -> None:
        """Adds one to the cell of this month and this answer: what came of an offer on a plan."""

    async def count_place(self, place: str, month: date) -> None:
        """Adds one to the links opened this month that hung at this place."""

    async def report(self, offer: str, what: str, day: date) -> None:
        """Adds one to those who say this of the offer: `wrong_number` and the like, or an Answer."""

    async def note_words(self, offer: str, words: str, day: date) -> None:
        """Keeps somebody's own words about the offer, encrypted and without any id."""


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


class Plans(Protocol):
    """Where plans live: encrypted, found by a keyed hash of the chat."""

    async def of(self, chat_id: int) -> Plan | None:
        """The plan of this chat. Raises StoreUnavailable."""

    async def keep(self, chat_id: int, plan: Plan) -> None:
        """Keeps or replaces the plan, and the progress that was made meanwhile. Raises StoreUnavailable."""

    async def erase(self, chat_id: int) -> None:
        """Erases the plan of this chat. Raises StoreUnavailable."""


class Chat(Protocol):
    """One chat as the messenger knows it."""

    @property
    def id(self) -> int: ...

    async def send(self, message: Rendered, instead_of: int | None = None) -> int | None:
        """Sends one message, however long it takes; its id, or None when the person blocked the bot.

        `instead_of`: changes this message of ours, where Telegram lets us.
        """

    async def send_unasked(self, message: Rendered) -> int:
        """Sends what nobody waits for, however long it takes; its id. Raises `delivery.Blocked` or `Refused`."""

    async def play(self, recording: Path) -> int | None:
        """Sends a voice message from this Ogg file; its id, or None when it was refused."""

    async def show_photo(self, photo: str, message: Rendered) -> int | None:
        """Sends a picture that the messenger knows by this id, with the message as its caption."""

    async def send_picture(self, picture: bytes, message: Rendered) -> int | None:
        """Sends a PNG with the message as its caption; its id, or None when it was refused."""

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
