"""`python -m bot offers …`: what a coordinator and a helper do with offers at a terminal."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.offers.directory import Directory
from bot.offers.model import (
    LANGUAGES,
    AgeBand,
    Family,
    Gender,
    Match,
    Miss,
    MissKind,
    Need,
    Offer,
    Person,
    Query,
    Reason,
    ReasonKind,
    Result,
    Status,
    text_in,
)
from bot.offers.needs import NeedMenu, NeedsInvalid
from bot.offers.places import Places, PlacesInvalid
from bot.offers.sheets import ImportPlan, SheetInvalid, load_helplines, plan_import, write_csv, write_xlsx
from bot.outside import StoreUnavailable
from bot.settings import Settings, SettingsInvalid, load
from bot.storage.demo import load_demo
from bot.storage.engine import create_engine, migrate
from bot.storage.offers import SqlOfferStore

if TYPE_CHECKING:
    from bot.storage.records import SqlRecords

_T = TypeVar("_T")
DATA = Path("data")
CLOSES_TOO_MANY = 3
"""An import that would close this many real offers, and more than a third of them, must be told so."""

OUT = Console(highlight=False, soft_wrap=True)
ERRORS = Console(stderr=True, highlight=False, soft_wrap=True)
app = typer.Typer(help="Import, export, check and match offers.", no_args_is_help=True)


def _say(line: str = "") -> None:
    OUT.print(line, markup=False)


def _fail(line: str) -> typer.Exit:
    ERRORS.print(line, markup=False)
    return typer.Exit(1)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Turns what may go wrong outside into one plain sentence and exit code 1."""
    try:
        yield
    except FileNotFoundError as error:
        raise _fail(f"The file {error.filename} is not there.") from None
    except OSError as error:
        raise _fail(f"The file {error.filename} cannot be used: {error.strerror}.") from None
    except SheetInvalid as error:
        raise _fail(f"A file of offers has an error: {error}") from None
    except (PlacesInvalid, NeedsInvalid) as error:
        raise _fail(f"A data file has an error: {error}") from None
    except (SQLAlchemyError, StoreUnavailable) as error:
        raise _fail(f"The database cannot be used ({type(error).__name__}).") from None


def _settings() -> Settings:
    try:
        return load()
    except SettingsInvalid as error:
        ERRORS.print(f"Settings: {error}", markup=False)
        raise typer.Exit(2) from None


@contextmanager
def _store(settings: Settings, *, demo: bool = True) -> Iterator[SqlOfferStore]:
    engine = create_engine(settings.database.url)
    try:
        migrate(engine, "offers")
        store = SqlOfferStore(engine)
        if demo:
            load_demo(store, only_if_empty=True, data=DATA)
        yield store
    finally:
        engine.dispose()


def _places() -> Places:
    return Places.load(DATA / "places.yml")


def _helplines() -> tuple[Offer, ...]:
    return load_helplines(DATA / "offers" / "helplines.csv")


def _directory(settings: Settings, store: SqlOfferStore) -> Directory:
    return Directory((*store.load(), *_helplines()), _places(), state=settings.holidays)


# -- import and export ---------------------------------------------------------------------------------------


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A sheet: .csv or .xlsx")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would happen.")] = False,
    keep_missing: Annotated[
        bool, typer.Option("--keep-missing", help="The sheet is a part: leave open what it lacks.")
    ] = False,
    close_missing: Annotated[
        bool, typer.Option("--close-missing", help="Close what the sheet lacks, however much.")
    ] = False,
) -> None:
    """Take over a sheet: add, change, and close what it lacks. With any error nothing is changed."""
    if keep_missing and close_missing:
        raise typer.BadParameter("--keep-missing and --close-missing exclude each other")
    if file.suffix.lower() not in (".csv", ".xlsx"):
        raise typer.BadParameter(f"{file.name} is neither .csv nor .xlsx", param_hint="FILE")
    settings = _settings()
    with _plain_errors(), _store(settings, demo=False) as store:
        existing = store.load()
        plan = plan_import(file, existing, _places(), reserved=[line.id for line in _helplines()])
        if keep_missing:
            plan = dataclasses.replace(plan, closed=())
        _show_plan(plan)
        if plan.errors:
            raise _fail("Nothing was changed. Please mend the sheet and import it again.")
        too_many = None if close_missing else _closes_too_many(plan, existing)
        if dry_run:
            _say(f"Nothing was changed (--dry-run).{' ' + too_many if too_many else ''}")
        elif too_many:
            raise _fail(f"{too_many} Nothing was changed.")
        elif plan.empty:
            _say("Nothing to change.")
        else:
            store.apply(plan)
            _say("Done.")


