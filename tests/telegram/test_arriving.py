"""From the card to somebody who helps, and from one phone to another: over HTTP, with the whole bot."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from pypdf import PdfReader

from bot.app import Stores, ask_to_renew, open_stores
from bot.conversation.vocabulary import Subscription
from bot.reminders import remind
from bot.sandbox import HELPER_ID, PERSON_ID, FaultKind
from tests.demo import demo_world
from tests.telegram.town import Town, close, town_with_bot

OFFER = "lindenhof-schlaf"
NAME = "Sleep better: a course"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town_with_bot(tmp_path) as town:
        yield town


async def begun(here: Town, person: int = PERSON_ID) -> None:
    """An English conversation about sleep, agreed to."""
    here.phone(person).start("l-en_n-sleep")
    await here.answers(1, person)
    await here.tap("Yes, go on", person)


def messages(here: Town, what: str, person: int = PERSON_ID) -> list[Any]:
    """The bot's messages that have this field."""
    return [m for m in here.phone(person).messages if what in m and m["from"]["is_bot"]]


async def sent(here: Town, what: str, count: int = 1, person: int = PERSON_ID) -> list[Any]:
    """Waits until the bot has sent so many messages with this field."""
    await here.until(lambda: len(messages(here, what, person)) >= count)
    return messages(here, what, person)


def content(here: Town, file_id: str) -> bytes:
    stored = here.sandbox.files.get(file_id)
    assert stored
    return stored.content


def files_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def buttons(here: Town, person: int = PERSON_ID) -> list[Any]:
    markups = [m.get("reply_markup", {}).get("inline_keyboard", []) for m in here.phone(person).messages]
    return [button for rows in markups for row in rows for button in row]


async def press(here: Town, label: str, told: str, person: int = PERSON_ID) -> None:
    """Taps a button whose answer takes the place of its message, and waits until this is said."""
    await here.until(lambda: any(text.endswith(label) for text in here.labels(person)))
    here.phone(person).press(next(text for text in reversed(here.labels(person)) if text.endswith(label)))
    await here.until(lambda: any(told in text for text in here.said(person)))


async def with_a_plan(here: Town) -> None:
    """A conversation, and a plan to call tomorrow."""
    await begun(here)
    here.phone().start(f"k-{OFFER}")
    await here.until(lambda: "16 or older" in here.said()[-1])
    await press(here, "Yes, 16 or older", "Shall I keep a plan")
    await press(here, "Yes, keep my plan", "what is your next step")
    await press(here, "Call there", "When shall I remind you")
    await press(here, "Tomorrow", "This is on your plan now")


def plans_kept(folder: Path) -> int:
    with sqlite3.connect(folder / "town-news.db") as database:
        return int(database.execute("SELECT count(*) FROM plan").fetchone()[0])


async def test_from_the_card_to_the_question_whether_it_worked(here: Town, tmp_path: Path) -> None:
    await with_a_plan(here)
    await here.until(lambda: plans_kept(tmp_path) == 1)
    stores, world = open_stores(here.settings), demo_world()
    assert here.side
    for days, told in ((1, "A reminder from your plan"), (4, "did it work?")):
        now = world.now.now(world.now.tzinfo).replace(hour=12) + timedelta(days=days)
        await remind(stores.plans, stores.records, here.side.chat, partial(replace, world, now=now))
        assert told in here.said()[-1]
        assert NAME not in here.said()[-1]  # it may stand on a locked screen
    await here.tap("Nobody answered")
    with sqlite3.connect(tmp_path / "town-records.db") as database:
        found = database.execute("SELECT offer, what, count FROM wrong_report").fetchall()
        counted = database.execute("SELECT language, need, answer, count FROM plan_answer").fetchall()
    assert found == [(OFFER, "nobody", 1)]
    assert counted == [("en", "sleep", "nobody", 1)]
    await close(stores)


async def said_tomorrow(here: Town, stores: Stores) -> None:
    """What plans ask to be said tomorrow at noon is said."""
    assert here.side
    world = demo_world()
    noon = world.now.now(world.now.tzinfo).replace(hour=12) + timedelta(days=1)
    await remind(stores.plans, stores.records, here.side.chat, partial(replace, world, now=noon))


