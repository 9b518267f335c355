"""Keeps a message within Telegram's limit: cut behind a sentence, never inside a tag, an entity or an isolate."""

from __future__ import annotations

import re

from bot.languages.direction import FIRST_STRONG, LEFT_TO_RIGHT, POP

_PIECE = re.compile(r"<(?P<close>/?)(?P<tag>\w+)[^>]*>|&(?:\w+|#\w+);|.", re.DOTALL)
_SENTENCE_END = frozenset(".!?…\n؟۔።፧")
_ELLIPSIS = " …"


def cut(html: str, limit: int) -> str:
    """The HTML shown in at most `limit` UTF-16 units (as Telegram counts text, tags not counted).

    What is too long ends behind its last whole sentence, or behind a word where a sentence is longer than half the
    limit, and with an ellipsis; open tags and isolates are closed.
    """
    if len(html) <= limit // 2 or _shown(html) <= limit:
        return html
    shown, open_ones = 0, list[str]()
    behind = {
        "sentence": (0, ""),
        "word": (0, ""),
        "sign": (0, ""),
    }  # where each last ended, what was open there
    for piece in _PIECE.finditer(html):
        sign = piece[0]
        if piece["tag"]:
            closing = f"</{piece['tag']}>"
            _close(open_ones, closing) if piece["close"] else open_ones.append(closing)
            continue
        shown += _units(sign)
        if sign in (LEFT_TO_RIGHT, FIRST_STRONG):
            open_ones.append(POP)
        elif sign == POP:
            _close(open_ones, POP)
        if shown + open_ones.count(POP) > limit - len(_ELLIPSIS):
            break
        follows = html[piece.end() : piece.end() + 1]
        for boundary in _boundaries(sign, follows):
            if boundary == "sign" or shown >= limit // 2:
                behind[boundary] = piece.end(), "".join(reversed(open_ones))
    offset, closing = next(end for end in behind.values() if end[0])
    return html[:offset].rstrip() + closing + _ELLIPSIS


def _close(open_ones: list[str], closing: str) -> None:
    """Takes away the last one that is closed like this."""
    del open_ones[len(open_ones) - 1 - open_ones[::-1].index(closing)]


def _boundaries(sign: str, follows: str) -> tuple[str, ...]:
    if sign in _SENTENCE_END and (follows.isspace() or follows in ("<", POP)):
        return ("sentence", "word", "sign")
    return ("word", "sign") if sign.isspace() else ("sign",)


def _shown(html: str) -> int:
    return sum(_units(piece[0]) for piece in _PIECE.finditer(html) if not piece["tag"])


def _units(sign: str) -> int:
    """UTF-16 units of one shown sign; an entity such as &amp; is one."""
    return 1 if sign[0] == "&" and len(sign) > 1 else 1 + (sign > "\uffff")
