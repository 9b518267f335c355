"""QR codes of links, for paper and for the terminal."""

from __future__ import annotations

from io import BytesIO, StringIO

import segno

QUIET = 4
"""Modules of white around the code (ISO/IEC 18004): without them some phones do not see it."""


def _code(link: str) -> segno.QRCode:
    # M: a sixth of the code may be torn or dirty, as happens to what hangs outside, and it stays coarse
    return segno.make_qr(link, error="m")


def svg(link: str, *, border: int = QUIET) -> bytes:
    """As a picture that stays sharp at any size."""
    out = BytesIO()
    _code(link).save(out, kind="svg", border=border, xmldecl=False, unit="mm")
    return out.getvalue()


def png(link: str, *, scale: int = 12) -> bytes:
    """As a picture of `scale` pixels a module, to send in a chat."""
    out = BytesIO()
    _code(link).save(out, kind="png", border=QUIET, scale=scale)
    return out.getvalue()


def terminal(link: str) -> str:
    """As text for a terminal, two modules in the height of one sign."""
    out = StringIO()
    _code(link).terminal(out, border=QUIET, compact=True)
    return out.getvalue()
