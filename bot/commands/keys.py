"""`keys rotate`: a new secret, and everything that is kept sealed anew."""

from __future__ import annotations

import typer

from bot.settings import SettingsInvalid, load
from bot.storage.crypto import Keys
from bot.storage.engine import create_engine
from bot.storage.rotation import seal_anew

NO_OLD_SECRET = (
    "Set a new RAHNUMA_SECRET_KEY, and the one used until now in RAHNUMA_OLD_SECRET_KEYS, a JSON list."  # noqa: S105
)
app = typer.Typer(help="The secret that encrypts what is kept of people.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """The secret that encrypts what is kept of people."""


@app.command()
def rotate() -> None:
    """Encrypt everything under a new secret. Stop the bot first.

    With a secret file a new secret is made. With RAHNUMA_SECRET_KEY set the new one there, the one before in
    RAHNUMA_OLD_SECRET_KEYS, and then run this.
    """
    try:
        settings = load()
    except SettingsInvalid as error:
        typer.echo(f"Settings: {error}", err=True)
        raise typer.Exit(2) from None
    if not settings.secret_key:
        settings.rotate_secret_file()
    elif not settings.old_secret_keys:
        typer.echo(NO_OLD_SECRET, err=True)
        raise typer.Exit(1)
    keys = Keys(settings.master_secrets())
    records, news = (create_engine(settings.database.beside(name)) for name in ("records", "news"))
    done, lost = seal_anew(records, news, keys)
    typer.echo(
        f"{done} records are encrypted under the new secret; {lost} could not be opened and stay as they are."
    )
    typer.echo("Keep the older secrets too: chats are found by a hash that comes from the oldest one.")
