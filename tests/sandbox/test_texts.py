"""What becomes of a text on its way: HTML to entities, cleaning, links found by themselves."""

import pytest

from bot.sandbox.refusals import Refusal
from bot.sandbox.texts import find_entities, parse_html, read_text, utf16_length


def entities_of(html: str) -> tuple[str, list[tuple[str, str]]]:
    """Text, and for each entity its type and the piece of text that it covers."""
    text, entities = read_text(html, "HTML")
    units = text.encode("utf-16-le")
    return text, [
        (entity["type"], units[2 * entity["offset"] :][: 2 * entity["length"]].decode("utf-16-le"))
        for entity in entities
    ]


def test_nested_tags_become_entities_in_utf16_units() -> None:
    text, entities = entities_of("🌷 <b>fett <i>schräg</i></b> &lt;3 <tg-spoiler>geheim</tg-spoiler>")
    assert text == "🌷 fett schräg <3 geheim"
    assert entities == [("bold", "fett schräg"), ("italic", "schräg"), ("spoiler", "geheim")]


def test_links_keep_their_address_and_lose_what_telegram_does_not_open() -> None:
    _, entities = parse_html('<a href="https://example.org/x?a=1&amp;b=2">hier</a> <a href="tel:112">112</a>')
    assert entities == [
        {"type": "text_link", "offset": 0, "length": 4, "url": "https://example.org/x?a=1&b=2"}
    ]


def test_code_with_a_language_and_expandable_quotes() -> None:
    _, entities = parse_html(
        '<pre><code class="language-python">x</code></pre><blockquote expandable>q</blockquote>'
    )
    assert [(entity["type"], entity.get("language")) for entity in entities] == [
        ("pre", "python"),
        ("expandable_blockquote", None),
    ]


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("<b>offen", 'Can\'t find end tag corresponding to start tag "b"'),
        ("ü <blink>x</blink>", 'Unsupported start tag "blink" at byte offset 3'),
        ("5 < 6", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("x <b", "Unclosed start tag at byte offset 2"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_broken_html_is_refused_with_its_place(html: str, reason: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read_text(html, "HTML")
    assert refusal.value.description == f"Bad Request: can't parse entities: {reason}"


def test_markdown_is_refused_kindly() -> None:
    with pytest.raises(Refusal, match="HTML only"):
        read_text("*x*", "MarkdownV2")


def test_old_direction_marks_vanish_and_isolates_stay() -> None:
    text, _ = read_text("a\u202eb\u2028c \u20660800\u2069", None)
    assert text == "abc \u20660800\u2069"


def test_surrounding_space_goes_and_entities_move_along() -> None:
    assert entities_of("  \n<b> x </b>  ") == ("x", [("bold", "x")])


def test_length_counts_utf16_units() -> None:
    assert [utf16_length(text) for text in ("abc", "ü", "🌷", "")] == [3, 1, 2, 0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start n-sleep", [("bot_command", "/start")]),
        ("/sos@rahnuma_demo_bot", [("bot_command", "/sos@rahnuma_demo_bot")]),
        ("und/oder", []),
        ("siehe https://example.org/a?b=c.", [("url", "https://example.org/a?b=c")]),
        ("\u2066https://example.org\u2069", [("url", "https://example.org")]),
        ("example.org und a.b@example.org", [("url", "example.org"), ("email", "a.b@example.org")]),
        ("🌷 +49 69 90009-123", [("phone_number", "+49 69 90009-123")]),
        ("@rahnuma_demo_bot hilft #wiesbaden", [("mention", "@rahnuma_demo_bot"), ("hashtag", "#wiesbaden")]),
    ],
)
def test_telegram_finds_commands_and_links_by_itself(text: str, found: list[tuple[str, str]]) -> None:
    units = text.encode("utf-16-le")
    assert [
        (entity["type"], units[2 * entity["offset"] :][: 2 * entity["length"]].decode("utf-16-le"))
        for entity in find_entities(text, [])
    ] == found
