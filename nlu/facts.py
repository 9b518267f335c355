"""Facts that a text states: age, gender, family, and whom it is about. Null unless said; nothing is inferred.

The word lists propose, small classifiers trained on annotated messages decide. Age and gender describe the person
concerned, family the household as told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from nlu.lexicon import CONCEPT, Find, Reading
from nlu.values import age_band

OLDEST = 110
BARE_AGES = range(5, 100)
"""A message that is nothing but such a number answers the question for the age."""
ABOUT_WORDS = 3
"""Words on each side of a number by which it is judged."""
_SIZES = ((4, "n0"), (8, "n1"), (14, "n2"), (18, "n3"), (30, "n4"), (100, "n5"), (OLDEST + 1, "n6"))
FAMILY_SURE, FAMILY_LIKELY = 0.5, 0.15
"""A partner or children are told where the classifier is sure, or finds likely what a rule says."""
KIN: Mapping[str, frozenset[str]] = {
    "partner": frozenset(("husband", "wife", "partner_unmarried", "marriage")),
    "children": frozenset(("child", "son", "daughter", "baby", "custody")),
}
"""Concepts without one of which the classifier may not tell a partner or children: who is divorced may have none."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that may be an age: its value, its place, and the line by which the classifier judges it."""

    value: int
    at: int
    line: str


def numbers(readings: Sequence[Reading]) -> Iterator[Number]:
    """The numbers from 1 to 110 in a text, as the first word list reads them."""
    if not readings:
        return
    words = readings[0].words
    persons = [f"person_{name}" for name in readings[0].names("person")]
    for at, word in enumerate(words):
        if not word.isdecimal() or len(word) > 3 or not 1 <= int(word) <= OLDEST:
            continue
        left = [*["^"] * max(0, ABOUT_WORDS - at), *words[max(0, at - ABOUT_WORDS) : at]]
        right = list(words[at + 1 : at + 1 + ABOUT_WORDS])
        right += ["$"] * (ABOUT_WORDS - len(right))
        size = next(name for limit, name in _SIZES if int(word) < limit)
        rules = [
            f"{kind}{min(4, find.end - find.start)}"
            for reading in readings
            for kind in ("age", "not_age")
            for find in reading.finds.get(kind, ())
            if find.start <= at < find.end and len(reading.words) == len(words)
        ]
        near = (f"left_{left[-1]}", f"right_{right[0]}", f"{size}_{right[0]}")
        short = ("short",) if len(words) <= ABOUT_WORDS else ()
        yield Number(int(word), at, " ".join((*left, size, *right, *rules, *near, *persons, *short)))


def bare_age(words: Sequence[str]) -> int | None:
    """The age where the whole text is a number."""
    if len(words) == 1 and words[0].isdecimal() and len(words[0]) <= 2 and int(words[0]) in BARE_AGES:
        return int(words[0])
    return None


def age_by_birth(readings: Sequence[Reading], today: date | None = None) -> int | None:
    """The age in years that a year of birth in the text gives, at the end of this year at most."""
    year = (today or datetime.now(UTC).date()).year
    for reading in readings:
        for find in reading.finds.get("birth_year", ()):
            for word in reading.words[find.start : find.end]:
                if word.isdecimal() and len(word) == 4 and 0 <= year - int(word) <= OLDEST:
                    return year - int(word)
    return None


def nearest(candidates: Sequence[Number], readings: Sequence[Reading], person: str | None) -> int | None:
    """Of several ages that of the person concerned: the one nearest to the words for that person, else the first."""
    if not candidates:
        return None
    places = [find.start for find in _persons(readings[:1]) if find.name.partition("_")[0] == person]
    if len(candidates) > 1 and places and person not in (None, "self"):
        return min(candidates, key=lambda number: min(abs(number.at - place) for place in places)).value
    return candidates[0].value


def band(age: int | None, person: str, readings: Sequence[Reading]) -> str | None:
    """The age band of an age, or of a baby of whom no age is told."""
    if age is not None:
        return age_band(age)
    baby = any(name == "baby" for reading in readings for name in reading.names(CONCEPT))
    return age_band(0) if baby and person == "child" else None


def gender_of(person: str, readings: Sequence[Reading]) -> str | None:
    """The gender that the words for this person tell ("my son"), or the writer of herself."""
    if person == "self":
        return next((name for reading in readings for name in reading.names("gender")), None)
    told = (find.name.partition("_") for find in _persons(readings))
    return next((gender for who, _, gender in told if who == person and gender), None)


def family(readings: Sequence[Reading], said: Mapping[str, float]) -> frozenset[str]:
    """The household as told: by rules, unless taken back ("my ex husband"); partner and children also by classifier."""
    told = {name for reading in readings for name in reading.names("family")}
    told -= {name for reading in readings for name in reading.names("family_not")}
    concepts = {name for reading in readings for name in reading.names(CONCEPT)}
    unlikely = {name for name in KIN if said.get(name, 0.0) < FAMILY_LIKELY}
    sure = {name for name in KIN if said.get(name, 0.0) >= FAMILY_SURE and not concepts.isdisjoint(KIN[name])}
    told = (told - unlikely) | sure
    return frozenset(told | {"children"} if "single_parent" in told else told)


def _persons(readings: Sequence[Reading]) -> list[Find]:
    return sorted(
        (find for reading in readings for find in reading.finds.get("person", ())),
        key=lambda find: (find.start, -find.end),
    )
