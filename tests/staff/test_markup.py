"""Bold, italic and links come through from Telegram's entities; nothing else does, and every line stays whole."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st
from telegram import MessageEntity

from bot.announcements.writing import cleaned, texts_of
from bot.telegram.inbound import with_markup

KINDS = ("bold", "italic", "text_link", "underline", "spoiler", "code", "url", "mention")


def units(text: str) -> int:
    """UTF-16 units, as the Bot API counts."""
    return len(text.encode("utf-16-le")) // 2


def entity(kind: str, offset: int, length: int, url: str = "https://example.org/?a=1&b=2") -> MessageEntity:
    return MessageEntity(kind, offset, length, url=url if kind == "text_link" else None)


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_offsets_are_utf16() -> None:
    assert with_markup("😀 Fest", [entity("bold", 3, 4)]) == "😀 <b>Fest</b>"


def test_a_text_without_markup_has_no_html() -> None:
    assert with_markup("a < b", [entity("underline", 0, 1)]) == ""


def test_only_web_addresses_become_links() -> None:
    assert with_markup("hier", [entity("text_link", 0, 4, "tg://user?id=1")]) == ""
    assert with_markup("hier", [entity("text_link", 0, 4)]).startswith(
        '<a href="https://example.org/?a=1&amp;'
    )


def test_languages_are_found_where_bold_reaches_over_lines() -> None:
    text = "de: Fest\nam Montag\nen: party"
    html = with_markup(text, [entity("bold", 4, 14)])
    assert texts_of(html) == {"de": "<b>Fest</b>\n<b>am Montag</b>", "en": "party"}


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=60),
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 70), st.integers(1, 70)), max_size=6),
)
def test_any_entities_give_clean_html_of_the_same_words(text: str, spans: list[tuple[str, int, int]]) -> None:
    html = with_markup(text, [entity(*span) for span in spans])
    if html and not _splits_a_sign(text, spans):
        assert plain(html) == text
        for line in html.split("\n"):
            assert plain(cleaned(line)) == plain(line).strip()


def _splits_a_sign(text: str, spans: list[tuple[str, int, int]]) -> bool:
    """Whether an entity begins or ends inside a sign of two units: Telegram never sends that."""
    inside, at = set(), 0
    for sign in text:
        if units(sign) == 2:
            inside.add(at + 1)
        at += units(sign)
    return any(edge in inside for _, start, length in spans for edge in (start, start + length))
