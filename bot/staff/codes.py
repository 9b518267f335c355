"""The codes of the desk's buttons, `x.STEP.ID.ARGUMENT`: one verb that only members get an answer to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.conversation.codes import Verb
from bot.conversation.vocabulary import Choice, Text


class Step(StrEnum):
    """What a tapped button of the desk leads to. ID is an announcement's, where it is about one."""

    NEW = "n"
    LIST = "l"
    TEMPLATES = "tl"
    INVITE = "i"  # argument: role; without: ask which
    HUB = "h"
    TEXT = "t"
    LANGUAGE = "tg"  # argument: language of the pending text
    TEXT_OFF = "to"  # argument: language
    PHOTO_OFF = "po"
    WHOM = "w"  # argument: the page of choices
    TOPIC = "wt"  # argument: what is toggled
    AREA = "wa"
    SPEAKS = "ws"
    ROLE = "wr"
    WHEN = "s"
    NOW = "sn"
    ENDS = "e"
    DAYS = "ed"  # argument: days
    VENUE = "v"
    VENUE_OFF = "vo"
    NIGHT = "g"
    PREVIEW = "p"
    TEST = "m"
    COVERAGE = "c"
    RELEASE = "r"  # argument: fingerprint of what was looked at
    RELEASE_WITH_GAPS = "rg"
    HAND_IN = "hi"
    KEEP_TEMPLATE = "k"
    DELETE = "d"
    DELETE_NOW = "dy"
    DETAILS = "a"
    PAUSE = "ap"
    RESUME = "ar"
    CANCEL = "ac"
    CANCEL_NOW = "acy"
    WITHDRAW = "aw"
    WITHDRAW_NOW = "awy"
    REPORT = "af"
    AGAIN = "aa"
    OFFERS = "o"
    SHEET_YES = "oy"  # argument: version of the offers that the plan was made for
    SHEET_KEEP = "ok"
    SHEET_NO = "on"
    SAID = "q"
    LEAVE = "x"
    LEAVE_NOW = "xy"


@dataclass(frozen=True, slots=True)
class Tap:
    """A parsed button of the desk."""

    step: Step
    id: str = ""
    argument: str = ""


def read(argument: str) -> Tap | None:
    """What a tapped button asks for, from its code's argument; None for a forged one."""
    step, _, rest = argument.partition(".")
    id, _, value = rest.partition(".")
    try:
        return Tap(Step(step), id, value)
    except ValueError:
        return None


def desk_choice(
    label: str | Text, step: Step, id: str = "", argument: str = "", *, on: bool = False
) -> Choice:
    """A button of the desk, with the name of its label (without `staff_button_`) or a text."""
    text = Text(f"staff_button_{label}") if isinstance(label, str) else label
    return Choice(text, f"{Verb.STAFF}.{step}.{id}.{argument}", on=on)
