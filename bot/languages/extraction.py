"""Collects the English texts of the bot for translators: from the domain, the menus of needs and places, the registry.

One extractor in Babel's own shape (`extract_yaml`), so that Babel's tools and ours see the same texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import yaml
from babel.messages.catalog import Catalog

from bot.languages.registry import LANGUAGES

BUTTON_WIDTH = 28
"""Widest label that is not cut on a small phone, in characters."""
DATELESS = datetime(2026, 11, 1, tzinfo=UTC)
"""Extraction must give the same file whenever it runs."""
Found = tuple[int, str, str | tuple[str, str], list[str]]
"""Line, gettext function, message or (singular, plural), comments: what a Babel extractor yields."""

SOURCES = ("bot/conversation/domain.yml", "data/needs.yml", "data/places.yml")


def extract_yaml(
    fileobj: IO[bytes], keywords: object, comment_tags: object, options: object
) -> Iterator[Found]:
    """Babel's extraction interface for our YAML files: responses of the domain, needs, places."""
    loaded: dict[str, Any] = yaml.safe_load(fileobj.read())
    if "responses" in loaded:
        yield from _responses(loaded["responses"])
    elif "groups" in loaded:
        yield from _needs(loaded["groups"])
    elif "areas" in loaded:
        yield from _places(loaded["areas"])


def _responses(responses: dict[str, Any]) -> Iterator[Found]:
    for line, (name, (response,)) in enumerate(responses.items(), 1):
        custom = response.get("custom", {})
        comments = [name]
        if is_button(name):
            comments.append(f"button, at most {BUTTON_WIDTH} characters wide")
        if note := custom.get("note"):
            comments.append(note)
        if plural := custom.get("plural"):
            yield line, "ngettext", (response["text"], plural), comments
        else:
            yield line, "gettext", response["text"], comments


def is_button(name: str) -> bool:
    """Whether a response is shown on a button."""
    return name.startswith(
        ("button_", "wrong_", "change_", "household_", "person/", "age_band/", "gender/", "need/", "group/")
    )


def _needs(groups: dict[str, Any]) -> Iterator[Found]:
    budget = f"button, at most {BUTTON_WIDTH} characters wide"
    line = 0
    for id, group in groups.items():
        line += 1
        yield line, "gettext", group["label"], [f"group/{id}", budget]
        for need, entry in group["needs"].items():
            line += 1
            yield line, "gettext", entry["label"], [f"need/{need}", budget, entry["explanation"]]


def _places(areas: dict[str, Any]) -> Iterator[Found]:
    line = 0
    for id, area in areas.items():
        line += 1
        yield line, "gettext", area["name"]["en"], [f"area/{id}", "a part of the city, on a button"]
        for district, entry in area["districts"].items():
            line += 1
            yield line, "gettext", entry["name"]["en"], [f"district {district}: write it as it sounds"]


def source_catalog(root: Path) -> Catalog:
    """All texts to translate, in the order of the files, as a template without any date."""
    catalog = Catalog(project="Rahnuma", charset="utf-8")
    catalog.creation_date = catalog.revision_date = DATELESS
    for source in SOURCES:
        with (root / source).open("rb") as file:
            _add(catalog, source, extract_yaml(file, (), (), {}))
    names: Iterable[Found] = (
        (0, "gettext", language.english, [f"name of the language {language.code}"])
        for language in LANGUAGES.values()
    )
    _add(catalog, "bot/languages/registry.py", names)
    return catalog


def _add(catalog: Catalog, source: str, found: Iterable[Found]) -> None:
    for _line, _function, message, comments in found:
        catalog.add(message, locations=[(source, 0)], auto_comments=comments)
