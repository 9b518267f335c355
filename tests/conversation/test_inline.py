"""What a helper gets for "@bot sleep dari women": whose language, which offers, and what the message gives away."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.conversation.vocabulary import World
from bot.inline import PAGE, Inline, InlineAnswer, InlineResult, answer
from bot.languages.catalogs import translations
from bot.languages.registry import LANGUAGES as KNOWN
from bot.offers.directory import Directory
from bot.offers.model import Gender, Need, Query
from nlu import understand
from nlu.values import Hints, Understanding
from tests.demo import DATA, LANGUAGES, demo_world

WORLD = demo_world()
SLEEP = {
    "ar": "نوم",
    "prs": "خواب",
    "kmr": "xew",
    "ckb": "خەو",
    "ps": "خوب",
    "tr": "uyku",
    "uk": "сон",
    "ru": "сон",
    "ti": "ድቃስ",
    "so": "hurdo",
    "fr": "sommeil",
    "de": "schlaf",
    "en": "sleep",
}


def asked(text: str, app: str | None = "de", offset: str = "") -> InlineAnswer:
    return answer(text, app, offset, WORLD, understand)


def whole_list(text: str, app: str | None = "de") -> list[InlineResult]:
    """All pages, one after another."""
    results: list[InlineResult] = []
    offset = ""
    while True:
        page = asked(text, app, offset)
        results += page.results
        if not page.next_offset:
            return results
        assert len(page.results) == PAGE
        offset = page.next_offset


def offers(results: list[InlineResult] | tuple[InlineResult, ...]) -> list[str]:
    """The ids of the offers, without the bot's own card."""
    return [id for result in results if (id := result.id.partition(".")[2])]


# --- whose language ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("خواب دری", "prs"),
        ("sleep dari women", "prs"),
        ("schlaf frauen arabisch", "ar"),
        ("schlaf kurmandschi", "kmr"),
        ("sleep kurdî", "kmr"),
        ("schlaf kurdisch", "kmr"),
        ("sorani sleep", "ckb"),
        ("خەو کوردی", "ckb"),
        ("schlaf pashtu", "ps"),
        ("نوم تيغرينيا نساء", "ti"),
        ("schlaf tigrinisch", "ti"),
        ("uyku Kürtçe (Kurmancî)", "kmr"),
        ("schlafen farsi", "fa"),
        ("schlaf af soomaali", "so"),
        ("сон по-русски", "ru"),
        ("сон українською мовою", "uk"),
        ("نوم بالعربي", "ar"),
        ("ድቃስ ብትግርኛ", "ti"),
        ("እንቅልፍ በአማርኛ", "am"),
        ("prs schlaf", "prs"),
        ("schlaf tr", "tr"),
        ("tr schlaf", "tr"),
        ("asylum ku", "kmr"),
        ("TIGRINYA schlaf", "ti"),
        ("sommeil somali", "so"),
    ],
)
def test_the_language_named_in_the_query_is_that_of_the_cards(text: str, language: str) -> None:
    found = asked(text)
    assert found.language == language
    assert not found.personal
    assert all(result.id.startswith(f"{language}.") for result in found.results)


@pytest.mark.parametrize("reader", LANGUAGES)
def test_every_language_is_known_by_its_name_in_every_language(reader: str) -> None:
    for code in LANGUAGES:
        for name in (KNOWN[code].autonym, translations(reader).gettext(KNOWN[code].english)):
            assert asked(name).language == code, name


@pytest.mark.parametrize(
    ("text", "app", "language"),
    [
        ("schlaf", "de", "de"),
        ("schlaf", "tr", "tr"),
        ("schlaf", "ku", "kmr"),
        ("خواب", "xx", "prs"),
        ("ich kann nachts nicht schlafen", None, "de"),
        ("xyzzy", None, "ar"),
        ("ich bin so traurig und müde am abend", "en", "en"),  # "so" and "am" are words here
    ],
)
def test_else_it_is_the_helpers_own(text: str, app: str | None, language: str) -> None:
    found = asked(text, app)
    assert found.language == language
    assert found.personal


def test_a_language_that_the_bot_does_not_speak_gives_way_to_a_relative() -> None:
    world = replace(WORLD, languages=("de", "prs"), main_languages=("de",))
    assert answer("sleep farsi", "de", "", world, understand).language == "prs"
    assert answer("sleep turkish", "de", "", world, understand).language == "de"


