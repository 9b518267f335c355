"""Offers as a coordinator keeps them: one row a service in .csv or .xlsx. Reads, compares, writes.

Knows no database: a plan says what would change, the store applies it. docs/offers.md describes the columns.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal, TypeVar
from urllib.parse import urlsplit

from bot.offers.hours import HoursInvalid
from bot.offers.hours import check as check_hours
from bot.offers.model import (
    ID_LENGTH,
    LANGUAGES,
    Crisis,
    Family,
    Gender,
    Location,
    Mode,
    Need,
    Offer,
    Organization,
    Person,
    Phone,
    Speaker,
    Status,
    Text,
)
from bot.offers.places import Places

PLAIN_COLUMNS: Final = (
    *("id", "organization", "organization_id", "status"),
    *("needs", "also", "min_age", "max_age", "gender", "family", "for_whom", "not_for_needs", "residence"),
    *("languages", "any_language", "modes", "areas"),
    *("district", "address", "latitude", "longitude", "confidential"),
    *("phones", "email", "website", "booking_url", "opening_hours", "cost", "waiting_weeks"),
    *("online", "first_contact", "crisis", "verified_on", "verified_by", "source", "demo"),
)
TRANSLATED_COLUMNS: Final = ("name", "description", "not_for", "booking_how", "hours_text", "cost")
"""Each with a language behind it: name_de, description_ar …"""
REQUIRED_COLUMNS: Final = ("id", "organization")
SAID_COLUMN: Final = "said"
"""What people say of the offer: told on the way out, ignored on the way back."""
DIALLING_REGION: Final = "DE"
ALIKE: Final = 92.0
"""Names this similar (0–100, rapidfuzz) within an organization are probably the same service twice."""

_SENTENCES: Final[Mapping[str, str]] = {
    "unreadable": "This file cannot be read as .csv or .xlsx.",
    "empty": "The sheet has no rows.",
    "unknown_column": "There is no column of this name. Did you mean “{nearest}”?",
    "doubled_column": "This column stands twice in the sheet.",
    "missing_column": "The sheet lacks this column.",
    "missing": "This cell must not be empty.",
    "missing_text": "Give the name in German or English at least.",
    "bad_id": "“{value}” is no id: up to {length} small letters a–z, digits and hyphens.",
    "doubled_id": "The id “{value}” stands in row {other} already.",
    "reserved_id": "The id “{value}” belongs to a helpline, which is kept in the file of helplines.",
    "organization_renamed": "The organization “{id}” has another name in row {other}: “{name}”.",
    "unknown_value": "“{value}” is not known here. Allowed: {allowed}.",
    "bad_number": "“{value}” is no whole number from {least} to {most}.",
    "bad_decimal": "“{value}” is no number from {least} to {most}.",
    "bad_date": "“{value}” is no date. Write it as 2025-03-31.",
    "bad_yes": "“{value}” is neither yes nor no.",
    "ages_reversed": "The highest age is below the lowest age.",
    "bad_phone": "“{value}” is no telephone number.",
    "bad_url": "“{value}” is no web address. It begins with https://",
    "bad_email": "“{value}” is no e-mail address.",
    "bad_hours": "“{value}” are no opening hours. Write them like: Mo-Fr 09:00-17:00; PH off",
    "unknown_place": "“{value}” is no district or area of this city. Allowed: {allowed}.",
    "half_coordinates": "Latitude and longitude go together.",
    "cost_twice": "Write “free”, or describe the cost in cost_de, cost_en …, not both.",
    "doubled_value": "“{value}” stands twice in this cell.",
    "encoding": "The file is not UTF-8; it was read as Windows-1252. Check the umlauts.",
    "confidential_address": "The place is confidential: its address, district and position are not kept.",
    "alike": "This looks like the same service as “{other}”.",
    "same_phone": "“{other}” of another organization has the same number.",
    "no_holidays": "The hours do not say what holds on public holidays. Closed then? Add: ; PH off",
}


@dataclass(frozen=True, slots=True)
class SheetError:
    """Something wrong in a sheet: row as the spreadsheet counts (headings are row 1; 0: the whole file)."""

    row: int
    column: str
    message_key: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The plain English sentence."""
        return _SENTENCES[self.message_key].format_map(self.parameters)


