"""Hypothesis strategies for offers and queries of the demo city."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from hypothesis import strategies as st

from bot.offers.model import (
    LANGUAGES,
    AgeBand,
    Crisis,
    Family,
    Gender,
    Location,
    Mode,
    Need,
    Offer,
    Organization,
    Person,
    Phone,
    Query,
    Speaker,
    Status,
    Text,
)
from bot.offers.places import Places

DATA = Path(__file__).parents[2] / "data"
PLACES = Places.load(DATA / "places.yml")
PLACE_IDS = [area.id for area in PLACES.areas] + [district.id for district in PLACES.districts]

words = (
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=30)
    .map(str.strip)
    .filter(bool)
)
"""Texts as a sheet keeps them: no control characters, nothing at the ends."""
texts = st.dictionaries(st.sampled_from(LANGUAGES), words, max_size=3)
labels = words.filter(lambda text: not set(text) & set("();"))
urls = st.sampled_from(["https://example.org/a", "https://example.org/b?c=d,e;f"])


@st.composite
def offers(draw: st.DrawFn, id: str = "offer", texts: st.SearchStrategy[dict[str, str]] = texts) -> Offer:
    """Any offer that a sheet can hold."""
    free: st.SearchStrategy[Literal["free"] | Text | None] = st.sampled_from([None, "free"])
    low, high = draw(
        st.sampled_from([(None, None), (18, None), (None, 17), (14, 27), (0, 13), (60, None), (18, 64)])
    )
    district = draw(st.sampled_from(PLACES.districts))
    place = draw(
        st.sampled_from(
            [
                None,
                Location(confidential=True),
                Location(district.id),
                Location(district.id, "Demoweg 1", district.latitude, district.longitude),
            ]
        )
    )
    needs = draw(st.lists(st.sampled_from(list(Need)), unique=True, max_size=3))
    cut = draw(st.integers(0, len(needs)))
    organization = draw(st.sampled_from([Organization("a", "A (Demo)"), Organization("b", "=B; (Demo)")]))
    return Offer(
        id=id,
        organization=organization,
        name={"de": "Angebot", **draw(texts)},
        description=draw(texts),
        needs=tuple(needs[:cut]),
        also=tuple(needs[cut:]),
        min_age=low,
        max_age=high,
        genders=draw(st.frozensets(st.sampled_from(list(Gender)), max_size=2)),
        families=draw(st.frozensets(st.sampled_from(list(Family)), max_size=2)),
        for_whom=draw(st.frozensets(st.sampled_from(list(Person)), max_size=2)),
        not_for=draw(texts),
        not_for_needs=draw(st.frozensets(st.sampled_from(list(Need)), max_size=1)),
        residence=draw(st.frozensets(st.sampled_from(["Duldung", "Aufenthaltserlaubnis"]), max_size=1)),
        languages=tuple(
            (code, draw(st.sampled_from(list(Speaker))))
            for code in draw(st.lists(st.sampled_from(LANGUAGES), unique=True, max_size=4))
        ),
        any_language=draw(st.integers(0, 9)) == 0,
        modes=tuple(draw(st.lists(st.sampled_from(list(Mode)), unique=True, max_size=2))),
        areas=draw(st.frozensets(st.sampled_from(PLACE_IDS), max_size=2)),
        place=place,
        phones=tuple(
            Phone(number, label)
            for number, label in draw(
                st.dictionaries(
                    st.sampled_from(["+496990009000", "112", "0800 1110111"]),
                    st.just("") | labels,
                    max_size=2,
                )
            ).items()
        ),
        email=draw(st.none() | st.just("a@example.org")),
        website=draw(st.none() | urls),
        booking_url=draw(st.none() | urls),
        booking_how=draw(texts),
        opening_hours=draw(st.sampled_from([None, "24/7", "Mo-Fr 09:00-17:00; PH off", "Sa[1] 10:00-12:00"])),
        hours_text=draw(texts),
        cost=draw(free) or draw(texts) or None,
        waiting_weeks=draw(st.none() | st.integers(0, 30)),
        verified_on=draw(st.none() | st.dates(date(2025, 1, 1), date(2026, 11, 1))),
        verified_by=draw(st.sampled_from([None, "Anna (Demo)"])),
        source=draw(st.sampled_from([None, "Anna (Demo)"])),
        demo=draw(st.booleans()),
        first_contact=draw(st.integers(0, 5)) == 0,
        online=draw(st.booleans()),
        crisis=draw(st.frozensets(st.sampled_from(list(Crisis)), max_size=1)),
        status=draw(st.sampled_from([Status.OPEN, Status.OPEN, Status.OPEN, Status.CLOSED])),
    )


@st.composite
def many_offers(draw: st.DrawFn) -> list[Offer]:
    """A handful of offers with ids of their own, without texts."""
    return [draw(offers(f"offer-{number}", st.just({}))) for number in range(draw(st.integers(1, 10)))]


queries = st.builds(
    Query,
    need=st.none() | st.sampled_from(list(Need)),
    also=st.lists(st.sampled_from(list(Need)), max_size=2, unique=True).map(tuple),
    ages=st.none()
    | st.sampled_from([band.ages for band in AgeBand])
    | st.integers(0, 99).map(lambda years: (years, years)),
    gender=st.none() | st.sampled_from(list(Gender)),
    families=st.frozensets(st.sampled_from(list(Family)), max_size=2),
    person=st.none() | st.sampled_from(list(Person)),
    language=st.none() | st.sampled_from(LANGUAGES),
    area=st.none() | st.sampled_from(PLACE_IDS),
)
"""Any question: each fact known or not."""
