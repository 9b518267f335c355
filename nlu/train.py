"""Trains the classifiers from data/nlu; the lines are made here, fitting happens in the training environment."""

from __future__ import annotations

import json
import random
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from nlu.classify import features
from nlu.lexicon import Lexicon
from nlu.messages import read_messages
from nlu.normalise import clean, fold

SEED = 7
MEANING = {
    "dim": 32,
    "minn": 2,
    "maxn": 5,
    "wordNgrams": 2,
    "bucket": 200_000,
    "minCount": 1,
    "lr": 0.5,
    "epoch": 25,
    "loss": "softmax",
    "quantize": {"cutoff": 60_000, "retrain": True, "qnorm": True, "epoch": 5, "lr": 0.2},
}


def meaning_lines(data: Path) -> Iterator[str]:
    """fastText lines of all messages with the label of their intent, shuffled with a fixed seed."""
    lexicons = {path.stem: Lexicon.read(path) for path in sorted(data.glob("lexicon/??*.yml"))}
    drawn = []
    for path in sorted(data.glob("nlu/*.yml")):
        for message in read_messages(path):
            if message.intent == "no_crisis":
                continue
            words = fold(clean(message.text)).split()
            if words:
                used = [lexicons[code] for code in (path.stem, "de") if code in lexicons]
                label = message.intent.removeprefix("crisis_")
                drawn.append(f"__label__{label} {features(words, dict.fromkeys(used))}")
    random.Random(SEED).shuffle(drawn)
    yield from drawn


def fit(lines: Iterable[str], model: Path, settings: Mapping[str, object], python: Path) -> None:
    """Fits and saves one model with the Python that has the training fastText. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.txt"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        script = Path(__file__).with_name("fit.py")
        command = [str(python), str(script), str(path), str(model), json.dumps(settings)]
        subprocess.run(command, check=True)  # noqa: S603 - our own script