async def test_a_reminder_that_telegram_refuses_erases_no_plan(here: Town, tmp_path: Path) -> None:
    await with_a_plan(here)
    await here.until(lambda: plans_kept(tmp_path) == 1)
    stores = open_stores(here.settings)
    here.sandbox.faults.plan(FaultKind.REFUSE, method="sendMessage")
    await said_tomorrow(here, stores)
    assert not here.sandbox.faults
    plan = await stores.plans.of(PERSON_ID)
    assert plan
    assert plan.saved[0].remind_at is None  # it is not tried for ever
    await close(stores)


async def test_who_blocked_the_bot_has_no_plan_any_more(here: Town, tmp_path: Path) -> None:
    await with_a_plan(here)
    await here.until(lambda: plans_kept(tmp_path) == 1)
    stores = open_stores(here.settings)
    here.phone().block()
    await said_tomorrow(here, stores)
    assert await stores.plans.of(PERSON_ID) is None
    await close(stores)


async def test_reminders_come_in_the_language_that_is_chosen(here: Town, tmp_path: Path) -> None:
    await with_a_plan(here)
    await here.until(lambda: plans_kept(tmp_path) == 1)
    here.phone().send("/language")
    await here.tap("Deutsch")
    await here.quiet()
    stores = open_stores(here.settings)
    await said_tomorrow(here, stores)
    assert "Erinnerung" in here.said()[-1]
    await close(stores)


async def clear(here: Town) -> None:
    here.phone().send("/privacy")
    await here.until(lambda: any(label.endswith("Clear this chat") for label in here.labels()))
    here.phone().press(next(label for label in here.labels() if label.endswith("Clear this chat")))
    await here.until(lambda: "I deleted what Telegram lets me delete" in here.said()[-1])
    await here.quiet()


async def test_clearing_the_chat_deletes_reminders_too(here: Town, tmp_path: Path) -> None:
    await with_a_plan(here)
    await here.until(lambda: plans_kept(tmp_path) == 1)
    await here.quiet()
    stores = open_stores(here.settings)
    await said_tomorrow(here, stores)
    assert "A reminder from your plan" in here.said()[-1]
    await clear(here)
    assert len(here.said()) == 1
    await close(stores)


async def test_clearing_the_chat_deletes_the_question_about_news_too(here: Town) -> None:
    await begun(here)
    await here.quiet()
    stores, world = open_stores(here.settings), demo_world()
    noon = world.now.now(world.now.tzinfo).replace(hour=12)
    soon = noon.date() + timedelta(days=7)
    ends = Subscription("en", frozenset({"youth"}), frozenset(), 1, noon.date(), soon)
    await stores.news.subscribe(PERSON_ID, ends)
    assert here.side
    await ask_to_renew(stores.news, stores.records, here.side, replace(world, now=noon))
    assert any("📬 Yes, go on" in label for label in here.labels())
    await clear(here)
    assert len(here.said()) == 1
    await close(stores)


async def test_forgetting_erases_the_plan_too(here: Town, tmp_path: Path) -> None:
    await with_a_plan(here)
    await here.until(lambda: plans_kept(tmp_path) == 1)
    here.phone().send("/mydata")
    await here.until(lambda: "I keep a plan" in here.said()[-1])
    here.phone().send("/forget")
    await here.until(lambda: plans_kept(tmp_path) == 0)
    await here.quiet()
    for clear in (str(PERSON_ID), "I keep a plan"):
        assert clear.encode() not in files_of(tmp_path)


async def test_the_same_screen_twice_is_one_message(here: Town) -> None:
    """A second tap asks to change a message into what it is already; Telegram calls that a mistake."""
    here.phone().set_language("en")
    here.phone().send("/link")
    (said,) = await here.answers(1)
    (asked,) = messages(here, "text")
    for _ in range(2):
        here.phone().tap(asked["message_id"], "1.0.li.lde")
        await here.quiet()
    await here.until(lambda: here.said() != [said])
    here.phone().send("/link")
    await here.until(lambda: here.said()[-1] == said)
    assert len(here.said()) == 2


