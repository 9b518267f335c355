"""The values of the offer directory: what an offer is, what is asked of it, and why it fits or does not.

Pure words that every floor above speaks. Knows no database, no sheet, no clock, no sentence in any language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias

import yaml

Text: TypeAlias = Mapping[str, str]
"""A text in several languages: language code → words. The codes are those of `LANGUAGES`."""


@cache
def language_rows() -> Mapping[str, Mapping[str, Any]]:
    """The lines of data/languages.yml, code → what is said of the language."""
    text = (Path(__file__).parents[2] / "data" / "languages.yml").read_text(encoding="utf-8")
    rows: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)
    return rows


LANGUAGES: tuple[str, ...] = tuple(language_rows())
"""The languages that a sheet may name."""

ID_LENGTH = 24
"""Longest id of an offer, in characters, so that the deep link `o-<id>` stays short enough to combine."""


class Need(StrEnum):
    """What a person may need; the labels of the understanding, one for one."""

    COUNSELLING = "counselling"
    TRAUMA = "trauma"
    SLEEP = "sleep"
    DEPRESSION = "depression"
    ANXIETY = "anxiety"
    GRIEF = "grief"
    VIOLENCE = "violence"
    ADDICTION = "addiction"
    PREGNANCY = "pregnancy"
    PARENTING = "parenting"
    FAMILY = "family"
    PSYCHIATRY = "psychiatry"
    DISABILITY = "disability"
    ISOLATION = "isolation"
    ASYLUM = "asylum"
    DAILY_LIFE = "daily_life"
    LGBTIQ = "lgbtiq"


class AgeBand(StrEnum):
    """Age as it is kept: a band, never a date of birth."""

    CHILD = "child"
    YOUTH = "youth"
    YOUNG_ADULT = "young_adult"
    ADULT = "adult"
    SENIOR = "senior"

    @property
    def ages(self) -> tuple[int, int | None]:
        """First and last year of the band; None means no upper end."""
        return _AGES[self]

    @classmethod
    def of(cls, years: int) -> AgeBand:
        """The band of an age in full years. Raises ValueError below zero."""
        if years < 0:
            raise ValueError("an age is never negative")
        return next(band for band in reversed(cls) if _AGES[band][0] <= years)


_AGES: dict[AgeBand, tuple[int, int | None]] = {
    AgeBand.CHILD: (0, 13),
    AgeBand.YOUTH: (14, 17),
    AgeBand.YOUNG_ADULT: (18, 26),
    AgeBand.ADULT: (27, 64),
    AgeBand.SENIOR: (65, None),
}


class Gender(StrEnum):
    """Gender as told by the person, never guessed."""

    FEMALE = "female"
    MALE = "male"
    DIVERSE = "diverse"


class Family(StrEnum):
    """The household; several may hold at once."""

    ALONE = "alone"
    PARTNER = "partner"
    CHILDREN = "children"
    SINGLE_PARENT = "single_parent"
    PREGNANT = "pregnant"
    UNACCOMPANIED_MINOR = "unaccompanied_minor"


class Person(StrEnum):
    """Whom the need concerns, seen from the person who writes."""

    SELF = "self"
    CHILD = "child"
    PARTNER = "partner"
    RELATIVE = "relative"
    OTHER = "other"


class Mode(StrEnum):
    """How an offer meets a person."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    VIDEO = "video"
    CHAT = "chat"
    HOME_VISIT = "home_visit"


class Speaker(StrEnum):
    """Who speaks the language: somebody of the organization, or an interpreter."""

    OWN = "own"
    INTERPRETER = "interpreter"


class Crisis(StrEnum):
    """Kinds of acute crisis (SAFETY §1) that a helpline answers."""

    SUICIDE = "suicide"
    DANGER = "danger"
    MEDICAL = "medical"


class Status(StrEnum):
    """Whether the service exists at present."""

    OPEN = "open"
    CLOSED = "closed"


class Slot(StrEnum):
    """The facts that the conversation may ask for."""

    NEED = "need"
    PERSON = "person"
    AGE_BAND = "age_band"
    GENDER = "gender"
    FAMILY = "family"
    AREA = "area"


class Refinement(StrEnum):
    """A wish uttered after the first results; it puts what meets it first and excludes nothing."""

    NEARER = "nearer"
    EVENING = "evening"
    SOON = "soon"
    REMOTE = "remote"
    IN_PERSON = "in_person"


