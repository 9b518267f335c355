"""What all tests share: the demo world at a fixed moment, and understanding loaded once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.conversation.vocabulary import Operator, World
from bot.offers.directory import Directory
from bot.offers.needs import NeedMenu
from bot.offers.places import Places
from bot.offers.sheets import load_helplines, read_sheet

ROOT = Path(__file__).parent.parent
DATA = ROOT / "data"
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))  # a Tuesday morning


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite", action="store_true", help="write golden transcripts anew")


@pytest.fixture(scope="session")
def world() -> World:
    """The demo network of Wiesbaden, on a Tuesday morning in November."""
    places = Places.load(DATA / "places.yml")
    offers = [offer for _, offer in read_sheet(DATA / "offers" / "demo.csv", places).offers]
    helplines = load_helplines(DATA / "offers" / "helplines.csv")
    return World(
        directory=Directory((*offers, *helplines), places),
        places=places,
        needs=NeedMenu.load(DATA / "needs.yml"),
        helplines=helplines,
        languages=("ar", "prs", "kmr", "de", "en"),
        main_languages=("ar", "prs", "kmr", "de"),
        city="Wiesbaden",
        operator=Operator("Demo-Netzwerk", "hallo@example.org", "https://example.org/datenschutz"),
        bot_username="rahnuma_demo_bot",
        retention_hours=24,
        now=NOW,
    )