# --- which offers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", SLEEP)
def test_one_word_in_any_language_finds_what_the_conversation_finds(typed: str) -> None:
    expected = WORLD.directory.match(Query(need=Need.SLEEP, language="de"), now=WORLD.now)
    found = whole_list(SLEEP[typed])
    parts = (*expected.fits, *expected.near, *expected.first_contacts)
    assert offers(found) == [match.offer.id for match in parts]
    assert found[-1].id == "de."


def test_what_does_not_fit_comes_later_and_says_so() -> None:
    result = WORLD.directory.match(Query(need=Need.SLEEP, language="prs"), now=WORLD.now)
    found = {result.id.partition(".")[2]: result for result in whole_list("sleep dari")}
    assert not any(found[match.offer.id].description.startswith("❗") for match in result.fits)
    assert all(found[match.offer.id].description.startswith("❗") for match in result.near)


@pytest.mark.parametrize(
    "text", ["sleep women", "schlaf frauen", "خواب زنان", "uyku kadınlar", "сон женщинам"]
)
def test_for_women_first_what_is_for_women_only(text: str) -> None:
    first = WORLD.directory.get(offers(asked(text).results)[0])
    assert first is not None
    assert first.genders == {Gender.FEMALE}


@pytest.mark.parametrize("text", ["trauma kinder", "trauma children", "صدمة أطفال", "trauma çocuklar"])
def test_for_children_nothing_that_begins_at_eighteen(text: str) -> None:
    for result in asked(text, "de").results[:3]:
        offer = WORLD.directory.get(result.id.partition(".")[2])
        assert offer is not None
        assert (offer.min_age or 0) < 18


@pytest.mark.parametrize("label", ["Familie und Kinder", "العائلة والأطفال", "Family and children"])
def test_a_label_of_the_menu_finds_its_whole_group(label: str) -> None:
    assert set(offers(whole_list("pregnancy"))) & set(offers(whole_list(label)))
    assert len(offers(whole_list(label))) >= len(offers(whole_list("pregnancy")))


def test_a_part_of_the_city_counts() -> None:
    near = WORLD.directory.match(Query(need=Need.SLEEP, language="de", area="biebrich"), now=WORLD.now)
    assert offers(asked("schlaf biebrich").results)[0] == near.fits[0].offer.id


def test_a_language_alone_gives_the_bots_own_card_in_it_and_where_to_begin() -> None:
    found = asked("دری")
    assert found.results[0].id == "prs."
    assert offers(found.results)[0] in {offer.id for offer in WORLD.directory if offer.first_contact}


def test_what_is_not_understood_leads_to_first_contacts_and_the_bot() -> None:
    found = whole_list("qqqq zzzz")
    assert found[-1].id == "de."
    assert all(offer.first_contact for id in offers(found) if (offer := WORLD.directory.get(id)))
    assert offers(found)


def test_nothing_typed_gives_the_bots_own_card_the_most_used_languages_first() -> None:
    found = whole_list("")
    codes = [result.id.removesuffix(".") for result in found]
    assert codes[: len(WORLD.main_languages)] == list(WORLD.main_languages)
    assert sorted(codes) == sorted(LANGUAGES)
    for code, result in zip(codes, found, strict=True):
        assert f"https://t.me/{WORLD.bot_username}?start=l-{code}" in result.message.html


def test_an_empty_directory_still_leads_to_the_bot() -> None:
    world = replace(WORLD, directory=Directory((), WORLD.places))
    (own,) = answer("sleep dari", "de", "", world, understand).results
    assert own.id == "prs."


words = st.sampled_from(
    [
        *SLEEP.values(),
        "dari",
        "arabisch",
        "frauen",
        "kinder",
        "biebrich",
        "trauma",
        "asyl",
        "angst",
        "so",
        "qqqq",
        "",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(words, max_size=4).map(" ".join), st.sampled_from(["de", "ar", "ku", None]))
def test_pages_have_neither_gaps_nor_repeats(text: str, app: str | None) -> None:
    assume(not asked(text, app).crisis)
    ids = [result.id for result in whole_list(text, app)]
    assert len(ids) == len(set(ids)) > 0
    paged = [result.id for at in range(0, len(ids), PAGE) for result in asked(text, app, str(at)).results]
    assert paged == ids
    beyond = asked(text, app, str(len(ids)))
    assert beyond.results == ()
    assert beyond.next_offset == ""


# --- what the message gives away --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "sleep dari women", "gewalt frauen tr", "دری", "trauma kinder", "pregnancy"]
)
def test_every_message_stands_alone_with_links_only(text: str) -> None:
    for result in whole_list(text):
        assert f"https://t.me/{WORLD.bot_username}?start=l-" in result.message.html
        buttons = [button for row in result.message.rows for button in row]
        assert buttons
        assert all(button.url or button.copy for button in buttons)
        assert not any(button.code for button in buttons)
        assert 1 <= len(result.id.encode()) <= 64
        assert result.title


