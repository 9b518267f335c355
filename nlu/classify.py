"""Three small fastText classifiers: what a message says, whom it concerns, and whether a number is an age.

They read words and signs of the concepts found, so that what is learned in one language helps the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

import fasttext

from nlu.language import Model
from nlu.lexicon import CONCEPT, SIGN_KINDS, Reading
from nlu.values import CRISES, INTENTS, NEEDS

MODELS = ("message", "about", "age")
GROUPS = ("meaning", "gender", "family")
"""What the labels of the first tell: need, act or kind of crisis; the gender of whom it concerns; who lives there."""
SIGNS = (CONCEPT, *SIGN_KINDS)
NONE, WISH, HARD_NEGATIVE = "none", "wish", "no_crisis"
AGE = "age"
_PRIVATE = 6400  # characters of the private use area
SIGNS_WEIGH = 2
"""So often stand the signs in a line: features are averaged, and once they would weigh little (measured)."""
NEGLIGIBLE = 1e-5
NO_NEED, MENTIONED = 0.02, 0.05
"""Needs are told where they are not all unlikely and need or crisis together reach this, though an act be likelier."""

OUT_OF_SCOPE = "out_of_scope"
NOTHING, HARDLY = 0.9, 0.05
"""A message that is so likely nothing, and whose needs are together less likely than this, is out of scope; chosen on
one half of the held-out messages."""
HUMAN_COUNTS = 1.7
"""So much "I want to talk with a person" counts beside "I want to talk", which other needs share with it; the same on
the held-out messages."""
NO_GENDER, ABOUT_WEIGHS = 0.4, 0.5
"""So much "no gender is told" counts beside a gender, and the second classifier beside the first; chosen on one half of
the held-out messages."""


@cache
def sign(name: str) -> str:
    """Two characters of the private use area for a concept or fact: few character n-grams, of no language."""
    first, second = divmod(crc32(name.encode()) % _PRIVATE**2, _PRIVATE)
    return chr(0xE000 + first) + chr(0xE000 + second)


def line_of(words: Sequence[str], emoji: Sequence[str], signs: str) -> str:
    """What the first classifier reads: folded words, emoji, signs."""
    return " ".join((*words, *emoji, *([signs] * SIGNS_WEIGH if signs else ())))


def signs(readings: Sequence[Reading]) -> str:
    """The signs of what the word lists find."""
    return " ".join(
        dict.fromkeys(
            sign(f"{kind}:{name}") for kind in SIGNS for reading in readings for name in reading.names(kind)
        )
    )


class Classifier:
    """One fastText model as label → probability; labels below NEGLIGIBLE are left out."""

    def __init__(self, model: Model) -> None:
        self._model = model

    @classmethod
    def load(cls, path: Path) -> Classifier:
        """Reads a model file that `python -m nlu train` made."""
        return cls(fasttext.load_model(str(path)))

    def classify(self, line: str) -> dict[str, float]:
        """Label → probability for a line of features."""
        labels, values = self._model.predict(line, k=-1, threshold=NEGLIGIBLE)
        return {label[9:]: min(1.0, p) for label, p in zip(labels, values, strict=True)}


@dataclass(frozen=True, slots=True)
class Classifiers:
    """All of them: the first two read words and signs, `age` the words around a number."""

    message: Classifier
    about: Classifier
    age: Classifier

    @classmethod
    def load(cls, folder: Path) -> Classifiers:
        """Reads MODELS from a folder."""
        return cls(*(Classifier.load(folder / f"{name}.ftz") for name in MODELS))

    def read(self, line: str) -> dict[str, dict[str, float]]:
        """Group → label → probability, and who is concerned; those of the meaning, which is one, add up to 1."""
        said: dict[str, dict[str, float]] = {group: {} for group in GROUPS}
        for name, p in self.message.classify(line).items():
            group, _, label = name.partition(":")
            said[group][label] = p
        said["about"] = self.about.classify(line)
        total = sum(said["meaning"].values()) or 1.0
        said["meaning"] = {label: p / total for label, p in said["meaning"].items()}
        return said


def ranked_needs(said: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """The needs, likeliest first, with probabilities among themselves; none where the message hardly states one."""
    total = sum(said.get(need, 0.0) for need in NEEDS)
    if total < NO_NEED or total + sum(said.get(kind, 0.0) for kind in CRISES) < MENTIONED:
        return ()
    ranked = sorted(((p / total, need) for need, p in said.items() if need in NEEDS), reverse=True)
    return tuple((need, round(p, 4)) for p, need in ranked[:3])


def intent(said: Mapping[str, float]) -> tuple[str, float]:
    """The likeliest intent; every need, crisis, near-crisis and wish counts for "need".

    What only looks like a crisis ("a film about …") and hardly states a need is out of scope.
    """
    acts = {label: p for label, p in said.items() if label in INTENTS}
    needs = max(0.0, 1.0 - sum(acts.values()))
    best = max(acts, key=lambda label: acts[label], default="need")
    if needs < acts.get(best, 0.0) * (HUMAN_COUNTS if best == "human" else 1.0):
        return best, acts[best]
    nothing = said.get(HARD_NEGATIVE, 0.0) + said.get(OUT_OF_SCOPE, 0.0)
    if nothing >= NOTHING and sum(said.get(need, 0.0) for need in NEEDS) < HARDLY:
        return OUT_OF_SCOPE, nothing
    return "need", needs


def person(said: Mapping[str, float]) -> str:
    """The likeliest person of labels `person-gender`."""
    persons: dict[str, float] = {}
    for label, p in said.items():
        code = label.partition("-")[0]
        persons[code] = persons.get(code, 0.0) + p
    return max(persons, key=lambda code: persons[code], default="self")


def gender(said: Mapping[str, float], about: Mapping[str, float]) -> str | None:
    """The gender that is likeliest by both classifiers, if it is likely enough (NO_GENDER)."""
    genders: dict[str, float] = {}
    for label, p in about.items():
        code = label.partition("-")[2]
        genders[code] = genders.get(code, 0.0) + p * ABOUT_WEIGHS
    for code, p in said.items():
        genders[code] = genders.get(code, 0.0) + p
    genders[NONE] = genders.get(NONE, 0.0) * NO_GENDER
    best = max(genders, key=lambda code: genders[code])
    return None if best == NONE else best


def crisis_odds(said: Mapping[str, float]) -> float:
    """The log odds that the meaning is a crisis of any kind."""
    sure = sum(said.get(kind, 0.0) for kind in CRISES)
    sure = min(max(sure, NEGLIGIBLE), 1.0 - NEGLIGIBLE)
    return math.log(sure / (1.0 - sure))
