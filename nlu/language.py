"""Which language a message is written in, or that it should be asked: script, model, weak prior, earlier messages.

The order is the one that held up in measurement (docs/understanding.md). Knows nothing of needs or crises.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Protocol

import fasttext

from nlu.normalise import fold
from nlu.values import Hints

LANGUAGES = (
    "ar",
    "prs",
    "fa",
    "kmr",
    "ckb",
    "ps",
    "ur",
    "tr",
    "uk",
    "ru",
    "ti",
    "am",
    "so",
    "en",
    "fr",
    "de",
)
"""The languages that the project speaks or prepares; the model tells five more and many that it rejects."""
PERSIAN = "fas"
"""Dari or Iranian Persian: a chat message does not tell which, so the person is asked once."""
NAMED = (PERSIAN, *(code for code in LANGUAGES if code not in ("prs", "fa")), "az", "bcs", "hy", "ka", "sq")
"""The labels of the model that are named; what it knows beside them becomes OTHER."""
OTHER = "other"
REJECTED = "x_"

SURE = 0.8
SURE_TO_SWITCH = 0.9
FEW_WORDS = 2
"""Below SURE, or with FEW_WORDS and no earlier message, the person is asked; see shared measurements in docs."""
NEGLIGIBLE = 1e-5
OTHER_WEIGHT = 0.6
"""Many rejected languages add up to "other"; the bot's own are likelier here than in the training texts."""
APP_WEIGHT = 3.0
"""How many times likelier the language of the app makes a language: weak, phones are often set to English."""
LIKELY_AGAIN, HEARD_LAST = 0.5, 0.3
"""A second message in a row that is likely in another language switches too; evidence of one is at least this."""
HISTORY_WEIGHT = 2.0
FADING = 0.6
_AT_MOST_WORDS = 30
_APP_LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "ku": ("kmr", "ckb"),
    "fa": (PERSIAN,),
    "prs": (PERSIAN,),
    "sr": ("bcs",),
    "hr": ("bcs",),
    "bs": ("bcs",),
} | {code: (code,) for code in LANGUAGES if code not in ("fa", "prs")}

UNKNOWN = "zzzz"
_SCRIPTS = (
    (0x0041, 0x024F, "latn"),
    (0x1E00, 0x1EFF, "latn"),
    (0x0600, 0x077F, "arab"),
    (0x08A0, 0x08FF, "arab"),
    (0xFB50, 0xFDFF, "arab"),
    (0xFE70, 0xFEFF, "arab"),
    (0x0400, 0x052F, "cyrl"),
    (0x1200, 0x139F, "ethi"),
    (0x2D80, 0x2DDF, "ethi"),
    (0xAB00, 0xAB2F, "ethi"),
    (0x0530, 0x058F, "armn"),
    (0x10A0, 0x10FF, "geor"),
    (0x1C90, 0x1CBF, "geor"),
    (0x0370, 0x03FF, "grek"),
    (0x1F00, 0x1FFF, "grek"),
    (0x0900, 0x097F, "deva"),
)
_NOISE = re.compile(r"https?://\S+|www\.\S+|[@/#]\w+|\S+@\S+")
_WORDS = re.compile(r"[^\W_]+")


class Model(Protocol):
    """What is needed of fastText: one line of text to labels and probabilities."""

    def predict(
        self, text: str, k: int = 1, threshold: float = 0.0
    ) -> tuple[tuple[str, ...], Iterable[float]]: ...


def script_of(word: str) -> str:
    """The script of a word's first letter as ISO 15924 says it in small letters; UNKNOWN when it is none of ours.

    Digits are no letters: they stand for Arabic ones in "7elw" and "3ndi".
    """
    first = word[0] if not word[0].isdecimal() else next(filter(str.isalpha, word), word[0])
    code = ord(first)
    for low, high, name in _SCRIPTS:
        if low <= code <= high:
            return name
    return UNKNOWN


def words_of(cleaned: str) -> list[str]:
    """The words of a cleaned text that can tell a language: no links, mentions, commands or bare numbers."""
    if "/" in cleaned or "@" in cleaned or "#" in cleaned or "www" in cleaned:
        cleaned = _NOISE.sub(" ", cleaned)
    return [word for word in _WORDS.findall(cleaned) if not word.isnumeric()][:_AT_MOST_WORDS]


def main_script(words: Iterable[str]) -> str:
    """The script of most letters; Latin counts half, because German words stand in everybody's messages."""
    letters: Counter[str] = Counter()
    for word in words:
        script = script_of(word)
        letters[script] += len(word) if script == "latn" else 2 * len(word)
    return letters.most_common(1)[0][0] if letters else ""


@dataclass(frozen=True, slots=True)
class Heard:
    """The language of a message: None means ask; `candidates` ranked, `evidence` to be kept for the next message.

    `probabilities` is what the text alone says; `script` its main script, empty without letters;
    `latin` tells whether any of it is in Latin letters.
    """

    language: str | None
    candidates: tuple[tuple[str, float], ...]
    evidence: Mapping[str, float]
    script: str = ""
    latin: bool = False
    probabilities: Mapping[str, float] = field(default_factory=dict)