class SheetInvalid(ValueError):
    """A file that must be right (the helplines) is not; carries its errors."""

    def __init__(self, errors: Sequence[SheetError]) -> None:
        super().__init__("; ".join(f"row {e.row}, {e.column}: {e.sentence}" for e in errors))
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Change:
    """An offer before and after, and the names of the fields that differ."""

    before: Offer
    after: Offer

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of Offer that differ."""
        return tuple(
            f.name for f in fields(Offer) if getattr(self.before, f.name) != getattr(self.after, f.name)
        )


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do. With any error nothing may be applied."""

    added: tuple[Offer, ...] = ()
    changed: tuple[Change, ...] = ()
    closed: tuple[Offer, ...] = ()
    errors: tuple[SheetError, ...] = ()
    warnings: tuple[SheetError, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.added or self.changed or self.closed)


@dataclass(frozen=True, slots=True)
class Reading:
    """The offers of a sheet with the row of each, and what is wrong."""

    offers: tuple[tuple[int, Offer], ...] = ()
    errors: tuple[SheetError, ...] = ()
    warnings: tuple[SheetError, ...] = ()


def read_sheet(path: Path, places: Places | None = None) -> Reading:
    """Reads the offers of a .csv or .xlsx file. Places are checked where `places` are given.

    Raises OSError when the file is not there; everything else wrong is in `errors`.
    """
    try:
        table, warnings = _table(path)
    except (ValueError, KeyError, csv.Error):
        return Reading(errors=(SheetError(0, "", "unreadable"),))
    if len(table) < 2:
        return Reading(errors=(SheetError(0, "", "empty"),), warnings=warnings)
    errors = list(_heading_errors(table[0][1]))
    if errors:
        return Reading(errors=tuple(errors), warnings=warnings)
    headings = table[0][1]
    read: list[tuple[int, Offer]] = []
    rows: dict[str, int] = {}
    organizations: dict[str, tuple[str, int]] = {}
    notes = list(warnings)
    for number, cells in table[1:]:
        row = _Row(number, dict(zip(headings, cells, strict=False)), places)
        offer = row.offer()
        errors += row.errors
        notes += row.warnings
        if offer is None:
            continue
        if offer.id in rows:
            parameters = {"value": offer.id, "other": str(rows[offer.id])}
            errors.append(SheetError(number, "id", "doubled_id", parameters))
            continue
        rows[offer.id] = number
        organization = offer.organization
        name, other = organizations.setdefault(organization.id, (organization.name, number))
        if name != organization.name:
            parameters = {"id": organization.id, "other": str(other), "name": name}
            errors.append(SheetError(number, "organization", "organization_renamed", parameters))
        read.append((number, offer))
    return Reading(tuple(read), tuple(errors), (*notes, *_alike(read)))


def plan_import(
    path: Path, existing: Iterable[Offer], places: Places, *, reserved: Iterable[str] = ()
) -> ImportPlan:
    """Compares a sheet with the offers that are there. An open offer that the sheet lacks is to be closed.

    `reserved`: ids that the sheet must not use. Raises OSError when the file is not there.
    """
    reading = read_sheet(path, places)
    held = {offer.id: offer for offer in existing}
    taken = set(reserved)
    errors = [
        *reading.errors,
        *(
            SheetError(number, "id", "reserved_id", {"value": offer.id})
            for number, offer in reading.offers
            if offer.id in taken
        ),
    ]
    if errors:
        return ImportPlan(errors=tuple(errors), warnings=reading.warnings)
    offers = {offer.id: offer for _, offer in reading.offers}
    return ImportPlan(
        added=tuple(offer for id, offer in offers.items() if id not in held),
        changed=tuple(
            Change(held[id], offer) for id, offer in offers.items() if id in held and held[id] != offer
        ),
        closed=tuple(offer for id, offer in held.items() if id not in offers and offer.status is Status.OPEN),
        warnings=reading.warnings,
    )


