"""Facts are told where the text says them, and only there."""

from __future__ import annotations

from datetime import date

import pytest

from nlu import DATA, understand
from nlu.facts import age_by_birth, shapes
from nlu.lexicon import Lexicon
from nlu.messages import read_yaml
from nlu.normalise import clean, fold


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


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("my little boy drank the cleaner and does not wake up", "child"),
        ("the neighbour is beating her child now", "other"),
    ],
)
def test_a_child_in_danger_is_a_child_though_no_age_is_told(text: str, person: str) -> None:
    said = understand(text)
    assert said.crisis is not None
    assert (said.age, said.age_band, said.person) == (None, "child", person)


@pytest.mark.parametrize(
    ("language", "text", "age"),
    [
        ("en", "I was born in 1990", 36),
        ("en", "I was born in 1375", 30),
        ("en", "man, born 98", 28),
        ("en", "born 03, here 2 years", 23),
        ("en", "my son was born 10 days ago", None),
        ("de", "Jg. 98", 28),
        ("de", "bin 89er Jahrgang", 37),
        ("de", "geb. am 12.03.79", 47),
        ("de", "geb. 12.03.1979", 47),
        ("ar", "مواليد ٩٨", 28),
        ("fa", "متولد ۷۵ هستم", 30),
        ("fa", "متولد سال ۰۲", 3),
        ("prs", "متولد ۱۳۷۵", 30),
        ("ru", "я 95-го года рождения", 31),
        ("tr", "88 doğumluyum", 38),
        ("am", "በ1985 ተወለድኩ", 33),
        ("am", "የተወለድኩት 1994 እኤአ ነው", 32),
        ("ti", "ብ1990 ተወሊደ", 36),
        ("ti", "ብ1990 ዓ.ም ተወሊደ", 28),
        ("ti", "ብ1990 ዓ.ም.ፈ ተወሊደ", 36),
    ],
)
def test_a_year_of_birth_is_an_age(language: str, text: str, age: int | None) -> None:
    lexicon = Lexicon(language, Lexicon.build(language, read_yaml(DATA / f"lexicon/{language}.yml"), {}))
    assert age_by_birth([lexicon.read(fold(clean(text)).split())], date(2026, 6, 1)) == age


@pytest.mark.parametrize("text", ["body temperature 38.5", "18:42 train", "24 % of it", "12x14", "ቅዳሜ 40.5"])
def test_a_number_with_signs_is_marked(text: str) -> None:
    assert set(shapes(clean(text)).values()) == {"joined"}


def test_a_number_between_commas_is_marked() -> None:
    assert shapes(clean("Klientin, 49, aus Asmara")) == {"49": "apart"}
    assert shapes(clean("ich habe 3 kinder")) == {}


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
    lexicon = Lexicon(language, Lexicon.build(language, read_yaml(DATA / f"lexicon/{language}.yml"), {}))
    assert list(lexicon.read(fold(clean(spelled)).split()).words) == [digits]
