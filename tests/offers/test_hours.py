"""Opening hours: holidays of Hessen, the night to summer time, and hours nobody can read."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.offers.hours import Hours, HoursInvalid, check, status

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = "Mo-Fr 09:00-17:00; PH off"


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=BERLIN)  # type: ignore[arg-type,misc]


def test_open_now_tells_until_when() -> None:
    assert status(OFFICE, at(2026, 11, 24, 10)) == Hours(open=True, until=at(2026, 11, 24, 17))


def test_closed_now_tells_the_next_opening() -> None:
    assert status(OFFICE, at(2026, 11, 27, 18)) == Hours(open=False, next_open=at(2026, 11, 30, 9))


def test_always_open_has_no_end() -> None:
    assert status("24/7", at(2026, 12, 25, 3)) == Hours(open=True)


@pytest.mark.parametrize(
    ("day", "next_open"),
    [
        ((2025, 10, 3), (2025, 10, 6)),  # German Unity Day
        ((2025, 6, 19), (2025, 6, 20)),  # Corpus Christi: Hessen keeps it, the country does not
        ((2027, 5, 27), (2027, 5, 28)),  # Corpus Christi in another year
        ((2025, 12, 25), (2025, 12, 29)),
        ((2025, 12, 26), (2025, 12, 29)),
    ],
)
def test_closed_on_public_holidays(day: tuple[int, ...], next_open: tuple[int, ...]) -> None:
    assert status(OFFICE, at(*day, 12)) == Hours(open=False, next_open=at(*next_open, 9))


@pytest.mark.parametrize("day", [(2025, 12, 24), (2025, 11, 1), (2025, 10, 31)])
def test_no_public_holiday_in_hessen(day: tuple[int, ...]) -> None:
    assert status("Mo-Su 09:00-17:00; PH off", at(*day, 12)).open


def test_another_state_keeps_other_days() -> None:
    all_saints = at(2027, 11, 1, 12)
    assert status(OFFICE, all_saints, state="HE").open
    assert not status(OFFICE, all_saints, state="NW").open


def test_a_holiday_may_have_hours_of_its_own() -> None:
    spec = "Mo-Fr 09:00-17:00; Su,PH 15:00-17:00"
    assert status(spec, at(2025, 6, 19, 10)) == Hours(open=False, next_open=at(2025, 6, 19, 15))
    assert status(spec, at(2025, 6, 19, 16)).open


@pytest.mark.parametrize(
    ("before", "opening"),
    [((2027, 3, 28, 1), (2027, 3, 28, 9)), ((2027, 10, 31, 1), (2027, 10, 31, 9))],
)
def test_the_clock_change_moves_no_opening(before: tuple[int, ...], opening: tuple[int, ...]) -> None:
    assert status("Mo-Su 09:00-12:00", at(*before)).next_open == at(*opening)
    assert status("Mo-Su 09:00-12:00", at(*opening)).open


def test_an_answer_remembered_ends_with_its_time() -> None:
    spec = "Mo-Fr 09:00-17:00"
    assert status(spec, at(2026, 11, 24, 16, 59)).open
    assert not status(spec, at(2026, 11, 24, 17, 0)).open
    assert status(spec, at(2026, 11, 24, 16, 59)).open


def test_an_uncertain_hour_is_no_open_door() -> None:
    assert not status("Mo-Fr 09:00-17:00 unknown", at(2026, 11, 24, 10)).open


def test_never_open_has_no_next_opening() -> None:
    assert status("off", at(2026, 11, 24, 10)) == Hours(open=False)


def test_hours_that_cannot_be_read_have_a_name() -> None:
    with pytest.raises(HoursInvalid):
        status("by appointment", at(2026, 11, 24, 10))
    with pytest.raises(HoursInvalid):
        check("9 to 5")


def test_the_city_s_own_clock_is_asked_for() -> None:
    with pytest.raises(ValueError, match="ZoneInfo"):
        status(OFFICE, datetime(2026, 11, 24, 10, tzinfo=UTC))
