"""The network at work, from phone to phone over HTTP: invite, announce, three languages, stop, sheet."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.announcements.model import Role
from bot.sandbox import COORDINATOR_ID, HELPER_ID, PERSON_ID, FaultKind, Upload
from tests.staff.network import audited, button, invited, joined, subscribed, tapped, wrote
from tests.telegram.town import Town, town_with_bot

KURD_ID = 700_000_010
SECOND_ID = 700_000_011
TEXTS = "de: Frauengruppe am Montag in Biebrich\nar: مجموعة النساء يوم الاثنين"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000000000200"
    "01e221bc330000000049454e44ae426082"
)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town_with_bot(tmp_path) as town:
        yield town


async def drafted(here: Town, text: str = TEXTS, person: int = COORDINATOR_ID) -> None:
    """A draft that may go out at any hour, so that the tests do not depend on the time of day."""
    await wrote(here, "/announce", person)
    await wrote(here, text, person)
    await tapped(here, "Auch nachts", person)


async def sent(here: Town) -> None:
    await tapped(here, "Prüfen und senden")
    await tapped(here, "Jetzt senden")


def read_by(here: Town, person: int) -> list[str]:
    return [text for text in here.said(person) if "Biebrich" in text or "الاثنين" in text]


async def test_three_people_read_it_in_their_languages(here: Town) -> None:
    here.phone(COORDINATOR_ID).start(await invited(here, "coordinator"))
    assert "/announce" in (await here.answers(1, COORDINATOR_ID))[0]
    await subscribed(here, "ar", PERSON_ID)
    await subscribed(here, "de", HELPER_ID)
    await subscribed(here, "kmr", KURD_ID)
    assert "schicken Sie" in await wrote(here, "/announce")
    hub = await wrote(here, TEXTS)
    assert "Deutsch" in hub
    assert "Arabisch" in hub
    await tapped(here, "Auch nachts")
    coverage = await tapped(here, "Prüfen und senden")
    assert "Arabisch: weniger als 5, in ihrer Sprache" in coverage
    assert "Kurmandschi: weniger als 5, lesen Deutsch" in coverage
    assert "trotzdem" in await tapped(here, "Jetzt senden")
    assert not read_by(here, HELPER_ID)
    await tapped(here, "Ja, trotzdem senden")
    await here.until(lambda: all(read_by(here, each) for each in (PERSON_ID, HELPER_ID, KURD_ID)))
    await here.until(lambda: "Ist gesendet" in here.said(COORDINATOR_ID)[-1])
    assert "الاثنين" in read_by(here, PERSON_ID)[0]
    assert "Biebrich" in read_by(here, KURD_ID)[0]
    assert [len(read_by(here, each)) for each in (PERSON_ID, HELPER_ID, KURD_ID)] == [1, 1, 1]
    assert "weniger als 5" in here.said(COORDINATOR_ID)[-1]
    assert [what for _, what, _ in audited(here)] == ["invited", "joined", "wrote", "released"]


async def test_stop_below_an_announcement_is_counted_in_the_report(here: Town) -> None:
    await joined(here)
    await subscribed(here, "de", HELPER_ID)
    await drafted(here)
    await sent(here)
    await here.until(lambda: read_by(here, HELPER_ID))
    await tapped(here, "Keine Infos mehr", HELPER_ID)
    with sqlite3.connect(here.folder / "town-news.db") as database:
        assert database.execute("SELECT count(*) FROM subscription").fetchone() == (0,)
        assert database.execute("SELECT count FROM tally WHERE what = 'stopped'").fetchone() == (1,)


async def test_preview_and_test_reach_nobody_else(here: Town) -> None:
    await joined(here)
    await subscribed(here, "ar", PERSON_ID)
    await drafted(here)
    await tapped(here, "Vorschau")
    await here.until(lambda: any("الاثنين" in text for text in here.said(COORDINATOR_ID)))
    await tapped(here, "Nur an mich")
    await here.until(lambda: "Biebrich" in here.said(COORDINATOR_ID)[-2])
    assert not read_by(here, PERSON_ID)


async def test_a_photo_and_a_place_with_its_time(here: Town) -> None:
    await joined(here)
    await subscribed(here, "de", HELPER_ID)
    await wrote(here, "/announce")
    here.phone(COORDINATOR_ID).send_file(
        "photo", Upload("a.png", PIXEL, "image/png"), caption="de: Fest in Biebrich"
    )
    assert "Foto: ja" in (await here.answers(3, COORDINATOR_ID))[-1]
    await tapped(here, "Ort und Zeit")
    here.phone(COORDINATOR_ID).send_location(50.05, 8.23)
    await here.answers(4, COORDINATOR_ID)
    assert "24. Dezember 2099" in await wrote(here, "24.12.2099 18:00")
    await tapped(here, "Auch nachts")
    await sent(here)

    def captions() -> str:
        return "".join(message.get("caption", "") for message in here.phone(HELPER_ID).messages)

    await here.until(lambda: "Biebrich" in captions())
    assert "18:00" in captions()


async def test_an_announcement_for_the_team_only(here: Town) -> None:
    await joined(here)
    await joined(here, Role.HELPER, HELPER_ID)
    await subscribed(here, "de", PERSON_ID)
    await drafted(here)
    await tapped(here, "Für wen")
    await tapped(here, "Nur das Team")
    await tapped(here, "Helfende")
    await tapped(here, "Zurück dazu")
    await sent(here)
    await here.until(lambda: read_by(here, HELPER_ID))
    assert not read_by(here, PERSON_ID)


async def test_scheduled_cancelled_and_sent_again(here: Town) -> None:
    await joined(here)
    await subscribed(here, "de", HELPER_ID)
    await drafted(here)
    await tapped(here, "Wann")
    await wrote(here, "24.12.2099 18:00")
    await tapped(here, "Prüfen und senden")
    assert "24. Dezember 2099" in await tapped(here, "Zu dieser Zeit senden")
    await tapped(here, "Abbrechen")
    assert "abgebrochen" in await tapped(here, "Ja, abbrechen")
    assert "neuer Entwurf" in await tapped(here, "Noch einmal senden")
    await sent(here)
    await here.until(lambda: read_by(here, HELPER_ID))
    assert "cancelled" in [what for _, what, _ in audited(here)]


async def test_withdrawn_after_it_was_sent(here: Town) -> None:
    await joined(here)
    await subscribed(here, "de", HELPER_ID)
    await drafted(here)
    await sent(here)
    await here.until(lambda: read_by(here, HELPER_ID))
    await here.until(lambda: "Ist gesendet" in here.said(COORDINATOR_ID)[-1])
    await tapped(here, "Zurückziehen")
    await tapped(here, "Ja, zurückziehen")
    await here.until(lambda: not read_by(here, HELPER_ID))
    await tapped(here, "Bericht als Tabelle")
    names = [m["document"]["file_name"] for m in here.phone(COORDINATOR_ID).messages if "document" in m]
    assert names[0].endswith(".csv")


async def test_a_photo_with_its_text_arrives(here: Town) -> None:
    await joined(here)
    await subscribed(here, "de", HELPER_ID)
    await wrote(here, "/announce")
    here.phone(COORDINATOR_ID).send_file(
        "photo", Upload("a.png", PIXEL, "image/png"), caption="de: Fest in Biebrich"
    )
    assert "Foto: ja" in (await here.answers(3, COORDINATOR_ID))[-1]
    await tapped(here, "Auch nachts")
    await sent(here)
    await here.until(lambda: any("photo" in message for message in here.phone(HELPER_ID).messages))


async def test_paused_it_waits_and_goes_on_when_told(here: Town) -> None:
    await joined(here)
    await subscribed(here, "de", HELPER_ID)
    await wrote(here, "/announce")
    here.phone(COORDINATOR_ID).send_file(
        "photo", Upload("a.png", PIXEL, "image/png"), caption="de: Fest in Biebrich"
    )
    await here.answers(3, COORDINATOR_ID)
    await tapped(here, "Auch nachts")
    here.sandbox.faults.plan(FaultKind.ERROR, 1000, method="sendPhoto")
    await sent(here)
    assert "Macht Pause" in await tapped(here, "Pause")
    here.sandbox.faults.clear()
    await tapped(here, "Weiter senden")
    await here.until(lambda: "Ist gesendet" in here.said(COORDINATOR_ID)[-1])
    assert sum("caption" in message for message in here.phone(HELPER_ID).messages) == 1
    assert [what for _, what, _ in audited(here)][-2:] == ["paused", "resumed"]


async def test_a_template_becomes_a_draft(here: Town) -> None:
    await joined(here)
    await drafted(here)
    await tapped(here, "Als Vorlage merken")
    await tapped(here, "Löschen")
    await tapped(here, "Ja, löschen")
    await wrote(here, "/announcements")
    await tapped(here, "Vorlagen")
    await tapped(here, label_with(here, "Frauengruppe"))
    assert "Frauengruppe" in await tapped(here, "Entwurf daraus machen")


def label_with(here: Town, words: str, person: int = COORDINATOR_ID) -> str:
    """The newest label that holds these words."""
    return next(label for label in reversed(here.labels(person)) if words in label)


async def test_an_editor_hands_in_and_a_coordinator_sends(here: Town) -> None:
    await joined(here)
    await joined(here, Role.EDITOR, HELPER_ID)
    await subscribed(here, "ar", PERSON_ID)
    await drafted(here, person=HELPER_ID)
    assert not button(here, "Prüfen und senden", HELPER_ID)
    await tapped(here, "Weitergeben", HELPER_ID)
    await here.until(lambda: any("weitergegeben" in text for text in here.said(COORDINATOR_ID)))
    await sent(here)
    await here.until(lambda: read_by(here, PERSON_ID))
    assert [role for role, what, _ in audited(here) if what in ("handed_in", "released")] == [
        "editor",
        "coordinator",
    ]


async def test_what_an_editor_changes_after_the_look_is_looked_at_again(here: Town) -> None:
    await joined(here)
    await joined(here, Role.EDITOR, HELPER_ID)
    await subscribed(here, "de", PERSON_ID)
    await drafted(here, person=HELPER_ID)
    await tapped(here, "Weitergeben", HELPER_ID)
    await here.until(lambda: any("weitergegeben" in text for text in here.said(COORDINATOR_ID)))
    await tapped(here, "Prüfen und senden")
    await tapped(here, "Alle Mitteilungen", HELPER_ID)
    await tapped(here, label_with(here, "Frauengruppe", HELPER_ID), HELPER_ID)
    await tapped(here, "Text und Foto", HELPER_ID)
    await wrote(here, "de: Etwas ganz anderes in Biebrich", HELPER_ID)
    assert "inzwischen geändert" in await tapped(here, "Jetzt senden")
    assert not read_by(here, PERSON_ID)


async def test_two_coordinators_press_at_once(here: Town) -> None:
    here.sandbox.add_person(SECOND_ID, "Second", "de")
    await joined(here)
    await joined(here, person=SECOND_ID)
    await subscribed(here, "de", PERSON_ID)
    await drafted(here)
    await tapped(here, "Prüfen und senden")
    message, data = button(here, "Jetzt senden", COORDINATOR_ID) or (0, "")
    last = [m for m in here.phone(SECOND_ID).messages if m["from"]["is_bot"]][-1]
    here.phone(COORDINATOR_ID).tap(message, data)
    here.phone(SECOND_ID).tap(last["message_id"], data)
    here.phone(COORDINATOR_ID).tap(message, data)
    await here.quiet()
    await here.until(lambda: read_by(here, PERSON_ID))
    assert [what for _, what, _ in audited(here)].count("released") == 1
    await here.until(lambda: "Ist gesendet" in "".join(here.said(COORDINATOR_ID)[-2:]))
    assert len(read_by(here, PERSON_ID)) == 1


async def test_four_eyes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.settings import Announcements, Settings

    plain = Town.settings.fget  # type: ignore[attr-defined]
    with_four = property(
        lambda town: Settings(**(dict(plain(town)) | {"announcements": Announcements(four_eyes=True)}))
    )
    monkeypatch.setattr(Town, "settings", with_four)
    async with town_with_bot(tmp_path) as here:
        await joined(here)
        await joined(here, person=HELPER_ID)
        await subscribed(here, "ar", PERSON_ID)
        await drafted(here)
        assert "Jemand anderes" in await tapped(here, "Prüfen und senden")
        await tapped(here, "Weitergeben")
        await here.until(lambda: any("weitergegeben" in text for text in here.said(HELPER_ID)))
        await tapped(here, "Prüfen und senden", HELPER_ID)
        await tapped(here, "Jetzt senden", HELPER_ID)
        await here.until(lambda: read_by(here, PERSON_ID))


def members(here: Town) -> int:
    """How many members the database holds."""
    with sqlite3.connect(here.folder / "town-news.db") as database:
        return int(database.execute("SELECT count(*) FROM member").fetchone()[0])


async def test_what_is_kept_of_a_member_is_shown_and_erased(here: Town) -> None:
    await joined(here)
    here.phone(COORDINATOR_ID).send("/mydata")
    await here.until(lambda: any("Rolle: Koordination" in text for text in here.said(COORDINATOR_ID)))
    await tapped(here, "Das Team verlassen")
    await tapped(here, "Ja, Team verlassen")
    assert members(here) == 0
    with sqlite3.connect(here.folder / "town-news.db") as database:
        assert database.execute("SELECT count(*) FROM audit WHERE who IS NOT NULL").fetchone() == (0,)
    assert "Text" not in await wrote(here, "/announce")


async def test_forget_erases_membership_too(here: Town) -> None:
    await joined(here)
    here.phone(COORDINATOR_ID).start("l-de_n-sleep")
    await here.tap("Ja, weiter", COORDINATOR_ID)
    here.phone(COORDINATOR_ID).send("/forget")
    await here.until(lambda: members(here) == 0)
