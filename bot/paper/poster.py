"""Posters and cards to cut: one QR code, one kind sentence in several languages, and who stands behind it."""

from __future__ import annotations

from bot.languages.render import say
from bot.links import qr
from bot.paper import typeset
from bot.paper.sheet import Format, Poster


def as_pdf(poster: Poster, format: Format = Format.A4) -> bytes:
    """One A4 page. Raises FontsMissing."""
    return typeset.pdf("poster", _values(poster, format))


def as_png(poster: Poster, format: Format = Format.A4) -> bytes:
    """The same page as a picture. Raises FontsMissing."""
    (page,) = typeset.pngs("poster", _values(poster, format))
    return page


def _values(poster: Poster, format: Format) -> dict[str, object]:
    return {
        "format": format,
        "sentences": [typeset.words(say("paper_poster", code), code) for code in poster.languages],
        "qr": qr.svg(poster.link).decode(),
        "bot": poster.bot_username,
        "behind": " · ".join(filter(None, (poster.city, poster.operator))),
    }
