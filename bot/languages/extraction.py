"""Collects the English texts of the bot for translators: one Babel extractor for domain, menus, registry.

Each text comes with what a translator who sees nothing else needs: its names, where it is shown, how long it may be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import IO, Any

import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from bot.languages.registry import LANGUAGES

ROOT = Path(__file__).parents[2]
MAPPING = Path(__file__).with_name("babel.cfg")
BUTTON_WIDTH = 28
"""Widest label that is not cut on a small phone, in columns."""
DATELESS = datetime(2026, 11, 1, tzinfo=UTC)
"""Extraction must give the same file whenever it runs."""
NETWORK = ("de", "ar")
"""Languages that texts for helpers and coordinators (`custom.audience: network`) need, besides English."""

_FOR_NETWORK = "for helpers and coordinators; needed in "

Found = tuple[int, str, str | tuple[str, str], list[str]]
"""Line, gettext function, message or (singular, plural), comments: what a Babel extractor yields."""


@dataclass(frozen=True, slots=True)
class Role:
    """Where texts are shown whose names start with `prefix`; `most` is the room there, 0: as much as seems natural."""

    prefix: str
    where: str
    most: int = 0


ROLES = (
    Role("utter_crisis_", "message in an emergency: calm, short, very simple words"),
    Role("utter_ask_", "question, shown in bold"),
    Role("utter_why_", "one line below the question: why it is asked"),
    Role("utter_", "message"),
    Role("card_", "line on the card of an offer"),
    Role("helpline_", "line below the telephone number of a helpline"),
    Role("reason_", "why an offer fits: a few words in a list, separated by commas"),
    Role("miss_", "what does not fit at an offer: a few words in a list, separated by commas"),
    Role("family/", "a few words in a list of answers, such as: sleep, 23 years, woman"),
    Role("nothing_yet", "stands for an empty list of answers"),
    # Bot API: setMyCommands, setMyDescription, setMyShortDescription; a menu shows about 40 signs of a command
    Role("command_", "in Telegram's menu of commands, beside the command", 60),
    Role("bot_description", "shown by Telegram in the empty chat, before Start", 512),
    Role("bot_short_description", "shown by Telegram on the bot's profile", 120),
    Role("news_", "in a message about news"),
    Role("plan_", "one line of somebody's plan"),
    Role("plan_file_title", "title of an entry in the phone's calendar", 40),
    Role("paper_", "on paper: a poster, or a card to show at a desk"),
    Role("paper_sound_", "how German words sound, to be read aloud on the phone"),
    Role("staff_button_", "button", BUTTON_WIDTH),
    Role("staff_", "message to a member of the network"),
    *(
        Role(prefix, "button", BUTTON_WIDTH)
        for prefix in (
            *("button_", "wrong_", "change_", "household_", "topic_", "step_", "when_", "answer_"),
            *("person/", "age_band/", "gender/", "need/", "group/", "area/"),
        )
    ),
    Role("district/", "name of a part of the city: written as it sounds, not translated"),
    Role("language/", "name of a language, in lists such as: Speaks: Arabic, Dari"),
)


def role_of(name: str) -> Role | None:
    """The role of the text with this name: that of the longest prefix."""
    fitting = [role for role in ROLES if name.startswith(role.prefix)]
    return max(fitting, key=lambda role: len(role.prefix), default=None)


def is_button(name: str) -> bool:
    """Whether a response is shown on a button."""
    role = role_of(name)
    return role is not None and role.where == "button"


def extract(fileobj: IO[bytes], keywords: object, comment_tags: object, options: object) -> Iterator[Found]:
    """Babel's extraction interface for the domain, the needs, the places and the names of the languages."""
    if str(getattr(fileobj, "name", "")).endswith(".py"):
        for line, language in enumerate(LANGUAGES.values(), 1):
            yield line, "gettext", language.english, _comments(f"language/{language.code}", language.english)
        return
    loaded: dict[str, Any] = yaml.load(fileobj, Loader=_Lines)  # noqa: S506 - a SafeLoader that counts lines
    if "responses" in loaded:
        yield from _responses(loaded["responses"])
    elif "groups" in loaded:
        yield from _needs(loaded["groups"])
    elif "areas" in loaded:
        yield from _places(loaded["areas"])


