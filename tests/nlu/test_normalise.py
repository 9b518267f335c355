"""One normalisation: spellings meet, languages stay apart, nothing breaks it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.normalise import HEAD, TAIL, clean, emoji, fold


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("İstanbul'da ÜZGÜNÜM", "istanbul da uzgunum"),
        ("heeeelp", "help"),
        ("می‌خواهم", "ميخواهم"),  # joiner, Persian and Arabic yeh
        ("كتاب", "کتاب"),
        ("خوااااب", "خواب"),
        ("عـــربي", "عربی"),  # tatweel
        ("أُمّي", "امي"),
        ("ez nikarim razêm", "EZ NIKARIM RAZEM"),
        ("ሐኪም", "ሀኪም"),
        ("ፀሐይ", "ጸሃይ"),
        ("п'ять", "п’ять"),
        ("ещё", "еще"),
        ("Z̷̢a̸l̷g̷o", "zalgo"),
        ("ｗｉｄｅ", "wide"),
        ("Straße", "strasse"),
        ("l'eau", "l eau"),
    ],
)
def test_spellings_meet(typed: str, other: str) -> None:
    assert fold(clean(typed)) == fold(clean(other))


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("۲۳", "23"), ("٤٥", "45"), ("፳፫", "23"), ("፻፲", "110"), ("२३", "23"), ("23yo", "23 yo")],
)
def test_digits_of_every_script_are_read(typed: str, digits: str) -> None:
    assert fold(clean(typed)) == digits


def test_arabic_in_latin_letters_keeps_its_digits() -> None:
    assert fold(clean("3ndi masekel m3 rajli")) == "3ndi masekel m3 rajli"


def test_letters_that_tell_languages_apart_stay_until_folding() -> None:
    assert clean("کتێب Şev") == "کتێب şev"


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    read = clean("anfang " + "x y " * 5000 + " ende")
    assert read.startswith("anfang")
    assert read.endswith("ende")
    assert len(read) <= HEAD + TAIL + 1


def test_emoji_are_kept_apart_and_few() -> None:
    assert emoji("danke 🙏🙏😭") == ["🙏", "😭"]
    assert len(emoji("".join(chr(code) for code in range(0x1F600, 0x1F640)))) <= 4


@given(st.text(max_size=300))
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(clean(text))
    assert fold(clean(once)).split() == once.split()
