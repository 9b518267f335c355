"""A stand-in on a free port, a person who has pressed Start, and a plain HTTP client for the Bot API."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from bot.sandbox import PERSON_ID, Limits, Phone, Sandbox, running


@dataclass(slots=True)
class StoppedClock:
    """A clock that a test moves by hand."""

    seconds: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass(frozen=True, slots=True)
class Api:
    """The Bot API as any HTTP client sees it."""

    client: httpx.AsyncClient
    root: str

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The whole answer, accepted or refused."""
        answer = await self.client.post(f"{self.root}/{method}", json=params)
        told: dict[str, Any] = answer.json()
        assert answer.status_code == (200 if told["ok"] else told["error_code"])
        return told

    async def call(self, method: str, **params: Any) -> Any:
        """The result of a call that must be accepted."""
        told = await self.ask(method, **params)
        assert told["ok"], told
        return told["result"]

    async def refusal(self, method: str, **params: Any) -> tuple[int, str]:
        """Code and description of a call that must be refused."""
        told = await self.ask(method, **params)
        assert not told["ok"], told
        return told["error_code"], told["description"]


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def sandbox(clock: StoppedClock) -> Sandbox:
    return Sandbox(limits=Limits.without_flood(), clock=clock)


@pytest.fixture
async def address(sandbox: Sandbox) -> AsyncIterator[str]:
    async with running(sandbox) as address:
        yield address


@pytest.fixture
async def api(sandbox: Sandbox, address: str) -> AsyncIterator[Api]:
    async with httpx.AsyncClient(timeout=20) as client:
        yield Api(client, f"{address}/bot{sandbox.bot.token}")


@pytest.fixture
def person(sandbox: Sandbox) -> Phone:
    phone = Phone(sandbox, PERSON_ID)
    phone.start()
    return phone
