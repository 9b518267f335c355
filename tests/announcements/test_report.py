"""What coordinators see: never a count under five, nor one to be had by subtraction."""

from __future__ import annotations

import csv
import io
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bot.announcements.coverage import coverage, told
from bot.announcements.model import Audience, Content, Outcome, Progress
from bot.announcements.report import HIDDEN, as_csv, shown
from bot.conversation.vocabulary import Subscription


def people(language: str, count: int) -> list[Subscription]:
    one = Subscription(language, frozenset({"groups"}), frozenset(), 1, date.min, date.max)
    return [one] * count


def test_coverage_tells_who_will_read_what() -> None:
    known = coverage(
        [*people("prs", 123), *people("ckb", 3), *people("de", 5)],
        Audience(),
        Content({"de": "…", "fa": "…"}),
    )
    assert [(line.language, line.count, line.written_in) for line in known.lines] == [
        ("prs", 120, "fa"),
        ("de", 5, "de"),
        ("ckb", None, "de"),
    ]
    assert [line.language for line in known.gaps] == ["prs", "ckb"]
    assert (known.total, known.anybody) == (130, True)


def test_an_audience_of_nobody_is_known() -> None:
    assert not coverage(people("de", 9), Audience(languages=frozenset({"ar"})), Content({"de": "…"})).anybody


@given(st.integers(0, 1000), st.integers(0, 4))
def test_a_small_count_cannot_be_had_by_subtraction(large: int, small: int) -> None:
    """All that is shown of a large group, a small one and both together would be the same with another small one."""

    def view(large: int, small: int) -> tuple[int | None, ...]:
        return told(large), told(small), told(large + small)

    same = {
        other
        for other in range(5)
        for about in range(max(0, large - 4), large + 5)
        if view(about, other) == view(large, small)
    }
    assert len(same) > 1


def test_the_table_has_no_small_number() -> None:
    progress = Progress(
        {"ar": 120, "ckb": 3},
        {("ar", Outcome.DELIVERED): 117, ("ar", Outcome.BLOCKED): 3, ("ckb", Outcome.DELIVERED): 3},
    )
    rows = list(csv.DictReader(io.StringIO(as_csv(progress))))
    assert [row["language"] for row in rows] == ["ar", "ckb", "all"]
    for row in rows:
        assert all(value == HIDDEN or int(value) >= 5 for name, value in row.items() if name != "language")
    assert rows[0]["delivered"] == "115"
    assert shown(progress).share == 1.0