async def test_an_appointment_comes_as_a_file_that_tells_nothing(here: Town) -> None:
    await begun(here)
    phone = here.phone()
    day = (demo_world().now.now() + timedelta(days=20)).date()
    newest = messages(here, "text")[-1]["message_id"]
    phone.tap(newest, f"1.0.pl.y{OFFER}")
    await here.until(lambda: any("what is your next step" in said for said in here.said()))
    phone.tap(newest, f"1.0.pl.t{day.toordinal():05x}0920{OFFER}")
    (message,) = await sent(here, "document")
    assert message["document"]["file_name"] == "calendar.ics"
    ics = content(here, message["document"]["file_id"])
    event: Any = Calendar.from_ical(ics).walk("VEVENT")[0]
    assert event["summary"] == "Appointment"
    assert event["dtstart"].dt.astimezone(demo_world().now.tzinfo).strftime("%H:%M") == "09:20"
    assert b"leep" not in ics
    await here.quiet()


async def test_a_card_says_only_what_was_tapped(here: Town) -> None:
    await begun(here)
    here.phone().send("I am a woman, 34 years old")
    await here.quiet()
    here.phone().start(f"d-{OFFER}")
    await here.until(lambda: "A card for" in here.said()[-1])
    await here.tap("As text")
    assert "Schlaf" not in here.said()[-1].split("Ich suche Hilfe", 1)[1]
    assert "Frau" not in here.said()[-1]
    here.phone().press(next(text for text in reversed(here.labels()) if text.endswith("Woman")))
    await here.until(lambda: "✅ Woman" in here.labels())
    await here.tap("As text")
    assert "Frau" in here.said()[-1]
    assert "34" not in here.said()[-1]


async def test_a_card_as_picture_and_to_print(here: Town) -> None:
    await begun(here)
    here.phone().start(f"d-{OFFER}")
    await here.until(lambda: any(text.endswith("As a picture") for text in here.labels()))
    here.phone().press("🖼 As a picture")
    front, back = await sent(here, "photo", 2)
    assert front["caption"] != back["caption"]
    assert content(here, front["photo"][-1]["file_id"]).startswith(b"\x89PNG")
    here.phone().press("🖨 To print")
    (message,) = await sent(here, "document")
    pdf = content(here, message["document"]["file_id"])
    assert "Ich suche Hilfe" in PdfReader(BytesIO(pdf)).pages[0].extract_text()
    assert len(pdf) < 300_000
    await here.quiet()


def link_in(caption: str) -> str:
    found = re.search(r"start=(s-[\w-]+)", caption)
    assert found
    return found[1]


async def test_answers_go_to_another_phone_once(here: Town, tmp_path: Path) -> None:
    """The helper's phone, then the person's: their language, their results; and for a third nothing."""
    phone = here.phone(HELPER_ID)
    await begun(here, HELPER_ID)
    newest = messages(here, "text", HELPER_ID)[-1]["message_id"]
    phone.tap(newest, "1.0.ho.lde,na,gf")
    (message,) = await sent(here, "photo", person=HELPER_ID)
    start = link_in(message["caption"])
    assert len(start) <= 64
    assert start.encode() not in files_of(tmp_path)

    for tap in (1, 2):  # people tap twice
        here.phone().start(start)
        said = await here.answers(tap)
        assert "Demo-Netzwerk" in said[-1]
        assert "Frau" in said[-1]
    await here.tap("Ja, weiter")
    await here.until(lambda: any("➕" in label for label in here.labels()))
    before = len(here.said())
    here.phone().start(start)
    said = await here.answers(before + 1)
    assert "Frau" in said[-1]
    assert "schon benutzt" not in said[-1]
    stranger = 800_000_001
    here.sandbox.add_person(stranger, "Stranger", "en")
    here.phone(stranger).start(start)
    await here.until(lambda: here.said(stranger))
    assert "used already" in here.said(stranger)[0]
    # of a link that another phone opened, who stands at results of their own hears that it is closed
    phone.tap(newest, "1.0.ho.lde,na,gf")
    second = link_in((await sent(here, "photo", 2, HELPER_ID))[-1]["caption"])
    here.phone(stranger).start(second)
    await here.answers(2, stranger)
    before = len(here.said())
    here.phone().start(second)
    said = await here.answers(before + 1)
    assert "schon benutzt" in said[-1]
    assert "Frau" in said[-1]
    await here.quiet()


