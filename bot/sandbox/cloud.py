"""Telegram's side of the stand-in: the bot's account, people, chats, messages, files. In memory only.

Messages are kept as the JSON of the Bot API's Message: the bot and the chat page read the same thing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from time import time
from typing import Any

from bot.sandbox.faults import Faults
from bot.sandbox.files import FileShelf
from bot.sandbox.limits import FloodGate, Limits
from bot.sandbox.refusals import bad_request, forbidden
from bot.sandbox.updates import UpdateQueue

JSON = dict[str, Any]

DEFAULT_TOKEN = "7000000000:sandbox"  # noqa: S105 — it opens nothing but this stand-in
DEFAULT_USERNAME = "rahnuma_demo_bot"
PERSON_ID = 700_000_001
HELPER_ID = 700_000_002
COORDINATOR_ID = 700_000_003
GROUP_ID = -1_001_700_000_000


class ChatKind(StrEnum):
    """What a chat is. A direct chat of two people does not exist for the bot."""

    PRIVATE = "private"
    SUPERGROUP = "supergroup"
    DIRECT = "direct"


class Clock:
    """Seconds since 1970 as the stand-in sees them; a test may move them on."""

    def __init__(self, now: Callable[[], float] = time) -> None:
        self._now = now
        self._ahead = 0.0

    def __call__(self) -> float:
        return self._now() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self._ahead += seconds


@dataclass(slots=True)
class Person:
    """Somebody with a phone. `language_code` is the language of the app, None when it does not tell."""

    id: int
    first_name: str
    language_code: str | None = None
    phone_number: str = "+496990009000"
    on_page: bool = False
    """Whether the chat page shows this phone; the people of a benchmark are not shown."""

    @property
    def user(self) -> JSON:
        """Bot API, User."""
        user: JSON = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.language_code:
            user["language_code"] = self.language_code
        return user


@dataclass(slots=True)
class Chat:
    """A chat and its messages by id; `card` is the Bot API's Chat."""

    id: int
    kind: ChatKind
    card: JSON
    members: frozenset[int]
    on_page: bool = False
    with_bot: bool = True
    started: bool = False
    """Private: the person wrote first. Until then the bot may not."""
    blocked: bool = False
    messages: dict[int, JSON] = field(default_factory=dict)
    keyboard: JSON | None = None
    """The reply keyboard below the text field."""
    pinned: list[int] = field(default_factory=list)


@dataclass(slots=True)
class BotAccount:
    """What BotFather and the bot itself have set up."""

    token: str
    username: str
    first_name: str = "Rahnuma"
    inline: bool = True
    """/setinline at BotFather."""
    group_privacy: bool = True
    """/setprivacy at BotFather: on is the default."""
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[str, int, int, str], list[JSON]] = field(default_factory=dict)
    """By scope (type, chat, user) and language."""
    menu_buttons: dict[int, JSON] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """A bot's id is the number in its token."""
        return int(self.token.partition(":")[0])

    @property
    def user(self) -> JSON:
        """Bot API, User, as part of a message."""
        return {"id": self.id, "is_bot": True, "first_name": self.first_name, "username": self.username}


@dataclass(slots=True)
class Query:
    """A callback or inline query that waits for the bot's answer."""

    person_id: int
    asked_at: float
    results: dict[str, JSON] = field(default_factory=dict)


