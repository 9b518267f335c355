"""`python -m bot languages …`: what translators and the build need."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.languages.registry import LANGUAGES

TRANSLATIONS = [code for code in LANGUAGES if code != "en"]
app = typer.Typer(help="Catalogs of the bot's texts.", no_args_is_help=True)


@app.callback()
def languages() -> None:
    """Catalogs of the bot's texts."""


def _known(given: list[str] | None, known: Iterable[str]) -> list[str]:
    """The languages asked for, or all that are known; another one ends the command."""
    known = list(known)
    if unknown := [code for code in given or () if code not in known]:
        typer.echo(f"“{unknown[0]}” is not among these languages: {', '.join(known)}.", err=True)
        raise typer.Exit(2)
    return given or known


@app.command()
def extract() -> None:
    """Collect the English texts into bot/languages/catalogs/messages.pot."""
    from bot.languages.upkeep import TEMPLATE, write_template

    typer.echo(f"{TEMPLATE.name}: {'written' if write_template() else 'nothing new'}")


@app.command()
def update(
    codes: Annotated[
        list[str] | None, typer.Argument(metavar="[LANG]...", help="Without: every language.")
    ] = None,
) -> None:
    """Bring catalogs up to the texts of the bot; begin LANG.po where there is none."""
    from bot.languages.catalogs import translated
    from bot.languages.upkeep import update as update_catalog

    for code in _known(codes or translated(), TRANSLATIONS):
        typer.echo(f"{code}.po: {'updated' if update_catalog(code) else 'nothing new'}")


@app.command()
def check(
    codes: Annotated[
        list[str] | None, typer.Argument(metavar="[LANG]...", help="Without: every language.")
    ] = None,
) -> None:
    """Say what is wrong with catalogs; ends with 1 where anything is."""
    from bot.languages.check import check as problems_of

    problems = [problem for code in _known(codes, LANGUAGES) for problem in problems_of(code)]
    for problem in problems:
        typer.echo(problem)
    typer.echo(f"{len(problems)} problems" if problems else "All is well.", err=True)
    raise typer.Exit(bool(problems))


@app.command(name="compile")
def compile_() -> None:
    """Compile every catalog that is newer than its compiled form."""
    from bot.languages.catalogs import compile_catalog, translated

    for code in translated():
        compile_catalog(code)


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show how far each language is: translated, awaiting a native reader, recorded."""
    from dataclasses import asdict

    from bot.languages.upkeep import status as status_of

    found = {code: status_of(code) for code in LANGUAGES}
    if as_json:
        typer.echo(json.dumps({code: asdict(each) for code, each in found.items()}, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("", "language", "translated", "awaiting a native reader", "marked doubtful", "recorded"):
        table.add_column(heading, justify="left" if heading in ("", "language") else "right")
    for code, each in found.items():
        table.add_row(
            code,
            LANGUAGES[code].english,
            f"{each.translated}/{each.texts}",
            "source" if code == "en" else str(each.awaiting_native),
            str(each.doubtful),
            f"{each.recorded}/{each.utterances}",
        )
    Console().print(table)


@app.command()
def voice(
    codes: Annotated[
        list[str] | None, typer.Argument(metavar="[LANG]...", help="Without: every language.")
    ] = None,
    take: Annotated[
        Path | None, typer.Option(help="Folder of recordings, LANG/UTTERANCE.ogg, to take in.")
    ] = None,
) -> None:
    """List what lacks a recording, with the words to be read aloud; or take recordings in."""
    from bot.languages.catalogs import available
    from bot.languages.voice import RecordingsInvalid, lacking, take_in, utterances

    if take is not None:
        try:
            taken = take_in(take)
        except RecordingsInvalid as error:
            typer.echo(f"{error}\nNothing was taken in.", err=True)
            raise typer.Exit(1) from None
        for path in taken:
            typer.echo(path)
        return
    for code in _known(codes or list(available()), LANGUAGES):
        without = lacking(code)
        typer.echo(f"{code}: {len(utterances()) - len(without)} of {len(utterances())} recorded")
        for each in without:
            typer.echo(f"\n{code}/{each.utterance}.ogg\n{each.words}")
        typer.echo()
