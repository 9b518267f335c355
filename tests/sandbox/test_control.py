"""A test or a benchmark steers the stand-in: faults, the clock, load."""

import asyncio

import httpx
import pytest

from bot.sandbox import PERSON_ID, FaultKind, Phone, Sandbox

from .conftest import Api


async def test_errors_and_floods_hit_the_next_requests_and_pass(
    api: Api, sandbox: Sandbox, person: Phone
) -> None:
    sandbox.faults.plan(FaultKind.ERROR, 2)
    sandbox.faults.plan(FaultKind.FLOOD, method="sendMessage", retry_after=7)
    for _ in range(2):
        assert await api.refusal("getMe") == (500, "Internal Server Error")
    await api.call("getMe")
    flooded = await api.ask("sendMessage", chat_id=PERSON_ID, text="x")
    assert (flooded["error_code"], flooded["parameters"]) == (429, {"retry_after": 7})
    await api.call("sendMessage", chat_id=PERSON_ID, text="x")


@pytest.mark.parametrize(("kind", "arrived"), [(FaultKind.DROP, 1), (FaultKind.LOSE, 2)])
async def test_a_connection_ends_before_or_after_the_work(
    api: Api, sandbox: Sandbox, person: Phone, kind: FaultKind, arrived: int
) -> None:
    sandbox.faults.plan(kind)
    with pytest.raises(httpx.RemoteProtocolError):
        await api.ask("sendMessage", chat_id=PERSON_ID, text="x")
    assert len(person.messages) == arrived
    await api.call("sendMessage", chat_id=PERSON_ID, text="x")


async def test_faults_and_the_clock_over_http(api: Api, address: str, sandbox: Sandbox) -> None:
    planned = await api.client.post(f"{address}/sandbox/faults", json={"kind": "error", "times": 3})
    assert planned.json() == {"planned": 3, "latency": 0.0}
    await api.refusal("getMe")
    await api.client.delete(f"{address}/sandbox/faults")
    await api.call("getMe")
    await api.client.post(f"{address}/sandbox/faults", json={"latency": 0.05})
    began = asyncio.get_running_loop().time()
    await api.call("getMe")
    assert asyncio.get_running_loop().time() - began >= 0.05
    before = sandbox.now()
    await api.client.post(f"{address}/sandbox/clock", json={"advance": 3600})
    assert sandbox.now() == before + 3600


async def test_a_phone_acts_over_http(api: Api, address: str) -> None:
    phone = f"{address}/sandbox/phones/{PERSON_ID}"
    await api.client.post(f"{phone}/start", json={"parameter": "n-sleep"})
    assert (await api.call("getUpdates"))[0]["message"]["text"] == "/start n-sleep"
    await api.client.post(f"{phone}/block")
    assert (await api.refusal("sendMessage", chat_id=PERSON_ID, text="x"))[0] == 403
    assert (await api.client.post(f"{phone}/send", json={"text": "x"})).status_code == 409
    assert (await api.client.post(f"{phone}/send", json={})).status_code == 400
    assert (await api.client.post(f"{phone}/fly", json={})).status_code == 409


async def test_load_over_http_tells_when_each_update_was_answered(api: Api, address: str) -> None:
    await api.client.post(f"{address}/sandbox/load", json={"chats": 3, "updates": 7, "text": "Nr. {n}"})
    updates = await api.call("getUpdates")
    assert [update["message"]["text"] for update in updates] == [f"Nr. {number}" for number in range(7)]
    for update in updates:
        message = update["message"]
        await api.call("sendMessage", chat_id=message["chat"]["id"], text=message["text"])
    report = (await api.client.get(f"{address}/sandbox/load", params={"wait": 5, "all": 1})).json()
    assert (report["updates"], report["answered"], report["messages"]) == (7, 7, 7)
    assert report["updates_per_second"] > 0
    assert [arrival[3] for arrival in report["arrivals"]] == [f"Nr. {number}" for number in range(7)]
    assert all(arrival[2] > 0 for arrival in report["arrivals"])
