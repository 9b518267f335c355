"""What a message is about: its kind (need or act), the need, a crisis. fastText classifiers over words and concepts.

Concepts (c_sleep, c_not) come from the word lists, so that what is learned in one language helps the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import fasttext

from nlu.language import Model
from nlu.lexicon import Lexicon
from nlu.values import CRISES, INTENTS, NEEDS

CRISIS_SURE = 0.5


def features(words: Sequence[str], lexicons: Iterable[Lexicon]) -> str:
    """The line a classifier reads: folded words and the names of the concepts in them."""
    concepts = dict.fromkeys(
        f"c_{name}" for lexicon in lexicons for name, _start, _end in lexicon.concepts.find(words)
    )
    return " ".join((*words, *concepts))


class Classifier:
    """One model whose labels are needs, acts and kinds of crisis."""

    def __init__(self, model: Model) -> None:
        self._model = model

    @classmethod
    def load(cls, path: Path) -> Classifier:
        """Reads a model file that `python -m nlu train` made."""
        return cls(fasttext.load_model(str(path)))

    def classify(self, line: str) -> dict[str, float]:
        """Label → probability for a line of features."""
        labels, values = self._model.predict(line, k=-1)
        return {label[9:]: min(1.0, p) for label, p in zip(labels, values, strict=True)}


def ranked_needs(said: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """The needs, likeliest first, with probabilities among themselves."""
    total = sum(said.get(need, 0.0) for need in NEEDS)
    if total <= 0:
        return ()
    ranked = sorted(((need, said.get(need, 0.0) / total) for need in NEEDS), key=lambda pair: -pair[1])
    return tuple((need, round(p, 4)) for need, p in ranked[:5] if p >= 0.02)


def intent(said: Mapping[str, float]) -> tuple[str, float]:
    """The likeliest intent; every need and every crisis counts for "need"."""
    needs = sum(p for label, p in said.items() if label in NEEDS or label in CRISES)
    acts = {label: p for label, p in said.items() if label in INTENTS}
    best = max(acts, key=lambda label: acts[label], default="out_of_scope")
    return ("need", needs) if needs >= acts.get(best, 0.0) else (best, acts[best])
