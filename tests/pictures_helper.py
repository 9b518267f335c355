"""Pictures for docs/helpers.md: `python -m tests.pictures_helper`. The real bot, a real browser, two phones."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path

from bot.conversation.codes import Verb
from bot.sandbox import HELPER_ID, PERSON_ID
from tests.pictures import FOLDER, SETTLE_MILLISECONDS, shoot
from tests.sandbox.browser import open_page
from tests.telegram.town import Town, town_with_bot

OFFER = "lindenhof-schlaf"


def newest(here: Town, person: int) -> int:
    """The newest message of the bot."""
    return int([m for m in here.phone(person).messages if m["from"]["is_bot"]][-1]["message_id"])


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with town_with_bot(Path(folder)) as here, open_page(here.url, width=1240, height=900) as page:
            helper, person = here.phone(HELPER_ID), here.phone(PERSON_ID)
            helper.set_language("de")

            async def picture(name: str) -> None:
                await page.wait_for_timeout(SETTLE_MILLISECONDS)
                await shoot(page, FOLDER / f"helper-{name}.jpg")

            async def pictures_sent(count: int, who: int) -> str:
                """Waits for so many pictures; the caption of the last."""

                def captions() -> list[str]:
                    return [m.get("caption", "") for m in here.phone(who).messages if "photo" in m]

                await here.until(lambda: len(captions()) >= count)
                return captions()[-1]

            helper.send("/helper")
            await here.tap("دری", HELPER_ID)
            helper.tap(newest(here, HELPER_ID), f"1.0.{Verb.SIDE_BY_SIDE}.on/lprs,nc,gf")
            await here.until(lambda: any("📲" in label for label in here.labels(HELPER_ID)))
            helper.press(next(text for text in reversed(here.labels(HELPER_ID)) if "📲" in text))
            caption = await pictures_sent(1, HELPER_ID)
            found = re.search(r"start=(s-[\w-]+)", caption)
            assert found
            person.start(found[1])
            await here.until(lambda: here.said(PERSON_ID))
            await picture("side-by-side")
            agree = next(label for label in here.labels(PERSON_ID) if label.startswith("✅"))
            person.press(agree)
            await here.until(lambda: len(here.said(PERSON_ID)) > 1)
            person.start(f"d-{OFFER}")
            await here.until(lambda: any("🖼" in label for label in here.labels(PERSON_ID)))
            person.press(next(text for text in reversed(here.labels(PERSON_ID)) if "🖼" in text))
            await pictures_sent(2, PERSON_ID)
            await picture("card")


if __name__ == "__main__":
    asyncio.run(main())
