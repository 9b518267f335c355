"""What is kept of people, for as short as can be: conversations, chosen languages, counters. Apart from the offers.

All of it encrypted and found by a keyed hash. Many chats share one transaction (group commit): a save is durable when
it returns, and costs a share of one commit. SQLite is asked in the event loop itself, without waiting inside it: a
thread would cost more than the work (it and the loop would fight for the interpreter), and a locked database must not
keep a crisis waiting. PostgreSQL is asked in a thread.
"""

from __future__ import annotations

import asyncio
import json
import os
from array import array
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from datetime import date, datetime, timedelta
from itertools import chain
from time import monotonic, time
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
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from bot.conversation.state import from_json
from bot.languages.render import Button, Rendered
from bot.outside import Record, StoreUnavailable
from bot.storage.crypto import Keys, Sealed
from bot.storage.engine import make_schema, migrate

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
CELL = ("need", "language", "age_band", "gender", "area")
"""Of what a cell of the statistics consists, beside the month and what was found or came of it."""
STATISTIC = Table(
    "statistic",
    METADATA,
    Column("month", Date, primary_key=True),
    *(Column(name, String(32), primary_key=True) for name in CELL),
    Column("found", Boolean, primary_key=True),
    Column("count", Integer, nullable=False),
)
PLAN_ANSWER = Table(
    "plan_answer",
    METADATA,
    Column("month", Date, primary_key=True),
    *(Column(name, String(32), primary_key=True) for name in CELL),
    Column("answer", String(16), primary_key=True),
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
ERASURE = Table(
    "erasure",
    METADATA,
    Column("chat", LargeBinary(16), primary_key=True),
    Column("erased_at", Integer, nullable=False, index=True),
)
PLACE = Table(
    "place",
    METADATA,
    Column("place", String(8), primary_key=True),
    Column("month", Date, primary_key=True),
    Column("count", Integer, nullable=False),
)
OWN_WORDS = Table(
    "own_words",
    METADATA,
    Column("id", LargeBinary(16), primary_key=True),
    Column("offer", String(32), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("written_on", Date, nullable=False, index=True),
)
USED_LINK = Table(
    "used_link",
    METADATA,
    Column("mark", LargeBinary(32), primary_key=True),
    Column("until", Integer, nullable=False, index=True),
)
OWN_WORDS_DAYS = 30
"""How long somebody's own words about an offer are kept (SAFETY §3)."""
ERASURES_KEPT_SECONDS = 400 * 86_400
"""Longer than a subscription lives, and than a backup of it should be kept."""
LOCKED_SECONDS, LOCKED_PAUSE = 5.0, 0.02
"""How long a locked SQLite database is asked again, and the pause between."""
SENT_SECONDS = 48 * 3600  # Bot API, deleteMessage: 48 hours
_T = TypeVar("_T")


_AS_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def pack_sent(sent: tuple[tuple[int, int], ...]) -> bytes:
    """Ids and times of sent messages, as 64-bit numbers; `unpack_sent` reads them."""
    return array("q", chain.from_iterable(sent)).tobytes()


def unpack_sent(plain: bytes) -> tuple[tuple[int, int], ...]:
    """The pairs written by `pack_sent`."""
    numbers = array("q", plain)
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def pack_answers(record: Record) -> bytes:
    """What a conversation holds, as bytes; `unpack_answers` reads it."""
    outbox = [
        (message.html, [[(b.label, b.code, b.url, b.copy) for b in row] for row in message.rows])
        for message in record.outbox
    ]
    state = record.state.to_json() if record.state else None
    return _AS_JSON((record.chat_id, record.last_update, state, outbox)).encode()


def unpack_answers(plain: bytes) -> Record:
    """The record written by `pack_answers`, without sent messages and remembered language."""
    chat_id, last_update, state, outbox = json.loads(plain)
    messages = tuple(
        Rendered(html, tuple(tuple(Button(*button) for button in row) for row in rows))
        for html, rows in outbox
    )
    return Record(chat_id, last_update, from_json(state) if state else None, messages)


def opened_sent(keys: Keys, chat: bytes, sealed: bytes | None) -> tuple[tuple[int, int], ...]:
    """The ids and times in this row; what no key opens any more counts as erased."""
    try:
        return unpack_sent(keys.open(sealed, "sent", chat)) if sealed else ()
    except Sealed:
        return ()


def noted(sent: tuple[tuple[int, int], ...], message_id: int, at: int) -> tuple[tuple[int, int], ...]:
    """These ids and times with one more, without those that can no longer be deleted."""
    return (*(pair for pair in sent if pair[1] > at - SENT_SECONDS), (message_id, at))


_CHAT: Any = bindparam("of_chat")
_NOW: Any = bindparam("at")
_ALIVE = (CONVERSATION.c.chat == _CHAT) & (CONVERSATION.c.answers_expire_at > _NOW)
_THERE = (CONVERSATION.c.chat == _CHAT) & (CONVERSATION.c.expires_at > _NOW)
_LOAD = select(
    select(CONVERSATION.c.answers).where(_ALIVE).scalar_subquery(),
    select(CONVERSATION.c.unsent).where(_ALIVE).scalar_subquery(),
    select(CONVERSATION.c.sent).where(_THERE).scalar_subquery(),
    select(PREFERENCE.c.language).where(PREFERENCE.c.chat == _CHAT).scalar_subquery(),
)


_DELIVERED = (
    update(CONVERSATION).where(CONVERSATION.c.chat == _CHAT).values(unsent=False, sent=bindparam("sent_now"))
)


_SAVED_ROW = {
    "chat": _CHAT,
    "answers": bindparam("answers"),
    "unsent": bindparam("unsent"),
    "answers_expire_at": _NOW,
    "expires_at": bindparam("gone_at"),
}


class _Prepared:
    """A statement of the hot path, compiled once: SQLAlchemy's way per call costs more than SQLite's work."""

    def __init__(self, statement: Any, engine: Engine) -> None:
        compiled = statement.compile(dialect=engine.dialect)
        self._sql = str(compiled)
        self._names: list[str] | None = compiled.positiontup
        self._constants = {
            name: bind.value for name, bind in compiled.binds.items() if bind.value is not None
        }

    def __call__(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        given = self._constants | dict(values)
        if self._names is None:
            return connection.exec_driver_sql(self._sql, given)
        return connection.exec_driver_sql(self._sql, tuple(given[name] for name in self._names))


def _replacing(statement: Any, names: Sequence[str]) -> Any:
    """The insert, made to replace these columns of the row with the same key."""
    changed = {name: statement.excluded[name] for name in names}
    return statement.on_conflict_do_update(index_elements=statement.table.primary_key.columns, set_=changed)


def _adding(statement: Any) -> Any:
    """The insert, made to add one to the counter with the same key."""
    table: Table = statement.table
    added = {"count": table.c["count"] + 1}
    return statement.on_conflict_do_update(index_elements=table.primary_key.columns, set_=added)


def _cell(cell: Mapping[str, str | bool | None], month: date) -> dict[str, Any]:
    """One more for this cell; what nobody told is empty."""
    return {"month": month, "count": 1} | {name: cell.get(name) or "" for name in CELL}


class SqlRecords:
    """Conversations and counters in a database (SQLite or PostgreSQL) of their own.

    `retention_hours` is how long answers are kept after the last message. Implements `bot.outside.Conversations` and
    `Counters`, and `links.sealed.Used`; within one process the order per chat is the caller's, so `lock` has nothing to
    hold.
    """

    def __init__(
        self, engine: Engine, keys: Keys, *, retention_hours: int = 24, clock: Callable[[], float] = time
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._retention = retention_hours * 3600
        self._clock = clock
        into = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        saved = _replacing(into(CONVERSATION), ("answers", "unsent", "answers_expire_at", "expires_at"))
        self._save = _Prepared(saved.values(_SAVED_ROW), engine)
        self._load = _Prepared(_LOAD, engine)
        self._delivered = _Prepared(_DELIVERED, engine)
        self._remember = _replacing(into(PREFERENCE), ("language", "consented_on"))
        self._note_erasure = _replacing(into(ERASURE), ("erased_at",))
        self._count = _adding(into(STATISTIC))
        self._count_answer = _adding(into(PLAN_ANSWER))
        self._count_place = _adding(into(PLACE))
        self._report = _adding(into(WRONG_REPORT))
        self._use = into(USED_LINK).on_conflict_do_nothing()
        self._in_loop = engine.dialect.name == "sqlite"
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="records")
        self._queue: list[tuple[Callable[[Connection], Any], asyncio.Future[Any]]] = []
        self._flushing: asyncio.Task[None] | None = None

    def prepare(self) -> None:
        """Makes the tables or brings them to the newest shape."""
        make_schema(self._engine, "records")
        migrate(self._engine, "records")

    async def close(self) -> None:
        """Waits for what is queued and closes the database."""
        if self._flushing is not None:
            await self._flushing
        self._thread.shutdown()
        self._engine.dispose()

    # -- conversations --

    def lock(self, chat_id: int) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def load(self, chat_id: int) -> Record | None:
        chat = self._keys.hash(chat_id)
        now = int(self._clock())

        found = {"of_chat": chat, "at": now}
        row = await self._do(lambda connection: self._load(connection, found).first())
        answers, unsent, sent, language = row or (None, None, None, None)
        if answers is None and sent is None and language is None:
            return None
        record = self._opened(chat, answers) if answers else None
        return Record(
            chat_id,
            record.last_update if record else 0,
            record.state if record else None,
            record.outbox if record and unsent else (),
            opened_sent(self._keys, chat, sent),
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
            "of_chat": chat,
            "answers": self._keys.seal(pack_answers(record), "conversation", chat),
            "unsent": bool(record.outbox),
            "at": now + self._retention,
            "gone_at": now + SENT_SECONDS,
        }
        await self._do(lambda connection: self._save(connection, row))

    async def delivered(self, chat_id: int, sent: tuple[tuple[int, int], ...]) -> None:
        chat = self._keys.hash(chat_id)
        row = {"of_chat": chat, "sent_now": self._keys.seal(pack_sent(sent), "sent", chat)}
        await self._do(lambda connection: self._delivered(connection, row))

    async def note_sent(self, chat_id: int, message_id: int, at: int) -> None:
        chat = self._keys.hash(chat_id)
        there = (CONVERSATION.c.chat == chat) & (CONVERSATION.c.expires_at > int(self._clock()))

        def work(connection: Connection) -> None:
            if row := connection.execute(select(CONVERSATION.c.sent).where(there).with_for_update()).first():
                known = opened_sent(self._keys, chat, row.sent)
                sealed = self._keys.seal(pack_sent(noted(known, message_id, at)), "sent", chat)
                connection.execute(update(CONVERSATION).where(there).values(sent=sealed))

        await self._do(work)

    async def remember_language(self, chat_id: int, language: str, consented_on: date) -> None:
        chat = self._keys.hash(chat_id)
        sealed = self._keys.seal(language.encode(), "preference", chat)
        row = {"chat": chat, "language": sealed, "consented_on": consented_on}
        await self._do(lambda connection: connection.execute(self._remember, row))

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
            connection.execute(delete(USED_LINK).where(USED_LINK.c.until <= now))
            too_old = date.fromtimestamp(now) - timedelta(days=OWN_WORDS_DAYS)
            connection.execute(delete(OWN_WORDS).where(OWN_WORDS.c.written_on <= too_old))
            connection.execute(delete(ERASURE).where(ERASURE.c.erased_at <= now - ERASURES_KEPT_SECONDS))

        await self._do(work)
        await self._truncate_log()

    # -- erasures of subscriptions, for restored backups --

    async def note_erasure(self, chat: bytes) -> None:
        """Remembers the keyed hash of a chat whose subscription was erased."""
        row = {"chat": chat, "erased_at": int(self._clock())}
        await self._do(lambda connection: connection.execute(self._note_erasure, row))

    async def forget_erasure(self, chat: bytes) -> None:
        """This chat has subscribed again."""
        await self._do(lambda connection: connection.execute(delete(ERASURE).where(ERASURE.c.chat == chat)))

    async def erasures(self) -> Sequence[bytes]:
        """The keyed hashes of all chats whose subscription was erased."""
        found = select(ERASURE.c.chat)
        return await self._do(lambda connection: connection.execute(found).scalars().all())

    # -- counters --

    async def count(self, cell: Mapping[str, str | bool | None], month: date) -> None:
        row = _cell(cell, month) | {"found": bool(cell["found"])}
        await self._do(lambda connection: connection.execute(self._count, row))

    async def count_answer(self, cell: Mapping[str, str | None], month: date) -> None:
        row = _cell(cell, month) | {"answer": cell["answer"]}
        await self._do(lambda connection: connection.execute(self._count_answer, row))

    async def answers(self) -> list[tuple[date, str, str, int]]:
        """Month, language, what came of offers on plans, how often: exact, not to be shown as they are."""
        told = (PLAN_ANSWER.c.month, PLAN_ANSWER.c.language, PLAN_ANSWER.c.answer)
        found = select(*told, func.sum(PLAN_ANSWER.c["count"])).group_by(*told)
        found = found.order_by(PLAN_ANSWER.c.month.desc(), *told[1:])
        rows = await self._do(lambda connection: connection.execute(found).all())
        return [(month, language, answer, int(count)) for month, language, answer, count in rows]

    async def count_place(self, place: str, month: date) -> None:
        row = {"place": place, "month": month, "count": 1}
        await self._do(lambda connection: connection.execute(self._count_place, row))

    async def places(self) -> list[tuple[str, date, int]]:
        """How often the links of each place were opened in each month: exact, not to be shown as they are."""
        found = select(PLACE.c.place, PLACE.c.month, PLACE.c["count"]).order_by(
            PLACE.c.month.desc(), PLACE.c.place
        )
        rows = await self._do(lambda connection: connection.execute(found).all())
        return [(place, month, count) for place, month, count in rows]

    # -- what people say of offers --

    async def report(self, offer: str, what: str, day: date) -> None:
        row = {"offer": offer, "what": what, "day": day, "count": 1}
        await self._do(lambda connection: connection.execute(self._report, row))

    async def reports(self, since: date) -> Sequence[tuple[str, str, int]]:
        """Offer, what is said of it, how often since that day: exact, not to be shown as they are."""
        total = func.sum(WRONG_REPORT.c["count"])
        found = select(WRONG_REPORT.c.offer, WRONG_REPORT.c.what, total).where(WRONG_REPORT.c.day >= since)
        grouped = found.group_by(WRONG_REPORT.c.offer, WRONG_REPORT.c.what).order_by(
            WRONG_REPORT.c.offer, WRONG_REPORT.c.what
        )
        rows = await self._do(lambda connection: connection.execute(grouped).all())
        return [(offer, what, int(count)) for offer, what, count in rows]

    async def note_words(self, offer: str, words: str, day: date) -> None:
        id = os.urandom(16)
        sealed = self._keys.seal(words.encode(), "own_words", id)
        row = {"id": id, "offer": offer, "sealed": sealed, "written_on": day}
        await self._do(lambda connection: connection.execute(insert(OWN_WORDS), row))

    async def own_words(self) -> Sequence[tuple[str, date, str]]:
        """Offer, day and words, the newest first: for a coordinator's eyes only."""
        found = select(OWN_WORDS).order_by(OWN_WORDS.c.written_on.desc(), OWN_WORDS.c.offer)
        rows = await self._do(lambda connection: connection.execute(found).all())
        told = []
        for row in rows:
            with suppress(Sealed):
                told.append(
                    (row.offer, row.written_on, self._keys.open(row.sealed, "own_words", row.id).decode())
                )
        return told

    # -- links that hand answers over --

    async def use(self, mark: bytes, until: datetime) -> bool:
        row = {"mark": mark, "until": int(until.timestamp())}
        return await self._do(lambda connection: bool(connection.execute(self._use, row).rowcount))

    # -- how it is done --

    async def _do(self, work: Callable[[Connection], _T]) -> _T:
        """Queues the work for the next transaction; returns when that is committed. Raises StoreUnavailable."""
        done: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._queue.append((work, done))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        return await done

    async def _flush(self) -> None:
        await asyncio.sleep(0)  # what is ready now goes into the same transaction
        while self._queue:
            batch, self._queue = self._queue, []
            outcomes = await self._commit([work for work, _ in batch])
            for (_, done), outcome in zip(batch, outcomes, strict=True):
                if done.cancelled():
                    continue
                if isinstance(outcome, Exception):
                    done.set_exception(outcome)
                else:
                    done.set_result(outcome)

    async def _commit(self, works: list[Callable[[Connection], Any]]) -> list[Any]:
        """The outcomes of these works, done in one transaction; StoreUnavailable for each when it cannot be."""
        if not self._in_loop:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, works)
        deadline = monotonic() + LOCKED_SECONDS
        while True:
            outcomes = self._transact(works)
            if not isinstance(outcomes[0], StoreUnavailable) or monotonic() > deadline:
                return outcomes
            await asyncio.sleep(LOCKED_PAUSE)

    def _transact(self, works: list[Callable[[Connection], Any]]) -> list[Any]:
        try:
            with self._engine.begin() as connection:
                return [work(connection) for work in works]
        except DBAPIError as error:
            return [StoreUnavailable(type(error).__name__)] * len(works)
        except Exception as error:  # a mistake of ours: whoever waits must hear of it, not wait for ever
            return [error] * len(works)

    async def _truncate_log(self) -> None:
        """What was erased must not live on in SQLite's write-ahead log."""
        if self._in_loop:
            with self._engine.connect() as connection:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
