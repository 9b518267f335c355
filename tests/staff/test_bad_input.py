"""What goes wrong gets a clear sentence; nothing is sent, nothing is lost, and strangers learn nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from time import time

import pytest

from bot.announcements.model import Role
from bot.sandbox import COORDINATOR_ID, HELPER_ID, PERSON_ID, Upload
from bot.staff.members import INVITE_HOURS, INVITE_PREFIX
from tests.staff.network import audited, joined, members_of, pressed, subscribed, tapped, wrote
from tests.telegram.town import Town, town_with_bot

GONE = "Dieser Link gilt nicht mehr"
PICTURE = Upload("bild.png", b"no picture, but a file", "image/png")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town_with_bot(tmp_path) as town:
        yield town


def last_sunday(year: int, month: int) -> date:
    """The day on which the clock changes (Directive 2000/84/EC: the last Sunday of March and of October)."""
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() + 1) % 7)


async def test_an_invitation_works_once(here: Town) -> None:
    async with members_of(here) as members:
        link = INVITE_PREFIX + await members.invite(Role.EDITOR)
    here.phone(HELPER_ID).start(link)
    await here.answers(1, HELPER_ID)
    here.phone(COORDINATOR_ID).start(link)
    assert GONE in (await here.answers(1, COORDINATOR_ID))[0]
    assert "Text" not in await wrote(here, "/announce")


async def test_forged_and_old_invitations_read_the_same(here: Town) -> None:
    async with members_of(here, lambda: time() - INVITE_HOURS * 3600 - 1) as members:
        old = INVITE_PREFIX + await members.invite(Role.COORDINATOR)
    for number, link in enumerate((old, "i-", "i-forged", "i-" + "A" * 60), 1):
        here.phone(COORDINATOR_ID).start(link)
        assert GONE in (await here.answers(number, COORDINATOR_ID))[-1]
    assert not [what for _, what, _ in audited(here) if what == "joined"]


async def test_a_lesser_invitation_takes_nothing_away(here: Town) -> None:
    await joined(here)
    await joined(here, Role.HELPER)
    assert "schicken Sie" in await wrote(here, "/announce")


async def test_a_stranger_learns_nothing(here: Town) -> None:
    here.phone(HELPER_ID).start("l-de_n-sleep")
    await here.answers(1, HELPER_ID)
    await here.tap("Ja, weiter", HELPER_ID)
    unknown = await wrote(here, "/gibtesnicht", HELPER_ID)
    for command in ("/announce", "/announcements", "/invite", "/offers"):
        assert await wrote(here, command, HELPER_ID) == unknown
    old = (await pressed(here, "1.0.zz.", HELPER_ID))[-1]
    for code in ("1.0.x.n..", "1.0.x.i..coordinator", "1.0.x.r.deadbeef.12345678", "1.0.x.", "1.0.x.o.."):
        assert (await pressed(here, code, HELPER_ID))[-1] == old
    here.phone(HELPER_ID).send_file("document", Upload("angebote.csv", b"id,organization\n", "text/csv"))
    picture = (await here.answers(len(here.said(HELPER_ID)) + 1, HELPER_ID))[-1]
    assert "Tabelle" not in picture
    assert audited(here) == []


async def test_a_helper_and_an_editor_cannot_do_more_than_their_role(here: Town) -> None:
    await joined(here, Role.EDITOR)
    await joined(here, Role.HELPER, HELPER_ID)
    assert "Text" not in await wrote(here, "/announce", HELPER_ID)
    assert "einladen" not in await wrote(here, "/invite")
    assert "t.me" not in (await pressed(here, "1.0.x.i..coordinator"))[-1]
    await wrote(here, "/announce")
    await wrote(here, "de: Hallo in Biebrich")
    assert all(what != "released" for _, what, _ in audited(here))


async def test_a_text_that_is_too_long_says_which_how_long_and_how_much_fits(here: Town) -> None:
    await joined(here)
    await subscribed(here, "de", PERSON_ID)
    await wrote(here, "/announce")
    before = len(here.said(COORDINATOR_ID))
    here.phone(COORDINATOR_ID).send("de: " + "Biebrich " * 600)  # an app sends this as two messages
    said = (await here.answers(before + 2, COORDINATOR_ID))[before:]
    assert all("Deutsch" in text and "4096" in text for text in said)
    assert "54" in said[-1]
    assert "zu lang" in await tapped(here, "Prüfen und senden")
    await tapped(here, "Text und Foto")
    assert "zu lang" not in await wrote(here, "de: Kurz in Biebrich")


async def test_nobody_and_nothing_to_send(here: Town) -> None:
    await joined(here)
    await wrote(here, "/announce")
    await wrote(here, "de: Fest in Biebrich")
    assert "niemand bekommen" in await tapped(here, "Prüfen und senden")
    await tapped(here, "Text und Foto")
    await tapped(here, "Ohne: Deutsch")
    assert "keinen Text" in await tapped(here, "Prüfen und senden")
    assert "released" not in [what for _, what, _ in audited(here)]


async def test_times_that_cannot_be(here: Town) -> None:
    await joined(here)
    await wrote(here, "/announce")
    await wrote(here, "de: Fest in Biebrich")
    year = date.today().year + 1
    spring, autumn = last_sunday(year, 3), last_sunday(year, 10)
    await tapped(here, "Wann")
    assert "schon vorbei" in await wrote(here, "1.1.2020 10:00")
    assert "gibt es in dieser Nacht nicht" in await wrote(here, f"{spring:%d.%m.%Y} 02:30")
    assert "verstehe ich nicht" in await wrote(here, "übermorgen vielleicht")
    assert "verstehe ich nicht" in await wrote(here, "31.2.2099 10:00")
    assert "zweimal" in await wrote(here, f"{autumn:%d.%m.%Y} 02:30")
    await tapped(here, "Bis wann")
    await wrote(here, f"{spring:%d.%m.%Y} 12:00")
    assert "bevor es rausgeht" in await tapped(here, "Prüfen und senden")


async def test_an_alarming_draft_gets_the_card_and_is_taken(here: Town) -> None:
    await joined(here)
    await wrote(here, "/announce")
    before = len(here.said(COORDINATOR_ID))
    here.phone(COORDINATOR_ID).send("de: Wenn Sie denken: ich bringe mich um, dann rufen Sie an. Biebrich")
    said = (await here.answers(before + 2, COORDINATOR_ID))[before:]
    assert "112" in said[0]
    assert "Entwurf: Wenn Sie denken" in said[1]


async def test_a_text_in_a_language_that_cannot_be_told_is_asked_for(here: Town) -> None:
    await joined(here)
    await wrote(here, "/announce")
    assert "welcher Sprache" in await wrote(here, "12345")
    assert "Text auf: Dari" in await tapped(here, "Dari")


async def test_a_guessed_language_can_be_mended(here: Town) -> None:
    await joined(here)
    await wrote(here, "/announce")
    assert "Text auf: Deutsch" in await wrote(
        here, "Das Fest beginnt am Montag.\nPS: Bitte Kuchen mitbringen"
    )
    await tapped(here, "Es ist eine andere Sprache")
    assert "Text auf: Englisch" in await tapped(here, "Englisch")


async def test_a_picture_as_a_file_and_a_voice_message_are_no_text(here: Town) -> None:
    await joined(here)
    await wrote(here, "/announce")
    here.phone(COORDINATOR_ID).send_file("document", PICTURE)
    assert "als Foto" in (await here.answers(3, COORDINATOR_ID))[-1]
    here.phone(COORDINATOR_ID).send_sticker("👋")
    assert "brauche ich einen Text" in (await here.answers(4, COORDINATOR_ID))[-1]


async def test_forged_buttons_of_a_member_change_nothing(here: Town) -> None:
    await joined(here)
    await wrote(here, "/announce")
    await wrote(here, "de: Fest in Biebrich")
    for code in ("x.zz..", "x.h.nothing.", "x.", "x.ed..99", "x.oy..1", "x.tg.nothing.de"):
        await pressed(here, f"1.0.{code}")
    await wrote(here, "/announcements")
    assert any("Fest in Biebrich" in label for label in here.labels(COORDINATOR_ID))
