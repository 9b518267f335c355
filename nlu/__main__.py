"""The command line of understanding: train, train-language, explain, check, evaluate, evaluate-language."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nlu import DATA, Hints, Understander

HELD_OUT = DATA.parent / "tests/nlu/heldout"
TRAINING = DATA.parent / ".venv-train"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the result is the exit code."""
    chosen = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = chosen.run
    return run(chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nlu", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=help, description=help)
        one.set_defaults(run=run)
        return one

    train = command("train", _train, "Compile the word lists and train all models but the language model.")
    language = command("train-language", _train_language, "Train the language model.")
    language.add_argument("corpus", type=Path, help="folder of LANG.tsv.gz files (source<TAB>text)")
    for one in (train, language):
        one.add_argument("--python", type=Path, help="a Python that has the training fastText")
    explain = command("explain", _explain, "Show what is understood of a text and why.")
    explain.add_argument("text")
    explain.add_argument("--chosen", help="language that the person chose")
    explain.add_argument("--app-language", help="Telegram's language_code")
    check = command(
        "check", _check, "Check messages, word lists and crisis rules; exit 1 when something is wrong."
    )
    check.add_argument(
        "further", nargs="*", type=Path, help="labelled messages that must not be in the training data"
    )
    evaluate = command("evaluate", _evaluate, "Measure understanding on labelled messages (JSON lines).")
    by_language = command(
        "evaluate-language", _evaluate_language, "Measure language detection (lang<TAB>text)."
    )
    for one in (evaluate, by_language):
        one.add_argument("files", nargs="+", type=Path)
        one.add_argument("--json", action="store_true", help="print JSON")
        one.add_argument("--markdown", action="store_true", help="print tables as in docs/understanding.md")
    evaluate.add_argument("--baseline", choices=["keywords"], help="measure counting concepts instead")
    by_language.add_argument("--baseline", help="measure pycld2, or a fastText model (its path), instead")
    return parser


def _python(chosen: argparse.Namespace) -> Path:
    from nlu.train import training_python

    return chosen.python or training_python(TRAINING)


def _train(chosen: argparse.Namespace) -> int:
    from nlu.train import train

    python = _python(chosen)
    began = time.monotonic()
    train(DATA, python)
    print(f"trained in {time.monotonic() - began:.0f} s")
    return 0


def _train_language(chosen: argparse.Namespace) -> int:
    from nlu.train import fit
    from nlu.train_language import SETTINGS, lines

    python = _python(chosen)
    began = time.monotonic()
    fit(lines(chosen.corpus, DATA), DATA / "models/language.ftz", SETTINGS, python)
    print(f"trained in {time.monotonic() - began:.0f} s")
    return 0


def _explain(chosen: argparse.Namespace) -> int:
    from rich.console import Console

    from nlu.explain import explain

    explain(Understander.load(DATA), chosen.text, Hints(chosen.chosen, chosen.app_language), Console())
    return 0


def _check(chosen: argparse.Namespace) -> int:
    from nlu.check import problems

    found = list(problems(DATA, [*sorted(HELD_OUT.glob("*.jsonl")), *chosen.further]))
    for problem in found:
        print(problem)
    print(f"{len(found)} problems" if found else "nothing wrong")
    return 1 if found else 0


def _evaluate(chosen: argparse.Namespace) -> int:
    from nlu.evaluate import Understand, evaluate, read_examples

    understander = Understander.load(DATA)
    understand: Understand = understander.understand
    if chosen.baseline:
        from nlu.baselines import Keywords

        understand = Keywords(understander).understand
    return _show(evaluate(read_examples(chosen.files), understand), chosen)


def _evaluate_language(chosen: argparse.Namespace) -> int:
    from nlu.evaluate import Hear, evaluate_language

    hear: Hear = Understander.load(DATA).hear
    if chosen.baseline:
        from nlu.baselines import detector

        hear = detector(chosen.baseline)
    return _show(evaluate_language(chosen.files, hear), chosen)


def _show(figures: dict[str, Any], chosen: argparse.Namespace) -> int:
    if chosen.json:
        print(json.dumps(figures, ensure_ascii=False, indent=1))
    elif chosen.markdown:
        print(as_markdown(figures))
    else:
        _print_flat(figures)
    return 0


def as_markdown(figures: dict[str, Any]) -> str:
    """Tables of the figures: of understanding with a column per language, or of language detection."""
    lines = []
    if "languages" in figures:
        columns = {"all": figures["all"], **figures["languages"]}
        lines += ["| | " + " | ".join(columns) + " | 95 % interval, all |", "|---" * (len(columns) + 2) + "|"]
        for name, of_all in figures["all"].items():
            shown = [each[name] for each in columns.values()]
            values = [_short(one["value"] if isinstance(one, dict) else one) for one in shown]
            interval = of_all["interval"] if isinstance(of_all, dict) else None
            between = f"{_short(interval[0])}–{_short(interval[1])}, n = {of_all['n']}" if interval else ""
            lines.append(f"| {name} | {' | '.join(values)} | {between} |")
    else:
        lines += [
            "| label | F1 |",
            "|---|---|",
            f"| macro-F1, {figures['messages']} texts | {figures['macro_f1']} |",
        ]
        lines += [f"| {label} | {value} |" for label, value in figures["f1"].items()]
        several = {name: figures[name] for name in ("accuracy", "asked", "answered_accuracy")} | figures[
            "cases"
        ]
        lines += [f"| {name} (n = {one['n']}) | {one['value']} |" for name, one in several.items()]
    lines += ["", "Wrong languages (right → taken for, how often):", ""]
    for gold, taken in figures["confused_languages"].items():
        lines.append(f"- {gold} → " + ", ".join(f"{other} {times}" for other, times in taken.items()))
    return "\n".join(lines)


def _short(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}".removeprefix("0") if isinstance(value, float) and value < 1 else str(value)


def _print_flat(figures: dict[str, Any], before: str = "") -> None:
    for name, value in figures.items():
        match value:
            case {"value": share, "n": n, "interval": interval}:
                between = f"[{interval[0]:.3f}, {interval[1]:.3f}]" if interval else ""
                print(f"{before}{name:22} {'–' if share is None else f'{share:.3f}':>6}  n={n:<6} {between}")
            case dict():
                print(f"{before}{name}")
                _print_flat(value, before + "  ")
            case _:
                print(f"{before}{name:22} {value}")


if __name__ == "__main__":
    sys.exit(main())
