"""The words everyone speaks: what comes in, what goes out, what the conversation may look at.

Plain values. Knows nothing of Telegram, of databases or of any sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from bot.offers.directory import Directory
from bot.offers.model import Offer
from bot.offers.needs import NeedMenu
from bot.offers.places import Places
from nlu.values import Understanding


@dataclass(frozen=True, slots=True)
class Subscription:
    """What news somebody asked for: topics (groups of needs, and NEWS_TOPICS), areas (none: the whole city).

    With version and date of the text they agreed to, and the day on which it lapses unless they renew it.
    """

    language: str
    topics: frozenset[str]
    areas: frozenset[str]
    consent_version: int
    consented_on: date
    lapses_on: date


class Kind(StrEnum):
    """What sort of thing a person sent."""

    TEXT = "text"
    BUTTON = "button"
    PLACE = "place"
    VOICE = "voice"
    PICTURE = "picture"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture (`name` is empty) or a file that came along: the messenger's id for it, its name, its size in bytes."""

    file_id: str
    name: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """One thing a person sent, in nobody's format.

    `text` is the text or caption, `html` the same with its bold, italic and links ("" where it has none); `code` the
    code of a tapped button; `place` (latitude, longitude) in degrees; `start` the parameter of /start ("" for a bare
    /start, None for anything else); `command` the name of any other slash command; `app_language` Telegram's language
    code of the app, if any; `remembered_language` and `subscription` what is kept of this chat beyond the
    conversation (the subscription only where a message may ask for it).
    """

    kind: Kind
    text: str = ""
    code: str = ""
    place: tuple[float, float] | None = None
    start: str | None = None
    command: str = ""
    edited: bool = False
    app_language: str | None = None
    understanding: Understanding = field(default_factory=Understanding)
    remembered_language: str | None = None
    subscription: Subscription | None = None
    html: str = ""
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A text to be rendered: the name of a response of domain.yml (or `need/sleep`, `area/mitte`,
    `group/…`, `language/prs`, `helper/…`) and the values of its placeholders."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: its label and exactly one of a code that comes back (`VERB.ARGUMENT`), an address, a text to copy.

    `on`: it is one of several that can be chosen together, and is chosen.
    """

    label: Text
    code: str = ""
    url: str = ""
    copy: str = ""
    on: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to the person: texts (each its own paragraph), cards of offers, rows of buttons.

    `card` is set when the message shows an offer: {"offer": id, "reasons": [...], "misses": [...]};
    `helplines` are ids of real numbers to show below the texts. `languages` renders the texts once for each of these
    languages, instead of the person's. `screen` is the number that the codes of the buttons will carry. `replaces`: it
    takes the place of the message whose button was tapped.
    """

    texts: tuple[Text, ...] = ()
    helplines: tuple[str, ...] = ()
    card: Mapping[str, Any] | None = None
    rows: tuple[tuple[Choice, ...], ...] = ()
    languages: tuple[str, ...] = ()
    screen: int = 0
    replaces: bool = False


class Do(StrEnum):
    """What is to be done outside the conversation."""

    COUNT = "count"  # add one to a cell of the statistics
    FORGET = "forget"  # erase all that is stored of this chat
    CLEAR_CHAT = "clear_chat"  # delete the messages Telegram still lets us delete
    REMEMBER_LANGUAGE = "remember_language"  # keep the language beyond the conversation (by consent)
    REPORT_WRONG = "report_wrong"  # note for the coordinator that an offer is wrong
    SET_COMMANDS = "set_commands"  # command menu of this chat in the chosen language
    SUBSCRIBE = "subscribe"  # keep a subscription to news (by consent)
    RENEW = "renew"  # let the subscription go on
    UNSUBSCRIBE = "unsubscribe"  # erase the subscription
    PLAY = "play"  # send the recording of an utterance


@dataclass(frozen=True, slots=True)
class Command:
    """Something to be done outside, by whoever called `take_turn`."""

    do: Do
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs this bot: shown in the notice and under /privacy."""

    name: str
    contact: str
    privacy_url: str


@dataclass(frozen=True, slots=True)
class World:
    """What the conversation may look at, and nothing else: no I/O hides behind it.

    `languages` are the codes the bot speaks, most used first; `main_languages` those of a crisis card when nothing is
    known of the person; `unread_languages` those whose texts no native speaker has read yet; `helplines` the real
    numbers, read from a file, not from the database; `now` is aware, in the city's time zone.
    """

    directory: Directory
    places: Places
    needs: NeedMenu
    helplines: tuple[Offer, ...]
    languages: tuple[str, ...]
    main_languages: tuple[str, ...]
    city: str
    operator: Operator
    bot_username: str
    retention_hours: int
    now: datetime
    unread_languages: tuple[str, ...] = ()
