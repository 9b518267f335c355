"""What is kept of people, for as short as can be: conversations, chosen languages, counters. Apart from the offers.

All of it encrypted and found by a keyed hash. Many chats share one transaction (group commit): a save is durable when
it returns, and costs a share of one commit.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date
from time import time
from typing import Any, TypeVar

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.conversation.state import from_json
from bot.converse import Record, StoreUnavailable
from bot.languages.render import Button, Rendered
from bot.storage.crypto import Keys, Sealed
from bot.storage.engine import migrate

METADATA = MetaData()
CONVERSATION = Table(
    "conversation",
    METADATA,
    Column("chat", LargeBinary(16), primary_key=True),
    Column("answers", LargeBinary),
    Column("sent", LargeBinary),
    Column("unsent", Boolean, nullable=False, default=False),
    Column("answers_expire_at", Integer, nullable=False, index=True),
    Column("expires_at", Integer, nullable=False, index=True),
)
PREFERENCE = Table(
    "preference",
    METADATA,
    Column("chat", LargeBinary(16), primary_key=True),
    Column("language", LargeBinary, nullable=False),
    Column("consented_on", Date, nullable=False),
)
CELL = ("month", "need", "language", "age_band", "gender", "area", "found")
STATISTIC = Table(
    "statistic",
    METADATA,
    Column("month", Date, primary_key=True),
    *(Column(name, String(32), primary_key=True) for name in CELL[1:-1]),
    Column("found", Boolean, primary_key=True),
    Column("count", Integer, nullable=False),
)
WRONG_REPORT = Table(
    "wrong_report",
    METADATA,
    Column("offer", String(32), primary_key=True),
    Column("what", String(16), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("count", Integer, nullable=False),
)
SENT_SECONDS = 48 * 3600  # Bot API, deleteMessage: 48 hours
_T = TypeVar("_T")


def pack_answers(record: Record) -> bytes:
    """What a conversation holds, as bytes; `unpack_answers` reads it."""
    outbox = [
        [message.html, [[asdict(button) for button in row] for row in message.rows]]
        for message in record.outbox
    ]
    state = record.state.to_json() if record.state else None
    return json.dumps([record.chat_id, record.last_update, state, outbox], ensure_ascii=False).encode()


def unpack_answers(plain: bytes) -> Record:
    """The record written by `pack_answers`, without sent messages and remembered language."""
    chat_id, last_update, state, outbox = json.loads(plain)
    messages = tuple(
        Rendered(html, tuple(tuple(Button(**button) for button in row) for row in rows))
        for html, rows in outbox
    )
    return Record(chat_id, last_update, from_json(state) if state else None, messages)


class SqlRecords:
    """Conversations and counters in a database (SQLite or PostgreSQL) of their own.

    `retention_hours` is how long answers are kept after the last message. Implements `bot.converse.Conversations` and
    `Counters`; within one process the order per chat is the caller's, so `lock` has nothing to hold.
    """

    def __init__(
        self, engine: Engine, keys: Keys, *, retention_hours: int = 24, clock: Callable[[], float] = time
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._retention = retention_hours * 3600
        self._clock = clock
        self._insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="records")
        self._queue: list[tuple[Callable[[Connection], Any], asyncio.Future[Any]]] = []
        self._flushing: asyncio.Task[None] | None = None

    def prepare(self) -> None:
        """Makes the tables or brings them to the newest shape."""
        if self._engine.dialect.name == "postgresql":
            with self._engine.begin() as connection:
                connection.execute(text("CREATE SCHEMA IF NOT EXISTS records"))
        migrate(self._engine, "records")

    async def close(self) -> None:
        """Waits for what is queued and closes the database."""
        if self._flushing is not None:
            await self._flushing
        self._thread.shutdown()
        self._engine.dispose()

    # -- conversations --

    @asynccontextmanager
    async def lock(self, chat_id: int) -> AsyncIterator[None]:
        yield

    async def load(self, chat_id: int) -> Record | None:
        chat = self._keys.hash(chat_id)
        now = int(self._clock())

        def work(connection: Connection) -> tuple[Any, Any, Any]:
            row = connection.execute(
                select(CONVERSATION.c.answers, CONVERSATION.c.sent).where(
                    CONVERSATION.c.chat == chat, CONVERSATION.c.answers_expire_at > now
                )
            ).first()
            language = connection.execute(
                select(PREFERENCE.c.language).where(PREFERENCE.c.chat == chat)
            ).scalar()
            return row and row.answers, row and row.sent, language

        answers, sent, language = await self._do(work)
        if answers is None and language is None:
            return None
        record = self._opened(chat, answers) if answers else None
        return Record(
            chat_id,
            record.last_update if record else 0,
            record.state if record else None,
            record.outbox if record else (),
            tuple(tuple(pair) for pair in json.loads(self._keys.open(sent, "sent", chat))) if sent else (),
            self._keys.open(language, "preference", chat).decode() if language else None,
        )

    def _opened(self, chat: bytes, answers: bytes) -> Record | None:
        """A record that no key opens any more counts as erased."""
        try:
            return unpack_answers(self._keys.open(answers, "conversation", chat))
        except Sealed:
            return None

    async def save(self, record: Record) -> None:
        chat = self._keys.hash(record.chat_id)
        now = int(self._clock())
        row = {
            "chat": chat,
            "answers": self._keys.seal(pack_answers(record), "conversation", chat),
            "sent": self._keys.seal(json.dumps(record.sent).encode(), "sent", chat),
            "unsent": bool(record.outbox),
            "answers_expire_at": now + self._retention,
            "expires_at": now + SENT_SECONDS,
        }
        await self._do(lambda connection: connection.execute(self._upsert(CONVERSATION, ["chat"]), row))

    async def remember_language(self, chat_id: int, language: str, consented_on: date) -> None:
        chat = self._keys.hash(chat_id)
        sealed = self._keys.seal(language.encode(), "preference", chat)
        row = {"chat": chat, "language": sealed, "consented_on": consented_on}
        await self._do(lambda connection: connection.execute(self._upsert(PREFERENCE, ["chat"]), row))

    async def erase(self, chat_id: int) -> None:
        chat = self._keys.hash(chat_id)

        def work(connection: Connection) -> None:
            for table in (CONVERSATION, PREFERENCE):
                connection.execute(delete(table).where(table.c.chat == chat))

        await self._do(work)
        await self._truncate_log()

    async def unsent(self) -> Sequence[Record]:
        now = int(self._clock())
        found = select(CONVERSATION.c.chat, CONVERSATION.c.answers).where(
            CONVERSATION.c.unsent, CONVERSATION.c.answers_expire_at > now
        )
        rows = await self._do(lambda connection: connection.execute(found).all())
        chats = [record.chat_id for row in rows if (record := self._opened(row.chat, row.answers))]
        return [record for chat in chats if (record := await self.load(chat))]

    async def sweep(self) -> None:
        """Erases what has expired, also from the write-ahead log."""
        now = int(self._clock())

        def work(connection: Connection) -> None:
            expired = CONVERSATION.c.answers_expire_at <= now
            connection.execute(update(CONVERSATION).where(expired).values(answers=None, unsent=False))
            connection.execute(delete(CONVERSATION).where(CONVERSATION.c.expires_at <= now))

        await self._do(work)
        await self._truncate_log()

    # -- counters --

    async def count(self, cell: Mapping[str, str | bool | None], month: date) -> None:
        row = {name: cell.get(name) or "" for name in CELL[1:-1]} | {
            "month": month,
            "found": bool(cell["found"]),
            "count": 1,
        }
        await self._do(lambda connection: connection.execute(self._adding(STATISTIC, CELL), row))

    async def report_wrong(self, offer_id: str, what: str, day: date) -> None:
        row = {"offer": offer_id, "what": what, "day": day, "count": 1}
        await self._do(
            lambda connection: connection.execute(self._adding(WRONG_REPORT, ("offer", "what", "day")), row)
        )

    # -- how it is done --

    def _upsert(self, table: Table, keys: Sequence[str]) -> Any:
        statement = self._insert(table)
        changed = {
            column.name: statement.excluded[column.name] for column in table.c if column.name not in keys
        }
        return statement.on_conflict_do_update(index_elements=keys, set_=changed)

    def _adding(self, table: Table, keys: Sequence[str]) -> Any:
        statement = self._insert(table)
        return statement.on_conflict_do_update(index_elements=keys, set_={"count": table.c["count"] + 1})

    async def _do(self, work: Callable[[Connection], _T]) -> _T:
        """Queues the work for the next transaction; returns when that is committed. Raises StoreUnavailable."""
        done: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._queue.append((work, done))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        return await done

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue:
            batch, self._queue = self._queue, []
            outcomes = await loop.run_in_executor(self._thread, self._transact, [work for work, _ in batch])
            for (_, done), outcome in zip(batch, outcomes, strict=True):
                if done.cancelled():
                    continue
                if isinstance(outcome, Exception):
                    done.set_exception(outcome)
                else:
                    done.set_result(outcome)

    def _transact(self, works: list[Callable[[Connection], Any]]) -> list[Any]:
        try:
            with self._engine.begin() as connection:
                return [work(connection) for work in works]
        except (OperationalError, DBAPIError) as error:
            if len(works) > 1 and not isinstance(error, OperationalError):
                return [
                    self._transact([work])[0] for work in works
                ]  # one bad piece must not take the others along
            return [StoreUnavailable(type(error).__name__)] * len(works)

    async def _truncate_log(self) -> None:
        """What was erased must not live on in SQLite's write-ahead log."""
        if self._engine.dialect.name != "sqlite":
            return

        def work() -> None:
            with self._engine.connect() as connection:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))

        await asyncio.get_running_loop().run_in_executor(self._thread, work)
