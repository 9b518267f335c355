"""The webhook: only with the secret, and answered only after the work is safe."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.telegram.town import Town, town

SECRET = "a_secret_of_the_webhook"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        yield place


def hook() -> tuple[str, dict[str, str]]:
    """An address on this machine, and the settings that make the bot listen there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/telegram"
    return url, {
        "RAHNUMA_TELEGRAM__WEBHOOK__URL": url,
        "RAHNUMA_TELEGRAM__WEBHOOK__LISTEN": f"127.0.0.1:{port}",
        "RAHNUMA_TELEGRAM__WEBHOOK__SECRET": SECRET,
    }


async def posted(url: str, body: bytes, secret: str | None = SECRET) -> int:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        return answer.status


async def test_a_conversation_by_webhook(here: Town) -> None:
    url, settings = hook()
    with here.bot_process(**settings):
        here.phone().start("l-de_n-sleep")
        await here.answers(1)
        await here.tap("Ja, weiter")
        assert await posted(url, b"{}", secret=None) == 403
        assert await posted(url, b"{}", secret="a_wrong_secret_of_somebody") == 403
        assert await posted(url, b"no update") == 400
        here.phone().send("/help")
        await here.until(lambda: "/sos" in here.said()[-1])


async def test_what_was_not_answered_when_it_crashed_comes_again(here: Town) -> None:
    _, settings = hook()
    with here.bot_process(**settings):
        here.phone().start("l-de_n-sleep")
        await here.answers(1)
    here.phone().send("/privacy")
    with here.bot_process(**settings):
        await here.until(lambda: "hallo@example.org" in here.said()[-1])
