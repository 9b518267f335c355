"""`python -m bot languages …`: what translators and the build need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

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
