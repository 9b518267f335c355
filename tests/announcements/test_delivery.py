"""Nobody is left out and nobody gets it twice, whatever breaks: one suite for SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from redis.asyncio import Redis
from sqlalchemy import Connection, text

from bot.announcements import delivery
from bot.announcements.delivery import Blocked, Courier, Delivery, Halted, LocalBudget, Refused, Unsure
from bot.announcements.model import Announcement, Audience, Content, Outcome, Stage
from bot.conversation.vocabulary import Subscription
from bot.storage.crypto import Keys
from bot.storage.engine import create_engine
from bot.storage.news import SqlNews
from bot.storage.redis import RedisBudget
from bot.storage.transactions import DatabaseGone, Transactions

SECRET = b"a secret only for these tests, long enough"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
EVERYBODY = Audience()
TEXTS = {"de": "Die Gruppe beginnt am Montag.", "ar": "تبدأ المجموعة يوم الاثنين."}


def subscription(language: str = "de", **changed: frozenset[str]) -> Subscription:
    given: dict[str, frozenset[str]] = {"topics": frozenset({"groups"}), "areas": frozenset()} | changed
    return Subscription(
        language, given["topics"], given["areas"], 1, date(2026, 11, 1), NOON.date() + timedelta(days=300)
    )


def files_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


@dataclass
class Town:
    """A store, and the people whose phones ring."""

    news: SqlNews
    arrived: Counter[int] = field(default_factory=Counter)
    changed: list[int] = field(default_factory=list)
    now: datetime = NOON

    async def people(self, *languages: str) -> None:
        for chat_id, language in enumerate(languages, start=1):
            await self.news.subscribe(chat_id, subscription(language))

    async def released(self, audience: Audience = EVERYBODY, **changed: object) -> Announcement:
        given: dict[str, object] = {"expires_at": self.now + timedelta(days=3)}
        announcement = Announcement("a1", Content(TEXTS), audience, **(given | changed))  # type: ignore[arg-type]
        await self.news.keep(announcement)
        assert await self.news.release("a1") is not None
        return announcement

    async def sent(self, courier: Courier, **options: int) -> None:
        """Runs a sender until nothing is left to do."""
        sender = Delivery(
            self.news,
            courier,
            LocalBudget(10_000),
            lambda: self.now,
            **options,
        )
        task = asyncio.create_task(sender.run())
        async with asyncio.timeout(20):
            while await self.open():
                sender.wake()
                await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def open(self) -> bool:
        announcement = await self.news.announcement("a1")
        assert announcement is not None
        return announcement.stage is Stage.SENDING


Deliver = Callable[[int], Awaitable[None]]


class Phones:
    """Messages arrive, unless `before` raises; `after` may break the connection once they have."""

    def __init__(self, town: Town, before: Deliver | None = None, after: Deliver | None = None) -> None:
        self._town, self._before, self._after = town, before, after

    async def deliver(self, announcement: Announcement, language: str, chat_id: int) -> int:
        if self._before:
            await self._before(chat_id)
        self._town.arrived[chat_id] += 1
        if self._after:
            await self._after(chat_id)
        return 1000 + chat_id

    async def end(self, announcement: Announcement, language: str, chat_id: int, message_id: int) -> None:
        assert message_id == 1000 + chat_id
        self._town.changed.append(chat_id)


@pytest.fixture(params=["sqlite", "postgresql"])
async def town(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    url = f"sqlite:///{tmp_path}/news.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
        url = f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3Dnews"
    engine = create_engine(url, durable=True)
    here = Town(SqlNews(engine, Keys((SECRET,)), clock=lambda: here.now.timestamp()))
    here.news.prepare()
    yield here
    if request.param == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA news CASCADE"))
    await here.news.close()


async def test_everybody_meant_gets_it_once(town: Town) -> None:
    await town.people("de", "ar", "so")
    await town.released()
    await town.sent(Phones(town))
    assert town.arrived == {1: 1, 2: 1, 3: 1}
    progress = await town.news.progress("a1")
    assert progress.recipients == {"de": 1, "ar": 1, "so": 1}
    assert (progress.total, progress.done, progress.count(Outcome.DELIVERED)) == (3, 3, 3)


async def test_only_those_who_asked_for_it(town: Town) -> None:
    await town.people("de", "ar")
    await town.news.subscribe(3, subscription("ar", topics=frozenset({"women"})))
    await town.news.subscribe(4, subscription("ar", areas=frozenset({"north"})))
    await town.released(Audience(frozenset({"groups"}), frozenset({"south"}), frozenset({"ar"})))
    await town.sent(Phones(town))
    assert town.arrived == {2: 1}


async def test_who_left_after_the_release_gets_nothing(town: Town) -> None:
    await town.people("de", "de")
    await town.released()
    await town.news.unsubscribe(1)
    await town.sent(Phones(town))
    assert town.arrived == {2: 1}
    assert (await town.news.progress("a1")).count(Outcome.LEFT) == 1


async def test_a_release_pressed_twice_counts_once(town: Town) -> None:
    await town.people("de")
    await town.released()
    assert await town.news.release("a1") is None
    assert (await town.news.progress("a1")).total == 1


async def test_who_blocked_the_bot_is_unsubscribed(town: Town) -> None:
    async def blocked(chat_id: int) -> None:
        if chat_id == 1:
            raise Blocked

    await town.people("de", "de")
    await town.released()
    await town.sent(Phones(town, before=blocked))
    assert await town.news.of(1) is None
    assert (await town.news.progress("a1")).count(Outcome.BLOCKED) == 1


async def test_what_telegram_refuses_is_reported_and_the_others_get_theirs(town: Town) -> None:
    async def refused(chat_id: int) -> None:
        if chat_id == 1:
            raise Refused("message is too long")

    await town.people("de", "de")
    await town.released()
    await town.sent(Phones(town, before=refused))
    assert town.arrived == {2: 1}
    assert (await town.news.progress("a1")).count(Outcome.FAILED) == 1


async def test_a_halt_loses_nothing(town: Town) -> None:
    halts = iter([0.05])

    async def halted(_: int) -> None:
        if seconds := next(halts, 0):
            raise Halted(seconds)

    await town.people("de", "de", "de")
    await town.released()
    await town.sent(Phones(town, before=halted))
    assert town.arrived == {1: 1, 2: 1, 3: 1}


async def test_a_broken_connection_is_tried_again_and_counted_as_uncertain(town: Town) -> None:
    breaks = iter([True])

    async def broken(_: int) -> None:
        if next(breaks, False):
            raise Unsure

    await town.people("de", "de")
    await town.released()
    await town.sent(Phones(town, after=broken))
    assert sorted(town.arrived.values()) == [1, 2]
    progress = await town.news.progress("a1")
    assert (progress.count(Outcome.DELIVERED), progress.count(Outcome.UNCERTAIN)) == (2, 1)


async def test_what_a_dead_sender_had_in_flight_is_sent_again_and_counted(town: Town) -> None:
    gone = asyncio.Event()

    async def dies(_: int) -> None:
        gone.set()
        await asyncio.Event().wait()

    await town.people(*["de"] * 5)
    await town.released()
    first = Delivery(town.news, Phones(town, after=dies), LocalBudget(10_000), lambda: town.now, in_flight=2)
    dead = asyncio.create_task(first._step())  # as far as a process comes that is killed while sending
    async with asyncio.timeout(5):
        await gone.wait()
        await dead
    for task in first._going:
        task.cancel()
    await town.news.take_over_all()
    await town.sent(Phones(town))
    assert set(town.arrived) == {1, 2, 3, 4, 5}
    doubles = sum(count - 1 for count in town.arrived.values())
    assert 1 <= doubles <= 2
    assert (await town.news.progress("a1")).count(Outcome.UNCERTAIN) == 2


async def test_after_its_time_messages_are_changed_to_over_and_the_outbox_is_erased(town: Town) -> None:
    await town.people("de", "ar")
    await town.released()
    await town.sent(Phones(town))
    town.now += timedelta(days=4)
    await town.news.due(town.now)
    sender = Delivery(town.news, Phones(town), LocalBudget(10_000), lambda: town.now)
    await sender._step()
    await asyncio.wait(sender._going)
    await sender._step()
    assert sorted(town.changed) == [1, 2]
    town.now += timedelta(days=3)
    await town.news.due(town.now)
    with town.news._engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM recipient")).scalar() == 0
    assert (await town.news.progress("a1")).total == 2


async def test_nothing_is_sent_in_the_quiet_hours(town: Town) -> None:
    await town.people("de")
    town.now = town.now.replace(hour=22)
    await town.released()
    assert await town.news.exchange("s", (), 8, night=True) == []
    assert len(await town.news.exchange("s", (), 8, night=False)) == 1


async def test_what_may_go_at_night_goes_at_night(town: Town) -> None:
    await town.people("de")
    await town.released(at_night=True)
    assert len(await town.news.exchange("s", (), 8, night=True)) == 1


async def test_two_senders_share_an_announcement(town: Town) -> None:
    await town.people(*["de"] * 40)
    await town.released()
    await asyncio.gather(town.sent(Phones(town)), town.sent(Phones(town)))
    assert len(town.arrived) == 40
    assert set(town.arrived.values()) == {1}


async def test_a_scheduled_announcement_goes_when_it_is_time(town: Town) -> None:
    await town.people("de")
    later = town.now + timedelta(hours=1)
    given = Announcement(
        "a1", Content(TEXTS), Audience(), Stage.SCHEDULED, later + timedelta(days=1), send_at=later
    )
    await town.news.keep(given)
    await town.news.due(town.now)
    assert not await town.open()
    await town.news.due(later)
    await town.sent(Phones(town))
    assert town.arrived == {1: 1}


async def test_a_subscription_lapses_unless_renewed(town: Town) -> None:
    await town.people("de")
    ((chat_id, asked),) = await town.news.to_renew(town.now.date() + timedelta(days=330), 10)
    assert chat_id == 1
    await town.news.subscribe(1, replace(asked, language="ar"))  # another language is no new question
    assert await town.news.to_renew(town.now.date() + timedelta(days=330), 10) == []
    await town.news.renew(1, asked.lapses_on + timedelta(days=300))
    assert len(await town.news.to_renew(town.now.date() + timedelta(days=630), 10)) == 1
    town.now += timedelta(days=400)
    assert await town.news.of(1) is not None
    town.now += timedelta(days=400)
    assert await town.news.of(1) is None
    await town.news.due(town.now)
    with town.news._engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM subscription")).scalar() == 0


async def test_the_database_holds_no_chat_and_no_topic_in_clear(tmp_path: Path) -> None:
    news = SqlNews(create_engine(f"sqlite:///{tmp_path}/news.db", durable=True), Keys((SECRET,)))
    news.prepare()
    await news.subscribe(700123456789, subscription("ckb", topics=frozenset({"violence_topic"})))
    await news.close()
    dump = files_of(tmp_path)
    for secret in (b"700123456789", b"violence_topic", b"ckb"):
        assert secret not in dump


class Failing(Transactions):
    """A database that is gone for a while: so many calls fail."""

    gone = 0

    async def __call__(self, work: Callable[[Connection], Any]) -> Any:
        if self.gone:
            self.gone -= 1
            raise DatabaseGone("gone")
        return await super().__call__(work)


async def test_a_database_that_is_gone_for_a_while_loses_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "IDLE_SECONDS", 0.01)
    engine = create_engine(f"sqlite:///{tmp_path}/news.db", durable=True)
    news = SqlNews(engine, Keys((SECRET,)), clock=NOON.timestamp)
    news._do = database = Failing(engine, "gone")
    news.prepare()
    here = Town(news)
    await here.people(*["de"] * 30)
    await here.released()
    phones = Phones(here)
    sender = Delivery(news, phones, LocalBudget(10_000), lambda: here.now)
    task = asyncio.create_task(sender.run())
    async with asyncio.timeout(20):
        while sum(here.arrived.values()) < 30:
            if sum(here.arrived.values()) > 5:
                database.gone = database.gone or (25 if not here.changed else 0)
                here.changed.append(0)
            await asyncio.sleep(0.001)
        while await _stage(news) is Stage.SENDING:  # noqa: ASYNC110 - the store has no event for it
            await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert set(here.arrived.values()) == {1}
    await news.close()


async def _stage(news: SqlNews) -> Stage | None:
    with suppress(DatabaseGone):
        found = await news.announcement("a1")
        return found.stage if found else None
    return Stage.SENDING


async def test_without_redis_nothing_is_sent_and_nothing_raised() -> None:
    redis = Redis.from_url("redis://127.0.0.1:1")
    budget = RedisBudget(redis, 1, 25)
    assert await budget.take(8) == 0
    await budget.halt(1)
    assert await budget.pause() == 1.0
    await redis.aclose()


async def test_senders_share_one_rate_and_one_halt(redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    await redis.flushdb()
    first, second = RedisBudget(redis, 1, 50), RedisBudget(redis, 1, 50)
    assert await first.take(8) + await second.take(8) == 10  # a fifth of a second's worth at once
    assert await second.take(8) == 0
    assert 0 < await second.pause() <= 0.02
    await first.halt(5)
    assert await second.take(1) == 0
    assert 4 < await second.pause() <= 5
    await redis.aclose()


def test_the_local_rate_is_kept_and_a_halt_lasts_exactly() -> None:
    now = [100.0]
    budget = LocalBudget(25, clock=lambda: now[0])

    async def taken(seconds: float) -> int:
        now[0] += seconds
        return await budget.take(100)

    async def run() -> None:
        assert await taken(0) == 5
        assert await taken(0.1) == 2
        assert sum([await taken(0.04) for _ in range(250)]) == pytest.approx(250, abs=1)
        await budget.halt(3)
        assert await taken(2.99) == 0
        assert await budget.pause() == pytest.approx(0.05, abs=0.011)
        assert await taken(0.06) == 1

    asyncio.run(run())
