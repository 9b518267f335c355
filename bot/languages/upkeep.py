"""Keeps the catalogs in step with the texts of the bot: writes the template, brings each catalog up to it.

Knows nothing of what a good translation is (see check.py); whatever a translator wrote stays word for word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from bot.languages.catalogs import CATALOGS, NEEDS_NATIVE_CHECK, UNREAD
from bot.languages.extraction import is_needed, names, source_catalog
from bot.languages.registry import LANGUAGES, Language
from bot.languages.voice import lacking, utterances

TEMPLATE = CATALOGS / "messages.pot"
_WIDTH = 100


def write_template() -> bool:
    """Writes the texts to translate to messages.pot; whether anything changed."""
    return _write(source_catalog(), TEMPLATE)


def template() -> bytes:
    """The content of messages.pot as it must be today."""
    return _written(source_catalog())


def update(code: str, folder: Path = CATALOGS) -> bool:
    """Brings LANG.po up to the texts of the bot, or begins it; whether anything changed.

    What is new comes in empty, except names of languages that CLDR knows: a new language shall not wait until fifteen
    translators have written its name. What is gone goes. Nothing is guessed from similar texts: a changed English
    text is a new one. In a catalog that a native speaker has read, new entries are marked for them.
    """
    language, path = LANGUAGES[code], folder / f"{code}.po"
    catalog = read(path, language) if path.exists() else _begun(language)
    known = {message.id: "fuzzy" in message.flags for message in catalog}
    # the rule of the registry holds, whatever the file or Babel says
    catalog.mime_headers = [*catalog.mime_headers, ("Plural-Forms", language.plurals)]
    catalog.project, catalog.version = "Rahnuma", "1"
    catalog.msgid_bugs_address = "docs/translators.md"
    catalog.update(source_catalog(), no_fuzzy_matching=True)
    for message in catalog:
        if not message.id:
            continue
        if message.fuzzy and not known.get(message.id):  # Babel's doubt about the number of forms
            message.flags.discard("fuzzy")
            message.string = ""
        if message.id not in known and UNREAD not in catalog.header_comment:
            message.user_comments = [NEEDS_NATIVE_CHECK]
        if message.pluralizable and not message.string:
            message.string = ("",) * catalog.num_plurals
        if not message.string and (known_name := _name_in_cldr(message, language)):
            message.string, message.user_comments = known_name, [NEEDS_NATIVE_CHECK]
    return _write(catalog, path)


def read(path: Path, language: Language) -> Catalog:
    """The catalog of this file; raises babel.messages.pofile.PoFileError where it is not well formed."""
    with path.open("rb") as file:
        return read_po(file, locale=language.locale, abort_invalid=True)


@dataclass(frozen=True, slots=True)
class Status:
    """How far a language is, in texts. `awaiting_native`: not yet confirmed by a native speaker; `doubtful`: those of
    them that the writer marked; `recorded` of `utterances` have a voice."""

    texts: int
    translated: int
    awaiting_native: int
    doubtful: int
    utterances: int
    recorded: int


def status(code: str, folder: Path = CATALOGS) -> Status:
    """How far this language is; a language without a catalog has nothing."""
    path = folder / f"{code}.po"
    catalog = read(path, LANGUAGES[code]) if path.exists() else Catalog()
    wanted = [message for message in source_catalog() if message.id and is_needed(message, code)]
    done = [
        found
        for message in wanted
        if (found := catalog.get(message.id)) and not found.fuzzy and all(forms(found))
    ]
    doubtful = sum(NEEDS_NATIVE_CHECK in message.user_comments for message in done)
    return Status(
        texts=len(wanted),
        translated=len(wanted) if code == "en" else len(done),
        awaiting_native=len(done) if UNREAD in catalog.header_comment else doubtful,
        doubtful=doubtful,
        utterances=len(utterances()),
        recorded=len(utterances()) - len(lacking(code)),
    )


def forms(message: Message) -> tuple[str, ...]:
    """The texts of an entry: one, or as many as the language has plural forms."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _name_in_cldr(message: Message, language: Language) -> str:
    """What CLDR calls a language of the registry in this language; "" for other texts and unknown names."""
    for name in names(message):
        kind, _, code = name.partition("/")
        if kind == "language":
            locale = LANGUAGES[code].locale  # fa_AF for Dari; but not ku, all of Kurdish, for Kurmanji
            known = language.cldr.languages
            return str(known.get(code) or (known.get(locale) if "_" in locale else None) or "")
    return ""


def _begun(language: Language) -> Catalog:
    catalog = Catalog(locale=language.locale, header_comment=f"# {UNREAD}", fuzzy=False)
    catalog.language_team = language.english
    return catalog


def _write(catalog: Catalog, path: Path) -> bool:
    """Writes the file as a whole, and only when it changes."""
    written = _written(catalog)
    if path.exists() and path.read_bytes() == written:
        return False
    draft = path.with_suffix(".draft")
    draft.write_bytes(written)
    draft.replace(path)
    return True


def _written(catalog: Catalog) -> bytes:
    """The catalog as a file: without line numbers and Babel's version, which would change without a change of texts."""
    file = BytesIO()
    write_po(file, catalog, width=_WIDTH, include_lineno=False, ignore_obsolete=True)
    return re.sub(rb'"Generated-By: [^"]*"\n', b"", file.getvalue(), count=1)