def _closes_too_many(plan: ImportPlan, existing: Iterable[Offer]) -> str | None:
    real = [offer for offer in existing if offer.status is Status.OPEN and not offer.demo]
    closing = [offer for offer in plan.closed if not offer.demo]
    if len(closing) < CLOSES_TOO_MANY or 3 * len(closing) <= len(real):
        return None
    return (
        f"The sheet lacks {len(closing)} of {len(real)} open offers. Is it only a part? Then add --keep-missing;"
        " to close them all, add --close-missing."
    )


def _show_plan(plan: ImportPlan) -> None:
    for note in plan.warnings:
        _say(f"note: {_where(note.row, note.column)}{note.sentence}")
    for error in plan.errors:
        _say(f"error: {_where(error.row, error.column)}{error.sentence}")
    if plan.errors:
        return
    _say(f"added: {len(plan.added)}")
    for offer in plan.added:
        _say(f"  + {offer.id}: {text_in(offer.name, 'en')}")
    _say(f"changed: {len(plan.changed)}")
    for change in plan.changed:
        _say(f"  ~ {change.after.id}: {text_in(change.after.name, 'en')}")
        for field in change.fields:
            if field == "place" and change.after.place and change.after.place.confidential:
                _say("      place: confidential from now on")
                continue
            before, after = getattr(change.before, field), getattr(change.after, field)
            if isinstance(before, Mapping) and isinstance(after, Mapping):
                for language in sorted(before.keys() | after.keys()):
                    was, now = before.get(language), after.get(language)
                    if was != now:
                        _say(f"      {field}_{language}: {_shown(was)} → {_shown(now)}")
                continue
            _say(f"      {field}: {_shown(before)} → {_shown(after)}")
    _say(f"closed: {len(plan.closed)}")
    for offer in plan.closed:
        _say(f"  - {offer.id}: {text_in(offer.name, 'en')}")


def _where(row: int, column: str) -> str:
    if not row:
        return f"{column}: " if column else ""
    return f"row {row}, {column}: "


def _shown(value: object) -> str:
    match value:
        case None | "":
            return "(empty)"
        case frozenset() | tuple():
            return "; ".join(sorted(_shown(part) for part in value)) or "(empty)"
        case dict():
            return " | ".join(f"{language}: {text}" for language, text in sorted(value.items())) or "(empty)"
        case bool():
            return "yes" if value else "no"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = (getattr(value, field.name) for field in dataclasses.fields(value))
        return ", ".join(_shown(part) for part in parts if part not in (None, "", False))
    return str(value)


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="To .csv or .xlsx; without: CSV on the screen.")] = None,
) -> None:
    """Write all offers as a sheet that can be imported again, with what people say of them."""
    if file and file.suffix.lower() not in (".csv", ".xlsx"):
        raise typer.BadParameter(f"{file.name} is neither .csv nor .xlsx", param_hint="FILE")
    settings = _settings()
    with _plain_errors(), _store(settings) as store:
        offers, said = store.load(), _said_of_offers(settings)
        if file is None:
            typer.echo(write_csv(offers, said), nl=False)
        elif file.suffix.lower() == ".csv":
            # The mark at the beginning tells a German Excel that the file is UTF-8.
            file.write_text(write_csv(offers, said), encoding="utf-8-sig")
        else:
            write_xlsx(offers, file, said)
        if file:
            _say(f"{len(offers)} offers written to {file}.")


def _said_of_offers(settings: Settings) -> dict[str, str]:
    """What people say of each offer; where that cannot be read the sheet comes without it."""
    from bot.staff.said import LOOKED_BACK, by_offer

    address = make_url(settings.database.beside("records"))
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").exists():
        return {}  # nobody has written to the bot here yet
    since = datetime.now(settings.zone).date() - LOOKED_BACK
    try:
        with _records(settings) as (records, run):
            return by_offer(run(records.reports(since)), "en")
    except (OSError, SQLAlchemyError, StoreUnavailable) as error:
        ERRORS.print(f"note: without what people say of the offers ({type(error).__name__})", markup=False)
        return {}


# -- check ---------------------------------------------------------------------------------------------------


