"""The chat page in a real browser: three phones, buttons, links, directions, inline mode, a narrow window."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from bot.sandbox import GROUP_ID, PERSON_ID, Phone, Sandbox, Upload

from .browser import open_page
from .conftest import Api
from .test_refusals import PNG

pytestmark = pytest.mark.browser

ARABIC = "مرحباً، أنا رهنما.\nHotline: \u20660800 1110111\u2069"
LINK = "https://t.me/rahnuma_demo_bot?start=o-12"


@asynccontextmanager
async def phones(address: str, **size: int) -> AsyncIterator[tuple[Page, Locator, Locator, Locator]]:
    """The page with the phones of person, helper and coordinator."""
    async with open_page(address, **size) as page:
        await page.locator("body[data-ready]").wait_for()
        person, helper, coordinator = (
            page.get_by_test_id(f"phone-{name}") for name in ("person", "helper", "coordinator")
        )
        yield page, person, helper, coordinator


async def type_text(phone: Locator, text: str) -> None:
    await phone.get_by_test_id("input").fill(text)
    await phone.get_by_test_id("input").press("Enter")


async def newest_text(api: Api) -> Any:
    return (await api.call("getUpdates", offset=-1))[0]["message"]["text"]


def inline(*rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"inline_keyboard": list(rows)}


async def test_a_person_starts_reads_taps_and_writes(api: Api, sandbox: Sandbox, address: str) -> None:
    await api.call("setMyDescription", description="Ich zeige den Weg", language_code="de")
    await api.call("setMyDescription", description="أدلّك على الطريق", language_code="ar")
    await api.call("setMyCommands", commands=[{"command": "sos", "description": "Hilfe sofort"}])
    async with phones(address) as (_page, person, helper, _):
        await expect(person.get_by_test_id("description")).to_contain_text("أدلّك على الطريق")
        await expect(helper.get_by_test_id("description")).to_contain_text("Ich zeige den Weg")
        await person.get_by_test_id("language").select_option("de")
        await expect(person.get_by_test_id("description")).to_contain_text("Ich zeige den Weg")

        await person.get_by_test_id("start").click()
        await expect(person.get_by_test_id("message")).to_have_count(1)
        assert await newest_text(api) == "/start"

        await api.call("sendChatAction", chat_id=PERSON_ID, action="typing")
        await expect(person.get_by_test_id("subtitle")).to_have_text("typing…")
        markup = inline([{"text": "Schlaf", "callback_data": "s"}, {"text": "Familie", "callback_data": "f"}])
        sent = await api.call(
            "sendMessage",
            chat_id=PERSON_ID,
            text="<b>Was</b> brauchst du? <tg-spoiler>x</tg-spoiler>",
            parse_mode="HTML",
            reply_markup=markup,
        )
        bubble = person.get_by_test_id("message").last
        await expect(bubble.locator("b")).to_have_text("Was")
        await expect(person.get_by_test_id("subtitle")).to_have_text("bot")

        await bubble.get_by_test_id("inline-button").first.click()
        await expect(bubble.locator(".waiting")).to_have_count(1)
        query = (await api.call("getUpdates", offset=-1))[0]["callback_query"]
        assert query["data"] == "s"
        await api.call("answerCallbackQuery", callback_query_id=query["id"], text="Moment")
        await expect(person.get_by_test_id("toast")).to_have_text("Moment")
        await expect(bubble.locator(".waiting")).to_have_count(0)

        edit = {"chat_id": PERSON_ID, "message_id": sent["message_id"]}
        await api.call("editMessageText", **edit, text="Für wen?")
        await expect(bubble.get_by_test_id("text")).to_have_text("Für wen?")
        await expect(bubble.get_by_test_id("edited")).to_be_visible()
        await expect(bubble.get_by_test_id("inline-button")).to_have_count(0)

        await type_text(person, "für mich")
        assert await newest_text(api) == "für mich"
        await person.get_by_test_id("menu").click()
        await person.get_by_test_id("sheet-item").filter(has_text="Hilfe sofort").click()
        await expect(person.get_by_test_id("text").last).to_have_text("/sos")

        await api.call("deleteMessage", **edit)
        await expect(person.get_by_test_id("message")).to_have_count(3)
        await expect(helper.get_by_test_id("message")).to_have_count(0)


async def test_reply_keyboards_and_alerts(api: Api, person: Phone, address: str) -> None:
    async with phones(address) as (_page, phone, *_):
        keyboard = {"keyboard": [["عربي", "دری"], ["🆘 SOS"]]}
        await api.call("sendMessage", chat_id=PERSON_ID, text="x", reply_markup=keyboard)
        buttons = phone.get_by_test_id("reply-button")
        await expect(buttons).to_have_text(["عربي", "دری", "🆘 SOS"])
        first, second = await buttons.nth(0).bounding_box(), await buttons.nth(1).bounding_box()
        assert first is not None
        assert second is not None
        assert first["x"] < second["x"], "a keyboard stays in the order in which it was sent"
        await buttons.nth(1).click()
        await expect(phone.get_by_test_id("text").last).to_have_text("دری")
        await api.call("sendMessage", chat_id=PERSON_ID, text="x", reply_markup={"remove_keyboard": True})
        await expect(buttons).to_have_count(0)

        query = person.tap(person.messages[-1]["message_id"], "x")
        await api.call("answerCallbackQuery", callback_query_id=query, text="112", show_alert=True)
        await expect(phone.get_by_test_id("alert")).to_contain_text("112")
        await phone.get_by_test_id("alert-ok").click()
        await expect(phone.get_by_test_id("alert")).to_have_count(0)


async def test_each_paragraph_has_its_own_direction(api: Api, person: Phone, address: str) -> None:
    async with phones(address) as (_page, phone, *_):
        await api.call("sendMessage", chat_id=PERSON_ID, text=ARABIC)
        text = phone.get_by_test_id("text").last
        await expect(text).to_contain_text("Hotline")
        lines = await text.evaluate(
            """node => {
                const box = node.parentElement.getBoundingClientRect(), range = document.createRange();
                const first = node.firstChild, end = first.data.indexOf("\\n");
                const at = (from, to) => {
                    range.setStart(first, from);
                    range.setEnd(first, to);
                    return range.getBoundingClientRect();
                };
                const arabic = at(0, end), latin = at(end + 1, end + 8);
                return [box.right - arabic.right, latin.left - box.left];
            }"""
        )
        assert lines[0] < 2, "the Arabic line begins at the right"
        assert lines[1] < 2, "the Latin line begins at the left"
        await text.get_by_test_id("number").click()
        await expect(phone.get_by_test_id("sheet")).to_contain_text("0800 1110111")


async def test_a_deep_link_opens_the_bot_on_the_very_phone(api: Api, person: Phone, address: str) -> None:
    person.send(f"Schau mal: {LINK}", chat_id=-1)
    async with phones(address) as (_page, _, helper, coordinator):
        await helper.get_by_test_id("back").click()
        await helper.get_by_test_id("chat-person").click()
        await helper.get_by_test_id("link").click()
        await expect(helper.get_by_test_id("title")).to_have_text("Rahnuma")
        await expect(helper.get_by_test_id("text")).to_have_text("/start")
        update = (await api.call("getUpdates", offset=-1))[0]["message"]
        assert (update["text"], update["from"]["first_name"]) == ("/start o-12", "Helper")
        await expect(coordinator.get_by_test_id("start")).to_be_visible()


async def test_sharing_forwarding_copying(api: Api, person: Phone, address: str) -> None:
    share = "https://t.me/share/url?url=https%3A%2F%2Ft.me%2Frahnuma_demo_bot%3Fstart%3Do-12&text=Beratung"
    rows: list[list[dict[str, Any]]] = [
        [{"text": "Teilen", "url": share}, {"text": "Nummer", "copy_text": {"text": "112"}}],
        [{"text": "Termin", "url": "https://example.org/termin"}],
    ]
    async with phones(address) as (page, phone, helper, _):
        await api.call("sendMessage", chat_id=PERSON_ID, text="Karte", reply_markup=inline(*rows))
        card = phone.get_by_test_id("message").last
        await card.get_by_test_id("inline-button").filter(has_text="Teilen").click()
        await phone.get_by_test_id("sheet-item").filter(has_text="Helper").click()
        await expect(phone.get_by_test_id("toast")).to_have_text("Sent to Helper")
        await card.hover()
        await card.get_by_test_id("message-menu").click()
        await phone.get_by_test_id("sheet-item").filter(has_text="Forward").click()
        await phone.get_by_test_id("sheet-item").filter(has_text="Helper").click()
        await card.get_by_test_id("inline-button").filter(has_text="Nummer").click()
        await expect(phone.get_by_test_id("toast")).to_have_text("Text copied to clipboard")

        await helper.get_by_test_id("back").click()
        await helper.get_by_test_id("chat-person").click()
        await expect(helper.get_by_test_id("text").first).to_have_text(
            f"{LINK}\nBeratung", use_inner_text=True
        )
        forwarded = helper.get_by_test_id("message").last
        await expect(forwarded).to_contain_text("Forwarded from Rahnuma")
        await expect(forwarded.get_by_test_id("inline-button")).to_have_count(3)

        await page.context.route("https://example.org/**", lambda route: route.fulfill(body="Termin"))
        async with page.context.expect_page() as opened:
            await forwarded.get_by_test_id("inline-button").filter(has_text="Termin").click()
        await expect(await opened.value).to_have_url("https://example.org/termin")


async def test_a_group_of_three_and_the_bot(api: Api, sandbox: Sandbox, address: str) -> None:
    async with phones(address) as (_page, *all_phones):
        for phone in all_phones:
            await phone.get_by_test_id("back").click()
            await phone.get_by_test_id("chat-group").click()
        await type_text(all_phones[0], "/sos")
        await api.call("sendMessage", chat_id=GROUP_ID, text="112")
        for phone in all_phones:
            await expect(phone.get_by_test_id("text")).to_have_text(["/sos", "112"])
        assert [await phone.locator(".own").count() for phone in all_phones] == [1, 0, 0]


async def test_inline_mode(api: Api, person: Phone, address: str) -> None:
    async with phones(address) as (_page, phone, *_):
        await phone.get_by_test_id("back").click()
        await phone.get_by_test_id("chat-helper").click()
        await phone.get_by_test_id("input").fill("@rahnuma_demo_bot schlaf")
        updates = await api.call("getUpdates", offset=-1, timeout=10)
        while "inline_query" not in updates[-1]:
            updates = await api.call("getUpdates", offset=updates[-1]["update_id"] + 1, timeout=10)
        query = updates[-1]["inline_query"]
        assert query["query"] == "schlaf"
        result = {"type": "article", "id": "1", "title": "Schlafgruppe", "description": "offen"}
        content = {"input_message_content": {"message_text": f"Schlafgruppe {LINK}"}}
        await api.call("answerInlineQuery", inline_query_id=query["id"], results=[result | content])
        await phone.get_by_test_id("inline-result").click()
        await expect(phone.get_by_test_id("message")).to_contain_text("via @rahnuma_demo_bot")
        await expect(phone.get_by_test_id("input")).to_have_value("")


async def test_what_can_be_attached_is_shown(api: Api, person: Phone, address: str) -> None:
    async with phones(address) as (page, phone, *_):

        async def attach(kind: str) -> None:
            await phone.get_by_test_id("attach").click()
            await phone.get_by_test_id("sheet-item").filter(has_text=kind).click()

        async with page.expect_file_chooser() as chooser:
            await attach("Photo")
        await (await chooser.value).set_files({"name": "x.png", "mimeType": "image/png", "buffer": PNG})
        await expect(phone.get_by_test_id("photo")).to_have_count(1)
        await attach("Location")
        await phone.get_by_test_id("sheet-item").first.click()
        await expect(phone.get_by_test_id("location")).to_be_visible()
        await attach("My contact")
        await expect(phone.get_by_test_id("contact")).to_contain_text("+496990009001")
        await attach("Sticker")
        await phone.get_by_test_id("sticker").first.click()
        await expect(phone.get_by_test_id("message").last).to_contain_text("👍")
        await attach("Voice note")
        await expect(phone.get_by_test_id("voice")).to_have_count(1)
        person.send_file("document", Upload("خطة.pdf", b"%PDF", "application/pdf"))
        await expect(phone.get_by_test_id("document")).to_contain_text("خطة.pdf")
        await api.call(
            "sendVenue", chat_id=PERSON_ID, latitude=50, longitude=8, title="Haus", address="Straße 1"
        )
        await expect(phone.get_by_test_id("venue")).to_contain_text("Straße 1")
        kinds = {key for update in await api.call("getUpdates") for key in update["message"]}
        assert kinds >= {"photo", "location", "contact", "sticker", "voice", "document"}


async def test_blocking_editing_and_beginning_anew(api: Api, person: Phone, address: str) -> None:
    async with phones(address) as (_page, phone, *_):
        await type_text(phone, "falsch")
        message = phone.get_by_test_id("message").last
        await expect(message).to_contain_text("falsch")
        await message.click(button="right")
        await phone.get_by_test_id("sheet-item").filter(has_text="Edit").click()
        await type_text(phone, "richtig")
        await expect(message.get_by_test_id("text")).to_have_text("richtig")
        await phone.get_by_test_id("more").click()
        await phone.get_by_test_id("sheet-item").filter(has_text="Block").click()
        await expect(phone.get_by_test_id("unblock")).to_be_visible()
        assert (await api.refusal("sendMessage", chat_id=PERSON_ID, text="x"))[0] == 403
        await phone.get_by_test_id("unblock").click()
        await phone.get_by_test_id("more").click()
        await phone.get_by_test_id("sheet-item").filter(has_text="Clear").click()
        await expect(phone.get_by_test_id("start")).to_be_visible()


async def test_one_phone_at_a_time_on_a_narrow_window(api: Api, person: Phone, address: str) -> None:
    async with phones(address, width=390, height=780) as (page, phone, helper, _):
        await expect(phone).to_be_visible()
        await expect(helper).to_be_hidden()
        overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0
        person.send("Hallo", chat_id=-1)
        await expect(page.get_by_test_id("tab-helper")).to_contain_text("1")
        await page.get_by_test_id("tab-helper").click()
        await expect(helper).to_be_visible()
        await expect(phone).to_be_hidden()


async def test_the_page_is_drawn_again_after_a_lost_connection(
    api: Api, sandbox: Sandbox, person: Phone, address: str
) -> None:
    async with phones(address) as (_page, phone, *_):
        await expect(phone.get_by_test_id("message")).to_have_count(1)
        sandbox.tell_page({"type": "closed"})
        person.send("währenddessen")
        await expect(phone.get_by_test_id("text").last).to_have_text("währenddessen", timeout=15_000)


async def test_nothing_is_asked_of_other_hosts(person: Phone, address: str) -> None:
    async with open_page("about:blank") as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(address)
        await page.locator("body[data-ready]").wait_for()
        assert [url for url in asked if not url.startswith((address, "data:"))] == []
