"""Pictures for docs/coordinator.md: `python -m tests.pictures_coordinator`. The real bot, a real browser."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from bot.sandbox import COORDINATOR_ID, HELPER_ID, PERSON_ID
from tests.pictures import FOLDER, SETTLE_MILLISECONDS, shoot
from tests.sandbox.browser import open_page
from tests.staff.network import joined, subscribed, tapped, wrote
from tests.telegram.town import town_with_bot

TEXTS = """de: Die Frauengruppe beginnt am Montag um 17 Uhr im Zentrum Biebrich. Kinderbetreuung ist da.
ar: تبدأ مجموعة النساء يوم الاثنين الساعة ١٧ في مركز بيبريش. يوجد من يهتم بالأطفال.
kmr: Koma jinan duşemê saet 17 li navenda Biebrich dest pê dike. Zarok jî dikarin werin."""


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with town_with_bot(Path(folder)) as here, open_page(here.url, width=1240, height=900) as page:

            async def picture(name: str) -> None:
                await page.wait_for_timeout(SETTLE_MILLISECONDS)
                await shoot(page, FOLDER / f"coordinator-{name}.jpg")

            await joined(here)
            await subscribed(here, "ar", PERSON_ID)
            await subscribed(here, "kmr", HELPER_ID)
            await wrote(here, "/announce")
            await wrote(here, TEXTS)
            await tapped(here, "Auch nachts")
            await picture("draft")
            await tapped(here, "Prüfen und senden")
            await picture("check")
            await tapped(here, "Jetzt senden")
            await here.until(lambda: "Ist gesendet" in here.said(COORDINATOR_ID)[-1])
            await picture("sent")
            await wrote(here, "/announcements")
            await picture("list")


if __name__ == "__main__":
    asyncio.run(main())
