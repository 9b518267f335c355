"""Checks the training messages, word lists and crisis rules: numbers, near-duplicates, each rule's two examples.

Tells what is wrong and where; mends nothing.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from nlu.crisis import CrisisRules, Rule
from nlu.evaluate import read_examples
from nlu.messages import message_files, read_messages
from nlu.normalise import clean, fold
from nlu.values import INTENTS, NEEDS
from nlu.words import all_rules

FIRST_LANGUAGES = ("ar", "prs", "kmr", "de", "en")
A_NEED_FIRST, A_NEED = 60, 30
"""Messages for each need: of the first five languages, of the others."""
AN_INTENT, CRISES_ALL, HARD_NEGATIVES = 25, 100, 100
TOO_ALIKE = 0.6
"""Jaccard overlap of the sets of character 4-grams above which two messages count as one."""
SHORT = 12
"""Texts of fewer letters are too short for 4-grams: they must not be equal."""


def problems(data: Path, further: Sequence[Path] = ()) -> Iterator[str]:
    """One line for each thing that is wrong; `further` are files of labelled messages kept out of training."""
    apart: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in further:
        for example in read_examples([path]):
            apart[example["lang"]].append((f"{path.name} {example.get('id', '')}".strip(), example["text"]))
    for language, files in message_files(data).items():
        messages = [message for path in files for message in read_messages(path)]
        yield from _numbers(language, Counter(message.intent for message in messages))
        own = [(f"{language}.yml {message.intent}", message.text) for message in messages]
        yield from _alike(own, apart[language])
    rules = all_rules(data)
    yield from _rules(rules)
    for language in sorted({rule.language for rule in rules}):
        own = [(rule.id, text) for rule in rules if rule.language == language for text in (rule.yes, rule.no)]
        yield from _alike(own, apart[language], among_themselves=False)


def _alike(
    own: Sequence[tuple[str, str]], apart: Sequence[tuple[str, str]], among_themselves: bool = True
) -> Iterator[str]:
    several = alike([*own, *apart], len(own)) if among_themselves else alike([*apart, *own], len(apart))
    for one, other in several:
        if among_themselves or (one in apart) != (other in apart):
            yield f"alike: {one[0]} “{one[1]}” and {other[0]} “{other[1]}”"


def _numbers(language: str, counted: Mapping[str, int]) -> Iterator[str]:
    for need in NEEDS:
        least = A_NEED_FIRST if language in FIRST_LANGUAGES else A_NEED
        if counted.get(need, 0) < least:
            yield f"{language}: {counted.get(need, 0)} messages for {need}, {least} needed"
    for intent in INTENTS:
        if intent != "need" and counted.get(intent, 0) < AN_INTENT:
            yield f"{language}: {counted.get(intent, 0)} messages for {intent}, {AN_INTENT} needed"
    crises = sum(number for intent, number in counted.items() if intent.startswith("crisis_"))
    if crises < CRISES_ALL:
        yield f"{language}: {crises} crisis messages, {CRISES_ALL} needed"
    if counted.get("no_crisis", 0) < HARD_NEGATIVES:
        yield f"{language}: {counted.get('no_crisis', 0)} hard negatives, {HARD_NEGATIVES} needed"


def _rules(rules: Sequence[Rule]) -> Iterator[str]:
    found = CrisisRules(CrisisRules.build(rules, {}))
    for rule in rules:
        for text, expected in ((rule.yes, True), (rule.no, False)):
            fires = any(fired.rule == rule.id for fired in found.look(fold(clean(text)).split()).fired)
            if fires != expected:
                yield f"crisis rule {rule.id} {'misses' if expected else 'fires on'} its example “{text}”"
    for id, times in Counter(rule.id for rule in rules).items():
        if times > 1:
            yield f"crisis rule {id} stands there {times} times"


def alike(
    texts: Sequence[tuple[str, str]], own: int | None = None
) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """The pairs of (name, text) that are too much alike; pairs among texts from number `own` on are not compared."""
    grams = [_grams(text) for _name, text in texts]
    often = Counter(gram for several in grams for gram in several)
    waiting: dict[str, list[int]] = defaultdict(list)
    for number, several in enumerate(grams):
        # two sets that overlap by t share one of the rarest |set| - ceil(t |set|) + 1 members (prefix filtering)
        rarest = sorted(several, key=lambda gram: (often[gram], gram))
        prefix = rarest[: len(several) - math.ceil(TOO_ALIKE * len(several)) + 1]
        for other in sorted({other for gram in prefix for other in waiting[gram]}):
            compared = own is None or other < own
            if compared and _overlap(several, grams[other]) > TOO_ALIKE:
                yield texts[other], texts[number]
        for gram in prefix:
            waiting[gram].append(number)


def _grams(text: str) -> frozenset[str]:
    letters = fold(clean(text))
    if len(letters) < SHORT:
        return frozenset((clean(text).strip(),))
    return frozenset(letters[at : at + 4] for at in range(len(letters) - 3))


def _overlap(one: Iterable[str], other: Iterable[str]) -> float:
    first, second = frozenset(one), frozenset(other)
    return len(first & second) / len(first | second)
