"""What must be true of every catalog before it is shown to anybody: complete, unharmed, short enough, readable, kind.

Says what is wrong and where; never changes a catalog.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError

from bot.languages.catalogs import CATALOGS
from bot.languages.extraction import ROOT, is_needed, names, role_of, room, source_catalog
from bot.languages.registry import LANGUAGES, Language
from bot.languages.upkeep import forms, read

BANNED_WORDS = ROOT / "data" / "banned_words.yml"


class Rule(StrEnum):
    """What a catalog is held to."""

    CATALOG = "catalog"
    MISSING = "missing"
    EMPTY = "empty"
    FUZZY = "fuzzy"
    STALE = "stale"
    PLURAL = "plural"
    PLACEHOLDER = "placeholder"
    MARKUP = "markup"
    NUMBER = "number"
    DIGITS = "digits"
    CHARACTER = "character"
    PUNCTUATION = "punctuation"
    LENGTH = "length"
    ENGLISH = "English"
    SAME_LABEL = "same label"
    BANNED = "banned word"


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule: in which language, at which text (its first name), and what is wrong."""

    language: str
    name: str
    rule: Rule
    detail: str

    def __str__(self) -> str:
        return f"{self.language} {self.name}: {self.rule}: {self.detail}"


def check(code: str, folder: Path = CATALOGS) -> list[Problem]:
    """All that is wrong with the catalog of this language; for English, with the source itself."""
    language, source = LANGUAGES[code], source_catalog()
    if code == "en":
        catalog = Catalog()
        for message in source:
            if message.id:
                catalog.add(message.id, message.id, auto_comments=message.auto_comments)
    else:
        path = folder / f"{code}.po"
        if not path.exists():
            return [Problem(code, path.name, Rule.CATALOG, f"there is none; begin it with: update {code}")]
        try:
            catalog = read(path, language)
        except (PoFileError, UnicodeDecodeError, ValueError) as error:
            return [Problem(code, path.name, Rule.CATALOG, f"cannot be read: {error}")]
    return [
        *_structure(code, catalog, source),
        *_texts(language, catalog, source),
        *_same(code, catalog, source),
    ]


# -- the catalog as a whole --


def _structure(code: str, catalog: Catalog, source: Catalog) -> Iterator[Problem]:
    wanted, file = LANGUAGES[code].plurals, f"{code}.po"
    rule = f"nplurals={catalog.num_plurals}; plural={catalog.plural_expr};"
    if code != "en" and "".join(rule.split()) != "".join(wanted.split()):
        yield Problem(code, file, Rule.PLURAL, f"the head must say Plural-Forms: {wanted}")
    for message in source:
        if message.id and message.id not in catalog and is_needed(message, code):
            yield Problem(code, names(message)[0], Rule.MISSING, f"run: update {code}")
    for message in catalog:
        if message.id and message.id not in source:
            yield Problem(code, _shortened(message), Rule.STALE, f"no longer used; run: update {code}")
    for message in catalog.obsolete.values():
        yield Problem(code, _shortened(message), Rule.STALE, f"no longer used; run: update {code}")


def _shortened(message: Message) -> str:
    english = message.id if isinstance(message.id, str) else message.id[0]
    return f"“{english[:30]}…”" if len(english) > 30 else f"“{english}”"


def _same(code: str, catalog: Catalog, source: Catalog) -> Iterator[Problem]:
    """Two buttons that can stand on one screen must not read the same."""
    labels: dict[tuple[str, str], list[Message]] = defaultdict(list)
    for message in source:
        for name in names(message):
            role = role_of(name)
            if role and role.where == "button" and (string := _string(catalog, message)):
                group = "gender/child" if name.startswith("gender/child") else role.prefix
                labels[group, string.casefold()].append(message)
    for (_, label), messages in labels.items():
        if len({message.id for message in messages}) > 1:
            which = " and ".join(names(message)[0] for message in messages)
            yield Problem(code, which, Rule.SAME_LABEL, f"both read “{label}”")


def _string(catalog: Catalog, message: Message) -> str:
    found = catalog.get(message.id)
    return found.string if found and isinstance(found.string, str) else ""


