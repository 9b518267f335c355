"""Whether somebody is there now, until when, and when next; a thin door to opening-hours-py.

Knows no offer. The specification is OpenStreetMap's opening_hours syntax.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


class HoursInvalid(ValueError):
    """These opening hours cannot be read."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Open or not at a moment; `until` None while open: always; `next_open` None while closed: not foreseeable."""

    open: bool
    until: datetime | None = None
    next_open: datetime | None = None


def status(spec: str, now: datetime, country: str = "DE", state: str = "HE") -> Hours:
    """Open now? `now` must be aware; the answer's times are in the same zone. Raises HoursInvalid."""
    raise NotImplementedError
