"""A world with the demo offers, for cards."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.conversation.vocabulary import Operator, World
from bot.languages.registry import LANGUAGES
from bot.offers.directory import Directory
from bot.offers.model import Offer
from bot.offers.needs import NeedMenu
from bot.offers.places import Places
from bot.offers.sheets import plan_import

DATA = Path(__file__).parents[2] / "data"
PLACES = Places.load(DATA / "places.yml")
OFFERS: dict[str, Offer] = {
    offer.id: offer for offer in plan_import(DATA / "offers" / "demo.csv", (), PLACES).added
}
WORLD = World(
    directory=Directory(tuple(OFFERS.values()), PLACES, state="HE"),
    places=PLACES,
    needs=NeedMenu.load(DATA / "needs.yml"),
    helplines=(),
    languages=tuple(LANGUAGES),
    main_languages=("de",),
    city="Wiesbaden",
    operator=Operator("Demo-Netzwerk", "hallo@example.org", "https://example.org"),
    bot_username="some_demo_bot",
    retention_hours=24,
    now=datetime(2026, 11, 2, 12, tzinfo=UTC),
)