async def test_side_by_side_stores_nothing(here: Town, tmp_path: Path) -> None:
    phone = here.phone(HELPER_ID)
    phone.set_language("en")
    phone.send("/helper")
    await here.until(lambda: any("العربية" in label for label in here.labels(HELPER_ID)))
    await here.tap("العربية", HELPER_ID)
    await here.until(lambda: any("How I feel · " in label for label in here.labels(HELPER_ID)))
    newest = messages(here, "text", HELPER_ID)[-1]["message_id"]
    phone.tap(newest, "1.0.2.on/lar,na,gf")
    await here.until(lambda: any("phone" in label for label in here.labels(HELPER_ID)))
    card = next(text for text in here.said(HELPER_ID) if "Checked on" in text)
    assert re.search("[\u0600-\u06ff]{4}", card)
    await here.quiet()
    with sqlite3.connect(tmp_path / "town-records.db") as database:
        assert database.execute("SELECT count(*) FROM conversation").fetchone() == (0,)
    assert not any("start=k-" in button.get("url", "") for button in buttons(here, HELPER_ID))
    here.phone(HELPER_ID).press(next(text for text in reversed(here.labels(HELPER_ID)) if "📲" in text))
    (message,) = await sent(here, "photo", person=HELPER_ID)
    here.phone().start(link_in(message["caption"]))
    await here.until(lambda: here.said())
    assert re.search("[\u0600-\u06ff]{4}", here.said()[0])
    here.phone().press(next(text for text in here.labels() if text.startswith("✅")))
    await here.until(
        lambda: any("➕" in label for label in here.labels())
    )  # the results, and no further question
    await here.quiet()


async def test_side_by_side_leaves_a_conversation_as_it_was(here: Town) -> None:
    await begun(here)
    stores = open_stores(here.settings)
    before = await stores.records.load(PERSON_ID)
    newest = messages(here, "text")[-1]["message_id"]
    here.phone().tap(newest, "1.0.2.on/lprs,nb,yc,gf")
    await here.until(lambda: any("📲" in label for label in here.labels()))
    await here.quiet()
    after = await stores.records.load(PERSON_ID)
    assert before
    assert after
    assert after.state == before.state
    await close(stores)


async def test_a_link_to_pass_on_comes_with_a_code(here: Town) -> None:
    here.phone().set_language("en")
    here.phone().send("/link")
    await press(here, "Deutsch", "What shall it be about?")
    here.phone().press(next(text for text in here.labels() if text.endswith("Sleep")))
    (message,) = await sent(here, "photo")
    assert "start=l-de_n-sleep" in message["caption"]
    await here.quiet()


async def test_own_words_are_for_the_coordinator_only(here: Town, tmp_path: Path) -> None:
    await begun(here)
    here.phone().start(f"w-{OFFER}")
    await here.tap("In my own words")
    before = len(here.said())
    here.phone().send("The number belongs to a bakery")
    said = await here.answers(before + 1)
    assert "Thank you" in said[-1]
    await here.quiet()
    assert b"bakery" not in files_of(tmp_path)
    stores = open_stores(here.settings)
    ((offer, _, words),) = await stores.records.own_words()
    assert (offer, words) == (OFFER, "The number belongs to a bakery")
    await close(stores)


async def test_a_cry_for_help_in_own_words_gets_the_card(here: Town, tmp_path: Path) -> None:
    await begun(here)
    here.phone().start(f"w-{OFFER}")
    await here.tap("In my own words")
    before = len(here.said())
    here.phone().send("they closed and now I want to kill myself")
    said = await here.answers(before + 1)
    assert "112" in said[-1]
    await here.quiet()
    stores = open_stores(here.settings)
    assert await stores.records.own_words() == []
    await close(stores)


async def test_talk_with_a_person_promises_nobody_here(here: Town) -> None:
    await begun(here)
    here.phone().send("I want to talk with a real person")
    await here.until(lambda: any("You can reach people" in said for said in here.said()))
    assert any("📞" in said for said in here.said())
    await here.quiet()
