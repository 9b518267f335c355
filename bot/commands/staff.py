"""`python -m bot invite ROLE`: the first invitation to the network; further ones are made in the chat."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from bot.announcements.model import Role
from bot.settings import Settings, SettingsInvalid, load


def invite(role: Annotated[Role, typer.Argument(help="What the invited person may do.")]) -> None:
    """Print a link that makes one person a member of the network, and its QR code."""
    import segno
    from telegram.error import InvalidToken, TelegramError

    from bot.staff.members import INVITE_HOURS

    try:
        link = asyncio.run(_link(load(), role))
    except SettingsInvalid as error:
        typer.echo(f"Settings: {error}", err=True)
        raise typer.Exit(2) from None
    except InvalidToken:
        typer.echo("Telegram does not know this token: check telegram.token.", err=True)
        raise typer.Exit(2) from None
    except TelegramError:
        typer.echo("Telegram does not answer, and only it knows the name of the bot. Try again.", err=True)
        raise typer.Exit(1) from None
    typer.echo(link)
    if sys.stdout.isatty():
        segno.make(link, error="l").terminal(compact=True)
    typer.echo(f"For one person, within {INVITE_HOURS} hours. Role: {role}.", err=True)


async def _link(settings: Settings, role: Role) -> str:
    from bot.staff.members import INVITE_PREFIX
    from bot.storage.crypto import Keys
    from bot.storage.engine import create_engine, make_schema, migrate
    from bot.storage.members import SqlMembers

    name = await bot_name(settings)
    engine = create_engine(settings.database.beside("news"), durable=True)
    make_schema(engine, "news")
    migrate(engine, "news")
    members = SqlMembers(engine, Keys(settings.master_secrets()))
    try:
        token = await members.invite(role)
    finally:
        await members.close()
        engine.dispose()
    return f"https://t.me/{name}?start={INVITE_PREFIX}{token}"


async def bot_name(settings: Settings) -> str:
    """The bot's user name, as Telegram knows it; without a token that of the sandbox."""
    if not settings.telegram.token:
        from bot.sandbox import DEFAULT_USERNAME

        return DEFAULT_USERNAME
    from telegram import Bot

    async with Bot(settings.telegram.token, f"{settings.telegram.api_url.rstrip('/')}/bot") as bot:
        return str(bot.username)
