"""A Bot API that does little and counts everything: slow, failing, forgetful as asked. For measurements and chaos.

    python -m tests.announcements.stand_in PORT [--latency S] [--blocked SHARE] [--faults SHARE] [--seed N]

The sandbox is the faithful one; this one takes 100,000 chats. /control tells what arrived and feeds updates.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections import Counter
from typing import Any

from aiohttp import web

SENDING = {"sendMessage", "sendPhoto"}
HALT_SECONDS = 1


class StandIn:
    """One bot's Telegram. `faults` is the share of calls that fail: a third each 429, 500, and a broken connection
    after the message has arrived; `blocked` the share of chats that blocked the bot."""

    def __init__(self, latency: float, blocked: float, faults: float, seed: int) -> None:
        self._latency, self._blocked, self._faults = latency, blocked, faults
        self._chance = random.Random(seed)
        self._seed = seed
        self.arrived: Counter[int] = Counter()
        self.times: list[tuple[float, int]] = []
        self.broken = 0
        self._updates: list[dict[str, Any]] = []
        self._fresh = asyncio.Event()

    def is_blocked(self, chat: int) -> bool:
        """The same chats every time."""
        return random.Random(self._seed * 1_000_003 + chat).random() < self._blocked

    async def call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        given = await request.post()
        if method == "getUpdates":
            return await self._get_updates(
                int(str(given.get("offset", 0))), float(str(given.get("timeout", 0)))
            )
        if method == "getMe":
            return _ok({"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"})
        if method not in SENDING and not method.startswith("edit"):
            return _ok(True)
        chat = int(str(given["chat_id"]))
        asked_at = time.monotonic()
        await asyncio.sleep(self._latency)
        fault = self._chance.random()
        if fault < self._faults / 3:
            return _refused(429, "Too Many Requests", {"retry_after": HALT_SECONDS})
        if fault < self._faults * 2 / 3:
            return _refused(500, "Internal Server Error")
        if self.is_blocked(chat):
            return _refused(403, "Forbidden: bot was blocked by the user")
        if method in SENDING:
            self.arrived[chat] += 1
            self.times.append((asked_at, chat))
        if fault < self._faults:
            self.broken += 1
            assert request.transport is not None
            request.transport.abort()
        return _ok({"message_id": self.arrived[chat], "date": 0, "chat": {"id": chat, "type": "private"}})

    async def _get_updates(self, offset: int, seconds: float) -> web.Response:
        self._updates = [update for update in self._updates if update["update_id"] >= offset]
        if not self._updates and seconds:
            self._fresh.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._fresh.wait()
            except TimeoutError:
                pass
        return _ok(self._updates)

    async def feed(self, request: web.Request) -> web.Response:
        """Updates for the bot, as JSON; the time they were there."""
        self._updates += await request.json()
        self._fresh.set()
        return web.json_response(time.monotonic())

    async def seen(self, request: web.Request) -> web.Response:
        """What arrived: messages by chat, and with ?times their moments."""
        answer: dict[str, Any] = {"broken": self.broken, "messages": sum(self.arrived.values())}
        if "chats" in request.query:
            answer["chats"] = {str(chat): count for chat, count in self.arrived.items()}
        if "times" in request.query:
            answer["times"] = self.times
        return web.json_response(answer)


def _ok(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _refused(code: int, description: str, parameters: dict[str, Any] | None = None) -> web.Response:
    answer: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return web.json_response(answer | ({"parameters": parameters} if parameters else {}), status=code)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    for name in ("latency", "blocked", "faults"):
        parser.add_argument(f"--{name}", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    here = StandIn(given.latency, given.blocked, given.faults, given.seed)
    app = web.Application()
    app.router.add_route("*", "/bot{token}/{method}", here.call)
    app.router.add_post("/control/updates", here.feed)
    app.router.add_get("/control/seen", here.seen)
    web.run_app(app, host="127.0.0.1", port=given.port, print=lambda *_: None, access_log=None)


if __name__ == "__main__":
    main()