@app.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Tell what to mend: old confirmations, unconfirmed numbers, missing translations, dead ends.

    Ends with 1 only where somebody would find nothing.
    """
    from bot.offers.quality import DeadEnd
    from bot.offers.quality import check as check_offers

    settings = _settings()
    with _plain_errors(), _store(settings) as store:
        menu = NeedMenu.load(DATA / "needs.yml")
        now = datetime.now(settings.zone)
        findings = check_offers(_directory(settings, store), menu, now=now, languages=settings.languages)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(findings), ensure_ascii=False, indent=1))
    else:

        def people(ends: Iterable[DeadEnd]) -> list[str]:
            return [f"{end.need}, {end.band}, {end.gender}, {end.language}" for end in ends]

        for title, lines in (
            ("confirmed more than 180 days ago", list(findings.stale)),
            ("never confirmed: call before going live", list(findings.unconfirmed_numbers)),
            (
                "missing translations",
                [
                    f"{gap.id}: {gap.field} in {', '.join(gap.languages)}"
                    for gap in findings.missing_translations
                ],
            ),
            ("dead ends: nobody for this person, not even nearly", people(findings.dead_ends)),
            ("only near misses for this person", people(findings.only_near)),
        ):
            _say(f"{title}: {len(lines)}")
            for line in lines:
                _say(f"  {line}")
    if findings.dead_ends:
        raise typer.Exit(1)


@app.command()
def said() -> None:
    """Show what people say of the offers (90 days; "<5" is one to four), their own words, and what came of plans."""
    from bot.staff.said import LOOKED_BACK, answers, counts

    settings = _settings()
    since = datetime.now(settings.zone).date() - LOOKED_BACK
    with _plain_errors(), _records(settings) as (records, run):
        for one in counts(run(records.reports(since))):
            _say(f"{one.offer:24} {one.what:16} {one.count}")
        for month, language, answer, count in answers(run(records.answers())):
            _say(f"{month} {language:16} {answer:16} {count}")
        for offer, day, text in run(records.own_words()):
            _say(f"{offer:24} {day}  {' '.join(text.split())}")


@contextmanager
def _records(settings: Settings) -> Iterator[tuple[SqlRecords, Callable[[Coroutine[Any, Any, _T]], _T]]]:
    """What is counted without any id, and what runs its questions."""
    from bot.storage.crypto import Keys
    from bot.storage.records import SqlRecords

    records = SqlRecords(create_engine(settings.database.beside("records")), Keys(settings.master_secrets()))
    records.prepare()
    with asyncio.Runner() as runner:
        try:
            yield records, runner.run
        finally:
            runner.run(records.close())


# -- match ---------------------------------------------------------------------------------------------------


def _ages(value: str | None) -> tuple[int, int | None] | None:
    if value is None:
        return None
    if value in set(AgeBand):
        return AgeBand(value).ages
    if value.isascii() and value.isdigit() and int(value) <= 120:
        return int(value), int(value)
    raise typer.BadParameter(
        f"{value!r} is neither years nor one of {', '.join(AgeBand)}", param_hint="--age"
    )


def _area(value: str | None, places: Places) -> str | None:
    if value is None or value in places:
        return value
    if found := places.find(value):
        return found
    known = ", ".join([area.id for area in places.areas] + [district.id for district in places.districts])
    raise typer.BadParameter(f"{value!r} is no district or area: {known}", param_hint="--area")


@app.command()
def match(
    need: Annotated[Need | None, typer.Option(help="What is needed.")] = None,
    also: Annotated[list[Need] | None, typer.Option(help="A further need; may be repeated.")] = None,
    age: Annotated[str | None, typer.Option(help=f"Years, or {', '.join(AgeBand)}.")] = None,
    gender: Annotated[Gender | None, typer.Option(help="Of the person concerned.")] = None,
    family: Annotated[list[Family] | None, typer.Option(help="The household; may be repeated.")] = None,
    person: Annotated[Person | None, typer.Option(help="Whom the need concerns.")] = None,
    language: Annotated[str | None, typer.Option(help=", ".join(LANGUAGES))] = None,
    area: Annotated[str | None, typer.Option(help="A district or an area, id or name.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many that fit.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Show who can help: what fits with reasons, what nearly fits, and general first contacts."""
    if language is not None and language not in LANGUAGES:
        raise typer.BadParameter(f"{language!r} is none of {', '.join(LANGUAGES)}", param_hint="--language")
    ages = _ages(age)
    settings = _settings()
    with _plain_errors(), _store(settings) as store:
        directory = _directory(settings, store)
        query = Query(
            need=need,
            also=tuple(also or ()),
            ages=ages,
            gender=gender,
            families=frozenset(family or ()),
            person=person,
            language=language,
            area=_area(area, directory.places),
        )
        result = directory.match(query, now=datetime.now(settings.zone), limit=limit)
    if as_json:
        found = [_as_json(match) for match in (*result.fits, *result.near, *result.first_contacts)]
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _show_result(result)