class ReasonKind(StrEnum):
    """Why an offer fits. The comment names what `Reason.value` holds."""

    NEED_PRIMARY = "need_primary"  # Need
    NEED_ALSO = "need_also"  # Need
    LANGUAGE_OWN = "language_own"  # language code
    LANGUAGE_INTERPRETER = "language_interpreter"  # language code
    WOMEN_ONLY = "women_only"  # None
    MEN_ONLY = "men_only"  # None
    GENDER = "gender"  # Gender, where the limit names more than one
    AGE = "age"  # "from-to" as told on the offer, e.g. "14-21", "65-"
    FAMILY = "family"  # Family
    PERSON = "person"  # Person
    DISTRICT = "district"  # district id: the offer stands in the district asked for
    AREA = "area"  # area id: the offer stands in the area asked for
    REFINEMENT = "refinement"  # Refinement that is met
    SHORT_WAIT = "short_wait"  # weeks
    OPEN_NOW = "open_now"  # "HH:MM" until when, or None (always)
    RESIDENCE_LIMITED = "residence_limited"  # residence statuses, "; "-joined: a note, ranks last


class MissKind(StrEnum):
    """What does not fit. The comment names what `Miss.value` holds: what the offer has."""

    NEED = "need"  # Need that was asked for and is not served
    LANGUAGE = "language"  # language code asked for
    AGE = "age"  # "from-to" of the offer
    GENDER = "gender"  # genders of the offer, "; "-joined
    FAMILY = "family"  # families of the offer, "; "-joined
    PERSON = "person"  # persons of the offer, "; "-joined
    AREA = "area"  # areas and districts served, "; "-joined
    NOT_FOR = "not_for"  # Need that the offer excludes


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why an offer fits: a kind and its value, never a sentence."""

    kind: ReasonKind
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Miss:
    """One thing that does not fit: a kind and its value, never a sentence."""

    kind: MissKind
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Organization:
    """Who carries a service."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Phone:
    """A number: E.164 ("+4969…"), or a short or free-call number as dialled ("112", "0800 1110111")."""

    number: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """Where to go. `confidential` places (women's shelters) carry nothing else: the address is never kept."""

    district: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    confidential: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One service as a person would be told of it. Empty sets mean: no limit."""

    id: str
    organization: Organization
    name: Text
    description: Text
    needs: tuple[Need, ...] = ()
    also: tuple[Need, ...] = ()
    min_age: int | None = None
    max_age: int | None = None
    genders: frozenset[Gender] = frozenset()
    families: frozenset[Family] = frozenset()
    for_whom: frozenset[Person] = frozenset()
    not_for: Text = field(default_factory=dict)
    not_for_needs: frozenset[Need] = frozenset()
    residence: frozenset[str] = frozenset()
    languages: tuple[tuple[str, Speaker], ...] = ()
    any_language: bool = False
    modes: tuple[Mode, ...] = ()
    areas: frozenset[str] = frozenset()
    place: Location | None = None
    phones: tuple[Phone, ...] = ()
    email: str | None = None
    website: str | None = None
    booking_url: str | None = None
    booking_how: Text = field(default_factory=dict)
    opening_hours: str | None = None
    hours_text: Text = field(default_factory=dict)
    cost: Literal["free"] | Text | None = None
    waiting_weeks: int | None = None
    verified_on: date | None = None
    verified_by: str | None = None
    source: str | None = None
    demo: bool = False
    first_contact: bool = False
    online: bool = False
    crisis: frozenset[Crisis] = frozenset()
    status: Status = Status.OPEN

    def speaker(self, language: str) -> Speaker | None:
        """Who speaks this language here: own staff, an interpreter, or None."""
        return dict(self.languages).get(language) or (Speaker.INTERPRETER if self.any_language else None)

    @property
    def limited(self) -> bool:
        """Whether it is made for some people rather than for everybody."""
        return bool(
            self.min_age or self.max_age is not None or self.genders or self.families or self.for_whom
        )


def text_in(text: Text, language: str, fallbacks: tuple[str, ...] = ("en", "de")) -> str:
    """The words in this language, else in the first fallback there is, else in any; "" when there is none."""
    for code in (language, *fallbacks):
        if words := text.get(code):
            return words
    return next(iter(text.values()), "")


@dataclass(frozen=True, slots=True)
class Query:
    """What is known of a person's wish. None and empty mean unknown; what is unknown never excludes."""

    need: Need | None = None
    also: tuple[Need, ...] = ()
    ages: tuple[int, int | None] | None = None
    gender: Gender | None = None
    families: frozenset[Family] = frozenset()
    person: Person | None = None
    language: str | None = None
    area: str | None = None
    refinements: frozenset[Refinement] = frozenset()

    def with_(self, **changes: Any) -> Self:
        """A copy with these fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Match:
    """An offer with its rank (higher is better), why it fits and what does not. No misses: it fits fully."""

    offer: Offer
    score: int
    reasons: tuple[Reason, ...] = ()
    misses: tuple[Miss, ...] = ()
    distance_km: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a query, each part best first."""

    fits: tuple[Match, ...] = ()
    near: tuple[Match, ...] = ()
    first_contacts: tuple[Match, ...] = ()
