"""Reads what stands on a PDF: its words, and whether a glyph was missing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from io import BytesIO

from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream

_PAIR = re.compile(rb"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]*)>")


def word(text: str) -> str:
    """A word without regard to the order of its letters, to invisible signs and punctuation.

    A PDF holds glyphs from left to right, and a letter with its marks as one.
    """
    return "".join(sorted(sign for sign in text if unicodedata.category(sign)[0] in "LMN"))


def words(pdf: bytes) -> set[str]:
    """All words of all pages, each as `word` has them."""
    text = "".join(piece for page in PdfReader(BytesIO(pdf)).pages for piece in _pieces(page))
    return {word(each) for each in text.split()}


def pages(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of each page in millimetres."""
    boxes = [page.mediabox for page in PdfReader(BytesIO(pdf)).pages]
    return [(round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) for box in boxes]


def boxes_shown(pdf: bytes) -> int:
    """How many letters no font had: glyph 0, the empty box."""
    glyphs = (glyph for page in PdfReader(BytesIO(pdf)).pages for _, glyph, _ in _shown(page))
    return sum(glyph == b"\0\0" for glyph in glyphs)


def _pieces(page: PageObject) -> Iterator[str]:
    """The text as readers take it: what a marked span says it means (ActualText), else what each glyph means."""
    meanings = {name: _meanings(font) for name, font in _fonts(page).items()}
    for text, glyph, spoken_for in _shown(page):
        if glyph is None:
            yield text
        elif not spoken_for:
            yield meanings[text].get(glyph, "\ufffd")


def _fonts(page: PageObject) -> dict[str, bytes]:
    resources = page["/Resources"].get_object()
    return {
        str(name): font.get_object()["/ToUnicode"].get_object().get_data()
        for name, font in resources["/Font"].items()  # type: ignore[index]
    }


def _meanings(cmap: bytes) -> dict[bytes, str]:
    chars = b"".join(re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL))
    assert b"beginbfrange" not in cmap
    return {
        bytes.fromhex(glyph.decode()): bytes.fromhex(text.decode()).decode("utf-16-be")
        for glyph, text in _PAIR.findall(chars)
    }


def _shown(page: PageObject) -> Iterator[tuple[str, bytes | None, bool]]:
    """Font and code of each glyph, and whether an ActualText speaks for it; that text, or a new line, with None."""
    font, spans = "", [False]
    for operands, operator in ContentStream(page.get_contents(), None).operations:
        match operator:
            case b"Tf":
                font = str(operands[0])
            case b"BT":
                yield "\n", None, False
            case b"BDC" | b"BMC":
                actual = operands[1].get("/ActualText") if operator == b"BDC" else None
                if actual is not None:
                    yield str(actual), None, False
                spans.append(spans[-1] or actual is not None)
            case b"EMC":
                spans.pop()
            case b"Tj" | b"TJ":
                for piece in operands[0] if operator == b"TJ" else operands:
                    raw = getattr(piece, "original_bytes", b"")
                    yield from ((font, raw[at : at + 2], spans[-1]) for at in range(0, len(raw), 2))
            case _:
                pass
