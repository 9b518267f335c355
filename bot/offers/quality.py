"""What a coordinator should mend: old confirmations, missing translations, people who would find nothing.

Knows no database and no terminal; the day is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.offers.directory import Directory
from bot.offers.model import AgeBand, Gender, Match, Need, Offer, Query, Status
from bot.offers.needs import NeedMenu

STALE_AFTER = timedelta(days=180)  # SAFETY 1
COMPLETE_LANGUAGES = ("de", "en", "ar", "prs", "kmr")
"""The languages in which every offer must be readable and no need may be a dead end."""


@dataclass(frozen=True, slots=True)
class MissingTranslation:
    """A text of an offer that lacks languages."""

    id: str
    field: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """A person who would get neither a specific offer nor a near miss."""

    need: Need
    band: AgeBand
    gender: Gender
    language: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What the check found; ids of offers in the order of the directory."""

    stale: tuple[str, ...]
    unconfirmed_numbers: tuple[str, ...]
    missing_translations: tuple[MissingTranslation, ...]
    dead_ends: tuple[DeadEnd, ...]
    only_near: tuple[DeadEnd, ...]
    """Who would get near misses only: no failure, but worth an offer."""

    @property
    def clean(self) -> bool:
        """Whether there is nothing to mend."""
        return not (self.stale or self.unconfirmed_numbers or self.missing_translations or self.dead_ends)


def check(
    directory: Directory,
    menu: NeedMenu,
    *,
    now: datetime,
    languages: Sequence[str] = COMPLETE_LANGUAGES,
) -> Findings:
    """Checks all open offers. `now` carries the city's ZoneInfo."""
    offers = [offer for offer in directory if offer.status is Status.OPEN]
    dead_ends, only_near = _dead_ends(directory, menu, now, languages)
    return Findings(
        stale=tuple(
            offer.id for offer in offers if offer.verified_on and _is_stale(offer.verified_on, now.date())
        ),
        unconfirmed_numbers=tuple(offer.id for offer in offers if offer.verified_on is None),
        missing_translations=tuple(_missing_translations(offers, languages)),
        dead_ends=tuple(dead_ends),
        only_near=tuple(only_near),
    )


def is_specific(match: Match) -> bool:
    """Whether an offer is made for some people: what is for everybody, or a first contact, does not count."""
    return match.offer.limited and not match.offer.first_contact


def _is_stale(verified_on: date, today: date) -> bool:
    return today - verified_on > STALE_AFTER


def _missing_translations(offers: Iterable[Offer], languages: Sequence[str]) -> Iterable[MissingTranslation]:
    for offer in offers:
        texts = {
            "name": offer.name,
            "description": offer.description,
            "not_for": offer.not_for,
            "booking_how": offer.booking_how,
            "hours_text": offer.hours_text,
            "cost": {} if offer.cost in (None, "free") else offer.cost,
        }
        for field, text in texts.items():
            missing = tuple(language for language in languages if not text.get(language))  # type: ignore[union-attr]
            if missing and (text or field == "name"):
                yield MissingTranslation(offer.id, field, missing)


def _dead_ends(
    directory: Directory, menu: NeedMenu, now: datetime, languages: Sequence[str]
) -> tuple[list[DeadEnd], list[DeadEnd]]:
    dead_ends: list[DeadEnd] = []
    only_near: list[DeadEnd] = []
    for entry in menu.entries:
        for band in entry.bands:
            for gender in Gender:
                for language in languages:
                    query = Query(need=entry.need, ages=band.ages, gender=gender, language=language)
                    result = directory.match(query, now=now)
                    if any(map(is_specific, result.fits)):
                        continue
                    found = any(map(is_specific, result.near))
                    (only_near if found else dead_ends).append(DeadEnd(entry.need, band, gender, language))
    return dead_ends, only_near
