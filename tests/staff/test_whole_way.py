"""The network at work, from phone to phone over HTTP: invite, announce, three languages, stop, sheet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import COORDINATOR_ID, HELPER_ID, PERSON_ID
from tests.staff.network import joined, subscribed, tapped, wrote
from tests.telegram.town import Town, town_with_bot

KURD_ID = 700_000_010


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town_with_bot(tmp_path) as town:
        yield town


async def test_three_people_read_it_in_their_languages(here: Town) -> None:
    await joined(here)
    await subscribed(here, "ar", PERSON_ID)
    await subscribed(here, "de", HELPER_ID)
    await subscribed(here, "kmr", KURD_ID)
    assert "schicken Sie" in await wrote(here, "/announce")
    hub = await wrote(here, "de: Frauengruppe am Montag in Biebrich\nar: مجموعة النساء يوم الاثنين")
    assert "Deutsch" in hub
    assert "Arabisch" in hub
    await tapped(here, "Auch nachts")
    coverage = await tapped(here, "Prüfen und senden")
    assert "weniger als 5" in coverage
    assert "Kurmandschi: weniger als 5, lesen Deutsch" in coverage
    assert "Trotzdem" in await tapped(here, "Jetzt senden") or "trotzdem" in here.said(COORDINATOR_ID)[-1]
    await tapped(here, "Ja, trotzdem senden")
    await here.until(lambda: any("الاثنين" in text for text in here.said(PERSON_ID)))
    await here.until(lambda: any("Biebrich" in text for text in here.said(HELPER_ID)))
    await here.until(lambda: any("Biebrich" in text for text in here.said(KURD_ID)))
    await here.until(lambda: "Ist gesendet" in here.said(COORDINATOR_ID)[-1])
    for person in (PERSON_ID, HELPER_ID, KURD_ID):
        assert sum("Biebrich" in text or "الاثنين" in text for text in here.said(person)) == 1
