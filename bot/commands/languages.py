"""`python -m bot languages …`: what translators and the build need."""

from __future__ import annotations

import typer

app = typer.Typer(help="Catalogs of the bot's texts.", no_args_is_help=True)


@app.callback()
def languages() -> None:
    """Catalogs of the bot's texts."""


@app.command(name="compile")
def compile_() -> None:
    """Compile every catalog that is newer than its compiled form."""
    from bot.languages.catalogs import available, compile_catalog

    for code in available():
        if code != "en":
            compile_catalog(code)
