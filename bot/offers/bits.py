"""Sets of offers as integers, and points for all offers at once. Knows nothing of what an offer is.

Bit i of an integer stands for the i-th offer: a rule over ten thousand offers is one `&`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

Bits: TypeAlias = int
"""A set: bit i stands for the i-th thing."""


def bits_of(flags: Iterable[object]) -> Bits:
    """The set of positions whose flag is true."""
    return int("".join("1" if flag else "0" for flag in flags)[::-1] or "0", 2)


def each(bits: Bits) -> Iterator[int]:
    """The positions in a set, lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


class Points:
    """Points of all things at once: bit i of plane k is bit k of the points of thing i."""

    __slots__ = ("_planes",)

    def __init__(self, planes: Iterable[Bits] = ()) -> None:
        self._planes = list(planes)

    def copy(self) -> Points:
        """The same points, to go on adding apart."""
        return Points(self._planes)

    def add(self, bits: Bits, points: int) -> None:
        """Adds so many points (above 0) to all in the set, carry by carry, as an adder circuit does."""
        planes = self._planes
        level = (points & -points).bit_length() - 1
        points >>= level
        while points:
            if points & 1:
                carry, at = bits, level
                while carry:
                    while at >= len(planes):
                        planes.append(0)
                    before = planes[at]
                    planes[at] = before ^ carry
                    carry &= before
                    at += 1
            points >>= 1
            level += 1

    def groups(self, among: Bits) -> Iterator[tuple[int, Bits]]:
        """(points, set) for the things in this set, from the most points to the fewest."""
        shared = 0
        telling: list[tuple[int, Bits]] = []
        for level, plane in enumerate(self._planes):
            if having := plane & among:
                if having == among:
                    shared |= 1 << level
                else:
                    telling.append((1 << level, having))
        todo = [(among, len(telling), shared)] if among else []
        while todo:
            bits, at, points = todo.pop()
            while at:
                at -= 1
                worth, plane = telling[at]
                if high := bits & plane:
                    if low := bits ^ high:
                        todo.append((low, at, points))
                    bits = high
                    points |= worth
            yield points, bits

    def top(self, among: Bits, limit: int) -> list[tuple[int, int]]:
        """(points, position) of the best things in this set; the lower position wins a tie."""
        best: list[tuple[int, int]] = []
        for points, bits in self.groups(among):
            for at in each(bits):
                if len(best) == limit:
                    return best
                best.append((points, at))
        return best

    def leading(self, among: Bits, count: int) -> tuple[Bits, ...]:
        """The first groups of equal points that together hold at least so many things."""
        leading: list[Bits] = []
        held = 0
        for _, bits in self.groups(among):
            leading.append(bits)
            held += bits.bit_count()
            if held >= count:
                break
        return tuple(leading)
