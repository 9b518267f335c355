"""Measures understanding on labelled messages and language detection on labelled texts; prints nothing itself.

The figures are those of docs/understanding.md: counts behind each, with a 95 % Wilson interval.
"""

from __future__ import annotations

import json
import math
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlu.language import NAMED, OTHER, PERSIAN, SURE, Heard
from nlu.values import Hints, Understanding

ONE_LABEL = {"prs": PERSIAN, "fa": PERSIAN, "arabizi": "ar", "ar_latn": "ar"}
"""Dari and Iranian Persian count as one language, Arabic in Latin letters as Arabic."""
Z = 1.959964  # of a 95 % interval
Understand = Callable[[str, Hints], Understanding]
Hear = Callable[[str, Hints], Heard]


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, as a figure with its interval."""

    hits: int
    of: int

    def figures(self) -> dict[str, Any]:
        """value, n and the 95 % Wilson interval (Wilson 1927); value None where there is nothing to count."""
        if not self.of:
            return {"value": None, "n": 0, "interval": None}
        p, n = self.hits / self.of, self.of
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        low, high = max(0.0, middle - half), min(1.0, middle + half)
        return {"value": round(p, 4), "n": n, "interval": [round(low, 4), round(high, 4)]}


def read_examples(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """The labelled messages of JSON-lines files."""
    return [
        json.loads(line)
        for path in paths
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


def evaluate(examples: Sequence[dict[str, Any]], understand: Understand) -> dict[str, Any]:
    """All figures over all messages and per language."""
    judged = []
    for example in examples:
        began = time.perf_counter()
        said = understand(example["text"], Hints())
        judged.append((example, said, (time.perf_counter() - began) * 1000))
    languages: dict[str, list[tuple[dict[str, Any], Understanding, float]]] = defaultdict(list)
    for one in judged:
        languages[one[0]["lang"]].append(one)
    return {
        "all": _figures(judged),
        "languages": {code: _figures(languages[code]) for code in sorted(languages)},
        "confused_languages": _confused(
            (one_label(example["lang"]), top_language(said)) for example, said, _ms in judged
        ),
    }


def _figures(judged: Sequence[tuple[dict[str, Any], Understanding, float]]) -> dict[str, Any]:
    shares: dict[str, Callable[[dict[str, Any], Understanding], Iterable[bool]]] = {
        "need_top1": lambda gold, said: (
            [bool(said.needs) and said.needs[0][0] in gold["needs"]] if gold["needs"] else ()
        ),
        "need_recall3": lambda gold, said: (
            need in [code for code, _p in said.needs[:3]] for need in gold["needs"]
        ),
        "crisis_recall": lambda gold, said: [said.crisis is not None] if gold["crisis"] else (),
        "crisis_false_alarms": lambda gold, said: [said.crisis is not None] if not gold["crisis"] else (),
        "crisis_kind_accuracy": lambda gold, said: [said.crisis == gold["crisis"]] if gold["crisis"] else (),
        "intent_accuracy": lambda gold, said: [said.intent == gold["intent"]],
        "age_accuracy": lambda gold, said: [said.age_band == gold["age_band"]] if gold["age_band"] else (),
        "age_false": lambda gold, said: [said.age_band is not None] if not gold["age_band"] else (),
        "gender_accuracy": lambda gold, said: [said.gender == gold["gender"]],
        "person_accuracy": lambda gold, said: [said.person == gold["person"]] if gold["person"] else (),
        "language_accuracy": lambda gold, said: [top_language(said) == one_label(gold["lang"])],
        "asked": lambda _gold, said: [asks(said)],
        "answered_accuracy": lambda gold, said: (
            [top_language(said) == one_label(gold["lang"])] if not asks(said) else ()
        ),
    }
    figures: dict[str, Any] = {"messages": len(judged)}
    for name, marks in shares.items():
        every = [mark for gold, said, _ms in judged for mark in marks(gold, said)]
        figures[name] = Share(sum(every), len(every)).figures()
    both = sum(len(said.family & set(gold["family"])) for gold, said, _ms in judged)
    told = sum(len(gold["family"]) for gold, _said, _ms in judged)
    heard = sum(len(said.family) for _gold, said, _ms in judged)
    # F1 is the share of agreeing pairs among all pairs (Dice), so that the Wilson interval is an approximation
    figures["family_f1"] = Share(2 * both, told + heard).figures()
    figures["ms_per_message"] = round(statistics.median([ms for _gold, _said, ms in judged] or [0.0]), 3)
    return figures


def one_label(language: str) -> str:
    """The label by which a language is scored."""
    return ONE_LABEL.get(language, language)


def top_language(said: Understanding | Heard) -> str | None:
    """The likeliest language, even where the person would be asked."""
    return one_label(said.candidates[0][0]) if said.candidates else None


def asks(said: Understanding | Heard) -> bool:
    """Whether the person is asked for the language; the one question "Dari or Persian" is not counted."""
    certainly_persian = bool(said.candidates) and said.candidates[0][0] == PERSIAN
    return said.language is None and not (certainly_persian and said.candidates[0][1] >= SURE)


def evaluate_language(paths: Sequence[Path], hear: Hear) -> dict[str, Any]:
    """Figures of language detection over lines `lang<TAB>text` or `lang<TAB>case<TAB>text` (accuracy per case).

    A language that the detector does not know is expected as "other".
    """
    texts = []
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            language, *case, text = line.split("\t")
            texts.append((language, text, *case[:1]))
    began = time.perf_counter()
    heard = [hear(text, Hints()) for _language, text, *_case in texts]
    seconds = time.perf_counter() - began
    golds = [gold if (gold := one_label(language)) in NAMED else OTHER for language, *_text in texts]
    tops = [top_language(said) for said in heard]
    f1 = {
        label: _f1(label, golds, tops)
        for label in sorted(set(golds))
        if label != OTHER or len(set(golds)) == 1
    }
    cases: dict[str, list[bool]] = defaultdict(list)
    for (_language, _text, *case), gold, top in zip(texts, golds, tops, strict=True):
        for name in case:
            cases[name].append(gold == top)
    answered = [top == gold for gold, top, said in zip(golds, tops, heard, strict=True) if not asks(said)]
    return {
        "messages": len(texts),
        "macro_f1": round(sum(f1.values()) / len(f1), 4) if f1 else None,
        "accuracy": Share(sum(map(_same, golds, tops)), len(texts)).figures(),
        "f1": {label: round(value, 4) for label, value in f1.items()},
        "cases": {name: Share(sum(hits), len(hits)).figures() for name, hits in sorted(cases.items())},
        "asked": Share(len(texts) - len(answered), len(texts)).figures(),
        "answered_accuracy": Share(sum(answered), len(answered)).figures(),
        "texts_per_second": round(len(texts) / seconds) if seconds else None,
        "confused_languages": _confused(zip(golds, tops, strict=True)),
    }


def _same(one: object, other: object) -> bool:
    return one == other


def _f1(label: str, golds: Sequence[str], tops: Sequence[str | None]) -> float:
    both = sum(gold == top == label for gold, top in zip(golds, tops, strict=True))
    either = golds.count(label) + tops.count(label)
    return 2 * both / either if either else 0.0


def _confused(pairs: Iterable[tuple[str, str | None]]) -> dict[str, dict[str, int]]:
    """Gold label → predicted label → how often, for the wrong ones."""
    counted = Counter((gold, top or "none") for gold, top in pairs if gold != top)
    table: dict[str, dict[str, int]] = defaultdict(dict)
    for (gold, top), times in counted.most_common():
        table[gold][top] = times
    return dict(sorted(table.items()))
