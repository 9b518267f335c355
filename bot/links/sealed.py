"""Hands answers over to the person's own phone: sealed inside a link, for 24 hours, once.

Nothing is stored of a link but, once it was used, a hash of it until it expires. Knows no store and no master secret:
keys and the memory of used links are given.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from math import prod
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.conversation.codes import Carried
from bot.links.start import SEALED
from bot.offers.model import LANGUAGES, AgeBand, Family, Gender, Need, Person
from bot.offers.places import Places

LIFE = timedelta(hours=24)
MAX_NEEDS = 3  # as many as a conversation holds
NONCE, TIME, ANSWERS, TAG = 12, 4, 7, 16
SIZE = NONCE + TIME + ANSWERS + TAG
"""39 bytes, a multiple of 3: in base64 each letter of the link counts, none can be changed unnoticed."""
_LINK = re.compile(rf"{SEALED}([A-Za-z0-9_-]{{{SIZE * 4 // 3}}})")


class Used(Protocol):
    """Remembers which links were used."""

    async def use(self, mark: bytes, until: datetime) -> bool:
        """Notes the mark (32 bytes) until then, whole or not at all; False when it was noted before."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """What a link held: the answers, when it ends, and the mark by which it is known as used."""

    carried: Carried
    expires: datetime
    mark: bytes


def is_sealed(start: str) -> bool:
    """Whether the start parameter says that it holds sealed answers, good or not."""
    return start.startswith(SEALED)


def seal(carried: Carried, keys: Sequence[bytes], places: Places, now: datetime) -> str:
    """The start parameter (54 characters) that holds language and answers for 24 hours; no offer.

    `keys` are 32 bytes each, the current one first; `now` is aware. AES-256-GCM: 96 random bits and a tag of 128
    bits. All links are of the same length, so that it tells nothing either.
    """
    tables = _tables(places)
    nonce = os.urandom(NONCE)
    expires = int((now + LIFE).timestamp()).to_bytes(TIME, "big")
    plain = expires + tables.pack(carried).to_bytes(ANSWERS, "big")
    sealed = nonce + AESGCM(keys[0]).encrypt(nonce, plain, tables.fingerprint)
    return SEALED + base64.urlsafe_b64encode(sealed).decode()


def unseal(start: str, keys: Sequence[bytes], places: Places, now: datetime) -> HandOver | None:
    """What the link holds; None when it expired, was changed, or was sealed with none of the keys.

    Also None when needs, languages or places changed since: half-understood answers would mislead.
    """
    found = _LINK.fullmatch(start)
    if found is None:
        return None
    sealed = base64.urlsafe_b64decode(found[1])
    tables = _tables(places)
    for key in keys:
        try:
            plain = AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], tables.fingerprint)
        except InvalidTag:
            continue
        expires = datetime.fromtimestamp(int.from_bytes(plain[:TIME], "big"), UTC)
        if expires <= now:
            return None
        carried = tables.unpack(int.from_bytes(plain[TIME:], "big"))
        return HandOver(carried, expires, hashlib.sha256(sealed).digest())
    return None


@dataclass(frozen=True, slots=True)
class HandOvers:
    """Seals and opens links of one bot: its keys (32 bytes each, the current one first), and which were used."""

    keys: Sequence[bytes]
    used: Used

    def seal(self, carried: Carried, places: Places, now: datetime) -> str:
        """The start parameter that holds these answers."""
        return seal(carried, self.keys, places, now)

    async def redeem(
        self, start: str, places: Places, now: datetime, *, again: bool = False
    ) -> Carried | None:
        """The answers of a link that is good and was never used; it is used from now on. Else None.

        `again`: the phone that used it taps it a second time.
        """
        held = unseal(start, self.keys, places, now)
        return held.carried if held and (again or await self.used.use(held.mark, held.expires)) else None


# -- answers as a number -------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _tables(places: Places) -> _Tables:
    ids = (*(area.id for area in places.areas), *(district.id for district in places.districts))
    return _Tables(ids)


class _Tables:
    """Answers as one number of mixed radix: for each answer its position in a table, 0 for none."""

    def __init__(self, places: Sequence[str]) -> None:
        self._columns: tuple[Sequence[str], ...] = (
            LANGUAGES,
            *[tuple(Need)] * MAX_NEEDS,
            tuple(AgeBand),
            tuple(Gender),
            tuple(Person),
            tuple(places),
            *[(family,) for family in Family],
        )
        if prod(len(column) + 1 for column in self._columns) > 256**ANSWERS:
            raise ValueError("the answers need more room than a link has")
        self.fingerprint = hashlib.sha256(repr([list(map(str, c)) for c in self._columns]).encode()).digest()
        """Authenticated with each link: one that was sealed with other tables does not open."""

    def pack(self, carried: Carried) -> int:
        """An answer that no table knows is left out."""
        facts: Mapping[str, Any] = carried.facts
        needs = [*(facts.get("need") or ())[:MAX_NEEDS], None, None, None][:MAX_NEEDS]
        single = [facts.get(slot) for slot in ("age_band", "gender", "person", "area")]
        family = facts.get("family") or ()
        held = [carried.language, *needs, *single, *(each if each in family else None for each in Family)]
        number = 0
        for value, column in zip(held, self._columns, strict=True):
            number = number * (len(column) + 1) + (column.index(value) + 1 if value in column else 0)
        return number

    def unpack(self, number: int) -> Carried:
        held: list[str | None] = []
        for column in reversed(self._columns):
            number, place = divmod(number, len(column) + 1)
            held.insert(0, _plain(column[place - 1]) if place else None)
        language, *rest = held
        needs, (band, gender, person, area), family = (
            rest[:MAX_NEEDS],
            rest[MAX_NEEDS : MAX_NEEDS + 4],
            rest[MAX_NEEDS + 4 :],
        )
        facts = {
            "need": [need for need in needs if need],
            "age_band": band,
            "gender": gender,
            "person": person,
            "area": area,
            "family": [each for each in family if each],
        }
        return Carried(
            {slot: value for slot, value in facts.items() if value}, language=language or "", chosen=True
        )


def _plain(value: str) -> str:
    return value.value if isinstance(value, StrEnum) else value
