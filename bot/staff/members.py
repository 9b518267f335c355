"""Members of the network and what they have on their desk: the values, and what is needed from stores for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from bot.announcements.model import Announcement, Progress, Role, Stage
from bot.conversation.vocabulary import Subscription
from bot.offers.model import Offer
from bot.offers.sheets import ImportPlan

INVITE_PREFIX = "i-"
"""Before the token in the start parameter of an invitation's link."""
INVITE_HOURS = 24


class Ask(StrEnum):
    """What the desk waits for from a member: their next text, photo or place is for it, not for the conversation."""

    NOTHING = ""
    TEXT = "text"
    LANGUAGE = "language"  # a tap; the text whose language is asked is pending
    SEND_AT = "send_at"
    ENDS_AT = "ends_at"
    VENUE = "venue"
    VENUE_AT = "venue_at"
    SHEET = "sheet"  # a tap; the file to take over is pending


WRITES = frozenset({Ask.TEXT, Ask.SEND_AT, Ask.ENDS_AT, Ask.VENUE, Ask.VENUE_AT})
"""What is answered by writing."""


@dataclass(frozen=True, slots=True)
class OnDesk:
    """Which draft a member works on, what is asked, and what waits for the answer (a text, a file's id)."""

    draft: str = ""
    asks: Ask = Ask.NOTHING
    pending: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the network; `desk` as last seen by this process."""

    chat_id: int
    role: Role
    language: str
    since: date
    desk: OnDesk = OnDesk()


class Audited(StrEnum):
    """What is written into the audit log."""

    INVITED = "invited"
    JOINED = "joined"
    LEFT = "left"
    WROTE = "wrote"
    HANDED_IN = "handed_in"
    RELEASED = "released"
    SCHEDULED = "scheduled"
    PAUSED = "paused"
    RESUMED = "resumed"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    OFFERS_CHANGED = "offers_changed"


class Members(Protocol):
    """Where members live: encrypted, found by a keyed hash of the chat, with all of them in memory."""

    def of(self, chat_id: int) -> Member | None:
        """The member with this chat, from memory; at most a minute old."""

    def with_roles(self, roles: Iterable[Role]) -> Sequence[Member]:
        """All members with one of these roles, from memory."""

    async def redeem(self, token: str, chat_id: int, language: str) -> Role | None:
        """Makes the invited person a member; None when the token is forged, used or too old."""

    async def invite(self, role: Role, by: int | None = None) -> str:
        """A new invitation's token, good for one person and INVITE_HOURS."""

    async def put(self, chat_id: int, desk: OnDesk) -> None:
        """Keeps what is on a member's desk."""

    async def leave(self, chat_id: int) -> None:
        """Erases this member, and who they were in the audit log."""

    async def audit(self, chat_id: int, what: Audited, detail: str) -> None:
        """Writes down what a member did: never a text of anybody."""

    async def wrote(self, chat_id: int, announcement: str) -> bool:
        """Whether this member wrote on this announcement."""


class News(Protocol):
    """Where announcements and subscriptions live."""

    async def announcement(self, id: str) -> Announcement | None: ...

    async def announcements(self, *stages: Stage) -> list[Announcement]: ...

    async def keep(self, announcement: Announcement) -> None: ...

    async def move(self, id: str, to: Stage, *allowed: Stage) -> bool: ...

    async def release(self, id: str) -> int | None: ...

    async def progress(self, id: str) -> Progress: ...

    async def subscriptions(self) -> list[Subscription]: ...


class Offers(Protocol):
    """Where the offers live. Slow: to be called in a thread."""

    def load(self) -> list[Offer]: ...

    def apply(self, plan: ImportPlan) -> None: ...

    def version(self) -> int: ...
