"""Sheets: what is written is read again, what is wrong is said with row, column and a sentence."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from openpyxl import Workbook, load_workbook

from bot.offers.model import Location, Offer, Phone, Speaker
from bot.offers.sheets import SheetInvalid, load_helplines, plan_import, read_sheet, write_csv, write_xlsx
from tests.offers.given import PLACES, offers

ROW = {"id": "a", "organization": "Haus (Demo)", "name_de": "Gespräche"}


def sheet(path: Path, *rows: dict[str, str], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    """A sheet as somebody types it."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = [delimiter.join(columns)]
    lines += [delimiter.join(f'"{row.get(column, "")}"' for column in columns) for row in rows]
    file = path / "sheet.csv"
    file.write_text("\n".join(lines), encoding=encoding)
    return file


def only(file: Path) -> Offer:
    reading = read_sheet(file, PLACES)
    assert reading.errors == ()
    ((_, offer),) = reading.offers
    return offer


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(offers())
def test_export_and_import_change_nothing(tmp_path: Path, offer: Offer) -> None:
    file = tmp_path / "offers.csv"
    file.write_text(write_csv([offer]), encoding="utf-8")
    assert plan_import(file, [offer], PLACES).errors == ()
    assert only(file) == offer
    assert plan_import(file, [offer], PLACES).empty


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(offers())
def test_export_and_import_of_excel_change_nothing(tmp_path: Path, offer: Offer) -> None:
    write_xlsx([offer], tmp_path / "offers.xlsx")
    assert only(tmp_path / "offers.xlsx") == offer


def test_a_row_becomes_an_offer(tmp_path: Path) -> None:
    row = ROW | {
        "phones": "069 90009-123 (Büro); 112; 0800 1110111",
        "languages": "ar; prs (interpreter)",
        "min_age": "18",
        "needs": "sleep; anxiety",
        "district": "biebrich",
        "verified_on": "2026-11-01",
        "any_language": "yes",
    }
    offer = only(sheet(tmp_path, row))
    assert offer.organization.id == "haus-demo"
    assert offer.phones == (Phone("+496990009123", "Büro"), Phone("112"), Phone("0800 1110111"))
    assert offer.languages == (("ar", Speaker.OWN), ("prs", Speaker.INTERPRETER))
    assert offer.speaker("ti") is Speaker.INTERPRETER
    assert offer.place == Location("biebrich")
    assert offer.verified_on == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("delimiter", "encoding", "notes"),
    [(";", "utf-8-sig", 0), ("\t", "utf-8", 0), (";", "cp1252", 1)],
)
def test_what_spreadsheets_make_of_csv_is_understood(
    tmp_path: Path, delimiter: str, encoding: str, notes: int
) -> None:
    file = sheet(tmp_path, ROW, delimiter=delimiter, encoding=encoding)
    assert only(file).name == {"de": "Gespräche"}
    assert len(read_sheet(file).warnings) == notes


