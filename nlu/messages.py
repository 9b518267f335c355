"""Reads the training messages of data/nlu: Rasa's training format with annotated entities. Writes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

_ANNOTATION = re.compile(r"\[([^\]\[]+)\]\(([a-z_]+)\)")


@dataclass(frozen=True, slots=True)
class Message:
    """One training message: `entities` are (name, words) pairs as annotated, `text` is without them."""

    language: str
    intent: str
    text: str
    entities: tuple[tuple[str, str], ...] = ()


def read_messages(path: Path) -> Iterator[Message]:
    """The messages of one file, whose name is the language. Raises yaml.YAMLError when it is none."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    for block in content["nlu"]:
        for line in (block.get("examples") or "").splitlines():
            text = line.strip().removeprefix("-").strip()
            if text:
                entities = tuple((name, words) for words, name in _ANNOTATION.findall(text))
                yield Message(path.stem, block["intent"], _ANNOTATION.sub(r"\1", text), entities)
