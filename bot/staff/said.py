"""What people say of the offers, for coordinators: what is wrong, what came of it, and their own words.

Counted without any id; a count under five reads "<5", others are rounded down. Pure: values in, replies out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from bot.announcements.coverage import told
from bot.announcements.report import HIDDEN
from bot.conversation.vocabulary import WRONG, Reply, Text
from bot.languages.render import say

LOOKED_BACK = timedelta(days=90)
OFFERS_A_MESSAGE, WORDS_A_MESSAGE = 12, 3


class Said(Protocol):
    """Where it is counted and kept."""

    async def reports(self, since: date) -> Sequence[tuple[str, str, int]]:
        """Offer, what is said of it, how often since that day."""

    async def own_words(self) -> Sequence[tuple[str, date, str]]:
        """Offer, day and words, the newest first."""


@dataclass(frozen=True, slots=True)
class Count:
    """One thing said of an offer; `count` as it may be shown."""

    offer: str
    what: str
    count: str


def answers(rows: Iterable[tuple[date, str, str, int]]) -> list[tuple[str, str, str, str]]:
    """What may be shown of what came of plans: month, language, answer, count. No totals to subtract from."""
    return [(f"{month:%Y-%m}", language, answer, _shown(count)) for month, language, answer, count in rows]


def counts(reports: Iterable[tuple[str, str, int]]) -> list[Count]:
    """What may be shown of the reports."""
    return [Count(offer, what, _shown(count)) for offer, what, count in reports]


def by_offer(reports: Iterable[tuple[str, str, int]], language: str) -> dict[str, str]:
    """What may be shown of the reports of each offer, in words, for its row of the sheet."""
    told: dict[str, list[str]] = {}
    for count in counts(reports):
        text = _text(count)
        told.setdefault(count.offer, []).append(say(text.name, language, **text.values))
    return {offer: "; ".join(several) for offer, several in told.items()}


def _shown(count: int) -> str:
    known = told(count)
    return HIDDEN if known is None else str(known)


def replies(reports: Iterable[tuple[str, str, int]], words: Sequence[tuple[str, date, str]]) -> list[Reply]:
    """The messages to a coordinator."""
    by_offer: dict[str, list[Count]] = {}
    for count in counts(reports):
        by_offer.setdefault(count.offer, []).append(count)
    if not by_offer and not words:
        return [Reply((Text("staff_said_nothing"),))]
    lines = [
        Text("staff_said_line", {"name": Text(f"offer/{offer}"), "said": tuple(map(_text, several))})
        for offer, several in by_offer.items()
    ]
    told = [Reply((Text("staff_said"), *part)) for part in _parts(lines, OFFERS_A_MESSAGE)]
    written = [
        Text("staff_said_words_line", {"name": Text(f"offer/{offer}"), "date": day, "words": said})
        for offer, day, said in words
    ]
    return told + [Reply((Text("staff_said_words"), *part)) for part in _parts(written, WORDS_A_MESSAGE)]


def _text(count: Count) -> Text:
    wrong = count.what.startswith(WRONG)
    what = Text(count.what if wrong else f"answer_{count.what}")
    return Text("staff_said_wrong" if wrong else "staff_said_count", {"what": what, "count": count.count})


def _parts(texts: Sequence[Text], most: int) -> list[Sequence[Text]]:
    return [texts[start : start + most] for start in range(0, len(texts), most)]
