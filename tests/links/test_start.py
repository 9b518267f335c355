"""Links open the bot with what is known, are short enough, and tell where they hung."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.under_way import parse_start
from bot.links import qr
from bot.links.start import LONGEST, LinkInvalid, address, place_of, start_parameter
from bot.offers.model import ID_LENGTH, LANGUAGES, Need

needs = st.none() | st.sampled_from(Need)
languages = st.just("") | st.sampled_from(LANGUAGES)
ids = st.just("") | st.from_regex(rf"[a-z0-9-]{{1,{ID_LENGTH}}}", fullmatch=True)
codes = st.from_regex(r"[A-Za-z0-9]{2,8}", fullmatch=True)


@given(needs, languages, ids, st.just("") | codes)
def test_a_link_is_what_telegram_takes(need: Need | None, language: str, offer: str, place: str) -> None:
    parameter = start_parameter(need=need, language=language, offer=offer, place=place)
    assert re.fullmatch(rf"[A-Za-z0-9_-]{{0,{LONGEST}}}", parameter)
    assert place_of(parameter) == (place.upper() or None)


@given(needs, languages, ids)
def test_the_conversation_reads_what_the_link_says(need: Need | None, language: str, offer: str) -> None:
    told = parse_start(start_parameter(need=need, language=language, offer=offer))
    assert (told.facts, told.language, told.offer) == ({"need": [need]} if need else {}, language, offer)


def test_the_conversation_passes_over_the_place() -> None:
    told = parse_start("l-prs_n-sleep_p-TAFEL1")
    assert (told.facts, told.language) == ({"need": ["sleep"]}, "prs")


def test_the_link_of_a_poster_is_as_documented() -> None:
    parameter = start_parameter(need=Need.SLEEP, language="prs", place="Tafel1")
    assert address("some_bot", parameter) == "https://t.me/some_bot?start=l-prs_n-sleep_p-TAFEL1"
    assert address("some_bot") == "https://t.me/some_bot"


@pytest.mark.parametrize("start", ["", "l-prs", "n-sleep", "o-some-p-offer", "hello", "w-offer", "p-", "p-A"])
def test_no_place_is_no_place(start: str) -> None:
    assert place_of(start) is None


@pytest.mark.parametrize("start", ["p-TOO-LONG-AND-FORGED", "p-123456789", "n-sleep_p-é1", "p-A B", "p-AB_x"])
def test_a_forged_place_is_not_counted(start: str) -> None:
    assert place_of(start) is None


def test_the_place_of_sealed_answers_is_an_accident() -> None:
    assert place_of("s-abc_p-AB12") is None


@pytest.mark.parametrize("place", ["a", "123456789", "a b", "ä1", "a-b"])
def test_a_place_that_would_be_lost_is_refused(place: str) -> None:
    with pytest.raises(LinkInvalid):
        start_parameter(place=place)


def test_a_code_can_be_drawn_for_every_use() -> None:
    link = address("some_bot", start_parameter(language="prs"))
    assert qr.svg(link).startswith(b"<svg")
    assert qr.png(link).startswith(b"\x89PNG")
    assert len(set(map(len, qr.terminal(link).splitlines()))) > 0
