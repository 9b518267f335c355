"""The start parameter of a deep link: need, language, offer, and the place where a poster hangs.

`l-prs_n-sleep_o-OFFER_p-CODE`, each part optional. Reading need, language and offer is the conversation's
(`engine.parse_start`); the place is no matter of the person's and is only counted.
"""

from __future__ import annotations

import re

from bot.offers.model import Need

SEALED = "s-"
"""With this begins what holds sealed answers (sealed.py), and nothing else."""
LONGEST = 64
"""Bot API, deep linking: the start parameter has at most 64 characters of A–Z, a–z, 0–9, _ and -."""
_ALLOWED = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST}}}")
_PLACE = re.compile(r"[A-Za-z0-9]{2,8}")
_PARTS = re.compile(r"_(?=[lnop]-)")


class LinkInvalid(ValueError):
    """What was asked for fits into no link; `what` is the part that does not: "place" or "length"."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def start_parameter(*, need: Need | None = None, language: str = "", offer: str = "", place: str = "") -> str:
    """The start parameter for these wishes; "" for none.

    `language` is a code of the bot, `offer` an id of the directory, `place` 2 to 8 letters and digits that say where
    a poster hangs, in any case. Raises LinkInvalid.
    """
    if place and not _PLACE.fullmatch(place):
        raise LinkInvalid("place")
    parts = (("l", language), ("n", need), ("o", offer), ("p", place.upper()))
    parameter = "_".join(f"{key}-{value}" for key, value in parts if value)
    if parameter and not _ALLOWED.fullmatch(parameter):
        raise LinkInvalid("length")
    return parameter


def address(bot_username: str, parameter: str = "") -> str:
    """The address that opens the bot, with this start parameter."""
    return f"https://t.me/{bot_username}" + (f"?start={parameter}" if parameter else "")


def place_of(start: str) -> str | None:
    """The code of the place where this link hung, in capitals; None where the link names none.

    A forged or broken code counts as none: what is counted must stay a short list that somebody wrote down.
    """
    if start.startswith(SEALED):
        return None
    for part in _PARTS.split(start):
        if part.startswith("p-"):
            return part[2:].upper() if _PLACE.fullmatch(part[2:]) else None
    return None
