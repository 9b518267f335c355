"""Shows what was understood of a text and why, for translators and counsellors who correct the lists and rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rich.console import Console
from rich.table import Table

from nlu.lexicon import CONCEPT, KINDS
from nlu.understander import Trace, Understander
from nlu.values import Hints

WINDOW = 4
"""Letters that are left out to see how much they weighed."""
SHOWN = 8


def explain(understander: Understander, text: str, hints: Hints, console: Console) -> None:
    """Prints the understanding of a text, what the lists found, the rules that fired, and what weighed most."""
    trace = understander.trace(text, hints)
    said = trace.understanding
    console.print(
        _table(
            "understood",
            (
                ("language", f"{said.language or 'ask'}   {_ranked(said.candidates)}"),
                ("intent", f"{said.intent} ({said.intent_probability:.2f})"),
                ("needs", _ranked(said.needs)),
                ("crisis", f"{said.crisis} because of {said.crisis_because}" if said.crisis else "no"),
                ("age", f"{said.age or ''} {said.age_band or ''}".strip()),
                ("gender", said.gender or ""),
                ("family", ", ".join(sorted(said.family))),
                ("person", said.person or ""),
                ("wishes", ", ".join(sorted(said.wishes))),
            ),
        )
    )
    if not trace.words:
        return
    console.print(_table("words as read", (("all lists", " ".join(trace.words)),)))
    console.print(_table("found in the word lists", _found(trace)))
    console.print(
        _table(
            "crisis rules that fired",
            ((fired.rule, f"{fired.kind}: “{fired.words}”") for fired in trace.alarm.fired),
        )
    )
    for name, probabilities in (trace.probabilities or {}).items():
        console.print(_table(f"classifier {name}", ((label, f"{p:.3f}") for label, p in _top(probabilities))))
    label = _top((trace.probabilities or {})["meaning"])[0][0]
    console.print(
        _table(f"what weighed most for “{label}”", _weights(understander.meaning, trace.line, label))
    )


def _found(trace: Trace) -> Iterable[tuple[str, str]]:
    for code, reading in (trace.readings or {}).items():
        for kind in (CONCEPT, *KINDS):
            for find in reading.finds.get(kind, ()):
                what = f"concept {find.name}" if kind == CONCEPT else f"{kind} {find.name}".strip()
                yield f"{code}: {what}", " ".join(reading.words[find.start : find.end])


def _weights(
    classify: Callable[[str], Mapping[str, float]], line: str, label: str
) -> Iterable[tuple[str, str]]:
    """How far the probability falls when some letters, a word or a sign are left out."""
    whole = classify(line).get(label, 0.0)
    parts = line.split(" ")
    lost: dict[str, float] = {}
    for at, part in enumerate(parts):
        name = part if part.isalnum() else "a concept or fact of the lists"
        without = classify(" ".join((*parts[:at], *parts[at + 1 :]))).get(label, 0.0)
        lost[name] = max(lost.get(name, 0.0), whole - without)
        for start in range(1, len(part) - WINDOW):
            shorter = part[:start] + part[start + WINDOW :]
            without = classify(" ".join((*parts[:at], shorter, *parts[at + 1 :]))).get(label, 0.0)
            lost[f"…{part[start : start + WINDOW]}… in {part}"] = whole - without
    heaviest = sorted(lost.items(), key=lambda pair: -pair[1])[:SHOWN]
    return [(name, f"{loss:+.3f}") for name, loss in heaviest if loss > 0]


def _top(probabilities: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(probabilities.items(), key=lambda pair: -pair[1])[:5]


def _ranked(pairs: Iterable[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {p:.2f}" for name, p in pairs)


def _table(title: str, rows: Iterable[tuple[str, str]]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, min_width=60)
    for row in rows:
        table.add_row(*row)
    return table
