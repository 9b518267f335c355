"""Two phones on the chat page: from a card passed on to a card to show, a plan, and the question whether it worked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from bot.app import open_stores
from bot.reminders import remind
from tests.demo import demo_world
from tests.sandbox.browser import open_page
from tests.telegram.town import Town, close, town_with_bot

pytestmark = pytest.mark.browser
PATIENCE_MILLISECONDS = 15_000


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town_with_bot(tmp_path) as town:
        yield town


def phone(page: Page, whose: str) -> Locator:
    return page.get_by_test_id(f"phone-{whose}")


async def tap(of: Locator, label: str) -> None:
    """Taps the newest button with this label, once it is there."""
    button = of.get_by_test_id("inline-button").filter(has_text=label).last
    await expect(button).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    await button.click()


async def reads(of: Locator, text: str) -> None:
    await expect(of.get_by_test_id("messages")).to_contain_text(text, timeout=PATIENCE_MILLISECONDS)


async def test_from_the_inline_card_to_the_question_whether_it_worked(here: Town) -> None:
    async with open_page(here.url, width=1240, height=900) as page:
        helper, person = phone(page, "helper"), phone(page, "person")
        # the helper, in the chat with the person, passes a card on
        await helper.get_by_test_id("back").click()
        await helper.get_by_test_id("chat-person").click()
        await helper.get_by_test_id("input").fill("@rahnuma_demo_bot sleep dari")
        await helper.get_by_test_id("inline-result").first.click()
        await person.get_by_test_id("back").click()
        await person.get_by_test_id("chat-helper").click()
        # the person opens the bot at this offer, in Dari, and agrees
        await tap(person, "جای مناسب")
        await tap(person, "بلی")
        await reads(person, "(Demo)")
        # a card to show at the desk
        await tap(person, "کارت برای نشان")
        await tap(person, "به شکل نوشته")
        await reads(person, "Ich spreche Dari")
        # the plan, by consent
        await tap(person, "گذاشتن در پلان")
        for label in ("۱۶", "پلانم را", "زنگ", "فردا"):
            await tap(person, label)
        await reads(person, "در این روز به یادتان")
        # four days later the bot asks
        stores, world = open_stores(here.settings), demo_world()
        assert here.side
        for days in (1, 4):
            now = world.now.now(world.now.tzinfo).replace(hour=12) + timedelta(days=days)
            await remind(stores.plans, stores.records, here.side.chat, partial(replace, world, now=now))
        await tap(person, "📵")
        await expect(person.get_by_test_id("inline-button").filter(has_text="📌").last).to_be_visible()
        await close(stores)
