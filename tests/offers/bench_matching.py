"""How fast matching is: `python -m tests.offers.bench_matching` prints JSON, microseconds, caches emptied."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from statistics import quantiles
from time import perf_counter
from zoneinfo import ZoneInfo

from bot.offers.directory import Directory
from bot.offers.model import LANGUAGES, AgeBand, Family, Gender, Need, Query, Slot
from bot.offers.sheets import load_helplines, read_sheet
from tests.offers.given import DATA, PLACES

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
ASKED = (Slot.PERSON, Slot.AGE_BAND, Slot.GENDER, Slot.FAMILY, Slot.AREA)
MANY = 10_000
QUERIES = 500


def some_queries() -> list[Query]:
    """Queries in all states of a conversation, the same in every run."""
    chance = random.Random(7)
    places = [None, None, *(district.id for district in PLACES.districts)]
    return [
        Query(
            need=chance.choice(list(Need)),
            language=chance.choice(LANGUAGES),
            ages=chance.choice([None, *(band.ages for band in AgeBand)]),
            gender=chance.choice([None, *Gender]),
            families=frozenset(chance.choice([(), (), *((family,) for family in Family)])),
            area=chance.choice(places),
        )
        for _ in range(QUERIES)
    ]


def timed(work: Callable[[Query], object], before: Callable[[], None]) -> dict[str, float]:
    """Median and 95th percentile of the work over all queries, in microseconds."""
    seconds = []
    for query in some_queries():
        before()
        start = perf_counter()
        work(query)
        seconds.append(perf_counter() - start)
    cuts = quantiles(seconds, n=100)
    return {"p50": round(cuts[49] * 1e6, 1), "p95": round(cuts[94] * 1e6, 1)}


def measure(directory: Directory) -> dict[str, dict[str, float]]:
    """Matching and the worth of all five questions, never asked before and asked before."""

    def forget() -> None:
        directory._ranking.cache_clear()
        directory._matches.cache_clear()

    def all_questions(query: Query) -> None:
        for slot in ASKED:
            directory.narrowing(query, slot)

    def match(query: Query) -> None:
        directory.match(query, now=NOW)

    def twice(query: Query) -> dict[str, float]:
        match(query)
        start = perf_counter()
        match(query)
        return {"again": perf_counter() - start}

    again = sorted(twice(query)["again"] for query in some_queries())
    return {
        "match": timed(match, forget),
        "match_again": {"p50": round(again[QUERIES // 2] * 1e6, 1)},
        "five_questions": timed(all_questions, forget),
    }


def main() -> None:
    """Prints the figures for the demo offers and for ten thousand."""
    demo = [offer for _, offer in read_sheet(DATA / "offers" / "demo.csv", PLACES).offers]
    demo += load_helplines(DATA / "offers" / "helplines.csv")
    many = [replace(demo[number % len(demo)], id=f"offer-{number}") for number in range(MANY)]
    figures = {f"{len(offers)} offers": measure(Directory(offers, PLACES)) for offers in (demo, many)}
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
