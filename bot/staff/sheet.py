"""The offers' sheet in the chat: what would change, or every error with row and column. Knows no database."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from html import unescape
from pathlib import Path

from bot.conversation.vocabulary import Reply, Text, World
from bot.languages.render import paragraph
from bot.offers.model import Offer, text_in
from bot.offers.sheets import ImportPlan, SheetError, plan_import, write_xlsx
from bot.staff.codes import Step, desk_choice

SUFFIXES = (".csv", ".xlsx")
MOST_BYTES = 20 * 1024 * 1024  # Bot API, getFile: bots can download files of up to 20 MB
NAMES_SHOWN = 10
ERRORS_SHOWN = 10
UNREADABLE = ImportPlan(errors=(SheetError(0, "", "unreadable"),))


def planned(content: bytes, suffix: str, existing: Sequence[Offer], world: World) -> ImportPlan:
    """What taking over this sheet would do. Slow: to be called in a thread."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"sheet{suffix}")
        path.write_bytes(content)
        try:
            return plan_import(path, existing, world.places, reserved=[line.id for line in world.helplines])
        except Exception:  # a broken workbook makes openpyxl fail in many ways
            return UNREADABLE


def written(offers: Sequence[Offer], said: Mapping[str, str]) -> bytes:
    """All offers as an Excel file, with what people say of them. Slow: to be called in a thread."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "offers.xlsx")
        write_xlsx(offers, path, said)
        return path.read_bytes()


def sentence(error: SheetError) -> Text:
    """One error or note, with its row and column."""
    said = Text(f"staff_sheet_{error.message_key}", error.parameters)
    if not error.row:
        return said
    return Text("staff_sheet_where", {"row": error.row, "column": error.column, "what": said})


def errors_page(plan: ImportPlan) -> Reply:
    """The first errors; the whole list goes along as a file where there are more."""
    lines = tuple(map(sentence, plan.errors[:ERRORS_SHOWN]))
    return Reply((Text("staff_sheet_errors", {"count": len(plan.errors)}), *lines))


def errors_file(plan: ImportPlan, language: str) -> bytes:
    """All errors and notes, a line each."""
    lines = [unescape(paragraph(sentence(error), language)) for error in (*plan.errors, *plan.warnings)]
    return "\n".join(lines).encode("utf-8-sig") + b"\n"


def plan_page(plan: ImportPlan, language: str, version: int) -> Reply:
    """What would change, and the buttons that do it. Offers that the sheet lacks may be left as they are."""
    texts = [
        Text(f"staff_sheet_{name}", {"count": len(offers), "names": _names(offers, language)})
        for name, offers in (
            ("added", plan.added),
            ("changed", [change.after for change in plan.changed]),
            ("closed", plan.closed),
        )
        if offers
    ]
    if plan.warnings:
        texts.append(Text("staff_sheet_notes", {"count": len(plan.warnings)}))
    rows = [(desk_choice("sheet_yes", Step.SHEET_YES, "", str(version)),)]
    if plan.closed:
        rows.append((desk_choice("sheet_keep", Step.SHEET_KEEP, "", str(version)),))
    rows.append((desk_choice("sheet_no", Step.SHEET_NO),))
    return Reply((Text("staff_sheet_plan"), *texts), rows=tuple(rows))


def _names(offers: Sequence[Offer], language: str) -> tuple[str, ...]:
    names = tuple(text_in(offer.name, language) for offer in offers[:NAMES_SHOWN])
    return (*names, "…") if len(offers) > NAMES_SHOWN else names
