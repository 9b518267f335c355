"""Sets a page from a template and plain values with Typst, in Noto's fonts only. Knows nothing of what it says.

Values go in as JSON and never become markup; so nothing in a name or a sentence can act as a command.
"""

from __future__ import annotations

import json
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeAlias

import typst

from bot.fonts import FILES, find
from bot.languages.direction import FIRST_STRONG, LEFT_TO_RIGHT, POP, RIGHT_TO_LEFT_MARK
from bot.languages.registry import LANGUAGES

PIXELS_PER_INCH = 200.0
"""Sharp on a phone and fit to print a card."""
_DATELESS = 0
"""When a paper was made is nobody's business, and the same values shall give the same file."""


class FontsMissing(Exception):
    """A font is on none of the usual places; its file name."""


def pdf(template: str, values: Mapping[str, Any]) -> bytes:
    """The pages as one PDF. Raises FontsMissing."""
    (made,) = _pages(template, values, "pdf")
    return made


def pngs(template: str, values: Mapping[str, Any]) -> tuple[bytes, ...]:
    """A picture a page. Raises FontsMissing."""
    return _pages(template, values, "png")


Part: TypeAlias = "str | dict[str, bool | list[Part]]"


def words(text: str, code: str) -> dict[str, object]:
    """A text with what setting it needs to know of its language: `parts`, `lang` (ISO 639), `rtl`.

    What stands in isolates becomes a part of its own with its own direction. The signs themselves must not reach the
    page: a PDF holds them as spaces, and whoever copies or hears the text would get them after every word.
    """
    language = LANGUAGES[code]
    signs = iter(text.replace(RIGHT_TO_LEFT_MARK, ""))
    return {"parts": _parts(signs), "lang": language.cldr.language, "rtl": language.right_to_left}


def _parts(signs: Iterator[str]) -> list[Part]:
    """What comes until the isolate ends, or until the end."""
    parts: list[Part] = []
    plain = ""
    for sign in signs:
        if sign == POP:
            break
        if sign not in (LEFT_TO_RIGHT, FIRST_STRONG):
            plain += sign
            continue
        inner = _parts(signs)
        right_to_left = sign == FIRST_STRONG and _starts_right_to_left(inner)
        parts += [*([plain] if plain else ()), {"rtl": right_to_left, "parts": inner}]
        plain = ""
    return [*parts, *([plain] if plain else ())]


def _starts_right_to_left(parts: Iterable[Part]) -> bool:
    """Unicode UAX #9, P2 and P3: the first strong letter outside further isolates decides."""
    letters = (sign for part in parts if isinstance(part, str) for sign in part)
    strong = (kind for sign in letters if (kind := unicodedata.bidirectional(sign)) in ("L", "R", "AL"))
    return next(strong, "L") != "L"


def _pages(template: str, values: Mapping[str, Any], format: Literal["pdf", "png"]) -> tuple[bytes, ...]:
    made = typst.compile(
        _template(template),
        font_paths=_fonts(),
        format=format,
        ppi=PIXELS_PER_INCH,
        sys_inputs={"values": json.dumps(values, ensure_ascii=False)},
        timestamp=_DATELESS,
    )
    return (made,) if isinstance(made, bytes) else tuple(made)


@cache
def _template(name: str) -> bytes:
    folder = resources.files("bot.paper")
    return b"\n".join(folder.joinpath(f"{part}.typ").read_bytes() for part in ("page", name))


@cache
def _fonts() -> typst.Fonts:
    """Our three fonts, and no other of this machine: the same page everywhere."""
    # Typst takes folders only; the system's holds a thousand fonts, and looking through them takes more than a second.
    with tempfile.TemporaryDirectory() as folder:
        for name in FILES:
            path = find(name)
            if path is None:
                raise FontsMissing(name)
            Path(folder, name).symlink_to(path.resolve())
        return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
