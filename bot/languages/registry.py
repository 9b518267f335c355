"""The languages the bot speaks, as data/languages.yml has them, and how each writes numbers, dates and lists.

Plural rules are ours, tested against CLDR (Babel's `Locale.plural_form`): the plural headers that Babel 2.18 writes
contradict CLDR for ar, fa, ti, am and tr. Telegram takes two-letter codes only (Bot API, setMyCommands: ISO 639-1).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, get_day_names

from bot.offers.model import language_rows

PLURALS = {
    "one": "nplurals=2; plural=(n != 1);",
    "zero_or_one": "nplurals=2; plural=(n > 1);",
    "slavic": "nplurals=3; "
    "plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);",
    "arabic": "nplurals=6; "
    "plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
}
LATIN_DIGITS = "0123456789"
DIGITS = {"latin": LATIN_DIGITS, "arabic": "٠١٢٣٤٥٦٧٨٩", "persian": "۰۱۲۳۴۵۶۷۸۹"}


@dataclass(frozen=True)
class Language:
    """One language: code used everywhere, its own name, CLDR locale, Telegram's code, and how it writes things.

    `fallbacks` are the languages whose text is taken where this one lacks it, before English. `comma` joins lists.
    `date_pattern` is set where CLDR's long date puts the month before the day: here the day comes first, as on
    German letters.
    """

    code: str
    autonym: str
    english: str
    locale: str
    telegram: str
    plurals: str = PLURALS["one"]
    digits: str = LATIN_DIGITS
    fallbacks: tuple[str, ...] = ()
    comma: str = ", "
    date_pattern: str = "long"

    @cached_property
    def cldr(self) -> Locale:
        """Babel's locale: direction, month and weekday names."""
        return Locale.parse(self.locale)

    @cached_property
    def script(self) -> str:
        """The script it is written in, as its four-letter code of ISO 15924 (CLDR's likely subtags)."""
        return str(get_global("likely_subtags")[self.cldr.language].split("_")[1])

    @cached_property
    def right_to_left(self) -> bool:
        return str(self.cldr.text_direction) == "rtl"

    @cached_property
    def _digits(self) -> dict[int, int]:
        return str.maketrans(LATIN_DIGITS, self.digits)

    def number(self, value: int | str) -> str:
        """The number in this language's digits, without separators: only small numbers are ever shown."""
        return str(value) if self.digits is LATIN_DIGITS else str(value).translate(self._digits)

    def time(self, value: dt.time | dt.datetime) -> str:
        """Hours and minutes; 24 hours everywhere, as on the door in Germany, also where CLDR says 12."""
        return self.number(f"{value:%H:%M}")

    def date(self, value: dt.date) -> str:
        """Day, month by name, year (Gregorian, as on German letters), as CLDR's long date writes them."""
        return _date(self.code, value)

    def day(self, value: dt.date) -> str:
        """Day and month in figures, as on German letters, short enough for a button."""
        return self.number(f"{value.day}.{value.month}.")

    def weekday(self, value: dt.date) -> str:
        """The whole name of the day, as CLDR has it inside a sentence."""
        return _weekday(self.code, value.weekday())

    def listing(self, items: list[str]) -> str:
        """The items as a plain list; a comma reads the same in every language, an "and" inflects."""
        return self.comma.join(items)


@lru_cache(maxsize=2**12)
def _date(code: str, value: dt.date) -> str:
    language = LANGUAGES[code]
    return language.number(str(format_date(value, language.date_pattern, locale=language.cldr)))


@lru_cache(maxsize=2**10)
def _weekday(code: str, day: int) -> str:
    return str(get_day_names("wide", locale=LANGUAGES[code].cldr)[day])


def _read(code: str, row: Mapping[str, Any]) -> Language:
    given = dict(row)
    return Language(
        code,
        plurals=PLURALS[given.pop("plural", "one")],
        digits=DIGITS[given.pop("digits", "latin")],
        fallbacks=tuple(given.pop("fallbacks", ())),
        date_pattern=given.pop("date", "long"),
        **given,
    )


LANGUAGES: dict[str, Language] = {code: _read(code, row) for code, row in language_rows().items()}


def by_telegram_code(code: str | None) -> tuple[str, ...]:
    """The languages that Telegram's `language_code` may stand for: "ku" is Kurmanji or Sorani, "fa" Dari or Persian."""
    short = (code or "").split("-")[0].lower()
    return tuple(
        language.code for language in LANGUAGES.values() if short in (language.telegram, language.code)
    )
