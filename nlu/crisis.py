"""Rules that recognise a crisis in any language, before and beside the classifier; a counsellor can read and mend them.

Independent of language detection: the rules of all languages run on every text. Knows nothing of what is answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nlu.patterns import Patterns, parse
from nlu.values import CRISES

NEAR = 14
"""An exception ("film", "years ago") silences a rule only within this many words of what made it fire."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of data/crisis.yml; `any` and `unless` are parsed patterns, `yes` and `no` its two examples."""

    id: str
    language: str
    kind: str
    any: tuple[tuple[str, ...], ...]
    unless: tuple[tuple[str, ...], ...]
    yes: str
    no: str


def read_rules(content: Mapping[str, Iterable[Mapping[Any, Any]]]) -> list[Rule]:
    """The rules of a mapping language → rules, as data/crisis.yml holds it. Raises ValueError on a kind unknown."""
    rules = []
    for language, several in content.items():
        for rule in several:
            if rule["kind"] not in CRISES:
                raise ValueError(f"crisis rule {rule['id']}: kind {rule['kind']} is none of {CRISES}")
            patterns = {
                name: tuple(parse(str(pattern)) for pattern in rule.get(name) or ())
                for name in ("any", "unless")
            }
            # YAML 1.1 reads an unquoted yes or no as true or false
            examples = (str(rule.get("yes", rule.get(True, ""))), str(rule.get("no", rule.get(False, ""))))
            id = f"{language}/{rule['id']}"
            rules.append(Rule(id, language, rule["kind"], patterns["any"], patterns["unless"], *examples))
    return rules


class CrisisRules:
    """All rules of all languages in one pass."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        self._patterns: Patterns[tuple[int, bool]] = Patterns(
            (pattern, (number, exception))
            for number, rule in enumerate(rules)
            for exception, patterns in ((False, rule.any), (True, rule.unless))
            for pattern in patterns
        )

    def fired(self, words: Sequence[str]) -> list[Rule]:
        """The rules that fire on these folded words, in the order of the file."""
        reasons: dict[int, list[tuple[int, int]]] = {}
        exceptions: dict[int, list[tuple[int, int]]] = {}
        for (number, exception), start, end in self._patterns.find(words):
            (exceptions if exception else reasons).setdefault(number, []).append((start, end))
        return [
            self.rules[number]
            for number in sorted(reasons)
            if any(
                all(_apart(reason, exception) > NEAR for exception in exceptions.get(number, ()))
                for reason in reasons[number]
            )
        ]


def _apart(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(one[0] - other[1], other[0] - one[1])
