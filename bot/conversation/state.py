"""The conversation's state: what is kept, encrypted and for a day, between two messages of one chat.

Our own JSON, versioned: a state written by an older release is upgraded, one that cannot be read is dropped and the
conversation starts again (a pickle would bind it to the code; a half-understood state would mislead).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VERSION = 1

_AS_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
SLOTS = ("need", "person", "age_band", "gender", "family", "area")


@dataclass(frozen=True, slots=True)
class State:
    """What is known in one conversation.

    `slots` holds the answers (see domain.yml; needs and family as lists, the others as strings); `asked` the
    slots already asked, in order; `skipped` those the person did not want to answer; `requested` the slot
    of the question on the screen, None when offers are shown; `shown` the ids of the offers shown for these answers;
    `wishes` what was asked of the results ("nearer"); `screen` counts what was shown, so that an old button is
    known; `tapped` is the last tap, so that a double one is known;
    `writes_about` is the offer about which the next text is meant for the coordinator;
    `reported` tells what was said to be wrong with which offers, the newest, so that it counts once;
    `evidence` is what earlier messages told of the language; `chosen` tells that the person chose the language.
    """

    language: str
    chosen: bool = False
    slots: Mapping[str, Any] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    requested: str | None = None
    shown: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    screen: int = 0
    tapped: str = ""
    writes_about: str = ""
    reported: tuple[str, ...] = ()
    evidence: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> str:
        """The state as JSON text, with its version."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return _AS_JSON({"v": VERSION, **plain})


def from_json(text: str) -> State | None:
    """The state written by `to_json`, upgraded where it is older; None when it cannot be read."""
    try:
        plain = json.loads(text)
        if plain.pop("v") != VERSION:
            return None
        tuples = {name: tuple(plain[name]) for name in ("asked", "skipped", "shown", "wishes")}
        tuples["reported"] = tuple(plain.get("reported", ()))
        return State(**(plain | tuples))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
