"""Five small fastText classifiers: meaning, crisis or not, whom it concerns, who lives there, is this number an age.

They read words and signs of the concepts found, so that what is learned in one language helps the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

import fasttext

from nlu.language import Model
from nlu.lexicon import CONCEPT, KINDS, Reading
from nlu.values import CRISES, INTENTS, NEEDS

MODELS = ("meaning", "crisis", "about", "family", "age")
SIGNS = (CONCEPT, *KINDS)
CRISIS, NONE, WISH, HARD_NEGATIVE = "crisis", "none", "wish", "no_crisis"
_PRIVATE = 6400  # characters of the private use area
TEMPERATURE = 1.0
"""Flattens a softmax that is surer than it is right; the value with the least log loss in cross-validation."""
NEGLIGIBLE = 1e-5
NO_NEED, MENTIONED = 0.02, 0.15
"""Needs are told where they are not all unlikely and need or crisis together reach this, though an act be likelier."""

OUT_OF_SCOPE = "out_of_scope"
NOTHING, HARDLY = 0.5, 0.2
"""A message that is so likely nothing, and whose needs are together less likely than this, is out of scope; chosen on
one half of the held-out messages."""


@cache
def sign(name: str) -> str:
    """Two characters of the private use area for a concept or fact: few character n-grams, of no language."""
    first, second = divmod(crc32(name.encode()) % _PRIVATE**2, _PRIVATE)
    return chr(0xE000 + first) + chr(0xE000 + second)


def line_of(words: Sequence[str], emoji: Sequence[str], signs: str) -> str:
    """What the main classifiers read: folded words, emoji, signs."""
    return " ".join((*words, *emoji, signs))


def signs(readings: Sequence[Reading]) -> str:
    """The signs of what the word lists find."""
    return " ".join(
        dict.fromkeys(
            sign(f"{kind}:{name}") for kind in SIGNS for reading in readings for name in reading.names(kind)
        )
    )


def twice(found: str) -> str:
    """Signs for all but the crisis classifier: features are averaged, and once would weigh little (measured)."""
    return f"{found} {found}" if found else ""


def household_line(words: Sequence[str], emoji: Sequence[str], found: str) -> str:
    """What the classifier of the household reads: mostly signs, which weigh five times (measured), and words."""
    return line_of(words, emoji, " ".join([found] * 5) if found else "")


class Classifier:
    """One fastText model as label → probability; labels below NEGLIGIBLE are left out."""

    def __init__(self, model: Model, temperature: float = 1.0) -> None:
        self._model = model
        self._power = 1.0 / temperature

    @classmethod
    def load(cls, path: Path, temperature: float = 1.0) -> Classifier:
        """Reads a model file that `python -m nlu train` made."""
        return cls(fasttext.load_model(str(path)), temperature)

    def classify(self, line: str) -> dict[str, float]:
        """Label → probability for a line of features."""
        labels, values = self._model.predict(line, k=-1, threshold=NEGLIGIBLE)
        if self._power == 1.0:
            return {label[9:]: min(1.0, p) for label, p in zip(labels, values, strict=True)}
        powers = [p**self._power for p in values]
        total = sum(powers)
        return {label[9:]: p / total for label, p in zip(labels, powers, strict=True)}


@dataclass(frozen=True, slots=True)
class Classifiers:
    """All of them: the first four read words and signs, `age` the words around a number."""

    meaning: Classifier
    crisis: Classifier
    about: Classifier
    family: Classifier
    age: Classifier

    @classmethod
    def load(cls, folder: Path) -> Classifiers:
        """Reads MODELS from a folder."""
        return cls(
            *(
                Classifier.load(folder / f"{name}.ftz", TEMPERATURE if name == "meaning" else 1.0)
                for name in MODELS
            )
        )


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
    if needs < acts.get(best, 0.0):
        return best, acts[best]
    nothing = said.get(HARD_NEGATIVE, 0.0) + said.get(OUT_OF_SCOPE, 0.0)
    if nothing >= NOTHING and sum(said.get(need, 0.0) for need in NEEDS) < HARDLY:
        return OUT_OF_SCOPE, nothing
    return "need", needs


def person_and_gender(said: Mapping[str, float]) -> tuple[str, str | None]:
    """The likeliest person of labels `person-gender`, and the gender told of them."""
    persons: dict[str, float] = {}
    for label, p in said.items():
        person = label.partition("-")[0]
        persons[person] = persons.get(person, 0.0) + p
    person = max(persons, key=lambda code: persons[code])
    genders = {label.partition("-")[2]: p for label, p in said.items() if label.startswith(f"{person}-")}
    gender = max(genders, key=lambda code: genders[code])
    return person, None if gender == NONE else gender
