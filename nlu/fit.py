"""Fits one fastText model; runs in the training environment, where the module `fasttext` is the one that trains.

Stands alone: no import from this project. Usage: python fit.py LINES MODEL SETTINGS-AS-JSON
Settings with "C" make a regularised logistic regression on fastText's features, saved as a fastText model: on few
messages of many hands it is clearly better than fastText's own training (docs/understanding.md).
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from itertools import pairwise
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
        model = linear(lines, chosen.pop("C"), chosen.pop("weights", None), chosen)
    else:
        model = fasttext.train_supervised(input=lines, thread=1, verbose=0, **chosen)
        if quantize is not None:
            model.quantize(input=lines, thread=1, verbose=0, **quantize)
    model.save_model(model_file + ".new")
    os.replace(model_file + ".new", model_file)


def linear(
    lines: str, strength: float, weights: Mapping[str, float] | None, settings: Mapping[str, Any]
) -> Any:
    """A fastText model whose softmax is that of a logistic regression with L2 strength 1 / `strength`.

    `weights` tell how many times a message of a label counts.

    One dimension for each label and the identity behind it make fastText's two matrices one: the mean of the rows of
    a text's features is what the regression adds up.
    """
    import fasttext
    import numpy  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from scipy.sparse import diags  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-not-found,import-untyped,unused-ignore]

    with open(lines, encoding="utf-8") as file:
        texts = [line.rstrip("\n").split(" ", 1) for line in file]
    labels = numpy.array([label for label, _text in texts])
    # only the dictionary of this model is kept
    model = fasttext.train_supervised(
        input=lines, dim=len(set(labels)), lr=1e-6, epoch=1, thread=1, verbose=0, **settings
    )
    size = len(model.words) + settings["bucket"]
    counts = features(model, settings, [text for _label, text in texts], size)
    seen = numpy.asarray((counts > 0).sum(0)).ravel()
    kept = numpy.flatnonzero(seen >= SEEN)
    counts = counts[:, kept]
    rarity = numpy.log((1 + len(texts)) / (1 + seen[kept])).astype(numpy.float32)
    means = diags(1 / numpy.maximum(1, numpy.asarray(counts.sum(1)).ravel())) @ counts @ diags(rarity)
    # to unit length on average, so that `strength` means the same for all
    scale = 1 / numpy.sqrt(means.multiply(means).sum(1).mean())
    regression = LogisticRegression(
        C=strength,
        class_weight=weights and {LABEL + label: weight for label, weight in weights.items()},
        solver="liblinear" if len(set(labels)) == 2 else "lbfgs",
        max_iter=STEPS,
        tol=TOLERANCE,
        random_state=1,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # STEPS is where figures stop to rise
        regression.fit((means * scale).tocsr().astype(numpy.float32), labels)
    slopes, biases = regression.coef_, regression.intercept_
    if len(slopes) == 1:  # of two labels sklearn tells the difference only
        slopes, biases = numpy.vstack((-slopes, slopes)) / 2, numpy.concatenate((-biases, biases)) / 2
    order = {label: at for at, label in enumerate(model.labels)}
    at = [order[label] for label in regression.classes_]
    rows = numpy.zeros((size, len(at)), numpy.float32)
    # the bias stands in every row, for the rows of a text are averaged
    rows[numpy.ix_(kept, at)] = (slopes * (rarity * scale)).T + biases
    model.set_matrices(rows, numpy.eye(len(at), dtype=numpy.float32))
    model.quantize(cutoff=len(kept), qnorm=True, dsub=2, verbose=0)
    return model


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
