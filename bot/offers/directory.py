"""Finds the offers that fit and says why: hard rules exclude, soft rules rank, near misses explain.

Pure and immutable. Knows no database, no conversation and no sentence in any language; the time is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from bot.offers.model import Offer, Query, Result, Slot
from bot.offers.places import Places


class Directory:
    """All offers of a network, indexed once, asked often."""

    def __init__(self, offers: Iterable[Offer], places: Places) -> None:
        self.places = places
        self._offers = tuple(offers)
        self._by_id = {offer.id: offer for offer in self._offers}

    def __len__(self) -> int:
        return len(self._offers)

    def __iter__(self) -> Iterator[Offer]:
        return iter(self._offers)

    def get(self, id: str) -> Offer | None:
        """The offer with this id, or None."""
        return self._by_id.get(id)

    def match(self, query: Query, *, now: datetime, limit: int = 50) -> Result:
        """The offers for this query, best first; `limit` holds for each part. `now` must be aware."""
        raise NotImplementedError

    def narrowing(self, query: Query, slot: Slot) -> float:
        """How much an answer to this question would change the result, 0.0 (not at all) to 1.0."""
        raise NotImplementedError
