"""What people say of offers reaches the coordinator, and nobody else; no small count is shown."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bot.announcements.model import Role
from bot.app import open_stores
from bot.sandbox import COORDINATOR_ID, HELPER_ID
from bot.staff.said import counts
from tests.staff.network import joined
from tests.telegram.town import Town, close, town_with_bot

OFFER = "lindenhof-schlaf"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town_with_bot(tmp_path) as town:
        stores, today = open_stores(town.settings), datetime.now(UTC).date()
        for what, count in (("nobody", 7), ("wrong_number", 3)):
            for _ in range(count):
                await stores.records.report(OFFER, what, today)
        await stores.records.note_words(OFFER, "They <moved> to another street", today)
        await close(stores)
        yield town


async def test_a_coordinator_sees_it(here: Town) -> None:
    here.phone(COORDINATOR_ID).set_language("en")
    await joined(here)
    before = len(here.said(COORDINATOR_ID))
    here.phone(COORDINATOR_ID).send("/said")
    told, written = (await here.answers(before + 2, COORDINATOR_ID))[-2:]
    assert "Nobody answered (5)" in told
    assert "The number (<5)" in told
    assert "They <moved> to another street" in written


async def test_it_stands_in_the_sheet_too(here: Town) -> None:
    here.phone(COORDINATOR_ID).set_language("en")
    await joined(here)
    here.phone(COORDINATOR_ID).send("/offers")
    await here.until(lambda: any("document" in m for m in here.phone(COORDINATOR_ID).messages))
    sent = next(m["document"] for m in here.phone(COORDINATOR_ID).messages if "document" in m)
    stored = here.sandbox.files.get(sent["file_id"])
    assert stored
    headings, *rows = load_workbook(io.BytesIO(stored.content)).worksheets[0].values
    said = {row[0]: row[headings.index("said")] for row in rows}
    assert said[OFFER] == "Nobody answered (5); wrong: The number (<5)"
    await here.quiet()


async def test_nobody_else_does(here: Town) -> None:
    here.phone(HELPER_ID).set_language("en")
    await joined(here, Role.EDITOR, HELPER_ID)
    before = len(here.said(HELPER_ID))
    here.phone(HELPER_ID).send("/said")
    said = await here.answers(before + 1, HELPER_ID)
    assert "moved" not in "".join(said)


def test_counts_are_rounded_so_that_none_can_be_had_by_subtraction() -> None:
    shown = counts([(OFFER, "nobody", count) for count in (1, 4, 5, 9, 10, 23)])
    assert [one.count for one in shown] == ["<5", "<5", "5", "5", "10", "20"]
