"""Fills an empty database with the demo offers, so that a first start shows something."""

from __future__ import annotations

from pathlib import Path

from bot.offers.places import Places
from bot.offers.sheets import SheetInvalid, plan_import
from bot.storage.offers import SqlOfferStore

DATA = Path("data")


def load_demo(store: SqlOfferStore, *, only_if_empty: bool, data: Path = DATA) -> None:
    """Imports `offers/demo.csv`; with `only_if_empty` nothing happens where there is any offer.

    Raises SheetInvalid, and OSError when the file is not there.
    """
    existing = store.load()
    if existing and only_if_empty:
        return
    plan = plan_import(data / "offers" / "demo.csv", existing, Places.load(data / "places.yml"))
    if plan.errors:
        raise SheetInvalid(plan.errors)
    store.apply(plan)
