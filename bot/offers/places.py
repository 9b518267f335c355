"""The city's districts and the larger areas that a newcomer can point at. Knows no offer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

import yaml


class PlacesInvalid(ValueError):
    """The file of places cannot be used; the message names the entry."""


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the city, shown as a button: id, name by language, its districts."""

    id: str
    name: Mapping[str, str]
    districts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class District:
    """A district (Ortsbezirk): id, area, name by language, further spellings, centre in degrees (WGS 84).

    `common`: the name is an everyday word too, so it counts only when nothing else is written.
    """

    id: str
    area: str
    name: Mapping[str, str]
    forms: tuple[str, ...]
    common: bool
    latitude: float
    longitude: float


class Places:
    """All places of one city."""

    def __init__(self, areas: Iterable[Area], districts: Iterable[District]) -> None:
        self.areas = tuple(areas)
        self.districts = tuple(districts)
        self._areas = {area.id: area for area in self.areas}
        self._districts = {district.id: district for district in self.districts}
        self._whole: dict[str, str] = {}
        within: dict[str, str] = {}
        for district in self.districts:
            for form in map(_plain, (*district.name.values(), *district.forms)):
                self._whole.setdefault(form, district.id)
                if not district.common:
                    within.setdefault(form, district.id)
        for area in self.areas:
            for form in map(_plain, area.name.values()):
                self._whole.setdefault(form, area.id)
        self._within = within
        longest_first = sorted(within, key=len, reverse=True)
        # Arabic writes "in", "to" and "and" as a letter joined to the word that follows.
        self._pattern = re.compile(rf"(?<!\w)[بفلو]?({'|'.join(map(re.escape, longest_first))})(?!\w)")

    @classmethod
    def load(cls, path: Path) -> Places:
        """Reads places.yml. Raises PlacesInvalid."""
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        areas: list[Area] = []
        districts: list[District] = []
        try:
            for area_id, area in raw["areas"].items():
                areas.append(Area(area_id, area["name"], tuple(area["districts"])))
                for district_id, district in area["districts"].items():
                    latitude, longitude = district["centre"]
                    districts.append(
                        District(
                            id=district_id,
                            area=area_id,
                            name=district["name"],
                            forms=tuple(district.get("forms", ())),
                            common=bool(district.get("common", False)),
                            latitude=float(latitude),
                            longitude=float(longitude),
                        )
                    )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            where = districts[-1].id if districts else "the first entry"
            raise PlacesInvalid(f"{path.name}: the entry after {where} lacks {error}") from error
        return cls(areas, districts)

    def __contains__(self, id: object) -> bool:
        return id in self._areas or id in self._districts

    def get(self, id: str) -> Area | District | None:
        """The area or district with this id, or None."""
        return self._districts.get(id) or self._areas.get(id)

    def area_of(self, id: str) -> str | None:
        """The area that holds this district; an area's id is its own answer; None when unknown."""
        if id in self._areas:
            return id
        district = self._districts.get(id)
        return district.area if district else None

    def districts_of(self, id: str) -> tuple[str, ...]:
        """The districts of this area; a district's id is its own answer; () when unknown."""
        if area := self._areas.get(id):
            return area.districts
        return (id,) if id in self._districts else ()

    def centre(self, id: str) -> tuple[float, float] | None:
        """Latitude and longitude of a district's centre, for an area the mean of its districts' centres."""
        found = [self._districts[district] for district in self.districts_of(id)]
        if not found:
            return None
        return (
            sum(district.latitude for district in found) / len(found),
            sum(district.longitude for district in found) / len(found),
        )

    def nearest(self, latitude: float, longitude: float) -> District:
        """The district whose centre is nearest to this point (degrees)."""
        return min(
            self.districts,
            key=lambda district: kilometres(latitude, longitude, district.latitude, district.longitude),
        )

    def find(self, text: str) -> str | None:
        """The district or area that these words name: the whole text, or a district's name within it."""
        words = _plain(text)
        if whole := self._whole.get(words):
            return whole
        found = self._pattern.search(words) if self._within else None
        return self._within[found[1]] if found else None


def _plain(text: str) -> str:
    """Casefolded, without accents and with one spelling of Arabic yeh and kaf, as people type names."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return bare.translate(_ARABIC_LETTERS).strip()


_ARABIC_LETTERS = str.maketrans("يك", "یک")


def kilometres(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Great-circle distance in kilometres between two points in degrees (haversine, mean radius 6371 km)."""
    a, b, c, d = map(radians, (latitude, longitude, to_latitude, to_longitude))
    return 2 * 6371.0 * asin(sqrt(sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2))
