"""Plans, kept by consent: encrypted, found by a keyed hash of the chat, in the database that may be backed up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Connection, Date, Engine, Integer, LargeBinary, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.conversation.plans import due, erased_on, merged
from bot.conversation.vocabulary import Answer, Plan, Saved, Step
from bot.storage.crypto import Keys, Sealed
from bot.storage.news import METADATA, Erasures
from bot.storage.transactions import Transactions

PLAN = Table(
    "plan",
    METADATA,
    Column("chat", LargeBinary(16), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("due_at", Integer, index=True),
    Column("erased_on", Date, nullable=False, index=True),
)
_T = TypeVar("_T")


class SqlPlans:
    """Implements `bot.outside.Plans` and `bot.reminders.Due`. `zone` is the city's; the schema is that of news.py."""

    def __init__(self, engine: Engine, keys: Keys, erasures: Erasures, *, zone: ZoneInfo) -> None:
        self._do = Transactions(engine, "plans")
        self._keys = keys
        self._erasures = erasures
        self._zone = zone
        insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        row = insert(PLAN)
        changed = {name: row.excluded[name] for name in ("sealed", "due_at", "erased_on")}
        self._upsert = row.on_conflict_do_update(index_elements=[PLAN.c.chat], set_=changed)

    async def close(self) -> None:
        """Waits for what is under way."""
        await self._do.close()

    async def of(self, chat_id: int) -> Plan | None:
        chat = self._keys.hash(chat_id)
        return await self._do(lambda connection: self._now(connection, chat))

    async def keep(self, chat_id: int, plan: Plan) -> None:
        chat = self._keys.hash(chat_id)

        def work(connection: Connection) -> None:
            known = self._now(connection, chat)
            kept = merged(plan, known) if known else plan
            connection.execute(self._upsert, {"chat": chat, **self._row(chat_id, kept)})

        await self._do(work)
        await self._erasures.forget_erasure(_mark(chat))

    async def erase(self, chat_id: int) -> None:
        chat = self._keys.hash(chat_id)
        mine = PLAN.c.chat == chat
        if await self._do(lambda connection: connection.execute(select(PLAN.c.chat).where(mine)).first()):
            await self._erasures.note_erasure(_mark(chat))  # first: a crash in between must not undo it
            await self._do(lambda connection: connection.execute(delete(PLAN).where(mine)))
            await self._do.truncate_log()

    async def take_due(self, now: datetime, again_at: datetime, most: int) -> Sequence[tuple[int, Plan]]:
        is_due = (PLAN.c.due_at <= int(now.timestamp())) & (PLAN.c.erased_on > now.date())
        found = (
            select(PLAN.c.chat, PLAN.c.sealed, PLAN.c.due_at)
            .where(is_due)
            .order_by(PLAN.c.due_at)
            .limit(most)
        )

        def work(connection: Connection) -> list[Any]:
            connection.execute(delete(PLAN).where(PLAN.c.erased_on <= now.date()))
            taken = []
            for row in connection.execute(found).all():
                mine = (PLAN.c.chat == row.chat) & (PLAN.c.due_at == row.due_at)
                later = update(PLAN).where(mine).values(due_at=int(again_at.timestamp()))
                if connection.execute(later).rowcount:  # no other process took it meanwhile
                    taken.append(row)
            return taken

        rows = await self._do(work)
        return [opened for row in rows if (opened := self._opened(row.chat, row.sealed))]

    async def advance(self, chat_id: int, plan: Plan) -> None:
        chat = self._keys.hash(chat_id)

        def work(connection: Connection) -> None:
            if known := self._now(connection, chat):
                row = self._row(chat_id, merged(known, plan))
                connection.execute(update(PLAN).where(PLAN.c.chat == chat).values(row))

        await self._do(work)

    async def replay_erasures(self) -> None:
        """Erases what a restored backup brought back although it had been erased."""
        erased = set(await self._erasures.erasures())

        def work(connection: Connection) -> None:
            for chat in connection.execute(select(PLAN.c.chat)).scalars().all():
                if _mark(chat) in erased:
                    connection.execute(delete(PLAN).where(PLAN.c.chat == chat))

        await self._do(work)

    def _now(self, connection: Connection, chat: bytes) -> Plan | None:
        """The plan as it is kept at this moment."""
        sealed = connection.execute(select(PLAN.c.sealed).where(PLAN.c.chat == chat)).scalar()
        opened = self._opened(chat, sealed) if sealed else None
        return opened[1] if opened else None

    def _row(self, chat_id: int, plan: Plan) -> dict[str, Any]:
        sealed = self._keys.seal(_packed(chat_id, plan), "plan", self._keys.hash(chat_id))
        at = due(plan, self._zone)
        return {"sealed": sealed, "due_at": int(at.timestamp()) if at else None, "erased_on": erased_on(plan)}

    def _opened(self, chat: bytes, sealed: bytes) -> tuple[int, Plan] | None:
        """The chat's id and the plan; one that no key opens any more counts as erased."""
        try:
            return _unpacked(self._keys.open(sealed, "plan", chat), self._zone)
        except Sealed:
            return None


def _mark(chat: bytes) -> bytes:
    """How the erasure of a plan is remembered: apart from that of the same chat's subscription."""
    return hashlib.sha256(b"plan/" + chat).digest()[: len(chat)]


def _packed(chat_id: int, plan: Plan) -> bytes:
    saved = [
        (
            one.offer,
            one.step,
            one.since.isoformat(),
            one.at and int(one.at.timestamp()),
            one.remind_at and int(one.remind_at.timestamp()),
            one.asked,
            one.answer,
            one.ended_on and one.ended_on.isoformat(),
            *one.counted,
        )
        for one in plan.saved
    ]
    quiet = plan.quiet_since and plan.quiet_since.isoformat()
    plain = (chat_id, plan.language, plan.consent_version, plan.consented_on.isoformat(), quiet, saved)
    return json.dumps(plain).encode()


def _unpacked(plain: bytes, zone: ZoneInfo) -> tuple[int, Plan]:
    chat_id, language, version, agreed, quiet, several = json.loads(plain)
    saved = tuple(
        Saved(
            offer,
            Step(step),
            date.fromisoformat(since),
            at and datetime.fromtimestamp(at, zone),
            remind_at and datetime.fromtimestamp(remind_at, zone),
            asked,
            answer and Answer(answer),
            ended and date.fromisoformat(ended),
            tuple(map(Answer, counted)),
        )
        for offer, step, since, at, remind_at, asked, answer, ended, *counted in several
    )
    quiet_since = quiet and date.fromisoformat(quiet)
    return chat_id, Plan(language, version, date.fromisoformat(agreed), saved, quiet_since)