# -- text by text --


def _texts(language: Language, catalog: Catalog, source: Catalog) -> Iterator[Problem]:
    for message in source:
        found = catalog.get(message.id) if message.id else None
        if found is None:
            continue
        name, code = names(message)[0], language.code
        if not is_needed(message, code) and not any(forms(found)):
            continue
        if found.fuzzy:
            yield Problem(code, name, Rule.FUZZY, "read it again and take away the mark")
        texts = forms(found)
        if message.pluralizable and len(texts) != catalog.num_plurals and code != "en":
            yield Problem(code, name, Rule.PLURAL, f"{len(texts)} forms, not {catalog.num_plurals}")
        for index, text in enumerate(texts):
            if not text.strip():
                yield Problem(code, name, Rule.EMPTY, f"form {index}" if message.pluralizable else "no text")
                continue
            rare = message.pluralizable and code != "en" and index in _forms_of_few(language.plurals)
            for rule, detail in _harm(language, message, text, rare or code == "en"):
                yield Problem(code, name, rule, detail)


@cache
def _forms_of_few(plurals: str) -> frozenset[int]:
    """The forms that stand for one or two numbers only and may name them in words: Arabic's dual, Persian's 0 and 1."""
    from gettext import c2py

    numbers: dict[int, list[int]] = defaultdict(list)
    form_of = c2py(plurals.partition("plural=")[2].rstrip(";"))
    for n in range(300):
        numbers[form_of(n)].append(n)
    return frozenset(form for form, those in numbers.items() if len(those) <= 2)


def _harm(
    language: Language, message: Message, text: str, may_omit_count: bool
) -> Iterator[tuple[Rule, str]]:
    """What is wrong with one text, seen beside its English."""
    english = message.id if isinstance(message.id, str) else message.id[-1]
    yield from _placeholders(english, text, may_omit_count)
    yield from _markup(english, text)
    yield from _numbers(language, english, text)
    yield from _characters(language, message, text)
    most, wide = room(message), width(text)
    if most and wide > most:
        yield Rule.LENGTH, f"{wide} columns, room for {most}"
    if any(name.startswith("utter_crisis_") for name in names(message)) and re.search("[!！¡]", text):
        yield Rule.PUNCTUATION, "no exclamation marks in an emergency"
    if language.code != "en":
        yield from _english(language, message, text)
    for kind, word in _banned(language.code, text):
        yield Rule.BANNED, f"“{word}” ({kind})"


_PLACEHOLDER = re.compile(r"\{\w+\}")


def _placeholders(english: str, text: str, may_omit_count: bool) -> Iterator[tuple[Rule, str]]:
    wanted, found = set(_PLACEHOLDER.findall(english)), set(_PLACEHOLDER.findall(text))
    if lacking := wanted - found - ({"{count}"} if may_omit_count else set()):
        yield Rule.PLACEHOLDER, f"lacks {', '.join(sorted(lacking))}"
    if unknown := found - wanted:
        yield Rule.PLACEHOLDER, f"does not know {', '.join(sorted(unknown))}"
    if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
        yield Rule.PLACEHOLDER, "a brace that belongs to no name"


_COMMAND = re.compile(r"(?<![\w/])/[a-z]+")
_ADDRESS = re.compile(r"https?://\S+|@\w{5,}")


def _markup(english: str, text: str) -> Iterator[tuple[Rule, str]]:
    """Line breaks, commands and addresses are the same as in English; tags are the renderer's alone."""
    if re.search(r"[<>]|&\w+;", text) and not re.search(r"[<>]|&\w+;", english):
        yield Rule.MARKUP, "HTML does not belong into a text"
    if re.findall(r"\n+", english) != re.findall(r"\n+", text):
        yield Rule.MARKUP, "line breaks differ from the English"
    if text != text.strip() or re.search(r"[^\S\n]{2,}", text):
        yield Rule.MARKUP, "spaces too many"
    for what in (_COMMAND, _ADDRESS):
        if set(what.findall(english)) != set(what.findall(text)):
            yield Rule.MARKUP, f"{', '.join(sorted(what.findall(english))) or 'no command'} expected"


