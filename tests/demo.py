"""The demo network of Wiesbaden at a fixed moment: the world that tests and measurements share."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.conversation.vocabulary import Operator, World
from bot.languages.catalogs import awaiting_native
from bot.offers.directory import Directory
from bot.offers.needs import NeedMenu
from bot.offers.places import Places
from bot.offers.sheets import load_helplines, read_sheet
from bot.settings import load

DATA = Path(__file__).parent.parent / "data"
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))  # a Tuesday morning
LANGUAGES = load(Path(__file__).parent.parent / "config.yml").languages


def demo_world() -> World:
    """All that the conversation may look at, from the committed data."""
    places = Places.load(DATA / "places.yml")
    offers = [offer for _, offer in read_sheet(DATA / "offers" / "demo.csv", places).offers]
    helplines = load_helplines(DATA / "offers" / "helplines.csv")
    return World(
        directory=Directory((*offers, *helplines), places),
        places=places,
        needs=NeedMenu.load(DATA / "needs.yml"),
        helplines=helplines,
        languages=LANGUAGES,
        main_languages=("ar", "prs", "kmr", "de", "en"),
        city="Wiesbaden",
        operator=Operator("Demo-Netzwerk", "hallo@example.org", "https://example.org/datenschutz"),
        bot_username="rahnuma_demo_bot",
        retention_hours=24,
        now=NOW,
        unread_languages=tuple(code for code in LANGUAGES if code in awaiting_native()),
    )
