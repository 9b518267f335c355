"""Answers that are handed over in a link: whole for the right phone, nothing for anybody else."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.codes import Carried
from bot.links.sealed import LIFE, NONCE, TAG, TIME, HandOvers, is_sealed, seal, unseal
from bot.links.start import LONGEST
from bot.offers.model import LANGUAGES, AgeBand, Family, Gender, Need, Person
from bot.offers.places import Places
from bot.storage.crypto import Keys
from bot.storage.engine import create_engine
from bot.storage.records import SqlRecords

PLACES = Places.load(Path(__file__).parents[2] / "data" / "places.yml")
KEYS = (bytes(range(32)),)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
place_ids = [*(area.id for area in PLACES.areas), *(district.id for district in PLACES.districts)]


def values(kind: Any) -> st.SearchStrategy[str]:
    return st.sampled_from([member.value for member in kind])


facts = st.fixed_dictionaries(
    {},
    optional={
        "need": st.lists(values(Need), min_size=1, max_size=3, unique=True),
        "age_band": values(AgeBand),
        "gender": values(Gender),
        "person": values(Person),
        "area": st.sampled_from(place_ids),
        "family": st.sets(values(Family), min_size=1).map(
            lambda found: [family.value for family in Family if family in found]
        ),
    },
)
carried = st.builds(Carried, facts, st.just(""), st.sampled_from(LANGUAGES), st.just(True))
SOMEBODY = Carried({"need": ["violence"], "gender": "female", "area": place_ids[0]}, "", "prs", True)


@given(carried)
def test_the_right_key_finds_every_answer(answers: Carried) -> None:
    held = unseal(seal(answers, KEYS, PLACES, NOW), KEYS, PLACES, NOW)
    assert held is not None
    assert held.carried == answers
    assert held.expires == NOW + LIFE


@given(carried)
def test_no_answer_stands_in_the_link(answers: Carried) -> None:
    """Not as words, not as the bytes that were sealed, not by the length, not by being the same twice."""
    start, again = (seal(answers, KEYS, PLACES, NOW) for _ in range(2))
    sealed = base64.urlsafe_b64decode(start[2:])
    told = [
        word
        for value in answers.facts.values()
        for word in ([value] if isinstance(value, str) else value)
        if len(word) > 4  # shorter words can be in random letters by chance
    ]
    for clear in (start, sealed.decode("latin-1")):
        assert not any(word in clear for word in told)
    assert int((NOW + LIFE).timestamp()).to_bytes(TIME, "big") not in sealed
    assert len(start) == 54 <= LONGEST
    assert is_sealed(start)
    assert start != again
    assert sealed[:NONCE] != base64.urlsafe_b64decode(again[2:])[:NONCE]


def test_what_a_guess_must_hit_is_beyond_128_bits() -> None:
    """96 random bits and a tag of 128 bits: one link is one of 2 to the power of 224."""
    assert 8 * (NONCE + TAG) >= 128
    assert TAG == 16


@given(carried, st.integers(0, 53), st.sampled_from(LETTERS))
def test_one_changed_letter_opens_nothing(answers: Carried, at: int, letter: str) -> None:
    start = seal(answers, KEYS, PLACES, NOW)
    changed = start[:at] + letter + start[at + 1 :]
    assert (unseal(changed, KEYS, PLACES, NOW) is None) == (changed != start)


@given(carried, st.binary(min_size=32, max_size=32).filter(lambda key: key != KEYS[0]))
def test_a_wrong_key_opens_nothing(answers: Carried, key: bytes) -> None:
    assert unseal(seal(answers, KEYS, PLACES, NOW), (key,), PLACES, NOW) is None


@given(st.text(max_size=70) | st.text(LETTERS, min_size=52, max_size=52).map("s-".__add__))
def test_whatever_somebody_writes_opens_nothing(start: str) -> None:
    assert unseal(start, KEYS, PLACES, NOW) is None


def test_it_ends_after_a_day() -> None:
    start = seal(SOMEBODY, KEYS, PLACES, NOW)
    assert unseal(start, KEYS, PLACES, NOW + LIFE - timedelta(seconds=1))
    assert unseal(start, KEYS, PLACES, NOW + LIFE) is None


def test_after_the_keys_changed_older_links_still_open() -> None:
    start = seal(SOMEBODY, KEYS, PLACES, NOW)
    held = unseal(start, (os.urandom(32), *KEYS), PLACES, NOW)
    assert held
    assert held.carried == SOMEBODY


def test_with_other_places_it_is_refused_rather_than_misread() -> None:
    start = seal(SOMEBODY, KEYS, PLACES, NOW)
    assert unseal(start, KEYS, Places(PLACES.areas, PLACES.districts[1:]), NOW) is None


@pytest.fixture
async def links(tmp_path: Path) -> AsyncIterator[HandOvers]:
    """With the memory that a bot has: a database."""
    records = SqlRecords(create_engine(f"sqlite:///{tmp_path}/records.db"), Keys((b"a" * 32,)))
    records.prepare()
    yield HandOvers(KEYS, records)
    await records.close()


async def test_it_opens_once(links: HandOvers) -> None:
    now = datetime.now(UTC)
    start = seal(SOMEBODY, KEYS, PLACES, now)
    assert await links.redeem(start, PLACES, now) == SOMEBODY
    assert await links.redeem(start, PLACES, now) is None
    other = seal(SOMEBODY, KEYS, PLACES, now)
    assert await links.redeem(other, PLACES, now) == SOMEBODY


async def test_of_two_at_the_same_moment_one_opens(links: HandOvers) -> None:
    now = datetime.now(UTC)
    start = seal(SOMEBODY, KEYS, PLACES, now)
    opened = await asyncio.gather(*(links.redeem(start, PLACES, now) for _ in range(8)))
    assert sum(each is not None for each in opened) == 1


@pytest.mark.parametrize("changed", ["A", "B"])
async def test_a_link_that_does_not_open_uses_nothing_up(links: HandOvers, changed: str) -> None:
    now = datetime.now(UTC)
    start = seal(SOMEBODY, KEYS, PLACES, now)
    spoilt = start[:-1] + (changed if start[-1] != changed else "C")
    assert await links.redeem(spoilt, PLACES, now) is None
    assert await links.redeem(start, PLACES, now) == SOMEBODY