def load_helplines(path: Path) -> tuple[Offer, ...]:
    """The helplines of a sheet, in its order: the crisis card needs them without any database.

    Raises SheetInvalid, and OSError when the file is not there.
    """
    reading = read_sheet(path)
    if reading.errors:
        raise SheetInvalid(reading.errors)
    return tuple(offer for _, offer in reading.offers)


def write_csv(offers: Iterable[Offer], said: Mapping[str, str] | None = None) -> str:
    """The sheet as CSV text (commas, line feeds); reading it again gives the same offers.

    `said`: what people say of the offers with these ids.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows(_cells(list(offers), said or {}))
    return out.getvalue()


def write_xlsx(offers: Iterable[Offer], path: Path, said: Mapping[str, str] | None = None) -> None:
    """The sheet as an Excel file; reading it again gives the same offers. `said` as in `write_csv`."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("offers")
    sheet.freeze_panes = "B2"
    for cells in _cells(list(offers), said or {}):
        sheet.append(cells)
    book.save(path)


# -- reading -----------------------------------------------------------------------------------------------

_Table = list[tuple[int, list[str]]]
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Control characters, and direction marks that would break the rendering's own."""


def _table(path: Path) -> tuple[_Table, tuple[SheetError, ...]]:
    """The rows that hold anything, with their numbers, as clean text."""
    warnings: tuple[SheetError, ...] = ()
    if path.suffix.lower() == ".xlsx":
        rows: Iterable[Sequence[object]] = _xlsx_rows(path)
    else:
        data = path.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252")
            warnings = (SheetError(0, "", "encoding"),)
        headings = text.partition("\n")[0]
        delimiter = max(",;\t", key=headings.count)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    table = [(number, [_clean(cell) for cell in row]) for number, row in enumerate(rows, 1)]
    return [(number, cells) for number, cells in table if any(cells)], warnings


def _xlsx_rows(path: Path) -> Iterator[Sequence[object]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException) as error:
        raise ValueError("no workbook") from error
    try:
        yield from book.worksheets[0].iter_rows(values_only=True)
    finally:
        book.close()


