"""A town with a coordinator who came by an invitation, and subscribers in several languages."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import time
from typing import Any

from bot.announcements.model import Role
from bot.sandbox import COORDINATOR_ID, PERSON_ID
from bot.staff.members import INVITE_PREFIX
from bot.storage.crypto import Keys
from bot.storage.engine import create_engine
from bot.storage.members import SqlMembers
from tests.telegram.town import ROOT, Town

TOPIC_BITS = "1"
"""The first topic of the menu, as a button's code has it."""


async def invited(here: Town, role: str) -> str:
    """The start parameter of a fresh invitation from the command line."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "bot", "invite", role],
        cwd=ROOT,
        env=os.environ | here.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.fullmatch(r"https://t\.me/rahnuma_demo_bot\?start=([\w-]{1,64})", done.stdout.strip())
    assert found, done.stdout
    return found[1]


async def joined(here: Town, role: Role = Role.COORDINATOR, person: int = COORDINATOR_ID) -> None:
    """This person becomes a member, by an invitation as the command line makes it."""
    before = len(here.said(person))
    async with members_of(here) as members:
        token = await members.invite(role)
    here.phone(person).start(f"{INVITE_PREFIX}{token}")
    await here.answers(before + 1, person)


@asynccontextmanager
async def members_of(here: Town, clock: Callable[[], float] = time) -> AsyncIterator[SqlMembers]:
    """The town's members, as another process sees them."""
    engine = create_engine(here.settings.database.beside("news"), durable=True)
    members = SqlMembers(engine, Keys(here.settings.master_secrets()), clock=clock)
    await members.refresh()
    try:
        yield members
    finally:
        await members.close()
        engine.dispose()


def audited(here: Town) -> list[tuple[str, str, str]]:
    """Role, what and detail of all that is in the audit log."""
    with sqlite3.connect(here.folder / "town-news.db") as database:
        return list(database.execute("SELECT role, what, detail FROM audit ORDER BY id"))


async def subscribed(here: Town, language: str, person: int = PERSON_ID) -> None:
    """This person gets news about the first topic, of the whole city."""
    if person not in here.sandbox.people:
        here.sandbox.add_person(person, "Somebody", None)
    here.phone(person).start(f"l-{language}")
    await here.answers(1, person)
    await pressed(here, f"1.0.n.k{TOPIC_BITS}-0", person)


async def pressed(here: Town, data: str, person: int = COORDINATOR_ID) -> list[str]:
    """Taps with this data below the newest message of the bot, and waits for the answer."""
    newest = [m for m in here.phone(person).messages if m["from"]["is_bot"]][-1]
    before = here.said(person)
    here.phone(person).tap(newest["message_id"], data)
    await here.until(lambda: here.said(person) != before)
    return here.said(person)


async def wrote(here: Town, text: str, person: int = COORDINATOR_ID) -> str:
    """Sends a text and waits for the answer."""
    before = len(here.said(person))
    here.phone(person).send(text)
    return (await here.answers(before + 1, person))[-1]


async def tapped(here: Town, label: str, person: int = COORDINATOR_ID) -> str:
    """Taps the newest button whose label ends so and waits until anything the bot wrote is different."""
    await here.until(lambda: button(here, label, person))
    before = snapshot(here, person)
    message, data = button(here, label, person) or (0, "")
    here.phone(person).tap(message, data)
    await here.until(lambda: snapshot(here, person) != before)
    return here.said(person)[-1]


def button(here: Town, label: str, person: int) -> tuple[int, str] | None:
    """Message and data of the newest button whose label ends so."""
    for message in reversed(here.phone(person).messages):
        for row in message.get("reply_markup", {}).get("inline_keyboard", []):
            for each in row:
                if each["text"].endswith(label) and "callback_data" in each:
                    return message["message_id"], each["callback_data"]
    return None


def snapshot(here: Town, person: int) -> list[Any]:
    """All that the bot shows to this person."""
    return [
        (m["message_id"], m.get("text"), m.get("caption"), str(m.get("reply_markup")))
        for m in here.phone(person).messages
        if m["from"]["is_bot"]
    ]