def _as_json(match: Match) -> dict[str, Any]:
    offer = match.offer
    own = {code: speaker.value for code, speaker in offer.languages}
    interpreted = dict.fromkeys(LANGUAGES, "interpreter") if offer.any_language else {}
    speakers = own | {code: speaker for code, speaker in interpreted.items() if code not in own}
    return {
        "id": offer.id,
        "name": text_in(offer.name, "en"),
        "organization": offer.organization.name,
        "needs": [*offer.needs, *offer.also],
        "primary_needs": list(offer.needs),
        "languages": list(speakers),
        "speakers": speakers,
        "min_age": offer.min_age,
        "max_age": offer.max_age,
        "gender": sorted(offer.genders),
        "family": sorted(offer.families),
        "for_whom": sorted(offer.for_whom),
        "residence": sorted(offer.residence),
        "modes": list(offer.modes),
        "areas": sorted(offer.areas),
        "district": offer.place.district if offer.place else None,
        "distance_km": match.distance_km,
        "phones": [phone.number for phone in offer.phones],
        "booking_url": offer.booking_url,
        "website": offer.website,
        "waiting_weeks": offer.waiting_weeks,
        "verified_on": offer.verified_on.isoformat() if offer.verified_on else None,
        "first_contact": offer.first_contact,
        "demo": offer.demo,
        "score": match.score,
        "reasons": [_explained(reason) for reason in match.reasons],
        "misses": [_explained(miss) for miss in match.misses],
    }


def _explained(why: Reason | Miss) -> dict[str, str | None]:
    return {"kind": why.kind.value, "value": why.value, "text": _sentence(why)}


_REASONS: dict[ReasonKind, str] = {
    ReasonKind.NEED_PRIMARY: "made for: {}",
    ReasonKind.NEED_ALSO: "helps with {} too",
    ReasonKind.LANGUAGE_OWN: "speaks {}",
    ReasonKind.LANGUAGE_INTERPRETER: "interpreter for {}",
    ReasonKind.WOMEN_ONLY: "for women only",
    ReasonKind.MEN_ONLY: "for men only",
    ReasonKind.GENDER: "for {}",
    ReasonKind.AGE: "for ages {}",
    ReasonKind.FAMILY: "for {}",
    ReasonKind.PERSON: "for: {}",
    ReasonKind.DISTRICT: "in the district {}",
    ReasonKind.AREA: "in the area {}",
    ReasonKind.REFINEMENT: "{}",
    ReasonKind.SHORT_WAIT: "weeks to wait: {}",
    ReasonKind.OPEN_NOW: "open now until {}",
    ReasonKind.RESIDENCE_LIMITED: "note: only with {}",
}
# Apart from the reasons: members of two string enums with the same value are the same key.
_MISSES: dict[MissKind, str] = {
    MissKind.NEED: "not for {}",
    MissKind.LANGUAGE: "nobody speaks {}",
    MissKind.AGE: "only for ages {}",
    MissKind.GENDER: "only for {}",
    MissKind.FAMILY: "only for {}",
    MissKind.PERSON: "only for: {}",
    MissKind.AREA: "only for people in {}",
    MissKind.NOT_FOR: "excludes {}",
}


def _sentence(why: Reason | Miss) -> str:
    if isinstance(why, Miss):
        return _MISSES[why.kind].format(why.value)
    if why.kind is ReasonKind.OPEN_NOW and why.value is None:
        return "open now, always"
    return _REASONS[why.kind].format(why.value)


def _show_result(result: Result) -> None:
    for title, matches in (
        ("fits", result.fits),
        ("fits nearly", result.near),
        ("general first contacts", result.first_contacts),
    ):
        _say(f"{title}: {len(matches)}")
        for match in matches:
            offer = match.offer
            numbers = ", ".join(phone.number for phone in offer.phones)
            _say(f"  {offer.id}: {text_in(offer.name, 'en')} ({offer.organization.name}) {numbers}".rstrip())
            if match.reasons:
                _say(f"      {' · '.join(map(_sentence, match.reasons))}")
            if match.misses:
                _say(f"      but: {' · '.join(map(_sentence, match.misses))}")
            if offer.booking_url:
                _say(f"      {offer.booking_url}")
