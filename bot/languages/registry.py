"""The languages the bot speaks: one line each. Adding one is a line here and a catalog beside.

Plural rules are ours, tested against CLDR (Babel's `Locale.plural_form`): the plural headers that Babel 2.18 writes
contradict CLDR for ar, fa, ti, am and tr. Telegram takes two-letter codes only (Bot API, setMyCommands: ISO 639-1).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property, lru_cache

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, get_day_names

ONE = "nplurals=2; plural=(n != 1);"
ZERO_OR_ONE = "nplurals=2; plural=(n > 1);"
SLAVIC = (
    "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"
)
ARABIC = (
    "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
)
LATIN_DIGITS = "0123456789"
ARABIC_DIGITS = "٠١٢٣٤٥٦٧٨٩"
PERSIAN_DIGITS = "۰۱۲۳۴۵۶۷۸۹"


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
    plurals: str = ONE
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


_ARABIC_COMMA = "، "
_DAY_FIRST = "d MMMM y"
LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language("ar", "العربية", "Arabic", "ar", "ar", ARABIC, ARABIC_DIGITS, comma=_ARABIC_COMMA),
        Language("prs", "دری", "Dari", "fa_AF", "fa", ZERO_OR_ONE, PERSIAN_DIGITS, ("fa",), _ARABIC_COMMA),
        Language(
            "fa", "فارسی ایران", "Persian", "fa", "fa", ZERO_OR_ONE, PERSIAN_DIGITS, ("prs",), _ARABIC_COMMA
        ),
        Language("kmr", "Kurmancî", "Kurmanji", "ku", "ku"),
        Language("ckb", "کوردیی ناوەندی", "Sorani", "ckb", "ku", ONE, ARABIC_DIGITS, comma=_ARABIC_COMMA),
        Language(
            "ps",
            "پښتو",
            "Pashto",
            "ps",
            "ps",
            ONE,
            PERSIAN_DIGITS,
            comma=_ARABIC_COMMA,
            date_pattern=_DAY_FIRST,
        ),
        Language("ur", "اردو", "Urdu", "ur", "ur", comma=_ARABIC_COMMA),
        Language("tr", "Türkçe", "Turkish", "tr", "tr"),
        Language("uk", "Українська", "Ukrainian", "uk", "uk", SLAVIC, fallbacks=("ru",)),
        Language("ru", "Русский", "Russian", "ru", "ru", SLAVIC),
        Language("sq", "Shqip", "Albanian", "sq", "sq"),
        Language(
            "ti",
            "ትግርኛ",
            "Tigrinya",
            "ti",
            "ti",
            ZERO_OR_ONE,
            fallbacks=("am",),
            comma="፣ ",
            date_pattern=_DAY_FIRST,
        ),
        Language("am", "አማርኛ", "Amharic", "am", "am", ZERO_OR_ONE, comma="፣ "),
        Language("so", "Soomaali", "Somali", "so", "so", date_pattern=_DAY_FIRST),
        Language("fr", "Français", "French", "fr", "fr", ZERO_OR_ONE),
        Language("de", "Deutsch", "German", "de", "de"),
        Language("en", "English", "English", "en", "en", date_pattern=_DAY_FIRST),
    )
}


def by_telegram_code(code: str | None) -> tuple[str, ...]:
    """The languages that Telegram's `language_code` may stand for: "ku" is Kurmanji or Sorani, "fa" Dari or Persian."""
    short = (code or "").split("-")[0].lower()
    return tuple(
        language.code for language in LANGUAGES.values() if short in (language.telegram, language.code)
    )