def _responses(responses: dict[str, Any]) -> Iterator[Found]:
    for name, response in _entries(responses):
        ((line, text, custom),) = ((each[_LINE], each["text"], each.get("custom", {})) for each in response)
        comments = _comments(name, text, custom.get("note", ""))
        if custom.get("audience") == "network":
            comments.append(_FOR_NETWORK + ", ".join(NETWORK))
        if plural := custom.get("plural"):
            yield line, "ngettext", (text, plural), comments
        else:
            yield line, "gettext", text, comments


def _needs(groups: dict[str, Any]) -> Iterator[Found]:
    for id, group in _entries(groups):
        yield group[_LINE], "gettext", group["label"], _comments(f"group/{id}", group["label"])
        for need, entry in _entries(group["needs"]):
            comments = _comments(f"need/{need}", entry["label"], entry["explanation"])
            yield entry[_LINE], "gettext", entry["label"], comments


def _places(areas: dict[str, Any]) -> Iterator[Found]:
    for id, area in _entries(areas):
        name = area["name"]["en"]
        yield area[_LINE], "gettext", name, _comments(f"area/{id}", name, "a part of the city")
        for district, entry in _entries(area["districts"]):
            name = entry["name"]["en"]
            yield entry[_LINE], "gettext", name, _comments(f"district/{district}", name)


def _comments(name: str, english: str, note: str = "") -> list[str]:
    """What the translator reads above the text: its name and place, the room there, a hint."""
    role = role_of(name)
    most = (role.most if role else 0) or natural_length(english)
    return [f"{name}: {role.where}" if role else name, f"max: {most}", *([f"Note: {note}"] if note else [])]


def natural_length(english: str) -> int:
    """How long a translation may be where nothing cuts it: twice the English, for short texts a little more."""
    return -(-(2 * len(english) + 20) // 10) * 10


class _Lines(yaml.SafeLoader):
    """Loads mappings together with the line on which they start."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        return {**super().construct_mapping(node, deep=deep), _LINE: node.start_mark.line + 1}


_LINE = "__line__"


def _entries(mapping: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((key, value) for key, value in mapping.items() if key != _LINE)


def source_catalog(root: Path = ROOT) -> Catalog:
    """All texts to translate, as a template that is the same whenever and wherever it is made.

    Texts that are the same in English are one entry with the comments of all.
    """
    catalog = Catalog(
        project="Rahnuma", version="1", charset="utf-8", msgid_bugs_address="docs/translators.md"
    )
    catalog.header_comment = "# English texts of Rahnuma. Made by `python -m bot languages extract`."
    catalog.creation_date = catalog.revision_date = DATELESS
    for file_name, line, message, comments, context in _found(root):
        catalog.add(message, locations=[(file_name, line)], auto_comments=comments, context=context)
    return catalog


@cache
def _found(root: Path) -> tuple[tuple[str, int, str | tuple[str, ...], list[str], str | None], ...]:
    with MAPPING.open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]

    def wanted(folder: str) -> bool:
        parts = Path(folder).relative_to(root).parts
        return parts == ("data",) or (parts[0] == "bot" and parts[-1] != "__pycache__")

    return tuple(
        (Path(file_name).as_posix(), line, message, comments, context)
        for file_name, line, message, comments, context in extract_from_dir(
            root, methods, options, directory_filter=wanted
        )
    )


def is_needed(message: Message, code: str) -> bool:
    """Whether the text is needed in this language: those for helpers and coordinators only in a few."""
    return code in ("en", *NETWORK) or not any(
        note.startswith(_FOR_NETWORK) for note in message.auto_comments
    )


def room(message: Message) -> int:
    """The most columns that a translation may take: the smallest `max:` of its comments, 0 where there is none."""
    limits = [int(found[1]) for note in message.auto_comments if (found := re.fullmatch(r"max: (\d+)", note))]
    return min(limits, default=0)


def names(message: Message) -> tuple[str, ...]:
    """The names of the texts that this entry stands for, such as `button_back`."""
    return tuple(
        note.partition(":")[0]
        for note in message.auto_comments
        if not note.startswith(("max:", "Note:", "for "))
    )
