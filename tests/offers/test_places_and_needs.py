"""The files of places and needs hold what the dialogue promises to show."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.offers.model import Need
from bot.offers.needs import NeedMenu, NeedsInvalid
from bot.offers.places import Places, PlacesInvalid
from tests.offers.given import DATA, PLACES

MENU = NeedMenu.load(DATA / "needs.yml")
SPOKEN = {"de", "en", "ar", "prs", "kmr"}


def test_all_districts_of_wiesbaden_in_areas_one_can_point_at() -> None:
    assert len(PLACES.districts) == 26
    assert 6 <= len(PLACES.areas) <= 8
    assert {district.area for district in PLACES.districts} == {area.id for area in PLACES.areas}
    assert all(set(place.name) >= SPOKEN for place in PLACES.areas)
    assert all(set(place.name) >= SPOKEN for place in PLACES.districts)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Biebrich", "biebrich"),
        ("ich wohne in biebrich", "biebrich"),
        ("أسكن في بيبريش", "biebrich"),
        ("در بیبریش زندگی می‌کنم", "biebrich"),
        ("Amoneburg", "amoeneburg"),
        ("Mainz-Kastel", "kastel"),
        ("Mitte", "mitte"),
        ("in der Mitte des Lebens", None),
        ("City centre", "centre"),
        ("Berlin", None),
        ("", None),
    ],
)
def test_places_are_found_as_people_type_them(text: str, place: str | None) -> None:
    assert PLACES.find(text) == place


def test_places_know_their_neighbourhood() -> None:
    assert PLACES.area_of("biebrich") == PLACES.area_of("rhine") == "rhine"
    assert PLACES.area_of("berlin") is None
    assert PLACES.nearest(50.047, 8.237).id == "biebrich"
    assert "biebrich" in PLACES
    assert "berlin" not in PLACES
    assert PLACES.districts_of("rhine") == ("biebrich", "schierstein")


def test_a_broken_file_of_places_is_named(tmp_path: Path) -> None:
    (tmp_path / "places.yml").write_text("areas: {a: {name: {en: A}}}")
    with pytest.raises(PlacesInvalid, match=r"places\.yml"):
        Places.load(tmp_path / "places.yml")


def test_the_menu_shows_every_need_once_with_a_pictogram_of_its_own() -> None:
    assert sorted(entry.need for entry in MENU.entries) == sorted(Need)
    assert 5 <= len(MENU.groups) <= 6
    pictures = [entry.emoji for entry in MENU.entries] + [group.emoji for group in MENU.groups]
    assert len(set(pictures)) == len(pictures)
    for entry in MENU.entries:
        assert len(entry.label) <= 24
        assert entry.explanation.endswith(".")
        assert entry.bands
        assert entry in MENU.group_of(entry.need).entries
        assert MENU.entry(entry.need) is entry


def test_a_file_that_forgets_a_need_is_refused(tmp_path: Path) -> None:
    (tmp_path / "needs.yml").write_text("groups: {}")
    with pytest.raises(NeedsInvalid, match="exactly one group"):
        NeedMenu.load(tmp_path / "needs.yml")
