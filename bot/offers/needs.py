"""The menu of needs: groups, pictograms, labels in the source language. Knows no offer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.offers.model import AgeBand, Need


class NeedsInvalid(ValueError):
    """The file of needs cannot be used; the message names the entry."""


@dataclass(frozen=True, slots=True)
class NeedEntry:
    """One need on the menu: English source texts (msgids) and the age bands that it makes sense for."""

    need: Need
    emoji: str
    label: str
    explanation: str
    bands: tuple[AgeBand, ...]


@dataclass(frozen=True, slots=True)
class NeedGroup:
    """One line of the first menu. `label` is an English source text (msgid)."""

    id: str
    emoji: str
    label: str
    entries: tuple[NeedEntry, ...]


@dataclass(frozen=True, slots=True)
class NeedMenu:
    """The two-level menu; every need stands in exactly one group."""

    groups: tuple[NeedGroup, ...]

    @classmethod
    def load(cls, path: Path) -> NeedMenu:
        """Reads needs.yml. Raises NeedsInvalid."""
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        try:
            menu = cls(
                tuple(
                    NeedGroup(
                        id=group_id,
                        emoji=group["emoji"],
                        label=group["label"],
                        entries=tuple(
                            NeedEntry(
                                need=Need(need),
                                emoji=entry["emoji"],
                                label=entry["label"],
                                explanation=entry["explanation"],
                                bands=tuple(AgeBand(band) for band in entry["bands"]),
                            )
                            for need, entry in group["needs"].items()
                        ),
                    )
                    for group_id, group in raw["groups"].items()
                )
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise NeedsInvalid(f"{path.name}: {error}") from error
        if sorted(entry.need for entry in menu.entries) != sorted(Need):
            raise NeedsInvalid(f"{path.name}: every need must stand in exactly one group")
        return menu

    @property
    def entries(self) -> tuple[NeedEntry, ...]:
        """All needs in the order of the menu."""
        return tuple(entry for group in self.groups for entry in group.entries)

    def entry(self, need: Need) -> NeedEntry:
        """The menu's line for this need."""
        return next(entry for entry in self.entries if entry.need is need)

    def group_of(self, need: Need) -> NeedGroup:
        """The group that holds this need."""
        return next(group for group in self.groups if any(entry.need is need for entry in group.entries))
