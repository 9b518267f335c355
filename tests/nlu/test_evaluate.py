"""The figures: what counts as right, how many were counted, and the interval."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nlu.__main__ import main
from nlu.evaluate import Share, evaluate, evaluate_language
from nlu.language import Heard
from nlu.values import Hints, Understanding

GOLD: dict[str, Any] = {
    "lang": "prs",
    "text": "x",
    "needs": ["sleep", "trauma"],
    "crisis": None,
    "intent": "need",
    "age": 23,
    "age_band": "young_adult",
    "gender": None,
    "family": ["children"],
    "person": "self",
}


def figures(said: Understanding, **changed: Any) -> dict[str, Any]:
    told: dict[str, Any] = evaluate([GOLD | changed], lambda _text, _hints: said)["all"]
    return {name: figure["value"] for name, figure in told.items() if isinstance(figure, dict)}


def test_the_wilson_interval_is_that_of_the_books() -> None:
    assert Share(8, 10).figures() == {"value": 0.8, "n": 10, "interval": [0.4902, 0.9433]}
    assert Share(0, 0).figures() == {"value": None, "n": 0, "interval": None}


def test_everything_right() -> None:
    said = Understanding(
        candidates=(("fas", 0.99),),
        intent="need",
        needs=(("trauma", 0.6), ("sleep", 0.3)),
        age=23,
        age_band="young_adult",
        family=frozenset({"children"}),
        person="self",
    )
    told = figures(said)
    right = ("need_top1", "need_recall3", "intent_accuracy", "age_accuracy", "gender_accuracy", "family_f1")
    assert {told[name] for name in (*right, "person_accuracy", "language_accuracy", "answered_accuracy")} == {
        1.0
    }
    assert (told["crisis_recall"], told["crisis_false_alarms"], told["asked"]) == (None, 0.0, 0.0)


def test_everything_wrong() -> None:
    said = Understanding(
        candidates=(("ur", 0.5),), intent="greet", needs=(("grief", 0.9),), crisis="danger", gender="male"
    )
    told = figures(said)
    wrong = ("need_top1", "need_recall3", "intent_accuracy", "age_accuracy", "gender_accuracy", "family_f1")
    assert {told[name] for name in (*wrong, "person_accuracy", "language_accuracy")} == {0.0}
    assert (told["crisis_false_alarms"], told["asked"]) == (1.0, 1.0)


def test_any_kind_of_crisis_counts_as_seen() -> None:
    told = figures(Understanding(crisis="danger"), crisis="suicide", age=None, age_band=None)
    assert (told["crisis_recall"], told["crisis_kind_accuracy"], told["age_false"]) == (1.0, 0.0, 0.0)


def test_language_figures(tmp_path: Path) -> None:
    path = tmp_path / "texts.tsv"
    path.write_text("prs\ta\nfa\tb\narabizi\tcase\tc\npl\td\n", encoding="utf-8")
    answers = {"a": "fas", "b": "ur", "c": "ar", "d": "other"}

    def hear(text: str, _hints: Hints) -> Heard:
        return Heard(answers[text], ((answers[text], 0.9),), {})

    told = evaluate_language([path], hear)
    assert told["messages"] == 4
    assert told["f1"] == {"ar": 1.0, "fas": pytest.approx(0.6667)}
    assert told["macro_f1"] == pytest.approx(0.8333)
    assert told["accuracy"]["value"] == 0.75
    assert told["cases"]["case"]["value"] == 1.0


def test_both_commands_print_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    messages, texts = tmp_path / "m.jsonl", tmp_path / "t.tsv"
    messages.write_text(json.dumps(GOLD | {"text": "خواب ندارم"}) + "\n", encoding="utf-8")
    texts.write_text("de\tich kann nicht schlafen\n", encoding="utf-8")
    assert main(["evaluate", str(messages), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["all"]["messages"] == 1
    assert main(["evaluate-language", str(texts), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["macro_f1"] == 1.0


def test_explain_shows_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "ich will nicht mehr leben, meine tochter ist 9"]) == 0
    shown = capsys.readouterr().out
    for part in ("suicide", "de/", "classifier meaning", "what weighed most", "daughter"):
        assert part in shown
