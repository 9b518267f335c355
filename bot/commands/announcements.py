"""`announce FILE.yml`, `announcements list | show | pause | resume | cancel | withdraw | report`, for the terminal."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import yaml
from rich.console import Console
from rich.live import Live
from rich.table import Table

from bot.announcements.coverage import coverage, told
from bot.announcements.model import Announcement, Audience, Content, Role, Stage, Venue
from bot.announcements.report import HIDDEN, as_csv, shown
from bot.announcements.writing import Mistake, check, moment_of, texts_checked
from bot.conversation.news import NEWS_TOPICS
from bot.languages.registry import LANGUAGES
from bot.offers.needs import NeedMenu
from bot.offers.places import Places
from bot.settings import Settings, SettingsInvalid, load
from bot.storage.crypto import Keys
from bot.storage.engine import create_engine
from bot.storage.news import SqlNews

app = typer.Typer(
    help="What was announced: list, show, pause, resume, cancel, withdraw, report.", no_args_is_help=True
)
DATA = Path("data")
DEFAULT_DAYS = 7
WATCH_SECONDS = 1.0
KEYS = {"texts", "place", "audience", "send", "expires", "at_night"}
_T = TypeVar("_T")
MISTAKES = {
    "no_text": "texts: there is no text",
    "too_long": "texts.{language}: {count} characters with its frame, {most} fit",
    "bad_markup": "texts: <{tag}> is not closed, or crosses another",
    "bad_link": "texts: {link!r} is no address that can be linked (https://…)",
    "unknown_language": "texts: {code!r} is no language of the bot",
    "unreadable": "{text!r} is no day and time such as 24.12.2026 18:00",
    "past": "the time is past",
    "missing_hour": "{time:%H:%M} does not exist that night: the clock goes forward",
    "ends_too_early": "expires: it would be over before it is sent",
    "unknown_key": "{key!r} is not known; known are {known}",
    "nobody": "nobody would get this: no subscriber fits the audience",
    "wrong_form": "{what} must be {form}",
}


class Failure(Exception):
    """What the person at the terminal reads; the command ends with 1."""


def announce(
    file: Annotated[
        Path, typer.Argument(help="YAML: texts, audience, send, expires; see docs/announcements.md")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show who would get what, and send nothing.")
    ] = False,
    gaps: Annotated[
        bool, typer.Option("--with-gaps", help="Send although some languages have no text.")
    ] = False,
) -> None:
    """Announce what a file says. The running bot sends it."""

    async def work(news: SqlNews, settings: Settings) -> None:
        now = datetime.now(settings.zone)
        announcement = _read(file, now)
        check(announcement, settings.languages, now)
        known = coverage(await news.subscriptions(), announcement.audience, announcement.content)
        roles = announcement.audience.roles
        table = Table("language", "people", "will read")
        for line in known.lines:
            people = HIDDEN if line.count is None else f"about {line.count}"
            table.add_row(LANGUAGES[line.language].english, people, LANGUAGES[line.written_in].english)
        console = Console()
        console.print(f"for {', '.join(sorted(roles))}" if roles else table)
        if not known.anybody and not roles:
            raise Mistake("nobody")
        if dry_run:
            console.print("Nothing was sent: this was a dry run.")
            return
        if known.gaps and not gaps and not roles:
            raise Failure("some languages have no text; say --with-gaps to send it all the same")
        await news.keep(announcement)
        if announcement.send_at:
            console.print(f"{announcement.id}: goes out on {announcement.send_at:%d.%m.%Y %H:%M}")
            return
        count = await news.release(announcement.id)
        console.print(f"{announcement.id}: released to {_people(count or 0)}; the running bot sends it")
        await _watch(news, announcement.id, console)

    _run(work)


@app.command("list")
def list_all() -> None:
    """The announcements, newest first."""

    async def work(news: SqlNews, settings: Settings) -> None:
        table = Table("id", "stage", "languages", "sent", "text")
        for each in await news.announcements():
            seen = shown(await news.progress(each.id)).counts
            first = each.content.text_for("en")[0].split("\n")[0][:50]
            table.add_row(each.id, each.stage, " ".join(each.content.texts), seen["delivered"], first)
        Console().print(table)

    _run(work)


@app.command()
def show(id: str) -> None:
    """One announcement and how far it is; while it is being sent, until it is done."""

    async def work(news: SqlNews, settings: Settings) -> None:
        announcement = await _found(news, id)
        console = Console()
        for code, text in announcement.content.texts.items():
            console.print(f"[bold]{code}[/bold] {text}", highlight=False)
        await _watch(news, id, console)

    _run(work)


@app.command()
def report(
    id: str, csv: Annotated[bool, typer.Option("--csv", help="As a table for a spreadsheet.")] = False
) -> None:
    """What became of an announcement, per language. Counts under five read "<5"; others are rounded down to fives."""

    async def work(news: SqlNews, settings: Settings) -> None:
        await _found(news, id)
        text = as_csv(await news.progress(id))
        if csv:
            typer.echo(text, nl=False)
            return
        head, *rows = [line.split(",") for line in text.splitlines()]
        table = Table(*head)
        for row in rows:
            table.add_row(*row)
        Console().print(table)

    _run(work)


def _moving(name: str, to: Stage, allowed: tuple[Stage, ...], said: str, help_text: str) -> None:
    def command(id: str) -> None:
        async def work(news: SqlNews, settings: Settings) -> None:
            announcement = await _found(news, id)
            if not await news.move(id, to, *allowed):
                raise Failure(f"{id} is {announcement.stage}: that cannot be done now")
            typer.echo(f"{id}: {said}")

        _run(work)

    app.command(name, help=help_text)(command)


_moving("pause", Stage.PAUSED, (Stage.SENDING,), "paused", "Send no more until it is resumed.")
_moving("resume", Stage.SENDING, (Stage.PAUSED,), "goes on", "Go on with a paused announcement.")
_moving(
    "cancel",
    Stage.CANCELLED,
    (Stage.DRAFT, Stage.HANDED_IN, Stage.SCHEDULED, Stage.SENDING, Stage.PAUSED),
    "cancelled; what was sent stays",
    "Send no more; what was sent stays.",
)
_moving(
    "withdraw",
    Stage.WITHDRAWN,
    (Stage.SENDING, Stage.PAUSED, Stage.SENT, Stage.CANCELLED),
    "withdrawn; the running bot changes what was sent",
    "Change what was sent to “no longer true”.",
)


def _read(file: Path, now: datetime) -> Announcement:
    """The announcement of a file. Raises Mistake or Failure."""
    try:
        given = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Failure(f"{file} cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(given, dict) or not isinstance(given.get("texts"), dict):
        raise Mistake("wrong_form", what="texts", form="a list of language: text")
    if unknown := set(given) - KEYS:
        raise Mistake("unknown_key", key=sorted(unknown)[0], known=", ".join(sorted(KEYS)))
    send = str(given.get("send") or "now")
    send_at = None if send == "now" else moment_of(send, now)
    expires = given.get("expires")
    ends = moment_of(str(expires), now) if expires else (send_at or now) + timedelta(days=DEFAULT_DAYS)
    return Announcement(
        secrets.token_hex(4),
        Content(
            texts_checked({str(code): str(text) for code, text in given["texts"].items()}),
            "",
            _venue(given, now),
        ),
        _audience(given.get("audience") or {}),
        Stage.SCHEDULED if send_at else Stage.DRAFT,
        ends,
        send_at,
        bool(given.get("at_night", False)),
    )


def _venue(given: dict[str, Any], now: datetime) -> Venue | None:
    place = given.get("place")
    if not place:
        return None
    try:
        latitude, longitude = float(place["latitude"]), float(place["longitude"])
    except (KeyError, TypeError, ValueError):
        raise Mistake("wrong_form", what="place", form="latitude, longitude and perhaps at") from None
    at = place.get("at")
    return Venue(latitude, longitude, moment_of(str(at), now) if at else None)


def _audience(given: Any) -> Audience:
    groups = {group.id for group in NeedMenu.load(DATA / "needs.yml").groups}
    allowed = {
        "topics": groups | set(NEWS_TOPICS),
        "areas": {area.id for area in Places.load(DATA / "places.yml").areas},
        "languages": set(LANGUAGES),
        "roles": {role.value for role in Role},
    }
    if not isinstance(given, dict):
        raise Mistake("wrong_form", what="audience", form="topics, areas, languages, roles")
    for name, values in given.items():
        if name not in allowed:
            raise Mistake("unknown_key", key=name, known=", ".join(allowed))
        if not isinstance(values, list):
            raise Mistake("wrong_form", what=f"audience.{name}", form="a list")
        for value in values:
            if value not in allowed[name]:
                raise Mistake("unknown_key", key=value, known=", ".join(sorted(allowed[name])))
    chosen = {name: frozenset(given.get(name, ())) for name in allowed}
    return Audience(
        chosen["topics"], chosen["areas"], chosen["languages"], frozenset(map(Role, chosen["roles"]))
    )


async def _found(news: SqlNews, id: str) -> Announcement:
    announcement = await news.announcement(id)
    if announcement is None:
        raise Failure(f"there is no announcement {id}; see: announcements list")
    return announcement


async def _watch(news: SqlNews, id: str, console: Console) -> None:
    """Shows how far it is, until nothing is being sent any more; a terminal that is none gets one line."""
    with Live(console=console, refresh_per_second=4) as live:
        while True:
            announcement = await _found(news, id)
            seen = shown(await news.progress(id))
            counts = " · ".join(f"{name} {count}" for name, count in seen.counts.items())
            live.update(f"{seen.bar} {announcement.stage} · {counts}")
            if announcement.stage is not Stage.SENDING or not console.is_terminal:
                return
            await asyncio.sleep(WATCH_SECONDS)


def _people(count: int) -> str:
    known = told(count)
    return "fewer than 5 people" if known is None else f"about {known} people"


def _run(work: Callable[[SqlNews, Settings], Coroutine[Any, Any, None]]) -> None:
    async def whole() -> None:
        settings = load()
        keys = Keys(settings.master_secrets())
        news = SqlNews(
            create_engine(settings.database.beside("news"), durable=True), keys, zone=settings.zone
        )
        news.prepare()
        try:
            await work(news, settings)
        finally:
            await news.close()

    try:
        asyncio.run(whole())
    except Mistake as mistake:
        typer.echo(MISTAKES[mistake.name].format(**mistake.values), err=True)
        raise typer.Exit(1) from mistake
    except (Failure, SettingsInvalid) as failure:
        typer.echo(str(failure), err=True)
        raise typer.Exit(1) from failure
