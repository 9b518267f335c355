"""Facts that a text states: age, gender, family, and whom it is about. Null unless said; nothing is inferred.

Age and gender describe the person concerned, family the household as told (data/lexicon holds the words).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from nlu.lexicon import AGE, BIRTH_YEAR, FAMILY, FAMILY_NOT, GENDER, NOT_AGE, PERSON, Found, Lexicon
from nlu.values import age_band

OLDEST = 110
BARE_AGES = range(5, 100)
"""A message that is nothing but such a number answers the question for the age."""
PERSONS = ("self", "child", "partner", "relative", "other")


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found; `mentioned` ranks the persons written about as (person, gender or None) by their place."""

    age: int | None = None
    age_band: str | None = None
    gender: str | None = None
    family: frozenset[str] = frozenset()
    person: str | None = None
    mentioned: tuple[tuple[str, str | None], ...] = ()
    because: tuple[str, ...] = field(default=())


def find_facts(
    words: Sequence[str], lexicons: Iterable[Lexicon], person: str | None = None, today: date | None = None
) -> Facts:
    """The facts in folded words, by the lists of the likely languages.

    `person` is whom the text concerns where the classifier knows; without it the first person mentioned counts.
    """
    year = (today or datetime.now(UTC).date()).year
    best = Facts()
    for lexicon in lexicons:
        digits = lexicon.numbers.in_digits(words)
        found = lexicon.find_facts(digits)
        facts = _facts(digits, found, person, year)
        best = _together(best, facts)
    return best


def _together(one: Facts, other: Facts) -> Facts:
    age, band = (one.age, one.age_band) if one.age_band else (other.age, other.age_band)
    return Facts(
        age,
        band,
        one.gender or other.gender,
        one.family | other.family,
        one.person or other.person,
        one.mentioned or other.mentioned,
    )


def _facts(words: Sequence[str], found: Sequence[Found], person: str | None, year: int) -> Facts:
    age = _age(words, found, year)
    mentioned = _mentioned(found)
    if person is None:
        person = mentioned[0][0] if mentioned else None
    genders = [gender for who, gender in mentioned if who == person and gender]
    if person not in (None, "self"):
        gender = genders[0] if genders else None
    else:
        gender = next((find.name for find in found if find.kind == GENDER), None)
    return Facts(
        age, age_band(age) if age is not None else None, gender, _family(found), person, tuple(mentioned)
    )


def _age(words: Sequence[str], found: Sequence[Found], year: int) -> int | None:
    if len(words) == 1 and words[0].isdecimal() and int(words[0]) in BARE_AGES:
        return int(words[0])
    for find in sorted(found, key=lambda find: find.start):
        if find.kind == BIRTH_YEAR:
            for word in words[find.start : find.end]:
                if word.isdecimal() and 0 <= year - int(word) <= OLDEST:
                    return year - int(word)
        if find.kind == AGE:
            for at in range(find.start, find.end):
                if words[at].isdecimal() and len(words[at]) <= 3 and int(words[at]) <= OLDEST:
                    longer = any(
                        other.kind == NOT_AGE
                        and other.start <= at < other.end
                        and other.end - other.start >= find.end - find.start
                        for other in found
                    )
                    if not longer:
                        return int(words[at])
    return None


def _mentioned(found: Sequence[Found]) -> list[tuple[str, str | None]]:
    persons = sorted(
        (find for find in found if find.kind == PERSON), key=lambda find: (find.start, -find.end)
    )
    return [(who, gender or None) for who, _, gender in (find.name.partition("_") for find in persons)]


def _family(found: Sequence[Found]) -> frozenset[str]:
    said = {find.name for find in found if find.kind == FAMILY}
    taken_back = {find.name for find in found if find.kind == FAMILY_NOT}
    if "single_parent" in said:
        said |= {"children"}
    return frozenset(said - taken_back)