def test_no_message_tells_what_was_searched() -> None:
    """The same offer reads the same, whatever it was found by."""
    found: dict[str, set[str]] = {}
    for text in (
        "schlaf dari",
        "trauma dari frauen",
        "angst kinder dari",
        "dari qqqq",
        "allein erziehend dari",
    ):
        for result in whole_list(text):
            found.setdefault(result.id, set()).add(result.message.html)
    assert all(len(messages) == 1 for messages in found.values())


def test_a_confidential_address_is_never_shown() -> None:
    secret = {o.id for o in WORLD.directory if o.place and o.place.confidential}
    shown = [r for r in whole_list("gewalt frauen deutsch") if r.id.partition(".")[2] in secret]
    assert shown
    for result in shown:
        assert "📍" not in result.message.html
        assert not any("openstreetmap" in button.url for row in result.message.rows for button in row)


# --- crisis -----------------------------------------------------------------------------------------------------


def cries() -> list[tuple[str, str, str]]:
    """A cry for help of each kind in each language."""
    found = []
    for language, kind in product(LANGUAGES, ("suicide", "danger", "medical")):
        rules: list[dict[Any, Any]] = yaml.safe_load((DATA / "crisis" / f"{language}.yml").read_text("utf-8"))
        found.append((language, kind, next(rule["yes"] for rule in rules if rule["kind"] == kind)))
    return found


@pytest.mark.parametrize(("language", "kind", "cry"), cries())
def test_a_cry_for_help_gets_its_card_and_nothing_else(language: str, kind: str, cry: str) -> None:
    without_offers = replace(WORLD, directory=Directory((), WORLD.places))
    found = answer(cry, "de", "", without_offers, understand)
    (card,) = found.results
    assert found.crisis
    assert found.personal
    assert found.cache_seconds == 0
    assert "112" in card.message.html
    ((button,),) = card.message.rows
    assert button.url.startswith("https://t.me/")


def test_the_card_is_in_the_language_named_else_in_the_writers() -> None:
    assert asked("selbstmord dari").language == "prs"
    assert asked("خودکشی").language == "prs"
    assert asked("Ich möchte nicht mehr leben, ich bringe mich um", "tr").language == "de"
    assert asked("suicide", "tr").language == "tr"


def test_every_page_of_a_crisis_is_the_card() -> None:
    assert asked("ich will nicht mehr leben", offset="10").results[0].id == "crisis"


# --- odd queries, and the same again ----------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=512), st.sampled_from(["de", "fa", "", None, "zz-ZZ"]), st.text(max_size=8))
def test_no_query_raises(text: str, app: str | None, offset: str) -> None:
    inline = Inline(lambda: WORLD, understand)
    assert inline.answer(text, app, offset) == inline.answer(text, app, offset)


@pytest.mark.parametrize(
    "text", ["\ud800", "😀" * 512, "x" * 5000, "\u202egnp", "<b>&amp;", "٣٤", "'; --", "دری\u200c\u0000"]
)
def test_odd_signs_get_an_answer(text: str) -> None:
    assert Inline(lambda: WORLD, understand).answer(text, "de").results


class Counting:
    """Understanding that counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, text: str, hints: Hints) -> Understanding:
        self.times += 1
        return understand(text, hints)


def test_the_same_query_is_answered_from_memory_until_offers_or_the_hour_change() -> None:
    counting, world = Counting(), WORLD

    def now() -> World:
        return world

    inline = Inline(now, counting)
    first = inline.answer("sleep dari", "de")
    asked_once = counting.times
    assert inline.answer("Sleep  dari "[:11], "de") is not None
    assert inline.answer("sleep dari", "de") is first
    before = counting.times
    world = replace(WORLD, now=WORLD.now.replace(hour=23))
    assert inline.answer("sleep dari", "de") is not first
    assert counting.times > before >= asked_once
    world = replace(WORLD, directory=Directory((), WORLD.places))
    assert len(inline.answer("sleep dari", "de").results) == 1


def test_a_crisis_is_never_answered_from_memory() -> None:
    counting = Counting()
    inline = Inline(lambda: WORLD, counting)
    inline.answer("ich will nicht mehr leben", "de")
    before = counting.times
    inline.answer("ich will nicht mehr leben", "de")
    assert counting.times > before
