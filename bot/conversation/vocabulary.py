"""The words everyone speaks: what comes in, what goes out, what the conversation may look at.

Plain values. Knows nothing of Telegram, of databases or of any sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from bot.conversation.codes import Carried
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


class Step(StrEnum):
    """What somebody wants to do next about an offer on their plan."""

    CALL = "call"
    WRITE = "write"
    GO = "go"
    APPOINTMENT = "appointment"


class Answer(StrEnum):
    """What came of it."""

    REACHED = "reached"
    NOBODY = "nobody"
    FULL = "full"
    LANGUAGE = "language"
    NOT_RIGHT = "not_right"
    NOT_NEEDED = "not_needed"


WRONG = "wrong_"
"""How it begins what is counted as wrong with an offer; all else that is counted of it is an Answer."""


@dataclass(frozen=True, slots=True)
class Saved:
    """One offer on a plan.

    `remind_at` and `at` (of an appointment) are aware; `since` is the day from which the questions count, `asked` how
    many of them were asked. After `ended_on` nothing is asked about it. `counted` are the answers that stand in the
    counters: each counts once, however often a mind changes.
    """

    offer: str
    step: Step
    since: date
    at: datetime | None = None
    remind_at: datetime | None = None
    asked: int = 0
    answer: Answer | None = None
    ended_on: date | None = None
    counted: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody wants to be kept by consent on the way to help, with version and date of the text agreed to.

    `quiet_since`: from that day on nothing is said of it unless asked.
    """

    language: str
    consent_version: int
    consented_on: date
    saved: tuple[Saved, ...] = ()
    quiet_since: date | None = None


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
    code of the app, if any; `remembered_language`, `subscription` and `plan` what is kept of this chat beyond the
    conversation (the last two only where a message may ask for them). `handed_over` is what a sealed link held,
    nothing when the link is over, no more than `results` when this chat used it; None for anything else.
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
    plan: Plan | None = None
    handed_over: Carried | None = None
    html: str = ""
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A text to be rendered: the name of a response of domain.yml (or `need/sleep`, `area/mitte`,
    `group/…`, `language/prs`, `offer/ID`, `day/2026-12-01`, `time/14:30`) and the values of its placeholders."""

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
    languages, instead of the person's; `side_by_side`: the buttons' labels too. `screen` is the number that the codes
    of the buttons will carry. `replaces`: it takes the place of the message whose button was tapped.
    """

    texts: tuple[Text, ...] = ()
    helplines: tuple[str, ...] = ()
    card: Mapping[str, Any] | None = None
    rows: tuple[tuple[Choice, ...], ...] = ()
    languages: tuple[str, ...] = ()
    screen: int = 0
    replaces: bool = False
    side_by_side: bool = False


class Do(StrEnum):
    """What is to be done outside the conversation."""

    COUNT = "count"  # add one to a cell of the statistics
    COUNT_ANSWER = "count_answer"  # add one to the cell of what came of an offer on a plan
    FORGET = "forget"  # erase all that is stored of this chat
    CLEAR_CHAT = "clear_chat"  # delete the messages Telegram still lets us delete
    REMEMBER_LANGUAGE = "remember_language"  # keep the language beyond the conversation (by consent)
    SET_COMMANDS = "set_commands"  # command menu of this chat in the chosen language
    SUBSCRIBE = "subscribe"  # keep a subscription to news (by consent)
    RENEW = "renew"  # let the subscription go on
    UNSUBSCRIBE = "unsubscribe"  # erase the subscription
    PLAY = "play"  # send the recording of an utterance
    REPORT = "report"  # count what came of an offer, or what is wrong with it, for the coordinator
    NOTE_WORDS = "note_words"  # keep somebody's own words about an offer for the coordinator
    KEEP_PLAN = "keep_plan"  # keep a plan (by consent)
    ERASE_PLAN = "erase_plan"
    SEND_CALENDAR = "send_calendar"  # send an appointment as a file for calendars
    SEND_CARD = "send_card"  # make and send a card that opens a door
    SEND_LINK = "send_link"  # send a deep link and its QR code
    HAND_OVER = "hand_over"  # seal answers inside a link, send it and its QR code


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
