"""Facts are told where the text says them, and only there."""

from __future__ import annotations

from datetime import date

import pytest

from nlu import DATA, understand
from nlu.facts import age_by_birth
from nlu.lexicon import Lexicon
from nlu.normalise import clean, fold
from nlu.words import read_yaml


@pytest.mark.parametrize(
    ("text", "age", "band"),
    [
        ("ich bin 34 jahre alt", 34, "adult"),
        ("bin siebenundzwanzig, suche beratung", 27, "adult"),
        ("my son is 9 years old and wets the bed", 9, "child"),
        ("i am sixteen years old", 16, "youth"),
        ("۲۳ ساله استم، دو طفل دارم، خواب ندارم", 23, "young_adult"),
        ("بیست و پنج ساله استم", 25, "young_adult"),
        ("ez 45 salî me", 45, "adult"),
        ("ez çil û pênc salî me", 45, "adult"),
        ("عمري ٢٩ سنة", 29, "adult"),
    ],
)
def test_an_age_is_read(text: str, age: int, band: str) -> None:
    said = understand(text)
    assert (said.age, said.age_band) == (age, band)


@pytest.mark.parametrize(
    "text",
    [
        "ich bin seit 3 jahren in deutschland und habe 2 kinder",
        "i have 2 children and live here for 5 years",
        "um 17 uhr habe ich einen termin",
        "دو طفل دارم و سه سال است که در آلمان هستم",
        "ez 3 sal in li almanya me, du zarokên min hene",
        "عندي ٤ اولاد",
    ],
)
def test_a_number_that_is_no_age_is_none(text: str) -> None:
    assert understand(text).age is None


def test_a_baby_is_a_child_though_no_age_is_told() -> None:
    said = understand("my baby does not stop crying")
    assert (said.age, said.age_band, said.person) == (None, "child", "child")


def test_a_year_of_birth_is_an_age() -> None:
    english = Lexicon(Lexicon.build("en", read_yaml(DATA / "lexicon/en.yml"), {}))
    reading = english.read(fold(clean("I was born in 1990")).split())
    assert age_by_birth([reading], date(2026, 6, 1)) == 36
    solar = english.read(fold(clean("I was born in 1375")).split())
    assert age_by_birth([solar], date(2026, 6, 1)) == 30


@pytest.mark.parametrize(
    ("text", "person", "gender"),
    [
        ("my son is 9 and he wets the bed", "child", "male"),
        ("mein vater ist dement, wer hilft uns", "relative", "male"),
        ("ich bin eine frau und suche eine gruppe", "self", "female"),
        ("meine tochter schläft nicht und hat angst", "child", "female"),
        ("دخترم شب ها میترسه و خو نمیره", "child", "female"),
        ("kurê min dersan naxwîne û her tim şer dike", "child", "male"),
        ("i cannot sleep", "self", None),
    ],
)
def test_who_is_concerned(text: str, person: str, gender: str | None) -> None:
    said = understand(text)
    assert (said.person, said.gender) == (person, gender)


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("ich bin alleinerziehende mutter", {"single_parent", "children"}),
        ("i am married and we have two children", {"partner", "children"}),
        ("ich bin schwanger im fünften monat", {"pregnant"}),
        ("i am divorced", set()),
        ("i cannot sleep", set()),
    ],
)
def test_the_household_as_told(text: str, family: set[str]) -> None:
    assert understand(text).family == family


@pytest.mark.parametrize("text", ["danke", "hello", "stop", "sprache ändern", "weiter"])
def test_an_act_concerns_nobody(text: str) -> None:
    assert understand(text).person is None


NUMBERS = {
    "de": {"siebzehn": "17", "einundzwanzig": "21", "neunundneunzig": "99", "zwei und vierzig": "42"},
    "en": {"seventeen": "17", "twenty one": "21", "ninety-nine": "99", "forty two": "42"},
    "prs": {"هفده": "17", "بیست و یک": "21", "چهل و دو": "42"},
    "kmr": {"bîst û yek": "21", "çil û du": "42"},
}


@pytest.mark.parametrize(
    ("language", "spelled", "digits"),
    [(language, *pair) for language, pairs in NUMBERS.items() for pair in pairs.items()],
)
def test_number_words_are_read(language: str, spelled: str, digits: str) -> None:
    lexicon = Lexicon(Lexicon.build(language, read_yaml(DATA / f"lexicon/{language}.yml"), {}))
    assert list(lexicon.read(fold(clean(spelled)).split()).words) == [digits]
