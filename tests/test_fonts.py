"""Fonts: found where the system has them; where they cannot be fetched, somebody is told what to install."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import fonts


def test_every_script_has_its_font() -> None:
    assert all(map(fonts.find, fonts.FILES))


def test_without_fonts_and_without_a_way_to_fetch_them_setup_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fonts, "FOLDERS", (tmp_path,))
    monkeypatch.setenv("PATH", str(tmp_path))
    fonts.main()
    assert fonts.PACKAGE in capsys.readouterr().out