class Languages:
    """Detects languages with one small fastText model whose labels are `language_script`."""

    def __init__(self, model: Model, telling: Mapping[str, frozenset[str]] | None = None) -> None:
        """`telling` holds for prs and fa the folded words that the other does not use."""
        self._model = model
        self._telling = telling or {}
        self._labels: dict[str, tuple[str, str, float]] = {}

    @classmethod
    def load(cls, path: Path, telling: Mapping[str, frozenset[str]] | None = None) -> Languages:
        """Reads the model file that `python -m nlu train-language` made."""
        return cls(fasttext.load_model(str(path)), telling)

    def probabilities(self, words: list[str], script: str) -> dict[str, float]:
        """What the model says of these words, limited to this script; rejected languages add up to "other"."""
        labels, values = self._model.predict(" ".join(words), k=-1, threshold=NEGLIGIBLE)
        found: dict[str, float] = {}
        for label, p in zip(labels, values, strict=True):
            code, written, weight = self._labels.get(label) or self._read(label)
            if written == script:
                found[code] = found.get(code, 0.0) + p * weight
        total = sum(found.values())
        return {code: p / total for code, p in found.items()} if total > 0 else {}

    def _read(self, label: str) -> tuple[str, str, float]:
        """The language of a model's label, its script, and the weight that its probability gets."""
        language, _, script = label[9:].rpartition("_")
        read = (OTHER, script, OTHER_WEIGHT) if language.startswith(REJECTED) else (language, script, 1.0)
        self._labels[label] = read
        return read

    def hear(self, cleaned: str, hints: Hints) -> Heard:
        """The language of a cleaned text, or the ranked languages to ask for."""
        words = words_of(cleaned)
        script = main_script(words)
        app = _APP_LANGUAGES.get((hints.app_language or "").lower().partition("-")[0], ())
        if not words:
            return self._without_letters(hints, app)
        said = self.probabilities(words, script) or {OTHER: 1.0}
        weighted = {
            code: p * (APP_WEIGHT if code in app else 1.0) * _weight_of(hints.history.get(code))
            for code, p in said.items()
        }
        total = sum(weighted.values())
        ranked = sorted(((code, p / total) for code, p in weighted.items()), key=itemgetter(1), reverse=True)
        language = self._decide(ranked[0], said, len(words), hints)
        evidence = _remember(hints.history, said, len(words), language)
        if language == PERSIAN:
            language = self._dari_or_persian(fold(cleaned).split())
        candidates = tuple((code, round(p, 4)) for code, p in ranked[:5] if p >= 0.001)
        latin = script == "latn" or any(script_of(word) == "latn" for word in words)
        return Heard(hints.chosen or language, candidates, evidence, script, latin, said)

    def _without_letters(self, hints: Hints, app: tuple[str, ...]) -> Heard:
        before = max(hints.history, key=lambda code: hints.history[code], default=None)
        codes = (before,) if before is not None else app
        candidates = tuple((code, 1.0 / len(codes)) for code in codes)
        only = candidates[0][0] if len(candidates) == 1 and candidates[0][0] not in (PERSIAN, OTHER) else None
        return Heard(hints.chosen or only, candidates, dict(hints.history))

    def _decide(
        self, best: tuple[str, float], said: Mapping[str, float], words: int, hints: Hints
    ) -> str | None:
        """The language to answer in; None when it should be asked. `said` is what the text alone says."""
        code, p = best
        before = max(hints.history, key=lambda code: hints.history[code], default=None)
        if before is not None:
            now = max(said, key=lambda code: said[code])
            certain = said[now] >= SURE_TO_SWITCH and words > FEW_WORDS
            again = said[now] >= LIKELY_AGAIN and hints.history.get(now, 0.0) >= HEARD_LAST
            return now if now != OTHER and (certain or again) else before
        if code == OTHER or p < SURE or (words <= FEW_WORDS and len(said) > 1):
            return None
        return code

    def _dari_or_persian(self, words: Iterable[str]) -> str | None:
        telling = [code for code, theirs in self._telling.items() if any(word in theirs for word in words)]
        return telling[0] if len(telling) == 1 else None


def _weight_of(evidence: float | None) -> float:
    return math.exp(HISTORY_WEIGHT * min(2.0, evidence)) if evidence else 1.0


def _remember(
    history: Mapping[str, float], said: Mapping[str, float], words: int, language: str | None
) -> dict[str, float]:
    weight = min(1.0, words / 3)
    kept = {code: FADING * value for code, value in history.items()}
    for code, p in said.items():
        if code != OTHER:
            kept[code] = kept.get(code, 0.0) + weight * p
    if language in kept:  # what is spoken stays first until the rule for switching says otherwise
        most = max(kept.values())
        kept[language] = max(kept[language], most + 0.01)
    return {code: round(value, 3) for code, value in kept.items() if value >= 0.05}
