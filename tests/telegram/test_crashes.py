"""kill -9 at the worst moments: between fetching, saving and sending. Nothing is lost, the order is kept."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import FaultKind
from tests.telegram.town import Town, town


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        yield place


def unsent(here: Town) -> int:
    """How many chats have an outbox that Telegram has not taken yet."""
    with sqlite3.connect(here.folder / "town-records.db") as database:
        count: int = database.execute("SELECT count(*) FROM conversation WHERE unsent").fetchone()[0]
        return count


async def begun(here: Town) -> None:
    here.phone().start("l-de_n-sleep")
    await here.answers(1)
    await here.tap("Ja, weiter")
    await here.quiet()
    await here.until(lambda: not unsent(here))


async def test_killed_after_the_fetch_before_the_save(here: Town, tmp_path: Path) -> None:
    with here.bot_process():
        await begun(here)
        database = sqlite3.connect(tmp_path / "town-records.db", isolation_level=None)
        database.execute("BEGIN EXCLUSIVE")
        here.phone().send("/help")
        here.phone().send("/privacy")
        await here.until(lambda: not here.sandbox.updates.has_poller)
    database.execute("ROLLBACK")
    database.close()
    with here.bot_process():
        await here.until(lambda: "/forget" in here.said()[-1])
    assert "/sos" in here.said()[-2]


@pytest.mark.parametrize("kind", [FaultKind.ERROR, FaultKind.LOSE])
async def test_killed_after_the_save_before_telegram_accepted(here: Town, kind: FaultKind) -> None:
    with here.bot_process():
        await begun(here)
        before = len(here.said())
        here.sandbox.faults.plan(kind, 1000, method="sendMessage")
        here.phone().send("/help")
        await here.until(lambda: unsent(here))
    here.sandbox.faults.clear()
    with here.bot_process():
        await here.answers(before + 1)
        here.phone().send("/mydata")
        await here.until(lambda: "Sprache: Deutsch" in here.said()[-1])
    said = here.said()[before:]
    assert all("/sos" in text for text in said[:-1])


async def test_a_restart_in_the_middle_of_a_dialogue_loses_nothing(here: Town) -> None:
    with here.bot_process() as process:
        await begun(here)
        process.terminate()
        await asyncio.to_thread(process.wait, 10)
        assert process.returncode == 0
    with here.bot_process():
        before = len(here.said())
        here.phone().send("/mydata")
        said = await here.answers(before + 1)
    assert "Schlaf" in said[-1]
