"""The command line: `python -m bot …`. Imports only what the command at hand needs."""

from __future__ import annotations

import asyncio
import errno
import os
from importlib import import_module
from typing import Annotated

import typer
from rich.console import Console

from bot.settings import Settings, SettingsInvalid, load

ERRORS = Console(stderr=True)
cli = typer.Typer(
    help="Rahnuma shows the way to psychosocial help.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print the values of variables, the token among them
)


def settings_or_exit() -> Settings:
    """The settings; where they are wrong, one clear line and exit code 2."""
    try:
        return load()
    except SettingsInvalid as error:
        ERRORS.print(f"Settings: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None


@cli.command()
def run(
    port: Annotated[int | None, typer.Option(help="Port of the sandbox page and the health check.")] = None,
) -> None:
    """Run the bot: on Telegram when a token is set, else on the sandbox on this machine."""
    if port is not None:
        os.environ["RAHNUMA_PORT"] = str(port)
    settings = settings_or_exit()
    import uvloop
    from telegram.error import InvalidToken

    from bot import log
    from bot.app import run as run_bot

    log.configure()
    try:
        uvloop.run(run_bot(settings, lambda line: ERRORS.print(line, markup=False, soft_wrap=True)))
    except SettingsInvalid as error:
        ERRORS.print(f"Settings: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    except InvalidToken:
        ERRORS.print("Telegram does not know this token: check telegram.token.", markup=False)
        raise typer.Exit(2) from None
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        ERRORS.print(f"Port {settings.port} is in use. Take another: make run PORT=18080", markup=False)
        raise typer.Exit(1) from None


@cli.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Port of the page and of the Bot API.")] = 8081,
    flood: Annotated[bool, typer.Option(help="Refuse floods as Telegram does.")] = True,
) -> None:
    """Run only the stand-in for Telegram, for bots in other processes."""
    from bot.sandbox import DEFAULT_TOKEN, Limits, Sandbox, serve

    ERRORS.print(f"Open http://127.0.0.1:{port} in a browser. Stop with Ctrl+C.", markup=False)
    ERRORS.print(f"A bot finds it with the API address http://127.0.0.1:{port} and the token {DEFAULT_TOKEN}")
    asyncio.run(serve(Sandbox(limits=Limits() if flood else Limits.without_flood()), "127.0.0.1", port))


@cli.command()
def health() -> None:
    """Ask the running bot whether it is well (used by the container)."""
    from urllib.request import urlopen

    settings = settings_or_exit()
    webhook = settings.telegram.webhook
    port = webhook.listen.rpartition(":")[2] if webhook.url else settings.port
    try:
        urlopen(f"http://127.0.0.1:{port}/health", timeout=3).close()
    except OSError:
        raise typer.Exit(1) from None


@cli.command()
def migrate() -> None:
    """Bring all databases to the newest shape (the bot does so itself at its start)."""
    settings = settings_or_exit()
    from bot.app import open_stores

    open_stores(settings)


def main() -> None:
    """Runs the command line; sub-commands are loaded when they are asked for."""
    for name in ("offers", "languages", "announcements", "keys"):
        cli.add_typer(import_module(f"bot.commands.{name}").app, name=name)
    cli.command()(import_module("bot.commands.announcements").announce)
    for name in ("links", "poster", "places"):
        cli.command()(getattr(import_module("bot.commands.links"), name))
    cli.command()(import_module("bot.commands.staff").invite)
    cli()


if __name__ == "__main__":
    main()
