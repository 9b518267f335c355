"""A message looks right in every language: escaped, isolated, directed, within Telegram's limits."""

from __future__ import annotations

import re
from datetime import date, time
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.codes import Verb
from bot.conversation.vocabulary import Choice, Reply, Text, World
from bot.languages.catalogs import available
from bot.languages.direction import FIRST_STRONG, LEFT_TO_RIGHT, POP, RIGHT_TO_LEFT_MARK
from bot.languages.registry import LANGUAGES
from bot.languages.render import TEXT_LIMIT, render, say, spaced
from bot.offers.model import Phone
from tests.demo import demo_world

RIGHT_TO_LEFT = [code for code in available() if LANGUAGES[code].right_to_left]


def isolates(html: str) -> tuple[list[str], str]:
    """What stands in isolates, nested ones too, and what stands outside of all, without tags and entities."""
    begun: list[str] = []
    inside: list[str] = []
    outside = ""
    for sign in unescape(re.sub("<[^>]+>", "", html)):
        if sign in (LEFT_TO_RIGHT, FIRST_STRONG):
            begun.append("")
        elif sign == POP:
            inside.append(begun.pop())
        elif begun:
            begun = [words + sign for words in begun]
        else:
            outside += sign
    assert not begun
    return inside, outside


@pytest.fixture(scope="module")
def world() -> World:
    return WORLD


def shown(reply: Reply, code: str, world: World) -> str:
    return render(reply, code, world).html


WORLD = demo_world()


@settings(deadline=None)  # the first example compiles the catalog
@given(st.text(max_size=80))
def test_no_value_becomes_a_tag(words: str) -> None:
    for code in ("en", "ar"):
        html = shown(Reply((Text("card_not_for", {"whom": words}),)), code, WORLD)
        assert "<" not in html
        assert not re.search(r"&(?!(?:amp|lt|gt);)", html)
        for bare in re.findall(r"\w+", words):
            assert bare in unescape(html)


def test_values_with_names_of_placeholders_are_not_filled_again(world: World) -> None:
    reply = Reply((Text("card_opens", {"weekday": "{time}", "time": time(9)}),))
    assert "{time}" in shown(reply, "en", world)


@pytest.mark.parametrize("code", RIGHT_TO_LEFT)
def test_numbers_times_phones_and_names_are_isolated_in_right_to_left_text(code: str, world: World) -> None:
    language = LANGUAGES[code]
    texts = (
        Text("card_opens_today", {"time": time(17, 5)}),
        Text("card_verified", {"date": date(2026, 11, 3)}),
        Text("miss_age", {"from": 14, "to": 17}),
        Text("card_cost", {"cost": "5–10 € (Sozialamt)"}),
        Text("card_booking", {"how": Phone("+4961112345678")}),
        Text("utter_privacy_rights", {"page": "https://example.org/a?b=1&c=2"}),
    )
    html = shown(Reply(texts), code, world)
    inside, outside = isolates(html)
    for value in (
        language.time(time(17, 5)),
        language.date(date(2026, 11, 3)),
        language.number(14),
        "5–10 € (Sozialamt)",
        "+49 611 12345678",
        "https://example.org/a?b=1&c=2",
        "/mydata",
        "/forget",
    ):
        assert any(value in words for words in inside)
    assert not re.search(r"[A-Za-z0-9]", outside)


@pytest.mark.parametrize("code", RIGHT_TO_LEFT)
def test_right_to_left_messages_start_right_to_left(code: str, world: World) -> None:
    everything = Reply(
        (Text("utter_crisis_sos"), Text("utter_crisis_say")),
        helplines=tuple(line.id for line in world.helplines),
    )
    for line in shown(everything, code, world).split("\n"):
        letters = [
            sign
            for sign in re.sub(r"<[^>]+>|&\w+;", "", line)
            if sign.isalpha() or sign == RIGHT_TO_LEFT_MARK
        ]
        assert not letters or letters[0] == RIGHT_TO_LEFT_MARK or "\u0590" <= letters[0] <= "\u08ff"


@pytest.mark.parametrize("code", RIGHT_TO_LEFT)
def test_offers_of_another_language_stand_in_isolates(code: str, world: World) -> None:
    for offer in world.directory:
        html = shown(Reply(card={"offer": offer.id, "reasons": [], "misses": []}), code, world)
        assert not re.search(r"[A-Za-z0-9]", isolates(html)[1]), offer.id


def test_names_of_right_to_left_languages_are_isolated_in_the_others(world: World) -> None:
    html = shown(Reply((Text("utter_language_set", {"language": Text("language/ar")}),)), "en", world)
    assert f"{FIRST_STRONG}العربية{POP}" in html
    plain = shown(Reply((Text("utter_language_set", {"language": Text("language/ti")}),)), "en", world)
    assert FIRST_STRONG not in plain


def test_rows_are_reversed_in_right_to_left_languages_only(world: World) -> None:
    choices = tuple(Choice(Text(f"language/{code}"), f"{Verb.LANGUAGE}.{code}") for code in ("ar", "de"))
    reply = Reply((Text("utter_menu"),), rows=(choices,), screen=10)
    assert [button.label for button in render(reply, "ar", world).rows[0]] == ["Deutsch", "العربية"]
    assert [button.label for button in render(reply, "de", world).rows[0]] == ["العربية", "Deutsch"]
    assert render(reply, "de", world).rows[0][0].code == "1.a.l.ar"


def test_buttons_are_plain_text_with_their_pictogram(world: World) -> None:
    (row,) = render(Reply(rows=((Choice(Text("button_back"), "b."),),)), "en", world).rows
    assert row[0].label == "↩️ Back"


@pytest.mark.parametrize("code", list(available()))
def test_counted_texts_name_the_count_or_say_it_in_words(code: str) -> None:
    for count in range(121):
        words = say("card_wait", code, count=count)
        assert words
        assert "{" not in words
        assert count < 3 or LANGUAGES[code].number(count) in words


@pytest.mark.parametrize("code", list(available()))
def test_bot_descriptions_fit_into_telegrams_room(code: str) -> None:
    """Bot API: setMyDescription 512, setMyShortDescription 120, setMyCommands 256 characters."""
    city = "Garmisch-Partenkirchen"
    assert len(say("bot_description", code, city=city)) <= 512
    assert len(say("bot_short_description", code, city=city)) <= 120


def test_a_message_too_long_is_cut(world: World) -> None:
    html = shown(Reply((Text("card_booking", {"how": "Call. " * 2000}),)), "ar", world)
    assert TEXT_LIMIT // 2 < len(html) <= TEXT_LIMIT
    assert html.endswith(" …")


def test_several_languages_follow_each_other(world: World) -> None:
    reply = Reply((Text("utter_crisis_sos"),), languages=("ar", "de"))
    assert shown(reply, "en", world) == "\n\n".join(
        shown(Reply((Text("utter_crisis_sos"),)), code, world) for code in ("ar", "de")
    )


@pytest.mark.parametrize(
    ("number", "written"),
    [("+4937148850 00", None), ("112", "112"), ("116016", "116016"), ("+4961112345678", "+49 611 12345678")],
)
def test_phones_are_written_as_they_are_read_out(number: str, written: str | None) -> None:
    assert spaced(number) == (written or spaced(number))
