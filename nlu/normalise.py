"""One normalisation for training and use: `clean` keeps what tells languages apart, `fold` lets spellings meet.

Knows Unicode and keyboards, no vocabulary.
"""

from __future__ import annotations

import re
import unicodedata

HEAD, TAIL = 3_000, 1_000
"""Characters kept of a long text: its beginning and its end (a Telegram message has 4,096 at most)."""

_FORMAT_AND_MARKS = (
    *range(0x0300, 0x0370),  # combining marks that NFKC could not compose: zalgo
    0x00AD,
    0x034F,
    *range(
        0x200B, 0x2010
    ),  # zero width, joiners, direction marks; Persian words typed with and without ZWNJ meet
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    0x0640,  # tatweel
    *range(0x0610, 0x061B),
    *range(0x064B, 0x0654),  # Arabic vowel signs
    *range(0x0656, 0x0660),
    0x0670,
    *range(0x06D6, 0x06EE),
    *range(0x0591, 0x05C8),
    *range(0xFE00, 0xFE10),
    *range(0xE0000, 0xE0080),
)
_APOSTROPHES = "'`´ʼʻ’‘‛′＇ʹ"
_DIGITS = {
    code: unicodedata.decimal(chr(code))
    for start in (0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xFF10)
    for code in range(start, start + 10)
}
_CLEAN: dict[int, str | None] = (
    dict.fromkeys(_FORMAT_AND_MARKS)
    | {code: str(digit) for code, digit in _DIGITS.items()}
    | dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), " ")
    | {ord(mark): "'" for mark in _APOSTROPHES}
)
_LONG = re.compile(r"([^\W\d_])\1{2,}")
_GEEZ_NUMBER = re.compile("[፩-፼]+")

_ARABIC_MEETING = {  # letters of Persian, Kurdish, Pashto and Urdu, and those that an Arabic keyboard offers for them
    "ا": "أإآٱٲٳ",
    "ي": "ىئیېۍێےۓؽؾ",
    "و": "ؤۆۇۈۋ",
    "ه": "ةۃہھەۀۂ",
    "ك": "کڪ",
    "گ": "ګ",
    "ر": "ڕړڑ",
    "ل": "ڵ",
    "ن": "ںڼ",
    "ف": "ڤ",
    "ت": "ٹټ",
    "د": "ڈډ",
}
_ARABIC = {ord(letter): plain for plain, letters in _ARABIC_MEETING.items() for letter in letters}
_GEEZ_ROWS = (("ሐ", "ሀ"), ("ኀ", "ሀ"), ("ኸ", "ሀ"), ("ሠ", "ሰ"), ("ዐ", "አ"), ("ፀ", "ጸ"))
_GEEZ = {ord(old) + order: ord(new) + order for old, new in _GEEZ_ROWS for order in range(7)}
_GEEZ |= {ord("ሃ"): ord("ሀ"), ord("ሓ"): ord("ሀ"), ord("ኃ"): ord("ሀ"), ord("ኻ"): ord("ሀ")}
_GEEZ |= {ord("ኣ"): ord("አ"), ord("ዓ"): ord("አ")}
_LETTERS = {
    "ß": "ss",
    "ı": "i",
    "ł": "l",
    "đ": "d",
    "ø": "o",
    "æ": "a",
    "œ": "oe",
    "ə": "e",
    "ð": "d",
    "þ": "t",
}


def _without_marks() -> dict[int, str]:
    plain = {}
    for code in (*range(0xC0, 0x250), *range(0x400, 0x530), *range(0x1E00, 0x1F00)):
        letters = unicodedata.normalize("NFD", chr(code))
        if len(letters) > 1:
            plain[code] = "".join(mark for mark in letters if not unicodedata.combining(mark))
    return plain


_FOLD: dict[int, str | int | None] = {
    **_without_marks(),
    **{ord(letter): plain for letter, plain in _LETTERS.items()},
    **_ARABIC,
    **_GEEZ,
    ord("ء"): None,
}
_EMOJI = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]")
MOST_EMOJI = 4
_CYRILLIC_APOSTROPHE = re.compile("(?<=[Ѐ-ӿ])'(?=[Ѐ-ӿ])")
_NO_WORD = re.compile(r"[\W_]+")
_DOUBLE = re.compile("([\u0620-\u06d3])\\1+")
_TWO_DIGITS = re.compile(r"\d\d")
_GLUED = re.compile(r"(?<=\d\d)(?=[^\W\d])|(?<=[^\W\d])(?=\d\d)")


def clean(text: str) -> str:
    """The text in lower case, composed (NFKC), without controls, zalgo, tatweel and elongations, digits as 0–9.

    Letters that tell languages apart stay (ک and ك, ş and s). At most HEAD + TAIL characters of it are read.
    """
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]} {text[-TAIL:]}"
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)[: 2 * (HEAD + TAIL)]
        text = _GEEZ_NUMBER.sub(_geez_number, text)
    text = text.lower().translate(_CLEAN)
    return _LONG.sub(r"\1", text)


def emoji(cleaned: str) -> list[str]:
    """The different emoji of a text, the first few: 🙏 alone is a message too."""
    return [] if cleaned.isascii() else list(dict.fromkeys(_EMOJI.findall(cleaned)))[:MOST_EMOJI]


def fold(cleaned: str) -> str:
    """The words of a cleaned text with one space between, without diacritics and letter variants.

    Both sides of a comparison are folded: what people type, and the patterns of the lexicon. Apostrophes part words
    (l'eau) but in Cyrillic, where they are letters that many leave out; numbers of two digits and more stand alone.
    """
    text = cleaned if cleaned.isascii() else _CYRILLIC_APOSTROPHE.sub("", cleaned).translate(_FOLD)
    text = _NO_WORD.sub(" ", text).strip()
    if text is not cleaned and not cleaned.isascii():
        text = _DOUBLE.sub(r"\1", _LONG.sub(r"\1", text))
    return _GLUED.sub(" ", text) if _TWO_DIGITS.search(text) else text


def _geez_number(found: re.Match[str]) -> str:
    value = 0.0
    for sign in found[0]:
        number = unicodedata.numeric(sign)
        value = max(value, 1) * number if number >= 100 else value + number
    return f" {int(value)} "
