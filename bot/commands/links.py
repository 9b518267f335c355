"""`python -m bot links` and `python -m bot poster`: what a coordinator prints and hands out."""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bot.announcements.coverage import told
from bot.links.start import LinkInvalid, address, start_parameter
from bot.offers.model import Need
from bot.paper.sheet import MOST_LANGUAGES, Format, Poster
from bot.settings import Settings, SettingsInvalid, load

NeedOption = Annotated[Need | None, typer.Option(help="What the bot shall start with.")]
PlaceOption = Annotated[str, typer.Option(help="Where it hangs: 2 to 8 letters and digits. Only counted.")]
BotOption = Annotated[str, typer.Option("--bot", help="The bot's user name; without: Telegram is asked.")]
WRONG = {
    "place": "--place takes 2 to 8 letters and digits, such as TAFEL1.",
    "length": "This does not fit into a link: is the id of the offer right?",
}


def links(
    need: NeedOption = None,
    language: Annotated[str, typer.Option(help="Code of the language to start in.")] = "",
    offer: Annotated[str, typer.Option(help="Id of an offer to open.")] = "",
    place: PlaceOption = "",
    svg: Annotated[Path | None, typer.Option(help="Write the QR code to this file too.")] = None,
    png: Annotated[Path | None, typer.Option(help="Write the QR code to this file too.")] = None,
    bot: BotOption = "",
) -> None:
    """Print a link that opens the bot with what is known already, and its QR code."""
    from bot.links import qr

    settings = _settings()
    if language:
        _spoken(language, settings)
    link = _link(settings, bot, need=need, language=language, offer=offer, place=place)
    for file, picture in ((svg, qr.svg), (png, qr.png)):
        if file:
            _write(file, picture(link))
    typer.echo(link)
    if sys.stdout.isatty():
        typer.echo(qr.terminal(link), nl=False)


def poster(
    out: Annotated[Path, typer.Option(help="The file to write: .pdf or .png")],
    languages: Annotated[str, typer.Option(help=f"Up to {MOST_LANGUAGES} codes, such as ar,prs,kmr,uk")] = "",
    need: NeedOption = None,
    place: PlaceOption = "",
    format: Annotated[Format, typer.Option(help="a6: four cards to cut on one A4 sheet.")] = Format.A4,
    bot: BotOption = "",
) -> None:
    """Make a poster, or cards to cut: one QR code, and one sentence in several languages."""
    from bot.paper.poster import as_pdf, as_png
    from bot.paper.typeset import FontsMissing

    settings = _settings()
    codes = tuple(dict.fromkeys(code.strip() for code in languages.split(",") if code.strip()))
    codes = codes or settings.main_languages
    for code in codes:
        _spoken(code, settings)
    if len(codes) > MOST_LANGUAGES:
        raise _wrong(f"At most {MOST_LANGUAGES} languages can be read on one sheet.")
    if out.suffix.lower() not in (".pdf", ".png"):
        raise _wrong(f"{out.name} is neither .pdf nor .png.")
    name = bot or _bot_name(settings)
    language = codes[0] if len(codes) == 1 else ""
    link = _link(settings, name, need=need, language=language, place=place)
    sheet = Poster(codes, link, name, settings.city, settings.operator.name)
    try:
        made = as_pdf(sheet, format) if out.suffix.lower() == ".pdf" else as_png(sheet, format)
    except FontsMissing as error:
        raise _wrong(f"Fonts are missing ({error}): run python -m bot.fonts", 1) from None
    _write(out, made)
    typer.echo(f"{out}: {len(made) // 1000} kB. It leads to {link}")


def places() -> None:
    """Show how often each poster's link was opened, by month. Counts under five read "<5", others are rounded down."""
    from bot.announcements.report import HIDDEN
    from bot.storage.crypto import Keys
    from bot.storage.engine import create_engine
    from bot.storage.records import SqlRecords

    settings = _settings()
    records = SqlRecords(create_engine(settings.database.beside("records")), Keys(settings.master_secrets()))
    records.prepare()

    async def opened() -> list[tuple[str, date, int]]:
        try:
            return await records.places()
        finally:
            await records.close()

    for place, month, count in asyncio.run(opened()):
        known = told(count)
        typer.echo(f"{month:%Y-%m}  {place:8}  {HIDDEN if known is None else known}")


def _settings() -> Settings:
    try:
        return load()
    except SettingsInvalid as error:
        raise _wrong(f"Settings: {error}") from None


def _spoken(code: str, settings: Settings) -> None:
    if code not in settings.languages:
        raise _wrong(f"“{code}” is not among the languages of this bot: {', '.join(settings.languages)}.")


def _link(
    settings: Settings, bot: str, *, place: str, need: Need | None, language: str, offer: str = ""
) -> str:
    try:
        parameter = start_parameter(need=need, language=language, offer=offer, place=place)
    except LinkInvalid as error:
        raise _wrong(WRONG[error.what]) from None
    return address(bot or _bot_name(settings), parameter)


def _bot_name(settings: Settings) -> str:
    """The bot's user name, as Telegram knows it; without a token that of the sandbox."""
    from telegram.error import TelegramError

    from bot.commands.staff import bot_name

    try:
        return asyncio.run(bot_name(settings))
    except TelegramError:
        raise _wrong("Telegram does not tell the name of the bot. Give it: --bot NAME", 1) from None


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise _wrong(f"The file {file} cannot be written: {error.strerror}.", 1) from None


def _wrong(line: str, code: int = 2) -> typer.Exit:
    typer.echo(line, err=True)
    return typer.Exit(code)
