"""A whole bot beside a whole stand-in for Telegram, in one process or in two, and people with phones."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.app import Stores, assembled
from bot.sandbox import DEFAULT_TOKEN, PERSON_ID, Limits, Phone, Sandbox, running
from bot.settings import Database, Operator, Settings, Telegram
from bot.telegram.application import TelegramSide
from bot.telegram.polling import Polling

ROOT = Path(__file__).parent.parent.parent
SECRET = "a secret only for these tests, long enough"
OPERATOR = {
    "name": "Demo-Netzwerk",
    "contact": "hallo@example.org",
    "privacy_url": "https://example.org/datenschutz",
}
PATIENCE = 20.0


@dataclass
class Town:
    """The stand-in, its address, and where the bot keeps its databases."""

    sandbox: Sandbox
    url: str
    folder: Path
    side: TelegramSide | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def phone(self, person: int = PERSON_ID) -> Phone:
        return Phone(self.sandbox, person)

    def said(self, person: int = PERSON_ID) -> list[str]:
        """What the bot wrote to this person, oldest first."""
        messages = self.phone(person).messages
        return [str(m.get("text", "")) for m in messages if m["from"]["is_bot"]]

    def labels(self, person: int = PERSON_ID) -> list[str]:
        """The labels of all buttons shown to this person, newest message last."""
        markups = [m.get("reply_markup", {}).get("inline_keyboard", []) for m in self.phone(person).messages]
        return [button["text"] for rows in markups for row in rows for button in row]

    async def until(self, told: Callable[[], Any]) -> None:
        """Waits until this is so; what changes in the chats wakes it."""
        async with asyncio.timeout(PATIENCE):
            while not told():
                self.changed.clear()
                await asyncio.wait([asyncio.ensure_future(self.changed.wait())], timeout=0.2)

    async def answers(self, count: int, person: int = PERSON_ID) -> list[str]:
        """Waits until the bot wrote so many messages to this person."""
        await self.until(lambda: len(self.said(person)) >= count)
        return self.said(person)

    async def tap(self, label: str, person: int = PERSON_ID) -> None:
        """Taps the newest button that ends with this label, once it is there, and waits for the answer."""
        await self.until(lambda: any(text.endswith(label) for text in self.labels(person)))
        before = len(self.said(person))
        full = next(text for text in reversed(self.labels(person)) if text.endswith(label))
        self.phone(person).press(full)
        await self.answers(before + 1, person)

    async def quiet(self) -> None:
        """Waits until every update was fetched and confirmed."""
        await self.until(lambda: len(self.sandbox.updates) == 0)

    @property
    def settings(self) -> Settings:
        return Settings(
            telegram=Telegram(token=DEFAULT_TOKEN, api_url=self.url),
            database=Database(url=f"sqlite:///{self.folder}/town.db"),
            secret_key=SECRET,
            operator=Operator(**OPERATOR),
        )

    @property
    def environment(self) -> dict[str, str]:
        return {
            "RAHNUMA_TELEGRAM__TOKEN": DEFAULT_TOKEN,
            "RAHNUMA_TELEGRAM__API_URL": self.url,
            "RAHNUMA_DATABASE__URL": f"sqlite:///{self.folder}/town.db",
            "RAHNUMA_SECRET_KEY": SECRET,
            "RAHNUMA_PORT": "0",
            **{f"RAHNUMA_OPERATOR__{key.upper()}": value for key, value in OPERATOR.items()},
        }

    @contextmanager
    def bot_process(self, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
        """The bot in a process of its own, as an operator runs it; killed at the end if it still lives."""
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=ROOT,
            env=os.environ | self.environment | settings,
            stderr=subprocess.PIPE,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


async def close(stores: Stores) -> None:
    """Closes what was opened beside the bot, as by another process."""
    for store in (stores.plans, stores.members, stores.news, stores.records):
        await store.close()


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    """A stand-in without flood limits, and no bot yet."""
    sandbox = Sandbox(limits=Limits.without_flood())
    async with running(sandbox) as url:
        here = Town(sandbox, url, folder)
        sandbox.observers.add(lambda *_: here.changed.set())
        yield here


@asynccontextmanager
async def town_with_bot(folder: Path) -> AsyncIterator[Town]:
    """A stand-in and the whole bot, polling it over HTTP."""
    async with town(folder) as here, assembled(here.settings, DEFAULT_TOKEN, here.url) as side:
        here.side = side
        task = asyncio.create_task(Polling(side.bot, side.work).run())
        try:
            yield here
        finally:
            task.cancel()
            await asyncio.wait([task])
