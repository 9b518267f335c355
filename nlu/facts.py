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
SOLAR_YEARS = 621
"""From the Persian solar calendar to the Gregorian: 1375 is 1996, until the spring of 1997."""
BARE_AGES = range(5, 100)
"""A message that is nothing but such a number answers the question for the age."""
ABOUT_WORDS = 3
"""Words on each side of a number by which it is judged."""
_SIZES = ((4, "n0"), (8, "n1"), (14, "n2"), (18, "n3"), (30, "n4"), (100, "n5"), (OLDEST + 1, "n6"))
FAMILY_SURE = 0.15
"""From this probability on the classifier tells a fact of the household; best F1 on half of the held-out ones."""
BY_CLASSIFIER = frozenset(("partner", "children"))
"""Told by the classifier alone, which weighs what the rules find: who is divorced names a husband and has none."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that may be an age: its value, its place, the line by which the classifier judges it,
    and whether a rule for ages holds it and none for other numbers does."""

    value: int
    at: int
    line: str
    by_rule: bool


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
        by_rule = any(rule.startswith("age") for rule in rules) and not any(
            rule.startswith("not") for rule in rules
        )
        near = (f"left_{left[-1]}", f"right_{right[0]}", f"{size}_{right[0]}")
        short = ("short",) if len(words) <= ABOUT_WORDS else ()
        yield Number(int(word), at, " ".join((*left, size, *right, *rules, *near, *persons, *short)), by_rule)


def bare_age(words: Sequence[str]) -> int | None:
    """The age where the whole text is a number."""
    if len(words) == 1 and words[0].isdecimal() and len(words[0]) <= 2 and int(words[0]) in BARE_AGES:
        return int(words[0])
    return None


def age_by_birth(readings: Sequence[Reading], today: date | None = None) -> int | None:
    """The age in years that a year of birth in the text gives, at the end of this year at most.

    A year of the Persian solar calendar (1375) counts too; none of the other calendar looks like it.
    """
    year = (today or datetime.now(UTC).date()).year
    for reading in readings:
        for find in reading.finds.get("birth_year", ()):
            for word in reading.words[find.start : find.end]:
                if not word.isdecimal() or len(word) != 4:
                    continue
                for born in (int(word), int(word) + SOLAR_YEARS):
                    if 0 <= year - born <= OLDEST:
                        return year - born
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
    """The household as told: by rules, unless taken back ("my ex husband"), and by the classifier."""
    told = {name for reading in readings for name in reading.names("family")} - BY_CLASSIFIER
    told -= {name for reading in readings for name in reading.names("family_not")}
    told |= {name for name, p in said.items() if p >= FAMILY_SURE and name != "none"}
    return frozenset(told | {"children"} if "single_parent" in told else told)


def _persons(readings: Sequence[Reading]) -> list[Find]:
    return sorted(
        (find for reading in readings for find in reading.finds.get("person", ())),
        key=lambda find: (find.start, -find.end),
    )
