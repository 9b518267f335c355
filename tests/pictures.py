"""Pictures of the chat page for the docs: `python -m tests.pictures [LANG …]`, one sheet a language.

Each sheet shows three phones at three moments: the notice, a question, the offers. A real browser, the real bot over
HTTP.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page

from bot.languages.catalogs import available
from bot.sandbox import COORDINATOR_ID, HELPER_ID, PERSON_ID, Phone
from tests.sandbox.browser import open_page
from tests.telegram.town import Town, town_with_bot

FOLDER = Path(__file__).parent.parent / "docs" / "images"
LANGUAGES = FOLDER.parent / "languages"
QUALITY = 55
"""Of the JPEG files: small, and every letter can still be read."""
SETTLE_MILLISECONDS = 700


async def tap(here: Town, person: int, verb: str, answers: int) -> None:
    """Taps the newest button whose code has this verb, and waits for so many messages."""
    phone = Phone(here.sandbox, person)
    for message in reversed(phone.messages):
        for row in message.get("reply_markup", {}).get("inline_keyboard", []):
            for button in row:
                if f".{verb}." in button.get("callback_data", ""):
                    before = len(here.said(person))
                    phone.tap(message["message_id"], button["callback_data"])
                    await here.answers(before + answers, person)
                    return
    raise LookupError(verb)


async def shoot(page: Page, path: Path) -> None:
    """Takes a small picture of the page."""
    await page.screenshot(path=str(path), type="jpeg", quality=QUALITY)


async def sheet(language: str) -> None:
    """One language: three phones in a new town."""
    with tempfile.TemporaryDirectory() as folder:
        async with town_with_bot(Path(folder)) as here:
            for person in (PERSON_ID, HELPER_ID, COORDINATOR_ID):
                here.phone(person).start(f"l-{language}_n-sleep")
                await here.answers(1, person)
            await tap(here, HELPER_ID, "go", 1)
            await tap(here, COORDINATOR_ID, "go", 1)
            await tap(here, COORDINATOR_ID, "sh", 4)
            async with open_page(here.url, width=1240, height=900) as page:
                await page.wait_for_timeout(SETTLE_MILLISECONDS)
                await shoot(page, LANGUAGES / f"{language}.jpg")


async def main() -> None:
    LANGUAGES.mkdir(parents=True, exist_ok=True)
    for language in sys.argv[1:] or available():
        await sheet(language)
        print(language, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