def _clean(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
    text = _CONTROLS.sub("", str(cell).replace("\r\n", "\n").replace("\r", "\n")).strip()
    # The apostrophe that `_safe` or a spreadsheet puts before what might run as a formula.
    return text[1:] if _FORMULA.match(text) and text.startswith("'") else text


def _heading_errors(headings: Sequence[str]) -> Iterator[SheetError]:
    from rapidfuzz import process

    translated = [f"{column}_{language}" for column in TRANSLATED_COLUMNS for language in LANGUAGES]
    known = [*PLAIN_COLUMNS, *translated, SAID_COLUMN]
    for heading in headings:
        if heading and heading not in known:
            nearest = process.extractOne(heading, known)
            yield SheetError(1, heading, "unknown_column", {"nearest": nearest[0] if nearest else ""})
    for heading in sorted({heading for heading in headings if heading and headings.count(heading) > 1}):
        yield SheetError(1, heading, "doubled_column")
    for column in REQUIRED_COLUMNS:
        if column not in headings:
            yield SheetError(1, column, "missing_column")


_E = TypeVar("_E", bound=StrEnum)


class _Row:
    """One row on its way to an offer; collects what is wrong instead of stopping at the first."""

    def __init__(self, number: int, cells: Mapping[str, str], places: Places | None) -> None:
        self.number = number
        self.errors: list[SheetError] = []
        self.warnings: list[SheetError] = []
        self._cells = cells
        self._places = places

    def offer(self) -> Offer | None:
        """The offer, or None when anything is wrong."""
        organization = self._required("organization")
        min_age = self._whole("min_age", 0, 120)
        max_age = self._whole("max_age", 0, 120)
        if min_age is not None and max_age is not None and max_age < min_age:
            self._wrong("max_age", "ages_reversed")
        name = self._texts("name")
        if not name.keys() & {"de", "en"}:
            self._wrong("name_de", "missing_text")
        offer = Offer(
            id=self._id(),
            organization=Organization(self._get("organization_id") or _slug(organization), organization),
            name=name,
            description=self._texts("description"),
            needs=self._terms("needs", Need),
            also=self._terms("also", Need),
            min_age=min_age,
            max_age=max_age,
            genders=frozenset(self._terms("gender", Gender)),
            families=frozenset(self._terms("family", Family)),
            for_whom=frozenset(self._terms("for_whom", Person)),
            not_for=self._texts("not_for"),
            not_for_needs=frozenset(self._terms("not_for_needs", Need)),
            residence=frozenset(self._list("residence")),
            languages=self._languages(),
            any_language=self._yes("any_language"),
            modes=self._terms("modes", Mode),
            areas=self._areas(),
            place=self._place(),
            phones=tuple(filter(None, map(self._phone, self._list("phones")))),
            email=self._matching("email", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+"), "bad_email"),
            website=self._url("website"),
            booking_url=self._url("booking_url"),
            booking_how=self._texts("booking_how"),
            opening_hours=self._hours(),
            hours_text=self._texts("hours_text"),
            cost=self._cost(),
            waiting_weeks=self._whole("waiting_weeks", 0, 520),
            verified_on=self._date("verified_on"),
            verified_by=self._get("verified_by") or None,
            source=self._get("source") or None,
            demo=self._yes("demo"),
            first_contact=self._yes("first_contact"),
            online=self._yes("online"),
            crisis=frozenset(self._terms("crisis", Crisis)),
            status=(self._terms("status", Status) or (Status.OPEN,))[0],
        )
        return None if self.errors else offer

    def _get(self, column: str) -> str:
        return self._cells.get(column, "")

    def _wrong(self, column: str, key: str, **parameters: object) -> None:
        as_text = {name: str(value) for name, value in parameters.items()}
        self.errors.append(SheetError(self.number, column, key, as_text))

    def _note(self, column: str, key: str) -> None:
        self.warnings.append(SheetError(self.number, column, key))

    def _required(self, column: str) -> str:
        if not (value := self._get(column)):
            self._wrong(column, "missing")
        return value

    def _id(self) -> str:
        value = self._required("id")
        if value and not re.fullmatch(rf"[a-z0-9-]{{1,{ID_LENGTH}}}", value):
            self._wrong("id", "bad_id", value=value, length=ID_LENGTH)
        return value

    def _list(self, column: str) -> list[str]:
        values = [value.strip() for value in self._get(column).split(";") if value.strip()]
        for value in {value for value in values if values.count(value) > 1}:
            self._wrong(column, "doubled_value", value=value)
        return values

    def _terms(self, column: str, kind: type[_E]) -> tuple[_E, ...]:
        allowed = {term.value: term for term in kind}
        values = self._list(column)
        for value in values:
            if value not in allowed:
                self._wrong(column, "unknown_value", value=value, allowed=", ".join(allowed))
        return tuple(allowed[value] for value in values if value in allowed)

    def _texts(self, column: str) -> Text:
        texts = ((language, self._get(f"{column}_{language}")) for language in LANGUAGES)
        return {language: text for language, text in texts if text}

    def _whole(self, column: str, least: int, most: int) -> int | None:
        if not (value := self._get(column)):
            return None
        if value.isascii() and value.isdigit() and least <= int(value) <= most:
            return int(value)
        self._wrong(column, "bad_number", value=value, least=least, most=most)
        return None

    def _decimal(self, column: str, least: int, most: int) -> float | None:
        if not (value := self._get(column)):
            return None
        try:
            number = float(value.replace(",", "."))
        except ValueError:
            number = float("nan")
        if least <= number <= most:
            return number
        self._wrong(column, "bad_decimal", value=value, least=least, most=most)
        return None

    def _yes(self, column: str) -> bool:
        value = self._get(column).lower()
        if value not in ("", "no", "yes"):
            self._wrong(column, "bad_yes", value=value)
        return value == "yes"

    def _date(self, column: str) -> date | None:
        if not (value := self._get(column)):
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self._wrong(column, "bad_date", value=value)
            return None

    def _matching(self, column: str, pattern: re.Pattern[str], key: str) -> str | None:
        if not (value := self._get(column)):
            return None
        if not pattern.fullmatch(value):
            self._wrong(column, key, value=value)
        return value

    def _url(self, column: str) -> str | None:
        if not (value := self._get(column)):
            return None
        try:
            parts = urlsplit(value)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or "." not in parts.netloc or re.search(r"\s", value):
            self._wrong(column, "bad_url", value=value)
        return value

    def _languages(self) -> tuple[tuple[str, Speaker], ...]:
        read = []
        for value in self._list("languages"):
            found = re.fullmatch(r"(\w+)(?:\s*\(\s*(own|interpreter)\s*\))?", value)
            if found and found[1] in LANGUAGES:
                read.append((found[1], Speaker(found[2] or "own")))
            else:
                self._wrong("languages", "unknown_value", value=value, allowed=", ".join(LANGUAGES))
        codes = [code for code, _ in read]
        for code in {code for code in codes if codes.count(code) > 1}:
            self._wrong("languages", "doubled_value", value=code)
        return tuple(read)

    def _areas(self) -> frozenset[str]:
        ids = self._list("areas")
        if self._places is not None:
            known = [area.id for area in self._places.areas]
            known += [district.id for district in self._places.districts]
            for id in ids:
                if id not in known:
                    self._wrong("areas", "unknown_place", value=id, allowed=", ".join(known))
        return frozenset(ids)

    def _place(self) -> Location | None:
        district, address = self._get("district"), self._get("address")
        latitude = self._decimal("latitude", -90, 90)
        longitude = self._decimal("longitude", -180, 180)
        if self._yes("confidential"):
            if district or address or latitude is not None or longitude is not None:
                self._note("address", "confidential_address")
            return Location(confidential=True)
        if (latitude is None) != (longitude is None):
            self._wrong("latitude", "half_coordinates")
        if district and self._places is not None:
            known = [place.id for place in self._places.districts]
            if district not in known:
                self._wrong("district", "unknown_place", value=district, allowed=", ".join(known))
        if not (district or address or latitude is not None):
            return None
        return Location(district or None, address or None, latitude, longitude)

    def _phone(self, value: str) -> Phone | None:
        found = re.fullmatch(r"([^()]+?)\s*(?:\(([^()]*)\))?", value)
        number = _dialled(found[1]) if found else None
        if not found or number is None:
            self._wrong("phones", "bad_phone", value=value)
            return None
        return Phone(number, (found[2] or "").strip())

    def _hours(self) -> str | None:
        if not (value := self._get("opening_hours")):
            return None
        try:
            check_hours(value)
        except HoursInvalid:
            self._wrong("opening_hours", "bad_hours", value=value)
            return None
        if "PH" not in value and value != "24/7":
            self._note("opening_hours", "no_holidays")
        return value

    def _cost(self) -> Literal["free"] | Text | None:
        value, described = self._get("cost"), self._texts("cost")
        if value and value != "free":
            self._wrong("cost", "unknown_value", value=value, allowed="free")
        if value and described:
            self._wrong("cost", "cost_twice")
        return "free" if value else described or None


def _dialled(number: str) -> str | None:
    """E.164 where the number works from anywhere; short and free-call numbers as dialled in Germany."""
    import phonenumbers
    from phonenumbers import NumberParseException, PhoneNumberType, shortnumberinfo

    plain = " ".join(number.split())
    try:
        parsed = phonenumbers.parse(plain, DIALLING_REGION)
    except NumberParseException:
        return None
    if shortnumberinfo.is_valid_short_number_for_region(parsed, DIALLING_REGION) or re.fullmatch(
        r"116 ?\d{3}", plain
    ):
        return plain.replace(" ", "")
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    if phonenumbers.number_type(parsed) == PhoneNumberType.TOLL_FREE and not plain.startswith("+"):
        return plain
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _slug(name: str) -> str:
    spelled = name.lower().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    return re.sub(r"[^a-z0-9]+", "-", spelled).strip("-")


def _alike(read: Sequence[tuple[int, Offer]]) -> Iterator[SheetError]:
    """Warns of a service that seems to stand in the sheet twice."""
    from rapidfuzz import fuzz

    seen: dict[str, list[Offer]] = {}
    numbers: dict[str, Offer] = {}
    for row, offer in read:
        same_house = seen.setdefault(offer.organization.id, [])
        for other in same_house:
            names = [(offer.name[code], other.name[code]) for code in offer.name.keys() & other.name.keys()]
            if names and all(fuzz.ratio(*pair) >= ALIKE for pair in names):
                yield SheetError(row, "name_de", "alike", {"other": other.id})
        same_house.append(offer)
        for phone in offer.phones:
            first = numbers.setdefault(phone.number, offer)
            if first.organization.id != offer.organization.id:
                yield SheetError(row, "phones", "same_phone", {"other": first.id})


# -- writing -----------------------------------------------------------------------------------------------

_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def _safe(text: str) -> str:
    """Keeps a spreadsheet from running a cell as a formula (OWASP, CSV injection)."""
    return f"'{text}" if _FORMULA.match(text) else text


def _cells(offers: Sequence[Offer], said: Mapping[str, str]) -> Iterator[list[str]]:
    rows = [_texts_of(offer) | {SAID_COLUMN: said.get(offer.id, "")} for offer in offers]
    used = {column for row in rows for column, text in row.items() if text}
    texts = [f"{column}_{language}" for column in TRANSLATED_COLUMNS for language in LANGUAGES]
    # The names beside the id, everything else that a coordinator writes next, long translations last.
    names = [column for column in texts if column.startswith("name_") and column in used]
    texts.append(SAID_COLUMN)
    others = [column for column in texts if not column.startswith("name_") and column in used]
    columns = [PLAIN_COLUMNS[0], *names, *PLAIN_COLUMNS[1:], *others]
    yield columns
    for row in rows:
        yield [_safe(row.get(column, "")) for column in columns]


def _texts_of(offer: Offer) -> dict[str, str]:
    def joined(values: Iterable[str]) -> str:
        return "; ".join(values)

    def number(value: float | None) -> str:
        return "" if value is None else repr(value)

    def yes(value: bool) -> str:
        return "yes" if value else ""

    place = offer.place or Location()
    row = {
        "id": offer.id,
        "organization": offer.organization.name,
        "organization_id": offer.organization.id,
        "status": offer.status.value,
        "needs": joined(offer.needs),
        "also": joined(offer.also),
        "min_age": number(offer.min_age),
        "max_age": number(offer.max_age),
        "gender": joined(sorted(offer.genders)),
        "family": joined(sorted(offer.families)),
        "for_whom": joined(sorted(offer.for_whom)),
        "not_for_needs": joined(sorted(offer.not_for_needs)),
        "residence": joined(sorted(offer.residence)),
        "languages": joined(
            code if speaker is Speaker.OWN else f"{code} (interpreter)" for code, speaker in offer.languages
        ),
        "any_language": yes(offer.any_language),
        "modes": joined(offer.modes),
        "areas": joined(sorted(offer.areas)),
        "confidential": yes(place.confidential),
        "phones": joined(
            f"{phone.number} ({phone.label})" if phone.label else phone.number for phone in offer.phones
        ),
        "email": offer.email or "",
        "website": offer.website or "",
        "booking_url": offer.booking_url or "",
        "opening_hours": offer.opening_hours or "",
        "cost": "free" if offer.cost == "free" else "",
        "waiting_weeks": number(offer.waiting_weeks),
        "online": yes(offer.online),
        "first_contact": yes(offer.first_contact),
        "crisis": joined(sorted(offer.crisis)),
        "verified_on": offer.verified_on.isoformat() if offer.verified_on else "",
        "verified_by": offer.verified_by or "",
        "source": offer.source or "",
        "demo": yes(offer.demo),
    }
    if not place.confidential:
        row |= {
            "district": place.district or "",
            "address": place.address or "",
            "latitude": number(place.latitude),
            "longitude": number(place.longitude),
        }
    texts = {column: getattr(offer, column) for column in TRANSLATED_COLUMNS}
    for column, text in texts.items():
        if isinstance(text, Mapping):
            row |= {f"{column}_{language}": words for language, words in text.items()}
    return row
