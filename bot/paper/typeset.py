"""Sets a page from a template and plain values with Typst, in Noto's fonts only. Knows nothing of what it says.

Values go in as JSON and never become markup; so nothing in a name or a sentence can act as a command.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import typst

from bot.fonts import FILES, find
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


def words(text: str, code: str) -> dict[str, str | bool]:
    """A text with what setting it needs to know of its language: `text`, `lang` (ISO 639), `rtl`."""
    language = LANGUAGES[code]
    return {"text": text, "lang": language.cldr.language, "rtl": language.right_to_left}


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
