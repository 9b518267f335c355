"""The offers' sheet goes out, comes back, and changes what people see; or says row and column of each mistake."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from bot.sandbox import COORDINATOR_ID, Upload
from bot.storage.engine import create_engine
from bot.storage.offers import SqlOfferStore
from tests.staff.network import audited, joined, tapped
from tests.telegram.town import Town, town_with_bot

NEW_NAME = "Ein ganz neuer Name"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town_with_bot(tmp_path) as town:
        await joined(town)
        yield town


def files(here: Town) -> list[tuple[str, bytes]]:
    """Name and content of the files that the bot sent to the coordinator."""
    sent = [
        m["document"] for m in here.phone(COORDINATOR_ID).messages if "document" in m and m["from"]["is_bot"]
    ]
    found = [(each["file_name"], here.sandbox.files.get(each["file_id"])) for each in sent]
    return [(name, stored.content) for name, stored in found if stored]


async def handed(here: Town, name: str, content: bytes) -> str:
    """Sends a file and waits for the answer in words."""
    before = len([text for text in here.said(COORDINATOR_ID) if text])
    here.phone(COORDINATOR_ID).send_file("document", Upload(name, content, "application/octet-stream"))
    await here.until(lambda: len([text for text in here.said(COORDINATOR_ID) if text]) > before)
    return [text for text in here.said(COORDINATOR_ID) if text][-1]


async def offers_sheet(here: Town) -> Workbook:
    here.phone(COORDINATOR_ID).send("/offers")
    await here.until(lambda: "Tabelle aller Angebote" in here.said(COORDINATOR_ID)[-1])
    name, content = files(here)[-1]
    assert name.endswith(".xlsx")
    return load_workbook(io.BytesIO(content))


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def names(here: Town) -> set[str]:
    """The German names of all offers in the database."""
    engine = create_engine(here.settings.database.url)
    try:
        return {offer.name.get("de", "") for offer in SqlOfferStore(engine).load()}
    finally:
        engine.dispose()


async def with_new_name(here: Town) -> bytes:
    book = await offers_sheet(here)
    sheet = book.worksheets[0]
    heading = [cell.value for cell in sheet[1]]
    sheet.cell(2, heading.index("name_de") + 1).value = NEW_NAME
    return saved(book)


async def test_a_changed_sheet_is_shown_and_then_taken_over(here: Town) -> None:
    said = await handed(here, "angebote.xlsx", await with_new_name(here))
    assert "Geändert: 1." in said
    assert NEW_NAME in said
    assert NEW_NAME not in names(here)
    assert "Fertig" in await tapped(here, "Ja, ändern")
    assert NEW_NAME in names(here)
    assert ("coordinator", "offers_changed", "+0 ~1 -0") in audited(here)


async def test_offers_that_the_sheet_lacks_may_stay_open(here: Town) -> None:
    book = await offers_sheet(here)
    book.worksheets[0].delete_rows(2)
    assert "wird geschlossen: 1." in await handed(here, "angebote.xlsx", saved(book))
    await tapped(here, "Ja, aber nichts schließen")
    assert ("coordinator", "offers_changed", "+0 ~0 -0") in audited(here)


async def test_every_mistake_with_row_and_column(here: Town) -> None:
    rows = ["id,organization,name_de,phones,verified_on"]
    rows += [f"angebot-{number},Haus,Gruppe {number},keine Nummer,morgen" for number in range(8)]
    before = names(here)
    said = await handed(here, "angebote.csv", "\n".join(rows).encode())
    assert "Zu verbessern: 16" in said
    assert "Zeile 2, phones: „keine Nummer“ ist keine Telefonnummer." in said
    await here.until(lambda: files(here))
    name, content = files(here)[-1]
    assert name == "errors.txt"
    assert "Zeile 9, verified_on" in content.decode("utf-8-sig")
    assert names(here) == before


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("brief.pdf", b"%PDF-1.7", "keine Tabelle"),
        ("ohne-endung", b"x", "keine Tabelle"),
        ("angebote.xlsx", b"PK\x03\x04 broken", "nicht als Tabelle lesen"),
        ("angebote.csv", b"\x00\x01\x02", "keine Zeilen"),
        ("angebote.csv", b"id,organization\n", "keine Zeilen"),
        ("angebote.csv", b"farbe\nrot\n", "farbe"),
    ],
)
async def test_what_is_no_sheet_gets_a_clear_sentence(
    here: Town, name: str, content: bytes, sentence: str
) -> None:
    assert sentence in await handed(here, name, content)


async def test_a_sheet_is_shown_anew_when_offers_changed_meanwhile(here: Town) -> None:
    content = await with_new_name(here)
    await handed(here, "angebote.xlsx", content)
    await handed(here, "angebote.xlsx", content)
    await tapped(here, "Ja, ändern")
    first = next(
        m
        for m in here.phone(COORDINATOR_ID).messages
        if "Das würde sich ändern" in str(m.get("text")) and m["from"]["is_bot"]
    )
    before = len(here.said(COORDINATOR_ID))
    button = first["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    here.phone(COORDINATOR_ID).tap(first["message_id"], button)
    await here.until(
        lambda: len(here.said(COORDINATOR_ID)) > before or "noch einmal" in here.said(COORDINATOR_ID)[-2]
    )
    assert [what for _, what, _ in audited(here)].count("offers_changed") == 1
