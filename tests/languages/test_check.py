"""`languages check` finds each kind of harm that a catalog can take, and nothing in what is well."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po

from bot.languages.catalogs import CATALOGS
from bot.languages.check import BANNED_WORDS, Problem, Rule, check, width
from bot.languages.extraction import names, source_catalog
from bot.languages.registry import LANGUAGES
from bot.languages.upkeep import read

Damage = Callable[[Message], None]


def problems_after(code: str, folder: Path, change: Callable[[Catalog], None]) -> list[Problem]:
    """What is wrong after this change that was not wrong before."""
    path = folder / f"{code}.po"
    shutil.copy(CATALOGS / path.name, path)
    before = check(code, folder)
    catalog = read(path, LANGUAGES[code])
    change(catalog)
    with path.open("wb") as file:
        write_po(file, catalog)
    return [problem for problem in check(code, folder) if problem not in before]


def entry(catalog: Catalog, name: str) -> Message:
    english = next(message.id for message in source_catalog() if name in names(message))
    found = catalog.get(english)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("code", "name", "text", "rule"),
    [
        ("tr", "button_back", "", Rule.EMPTY),
        ("tr", "utter_language_set", "Artık yazıyorum.", Rule.PLACEHOLDER),
        ("tr", "utter_language_set", "{language} {dil}", Rule.PLACEHOLDER),
        ("tr", "utter_language_set", "{language", Rule.PLACEHOLDER),
        ("tr", "utter_greet", "<b>Merhaba.</b>", Rule.MARKUP),
        ("tr", "utter_greet", "Merhaba.\n\nHoş geldin.", Rule.MARKUP),
        ("tr", "utter_greet", " Merhaba.", Rule.MARKUP),
        ("tr", "utter_language_remembered", "Dilini hatırlayayım mı? /unut", Rule.MARKUP),
        ("tr", "age_band/child", "0-14 yaş", Rule.NUMBER),
        ("ar", "age_band/child", "من 0 إلى 13 سنة", Rule.DIGITS),
        ("ar", "age_band/child", "من ۰ إلى ۱۳ سنة", Rule.DIGITS),
        ("ur", "age_band/child", "۰ سے ۱۳ سال", Rule.DIGITS),
        ("ar", "utter_crisis_medical", "المهم الآن: الاتصال بالرقم ١١٢.", Rule.DIGITS),
        ("tr", "utter_greet", "Merhaba\u202e.", Rule.CHARACTER),
        ("tr", "utter_greet", "Merhaba\u200b.", Rule.CHARACTER),
        ("tr", "utter_greet", "Mer\u200chaba.", Rule.CHARACTER),
        ("fa", "utter_greet", "سلام \u200cشما.", Rule.CHARACTER),
        ("fa", "utter_greet", "سلامي.", Rule.CHARACTER),
        ("ar", "utter_greet", "مرحبا\u2067ً.", Rule.CHARACTER),
        ("ar", "utter_greet", "مـــرحبا.", Rule.CHARACTER),
        ("ar", "utter_greet", "\ufee3رحبا.", Rule.CHARACTER),
        ("uk", "utter_greet", "Привет, рыба.", Rule.CHARACTER),
        ("uk", "utter_greet", "Bітаю.", Rule.CHARACTER),
        ("kmr", "utter_greet", "Silav, ez li vır im.", Rule.CHARACTER),
        ("fr", "utter_greet", "Bonjour e\u0301te\u0301.", Rule.CHARACTER),
        ("ar", "utter_greet", "مرحبا, أهلا.", Rule.PUNCTUATION),
        ("ur", "utter_greet", "سلام.", Rule.PUNCTUATION),
        ("tr", "utter_crisis_sos", "Hemen arayın!", Rule.PUNCTUATION),
        ("tr", "button_back", "Bir önceki soruya geri dön, lütfen", Rule.LENGTH),
        ("tr", "bot_short_description", "{city} " + "yardım " * 20, Rule.LENGTH),
        ("tr", "utter_greet", "Hello. Good that you are here.", Rule.ENGLISH),
        ("tr", "utter_greet", "Merhaba, you buradasın.", Rule.ENGLISH),
        ("uk", "button_back", "Back", Rule.ENGLISH),
        ("ar", "utter_greet", "مرحباً، hello there.", Rule.ENGLISH),
        ("tr", "utter_greet", "Geçersiz.", Rule.BANNED),
    ],
)
def test_each_kind_of_harm_is_found(code: str, name: str, text: str, rule: Rule, tmp_path: Path) -> None:
    def harm(catalog: Catalog) -> None:
        entry(catalog, name).string = text

    found = problems_after(code, tmp_path, harm)
    assert rule in {problem.rule for problem in found}
    assert all(problem.language == code and name in problem.name for problem in found)


@pytest.mark.parametrize(
    ("code", "name", "text"),
    [
        ("ar", "utter_crisis_say", "قل: «Hilfe»، ثم «Arabisch» (عربي)."),
        ("ar", "utter_greet", "تحويل من الطبيب (Überweisung) عبر Telegram."),
        ("fa", "utter_greet", "می\u200cخواهم."),
        ("ps", "utter_greet", "زه دلته يم."),
        ("fr", "utter_greet", "Bonjour\u202f: je suis là."),
        ("de", "button_website", "Website"),
        ("tr", "district/mitte", "Mitte"),
        ("uk", "button_sos", "SOS"),
    ],
)
def test_what_is_well_is_left_in_peace(code: str, name: str, text: str, tmp_path: Path) -> None:
    def change(catalog: Catalog) -> None:
        entry(catalog, name).string = text

    assert problems_after(code, tmp_path, change) == []


def test_missing_and_stale_entries_are_found(tmp_path: Path) -> None:
    def change(catalog: Catalog) -> None:
        catalog.delete(entry(catalog, "utter_greet").id)
        catalog.add("Something of long ago", "Eski bir şey")

    assert {problem.rule for problem in problems_after("tr", tmp_path, change)} == {Rule.MISSING, Rule.STALE}


def test_doubtful_entries_are_found(tmp_path: Path) -> None:
    def change(catalog: Catalog) -> None:
        entry(catalog, "utter_greet").flags.add("fuzzy")

    assert [problem.rule for problem in problems_after("tr", tmp_path, change)] == [Rule.FUZZY]


def test_two_buttons_that_read_the_same_are_found(tmp_path: Path) -> None:
    def change(catalog: Catalog) -> None:
        entry(catalog, "button_back").string = entry(catalog, "button_skip").string

    (problem,) = problems_after("tr", tmp_path, change)
    assert problem.rule is Rule.SAME_LABEL
    assert "button_skip" in problem.name
    assert "button_back" in problem.name


@pytest.mark.parametrize(
    ("code", "form", "text", "rules"),
    [
        ("ar", 2, "حوالي أسبوعين", set()),  # the dual says two
        ("ar", 3, "أسابيع", {Rule.PLACEHOLDER}),
        ("ru", 0, "неделя", {Rule.PLACEHOLDER}),  # 1, but also 21 and 31
        ("prs", 0, "یک هفته", set()),  # 0 and 1
    ],
)
def test_a_form_of_one_or_two_numbers_may_say_them_in_words(
    code: str, form: int, text: str, rules: set[Rule], tmp_path: Path
) -> None:
    def change(catalog: Catalog) -> None:
        message = entry(catalog, "card_wait")
        forms = list(message.string or ())
        forms[form] = text
        message.string = tuple(forms)

    assert {problem.rule for problem in problems_after(code, tmp_path, change)} == rules


def test_a_wrong_plural_rule_is_found(tmp_path: Path) -> None:
    def change(catalog: Catalog) -> None:
        catalog.mime_headers = [("Plural-Forms", "nplurals=2; plural=(n > 1);")]

    assert Rule.PLURAL in {problem.rule for problem in problems_after("tr", tmp_path, change)}


def test_a_language_without_a_catalog_and_a_broken_one_are_found(tmp_path: Path) -> None:
    assert [problem.rule for problem in check("tr", tmp_path)] == [Rule.CATALOG]
    for broken in (b"msgid no quotes\n", b'msgid "\xff"\nmsgstr ""\n'):
        (tmp_path / "tr.po").write_bytes(broken)
        assert [problem.rule for problem in check("tr", tmp_path)] == [Rule.CATALOG]


def test_every_language_has_words_that_have_no_place_in_it() -> None:
    lists = yaml.safe_load(BANNED_WORDS.read_text(encoding="utf-8"))
    assert set(lists) == set(LANGUAGES)
    for kinds in lists.values():
        assert set(kinds) == {"blame", "alarm", "office", "stigma"}
        assert all(words and len(words) == len(set(words)) for words in kinds.values())


@pytest.mark.parametrize(
    ("text", "columns"), [("Back", 4), ("ምን", 2), ("漢字", 4), ("e\u0301", 1), ("می\u200cخواهم", 7), ("بَ", 1)]
)
def test_width_is_counted_in_columns(text: str, columns: int) -> None:
    assert width(text) == columns
