"""The word lists of data/lexicon, ready to be searched: concepts, numbers, ages, persons, gender, family.

What the finds mean for a person is said in `facts` and `classify`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nlu.normalise import clean, fold
from nlu.patterns import Patterns

TENS, UNITS = range(20, 100, 10), range(1, 10)
_TENS_MARK, _UNITS_MARK = "ꗁ", "ꗂ"
SIGN_KINDS = ("age", "not_age", "birth_year", "gender", "person", "family", "family_not")
KINDS = (*SIGN_KINDS, "birth_two_digits", "small_child")
CONCEPT = "c"
"""A value found is `kind_name`: c_sleep for a concept, person_child_male, family_partner, age_ …"""


class Numbers:
    """Number words of one language up to 99: "fünfundzwanzig" and "بیست و پنج" become 25."""

    def __init__(self, plain: Mapping[str, int], composed: Sequence[Sequence[Mapping[str, int]]]) -> None:
        """`plain` maps folded words to values; `composed` holds, for each way to compose, a mapping for each word."""
        self._phrases: dict[str, list[tuple[list[str], int]]] = defaultdict(list)
        for phrase, value in plain.items():
            words = phrase.split()
            self._phrases[words[0]].append((words, value))
        for several in self._phrases.values():
            several.sort(key=lambda pair: -len(pair[0]))
        self._composed = [way for way in composed if all(way)]
        self._first = {word for way in self._composed for word in way[0]} | set(self._phrases)

    @staticmethod
    def build(facts: Mapping[str, Any]) -> dict[str, Any]:
        """What the constructor takes, of the `facts` of a lexicon."""
        plain: dict[str, int] = {}
        spelled: dict[int, list[str]] = defaultdict(list)
        for value, variants in facts["numbers"].items():
            for variant in variants:
                if words := fold(clean(str(variant))):
                    plain.setdefault(words, int(value))
                    spelled[int(value)].append(words)
        tens = {word: value for value in TENS for word in spelled[value] if " " not in word}
        units = {word: value for value in UNITS for word in spelled[value] if " " not in word}
        composed = []
        for way in facts.get("compose") or ():
            marked = str(way).replace("{tens}", _TENS_MARK).replace("{units}", _UNITS_MARK)
            composed.append([_readings(part, tens, units) for part in fold(clean(marked)).split()])
        return {"plain": plain, "composed": composed}

    def in_digits(self, words: Sequence[str]) -> list[str]:
        """The words with number words replaced by digits."""
        if self._first.isdisjoint(words):
            return list(words)
        result: list[str] = []
        at = 0
        while at < len(words):
            value, after = self._read(words, at)
            result.append(words[at] if value is None else str(value))
            at = after
        return result

    def _read(self, words: Sequence[str], at: int) -> tuple[int | None, int]:
        if words[at] not in self._first:
            return None, at + 1
        for way in self._composed:
            if len(words) - at >= len(way):
                parts = [options.get(word) for options, word in zip(way, words[at:], strict=False)]
                if None not in parts:
                    return sum(part for part in parts if part), at + len(way)
        for phrase, value in self._phrases.get(words[at], ()):
            if list(words[at : at + len(phrase)]) == phrase:
                return value, at + len(phrase)
        return None, at + 1


def _readings(part: str, tens: Mapping[str, int], units: Mapping[str, int]) -> dict[str, int]:
    """What one word of a composed number may be: a literal counts 0."""
    readings = {part: 0}
    for mark, options in ((_TENS_MARK, tens), (_UNITS_MARK, units)):
        if mark in part:
            readings = {
                fold(text.replace(mark, word)): value + more
                for text, value in readings.items()
                for word, more in options.items()
            }
    return readings


@dataclass(frozen=True, slots=True)
class Find:
    """One find: `name` without its kind, the first word and the word after the last."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What the word list of a language finds in a text: the words with numbers in digits, and finds by kind."""

    words: Sequence[str]
    finds: Mapping[str, Sequence[Find]]
    language: str

    def names(self, kind: str) -> Iterator[str]:
        """The names found of this kind, in order, each once."""
        return iter(dict.fromkeys(find.name for find in self.finds.get(kind, ())))


class Lexicon:
    """The word lists of one language."""

    def __init__(self, language: str, index: Mapping[str, Any]) -> None:
        """Takes what `build` gives, straight or out of a file."""
        self._language = language
        self._numbers = Numbers(index["numbers"]["plain"], index["numbers"]["composed"])
        self._patterns = Patterns(index["patterns"])

    @staticmethod
    def build(language: str, content: Mapping[str, Any], often: Mapping[str, int]) -> dict[str, Any]:
        """The index of one data/lexicon/LANG.yml; `often` tells how many messages a folded word is seen in."""
        return {
            "numbers": Numbers.build(content["facts"]),
            "patterns": Patterns.build(
                ((pattern, value, language) for pattern, value in _all_patterns(content)), often
            ),
        }

    def read(self, words: Sequence[str]) -> Reading:
        """Searches folded words."""
        digits = self._numbers.in_digits(words)
        finds: dict[str, list[Find]] = defaultdict(list)
        for value, start, end in self._patterns.find(digits):
            kind, _, name = value.partition(":")
            finds[kind].append(Find(name, start, end))
        return Reading(digits, finds, self._language)


def _all_patterns(content: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for concept, patterns in content["concepts"].items():
        # YAML 1.1 reads an unquoted yes or no as true or false
        name = {True: "yes", False: "no"}[concept] if isinstance(concept, bool) else concept
        for pattern in patterns or ():
            yield str(pattern), f"{CONCEPT}:{name}"
    for kind in KINDS:
        several = content["facts"].get(kind) or {}
        named = several if isinstance(several, Mapping) else {"": several}
        for name, patterns in named.items():
            for pattern in patterns or ():
                yield str(pattern), f"{kind}:{name}"
