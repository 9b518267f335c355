"""The values of announcements: what is announced, to whom, how far it is. Knows no database, no messenger, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.conversation.vocabulary import Subscription

FEW = 5
"""Counts below this are never shown, nor to be had by subtraction (SAFETY §3)."""
FALLBACK_LANGUAGE = "de"
"""What those get for whose language there is no text, with a note in their own."""
TEXT_LIMIT = 4096  # Bot API, sendMessage: characters after entities parsing
CAPTION_LIMIT = 1024  # Bot API, sendPhoto


class Role(StrEnum):
    """What a member of the network may do. An editor writes drafts; a coordinator releases them; a helper passes on."""

    COORDINATOR = "coordinator"
    EDITOR = "editor"
    HELPER = "helper"


class Stage(StrEnum):
    """How far an announcement is."""

    DRAFT = "draft"
    HANDED_IN = "handed_in"  # an editor's draft that waits for a coordinator
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"  # stopped before everybody had it
    WITHDRAWN = "withdrawn"  # what was sent is being changed to "withdrawn", or is
    OVER = "over"  # expired: what was sent is being changed to "over", or is


class Outcome(StrEnum):
    """What became of one recipient's message."""

    DELIVERED = "delivered"
    BLOCKED = "blocked"  # 403: the person blocked the bot, and is unsubscribed
    FAILED = "failed"  # Telegram refused it (400)
    LEFT = "left"  # unsubscribed between release and sending
    UNCERTAIN = "uncertain"  # was on its way when a sender died or a connection broke; sent again
    STOPPED = "stopped"  # tapped "stop" under this announcement


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom an announcement is for. An empty set means everybody; `roles` means these members instead of subscribers."""

    topics: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    roles: frozenset[Role] = frozenset()

    def has(self, subscription: Subscription) -> bool:
        """Whether somebody with this subscription is meant. Who named no area wants news of the whole city."""
        return bool(
            (not self.topics or self.topics & subscription.topics)
            and (not self.areas or not subscription.areas or self.areas & subscription.areas)
            and (not self.languages or subscription.language in self.languages)
        )


@dataclass(frozen=True, slots=True)
class Venue:
    """Where and when something takes place, if it does: degrees, and an aware time."""

    latitude: float
    longitude: float
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What is announced. `texts`: language → HTML with <b>, <i> and <a href> only; `photo`: Telegram's file id."""

    texts: Mapping[str, str] = field(default_factory=dict)
    photo: str = ""
    venue: Venue | None = None

    def text_for(self, language: str, fallbacks: tuple[str, ...] = ()) -> tuple[str, str]:
        """The text that somebody of this language gets and the language it is in; ("", "") without any text."""
        for code in (language, *fallbacks, FALLBACK_LANGUAGE, *sorted(self.texts)):
            if self.texts.get(code):
                return self.texts[code], code
        return "", ""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One announcement with everything but its recipients.

    `id` is short and in the codes of buttons; `send_at` None: as soon as it is released; `expires_at`: when what was
    sent is changed to "over"; `at_night`: also in the quiet hours; `template`: kept to be used again, never sent.
    """

    id: str
    content: Content
    audience: Audience
    stage: Stage = Stage.DRAFT
    expires_at: datetime | None = None
    send_at: datetime | None = None
    at_night: bool = False
    template: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of one announcement: recipients in all, and outcomes by language. For our own eyes; see `report`."""

    recipients: Mapping[str, int]
    outcomes: Mapping[tuple[str, Outcome], int]

    @property
    def total(self) -> int:
        """All recipients."""
        return sum(self.recipients.values())

    def count(self, outcome: Outcome) -> int:
        """The recipients with this outcome, over all languages."""
        return sum(count for (_, each), count in self.outcomes.items() if each is outcome)

    @property
    def done(self) -> int:
        """Recipients for whom nothing remains to be done."""
        ended = (Outcome.DELIVERED, Outcome.BLOCKED, Outcome.FAILED, Outcome.LEFT)
        return sum(map(self.count, ended))
