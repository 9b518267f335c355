"""Reads the training messages of data/nlu: Rasa's training format with annotated entities. Writes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PARTLY = "partly"
"""The folder of messages whose facts are annotated only in part: they teach meaning, and what is annotated."""
_ANNOTATION = re.compile(r"\[([^\]\[]+)\]\(([a-z_]+)\)")


@dataclass(frozen=True, slots=True)
class Message:
    """One training message: `entities` are (name, words) pairs as annotated, `text` is without them.

    `whole`: every fact that it tells is annotated, so that what is not annotated is not told.
    """

    language: str
    intent: str
    text: str
    entities: tuple[tuple[str, str], ...] = ()
    whole: bool = True


def message_files(data: Path) -> dict[str, list[Path]]:
    """Language → its files below `data`."""
    files: dict[str, list[Path]] = {}
    for path in (*sorted(data.glob("nlu/*.yml")), *sorted(data.glob(f"nlu/{PARTLY}/*.yml"))):
        files.setdefault(path.stem, []).append(path)
    return files


def read_yaml(path: Path) -> Any:
    """The content of a YAML file, by the quick loader where there is one. Raises yaml.YAMLError."""
    import yaml  # not needed at run time, and some megabytes

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506


def read_messages(path: Path) -> Iterator[Message]:
    """The messages of one file, whose name is the language. Raises yaml.YAMLError when it is none."""
    for block in read_yaml(path)["nlu"]:
        for line in (block.get("examples") or "").splitlines():
            text = line.strip().removeprefix("-").strip()
            if text:
                entities = tuple((name, words) for words, name in _ANNOTATION.findall(text))
                whole = path.parent.name != PARTLY
                yield Message(path.stem, block["intent"], _ANNOTATION.sub(r"\1", text), entities, whole)
