"""A message too long for Telegram is cut behind a sentence and stays well formed."""

from __future__ import annotations

import re
from html import escape, unescape

from hypothesis import given
from hypothesis import strategies as st

from bot.languages.length import cut

LIMIT = 60


def units(html: str) -> int:
    """What Telegram counts: UTF-16 units of the text without its tags."""
    return len(unescape(re.sub(r"<[^>]+>", "", html)).encode("utf-16-le")) // 2


def well_formed(html: str) -> bool:
    open_ones: list[str] = []
    for closing, tag in re.findall(r"<(/?)(\w+)>", html):
        if closing and (not open_ones or open_ones.pop() != tag):
            return False
        if not closing:
            open_ones.append(tag)
    return not open_ones and not re.search(r"&(?!(?:amp|lt|gt|quot|#x27);)", html)


WORDS = st.text(st.sampled_from("abc &<>.؟ \n🌙ዓ،ا\u2066\u2069"), max_size=40).map(
    lambda words: escape(words.replace("\u2066", "").replace("\u2069", ""))
)
PIECES = st.one_of(
    WORDS,
    WORDS.map("<b>{}</b>".format),
    WORDS.map("\u2068{}\u2069".format),
    WORDS.map("<i>\u2066{}\u2069</i> ".format),
)
HTML = st.lists(PIECES, max_size=8).map("".join)


@given(HTML)
def test_what_is_cut_fits_and_stays_well_formed(html: str) -> None:
    shorter = cut(html, LIMIT)
    assert units(shorter) <= LIMIT
    assert well_formed(shorter)
    assert sum(map(shorter.count, "\u2066\u2068")) == shorter.count("\u2069")


@given(HTML)
def test_what_fits_is_left_alone(html: str) -> None:
    if units(html) <= LIMIT:
        assert cut(html, LIMIT) == html


def test_it_is_cut_behind_a_sentence() -> None:
    text = "Here is the first sentence, and it is long. The second one is far too long to fit here."
    assert cut(text, LIMIT) == "Here is the first sentence, and it is long. …"


def test_a_very_long_sentence_is_cut_behind_a_word() -> None:
    text = "One. " + "word " * 30
    shorter = cut(text, LIMIT)
    assert shorter.endswith("word …")
    assert units(shorter) > LIMIT // 2


def test_a_text_without_any_space_is_cut_anywhere() -> None:
    assert cut("x" * 100, LIMIT) == "x" * (LIMIT - 2) + " …"


def test_tags_entities_and_isolates_stay_whole() -> None:
    html = "<b>\u2066Somebody &amp; somebody. " + "More words &lt;here&gt; " * 9 + "\u2069</b>"
    shorter = cut(html, LIMIT)
    assert shorter.endswith("\u2069</b> …")
    assert well_formed(shorter)
