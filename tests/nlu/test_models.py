"""The committed models: small, up to date, as good as the documentation says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nlu import DATA, understand
from nlu.__main__ import HELD_OUT
from nlu.evaluate import evaluate, read_examples
from nlu.words import COMPILED, compile_words

FLOORS = {
    "need_top1": 0.81,
    "need_recall3": 0.92,
    "crisis_recall": 0.95,
    "intent_accuracy": 0.92,
    "age_accuracy": 0.905,  # .93
    "gender_accuracy": 0.87,  # .90
    "family_f1": 0.84,  # .85
    "person_accuracy": 0.88,
    "language_accuracy": 0.98,
}
"""Reached on the held-out messages, not to be lost; where it is less than is wanted, that stands behind."""
CEILINGS = {"crisis_false_alarms": 0.11, "age_false": 0.02}  # to reach: .03 and .02
FLOORS_EACH = {"need_top1": 0.70, "crisis_recall": 0.86}  # to reach: .70 and .90


def test_the_language_model_is_small() -> None:
    assert (DATA / "models/language.ftz").stat().st_size <= 1_500_000


def test_word_lists_are_compiled() -> None:
    assert (DATA / COMPILED).read_bytes() == compile_words(DATA), "run `python -m nlu train`"


def test_understanding_loads_quickly_and_takes_little_memory() -> None:
    program = (
        "import resource, time; began = time.perf_counter(); before = resource.getrusage(0).ru_maxrss;"
        "from nlu import understand; understand('ich kann nicht schlafen');"
        "print(time.perf_counter() - began, (resource.getrusage(0).ru_maxrss - before) / 1024)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    seconds, megabytes = map(float, ran.stdout.split())
    assert seconds < 1.5  # three times what it takes
    assert megabytes < 65  # to reach: 60


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    files = sorted(Path(HELD_OUT).glob("*.jsonl"))
    return evaluate(read_examples(files), understand)


@pytest.mark.parametrize("name", FLOORS)
def test_figures_do_not_fall(figures: dict[str, Any], name: str) -> None:
    assert figures["all"][name]["value"] >= FLOORS[name]


@pytest.mark.parametrize("name", CEILINGS)
def test_mistakes_stay_few(figures: dict[str, Any], name: str) -> None:
    assert figures["all"][name]["value"] <= CEILINGS[name]


@pytest.mark.parametrize("name", FLOORS_EACH)
def test_no_language_is_left_behind(figures: dict[str, Any], name: str) -> None:
    values = {code: each[name]["value"] for code, each in figures["languages"].items()}
    assert all(value >= FLOORS_EACH[name] for value in values.values()), values
