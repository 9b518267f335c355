"""The codes that buttons carry: short, versioned, at most 64 bytes, so that an old button can answer politely.

A code is `VERSION.SCREEN.VERB.ARGUMENT`. SCREEN is the number of the screen that showed the button. Before consent
nothing is stored, so what the first message told travels in the argument (`Carried`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.offers.model import AgeBand, Family, Gender, Need, Person

VERSION = "1"
MAX_BYTES = 64  # Bot API, InlineKeyboardButton: callback_data 1–64 bytes


class Verb(StrEnum):
    """What a tapped button asks for."""

    AGREE = "go"
    ANSWER = "a"  # argument: slot=value
    GROUP = "g"
    SKIP = "s"
    BACK = "b"
    RESTART = "r"
    SHOW = "sh"
    MORE = "m"
    RESUME = "ok"
    SOS = "sos"
    MENU = "me"
    LANGUAGE = "l"
    LANGUAGES = "ll"
    REMEMBER = "rl"
    PRIVACY = "p"
    MY_DATA = "md"
    FORGET = "f"
    FORGET_NOW = "fy"
    CLEAR = "c"
    HELP = "h"
    HUMAN = "hu"
    CHANGE = "ch"
    WRONG_WHAT = "ww"
    LISTEN = "v"  # argument: language=utterance
    NEWS = "n"  # argument: see news.py
    CARD = "dc"  # a card that opens a door; argument: see door_opener.py
    PLAN = "pl"  # argument: see plans.py
    HAND_OVER = "ho"  # argument: answers (Carried)
    LINK = "li"  # argument: see passing_on.py
    SIDE_BY_SIDE = "2"  # argument: see side_by_side.py
    STAFF = "x"  # for members of the network only; argument: see bot/staff


@dataclass(frozen=True, slots=True)
class Code:
    """A parsed button code; `screen` is the number of the screen that showed the button."""

    verb: Verb
    argument: str = ""
    screen: int = 0


def written(code: str, screen: int) -> str:
    """The code as a button carries it, from `VERB.ARGUMENT` and the screen's number."""
    return f"{VERSION}.{screen:x}.{code}"


def parse(text: str) -> Code | None:
    """The code of a button, or None for one of another version or a forged one."""
    parts = text.split(".", 3)
    if len(parts) != 4 or parts[0] != VERSION or len(text.encode()) > MAX_BYTES:
        return None
    try:
        return Code(Verb(parts[2]), parts[3], int(parts[1], 16))
    except ValueError:
        return None


_NEEDS = dict(zip(Need, "abcdefghijklmnopq", strict=True))
_FAMILY = dict(zip(Family, "apcsgu", strict=True))
_GENDER = {gender: gender.value[0] for gender in Gender}
_PERSON = {person: person.value[0] for person in Person}
_BANDS = dict(zip(AgeBand, "cynas", strict=True))


@dataclass(frozen=True, slots=True)
class Carried:
    """What a button carries before consent, when nothing may be stored.

    `facts` are slot values (see domain.yml); `offer` is the id of an offer to open; `chosen` tells that the person
    chose the language, rather than that it was detected; `results`: nothing more is to be asked.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    offer: str = ""
    language: str = ""
    chosen: bool = False
    results: bool = False

    def pack(self, room: int = 48) -> str:
        """As text of at most `room` ASCII characters. What does not fit is left out, the least important first."""
        facts = self.facts
        gender, person, band = facts.get("gender"), facts.get("person"), facts.get("age_band")
        pieces = [
            ("l" if self.chosen else "d", self.language),
            ("r", "1" if self.results else ""),
            ("n", "".join(_NEEDS[Need(need)] for need in (facts.get("need") or ())[:3])),
            ("y", _BANDS[AgeBand(band)] if band else ""),
            ("g", _GENDER[Gender(gender)] if gender else ""),
            ("p", _PERSON[Person(person)] if person else ""),
            ("f", "".join(_FAMILY[Family(family)] for family in facts.get("family") or ())),
            ("o", self.offer),
            ("a", facts.get("area") or ""),
        ]
        packed = ""
        for key, value in pieces:
            piece = f"{key}{value}" if value else ""
            if piece and len(packed) + len(piece) + 1 <= room:
                packed += f"{',' if packed else ''}{piece}"
        return packed


def unpack(text: str) -> Carried:
    """What a packed text carries. Unknown or forged pieces are dropped, never an error."""
    facts: dict[str, Any] = {}
    offer = language = ""
    chosen = results = False
    for piece in text.split(","):
        key, value = piece[:1], piece[1:]
        match key:
            case "l" | "d":
                language, chosen = value, key == "l"
            case "o":
                offer = value
            case "r":
                results = True
            case "a":
                facts["area"] = value
            case "n":
                facts["need"] = _members(_NEEDS, value)
            case "f":
                facts["family"] = _members(_FAMILY, value)
            case "y":
                facts["age_band"] = next(iter(_members(_BANDS, value)), None)
            case "g":
                facts["gender"] = next(iter(_members(_GENDER, value)), None)
            case "p":
                facts["person"] = next(iter(_members(_PERSON, value)), None)
            case _:
                pass
    return Carried({slot: value for slot, value in facts.items() if value}, offer, language, chosen, results)


def _members(table: Mapping[Any, str], letters: str) -> list[str]:
    return [member.value for letter in letters for member, code in table.items() if code == letter]