_TELEPHONE = re.compile(r"\b(?:11[02]|116[ ]?\d{3}|0800[ ]?[\d ]{6,})\b", re.ASCII)


def _numbers(language: Language, english: str, text: str) -> Iterator[tuple[Rule, str]]:
    """The numbers are those of the English, in the language's digits; what is dialled or clicked stays ASCII."""
    if _values(english) != _values(text):
        yield Rule.NUMBER, f"numbers {sorted(_values(text))}, in English {sorted(_values(english))}"
    dialled = set(_TELEPHONE.findall(english))
    if lost := dialled - set(_TELEPHONE.findall(text)):
        yield Rule.DIGITS, f"{', '.join(sorted(lost))} must be in the digits of the telephone"
    rest = _ADDRESS.sub("", _TELEPHONE.sub("", text))
    if wrong := {sign for sign in rest if sign.isdecimal() and sign not in language.digits}:
        yield Rule.DIGITS, f"{' '.join(sorted(wrong))} instead of {language.digits}"


def _values(text: str) -> set[int]:
    return {int(number) for number in re.findall(r"\d+", text)}


# -- characters --

ZERO_WIDTH_NON_JOINER = "\u200c"
_WITH_NON_JOINER = frozenset({"fa", "prs", "ckb", "ps", "ur"})
"""Languages whose spelling needs U+200C inside words (Persian می‌خواهم)."""
_NO_BREAK = "\u00a0\u202f"
FOREIGN_LETTERS = {
    "ar": "یکەێۆڕڵہےٹڈڑ",
    "prs": "يكىەێۆڕڵہےٹڈڑټډړښږ",
    "fa": "يكىەێۆڕڵہےٹڈڑټډړښږ",
    "ckb": "يكىة",
    "ps": "كەێۆڕڵہےٹڈڑ",
    "ur": "يكىهەێۆڕڵة",
    "kmr": "ğıöüäß",
    "tr": "qwxêäß",
    "uk": "ыэъё",
    "ru": "іїєґ",
    "am": "ቐቑቒቓቔቕ",
}
"""Letters that look right and are another language's, mostly from a wrong keyboard (Arabic ي in Persian)."""
_SCRIPTS = {"Arab": "ARABIC", "Latn": "LATIN", "Cyrl": "CYRILLIC", "Ethi": "ETHIOPIC"}
_OWN_PUNCTUATION = {"Arab": {",": "،", "?": "؟", ";": "؛"}, "Ethi": {",": "፣", ".": "።", ";": "፤"}}
_QUOTED = re.compile(r"\([^()]*\)|«[^«»]*»|“[^“”]*”|„[^„“”]*[“”]|‹[^‹›]*›|\"[^\"]*\"")
_NAMES = frozenset({"Telegram", "Rahnuma", "SOS"})


def _characters(language: Language, message: Message, text: str) -> Iterator[tuple[Rule, str]]:
    if not unicodedata.is_normalized("NFC", text):
        yield Rule.CHARACTER, "not in normal form (NFC)"
    for sign in sorted(set(text)):
        if reason := _forbidden(language, sign):
            yield Rule.CHARACTER, f"U+{ord(sign):04X} {unicodedata.name(sign, '')}: {reason}"
    if language.code in _WITH_NON_JOINER and re.search(
        rf"(?:^|[\s{ZERO_WIDTH_NON_JOINER}]){ZERO_WIDTH_NON_JOINER}|{ZERO_WIDTH_NON_JOINER}(?:\s|$)", text
    ):
        yield Rule.CHARACTER, "U+200C belongs inside a word"
    own = text if _is_name(message) else _own_words(text)
    wrong = set() if _is_name(message) else set(own.lower()) & set(FOREIGN_LETTERS.get(language.code, ""))
    if wrong:
        yield Rule.CHARACTER, f"{' '.join(sorted(wrong))}: letters of another language"
    for word in re.findall(r"[^\W\d_]+", text):
        if len(scripts := {_script(letter) for letter in word} - {""}) > 1:
            yield Rule.CHARACTER, f"“{word}” mixes {' and '.join(sorted(scripts))} letters"
    marks = dict(_OWN_PUNCTUATION.get(language.script, {}))
    if language.code == "ur":
        marks["."] = "۔"
    for mark, proper in marks.items():
        script = _SCRIPTS[language.script]
        if any(_script(before) == script for before in re.findall(rf"(\w){re.escape(mark)}", text)):
            yield Rule.PUNCTUATION, f"{proper} instead of {mark}"


