"""Finds thousands of word patterns in one pass over the words of a message.

The notation is the lexicon's: words whole, `*` any letters inside a word, `...` zero to four words, `{n}` a number.
Knows no language and no meaning.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cache
from typing import Generic, TypeVar

from nlu.normalise import clean, fold

Value = TypeVar("Value", bound=Hashable)
STAR, NUMBER, GAP = "ꗃ", "ꗄ", "ꗅ"
"""Letters of no language of ours stand for `*`, `{n}` and `...` while a pattern is folded like a text."""
GAP_WORDS = 4
_PLACES = re.compile(r"\{[ny]\}")
_SHORTEST_STEM = 2


@cache
def _as_regex(token: str) -> re.Pattern[str]:
    return re.compile(r"\w*".join(re.escape(part) for part in token.split(STAR)) + r"\Z")


def parse(pattern: str) -> tuple[str, ...]:
    """The folded tokens of a pattern as written in the lexicon."""
    marked = _PLACES.sub(f" {NUMBER} ", pattern.replace("...", f" {GAP} ").replace("…", f" {GAP} "))
    tokens = fold(clean(marked.replace("*", STAR))).split()
    while tokens and tokens[0] == GAP:
        tokens.pop(0)
    while tokens and tokens[-1] == GAP:
        tokens.pop()
    return tuple(token for token in tokens if token != STAR)


def fits(word: str, token: str) -> bool:
    """Whether a folded word of a text is what a token of a pattern means."""
    if STAR not in token:
        return word == token or (token == NUMBER and word.isdecimal())
    if token[-1] == STAR and token.count(STAR) == 1:
        return word.startswith(token[:-1])
    return _as_regex(token).match(word) is not None


def _follow(words: Sequence[str], at: int, tokens: Sequence[str]) -> int:
    """Where the match of tokens beginning at this word ends; -1 when there is none."""
    for number, token in enumerate(tokens):
        if token == GAP:
            rest = tokens[number + 1 :]
            ends = (_follow(words, start, rest) for start in range(at, min(at + GAP_WORDS, len(words)) + 1))
            return next((end for end in ends if end >= 0), -1)
        if at >= len(words) or not fits(words[at], token):
            return -1
        at += 1
    return at


class Patterns(Generic[Value]):
    """Many patterns, each with a value; every pattern waits at its rarest word."""

    def __init__(self, patterns: Iterable[tuple[tuple[str, ...], Value]]) -> None:
        several = [(tokens, value) for tokens, value in patterns if tokens]
        often = Counter(token for tokens, _ in several for token in set(tokens))
        whole: dict[str, list[tuple[int, tuple[str, ...], Value]]] = defaultdict(list)
        stems: dict[str, list[tuple[int, tuple[str, ...], Value]]] = defaultdict(list)
        ends: dict[str, list[tuple[int, tuple[str, ...], Value]]] = defaultdict(list)
        inner: dict[str, list[tuple[int, tuple[str, ...], Value]]] = defaultdict(list)
        for tokens, value in several:
            at = min(range(len(tokens)), key=lambda number: _anchoring(tokens[number], often))
            token, entry = tokens[at], (at, tokens, value)
            if STAR not in token:
                whole[token].append(entry)
            elif token[0] != STAR:
                stems[token.partition(STAR)[0]].append(entry)
            elif token[-1] != STAR:
                ends[token.rpartition(STAR)[2]].append(entry)
            else:
                inner[max(token.split(STAR), key=len)].append(entry)
        self._whole, self._stems, self._ends, self._inner = (
            {key: tuple(entries) for key, entries in kind.items()} for kind in (whole, stems, ends, inner)
        )
        self._longest_stem = max(map(len, stems), default=0)
        self._longest_end = max(map(len, ends), default=0)

    def find(self, words: Sequence[str]) -> Iterator[tuple[Value, int, int]]:
        """The values of the patterns in these folded words, each with the first word and the word after the last."""
        stems, ends = self._stems, self._ends
        backwards: list[str] = []
        for number, word in enumerate(words):
            waiting = list(self._whole.get(word, ()))
            if word.isdecimal():
                waiting += self._whole.get(NUMBER, ())
            for size in range(1, min(len(word), self._longest_stem) + 1):
                if word[:size] in stems:
                    waiting += stems[word[:size]]
            if ends:
                for size in range(1, min(len(word), self._longest_end) + 1):
                    if word[-size:] in ends:
                        waiting += ends[word[-size:]]
            for part, entries in self._inner.items():
                if part in word:
                    waiting += entries
            for at, tokens, value in waiting:
                if len(tokens) == 1:
                    if fits(word, tokens[0]):
                        yield value, number, number + 1
                    continue
                end = _follow(words, number, tokens[at:])
                if end < 0:
                    continue
                if at == 0:
                    yield value, number, end
                    continue
                if not backwards:
                    backwards = list(reversed(words))
                last = len(words) - number
                before = _follow(backwards, last, tokens[:at][::-1])
                if before >= 0:
                    yield value, len(words) - before, end


def _anchoring(token: str, often: Counter[str]) -> tuple[int, int, int]:
    """Orders tokens by how well a pattern can wait there: never at a gap, best at a rare and long word."""
    loose = token in (GAP, NUMBER) or (token[0] == STAR and token[-1] == STAR)
    return loose + (token == GAP), often[token] + 20 * (token[0] == STAR), -len(token)
