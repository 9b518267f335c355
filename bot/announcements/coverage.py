"""How many people get an announcement in which language, and what of it may be shown: never a count under five."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bot.announcements.model import FEW, Audience, Content
from bot.conversation.vocabulary import Subscription
from bot.languages.registry import LANGUAGES


@dataclass(frozen=True, slots=True)
class Line:
    """One language of an audience: `count` None means fewer than five; `written_in` is the language they will read."""

    language: str
    count: int | None
    written_in: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """All languages, most people first; `total` None means fewer than five, `anybody` False: really nobody."""

    lines: tuple[Line, ...]
    total: int | None
    anybody: bool

    @property
    def gaps(self) -> tuple[Line, ...]:
        """Languages whose people will read another one."""
        return tuple(line for line in self.lines if line.written_in != line.language)


def coverage(subscriptions: Iterable[Subscription], audience: Audience, content: Content) -> Coverage:
    """The coverage of this audience by these texts."""
    counts = Counter(each.language for each in subscriptions if audience.has(each))
    lines = [
        Line(language, told(counts[language]), content.text_for(language, LANGUAGES[language].fallbacks)[1])
        for language in sorted(counts, key=lambda code: (-counts[code], code))
    ]
    return Coverage(tuple(lines), told(sum(counts.values())), bool(counts))


def told(count: int) -> int | None:
    """The count as it may be shown: None for fewer than five, else rounded down to a multiple of five.

    Rounding keeps a small count from being had by subtraction: of any two shown counts the true difference may be
    four more or less.
    """
    return None if count < FEW else count - count % FEW
