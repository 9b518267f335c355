"""The registry keeps to CLDR, and where it does not, on purpose."""

from __future__ import annotations

import gettext
from datetime import date, time
from pathlib import Path

import pytest
from babel import Locale
from babel.dates import format_date

from bot.languages.registry import LANGUAGES, Language, by_telegram_code

ALL = list(LANGUAGES.values())
DAY = date(2026, 11, 3)
TODAY_ON_PAPER = {
    "ar": "٣ نوفمبر ٢٠٢٦",
    "prs": "۳ نومبر ۲۰۲۶",
    "fa": "۳ نوامبر ۲۰۲۶",
    "kmr": "3ê mijdara 2026an",
    "ckb": "٣ی تشرینی دووەمی ٢٠٢٦",
    "ps": "۳ نومبر ۲۰۲۶",
    "ur": "3 نومبر، 2026",
    "tr": "3 Kasım 2026",
    "uk": "3 листопада 2026\u202fр.",
    "ru": "3 ноября 2026\u202fг.",
    "ti": "3 ሕዳር 2026",
    "am": "3 ኖቬምበር 2026",
    "so": "3 Noofeembar 2026",
    "fr": "3 novembre 2026",
    "de": "3. November 2026",
    "en": "3 November 2026",
}
CLDR_CATEGORIES = ("zero", "one", "two", "few", "many", "other")


@pytest.fixture(params=ALL, ids=lambda language: language.code)
def language(request: pytest.FixtureRequest) -> Language:
    found: Language = request.param
    return found


def test_there_are_sixteen_languages_and_more() -> None:
    assert len(ALL) >= 16
    assert all(code == language.code for code, language in LANGUAGES.items())


def test_plural_forms_are_those_of_cldr(language: Language) -> None:
    """The same form exactly for the numbers that CLDR puts into one category, in CLDR's order, for 0 to 120."""
    form_of = gettext.c2py(language.plurals.partition("plural=")[2].rstrip(";"))
    category_of = language.cldr.plural_form
    used = [c for c in CLDR_CATEGORIES if any(category_of(n) == c for n in range(121))]
    assert [form_of(n) for n in range(121)] == [used.index(category_of(n)) for n in range(121)]
    assert language.plurals.startswith(f"nplurals={len(used)};")


def test_the_locale_is_one_that_cldr_knows(language: Language) -> None:
    assert language.cldr == Locale.parse(language.locale)
    assert language.script in {"Arab", "Latn", "Cyrl", "Ethi"}
    assert language.right_to_left == (language.script == "Arab")


def test_the_autonym_is_written_in_the_script_of_the_language(language: Language) -> None:
    import unicodedata

    script = {"Arab": "ARABIC", "Latn": "LATIN", "Cyrl": "CYRILLIC", "Ethi": "ETHIOPIC"}[language.script]
    assert all(unicodedata.name(sign).startswith(script) for sign in language.autonym if sign.isalpha())


def test_telegram_takes_two_letters(language: Language) -> None:
    assert len(language.telegram) == 2
    assert language.telegram.isalpha()


def test_fallbacks_are_languages_of_the_registry(language: Language) -> None:
    assert all(code in LANGUAGES and code != language.code for code in language.fallbacks)


def test_digits_are_those_of_cldr_except_where_readers_differ(language: Language) -> None:
    """CLDR's plain "ar" means Latin digits; people from Syria, Iraq and Sudan read and are taught ٠–٩."""
    system = "arab" if language.code == "ar" else language.cldr.default_numbering_system
    assert language.digits == _digits_of(system)


def _digits_of(system: str) -> str:
    zero = {"latn": 0x30, "arab": 0x660, "arabext": 0x6F0}[system]
    return "".join(chr(zero + n) for n in range(10))


@pytest.mark.parametrize(("code", "written"), TODAY_ON_PAPER.items())
def test_dates_are_written_as_in_each_language(code: str, written: str) -> None:
    assert LANGUAGES[code].date(DAY) == written


def test_dates_are_cldrs_long_ones_except_where_the_month_comes_first(language: Language) -> None:
    long = language.number(format_date(DAY, "long", locale=language.cldr))
    day_first = long.startswith(language.number(3))
    assert (language.date(DAY) == long) == day_first


def test_times_have_24_hours_everywhere(language: Language) -> None:
    assert language.time(time(17, 5)) == language.number("17:05")
    assert language.time(time(0, 0)) == language.number("00:00")


def test_weekdays_are_cldrs(language: Language) -> None:
    assert language.weekday(DAY) == language.cldr.days["format"]["wide"][1]


def test_lists_are_joined_as_in_cldr_by_commas_only(language: Language) -> None:
    """CLDR's separator in the middle of a list. Deviations: Arabic repeats "and", which joins the next word and reads
    badly before a name in Latin letters; CLDR gives Sorani the Latin comma, which its newspapers do not use."""
    middle = language.cldr.list_patterns["standard"]["middle"].replace("\u200f", "")
    assert language.listing(["{0}", "{1}"]) == ("{0}، {1}" if language.code in ("ar", "ckb") else middle)
    assert language.listing([]) == ""


def test_numbers_have_the_digits_of_the_language() -> None:
    assert LANGUAGES["ar"].number(2026) == "٢٠٢٦"
    assert LANGUAGES["prs"].number("17:05") == "۱۷:۰۵"
    assert LANGUAGES["ur"].number(12) == "12"


@pytest.mark.parametrize(
    ("telegram", "codes"),
    [
        ("fa", ("prs", "fa")),
        ("ku", ("kmr", "ckb")),
        ("de-AT", ("de",)),
        ("UK", ("uk",)),
        ("sw", ()),
        (None, ()),
        ("", ()),
    ],
)
def test_telegrams_code_stands_for_one_or_two_languages(telegram: str | None, codes: tuple[str, ...]) -> None:
    assert by_telegram_code(telegram) == codes


def test_offers_can_say_that_they_speak_every_language_of_the_bot() -> None:
    from bot.offers.model import LANGUAGES as SPOKEN

    assert set(LANGUAGES) <= set(SPOKEN)


def test_every_language_of_the_registry_can_be_set_in_the_configuration() -> None:
    from bot.settings import load

    assert set(load(Path(__file__).parents[2] / "config.yml").languages) <= set(LANGUAGES)
