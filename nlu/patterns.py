"""Finds thousands of word patterns in one pass over the words of a message.

The notation is the lexicon's: words whole, `*` any letters inside a word, `...` zero to four words, `{n}` a number.
Knows no language and no meaning.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from sys import intern
from typing import Any, TypeAlias

from nlu.normalise import clean, fold

STAR, NUMBER, GAP = "ꗃ", "ꗄ", "ꗅ"
"""Letters of no language of ours stand for `*`, `{n}` and `...` while a pattern is folded like a text."""
GAP_WORDS = 4
_PLACES = re.compile(r"\{[ny]\}")
_Entry: TypeAlias = tuple[int, tuple[str, ...], tuple[str, ...], tuple[str, ...]]
_Waiting: TypeAlias = dict[str, "str | tuple[_Entry, ...]"]


def parse(pattern: str) -> tuple[str, ...]:
    """The folded tokens of a pattern as written in the lexicon."""
    marked = _PLACES.sub(f" {NUMBER} ", pattern.replace("...", f" {GAP} ").replace("…", f" {GAP} "))
    tokens = [token for token in fold(clean(marked.replace("*", STAR))).split() if token != STAR]
    while tokens and tokens[0] == GAP:
        tokens.pop(0)
    while tokens and tokens[-1] == GAP:
        tokens.pop()
    return tuple(tokens)


PROCLITICS: Mapping[str, tuple[str, ...]] = {
    "ar": ("و", "ف", "ب", "ل", "ك", "ع", "ال", "وال", "بال", "فال", "عال", "هال", "لل", "ول", "وب"),
    "ti": ("ን", "ብ", "ክ", "ዝ", "ከም", "ካብ", "ናይ", "ንናይ"),
    "am": ("የ", "በ", "ለ", "ከ", "እንደ", "ስለ", "ያለ", "በየ", "ለየ"),
}
"""Short words of a language that are written together with the next one ("and", "in", "the")."""
_SHAPES = {"whole": "{}", "stems": f"{{}}{STAR}", "ends": f"{STAR}{{}}", "inner": f"{STAR}{{}}{STAR}"}
"""Where in a token the letters stand at which a pattern waits."""
_SHORTEST_HOST = 3
_SHORTEST_PART = 2
"""A stem of one letter would be looked for everywhere: a pattern that has nothing else is never found."""


class Patterns:
    """Many patterns, each with a value; every pattern waits at its rarest word.

    Patterns wait as one string a word and are taken apart when the word first turns up, so that loading costs little.
    A line of it holds the place of the word in the pattern, the language, the values and the pattern; of a pattern that
    is but this word only language and values, the commonest of which are one string in memory.
    """

    def __init__(self, index: Mapping[str, Mapping[str, str]]) -> None:
        """Takes what `build` gives, straight or out of a file."""
        self._waiting: dict[str, _Waiting] = {
            kind: {key: intern(lines) for key, lines in index[kind].items()} for kind in _SHAPES
        }
        self._whole, self._stems, self._ends, inner = (self._waiting[kind] for kind in _SHAPES)
        self._sizes = _sizes((stem[:2], len(stem)) for stem in self._stems)
        self._end_sizes = _sizes((end[-2:], len(end)) for end in self._ends)
        self._parts: dict[str, list[str]] = defaultdict(list)
        for part in inner:
            self._parts[part[:2]].append(part)
        self._part_letters = frozenset(start[0] for start in self._parts)
        self._clitics: dict[str, list[str]] = defaultdict(list)
        for language in index.get("languages", ()):
            for clitic in PROCLITICS.get(language, ()):
                self._clitics[clitic[0]].append(clitic)

    @staticmethod
    def build(
        patterns: Iterable[tuple[str, str, str]], often: Mapping[str, int]
    ) -> dict[str, dict[str, str]]:
        """The index of (pattern, value, language) triples; values hold neither spaces nor commas.

        `often` tells how many messages a folded word is seen in.
        """
        values: dict[tuple[str, tuple[str, ...]], dict[str, None]] = defaultdict(dict)
        for pattern, value, language in patterns:
            tokens = parse(pattern)
            if tokens and (len(tokens) == 1 or any(token not in (GAP, NUMBER) for token in tokens)):
                values[language if language in PROCLITICS else "-", tokens][value] = None
        index: dict[str, dict[str, list[str]]] = {kind: defaultdict(list) for kind in (*_SHAPES, "languages")}
        for (language, tokens), several in values.items():
            at = min(range(len(tokens)), key=lambda number: _cost(tokens[number], often))
            kind, key = _anchor(tokens[at])
            told = f"{language} {','.join(several)}"
            alone = tokens == (_SHAPES[kind].format(key),)
            index[kind][key].append(told if alone else f"{at} {told} {' '.join(tokens)}")
            if language != "-":
                index["languages"][language] = []
        return {
            kind: {key: "\n".join(entries) for key, entries in keys.items()} for kind, keys in index.items()
        }

    def find(self, words: Sequence[str]) -> list[tuple[str, int, int]]:
        """The values of the patterns in these folded words, each with the first word and the word after the last."""
        found: list[tuple[str, int, int]] = []
        for number, word in enumerate(words):
            self._find_at(word, words, number, found)
            for clitic in self._clitics.get(word[0], ()):
                if word.startswith(clitic) and len(word) - len(clitic) >= _SHORTEST_HOST:
                    self._find_at(word[len(clitic) :], words, number, found)
        return found

    def _find_at(
        self, word: str, words: Sequence[str], number: int, found: list[tuple[str, int, int]]
    ) -> None:
        if word in self._whole:
            self._look("whole", word, words, number, found)
        if word.isdecimal():
            self._look("whole", NUMBER, words, number, found)
            return
        for size in self._sizes.get(word[:2], ()):
            if word[:size] in self._stems:
                self._look("stems", word[:size], words, number, found)
        for size in self._end_sizes.get(word[-2:], ()):
            if word[-size:] in self._ends:
                self._look("ends", word[-size:], words, number, found)
        if not self._part_letters.isdisjoint(word):
            for start in range(len(word) - 1):
                for part in self._parts.get(word[start : start + 2], ()):
                    if word.startswith(part, start):
                        self._look("inner", part, words, number, found)

    def _look(
        self, kind: str, key: str, words: Sequence[str], number: int, found: list[tuple[str, int, int]]
    ) -> None:
        waiting = self._waiting[kind]
        entries = waiting.get(key, ())
        if isinstance(entries, str):
            alone = _SHAPES[kind].format(key)
            entries = waiting[key] = tuple(_taken_apart(line, alone) for line in entries.split("\n"))
        for at, clitics, tokens, values in entries:
            start, end = number - 1, number + 1
            if len(tokens) > 1:
                end = _follow(words, number, tokens, at, len(tokens), 1, clitics)
                if end < 0:
                    continue
                if at:
                    start = _follow(words, number, tokens, at, -1, -1, clitics)
                    if start < -1:
                        continue
            elif not fits(words[number], tokens[0], clitics):
                continue
            for value in values:
                found.append((value, start + 1, end))


def _sizes(several: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    """The lengths of the stems that begin with the same two letters (or the ends that end so)."""
    sizes: dict[str, set[int]] = defaultdict(set)
    for letters, size in several:
        sizes[letters].add(size)
    return {letters: tuple(sorted(several)) for letters, several in sizes.items()}


def fits(word: str, token: str, clitics: tuple[str, ...] = ()) -> bool:
    """Whether a folded word of a text is what a token of a pattern means, alone or behind a proclitic."""
    if _fits(word, token):
        return True
    return any(
        word.startswith(clitic)
        and len(word) - len(clitic) >= _SHORTEST_HOST
        and _fits(word[len(clitic) :], token)
        for clitic in clitics
    )


def _fits(word: str, token: str) -> bool:
    if STAR not in token:
        return word == token or (token == NUMBER and word.isdecimal())
    if token[-1] == STAR and token.count(STAR) == 1:
        return word.startswith(token[:-1])
    return _as_regex(token).match(word) is not None


def _taken_apart(line: str, alone: str) -> _Entry:
    parts = line.split(" ")
    at, language, values, *tokens = parts if len(parts) > 2 else ("0", *parts, alone)
    return int(at), PROCLITICS.get(language, ()), tuple(tokens), tuple(values.split(","))


@cache
def _as_regex(token: str) -> re.Pattern[str]:
    return re.compile(r"\w*".join(re.escape(part) for part in token.split(STAR)) + r"\Z")


def _follow(
    words: Sequence[str],
    at_word: int,
    tokens: Sequence[str],
    token: int,
    stop: int,
    step: int,
    clitics: tuple[str, ...],
) -> int:
    """Where a match ends: the first word beyond it in the direction of `step`; -2 when there is no match."""
    while token != stop:
        if tokens[token] == GAP:
            for skipped in range(GAP_WORDS + 1):
                after = at_word + step * skipped
                end = _follow(words, after, tokens, token + step, stop, step, clitics)
                if end > -2:
                    return end
            return -2
        if not 0 <= at_word < len(words) or not fits(words[at_word], tokens[token], clitics):
            return -2
        at_word += step
        token += step
    return at_word


def _anchor(token: str) -> tuple[str, str]:
    """Where a pattern waits for this token: the kind of index and the letters that it looks for."""
    if STAR not in token:
        return "whole", token
    part = max(token.split(STAR), key=len)
    if token.startswith(part):
        return "stems", part
    return ("ends" if token.endswith(part) else "inner"), part


def _cost(token: str, often: Mapping[str, int]) -> tuple[Any, ...]:
    """Orders tokens by how well a pattern waits there: never at a gap or a number, best at a rare and long word."""
    part = max(token.split(STAR), key=len)
    never = token == GAP or (STAR in token and len(part) < _SHORTEST_PART)
    short = 30 * max(0, 5 - len(part)) if STAR in token else 0
    return never, token == NUMBER, short + often.get(part, 0), -len(part)