def _forbidden(language: Language, sign: str) -> str:
    category = unicodedata.category(sign)
    match sign:
        case "\n" | " ":
            return ""
        case "\u200c":
            return "" if language.code in _WITH_NON_JOINER else "no joiner is needed in this language"
        case "\u200e" | "\u200f" | "\u061c" | "\u2066" | "\u2067" | "\u2068" | "\u2069":
            return "directions are set when a message is rendered"
        case "\u0640":
            return "no stretching of words"
        case _ if sign in _NO_BREAK:
            return ""
        case _ if category in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp", "Zs") or sign == "\ufffd":
            return "invisible or broken"
        case _ if "\ufb50" <= sign <= "\ufdfb" or "\ufe70" <= sign <= "\ufefc":
            return "a shape of a letter, not the letter"
    return ""


@cache
def _script(letter: str) -> str:
    """The script of a letter among ours, "" for signs of no or another script."""
    name = unicodedata.name(letter, "")
    return next((script for script in _SCRIPTS.values() if name.startswith(script)), "")


def _is_name(message: Message) -> bool:
    return any(name.startswith(("district/", "area/")) for name in names(message))


def _own_words(text: str) -> str:
    """The text without what may be in another language: in brackets or quotes, commands, addresses, placeholders."""
    return _QUOTED.sub(" ", _COMMAND.sub(" ", _ADDRESS.sub(" ", _PLACEHOLDER.sub(" ", text))))


def width(text: str) -> int:
    """Columns that a text takes: wide signs (Unicode UAX #11) two, combining and joining ones none."""
    return sum(
        0
        if unicodedata.category(sign) in ("Mn", "Me", "Cf")
        else 1 + (unicodedata.east_asian_width(sign) in "WF")
        for sign in text
    )


# -- words --

_ENGLISH_WORDS = frozenset(
    {
        "the",
        "and",
        "you",
        "your",
        "with",
        "this",
        "that",
        "which",
        "what",
        "please",
        "from",
        "have",
        "here",
        "help",
    }
)
"""Words that are none in any of our languages written in Latin letters."""


def _english(language: Language, message: Message, text: str) -> Iterator[tuple[Rule, str]]:
    words = re.findall(r"[^\W\d_]+", _own_words(text))
    if language.script == "Latn":
        english = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        if text in english and len(text.split()) > 1 and not _is_name(message):
            yield Rule.ENGLISH, "not translated"
        elif left := sorted({word for word in words if word.lower() in _ENGLISH_WORDS}):
            yield Rule.ENGLISH, f"left in the text: {', '.join(left)}"
        return
    own = _SCRIPTS[language.script]
    foreign = sorted({word for word in words if _script(word[0]) == "LATIN" and word not in _NAMES})
    if foreign:
        yield Rule.ENGLISH, f"outside brackets: {', '.join(foreign)}"
    elif words and not any(_script(word[0]) == own or word in _NAMES for word in words):
        yield Rule.ENGLISH, "no word in the script of the language"


@cache
def _all_banned_words() -> dict[str, dict[str, list[str]]]:
    lists: dict[str, dict[str, list[str]]] = yaml.safe_load(BANNED_WORDS.read_text(encoding="utf-8"))
    return lists


@cache
def _banned_words(code: str) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    return tuple(
        (
            kind,
            word,
            re.compile(rf"(?<!\w){re.escape(word).replace(chr(92) + '*', chr(92) + 'w*')}(?!\w)", re.I),
        )
        for kind, words in _all_banned_words()[code].items()
        for word in words
    )


def _banned(code: str, text: str) -> Iterator[tuple[str, str]]:
    """Words that blame, alarm, humiliate or sound like an office, with the kind of harm."""
    return ((kind, word) for kind, word, pattern in _banned_words(code) if pattern.search(text))
