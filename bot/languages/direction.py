"""What keeps right-to-left text readable when numbers, names and commands of the other direction stand in it.

Without isolates (U+2066…U+2069, Unicode UAX #9) "0371 488-5000" shows as "5000-488 0371" in Arabic text. Knows no
language and no sentence, only signs.
"""

from __future__ import annotations

import re

LEFT_TO_RIGHT, FIRST_STRONG, POP = "\u2066", "\u2068", "\u2069"
RIGHT_TO_LEFT_MARK = "\u200f"
_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
"""Hebrew to Arabic Extended-A, and the presentation forms: UAX #9's classes R and AL, as far as letters go."""
_ANY_RIGHT_TO_LEFT = re.compile(f"[{_RIGHT_TO_LEFT}]")
_FIRST_LETTER = re.compile(rf"(?:<[^>]*>|&\w+;|[\d_]|[^\w<&])*([{_RIGHT_TO_LEFT}])?")

_WORD = r"(?:(?<![\w/])[/@#])?[^\W\d_\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc](?:[\w’'.:/@?=&%#+~-]*[\w/])?"
_SHORT = r"(?:[A-Za-z]\.){2,}"  # e.V.
_NUMBER = r"\+?[0-9](?:[0-9]|[ .,:/–-](?=[0-9]))*"
_LITERALS = re.compile(
    r"(?P<kept>\{\w+\}|[\u2066-\u2068][^\u2069]*\u2069)"  # placeholders, and what is isolated already
    rf"|(?:{_SHORT}|{_WORD}|{_NUMBER})(?:(?:,? | [&–/-] )(?:{_SHORT}|{_WORD}|{_NUMBER}))*"
)


def has_right_to_left(text: str) -> bool:
    """Whether any letter of the text runs from right to left."""
    return _ANY_RIGHT_TO_LEFT.search(text) is not None


def with_literals_isolated(text: str) -> str:
    """Right-to-left text in which each command, address, foreign name and number of ASCII digits is isolated.

    Words that follow each other ("Hilfe, bitte") and groups of one number ("0371 488-5000") stay together.
    Placeholders stay as they are. A line that holds no right-to-left letter is isolated as a whole.
    """
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    if has_right_to_left(line) or not any(not found["kept"] for found in _LITERALS.finditer(line)):
        return _LITERALS.sub(lambda m: m[0] if m["kept"] else f"{LEFT_TO_RIGHT}{m[0]}{POP}", line)
    return f"{LEFT_TO_RIGHT}{line}{POP}"


def directed(html: str) -> str:
    """HTML of which every line starts right-to-left.

    A line whose first letter is none of a right-to-left script gets a mark (U+200F) in front: messengers take the
    direction of a paragraph from its first letter, some of them without regard to isolates.
    """
    return "\n".join(
        line if not line or _starts_right_to_left(line) else RIGHT_TO_LEFT_MARK + line
        for line in html.split("\n")
    )


def _starts_right_to_left(line: str) -> bool:
    found = _FIRST_LETTER.match(line)
    return found is not None and found[1] is not None