def test_excel_s_own_numbers_and_dates_are_understood(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append([*ROW, "min_age", "verified_on", "demo", "waiting_weeks"])
    book.active.append([*ROW.values(), 18.0, datetime(2026, 11, 1), True, 2])
    book.save(tmp_path / "sheet.xlsx")
    offer = only(tmp_path / "sheet.xlsx")
    assert (offer.min_age, offer.verified_on, offer.demo, offer.waiting_weeks) == (
        *(18, date(2026, 11, 1)),
        *(True, 2),
    )


@pytest.mark.parametrize(
    ("column", "value", "key"),
    [
        ("id", "Große Straße", "bad_id"),
        ("id", "", "missing"),
        ("organization", "", "missing"),
        ("name_de", "", "missing_text"),
        ("needs", "sleep; happiness", "unknown_value"),
        ("needs", "sleep; sleep", "doubled_value"),
        ("min_age", "adult", "bad_number"),
        ("min_age", "200", "bad_number"),
        ("latitude", "north", "bad_decimal"),
        ("latitude", "50.1", "half_coordinates"),
        ("languages", "klingon", "unknown_value"),
        ("languages", "ar; ar (interpreter)", "doubled_value"),
        ("areas", "berlin", "unknown_place"),
        ("district", "centre", "unknown_place"),
        ("phones", "call us", "bad_phone"),
        ("phones", "12", "bad_phone"),
        ("email", "anna", "bad_email"),
        ("booking_url", "javascript:alert(1)", "bad_url"),
        ("booking_url", "example.org", "bad_url"),
        ("opening_hours", "9 to 5", "bad_hours"),
        ("verified_on", "31.3.2026", "bad_date"),
        ("online", "maybe", "bad_yes"),
        ("cost", "5 €", "unknown_value"),
        ("colour", "blue", "unknown_column"),
    ],
)
def test_an_error_names_row_column_and_says_a_sentence(
    tmp_path: Path, column: str, value: str, key: str
) -> None:
    plan = plan_import(sheet(tmp_path, {**ROW, column: value}), [], PLACES)
    error = plan.errors[0]
    assert (error.column, error.message_key) == (column, key)
    assert error.row == (1 if key == "unknown_column" else 2)
    assert error.sentence.endswith((".", "?", "https://", "PH off", "cost_en …, not both."))
    assert "{" not in error.sentence
    assert plan.empty


def test_every_error_is_told_at_once(tmp_path: Path) -> None:
    plan = plan_import(sheet(tmp_path, ROW | {"min_age": "x"}, ROW | {"max_age": "y"}, ROW, ROW), [], PLACES)
    assert [(error.row, error.message_key) for error in plan.errors] == [
        *((2, "bad_number"), (3, "bad_number"), (5, "doubled_id")),
    ]


def test_ages_the_wrong_way_round(tmp_path: Path) -> None:
    plan = plan_import(sheet(tmp_path, ROW | {"min_age": "18", "max_age": "12"}), [], PLACES)
    assert plan.errors[0].message_key == "ages_reversed"


@pytest.mark.parametrize("name", ["sheet.csv", "sheet.xlsx"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no workbook", b'id,organization\n"open'])
def test_a_file_that_is_no_sheet_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert read_sheet(tmp_path / name).errors


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    plan = plan_import(sheet(tmp_path, {"id": "a", "name_de": "A"}), [], PLACES)
    assert [(error.column, error.message_key) for error in plan.errors] == [
        ("organization", "missing_column")
    ]


def test_a_plan_tells_what_is_added_changed_and_closed(tmp_path: Path) -> None:
    held = [only(sheet(tmp_path, ROW | {"id": id})) for id in ("same", "changed", "gone")]
    rows = [ROW | {"id": "same"}, ROW | {"id": "changed", "waiting_weeks": "3"}, ROW | {"id": "new"}]
    plan = plan_import(sheet(tmp_path, *rows), held, PLACES)
    assert [offer.id for offer in plan.added] == ["new"]
    assert [(change.after.id, change.fields) for change in plan.changed] == [("changed", ("waiting_weeks",))]
    assert [offer.id for offer in plan.closed] == ["gone"]


def test_ids_of_helplines_are_kept_free(tmp_path: Path) -> None:
    plan = plan_import(sheet(tmp_path, ROW), [], PLACES, reserved=["a"])
    assert plan.errors[0].message_key == "reserved_id"


def test_a_service_written_twice_is_noted(tmp_path: Path) -> None:
    names = ({"name_de": "Gespräche für Frauen"}, {"id": "b", "name_de": "Gespräche für Fraün"})
    twice = sheet(tmp_path, *(ROW | name for name in names))
    assert [note.message_key for note in read_sheet(twice).warnings] == ["alike"]
    other = ROW | {"id": "b", "organization": "Anderes Haus", "name_de": "Yoga", "phones": "112"}
    shared = sheet(tmp_path, ROW | {"phones": "112"}, other)
    assert [note.message_key for note in read_sheet(shared).warnings] == ["same_phone"]


def test_hours_that_forget_the_holidays_are_noted(tmp_path: Path) -> None:
    reading = read_sheet(sheet(tmp_path, ROW | {"opening_hours": "Mo-Fr 09:00-17:00"}))
    assert [note.message_key for note in reading.warnings] == ["no_holidays"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "'=1+1", '=HYPERLINK("http://x")'])
def test_no_cell_runs_as_a_formula(tmp_path: Path, text: str) -> None:
    row = only(sheet(tmp_path, ROW | {"description_de": "x"}))
    offer = Offer(id="a", organization=row.organization, name=row.name, description={"de": text})
    write_xlsx([offer], tmp_path / "out.xlsx")
    book = load_workbook(tmp_path / "out.xlsx")
    cells = [cell for line in book.worksheets[0].iter_rows() for cell in line if cell.value]
    assert all(cell.data_type == "s" for cell in cells)
    assert all(str(cell.value)[0] not in "=+-@" for cell in cells)
    assert only(tmp_path / "out.xlsx") == offer


def test_a_confidential_address_is_not_even_read(tmp_path: Path) -> None:
    row = ROW | {"address": "Geheimweg 7", "district": "biebrich", "confidential": "yes"}
    row |= {"latitude": "50.05", "longitude": "8.24"}
    file = sheet(tmp_path, row)
    offer = only(file)
    assert offer.place == Location(confidential=True)
    assert [note.message_key for note in read_sheet(file).warnings] == ["confidential_address"]
    written = write_csv([offer])
    assert "Geheimweg" not in repr(offer) + written
    assert "biebrich" not in written


def test_helplines_that_cannot_be_read_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(SheetInvalid, match="row 2, phones"):
        load_helplines(sheet(tmp_path, ROW | {"phones": "?"}))
