"""`python -m bot languages …` as a translator types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.commands.languages import app
from bot.languages.registry import LANGUAGES


def languages(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_status_tells_of_every_language() -> None:
    found = json.loads(languages("status", "--json").output)
    assert list(found) == list(LANGUAGES)
    assert found["ar"]["texts"] == found["en"]["texts"]
    assert set(found["ar"]) == {
        "texts",
        "translated",
        "awaiting_native",
        "doubtful",
        "utterances",
        "recorded",
    }
    assert "Tigrinya" in languages("status").output


def test_check_ends_well_where_all_is_well() -> None:
    result = languages("check", "en")
    assert result.exit_code == 0
    assert "All is well" in result.output


@pytest.mark.parametrize("words", [("check", "xx"), ("update", "en"), ("voice", "xx")])
def test_an_unknown_language_is_one_clear_line(words: tuple[str, str]) -> None:
    result = languages(*words)
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert f"“{words[1]}”" in result.output


def test_voice_lists_what_is_to_be_read_aloud() -> None:
    result = languages("voice", "en")
    assert result.output.startswith("en: 0 of ")
    assert "en/utter_greet.ogg\nHello." in result.output


def test_voice_refuses_a_folder_without_recordings(tmp_path: Path) -> None:
    result = languages("voice", "--take", str(tmp_path))
    assert result.exit_code == 1
    assert "Nothing was taken in" in result.output
