"""Trains the classifiers from data/nlu and compiles the word lists; fitting happens in the training environment.

Not needed at run time. Lines are made here with a fixed seed and fitted with one thread: the same files again.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from nlu import facts
from nlu.classify import AGE, HARD_NEGATIVE, MODELS, NONE, WISH, line_of, signs
from nlu.lexicon import Reading
from nlu.messages import Message, message_files, read_messages, read_yaml
from nlu.normalise import clean, emoji, fold
from nlu.values import INTENTS
from nlu.words import COMPILED, Words, all_rules, compile_words, load_words

SEED = 7
TRAINER = ("fasttext-wheel==0.9.2", "numpy==1.26.4", "scipy==1.14.1", "scikit-learn==1.5.2")
"""The training environment; at run time the module `fasttext` is fasttext-predict, which cannot train."""
_LINEAR = {"minn": 2, "maxn": 5, "wordNgrams": 2, "minCount": 2}
_FASTTEXT = {"minn": 3, "maxn": 5, "wordNgrams": 2, "minCount": 1, "lr": 0.5, "epoch": 25, "loss": "softmax"}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "message": {**_LINEAR, "bucket": 400_000, "C": 30.0},
    "about": {
        **_FASTTEXT,
        "dim": 32,
        "bucket": 200_000,
        "quantize": {"retrain": True, "qnorm": True, "epoch": 5, "lr": 0.2, "cutoff": 30_000},
    },
    "age": {**_LINEAR, "bucket": 100_000, "C": 5.0},
}
_HOUSEHOLD = {
    "has_partner": "partner",
    "has_children": "children",
    "single_parent": "single_parent",
    "pregnant": "pregnant",
    "alone": "alone",
    "unaccompanied_minor": "unaccompanied_minor",
}


@dataclass(frozen=True, slots=True)
class Labels:
    """What the annotations of a message say: `ages` are the values annotated."""

    person: str
    gender: str
    family: frozenset[str]
    ages: tuple[int, ...]


def labels_of(message: Message, words: Words) -> Labels:
    """Reads the annotations: (for_child_male), (female), (has_partner), (age) …"""
    person, gender, family, ages = "self", NONE, set(), []
    lexicon = words.lexicons.get(message.language)
    for name, marked in message.entities:
        if name.startswith("for_"):
            who, _, told = name.removeprefix("for_").partition("_")
            if person == "self":
                person = who
                gender = told or gender
            family |= {"child": {"children"}, "partner": {"partner"}}.get(who, set())
        elif name in ("female", "male", "diverse"):
            gender = name
        elif name in _HOUSEHOLD:
            family.add(_HOUSEHOLD[name])
        elif name == "age" and lexicon is not None:
            digits = [word for word in lexicon.read(fold(clean(marked)).split()).words if word.isdecimal()]
            ages += [int(word) for word in digits[:1]]
    if "single_parent" in family:
        family.add("children")
    return Labels(person, gender, frozenset(family), tuple(ages))


@dataclass(frozen=True, slots=True)
class Example:
    """A training message with what the word lists find in it and what its annotations say, if it has any."""

    message: Message
    words: Sequence[str]
    emoji: Sequence[str]
    readings: Sequence[Reading]
    labels: Labels
    annotated: bool

    @property
    def signs(self) -> str:
        return signs(self.readings)

    @property
    def line(self) -> str:
        return line_of(self.words, self.emoji, self.signs)


def examples(data: Path, words: Words) -> Iterator[Example]:
    """All training messages below `data` and the examples of the crisis rules, read by the lists likely at run time."""
    for files in message_files(data).values():
        for message in chain.from_iterable(map(read_messages, files)):
            if example := _read(message, words, annotated=True):
                yield example
    for rule in all_rules(data):
        for text, label in ((rule.yes, f"crisis_{rule.kind}"), (rule.no, HARD_NEGATIVE)):
            if example := _read(Message(rule.language, label, text), words, annotated=False):
                yield example


def _read(message: Message, words: Words, *, annotated: bool) -> Example | None:
    cleaned = clean(message.text)
    folded, faces = fold(cleaned).split(), emoji(cleaned)
    if not (folded or faces):
        return None
    codes = [message.language, *{"prs": ["fa"], "fa": ["prs"]}.get(message.language, [])]
    if any("a" <= word[0] <= "z" for word in folded):
        codes.append("de")
    lists = [words.lexicons[code] for code in dict.fromkeys(codes) if code in words.lexicons]
    readings = [lexicon.read(folded) for lexicon in lists]
    return Example(message, folded, faces, readings, labels_of(message, words), annotated)


def wishes(data: Path, words: Words) -> Iterator[str]:
    """A line for each pattern of the wishes, so that "nearer" is not taken for a need."""
    listed = read_yaml(data / "lexicon/wishes.yml")
    for wish in sorted(listed):
        for language, patterns in sorted(listed[wish].items()):
            for pattern in patterns:
                folded = fold(clean(str(pattern).replace("*", "").replace("...", " "))).split()
                lists = [words.lexicons[language]] if language in words.lexicons else []
                found = signs([lexicon.read(folded) for lexicon in lists])
                yield f"__label__meaning:{WISH} {line_of(folded, (), found)}"


def lines(task: str, several: Iterable[Example], further: Iterable[str] = ()) -> list[str]:
    """The fastText lines of one model, shuffled with a fixed seed."""
    drawn = list(further)
    drawn += [
        f"{' '.join(f'__label__{label}' for label in labels)} {line}"
        for example in several
        for labels, line in _labelled(task, example)
    ]
    random.Random(SEED).shuffle(drawn)
    return drawn


def _labelled(task: str, example: Example) -> Iterator[tuple[Sequence[str], str]]:
    of_somebody = example.annotated and (
        example.message.intent not in INTENTS or example.message.intent == "inform"
    )
    if task == "message":
        yield _labels_of(example, of_somebody), example.line
    elif task == "about":
        if of_somebody and (example.message.whole or not _may_concern_others(example)):
            yield (f"{example.labels.person}-{example.labels.gender}",), example.line
    elif example.annotated:
        left = list(example.labels.ages)
        for number in facts.numbers(example.readings, clean(example.message.text)):
            is_age = number.value in left
            if is_age:
                left.remove(number.value)
            yield (AGE if is_age else NONE,), number.line


def _labels_of(example: Example, of_somebody: bool) -> list[str]:
    """The labels of a message, each `group:label`; an act tells nothing of a person, and seldom of a household."""
    intent, labels = example.message.intent, example.labels
    told = [f"meaning:{intent.removeprefix('crisis_')}"]
    of_somebody = of_somebody and example.message.whole
    if of_somebody or labels.family:
        told += [f"family:{fact}" for fact in sorted(labels.family) or (NONE,)]
    if of_somebody or labels.gender != NONE:
        told.append(f"gender:{labels.gender}")
    return told


def _may_concern_others(example: Example) -> bool:
    """Whether somebody else is named, and not annotated."""
    named = any(name != "self" for reading in example.readings for name in reading.names("person"))
    return named and example.labels.person == "self"


def train(data: Path, python: Path) -> None:
    """Compiles the word lists and fits all classifiers. Raises CalledProcessError when fitting fails."""
    compiled = compile_words(data)
    (data / "models").mkdir(exist_ok=True)
    (data / COMPILED).write_bytes(compiled)
    words = load_words(compiled)
    several = list(examples(data, words))
    for task in MODELS:
        further = list(wishes(data, words)) if task == "message" else []
        fit(lines(task, several, further), data / f"models/{task}.ftz", SETTINGS[task], python)


def fit(several: Iterable[str], model: Path, settings: Mapping[str, object], python: Path) -> None:
    """Fits and saves one model with the Python that has the training fastText. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.txt"
        path.write_text("\n".join(several) + "\n", encoding="utf-8")
        script = Path(__file__).with_name("fit.py")
        command = [str(python), str(script), str(path), str(model), json.dumps(settings)]
        subprocess.run(command, check=True)  # noqa: S603 - our own script


def training_python(folder: Path) -> Path:
    """The Python of the training environment in this folder; the environment is made when it is missing."""
    python, made_of = folder / "bin/python", folder / "trainer.txt"
    wanted = "\n".join(TRAINER)
    if not python.exists():
        venv.create(folder, with_pip=True)
    if not made_of.exists() or made_of.read_text(encoding="utf-8") != wanted:
        print(f"making the training environment {folder.name} …", file=sys.stderr)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *TRAINER]
        subprocess.run(install, check=True)  # noqa: S603 - a fixed command
        made_of.write_text(wanted, encoding="utf-8")
    return python
