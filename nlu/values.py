"""The values that understanding gives and takes; plain data, known to everybody, knowing nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NEEDS = (
    "counselling",
    "trauma",
    "sleep",
    "depression",
    "anxiety",
    "grief",
    "violence",
    "addiction",
    "pregnancy",
    "parenting",
    "family",
    "psychiatry",
    "disability",
    "isolation",
    "asylum",
    "daily_life",
    "lgbtiq",
)
INTENTS = (
    "need",
    "inform",
    "greet",
    "thanks",
    "change_language",
    "restart",
    "back",
    "skip",
    "human",
    "stop",
    "delete_data",
    "help",
    "emergency_number",
    "out_of_scope",
)
CRISES = ("suicide", "danger", "medical")
WISHES = ("nearer", "evening", "soon", "remote", "in_person", "more")
AGE_BANDS = {
    "child": (0, 13),
    "youth": (14, 17),
    "young_adult": (18, 26),
    "adult": (27, 64),
    "senior": (65, 120),
}


def age_band(age: int) -> str:
    """The band of an age in years (shared/nlu: child 0–13 … senior 65 and more)."""
    return next(band for band, (low, high) in AGE_BANDS.items() if low <= age <= high)


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known beside the text.

    `chosen` is the language the person chose (it always wins), `app_language` is Telegram's `language_code`
    (weak: the language of the app), `history` holds the language evidence of earlier messages of the same
    person, as `Understanding.evidence` gave it.
    """

    chosen: str | None = None
    app_language: str | None = None
    history: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Understanding:
    """What one message says. Empty or None where it does not say it; nothing is inferred.

    `language` is None when the person should be asked; `candidates` are ranked (code, probability) pairs, and
    "fas" stands for Dari or Iranian Persian. `needs` are ranked (need, probability) pairs. `wishes` are what a
    person asks of the results (see WISHES). `evidence` is to be kept and handed back as `Hints.history`.
    """

    language: str | None = None
    candidates: tuple[tuple[str, float], ...] = ()
    intent: str = "out_of_scope"
    intent_probability: float = 0.0
    needs: tuple[tuple[str, float], ...] = ()
    crisis: str | None = None
    crisis_because: str | None = None
    age: int | None = None
    age_band: str | None = None
    gender: str | None = None
    family: frozenset[str] = frozenset()
    person: str | None = None
    wishes: frozenset[str] = frozenset()
    evidence: Mapping[str, float] = field(default_factory=dict)
