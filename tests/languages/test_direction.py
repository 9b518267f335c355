"""Right-to-left text stays readable: what is of the other direction is isolated, every line starts right-to-left."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.languages.direction import (
    FIRST_STRONG,
    LEFT_TO_RIGHT,
    POP,
    RIGHT_TO_LEFT_MARK,
    directed,
    has_right_to_left,
    with_literals_isolated,
)

SHOWN = str.maketrans({LEFT_TO_RIGHT: "⟦", FIRST_STRONG: "⟪", POP: "⟧", RIGHT_TO_LEFT_MARK: "®"})
MIXED = st.text(st.sampled_from("ابپیکabZé0٣۴ .,:/-+@{}«»()&<>\n\u2066\u2069/"), max_size=60)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("الأمر /mydata ثم /forget. المزيد: {page}", "الأمر ⟦/mydata⟧ ثم ⟦/forget⟧. المزيد: {page}"),
        ("قل: «Hilfe» (هيلفه)، ثم «Arabisch».", "قل: «⟦Hilfe⟧» (هيلفه)، ثم «⟦Arabisch⟧»."),
        ("بڵێن: «Kurdisch, Sorani»، پاشان", "بڵێن: «⟦Kurdisch, Sorani⟧»، پاشان"),
        ("عند Hand & Herz 3 - 5, ثم", "عند ⟦Hand & Herz 3 - 5⟧, ثم"),
        ("الاتصال بالرقم 112. مجاني", "الاتصال بالرقم ⟦112⟧. مجاني"),
        ("زر SOS أو /sos.", "زر ⟦SOS⟧ أو ⟦/sos⟧."),
        ("هاتف 0371 488-5000 الآن", "هاتف ⟦0371 488-5000⟧ الآن"),
        ("هاتف +49 611 12345، غداً", "هاتف ⟦+49 611 12345⟧، غداً"),
        ("من 9:00–17:30، غداً", "من ⟦9:00–17:30⟧، غداً"),
        ("عند Frauen helfen Frauen e.V. هنا", "عند ⟦Frauen helfen Frauen e.V.⟧ هنا"),
        ("انظر https://example.org/a?b=1&c=2.", "انظر ⟦https://example.org/a?b=1&c=2⟧."),
        ("آخر ٤٨ ساعة", "آخر ٤٨ ساعة"),
        ("بريد info@example.org أو @rahnuma_bot", "بريد ⟦info@example.org⟧ أو ⟦@rahnuma_bot⟧"),
        ("\u206648 h\u2069 ثم 5", "⟦48 h⟧ ثم ⟦5⟧"),
        ("{count} أسابيع", "{count} أسابيع"),
        ("سلام\nNot translated, yet.\n{page}", "سلام\n⟦Not translated, yet.⟧\n{page}"),
    ],
)
def test_what_runs_the_other_way_is_isolated(text: str, shown: str) -> None:
    assert with_literals_isolated(text).translate(SHOWN) == shown


@given(MIXED)
def test_isolating_adds_isolates_and_nothing_else(text: str) -> None:
    bare = {ord(LEFT_TO_RIGHT): None, ord(POP): None}
    assert with_literals_isolated(text).translate(bare) == text.translate(bare)


@given(MIXED.filter(lambda text: POP not in text and LEFT_TO_RIGHT not in text))
def test_every_latin_letter_and_digit_ends_up_in_an_isolate(text: str) -> None:
    depth = 0
    outside = ""
    for sign in with_literals_isolated(text):
        depth += (sign == LEFT_TO_RIGHT) - (sign == POP)
        outside += sign if depth == 0 else ""
    assert depth == 0
    import re

    assert not re.search(r"[A-Za-zé0-9]", re.sub(r"\{\w+\}", "", outside))


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        ("سلام", False),
        ("<b>سلام</b> Anna", False),
        ("📞 <b>⁦112⁩</b> الطوارئ", False),
        ("⁦Caritas⁩ هنا", True),
        ("<b>Caritas</b>", True),
        ("🕒 24/7", True),
        ("&amp; سلام", False),
    ],
)
def test_a_line_that_would_start_left_to_right_gets_a_mark(line: str, marked: bool) -> None:
    assert directed(line).startswith(RIGHT_TO_LEFT_MARK) == marked


@given(MIXED)
def test_every_line_starts_right_to_left_for_readers_with_and_without_isolates(text: str) -> None:
    for line in directed(text.replace("<", "").replace("&", "")).split("\n"):
        first = next((s for s in line if unicodedata.bidirectional(s) in ("L", "R", "AL")), None)
        assert first is None or unicodedata.bidirectional(first) in ("R", "AL")


def test_empty_lines_stay_empty() -> None:
    assert directed("سلام\n\nCaritas") == f"سلام\n\n{RIGHT_TO_LEFT_MARK}Caritas"


@pytest.mark.parametrize(("text", "any_of_it"), [("Soran ئارام", True), ("Ölüm አማርኛ", False), ("", False)])
def test_right_to_left_letters_are_seen(text: str, any_of_it: bool) -> None:
    assert has_right_to_left(text) is any_of_it
