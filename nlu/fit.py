"""Fits one fastText model; runs in the training environment, where the module `fasttext` is the one that trains.

Stands alone: no import from this project. Usage: python fit.py LINES MODEL SETTINGS-AS-JSON
Settings with "C" make regularised logistic regressions on fastText's features, one for each label against the others
of its group ("person:child" against other persons), saved as one fastText model: on few messages of many hands they are
clearly better than fastText's own training and than one softmax (docs/understanding.md).
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from itertools import pairwise, takewhile
from typing import Any

LABEL = "__label__"
SEEN = 3
"""A feature of fewer messages than this tells nothing about the messages of others; it is left out."""
STEPS, TOLERANCE = 60, 1e-3
"""Of the optimiser; more change no figure."""


def main(lines: str, model_file: str, settings: str) -> None:
    import fasttext

    chosen = json.loads(settings)
    quantize = chosen.pop("quantize", None)
    if "C" in chosen:
        model = linear(lines, chosen.pop("C"), chosen)
    else:
        model = fasttext.train_supervised(input=lines, thread=1, verbose=0, **chosen)
        if quantize is not None:
            model.quantize(input=lines, thread=1, verbose=0, **quantize)
    model.save_model(model_file + ".new")
    os.replace(model_file + ".new", model_file)


def linear(lines: str, strength: float, settings: Mapping[str, Any]) -> Any:
    """A fastText model whose outputs are those of logistic regressions with L2 strength 1 / `strength`.

    A text takes part in the regressions of those groups of which it has a label. One dimension for each label, and one
    for all biases, with hardly more than the identity behind them make fastText's two matrices one: the mean of the
    rows of a text's features is what the regressions add up.
    """
    import fasttext
    import numpy  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from scipy.sparse import diags  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-not-found,import-untyped,unused-ignore]

    texts, several = _read(lines)
    groups = [{group_of(label) for label in labels} for labels in several]
    # only the dictionary of this model is kept
    model = fasttext.train_supervised(
        input=lines,
        dim=len({label for labels in several for label in labels}) + 1,
        loss="ova",
        lr=1e-6,
        epoch=1,
        thread=1,
        verbose=0,
        **settings,
    )
    size = len(model.words) + settings["bucket"]
    counts = features(model, settings, texts, size)
    seen = numpy.asarray((counts > 0).sum(0)).ravel()
    kept = numpy.flatnonzero(seen >= SEEN)
    counts = counts[:, kept]
    rarity = numpy.log((1 + len(texts)) / (1 + seen[kept])).astype(numpy.float32)
    means = diags(1 / numpy.maximum(1, numpy.asarray(counts.sum(1)).ravel())) @ counts @ diags(rarity)
    # to unit length on average, so that `strength` means the same for all
    scale = 1 / numpy.sqrt(means.multiply(means).sum(1).mean())
    means = (means * scale).tocsr().astype(numpy.float32)
    taking = {
        group: numpy.array([group in every for every in groups])
        for group in sorted({group for every in groups for group in every})
    }
    parts = {group: means[mask] for group, mask in taking.items()}
    rows = numpy.zeros((size, len(model.labels) + 1), numpy.float32)
    outputs = numpy.zeros((len(model.labels), len(model.labels) + 1), numpy.float32)
    for at, label in enumerate(model.labels):
        group = group_of(label)
        is_so = numpy.array([label in labels for labels in several])[taking[group]]
        regression = LogisticRegression(
            C=strength, solver="liblinear", max_iter=STEPS, tol=TOLERANCE, random_state=1
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # STEPS is where figures stop to rise
            regression.fit(parts[group], is_so)
        slopes = regression.coef_[0] * (rarity * scale)
        # all columns alike, so that rounding takes as little of each; the last is 1, for the bias
        spread = numpy.sqrt((slopes**2).mean())
        rows[kept, at] = slopes / spread
        outputs[at, at], outputs[at, -1] = spread, regression.intercept_[0]
    rows[kept, -1] = 1.0
    model.set_matrices(rows, outputs)
    model.quantize(cutoff=len(kept), qnorm=False, dsub=1, verbose=0)  # rougher costs two points
    return model


def group_of(label: str) -> str:
    """What the labels are about among which this one is: "person" of "__label__person:child"."""
    return label.removeprefix(LABEL).rpartition(":")[0]


def _read(lines: str) -> tuple[list[str], list[frozenset[str]]]:
    """The texts of a file of lines and their labels."""
    texts, several = [], []
    with open(lines, encoding="utf-8") as file:
        for line in file:
            parts = line.rstrip("\n").split(" ")
            labels = list(takewhile(lambda part: part.startswith(LABEL), parts))
            texts.append(" ".join(parts[len(labels) :]))
            several.append(frozenset(labels))
    return texts, several


def features(model: Any, settings: Mapping[str, Any], texts: Sequence[str], size: int) -> Any:
    """How often each text has each of fastText's features: words, their letters, pairs of words (a sparse matrix)."""
    import numpy  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from scipy.sparse import csr_matrix  # type: ignore[import-not-found,import-untyped,unused-ignore]

    known: dict[str, tuple[list[int], int]] = {}

    def of_word(word: str) -> tuple[list[int], int]:
        if word not in known:
            known[word] = ([int(number) for number in model.get_subwords(word)[1]], _hash(word))
        return known[word]

    ends, columns = [0], list[int]()
    for text in texts:
        words = [of_word(word) for word in [*text.split(), "</s>"]]
        for numbers, _code in words:
            columns += numbers
        if settings["wordNgrams"] > 1:
            for (_one, first), (_other, second) in pairwise(words):
                pair = (first * 116049371 + second) % 2**64
                columns.append(len(model.words) + pair % settings["bucket"])
        ends.append(len(columns))
    ones = numpy.ones(len(columns), numpy.float32)
    matrix = csr_matrix(
        (ones, numpy.array(columns, numpy.int64), numpy.array(ends)), shape=(len(texts), size)
    )
    matrix.sum_duplicates()
    return matrix


def _hash(word: str) -> int:
    """fastText's hash of a word (FNV-1a over signed bytes) as the signed number by which it joins words."""
    code = 2166136261
    for byte in word.encode():
        code = (code ^ (byte if byte < 128 else byte | 0xFFFFFF00)) * 16777619 % 2**32
    return code if code < 2**31 else code - 2**32


if __name__ == "__main__":
    main(*sys.argv[1:])
