"""Plans in a database: encrypted, said once, erased in time; SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from bot import reminders
from bot.announcements.delivery import Blocked
from bot.conversation.vocabulary import Answer, Plan, Saved, Step, Subscription, World
from bot.languages.render import Rendered
from bot.reminders import LEASE, remind
from bot.storage.crypto import Keys
from bot.storage.engine import create_engine
from bot.storage.news import SqlNews
from bot.storage.plans import SqlPlans
from bot.storage.records import SqlRecords

KEYS = Keys((b"a secret of at least thirty-two bytes",))
ZONE = ZoneInfo("Europe/Berlin")
CHAT = 123456789
NOW = datetime(2026, 11, 24, 10, tzinfo=ZONE)
PLAN = Plan(
    "prs",
    1,
    date(2026, 11, 20),
    (
        Saved("lindenhof-schlaf", Step.APPOINTMENT, date(2026, 12, 1), NOW + timedelta(days=7), NOW),
        Saved(
            "lotsen-telefon",
            Step.CALL,
            date(2026, 11, 1),
            answer=Answer.REACHED,
            ended_on=date(2026, 11, 5),
            counted=(Answer.NOBODY, Answer.REACHED),
        ),
    ),
)
SUBSCRIPTION = Subscription("prs", frozenset({"sleep"}), frozenset(), 1, NOW.date(), date(2027, 11, 24))


@dataclass
class Kept:
    """The store, and what lies beneath it."""

    plans: SqlPlans
    engine: Engine
    records: SqlRecords
    news: SqlNews

    def another(self) -> Kept:
        """The same store in another process, as far as one process can tell."""
        return replace(self, plans=SqlPlans(self.engine, KEYS, self.records, zone=ZONE))


@pytest.fixture(params=["sqlite", "postgresql"])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kept]:
    url = f"sqlite:///{tmp_path}/news.db"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgres_url"))
        url += f"{'&' if '?' in url else '?'}options=-csearch_path%3Dnews"
    records = SqlRecords(create_engine(f"sqlite:///{tmp_path}/records.db"), KEYS)
    records.prepare()
    engine = create_engine(url, durable=True)
    news = SqlNews(engine, KEYS, records)
    news.prepare()
    plans = SqlPlans(engine, KEYS, records, zone=ZONE)
    yield Kept(plans, engine, records, news)
    await plans.close()
    if request.param == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA news CASCADE"))
    await news.close()
    await records.close()


class Phone:
    """A chat that takes messages, or does not."""

    def __init__(self, *, blocked: bool = False) -> None:
        self.id = CHAT
        self.said: list[Rendered] = []
        self.blocked = blocked

    async def send_unasked(self, message: Rendered) -> int:
        if self.blocked:
            raise Blocked
        self.said.append(message)
        return len(self.said)


class Crash(Exception):
    """The process dies here."""


class Dying(Phone):
    """The process dies before the message is out."""

    async def send_unasked(self, message: Rendered) -> int:
        raise Crash


async def keep(kept: Kept, plan: Plan = PLAN) -> None:
    await kept.plans.keep(CHAT, plan)


async def say_due(kept: Kept, phone: Any, world: World, now: datetime = NOW) -> None:
    await remind(kept.plans, kept.records, lambda _: phone, lambda: replace(world, now=now))


async def test_a_plan_comes_back_as_it_was_kept(kept: Kept) -> None:
    assert await kept.plans.of(CHAT) is None
    await keep(kept)
    assert await kept.plans.of(CHAT) == PLAN
    assert await kept.plans.of(CHAT + 1) is None
    assert await kept.another().plans.of(CHAT) == PLAN


async def test_a_reminder_is_said_once(kept: Kept, world: World) -> None:
    await keep(kept)
    phone = Phone()
    await say_due(kept, phone, world)
    await say_due(kept, phone, world)
    await say_due(kept.another(), phone, world, NOW + LEASE * 2)
    assert len(phone.said) == 1
    plan = await kept.plans.of(CHAT)
    assert plan
    assert plan.saved[0].remind_at is None


async def test_of_two_processes_one_says_it(kept: Kept) -> None:
    await keep(kept)
    taken = [await store.take_due(NOW, NOW + LEASE, 10) for store in (kept.plans, kept.another().plans)]
    assert [len(each) for each in taken] == [1, 0]


async def test_after_a_crash_it_is_said_once_by_the_next(kept: Kept, world: World) -> None:
    await keep(kept)
    with pytest.raises(Crash):
        await say_due(kept, Dying(), world)
    phone = Phone()
    await say_due(kept.another(), phone, world, NOW + LEASE - timedelta(seconds=1))
    assert phone.said == []  # somebody may still be sending
    await say_due(kept.another(), phone, world, NOW + LEASE)
    await say_due(kept.another(), phone, world, NOW + LEASE * 3)
    assert len(phone.said) == 1


async def test_stopped_after_telegrams_yes_it_is_not_said_again(kept: Kept, world: World) -> None:
    await keep(kept)
    arrived, told = asyncio.Event(), asyncio.Event()

    class Slow(Phone):
        """The message is there; the answer to us is still on its way."""

        async def send_unasked(self, message: Rendered) -> int:
            id = await super().send_unasked(message)
            arrived.set()
            await told.wait()
            return id

    phone = Slow()
    saying = asyncio.create_task(say_due(kept, phone, world))
    await arrived.wait()
    saying.cancel()  # an orderly stop
    asyncio.get_running_loop().call_soon(told.set)
    with pytest.raises(asyncio.CancelledError):
        await saying
    await say_due(kept.another(), phone, world, NOW + LEASE)
    assert len(phone.said) == 1


async def test_a_stop_does_not_wait_for_ever(
    kept: Kept, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "LAST_WORD_SECONDS", 0.01)
    await keep(kept)
    asked = asyncio.Event()

    class Silent(Phone):
        async def send_unasked(self, message: Rendered) -> int:
            asked.set()
            await asyncio.Event().wait()
            raise AssertionError("it is never told")

    saying = asyncio.create_task(say_due(kept, Silent(), world))
    await asked.wait()
    saying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saying
    phone = Phone()
    await say_due(kept.another(), phone, world, NOW + LEASE)
    assert len(phone.said) == 1


async def test_a_clock_put_back_says_nothing_twice(kept: Kept, world: World) -> None:
    await keep(kept)
    phone = Phone()
    for minutes in (0, -90, 1, -30, 30):
        await say_due(kept, phone, world, NOW + timedelta(minutes=minutes))
    assert len(phone.said) == 1


async def test_not_at_night_but_in_the_morning(kept: Kept, world: World) -> None:
    await keep(kept)
    phone = Phone()
    await say_due(kept, phone, world, NOW.replace(hour=23))
    assert phone.said == []
    await say_due(kept, phone, world, (NOW + timedelta(days=1)).replace(hour=8))
    assert len(phone.said) == 1


async def test_what_the_person_changed_meanwhile_stays(kept: Kept) -> None:
    await keep(kept)
    ((chat, plan),) = await kept.plans.take_due(NOW, NOW + LEASE, 10)
    changed = replace(PLAN, quiet_since=NOW.date())
    await kept.plans.keep(CHAT, changed)
    await kept.plans.advance(chat, plan)
    assert await kept.plans.of(CHAT) == changed


async def test_a_reminder_is_said_once_though_the_plan_changes_meanwhile(kept: Kept, world: World) -> None:
    await keep(kept)

    class Busy(Phone):
        async def send_unasked(self, message: Rendered) -> int:
            other = replace(PLAN.saved[1], answer=Answer.FULL)
            await kept.plans.keep(CHAT, replace(PLAN, saved=(PLAN.saved[0], other)))
            return await super().send_unasked(message)

    phone = Busy()
    await say_due(kept, phone, world)
    await say_due(kept, phone, world)
    assert len(phone.said) == 1
    plan = await kept.plans.of(CHAT)
    assert plan
    assert plan.saved[1].answer is Answer.FULL


async def test_after_forgetting_nothing_is_said(kept: Kept, world: World) -> None:
    await kept.plans.keep(CHAT, PLAN)
    await kept.plans.keep(CHAT + 1, PLAN)

    class Erasing(Phone):
        async def send_unasked(self, message: Rendered) -> int:
            for chat in (CHAT, CHAT + 1):
                await kept.plans.erase(chat)
            return await super().send_unasked(message)

    phone = Erasing()
    await say_due(kept, phone, world)
    assert len(phone.said) == 1


async def test_who_blocked_the_bot_has_no_plan_any_more(kept: Kept, world: World) -> None:
    await keep(kept)
    await say_due(kept, Phone(blocked=True), world)
    assert await kept.plans.of(CHAT) is None


async def test_a_reminder_that_cannot_be_written_is_left_out(kept: Kept, world: World) -> None:
    """It would fail again every ten minutes, and keep others from theirs."""
    await keep(kept, replace(PLAN, language="a language of the release before"))
    await kept.plans.keep(CHAT + 1, PLAN)
    phone = Phone()
    await say_due(kept, phone, world)
    assert len(phone.said) == 1
    plan = await kept.plans.of(CHAT)
    assert plan
    assert plan.saved[0].remind_at is None


async def test_a_plan_is_erased_on_its_day(kept: Kept) -> None:
    await keep(kept, replace(PLAN, quiet_since=date(2026, 12, 1)))
    await kept.plans.take_due(NOW.replace(year=2027, month=2, day=28), NOW, 10)
    assert await kept.plans.of(CHAT) is not None
    await kept.plans.take_due(NOW.replace(year=2027, month=3, day=1), NOW, 10)
    assert await kept.plans.of(CHAT) is None


async def test_a_restored_backup_brings_no_erased_plan_back(kept: Kept) -> None:
    await keep(kept)
    with kept.engine.begin() as connection:
        backup = connection.execute(text("SELECT * FROM plan")).mappings().all()
    await kept.plans.erase(CHAT)
    with kept.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO plan VALUES (:chat, :sealed, :due_at, :erased_on)"),
            [dict(row) for row in backup],
        )
    await kept.plans.replay_erasures()
    assert await kept.plans.of(CHAT) is None


async def test_an_erasure_is_noted_before_it_is_done(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a crash in between would let a restored backup bring the plan back."""
    await keep(kept)

    async def dying(chat: bytes) -> None:
        raise Crash

    monkeypatch.setattr(kept.records, "note_erasure", dying)
    with pytest.raises(Crash):
        await kept.plans.erase(CHAT)
    assert await kept.plans.of(CHAT) == PLAN


async def test_no_row_holds_anything_in_clear(kept: Kept) -> None:
    await keep(kept)
    with kept.engine.begin() as connection:
        row = connection.execute(text("SELECT chat, sealed FROM plan")).one()
    for clear in (b"lindenhof", b"appointment", b"prs", str(CHAT).encode()):
        assert clear not in bytes(row.chat) + bytes(row.sealed)


@pytest.mark.parametrize("kept", ["sqlite"], indirect=True)
async def test_what_was_erased_does_not_live_on_in_the_log(kept: Kept) -> None:
    """A write-ahead log holds pages as they were before."""
    await keep(kept)
    await kept.news.subscribe(CHAT, SUBSCRIPTION)
    folder = Path(str(kept.engine.url.database)).parent
    with kept.engine.begin() as connection:
        both = text("SELECT sealed FROM plan UNION ALL SELECT sealed FROM subscription")
        rows = connection.execute(both).scalars().all()
    assert len(rows) == 2
    await kept.news.unsubscribe(CHAT)
    await kept.plans.erase(CHAT)
    for path in folder.iterdir():
        assert not any(row in path.read_bytes() for row in rows)
    assert (folder / "news.db-wal").stat().st_size == 0
