"""What can be asked of a poster. Apart from its making, so that the command line need not load that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MOST_LANGUAGES = 8
"""More cannot be read in passing."""


class Format(StrEnum):
    """One poster on an A4 sheet, or four A6 cards to cut on it."""

    A4 = "a4"
    A6 = "a6"


@dataclass(frozen=True, slots=True)
class Poster:
    """What hangs on a wall. `link` is what the QR code opens; `operator` may be empty."""

    languages: tuple[str, ...]
    link: str
    bot_username: str
    city: str
    operator: str
