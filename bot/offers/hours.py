"""Whether somebody is there now, until when, and when next; a thin door to opening-hours-py.

Knows no offer. The specification is OpenStreetMap's opening_hours syntax.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from opening_hours import OpeningHours

_HORIZON_CHANGES = 40
"""So many changes of state are looked at for the next opening; "unknown" and odd rules may lie in between."""


class HoursInvalid(ValueError):
    """These opening hours cannot be read."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Open or not at a moment; `until` is None when always open, `next_open` when none is foreseeable."""

    open: bool
    until: datetime | None = None
    next_open: datetime | None = None


def status(spec: str, now: datetime, country: str = "DE", state: str = "HE") -> Hours:
    """Open now, until when, or when next? Public holidays ("PH") are those of the federal state.

    `now` must carry the city's ZoneInfo; the times of the answer are in the same zone. An "unknown" state
    counts as closed: nobody is sent to a door that may be shut. Raises HoursInvalid, and ValueError for
    another kind of clock.
    """
    zone = now.tzinfo
    if not isinstance(zone, ZoneInfo):
        raise ValueError("opening hours need the time in the city's own zone (ZoneInfo)")
    return _schedule(spec, zone, country, state, now.year).at(now)


def check(spec: str) -> None:
    """Raises HoursInvalid when this specification cannot be read."""
    _parse(spec, None, "DE")


class _Schedule:
    """One parsed specification, which remembers its last answer for as long as that holds."""

    __slots__ = ("_answer", "_end", "_parsed", "_start")

    def __init__(self, parsed: OpeningHours) -> None:
        self._parsed = parsed
        self._answer: Hours | None = None
        self._start: datetime | None = None
        self._end: datetime | None = None

    def at(self, now: datetime) -> Hours:
        if (
            self._answer is not None
            and self._start is not None
            and self._start <= now
            and (self._end is None or now < self._end)
        ):
            return self._answer
        change = self._parsed.next_change(now)
        if self._parsed.is_open(now):
            answer = Hours(open=True, until=change)
        else:
            opening = change
            for _ in range(_HORIZON_CHANGES):
                if opening is None or self._parsed.is_open(opening):
                    break
                opening = self._parsed.next_change(opening)
            answer = Hours(open=False, next_open=opening)
        self._answer, self._start, self._end = answer, now, change
        return answer


@lru_cache(maxsize=4096)
def _schedule(spec: str, zone: ZoneInfo, country: str, state: str, year: int) -> _Schedule:
    return _Schedule(_parse(_with_state_holidays(spec, country, state, year), zone, country))


def _parse(spec: str, zone: ZoneInfo | None, country: str) -> OpeningHours:
    # The library's type stub forgets its own error.
    from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]

    try:
        return OpeningHours(spec, timezone=zone, country=country)
    except ParserError as error:
        raise HoursInvalid(spec) from error


def _with_state_holidays(spec: str, country: str, state: str, year: int) -> str:
    """Adds to every rule about public holidays the same rule for the days that only this state keeps.

    opening-hours-py 2.1 knows the holidays of the whole country only: Corpus Christi, kept in Hessen, lacks.
    """
    if "PH" not in spec:
        return spec
    days = _state_holidays(country, state, year)
    rules = []
    for rule in spec.split(";"):
        rules.append(rule)
        if days and (found := re.match(r'\s*[^"\d]*\bPH\b[^"\d]*?\s((?:off|closed|\d{1,2}:\d{2}).*)$', rule)):
            rules.append(f" {days} {found[1]}")
    return ";".join(rules)


@lru_cache(maxsize=64)
def _state_holidays(country: str, state: str, year: int) -> str:
    """The days of this year and the next that the state keeps beyond the country, as opening_hours dates."""
    import holidays

    years = (year, year + 1)
    of_state = holidays.country_holidays(country, subdiv=state, years=years)
    of_country = holidays.country_holidays(country, years=years)
    return ",".join(f"{day:%Y %b %d}" for day in sorted(set(of_state) - set(of_country)))
