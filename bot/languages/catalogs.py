"""The gettext catalogs: what the English texts of the bot are called in each language.

The source is `catalogs/LANG.po`; the compiled form lies beside it, is made anew when it is older, and is never
committed.
"""

from __future__ import annotations

import gettext
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bot.languages.registry import LANGUAGES

CATALOGS = Path(__file__).parent / "catalogs"
UNREAD = "Not yet read by a native speaker."
"""In the head of a catalog: no native speaker has read any of it. The native reader deletes the line."""
FOR_NETWORK = "#. for helpers and coordinators"
"""Above an entry: only members of the network read it, and it may lack in most languages."""
NEEDS_NATIVE_CHECK = "needs-native-check"
"""Above an entry: its writer was not sure, or it came after the native reading. The native reader deletes it."""


def compile_catalog(code: str) -> Path:
    """The compiled catalog of this language, made from its .po file when that is newer.

    Written beside it, whole or not at all, because several processes may start at once.
    """
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    source, compiled = CATALOGS / f"{code}.po", CATALOGS / f"{code}.mo"
    if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
        draft = compiled.with_suffix(f".{os.getpid()}.tmp")
        with source.open("rb") as po, draft.open("wb") as mo:
            write_mo(mo, read_po(po, locale=LANGUAGES[code].locale), use_fuzzy=False)
        draft.replace(compiled)
    return compiled


@cache
def translations(code: str) -> gettext.NullTranslations:
    """The catalog of this language, falling back to its relatives and at last to the English source."""
    chain: gettext.NullTranslations = gettext.NullTranslations()
    for fallback in reversed((code, *LANGUAGES[code].fallbacks)):
        if (CATALOGS / f"{fallback}.po").exists():
            with compile_catalog(fallback).open("rb") as file:
                catalog = gettext.GNUTranslations(file)
            catalog.add_fallback(chain)
            chain = catalog
    return chain


def translated() -> list[str]:
    """The languages that have a catalog, finished or not."""
    return [code for code in LANGUAGES if (CATALOGS / f"{code}.po").exists()]


def available() -> Iterator[str]:
    """The languages that can be spoken: English, the source, and those with a catalog that is more than begun.

    A text added lately may lack for some days (the fallbacks say it); a language with more than a tenth lacking would
    be a promise not kept.
    """
    return (code for code in LANGUAGES if code == "en" or (code in translated() and _ready(code)))


def _ready(code: str) -> bool:
    entries = (CATALOGS / f"{code}.po").read_text(encoding="utf-8").split("\n\n")
    shown = [f"\n{entry}\n" for entry in entries if FOR_NETWORK not in entry]
    lacking = sum(bool(re.search(r'\nmsgstr(?:\[0\])? ""\n(?!")', entry)) for entry in shown)
    return 10 * lacking < len(shown)


@cache
def awaiting_native() -> tuple[str, ...]:
    """The spoken languages of which no native speaker has read every text: shown with the choice of languages.

    English is the source and written by the project. Remembered for the life of the process.
    """
    return tuple(
        code
        for code in available()
        if code != "en" and awaits_native((CATALOGS / f"{code}.po").read_text(encoding="utf-8"))
    )


def awaits_native(catalog: str) -> bool:
    """Whether the text of this .po file says that a native speaker must still read all or some of it."""
    head = catalog.partition("msgid")[0]
    return UNREAD in head or f"\n# {NEEDS_NATIVE_CHECK}" in catalog
