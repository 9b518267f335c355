"""One contract for every store of conversations: SQLite, PostgreSQL, Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.conversation.state import State
from bot.languages.render import Button, Rendered
from bot.outside import Conversations, Record, StoreUnavailable
from bot.storage.crypto import Keys, Sealed
from bot.storage.engine import create_engine
from bot.storage.records import SqlRecords
from bot.storage.redis import RedisConversations

SECRET = b"a secret of at least thirty-two bytes"
CHAT = 123456789
DAY = 24 * 3600


@dataclass
class Clock:
    """Seconds since 1970, moved on by hand."""

    now: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Stores:
    """A store under test, and the SQL records that lie beneath it."""

    conversations: Conversations
    records: SqlRecords
    clock: Clock
    redis: Any = None


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    clock = Clock()
    keys = Keys((SECRET,))
    url = f"sqlite:///{tmp_path}/records.db"
    if request.param == "postgresql":
        url = f"{request.getfixturevalue('postgres_url')}"
        separator = "&" if "?" in url else "?"
        url = f"{url}{separator}options=-csearch_path%3Drecords"
    records = SqlRecords(create_engine(url), keys, clock=clock)
    records.prepare()
    if request.param != "redis":
        yield Stores(records, records, clock)
        if request.param == "postgresql":
            with records._engine.begin() as connection:
                connection.execute(text("DROP SCHEMA records CASCADE"))
        await records.close()
        return
    from redis.asyncio import Redis

    redis = Redis.from_url(request.getfixturevalue("redis_url"))
    await redis.flushdb()
    yield Stores(RedisConversations(redis, keys, records), records, clock, redis)
    await redis.aclose()
    await records.close()


def a_record() -> Record:
    state = State("prs", slots={"need": ["sleep"], "gender": "female"}, asked=("need",), screen=3)
    message = Rendered(
        "<b>سلام</b>", ((Button("بله", code="1.0.go."), Button("Map", url="https://example.org")),)
    )
    return Record(CHAT, 17, state, (message,))


async def test_what_was_saved_is_loaded(stores: Stores) -> None:
    assert await stores.conversations.load(CHAT) is None
    await stores.conversations.save(a_record())
    assert await stores.conversations.load(CHAT) == a_record()
    assert await stores.conversations.load(CHAT + 1) is None


async def test_what_was_delivered_is_no_longer_in_the_outbox(stores: Stores) -> None:
    await stores.conversations.save(a_record())
    sent = ((5, 1_790_000_000), (6, 1_790_000_001))
    await stores.conversations.delivered(CHAT, sent)
    assert await stores.conversations.load(CHAT) == replace(a_record(), outbox=(), sent=sent)
    await stores.conversations.save(a_record())
    assert await stores.conversations.load(CHAT) == replace(a_record(), sent=sent)


async def test_what_was_said_unasked_is_noted_beside_what_is_still_to_be_sent(stores: Stores) -> None:
    await stores.conversations.save(a_record())
    await stores.conversations.note_sent(CHAT, 5, 1_790_000_000)
    await stores.conversations.note_sent(CHAT, 6, 1_790_000_001)
    sent = ((5, 1_790_000_000), (6, 1_790_000_001))
    assert await stores.conversations.load(CHAT) == replace(a_record(), sent=sent)


async def test_without_a_conversation_nothing_is_noted(stores: Stores) -> None:
    await stores.conversations.note_sent(CHAT, 5, 1_790_000_000)
    await stores.conversations.save(a_record())
    assert await stores.conversations.load(CHAT) == a_record()


async def test_messages_can_be_cleared_a_day_longer_than_answers_are_kept(stores: Stores) -> None:
    """Telegram lets a bot delete what is younger than 48 hours; "clear this chat" says so."""
    sent = ((5, 1_790_000_000),)
    await stores.conversations.save(a_record())
    await stores.conversations.delivered(CHAT, sent)
    if stores.redis is not None:
        async for key in stores.redis.scan_iter("rahnuma:chat:*:answers"):
            await stores.redis.delete(key)
    stores.clock.now += DAY
    await stores.records.sweep()
    assert await stores.conversations.load(CHAT) == Record(CHAT, sent=sent)
    await stores.conversations.note_sent(CHAT, 6, 1_790_000_000 + DAY)
    await stores.conversations.note_sent(CHAT, 7, 1_790_000_000 + 2 * DAY)
    later = ((6, 1_790_000_000 + DAY), (7, 1_790_000_000 + 2 * DAY))
    assert await stores.conversations.load(CHAT) == Record(CHAT, sent=later)
    if stores.redis is None:
        stores.clock.now += DAY
        assert await stores.conversations.load(CHAT) is None


async def test_a_later_save_replaces_the_earlier(stores: Stores) -> None:
    await stores.conversations.save(a_record())
    later = replace(a_record(), last_update=18, outbox=())
    await stores.conversations.save(later)
    assert await stores.conversations.load(CHAT) == later


async def test_what_a_crash_left_unsent_is_found(stores: Stores) -> None:
    await stores.conversations.save(a_record())
    await stores.conversations.save(replace(a_record(), chat_id=CHAT + 1, outbox=()))
    assert [record.chat_id for record in await stores.conversations.unsent()] == [CHAT]
    await stores.conversations.delivered(CHAT, ())
    assert list(await stores.conversations.unsent()) == []


async def test_answers_expire_a_day_after_the_last_message(stores: Stores) -> None:
    await stores.conversations.save(a_record())
    if stores.redis is not None:
        lifetimes = [
            await stores.redis.ttl(key) async for key in stores.redis.scan_iter("rahnuma:chat:*:answers")
        ]
        assert lifetimes
        assert all(DAY - 5 <= left <= DAY for left in lifetimes)
        return
    stores.clock.now += DAY - 1
    assert await stores.conversations.load(CHAT) is not None
    stores.clock.now += 1
    assert await stores.conversations.load(CHAT) is None
    await stores.records.sweep()
    assert await stores.conversations.load(CHAT) is None


async def test_a_language_is_remembered_beyond_the_conversation(stores: Stores) -> None:
    await stores.conversations.remember_language(CHAT, "kmr", date(2026, 11, 24))
    stores.clock.now += 90 * DAY
    await stores.records.sweep()
    record = await stores.conversations.load(CHAT)
    assert record is not None
    assert (record.remembered_language, record.state) == ("kmr", None)


async def test_erasing_leaves_nothing(stores: Stores) -> None:
    await stores.conversations.save(a_record())
    await stores.conversations.remember_language(CHAT, "kmr", date(2026, 11, 24))
    await stores.conversations.erase(CHAT)
    assert await stores.conversations.load(CHAT) is None
    assert list(await stores.conversations.unsent()) == []
    if stores.redis is not None:
        assert [key async for key in stores.redis.scan_iter("rahnuma:chat:*")] == []


async def test_the_lock_of_a_chat_is_held_by_one(stores: Stores) -> None:
    async with stores.conversations.lock(CHAT):
        if stores.redis is not None:
            assert [key async for key in stores.redis.scan_iter("rahnuma:lock:*")]
    if stores.redis is not None:
        assert [key async for key in stores.redis.scan_iter("rahnuma:lock:*")] == []


async def test_counters_add_up(stores: Stores) -> None:
    cell = {
        "need": "sleep",
        "language": "prs",
        "age_band": None,
        "gender": "female",
        "area": None,
        "found": True,
    }
    for _ in range(3):
        await stores.records.count(cell, date(2026, 11, 1))
    await stores.records.report("sleep-demo", "wrong_number", date(2026, 11, 24))
    with stores.records._engine.connect() as connection:
        assert connection.execute(text("SELECT count FROM statistic")).scalars().all() == [3]
        assert connection.execute(text("SELECT count FROM wrong_report")).scalars().all() == [1]


async def test_answers_of_plans_add_up_by_month_and_language(stores: Stores) -> None:
    if stores.redis is not None:
        return  # counters lie in the SQL records beneath
    told = {"language": "prs", "answer": "nobody", "need": "sleep", "gender": "female"}
    for cell in (told, told | {"need": None}, told | {"answer": "reached"}, told | {"language": "ar"}):
        await stores.records.count_answer(cell, date(2026, 11, 1))
    await stores.records.count_answer(told, date(2026, 12, 1))
    assert await stores.records.answers() == [
        (date(2026, 12, 1), "prs", "nobody", 1),
        (date(2026, 11, 1), "ar", "nobody", 1),
        (date(2026, 11, 1), "prs", "nobody", 2),
        (date(2026, 11, 1), "prs", "reached", 1),
    ]


async def test_no_file_holds_an_answer_or_a_chat_in_clear(tmp_path: Path) -> None:
    records = SqlRecords(create_engine(f"sqlite:///{tmp_path}/records.db"), Keys((SECRET,)))
    records.prepare()
    await records.save(a_record())
    await records.remember_language(CHAT, "kmr", date(2026, 11, 24))
    await records.close()
    content = b"".join(map(Path.read_bytes, sorted(tmp_path.glob("*"))))  # noqa: ASYNC240 - a test may block
    for secret in (b"sleep", b"female", str(CHAT).encode(), "سلام".encode(), b"kmr"):
        assert secret not in content


async def test_a_database_that_does_not_answer_is_told_apart(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/records.db")
    records = SqlRecords(engine, Keys((SECRET,)))
    records.prepare()
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE conversation"))
    with pytest.raises(StoreUnavailable):
        await records.load(CHAT)
    await records.close()


def test_a_record_opens_only_in_its_own_place_and_with_a_known_key() -> None:
    keys, others = Keys((SECRET,)), Keys((b"another secret of thirty-two bytes!!",))
    sealed = keys.seal(b"plain", "conversation", b"row")
    assert keys.open(sealed, "conversation", b"row") == b"plain"
    for opener, table, row in (
        (keys, "conversation", b"other"),
        (keys, "sent", b"row"),
        (others, "conversation", b"row"),
    ):
        with pytest.raises(Sealed):
            opener.open(sealed, table, row)


def test_after_a_rotation_old_records_open_and_chats_are_still_found() -> None:
    old, new = b"an old secret of thirty-two bytes!!!", SECRET
    before, after = Keys((old,)), Keys((new, old))
    assert after.open(before.seal(b"plain", "t", b"r"), "t", b"r") == b"plain"
    assert before.hash(CHAT) == after.hash(CHAT)
