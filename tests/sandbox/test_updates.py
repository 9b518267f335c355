"""getUpdates and webhooks: nothing is lost, nothing comes out of order, nothing goes two ways."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from bot.sandbox import HELPER_ID, PERSON_ID, Limits, Phone, Sandbox

from .conftest import Api, StoppedClock


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_an_update_comes_again_until_a_higher_offset_confirms_it(api: Api, person: Phone) -> None:
    person.send("eins")
    person.send("zwei")
    first = await api.call("getUpdates")
    assert texts(first) == ["/start", "eins", "zwei"]
    assert await api.call("getUpdates") == first
    assert await api.call("getUpdates", offset=first[1]["update_id"]) == first[1:]
    assert await api.call("getUpdates", offset=first[0]["update_id"]) == first[1:]
    assert await api.call("getUpdates", offset=first[-1]["update_id"] + 1) == []
    assert await api.call("getUpdates") == []


async def test_limit_and_negative_offset(api: Api, person: Phone) -> None:
    for number in range(120):
        person.send(str(number))
    assert len(await api.call("getUpdates")) == 100
    assert texts(await api.call("getUpdates", limit=2)) == ["/start", "0"]
    assert texts(await api.call("getUpdates", offset=-2)) == ["118", "119"]
    assert texts(await api.call("getUpdates")) == ["118", "119"]


async def test_updates_are_kept_for_a_day(api: Api, person: Phone, clock: StoppedClock) -> None:
    clock.seconds += 24 * 3600 + 1
    person.send("neu")
    assert texts(await api.call("getUpdates")) == ["neu"]


async def test_a_long_poll_ends_with_the_first_update(api: Api, person: Phone) -> None:
    last = (await api.call("getUpdates"))[-1]["update_id"]
    poll = asyncio.create_task(api.call("getUpdates", offset=last + 1, timeout=20))
    await api.call("getMe")
    person.send("jetzt")
    assert texts(await poll) == ["jetzt"]


async def test_allowed_updates_hold_until_they_change(api: Api, person: Phone) -> None:
    await api.call("getUpdates", offset=-1, allowed_updates=["callback_query"])
    person.send("unerwünscht")
    await api.call("getUpdates", allowed_updates=[])
    person.send("erwünscht")
    assert texts(await api.call("getUpdates"))[-1] == "erwünscht"
    assert "unerwünscht" not in texts(await api.call("getUpdates"))


async def test_a_second_poller_sends_the_first_away(api: Api, sandbox: Sandbox) -> None:
    first = asyncio.create_task(api.ask("getUpdates", timeout=20))
    while not sandbox.updates.has_poller:
        await api.call("getMe")
    second = asyncio.create_task(api.call("getUpdates", timeout=20))
    told = await first
    assert (told["error_code"], told["description"]) == (
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )
    Phone(sandbox, PERSON_ID).start()
    assert texts(await second) == ["/start"]


@dataclass(slots=True)
class Hook:
    """A bot's end of a webhook: what came, and how it answers."""

    answer: Callable[[dict[str, Any]], Awaitable[int]]
    came: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Any] = field(default_factory=list)
    change: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.headers.append(request.headers)
        async with self.change:
            self.came.append(update)
            self.change.notify_all()
        return web.Response(status=await self.answer(update))

    async def wait_for(self, count: int) -> list[str]:
        """The texts that came, as soon as there are `count`."""
        async with asyncio.timeout(10), self.change:
            await self.change.wait_for(lambda: len(self.came) >= count)
        return texts(self.came)


@asynccontextmanager
async def webhook(answer: Callable[[dict[str, Any]], Awaitable[int]]) -> AsyncIterator[tuple[Hook, str]]:
    hook = Hook(answer)
    application = web.Application()
    application.router.add_post("/hook", hook.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield hook, f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


async def accept(update: dict[str, Any]) -> int:
    return 200


@pytest.fixture
def sandbox(clock: StoppedClock) -> Sandbox:
    """Retries at once: these tests are about order, not about patience."""
    return Sandbox(limits=Limits(None, None, group_per_minute=None, webhook_retry_seconds=0.001), clock=clock)


async def test_a_webhook_gets_pending_and_new_updates_with_its_secret(api: Api, person: Phone) -> None:
    async with webhook(accept) as (hook, url):
        await api.call("setWebhook", url=url, secret_token="Geheim_1-2")
        person.send("neu")
        assert await hook.wait_for(2) == ["/start", "neu"]
        assert hook.headers[0]["X-Telegram-Bot-Api-Secret-Token"] == "Geheim_1-2"
        assert hook.headers[0]["Content-Type"] == "application/json"
        assert (await api.refusal("getUpdates"))[0] == 409
        await api.call("deleteWebhook")
        person.send("wieder per getUpdates")
        assert texts(await api.call("getUpdates"))[-1] == "wieder per getUpdates"


async def test_a_chat_waits_for_the_answer_and_others_do_not(
    api: Api, sandbox: Sandbox, person: Phone
) -> None:
    go_on = asyncio.Event()

    async def slow_for_the_person(update: dict[str, Any]) -> int:
        if update["message"]["chat"]["id"] == PERSON_ID:
            await go_on.wait()
        return 200

    async with webhook(slow_for_the_person) as (hook, url):
        await api.call("setWebhook", url=url)
        person.send("danach")
        helper = Phone(sandbox, HELPER_ID)
        for number in range(3):
            helper.send(str(number))
        assert sorted(await hook.wait_for(4)) == ["/start", "0", "1", "2"]
        assert (await api.call("getWebhookInfo"))["pending_update_count"] >= 2
        go_on.set()
        assert (await hook.wait_for(5))[-1] == "danach"


async def test_a_refused_update_comes_again_before_the_next_of_its_chat(api: Api, person: Phone) -> None:
    failures = 2

    async def fail_twice(update: dict[str, Any]) -> int:
        nonlocal failures
        failures -= 1
        return 500 if failures >= 0 else 200

    async with webhook(fail_twice) as (hook, url):
        person.send("zweites")
        await api.call("setWebhook", url=url)
        assert await hook.wait_for(4) == ["/start", "/start", "/start", "zweites"]
        info = await api.call("getWebhookInfo")
        assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"


async def test_what_a_webhook_did_not_take_is_still_there(api: Api, person: Phone) -> None:
    async def refuse(update: dict[str, Any]) -> int:
        return 503

    async with webhook(refuse) as (hook, url):
        await api.call("setWebhook", url=url)
        await hook.wait_for(1)
        await api.call("deleteWebhook")
    assert texts(await api.call("getUpdates")) == ["/start"]
    await api.call("deleteWebhook", drop_pending_updates=True)
    assert await api.call("getUpdates") == []


async def test_max_connections(api: Api, sandbox: Sandbox) -> None:
    open_now, most, go_on = 0, 0, asyncio.Event()

    async def count(update: dict[str, Any]) -> int:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await go_on.wait()
        open_now -= 1
        return 200

    async with webhook(count) as (hook, url):
        await api.call("setWebhook", url=url, max_connections=2)
        for number in range(6):
            sandbox.add_person(1000 + number, "Jemand")
            Phone(sandbox, 1000 + number).start()
        await hook.wait_for(2)
        for _ in range(20):
            await api.call("getMe")
        assert most == 2
        go_on.set()
        await hook.wait_for(6)
