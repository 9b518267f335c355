"""The word lists of data/lexicon, one language each, ready to be searched: concepts, numbers, ages, persons, family.

Reads and compiles; what the finds mean for a person is said in `facts` and `classify`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nlu.normalise import clean, fold
from nlu.patterns import Patterns, parse

TENS = range(20, 100, 10)
UNITS = range(1, 10)
CONCEPT, AGE, NOT_AGE, BIRTH_YEAR, GENDER, PERSON, FAMILY, FAMILY_NOT = range(8)


def read_yaml(path: Path) -> Any:
    """The content of a YAML file, by the quick loader where there is one."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506


@dataclass(frozen=True, slots=True)
class Found:
    """One find: its kind (CONCEPT …), its name, the first word and the word after the last."""

    kind: int
    name: str
    start: int
    end: int


class Numbers:
    """Number words of one language up to 99; "fünfundzwanzig" and "بیست و پنج" become 25."""

    def __init__(self, numbers: Mapping[int, Iterable[str]], compose: Iterable[str]) -> None:
        phrases: dict[tuple[str, ...], int] = {}
        spelled: dict[int, set[str]] = defaultdict(set)
        for value, variants in numbers.items():
            for variant in variants:
                words = fold(clean(str(variant)))
                if words:
                    phrases.setdefault(tuple(words.split()), int(value))
                    spelled[int(value)].add(words)
        for pattern in compose:
            for tens in TENS:
                for units in UNITS:
                    for ten in spelled[tens]:
                        for unit in spelled[units]:
                            text = fold(clean(pattern.replace("{tens}", ten).replace("{units}", unit)))
                            phrases.setdefault(tuple(text.split()), tens + units)
        self._by_first: dict[str, list[tuple[tuple[str, ...], int]]] = defaultdict(list)
        for phrase, value in sorted(phrases.items(), key=lambda pair: -len(pair[0])):
            self._by_first[phrase[0]].append((phrase, value))

    def in_digits(self, words: Sequence[str]) -> list[str]:
        """The words with number words replaced by digits."""
        if not any(word in self._by_first for word in words):
            return list(words)
        result: list[str] = []
        at = 0
        while at < len(words):
            for phrase, value in self._by_first.get(words[at], ()):
                if tuple(words[at : at + len(phrase)]) == phrase:
                    result.append(str(value))
                    at += len(phrase)
                    break
            else:
                result.append(words[at])
                at += 1
        return result


class Lexicon:
    """The lists of one language."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        facts = content["facts"]
        self.numbers = Numbers(facts["numbers"], facts.get("compose") or ())
        self.concepts: Patterns[str] = Patterns(
            (parse(str(pattern)), _text(name))
            for name, patterns in content["concepts"].items()
            for pattern in patterns or ()
        )
        self._facts: Patterns[tuple[int, str]] = Patterns(_fact_patterns(facts))

    @classmethod
    def read(cls, path: Path) -> Lexicon:
        """Reads one data/lexicon/LANG.yml. Raises KeyError where a part is missing."""
        return cls(read_yaml(path))

    def find_facts(self, words: Sequence[str]) -> list[Found]:
        """What the fact patterns find in folded words with numbers in digits."""
        return [Found(kind, name, start, end) for (kind, name), start, end in self._facts.find(words)]


def _text(name: object) -> str:
    return {True: "yes", False: "no"}.get(name, str(name)) if isinstance(name, bool) else str(name)


def _fact_patterns(facts: Mapping[str, Any]) -> Iterable[tuple[tuple[str, ...], tuple[int, str]]]:
    flat = ((AGE, "age"), (NOT_AGE, "not_age"), (BIRTH_YEAR, "birth_year"))
    named = ((GENDER, "gender"), (PERSON, "person"), (FAMILY, "family"), (FAMILY_NOT, "family_not"))
    for kind, key in flat:
        for pattern in facts.get(key) or ():
            yield parse(str(pattern)), (kind, "")
    for kind, key in named:
        for name, patterns in (facts.get(key) or {}).items():
            for pattern in patterns or ():
                yield parse(str(pattern)), (kind, str(name))
