"""The notation of the word lists: whole words, stems, gaps, numbers, proclitics."""

from __future__ import annotations

import pytest

from nlu.normalise import clean, fold
from nlu.patterns import Patterns


def found(pattern: str, text: str, language: str = "en") -> list[tuple[int, int]]:
    patterns = Patterns(Patterns.build([(pattern, "x", language)], {}))
    return [(start, end) for _value, start, end in patterns.find(fold(clean(text)).split())]


@pytest.mark.parametrize(
    ("pattern", "text", "where"),
    [
        ("sleep", "I sleep, you sleep", [(1, 2), (3, 4)]),
        ("sleep", "sleeping", []),
        ("sleep*", "Sleeping", [(0, 1)]),
        ("*störung*", "meine Schlafstörungen", [(1, 2)]),
        ("*sleep", "oversleep", [(0, 1)]),
        ("my husband", "and MY husband too", [(1, 3)]),
        ("want* ... die", "wanted so much to die", [(0, 5)]),
        ("want ... die", "want a b c d e die", []),
        ("want ... die", "want die", [(0, 2)]),
        ("{n} years old", "i am 23 years old", [(2, 5)]),
        ("{n}yo", "23yo", [(0, 2)]),
        ("born in {y}", "born in 1990", [(0, 3)]),
        ("take ... my ... life", "take all of my poor life", [(0, 6)]),
    ],
)
def test_a_pattern_finds_its_words(pattern: str, text: str, where: list[tuple[int, int]]) -> None:
    assert found(pattern, text) == where


def test_an_arabic_word_is_found_behind_and_the_in() -> None:
    assert found("بنتي", "وبنتي", "ar") == [(0, 1)]
    assert found("بيت*", "بالبيت", "ar") == [(0, 1)]
    assert found("بنتي", "وبنتي", "fa") == []


def test_a_pattern_without_a_word_never_matches() -> None:
    assert found("...", "anything") == []
    assert found("*", "anything") == []
