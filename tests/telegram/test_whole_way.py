"""From phone to phone over HTTP: the very same application that runs on Telegram."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml

from bot.languages.voice import voice_of
from bot.sandbox import GROUP_ID, HELPER_ID, PERSON_ID, FaultKind
from tests.demo import LANGUAGES
from tests.telegram.town import ROOT, Town, town_with_bot

CARDS = 4
"""Messages that show offers: three cards and what can be done next."""


FIRST_STRANGER = 800_000_000


def crisis_rules(language: str) -> list[dict[str, Any]]:
    """The crisis rules of one language, as a counsellor reads them."""
    text = (ROOT / "data" / "crisis" / f"{language}.yml").read_text(encoding="utf-8")
    rules: list[dict[str, Any]] = yaml.safe_load(text)
    return rules


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town_with_bot(tmp_path) as town:
        yield town


async def begun(here: Town, person: int = PERSON_ID) -> None:
    """A German conversation about sleep, agreed to."""
    here.phone(person).start("l-de_n-sleep")
    await here.answers(1, person)
    await here.tap("Ja, weiter", person)


def files_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_from_hello_to_the_booking_link(here: Town) -> None:
    here.phone().set_language("fa")
    here.phone().send("سلام، خواب ندارم")
    await here.answers(1)
    await begun(here)
    before = len(here.said())
    await here.tap("Angebote jetzt zeigen")
    await here.answers(before + CARDS)
    cards = [m for m in here.phone().messages if m["from"]["is_bot"]][-CARDS:-1]
    links = [
        b["url"] for m in cards for row in m["reply_markup"]["inline_keyboard"] for b in row if "url" in b
    ]
    assert any(link.startswith("https://") and "example.org" in link for link in links)


async def test_nothing_is_stored_before_the_tap(here: Town, tmp_path: Path) -> None:
    here.phone().start("l-de_n-sleep")
    await here.answers(1)
    await here.quiet()
    with sqlite3.connect(tmp_path / "town-records.db") as database:
        assert database.execute("SELECT count(*) FROM conversation").fetchone() == (0,)


async def test_crisis_comes_first_even_when_the_database_is_locked(here: Town, tmp_path: Path) -> None:
    await begun(here)
    database = sqlite3.connect(tmp_path / "town-records.db", isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    before = len(here.said())
    here.phone().send("ich will nicht mehr leben, ich bringe mich um")
    said = await here.answers(before + 1)
    database.execute("ROLLBACK")
    database.close()
    assert "112" in said[-1]
    assert "116123" in said[-1]


async def test_a_cry_for_help_in_any_language_needs_no_database(here: Town, tmp_path: Path) -> None:
    kinds = ("suicide", "danger", "medical")
    cries = {
        FIRST_STRANGER + number: next(rule["yes"] for rule in crisis_rules(language) if rule["kind"] == kind)
        for number, (language, kind) in enumerate(product(LANGUAGES, kinds))
    }
    for person in cries:
        here.sandbox.add_person(person, "Somebody")
        here.phone(person).start()
        await here.answers(1, person)
    await here.quiet()
    with ExitStack() as locked:
        for name in ("town.db", "town-records.db", "town-news.db"):
            database = sqlite3.connect(tmp_path / name, isolation_level=None)
            locked.callback(database.close)
            database.execute("BEGIN EXCLUSIVE")
        for person, cry in cries.items():
            here.phone(person).send(cry)
            assert "112" in (await here.answers(2, person))[1], cry


async def test_a_locked_database_gets_a_kind_sentence_with_an_error_id(here: Town, tmp_path: Path) -> None:
    await begun(here)
    database = sqlite3.connect(tmp_path / "town-records.db", isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    before = len(here.said())
    here.phone().send("Hallo, ich bin noch da")
    said = await here.answers(before + 1)
    database.execute("ROLLBACK")
    database.close()
    assert "/sos" in said[-1]
    before = len(here.said())
    here.phone().send("Und jetzt?")
    await here.answers(before + 1)


@pytest.mark.parametrize("kind", [FaultKind.ERROR, FaultKind.FLOOD, FaultKind.DROP])
async def test_a_failing_telegram_loses_no_answer(here: Town, kind: FaultKind) -> None:
    await begun(here)
    before = len(here.said())
    here.sandbox.faults.plan(kind, 2, method="sendMessage", retry_after=1)
    for command in ("/help", "/privacy", "/mydata"):
        here.phone().send(command)
    said = (await here.answers(before + 3))[before:]
    assert ["/sos" in said[0], "/forget" in said[1], "Sprache: Deutsch" in said[2]] == [True] * 3


async def test_two_taps_at_once_count_once(here: Town) -> None:
    await begun(here)
    before = len(here.said())
    button = next(text for text in reversed(here.labels()) if "27" in text)
    here.phone().press(button)
    here.phone().press(button)
    await here.answers(before + 1)
    await here.quiet()
    assert len(here.said()) == before + 1


async def test_many_chats_side_by_side_each_in_order(here: Town) -> None:
    people = range(7_000_000_001, 7_000_000_009)
    for person in people:
        here.sandbox.add_person(person, "Somebody", "de")
    await asyncio.gather(*(begun(here, person) for person in people))
    before = {person: len(here.said(person)) for person in people}
    for person in people:
        for command in ("/help", "/privacy", "/mydata"):
            here.phone(person).send(command)
    for person in people:
        said = (await here.answers(before[person] + 3, person))[before[person] :]
        assert ["/sos" in said[0], "/forget" in said[1], "Sprache: Deutsch" in said[2]] == [True] * 3


async def test_in_a_group_only_the_way_to_a_private_chat(here: Town) -> None:
    here.phone().send("@rahnuma_demo_bot hallo", chat_id=GROUP_ID)
    group = here.sandbox.chats[GROUP_ID]
    await here.until(lambda: any(m["from"]["is_bot"] for m in group.messages.values()))
    answer = next(m for m in reversed(group.messages.values()) if m["from"]["is_bot"])
    (button,) = answer["reply_markup"]["inline_keyboard"][0]
    assert button["url"].startswith("https://t.me/")


async def test_forgetting_leaves_nothing_in_any_store(here: Town, tmp_path: Path) -> None:
    await begun(here)
    await here.tap("Zurück")
    here.phone().send("/forget")
    await here.until(lambda: len(here.said()) == 1)
    await here.quiet()
    with sqlite3.connect(tmp_path / "town-records.db") as database:
        for table in ("conversation", "preference"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608
    assert str(PERSON_ID).encode() not in files_of(tmp_path)


async def test_a_blocked_bot_goes_on_with_others(here: Town) -> None:
    await begun(here)
    here.phone().send("/help")
    here.phone().block()
    await begun(here, HELPER_ID)


async def test_the_command_menu_speaks_the_language_of_the_conversation(here: Town) -> None:
    here.phone().set_language("en")
    await begun(here)
    await here.until(lambda: "Notruf" in str(here.phone().profile()["commands"]))


@pytest.mark.parametrize(
    "text", ["😀😀😀", "12345", "<b>", "'; DROP TABLE conversation;", "\u202egnp.exe", "x" * 4096]
)
async def test_odd_texts_get_a_kind_answer(here: Town, text: str) -> None:
    await begun(here)
    before = len(here.said())
    here.phone().send(text)
    said = await here.answers(before + 1)
    assert len(said[-1]) > 10
    assert here.labels()


async def test_no_log_line_holds_a_text_a_chat_or_the_token(
    here: Town, capfd: pytest.CaptureFixture[str]
) -> None:
    from bot import log
    from bot.sandbox import DEFAULT_TOKEN

    log.configure()
    here.sandbox.faults.plan(FaultKind.ERROR, 1, method="sendMessage")
    await begun(here)
    here.phone().send("mein Geheimnis")
    await here.quiet()
    out, err = capfd.readouterr()
    for secret in ("Geheimnis", str(PERSON_ID), DEFAULT_TOKEN, DEFAULT_TOKEN.split(":")[1]):
        assert secret not in out + err
    structlog.reset_defaults()  # the stream that was caught is closed after this test


async def test_forgetting_ends_the_news_too(here: Town, tmp_path: Path) -> None:
    await begun(here)
    phone = here.phone()
    newest = [m for m in phone.messages if m["from"]["is_bot"]][-1]["message_id"]
    phone.tap(newest, "1.0.n.k1-0")
    with sqlite3.connect(tmp_path / "town-news.db") as database:

        def kept() -> int:
            return int(database.execute("SELECT count(*) FROM subscription").fetchone()[0])

        await here.until(lambda: kept() == 1)
        phone.send("/forget")
        await here.until(lambda: kept() == 0)
        await here.quiet()


async def test_a_recorded_message_can_be_listened_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    for path in (ROOT / "data").iterdir():
        if path.name != "voice":
            (tmp_path / "data" / path.name).symlink_to(path)
    recorded = tmp_path / "data" / "voice" / "de" / "utter_notice.ogg"
    recorded.parent.mkdir(parents=True)
    recorded.write_bytes(b"OggS" + bytes(24) + b"OpusHead" + bytes(100))
    monkeypatch.chdir(tmp_path)
    voice_of.cache_clear()
    async with town_with_bot(tmp_path) as here:
        here.phone().start("l-de")
        await here.answers(1)
        here.phone().press("🔊 Anhören")
        await here.until(lambda: any("voice" in m for m in here.phone().messages))
        await here.quiet()
    voice_of.cache_clear()
