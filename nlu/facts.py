"""Facts that a text states: age, gender, family, and whom it is about. Null unless said; nothing is inferred.

The word lists propose, small classifiers trained on annotated messages decide. Age and gender describe the person
concerned, family the household as told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from nlu.lexicon import CONCEPT, Find, Reading
from nlu.values import age_band

OLDEST = 110
SOLAR_YEARS = 621
"""From the Persian solar calendar to the Gregorian: 1375 is 1996, until the spring of 1997."""
SOLAR = frozenset(("fa", "prs", "ps"))
"""Languages in which two digits are a year of the Persian solar calendar."""
ETHIOPIAN_YEARS = 8
"""From the Ethiopian calendar to the Gregorian: most of a year (from January on) falls into the eighth after it."""
_ETHIOPIAN = re.compile(r"\b(?:አ ?ም(?! ?ፈ)|e c|ec|ግ[እአ]ዝ)\b")
_GREGORIAN = re.compile(r"እ ?[ኤአ] ?አ\b|ፈረንጅ|ፈረንጆ|\bg ?c\b|አ ?ም ?ፈ\b")
"""How a calendar is named beside a year, folded. In Amharic years are Ethiopian unless it says otherwise, in Tigrinya
where it says so: the state counts by them in Ethiopia, and in Eritrea not."""
BARE_AGES = range(5, 100)
"""A message that is nothing but such a number answers the question for the age."""
ABOUT_WORDS = 3
"""Words on each side of a number by which it is judged."""
_DIGITS = re.compile(r"\d+")
_JOINED = re.compile(
    r"(?:[€$£°#§+]\s?|\d[.,:/x×*+–-])\d+(?:[.,:/x×*–-]\d+)*|(?<!\d)\d+\s?[%€$£°+*]|[a-z]\d+(?!\d)"
)
_APART = re.compile(r"(?:^|[,;.!?()،؛۔።፣–-])\s*(\d{1,3})\s*(?=$|[,;.!?()،؛۔።፣–-])")
_SIZES = ((4, "n0"), (8, "n1"), (14, "n2"), (18, "n3"), (30, "n4"), (100, "n5"), (OLDEST + 1, "n6"))
FAMILY_SURE = 0.2
"""From this probability on the classifier tells a fact of the household; best F1 on half of the held-out ones."""
BY_CLASSIFIER = frozenset(("partner", "children", "alone"))
"""Told by the classifier alone, which weighs what the rules find: who is divorced names a husband and has none."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that may be an age: its value, its place, the line by which the classifier judges it,
    and whether a rule for ages holds it and none for other numbers does."""

    value: int
    at: int
    line: str
    by_rule: bool


def shapes(cleaned: str) -> Mapping[str, str]:
    """How numbers stand between the signs of a cleaned text: "joined" in 38.5, 18:42 or 24 %, "apart" in ", 19,"."""
    found: dict[str, str] = {}
    for number in _APART.finditer(cleaned):
        found[number[1].lstrip("0")] = "apart"
    for several in _JOINED.finditer(cleaned):
        for number in _DIGITS.findall(several[0]):
            found[number.lstrip("0")] = "joined"
    return found


def numbers(readings: Sequence[Reading], cleaned: str = "") -> Iterator[Number]:
    """The numbers from 1 to 110 in a text, as the first word list reads them; `cleaned` shows the signs beside them."""
    if not readings:
        return
    standing = shapes(cleaned)
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
        further = ["short"] if len(words) <= ABOUT_WORDS else []
        if word in standing:
            further += [standing[word], f"{standing[word]}_{size}"]
        yield Number(
            int(word), at, " ".join((*left, size, *right, *rules, *near, *persons, *further)), by_rule
        )


def bare_age(words: Sequence[str]) -> int | None:
    """The age where the whole text is a number."""
    if len(words) == 1 and words[0].isdecimal() and len(words[0]) <= 2 and int(words[0]) in BARE_AGES:
        return int(words[0])
    return None


def age_by_birth(readings: Sequence[Reading], today: date | None = None) -> int | None:
    """The age in years that a year of birth in the text gives, at the end of this year at most.

    Years are those of the Gregorian, the Persian solar and, in Amharic and where a Tigrinya text says so, the Ethiopian
    calendar; with two digits ("born 98") only where the word lists leave no doubt.
    """
    year = (today or datetime.now(UTC).date()).year
    for reading in readings:
        for word in _words_of(reading, "birth_year"):
            if len(word) == 4 and (age := _age_of(int(word), reading, year)) is not None:
                return age
    for reading in readings:
        for find in reading.finds.get("birth_two_digits", ()):
            if (short := _two_digits(find, reading)) is not None:
                return _age_of(_whole_year(short, reading.language, year), reading, year)
    return None


def _words_of(reading: Reading, kind: str) -> Iterator[str]:
    """The numbers in what was found of a kind."""
    for find in reading.finds.get(kind, ()):
        yield from (word for word in reading.words[find.start : find.end] if word.isdecimal())


def _age_of(born: int, reading: Reading, year: int) -> int | None:
    """The age of somebody born in this year of whatever calendar, if anybody can be so old."""
    if reading.language in ("am", "ti"):
        text = " ".join(reading.words)
        named = reading.language == "am" or _ETHIOPIAN.search(text)
        if named and not _GREGORIAN.search(text):
            born += ETHIOPIAN_YEARS
    return next((year - one for one in (born, born + SOLAR_YEARS) if 0 <= year - one <= OLDEST), None)


def _two_digits(find: Find, reading: Reading) -> int | None:
    """The last number of "born 98", unless it counts something else or goes on."""
    at = max(at for at in range(find.start, find.end) if reading.words[at].isdecimal())
    after = reading.words[at + 1 : at + 2]
    counted = any(other.start <= at and other.end > find.end for other in reading.finds.get("not_age", ()))
    if counted or len(reading.words[at]) > 2 or (after and after[0].isdecimal()):
        return None
    return int(reading.words[at])


def _whole_year(short: int, language: str, year: int) -> int:
    """The latest year that is not to come and ends in these two digits, of the calendar that the language uses."""
    now = year - SOLAR_YEARS if language in SOLAR else year
    return now - (now - short) % 100


def nearest(candidates: Sequence[Number], readings: Sequence[Reading], person: str | None) -> int | None:
    """Of several ages that of the person concerned: the one nearest to the words for that person, else the first."""
    if not candidates:
        return None
    places = [find.start for find in _persons(readings[:1]) if find.name.partition("_")[0] == person]
    if len(candidates) > 1 and places and person not in (None, "self"):
        return min(candidates, key=lambda number: min(abs(number.at - place) for place in places)).value
    return candidates[0].value


def band(age: int | None, person: str, crisis: str | None, readings: Sequence[Reading]) -> str | None:
    """The age band of an age, of a baby without one, and of somebody's child that is attacked or acutely ill.

    "My children" in a crisis of the writer's own are none.
    """
    if age is not None:
        return age_band(age)
    if person == "self":
        return None
    found = {name for reading in readings for name in reading.names(CONCEPT)}
    if crisis in ("danger", "medical"):
        little = any(reading.finds.get("small_child") for reading in readings) or "child" in found
        return age_band(0) if little or "baby" in found else None
    return age_band(0) if person == "child" and "baby" in found else None


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
