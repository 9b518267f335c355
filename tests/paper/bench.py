"""Figures of papers and links, as JSON: `python -m tests.paper.bench`."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bot.conversation.codes import Carried
from bot.languages.registry import LANGUAGES
from bot.links.sealed import seal, unseal
from bot.paper import typeset
from bot.paper.card import as_pdf as card_pdf
from bot.paper.card import as_png as card_png
from bot.paper.card import as_text, door_opener
from bot.paper.poster import as_pdf, as_png
from bot.paper.sheet import Format, Poster
from tests.paper.test_card import GRIEF, SAID
from tests.paper.test_poster import EIGHT, LINK, MOST_BYTES, MOST_SECONDS
from tests.paper.world import PLACES, WORLD

ROUNDS = 20


def measured(make: Callable[[], bytes]) -> dict[str, float]:
    """The first time, with fonts still to find, then the slowest of some more; milliseconds and kilobytes."""
    typeset._fonts.cache_clear()
    spent = []
    made = b""
    for _ in range(ROUNDS):
        start = time.perf_counter()
        made = make()
        spent.append(1000 * (time.perf_counter() - start))
    return {
        "first_ms": round(spent[0], 1),
        "median_ms": round(statistics.median(spent[1:]), 1),
        "slowest_ms": round(max(spent[1:]), 1),
        "kB": round(len(made) / 1000, 1),
    }


def cards() -> dict[str, float]:
    """Cards of all languages, each for the first time."""
    seconds, sizes = [], []
    for code in LANGUAGES:
        start = time.perf_counter()
        sizes.append(len(card_pdf(door_opener(GRIEF, code, SAID, WORLD))))
        seconds.append(time.perf_counter() - start)
    return {"slowest_ms": round(1000 * max(seconds), 1), "largest_kB": round(max(sizes) / 1000, 1)}


def links() -> dict[str, float]:
    """Microseconds to seal a hand-over, and to open it."""
    answers, keys, now = Carried(SAID, "", "prs", True), (bytes(32),), datetime.now(UTC)
    start = time.perf_counter()
    made = [seal(answers, keys, PLACES, now) for _ in range(1000)]
    between = time.perf_counter()
    opened = [unseal(each, keys, PLACES, now) for each in made]
    end = time.perf_counter()
    assert all(opened)
    return {"seal_us": round(1000 * (between - start), 1), "open_us": round(1000 * (end - between), 1)}


def main() -> None:
    """Prints every figure beside its limit."""
    poster = Poster(EIGHT, LINK, "some_demo_bot", "Wiesbaden", "Demo-Netzwerk")
    card = door_opener(GRIEF, "prs", SAID, WORLD)
    figures = {
        "limit": {"ms": 1000 * MOST_SECONDS, "kB": MOST_BYTES / 1000},
        "poster a4 pdf": measured(lambda: as_pdf(poster)),
        "poster a4 png": measured(lambda: as_png(poster)),
        "cards to cut pdf": measured(lambda: as_pdf(poster, Format.A6)),
        "cards to cut png": measured(lambda: as_png(poster, Format.A6)),
        "door opener pdf": measured(lambda: card_pdf(card)),
        "door opener png": measured(lambda: b"".join(card_png(card))),
        "door opener text": measured(lambda: as_text(door_opener(GRIEF, "prs", SAID, WORLD)).encode()),
        "door openers, all languages": cards(),
        "sealed link": links(),
    }
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
