"""The demo network is complete, plainly fictional, and makes every question worth asking."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.offers.directory import Directory
from bot.offers.model import LANGUAGES, AgeBand, Crisis, Family, Gender, Mode, Need, Query, Slot, Speaker
from bot.offers.needs import NeedMenu
from bot.offers.quality import COMPLETE_LANGUAGES, check
from bot.offers.sheets import load_helplines, read_sheet
from tests.offers.given import DATA, PLACES

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
READING = read_sheet(DATA / "offers" / "demo.csv", PLACES)
DEMO = [offer for _, offer in READING.offers]
HELPLINES = load_helplines(DATA / "offers" / "helplines.csv")
DIRECTORY = Directory((*DEMO, *HELPLINES), PLACES)


def test_the_demo_is_rich_enough() -> None:
    assert (READING.errors, READING.warnings) == ((), ())
    assert len(DEMO) >= 64
    assert len({offer.organization.id for offer in DEMO}) >= 26
    assert {need for offer in DEMO for need in offer.needs} == set(Need)
    assert {code for offer in DEMO for code, _ in offer.languages} == set(LANGUAGES)
    assert {speaker for offer in DEMO for _, speaker in offer.languages} == set(Speaker)
    assert {mode for offer in DEMO for mode in offer.modes} == set(Mode)
    assert {gender for offer in DEMO for gender in offer.genders} == set(Gender)
    assert {family for offer in DEMO for family in offer.families} >= {*Family} - {Family.ALONE}
    assert any(offer.place and offer.place.confidential for offer in DEMO)
    assert any(offer.residence for offer in DEMO)


def test_the_demo_is_plainly_fictional() -> None:
    numbers = [phone.number for offer in DEMO for phone in offer.phones]
    assert len(set(numbers)) == len(numbers)
    assert all(len(number) == 13 and number.startswith("+496990009") for number in numbers)
    for offer in DEMO:
        assert offer.demo
        assert offer.organization.name.endswith("(Demo)")
        for address in (offer.website, offer.booking_url):
            assert address is None or address.startswith("https://example.org/")
        assert offer.email is None or offer.email.endswith("@example.org")


def test_every_text_is_there_in_five_languages() -> None:
    for offer in (*DEMO, *HELPLINES):
        assert set(offer.name) == set(offer.description) >= set(COMPLETE_LANGUAGES)


def test_nobody_meets_a_dead_end() -> None:
    findings = check(DIRECTORY, NeedMenu.load(DATA / "needs.yml"), now=NOW)
    assert findings.dead_ends == ()
    assert findings.missing_translations == ()
    assert findings.only_near == ()


@pytest.mark.parametrize("slot", [Slot.PERSON, Slot.AGE_BAND, Slot.GENDER, Slot.FAMILY, Slot.AREA])
@pytest.mark.parametrize("language", COMPLETE_LANGUAGES)
def test_every_question_changes_the_first_three_somewhere(slot: Slot, language: str) -> None:
    answers: dict[Slot, list[dict[str, object]]] = {
        Slot.PERSON: [{"person": person} for person in ("self", "child", "partner", "relative")],
        Slot.AGE_BAND: [{"ages": band.ages} for band in AgeBand],
        Slot.GENDER: [{"gender": gender} for gender in Gender],
        Slot.FAMILY: [{"families": frozenset({family})} for family in Family],
        Slot.AREA: [{"area": area.id} for area in PLACES.areas],
    }

    def first_three(query: Query) -> list[str]:
        return [match.offer.id for match in DIRECTORY.match(query, now=NOW).fits[:3]]

    changed = []
    for need in Need:
        query = Query(need=need, language=language)
        if any(first_three(query.with_(**answer)) != first_three(query) for answer in answers[slot]):
            changed.append(need)
            assert DIRECTORY.narrowing(query, slot) > 0.0
    assert changed


def test_the_helplines_are_those_of_the_safety_table() -> None:
    numbers = {phone.number for line in HELPLINES for phone in line.phones}
    assert numbers == {
        *("112", "110", "116117", "116123", "116016", "116111"),
        *("0800 1110111", "0800 1110222", "0800 1110550", "0800 5002250", "0800 1239900"),
        *("+4930440308454", "+4930443509821"),
    }
    assert all(line.verified_on is None and line.source and not line.demo for line in HELPLINES)
    for kind in Crisis:
        assert sum(kind in line.crisis for line in HELPLINES) >= 2


def test_hours_that_nobody_confirmed_are_words_not_a_promise() -> None:
    confirmed = {line.id for line in HELPLINES if line.opening_hours}
    assert confirmed == {"hl-112", "hl-110", "hl-telefonseelsorge", "hl-gewalt-frauen", "hl-doweria"}
    assert all(line.hours_text for line in HELPLINES if line.id not in confirmed | {"ipso-care"})


def test_emergency_numbers_are_no_offers_for_a_need() -> None:
    found = DIRECTORY.match(Query(), now=NOW, limit=500).fits
    assert not {"hl-112", "hl-110", "hl-116117"} & {match.offer.id for match in found}