class Sandbox:
    """The whole stand-in: give it to `create_app`, or drive it from a test through `phone`."""

    def __init__(
        self,
        *,
        token: str = DEFAULT_TOKEN,
        bot_username: str = DEFAULT_USERNAME,
        limits: Limits | None = None,
        clock: Callable[[], float] = time,
    ) -> None:
        self.limits = limits or Limits()
        self.clock = Clock(clock)
        self.bot = BotAccount(token, bot_username)
        self.bot_user = self.bot.user
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.files = FileShelf()
        self.updates = UpdateQueue(self.limits, self.clock)
        self.flood = FloodGate(self.limits)
        self.faults = Faults()
        self.callback_queries: dict[str, Query] = {}
        self.inline_queries: dict[str, Query] = {}
        self.inline_messages: dict[str, tuple[int, int]] = {}
        self.listeners: set[Callable[[JSON], None]] = set()
        """Called with every event that the chat page should know."""
        self.observers: set[Callable[[Chat, JSON], None]] = set()
        """Called with every message and every edit of the bot: for benchmarks and tests."""
        self.started_at = self.clock()
        self._numbers = count(1)
        self._message_ids = count(1)
        self._set_the_scene()

    def _set_the_scene(self) -> None:
        self.add_person(PERSON_ID, "Person", "ar", on_page=True)
        self.add_person(HELPER_ID, "Helper", "de", on_page=True)
        self.add_person(COORDINATOR_ID, "Coordinator", "de", on_page=True)
        shown = frozenset(self.people)
        card = {"id": GROUP_ID, "type": "supergroup", "title": "Group"}
        self.chats[GROUP_ID] = Chat(GROUP_ID, ChatKind.SUPERGROUP, card, shown, on_page=True, started=True)
        for number, pair in enumerate(
            [(PERSON_ID, HELPER_ID), (PERSON_ID, COORDINATOR_ID), (HELPER_ID, COORDINATOR_ID)], start=1
        ):
            self.chats[-number] = Chat(
                -number,
                ChatKind.DIRECT,
                {"id": -number, "type": "direct"},
                frozenset(pair),
                on_page=True,
                with_bot=False,
                started=True,
            )

    def add_person(
        self, person_id: int, first_name: str, language_code: str | None = None, *, on_page: bool = False
    ) -> Person:
        """A new phone with a private chat to the bot, not yet started."""
        number = f"+496990009{person_id % 1000:03d}"
        person = self.people[person_id] = Person(person_id, first_name, language_code, number, on_page)
        card = {"id": person_id, "type": "private", "first_name": first_name}
        self.chats[person_id] = Chat(person_id, ChatKind.PRIVATE, card, frozenset({person_id}), on_page)
        return person

    def now(self) -> int:
        """Bot API dates: whole seconds since 1970."""
        return int(self.clock())

    def new_id(self, kind: str) -> str:
        """An identifier for a query, an album or the like."""
        return f"{kind}{next(self._numbers)}"

    def tell_page(self, event: JSON) -> None:
        """Tell every open chat page."""
        for listener in tuple(self.listeners):
            listener(event)

    def chat_for_bot(self, chat_id: str | int | None) -> Chat:
        """The chat that the bot names, whether or not it may write there. Raises Refusal."""
        if chat_id in (None, ""):
            raise bad_request("chat_id is empty")
        try:
            chat = self.chats.get(int(str(chat_id)))
        except ValueError:
            chat = None
        if chat is None or chat.kind is ChatKind.DIRECT:
            raise bad_request("chat not found")
        return chat

    def chat_to_write_to(self, chat_id: str | int | None) -> Chat:
        """The chat that the bot names, if it may write there. Raises Refusal."""
        chat = self.chat_for_bot(chat_id)
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        # Bots, An introduction for developers: bots cannot start conversations, the person writes first.
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        if not chat.with_bot:
            raise forbidden("bot is not a member of the supergroup chat")
        return chat

    def post(self, chat: Chat, sender: JSON, content: JSON) -> JSON:
        """Put a message into a chat and show it."""
        message: JSON = {
            "message_id": next(self._message_ids),
            "from": sender,
            "chat": chat.card,
            "date": int(self.clock()),
            **content,
        }
        messages = chat.messages
        messages[message["message_id"]] = message
        if len(messages) > self.limits.history:
            del messages[next(iter(messages))]
        if chat.on_page:
            self.tell_page(
                {"type": "message", "chat": chat.id, "message": message, "keyboard": chat.keyboard}
            )
        if sender is self.bot_user:
            self._tell_observers(chat, message)
        return message

    def show_edit(self, chat: Chat, message: JSON) -> None:
        """Show that a message changed."""
        if chat.on_page:
            self.tell_page({"type": "edited", "chat": chat.id, "message": message})
        if message["from"] is self.bot_user:
            self._tell_observers(chat, message)

    def _tell_observers(self, chat: Chat, message: JSON) -> None:
        for observer in tuple(self.observers):
            observer(chat, message)

    def delete(self, chat: Chat, message_ids: list[int]) -> None:
        """Let messages vanish on both sides."""
        for message_id in message_ids:
            chat.messages.pop(message_id, None)
        chat.pinned = [message_id for message_id in chat.pinned if message_id not in message_ids]
        if chat.on_page:
            self.tell_page({"type": "deleted", "chat": chat.id, "ids": message_ids})

    def in_language(self, texts: dict[str, str], language: str | None) -> str:
        """The text of this language, else the one for everybody (Bot API, setMyDescription)."""
        return texts.get(language or "") or texts.get("", "")

    async def close(self) -> None:
        """End everything that waits: polls, webhook, pages."""
        await self.updates.close()
        self.tell_page({"type": "closed"})
