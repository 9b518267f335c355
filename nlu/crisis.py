"""Rules that recognise a crisis in any language, before and beside the classifier; a counsellor can read and mend them.

Independent of language detection: the rules of all languages run on every text. Knows nothing of what is answered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nlu.patterns import Patterns
from nlu.values import CRISES

NEAR = 14
"""An exception ("film", "years ago") silences a rule only within this many words of what made it fire."""
TELLING_LETTERS = 9
"""What fires a rule in a language that the text hardly is must have so many letters in two words or more."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of data/crisis.yml, as written; `yes` and `no` are its two examples."""

    id: str
    language: str
    kind: str
    any: tuple[str, ...]
    unless: tuple[str, ...]
    yes: str
    no: str


def read_rules(content: Mapping[str, Iterable[Mapping[Any, Any]]]) -> list[Rule]:
    """The rules of a mapping language → rules, as data/crisis.yml holds it. Raises ValueError on a kind unknown."""
    rules = []
    for language, several in content.items():
        for rule in several:
            if rule["kind"] not in CRISES:
                raise ValueError(f"crisis rule {rule['id']}: kind {rule['kind']} is none of {CRISES}")
            fires, silent = (
                tuple(str(pattern) for pattern in rule.get(key) or ()) for key in ("any", "unless")
            )
            # YAML 1.1 reads an unquoted yes or no as true or false
            yes, no = str(rule.get("yes", rule.get(True, ""))), str(rule.get("no", rule.get(False, "")))
            rules.append(Rule(f"{language}/{rule['id']}", language, rule["kind"], fires, silent, yes, no))
    return rules


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that fires, and the words that made it."""

    rule: str
    language: str
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """The rules that fire on a text, and the kinds of crisis for which it holds an exception ("film", "years ago")."""

    fired: tuple[Fired, ...] = ()
    excused: frozenset[str] = frozenset()


class CrisisRules:
    """All rules of all languages in one pass."""

    def __init__(self, index: Mapping[str, Any]) -> None:
        """Takes what `build` gives, straight or out of a file."""
        self._rules: Sequence[Sequence[str]] = index["rules"]
        self._patterns = Patterns(index["patterns"])

    @staticmethod
    def build(rules: Sequence[Rule], often: Mapping[str, int]) -> dict[str, Any]:
        """The index of the rules; `often` tells how many messages a folded word is seen in."""
        patterns = (
            (pattern, f"{mark}{number}", rule.language)
            for number, rule in enumerate(rules)
            for mark, several in (("+", rule.any), ("-", rule.unless))
            for pattern in several
        )
        return {
            "rules": [[rule.id, rule.language, rule.kind] for rule in rules],
            "patterns": Patterns.build(patterns, often),
        }

    def look(self, words: Sequence[str], likely: Collection[str] | None = None) -> Alarm:
        """The rules that fire on these folded words, in the order of the file.

        `likely` are the languages that the text may be in. Rules of others need more (TELLING_LETTERS), so that German
        "die" is no English word, and are silent where a likely language knows an exception. None: all alike.
        """
        reasons: dict[int, list[tuple[int, int]]] = {}
        exceptions: dict[int, list[tuple[int, int]]] = {}
        for value, start, end in self._patterns.find(words):
            several = reasons if value[0] == "+" else exceptions
            several.setdefault(int(value[1:]), []).append((start, end))
        excused = frozenset(
            self._rules[number][2]
            for number in exceptions
            if likely is None or self._rules[number][1] in likely
        )
        fired = []
        for number in sorted(reasons):
            id, language, kind = self._rules[number]
            foreign = likely is not None and language not in likely
            for reason in reasons[number]:
                said = words[reason[0] : reason[1]]
                telling = not foreign or (
                    kind not in excused and len(said) > 1 and len("".join(said)) >= TELLING_LETTERS
                )
                if telling and all(_apart(reason, other) > NEAR for other in exceptions.get(number, ())):
                    fired.append(Fired(id, language, kind, " ".join(said)))
                    break
        return Alarm(tuple(fired), excused)


def _apart(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(one[0] - other[1], other[0] - one[1])
