"""Catalogs keep in step with the texts of the bot, and lose nothing that a translator wrote."""

from __future__ import annotations

import shutil
from io import StringIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from bot.conversation.domain import domain
from bot.languages import catalogs
from bot.languages.catalogs import CATALOGS, NEEDS_NATIVE_CHECK, UNREAD, awaits_native
from bot.languages.check import Rule, check
from bot.languages.extraction import (
    BUTTON_WIDTH,
    MAPPING,
    ROOT,
    is_button,
    is_needed,
    names,
    room,
    source_catalog,
)
from bot.languages.registry import LANGUAGES
from bot.languages.upkeep import read, status, template, update

ALL = {name: message for message in source_catalog() for name in names(message)}


def test_every_text_that_is_shown_is_extracted() -> None:
    assert set(domain()["responses"]) <= set(ALL)
    assert ALL["need/sleep"].id == "Sleep"
    assert ALL["group/feelings"].id == "How I feel"
    assert ALL["area/centre"].id == "City centre"
    assert ALL["district/mitte"].id == "Mitte"
    assert {f"language/{code}" for code in LANGUAGES} <= set(ALL)


def test_plurals_have_both_english_forms() -> None:
    assert ALL["card_wait"].id == ("Waiting time: about {count} week", "Waiting time: about {count} weeks")


def test_a_translator_sees_where_a_text_stands_and_how_long_it_may_be() -> None:
    assert "button_back: button" in ALL["button_back"].auto_comments
    assert room(ALL["button_back"]) == BUTTON_WIDTH
    assert any(note.startswith("Note: {summary}") for note in ALL["utter_understood"].auto_comments)
    assert all(room(message) and message.auto_comments and message.locations for message in ALL.values())
    assert is_button("need/sleep")
    assert not is_button("utter_ask_need")


def test_a_text_shown_in_two_places_has_the_room_of_the_smaller() -> None:
    assert ALL["command_help"] is ALL["button_help"]
    assert room(ALL["command_help"]) == BUTTON_WIDTH


def test_no_text_goes_without_a_role() -> None:
    assert [name for name in ALL if not any(n.startswith(f"{name}: ") for n in ALL[name].auto_comments)] == []


def test_all_texts_are_needed_in_the_networks_languages() -> None:
    assert all(is_needed(message, "ar") for message in ALL.values())


def test_the_template_is_the_same_whenever_it_is_made() -> None:
    assert template() == template()
    assert str(ROOT).encode() not in template()


def test_babels_own_tools_see_the_same_texts() -> None:
    methods, options = parse_mapping_cfg(StringIO(MAPPING.read_text(encoding="utf-8")))  # type: ignore[no-untyped-call]
    found = extract_from_dir(
        ROOT, methods, options, directory_filter=lambda folder: Path(folder).name in _FOLDERS
    )
    assert {message for _, _, message, _, _ in found} == {
        message.id for message in source_catalog() if message.id
    }


_FOLDERS = {"bot", "data", "conversation", "languages"}


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_a_new_catalog_holds_every_text_with_the_plural_forms_of_the_registry(
    code: str, tmp_path: Path
) -> None:
    assert update(code, tmp_path)
    catalog = read(tmp_path / f"{code}.po", LANGUAGES[code])
    assert {message.id for message in catalog} == {message.id for message in source_catalog()}
    assert UNREAD in catalog.header_comment
    assert str(catalog.locale) == LANGUAGES[code].locale
    rules = {problem.rule for problem in check(code, tmp_path) if not problem.name.startswith("language/")}
    assert rules == {Rule.EMPTY}
    assert not update(code, tmp_path)


def test_a_catalog_only_begun_is_not_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogs, "CATALOGS", tmp_path)
    update("so", tmp_path)
    shutil.copy(CATALOGS / "tr.po", tmp_path)
    edited(tmp_path / "tr.po", 'msgid "Start again"', 'msgid "Start it again"')
    update("tr", tmp_path)
    assert list(catalogs.available()) == ["tr", "en"]


def test_an_update_keeps_every_word_and_every_mark(tmp_path: Path) -> None:
    shutil.copy(CATALOGS / "ar.po", tmp_path)
    before = {
        message.id: (message.string, message.user_comments)
        for message in read(tmp_path / "ar.po", LANGUAGES["ar"])
    }
    update("ar", tmp_path)
    after = {
        message.id: (message.string, message.user_comments)
        for message in read(tmp_path / "ar.po", LANGUAGES["ar"])
    }
    before.pop(""), after.pop("")
    assert {id: before[id] for id in after if id in before} == {id: after[id] for id in after if id in before}


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_new_languages_name_is_taken_from_cldr_and_marked(tmp_path: Path) -> None:
    path = tmp_path / "tr.po"
    shutil.copy(CATALOGS / "tr.po", path)
    edited(path, 'msgid "Somali"', 'msgid "Something else"')
    update("tr", tmp_path)
    found = read(path, LANGUAGES["tr"]).get("Somali")
    assert found is not None
    assert (found.string, found.user_comments) == ("Somalice", [NEEDS_NATIVE_CHECK])


def test_a_changed_english_text_is_a_new_one_and_nothing_is_guessed(tmp_path: Path) -> None:
    path = tmp_path / "tr.po"
    shutil.copy(CATALOGS / "tr.po", path)
    edited(path, 'msgid "Start again"', 'msgid "Start it again"')
    update("tr", tmp_path)
    catalog = read(path, LANGUAGES["tr"])
    found = catalog.get("Start again")
    assert found is not None
    assert not found.string
    assert not found.fuzzy
    assert "Start it again" not in path.read_text(encoding="utf-8")


def test_new_texts_are_marked_for_the_native_speaker_who_has_read_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "tr.po"
    shutil.copy(CATALOGS / "tr.po", path)
    edited(path, f"# {UNREAD}", "# Read by a native speaker.")
    text = path.read_text(encoding="utf-8").replace(f"# {NEEDS_NATIVE_CHECK}\n", "")
    path.write_text(text, encoding="utf-8")
    assert not awaits_native(text)
    edited(path, 'msgid "Start again"', 'msgid "Start it again"')
    update("tr", tmp_path)
    found = read(path, LANGUAGES["tr"]).get("Start again")
    assert found is not None
    assert found.user_comments == [NEEDS_NATIVE_CHECK]
    assert awaits_native(path.read_text(encoding="utf-8"))


def test_the_rule_of_plurals_is_put_right(tmp_path: Path) -> None:
    path = tmp_path / "uk.po"
    update("uk", tmp_path)
    edited(path, "nplurals=3;", "nplurals=4;")
    update("uk", tmp_path)
    assert Rule.PLURAL not in {problem.rule for problem in check("uk", tmp_path)}


def test_a_catalog_nobody_native_has_read_awaits_all_of_it(tmp_path: Path) -> None:
    found = status("tr")
    assert found.awaiting_native == found.translated
    assert found.doubtful <= found.awaiting_native
    assert status("tr", tmp_path).translated == 0
    assert status("en").translated == status("en").texts
    assert status("en").awaiting_native == 0
