"""`python -m bot languages …`: what translators and the build need."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.languages.registry import LANGUAGES

app = typer.Typer(help="Catalogs of the bot's texts.", no_args_is_help=True)


@app.callback()
def languages() -> None:
    """Catalogs of the bot's texts."""


def _translated(given: list[str] | None) -> list[str]:
    """The languages asked for, or all that have a catalog; one that is not in the registry ends the command."""
    from bot.languages.catalogs import available

    for code in given or ():
        if code not in LANGUAGES or code == "en":
            known = ", ".join(each for each in LANGUAGES if each != "en")
            typer.echo(f"“{code}” is no language to translate into. There are: {known}.", err=True)
            raise typer.Exit(2)
    return given or [code for code in available() if code != "en"]


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
    from bot.languages.upkeep import update as update_catalog

    for code in _translated(codes):
        typer.echo(f"{code}.po: {'updated' if update_catalog(code) else 'nothing new'}")


@app.command(name="compile")
def compile_() -> None:
    """Compile every catalog that is newer than its compiled form."""
    from bot.languages.catalogs import compile_catalog

    for code in _translated(None):
        compile_catalog(code)
