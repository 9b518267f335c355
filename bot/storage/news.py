"""Subscriptions, announcements and their recipients; members of the network, invitations and what they changed.

A database of its own (third SQLite file, third schema): it may be backed up, conversations never. Chats are encrypted
and found by a keyed hash. Works in threads of its own: writing an outbox of 100,000 must not keep people waiting.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from math import ceil
from time import time
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.announcements.coverage import told
from bot.announcements.delivery import Claim, OutboxUnavailable, Result
from bot.announcements.model import Announcement, Audience, Content, Outcome, Progress, Role, Stage, Venue
from bot.conversation.vocabulary import Subscription
from bot.outside import StoreUnavailable
from bot.storage.crypto import Keys, Sealed
from bot.storage.engine import make_schema, migrate
from bot.storage.transactions import Transactions

METADATA = MetaData()
SUBSCRIPTION = Table(
    "subscription",
    METADATA,
    Column("chat", LargeBinary(16), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("lapses_on", Date, nullable=False, index=True),
    Column("asked_to_renew", Boolean, nullable=False, default=False),
)
ANNOUNCEMENT = Table(
    "announcement",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("stage", String(16), nullable=False, index=True),
    Column("content", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("expires_at", Integer),
    Column("send_at", Integer),
    Column("at_night", Boolean, nullable=False, default=False),
    Column("template", Boolean, nullable=False, default=False),
    Column("created_at", Integer, nullable=False),
    Column("released_at", Integer),
    Column("ended_at", Integer),
    Column("closed", Boolean, nullable=False, default=False),
)
WAITING, CLAIMED, DONE, ENDING, ENDED = range(5)
"""States of a recipient. DONE: a message was sent and can still be changed; ENDED: nothing remains to be done."""
RECIPIENT = Table(
    "recipient",
    METADATA,
    Column("announcement", String(16), primary_key=True),
    Column("chat", LargeBinary(16), primary_key=True),
    Column("language", String(8), nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("sender", String(16)),
    Column("message", BigInteger),
    Index("ix_recipient_state", "announcement", "state"),
    Index("ix_recipient_sender", "sender"),
    Index("ix_recipient_chat", "chat"),
)
TALLY = Table(
    "tally",
    METADATA,
    Column("announcement", String(16), primary_key=True),
    Column("language", String(8), primary_key=True),
    Column("what", String(16), primary_key=True),
    Column("count", Integer, nullable=False),
)
RECIPIENTS = "recipients"
"""What is tallied beside the outcomes: how many recipients there are."""
MEMBER = Table(
    "member",
    METADATA,
    Column("chat", LargeBinary(16), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("role", String(16), nullable=False),
    Column("since", Date, nullable=False),
    Column("desk", LargeBinary),
)
INVITE = Table(
    "invite",
    METADATA,
    Column("token", LargeBinary(32), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("expires_at", Integer, nullable=False),
)
AUDIT = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Integer, nullable=False),
    Column("who", LargeBinary(16)),
    Column("role", String(16), nullable=False),
    Column("what", String(32), nullable=False),
    Column("detail", Text, nullable=False),
)
SENDER = Table(
    "sender",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("alive_until", Integer, nullable=False),
)
CHUNK = 5_000
ERASED_AFTER_SECONDS = 48 * 3600  # SAFETY §3: the outbox is erased 48 hours after expiry or withdrawal


# Statements of the sender's path, built once: building them anew would cost more than the database's work.
_UNDER_WAY = (
    select(ANNOUNCEMENT.c.id, ANNOUNCEMENT.c.stage, ANNOUNCEMENT.c.at_night)
    .where(
        ANNOUNCEMENT.c.stage.in_([Stage.SENDING.value, Stage.WITHDRAWN.value, Stage.OVER.value]),
        ANNOUNCEMENT.c.closed.is_(False),
    )
    .order_by(ANNOUNCEMENT.c.released_at)
)
_FREE = (
    select(RECIPIENT.c.announcement, RECIPIENT.c.chat)
    .where(RECIPIENT.c.announcement == bindparam("of"), RECIPIENT.c.state == bindparam("start"))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)  # SQLite has one writer and needs none
)
_CLAIM = (
    update(RECIPIENT)
    .where(tuple_(RECIPIENT.c.announcement, RECIPIENT.c.chat).in_(_FREE))
    .values(state=bindparam("between"), sender=bindparam("by"))
    .returning(RECIPIENT.c.chat, RECIPIENT.c.language, RECIPIENT.c.message)
)
_WRITE_DOWN = (
    update(RECIPIENT)
    .where(
        RECIPIENT.c.announcement == bindparam("of"),
        RECIPIENT.c.chat == bindparam("to"),
        RECIPIENT.c.sender == bindparam("by"),
    )
    .values(state=bindparam("now"), sender=None, message=bindparam("id"))
)


class Erasures(Protocol):
    """Which chats had their subscription erased: kept apart from what is backed up."""

    async def note_erasure(self, chat: bytes) -> None: ...

    async def forget_erasure(self, chat: bytes) -> None: ...

    async def erasures(self) -> Sequence[bytes]: ...


class SqlNews:
    """Implements `converse.Subscriptions` and `delivery.Outbox`; `clock` gives seconds since 1970.

    `erasures` remembers what a restored backup must not bring back; None where nobody unsubscribes. `lease`: seconds
    after which a sender that was not heard of counts as dead. `zone`: the one of the times that are read back.
    """

    def __init__(
        self,
        engine: Engine,
        keys: Keys,
        erasures: Erasures | None = None,
        *,
        lease: float = 30.0,
        clock: Callable[[], float] = time,
        zone: tzinfo = UTC,
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._erasures = erasures
        self._lease = lease
        self._zone = zone
        self._clock = clock
        self._alive_since: dict[str, float] = {}
        self._postgresql = engine.dialect.name == "postgresql"
        self._upsert: Any = postgresql.insert if self._postgresql else sqlite.insert
        self._do = Transactions(engine, "news", 4 if engine.dialect.name == "postgresql" else 1)

    def prepare(self) -> None:
        """Makes the tables or brings them to the newest shape."""
        make_schema(self._engine, "news")
        migrate(self._engine, "news")

    async def close(self) -> None:
        """Waits for what is under way and closes the database."""
        await self._do.close()
        self._engine.dispose()

    async def sweep(self) -> None:
        """What ran out must not live on in SQLite's write-ahead log: truncates it."""
        await self._do.truncate_log()

    # -- subscriptions --

    async def of(self, chat_id: int) -> Subscription | None:
        chat, today = self._keys.hash(chat_id), self._today()
        found = select(SUBSCRIPTION.c.sealed).where(
            SUBSCRIPTION.c.chat == chat, SUBSCRIPTION.c.lapses_on >= today
        )
        sealed = await self._do(lambda connection: connection.execute(found).scalar())
        opened = self._opened(chat, sealed) if sealed else None
        return opened[1] if opened else None

    async def subscribe(self, chat_id: int, subscription: Subscription) -> None:
        row = self._row(chat_id, subscription)
        statement = self._upsert(SUBSCRIPTION).values(row)
        changed: dict[str, Any] = {name: statement.excluded[name] for name in ("sealed", "lapses_on")}
        same_term = SUBSCRIPTION.c.lapses_on == statement.excluded.lapses_on
        changed["asked_to_renew"] = SUBSCRIPTION.c.asked_to_renew & same_term  # once a term
        statement = statement.on_conflict_do_update(index_elements=["chat"], set_=changed)
        await self._do(lambda connection: connection.execute(statement))
        if self._erasures:
            await self._erasures.forget_erasure(row["chat"])

    async def renew(self, chat_id: int, until: date) -> None:
        subscription = await self.of(chat_id)
        if subscription:
            await self.subscribe(chat_id, replace(subscription, lapses_on=until))

    async def unsubscribe(self, chat_id: int, announcement: str = "") -> None:
        chat = self._keys.hash(chat_id)

        def work(connection: Connection) -> None:
            sealed = connection.execute(
                select(SUBSCRIPTION.c.sealed).where(SUBSCRIPTION.c.chat == chat)
            ).scalar()
            opened = self._opened(chat, sealed) if sealed else None
            if opened and announcement:
                known = select(ANNOUNCEMENT.c.id).where(ANNOUNCEMENT.c.id == announcement)
                if connection.execute(known).scalar():
                    self._add(connection, [(announcement, opened[1].language, Outcome.STOPPED.value, 1)])
            connection.execute(delete(SUBSCRIPTION).where(SUBSCRIPTION.c.chat == chat))
            left = RECIPIENT.c.chat == chat
            waiting = connection.execute(
                select(RECIPIENT.c.announcement, RECIPIENT.c.language).where(
                    left, RECIPIENT.c.state == WAITING
                )
            ).all()
            self._add(connection, [(each, language, Outcome.LEFT.value, 1) for each, language in waiting])
            connection.execute(delete(RECIPIENT).where(left))

        if self._erasures and await self.of(chat_id):
            await self._erasures.note_erasure(chat)  # first: a crash in between must not undo it
        await self._do(work)
        await self._do.truncate_log()

    async def replay_erasures(self) -> None:
        """Erases what a restored backup brought back although it had been erased."""
        erased = await self._erasures.erasures() if self._erasures else ()

        def work(connection: Connection) -> None:
            for start in range(0, len(erased), CHUNK):
                chats = erased[start : start + CHUNK]
                for table in (SUBSCRIPTION, RECIPIENT):
                    connection.execute(delete(table).where(table.c.chat.in_(chats)))

        await self._do(work)

    async def to_renew(self, until: date, most: int) -> Sequence[tuple[int, Subscription]]:
        """Subscriptions that lapse by then and whose people were not asked yet; they count as asked now."""
        soon = select(SUBSCRIPTION.c.chat, SUBSCRIPTION.c.sealed).where(
            SUBSCRIPTION.c.lapses_on <= until,
            SUBSCRIPTION.c.lapses_on >= self._today(),
            SUBSCRIPTION.c.asked_to_renew.is_(False),
        )

        def work(connection: Connection) -> list[tuple[int, Subscription]]:
            rows = connection.execute(soon.limit(most)).all()
            asked = [row.chat for row in rows]
            connection.execute(
                update(SUBSCRIPTION).where(SUBSCRIPTION.c.chat.in_(asked)).values(asked_to_renew=True)
            )
            return [opened for row in rows if (opened := self._opened(row.chat, row.sealed))]

        return await self._do(work)

    async def subscriptions(self) -> list[Subscription]:
        """What everybody subscribed to, without who."""

        def work(connection: Connection) -> list[Subscription]:
            return [subscription for _, (_, subscription) in self._all(connection)]

        return await self._do(work)

    def _row(self, chat_id: int, subscription: Subscription) -> dict[str, Any]:
        chat = self._keys.hash(chat_id)
        plain = json.dumps(
            [
                chat_id,
                subscription.language,
                sorted(subscription.topics),
                sorted(subscription.areas),
                subscription.consent_version,
                subscription.consented_on.isoformat(),
                subscription.lapses_on.isoformat(),
            ],
            separators=(",", ":"),
        )
        return {
            "chat": chat,
            "sealed": self._keys.seal(plain.encode(), "subscription", chat),
            "lapses_on": subscription.lapses_on,
            "asked_to_renew": False,
        }

    def _opened(self, chat: bytes, sealed: bytes) -> tuple[int, Subscription] | None:
        """What no key opens any more counts as erased."""
        try:
            chat_id, language, topics, areas, version, consented, lapses = json.loads(
                self._keys.open(sealed, "subscription", chat)
            )
        except Sealed:
            return None
        return chat_id, Subscription(
            language,
            frozenset(topics),
            frozenset(areas),
            version,
            date.fromisoformat(consented),
            date.fromisoformat(lapses),
        )

    def _all(self, connection: Connection) -> Iterable[tuple[bytes, tuple[int, Subscription]]]:
        """Every living subscription, a chunk at a time."""
        last, today = b"", self._today()
        while True:
            rows = connection.execute(
                select(SUBSCRIPTION.c.chat, SUBSCRIPTION.c.sealed)
                .where(SUBSCRIPTION.c.chat > last, SUBSCRIPTION.c.lapses_on >= today)
                .order_by(SUBSCRIPTION.c.chat)
                .limit(CHUNK)
            ).all()
            for row in rows:
                if opened := self._opened(row.chat, row.sealed):
                    yield row.chat, opened
            if len(rows) < CHUNK:
                return
            last = rows[-1].chat

    # -- announcements --

    async def announcement(self, id: str) -> Announcement | None:
        row = await self._do(
            lambda connection: connection.execute(select(ANNOUNCEMENT).where(ANNOUNCEMENT.c.id == id)).first()
        )
        return _read(row, self._zone) if row else None

    async def announcements(self, *stages: Stage) -> list[Announcement]:
        """All announcements (in these stages), newest first."""
        found = select(ANNOUNCEMENT).order_by(ANNOUNCEMENT.c.created_at.desc(), ANNOUNCEMENT.c.id)
        if stages:
            found = found.where(ANNOUNCEMENT.c.stage.in_([stage.value for stage in stages]))
        return [
            _read(row, self._zone)
            for row in await self._do(lambda connection: connection.execute(found).all())
        ]

    async def keep(self, announcement: Announcement) -> None:
        """Writes down a draft; one that is released is not changed any more."""
        row = _written(announcement) | {"created_at": int(self._clock())}
        statement = self._upsert(ANNOUNCEMENT).values(row)
        changed = {name: statement.excluded[name] for name in row if name not in ("id", "created_at")}
        statement = statement.on_conflict_do_update(
            index_elements=["id"], set_=changed, where=ANNOUNCEMENT.c.stage.in_(_UNRELEASED)
        )
        await self._do(lambda connection: connection.execute(statement))

    async def move(self, id: str, to: Stage, *allowed: Stage) -> bool:
        """Moves an announcement to another stage if it is in one of these now; whether it was."""
        ended = to in (Stage.WITHDRAWN, Stage.OVER, Stage.CANCELLED)
        values = {"stage": to.value, "closed": False} | ({"ended_at": int(self._clock())} if ended else {})
        statement = (
            update(ANNOUNCEMENT)
            .where(ANNOUNCEMENT.c.id == id, ANNOUNCEMENT.c.stage.in_([stage.value for stage in allowed]))
            .values(values)
        )
        return await self._do(lambda connection: connection.execute(statement).rowcount == 1)

    async def release(self, id: str) -> int | None:
        """Writes the outbox, one row a recipient, and lets it go; None when it was released before."""
        return await self._do(lambda connection: self._release(connection, id))

    def _release(self, connection: Connection, id: str) -> int | None:
        moved = connection.execute(
            update(ANNOUNCEMENT)
            .where(ANNOUNCEMENT.c.id == id, ANNOUNCEMENT.c.stage.in_(_UNRELEASED))
            .values(stage=Stage.SENDING.value, released_at=int(self._clock()))
        )
        if moved.rowcount != 1:
            return None
        row = connection.execute(select(ANNOUNCEMENT).where(ANNOUNCEMENT.c.id == id)).one()
        audience = _read(row, self._zone).audience
        counts: dict[str, int] = {}
        chunk: list[dict[str, Any]] = []
        for chat, language in self._recipients(connection, audience):
            counts[language] = counts.get(language, 0) + 1
            chunk.append({"announcement": id, "chat": chat, "language": language, "state": WAITING})
            if len(chunk) == CHUNK:
                connection.execute(insert(RECIPIENT), chunk)
                chunk = []
        if chunk:
            connection.execute(insert(RECIPIENT), chunk)
        self._add(connection, [(id, language, RECIPIENTS, count) for language, count in counts.items()])
        return sum(counts.values())

    def _recipients(self, connection: Connection, audience: Audience) -> Iterable[tuple[bytes, str]]:
        if audience.roles:
            named = select(MEMBER.c.chat, MEMBER.c.sealed).where(
                MEMBER.c.role.in_([role.value for role in audience.roles])
            )
            for row in connection.execute(named).all():
                if opened := opened_member(self._keys, row.chat, row.sealed):
                    yield row.chat, opened[1]
            return
        for chat, (_, subscription) in self._all(connection):
            if audience.has(subscription):
                yield chat, subscription.language

    async def gauges(self) -> dict[str, float]:
        """Figures for a monitor: subscriptions and recipients that wait, rounded as all counts of people are."""

        def work(connection: Connection) -> dict[str, float]:
            waiting = (
                select(func.count()).select_from(RECIPIENT).where(RECIPIENT.c.state.in_([WAITING, CLAIMED]))
            )
            under_way = select(func.count()).select_from(ANNOUNCEMENT)
            under_way = under_way.where(ANNOUNCEMENT.c.stage == Stage.SENDING.value)
            kept = select(func.count()).select_from(SUBSCRIPTION)
            return {
                "subscriptions": told(connection.execute(kept).scalar_one()) or 0,
                "recipients_waiting": told(connection.execute(waiting).scalar_one()) or 0,
                "announcements_sending": connection.execute(under_way).scalar_one(),
            }

        return await self._do(work)

    async def progress(self, id: str) -> Progress:
        """The counts so far. They are exact: `announcements/report` makes what people may see of them."""
        found = select(TALLY).where(TALLY.c.announcement == id)
        rows = await self._do(lambda connection: connection.execute(found).all())
        counts = {(language, what): count for _, language, what, count in rows}
        recipients = {language: count for (language, what), count in counts.items() if what == RECIPIENTS}
        outcomes = {
            (language, Outcome(what)): count
            for (language, what), count in counts.items()
            if what != RECIPIENTS
        }
        return Progress(recipients, outcomes)

    # -- delivery --

    async def exchange(
        self, sender: str, results: Sequence[Result], wanted: int, *, night: bool
    ) -> Sequence[Claim]:
        try:
            return await self._do(
                lambda connection: self._exchange(connection, sender, results, wanted, night)
            )
        except StoreUnavailable as error:
            raise OutboxUnavailable from error

    def _exchange(
        self, connection: Connection, sender: str, results: Sequence[Result], wanted: int, night: bool
    ) -> list[Claim]:
        self._write_down(connection, sender, results)
        if self._clock() > self._alive_since.get(sender, 0.0) + self._lease / 4:
            self._still_alive(connection, sender)
        if not wanted:
            return []
        under_way = connection.execute(_UNDER_WAY).all()
        claims: list[Claim] = []
        for id, stage, at_night in under_way:
            sends = stage == Stage.SENDING.value
            if sends and night and not at_night:
                continue
            start, between = (WAITING, CLAIMED) if sends else (DONE, ENDING)
            claimed = self._claim(connection, sender, id, start, between, wanted - len(claims))
            claims += self._open_claims(connection, id, claimed, ends=not sends)
            if not claimed:
                self._close_if_done(connection, id, stage)
            if len(claims) >= wanted:
                break
        return claims

    def _claim(
        self, connection: Connection, sender: str, id: str, start: int, between: int, most: int
    ) -> Sequence[Any]:
        """Recipients of one announcement, marked as this sender's; no other sender gets them."""
        given = {"of": id, "start": start, "between": between, "by": sender, "most": most}
        return connection.execute(_CLAIM, given).all()

    def _open_claims(
        self, connection: Connection, id: str, rows: Sequence[Any], *, ends: bool
    ) -> list[Claim]:
        """The claims with their chats, looked up at this very moment; who has left gets nothing."""
        chats = [row.chat for row in rows]
        if not chats:
            return []
        living = self._chat_ids(connection, chats)
        claims, left = [], []
        for row in rows:
            if chat_id := living.get(row.chat):
                claims.append(Claim(id, row.chat, chat_id, row.language, row.message if ends else None))
            else:
                left.append(row)
        for row in left:
            connection.execute(
                update(RECIPIENT)
                .where(RECIPIENT.c.announcement == id, RECIPIENT.c.chat == row.chat)
                .values(state=ENDED, sender=None)
            )
        if not ends:
            self._add(connection, [(id, row.language, Outcome.LEFT.value, 1) for row in left])
        return claims

    def _chat_ids(self, connection: Connection, chats: Sequence[bytes]) -> dict[bytes, int]:
        members = select(MEMBER.c.chat, MEMBER.c.sealed).where(MEMBER.c.chat.in_(chats))
        found = select(SUBSCRIPTION.c.chat, SUBSCRIPTION.c.sealed).where(SUBSCRIPTION.c.chat.in_(chats))
        living: dict[bytes, int] = {}
        for row in connection.execute(members):
            if member := opened_member(self._keys, row.chat, row.sealed):
                living[row.chat] = member[0]
        for row in connection.execute(found):
            if subscriber := self._opened(row.chat, row.sealed):
                living[row.chat] = subscriber[0]
        return living

    def _write_down(self, connection: Connection, sender: str, results: Sequence[Result]) -> None:
        """What became of claims; one that others have taken over meanwhile is theirs to write down."""
        counts: list[tuple[str, str, str, int]] = []
        for result in results:
            claim = result.claim
            sent = result.outcome is Outcome.DELIVERED and claim.ends is None
            mine = connection.execute(
                _WRITE_DOWN,
                {
                    "of": claim.announcement,
                    "to": claim.recipient,
                    "by": sender,
                    "now": DONE if sent else ENDED,
                    "id": result.message_id,
                },
            )
            if result.unsure and claim.ends is None:
                counts.append((claim.announcement, claim.language, Outcome.UNCERTAIN.value, result.unsure))
            if mine.rowcount == 1 and claim.ends is None:
                counts.append((claim.announcement, claim.language, result.outcome.value, 1))
            if result.outcome is Outcome.BLOCKED:
                connection.execute(delete(SUBSCRIPTION).where(SUBSCRIPTION.c.chat == claim.recipient))
        self._add(connection, counts)

    def _still_alive(self, connection: Connection, sender: str) -> None:
        """Says that this sender lives, and gives back what dead ones had claimed."""
        now = self._alive_since[sender] = self._clock()
        statement = self._upsert(SENDER).values(id=sender, alive_until=ceil(now + self._lease))
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["id"], set_={"alive_until": statement.excluded.alive_until}
            )
        )
        dead = connection.execute(select(SENDER.c.id).where(SENDER.c.alive_until < now)).scalars().all()
        if dead:
            self._take_over(connection, RECIPIENT.c.sender.in_(dead))
            connection.execute(delete(SENDER).where(SENDER.c.id.in_(dead)))

    async def take_over_all(self) -> None:
        """For the only sender, at its start: whatever is claimed was claimed by a predecessor that died."""

        def work(connection: Connection) -> None:
            self._take_over(connection, RECIPIENT.c.sender.is_not(None))
            connection.execute(delete(SENDER))

        await self._do(work)

    def _take_over(self, connection: Connection, whose: Any) -> None:
        uncertain = connection.execute(
            select(RECIPIENT.c.announcement, RECIPIENT.c.language, func.count())
            .where(whose, RECIPIENT.c.state == CLAIMED)
            .group_by(RECIPIENT.c.announcement, RECIPIENT.c.language)
        ).all()
        self._add(
            connection, [(id, language, Outcome.UNCERTAIN.value, count) for id, language, count in uncertain]
        )
        for between, start in ((CLAIMED, WAITING), (ENDING, DONE)):
            connection.execute(
                update(RECIPIENT).where(whose, RECIPIENT.c.state == between).values(state=start, sender=None)
            )

    def _close_if_done(self, connection: Connection, id: str, stage: str) -> None:
        """An announcement of which nothing waits and nothing is on its way needs no sender any more."""
        open_states = (WAITING, CLAIMED) if stage == Stage.SENDING.value else (DONE, ENDING)
        left = select(RECIPIENT.c.chat).where(
            RECIPIENT.c.announcement == id, RECIPIENT.c.state.in_(open_states)
        )
        if connection.execute(left.limit(1)).first() is None:
            values: dict[str, Any] = {"closed": True}
            if stage == Stage.SENDING.value:
                values = {"stage": Stage.SENT.value}
            connection.execute(update(ANNOUNCEMENT).where(ANNOUNCEMENT.c.id == id).values(values))

    async def due(self, now: datetime) -> None:
        await self._do(lambda connection: self._due(connection, int(now.timestamp())))

    def _due(self, connection: Connection, now: int) -> None:
        scheduled = select(ANNOUNCEMENT.c.id).where(
            ANNOUNCEMENT.c.stage == Stage.SCHEDULED.value, ANNOUNCEMENT.c.send_at <= now
        )
        for id in connection.execute(scheduled).scalars().all():
            self._release(connection, id)
        expired = (
            update(ANNOUNCEMENT)
            .where(
                ANNOUNCEMENT.c.stage.in_([Stage.SENDING.value, Stage.PAUSED.value, Stage.SENT.value]),
                ANNOUNCEMENT.c.expires_at <= now,
            )
            .values(stage=Stage.OVER.value, ended_at=now, closed=False)
        )
        connection.execute(expired)
        erased = (
            select(ANNOUNCEMENT.c.id)
            .where(ANNOUNCEMENT.c.ended_at <= now - ERASED_AFTER_SECONDS)
            .scalar_subquery()
        )
        connection.execute(delete(RECIPIENT).where(RECIPIENT.c.announcement.in_(erased)))
        connection.execute(delete(SUBSCRIPTION).where(SUBSCRIPTION.c.lapses_on < self._today()))

    # -- how it is done --

    def _add(self, connection: Connection, counts: Sequence[tuple[str, str, str, int]]) -> None:
        """Adds to the tally."""
        summed: dict[tuple[str, str, str], int] = {}
        for announcement, language, what, count in counts:
            key = announcement, language, what
            summed[key] = summed.get(key, 0) + count
        for (announcement, language, what), count in sorted(summed.items()):
            statement = self._upsert(TALLY).values(
                announcement=announcement, language=language, what=what, count=count
            )
            added = {"count": TALLY.c["count"] + statement.excluded["count"]}
            connection.execute(
                statement.on_conflict_do_update(index_elements=TALLY.primary_key.columns, set_=added)
            )

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock(), UTC).date()


def sealed_member(keys: Keys, chat_id: int, language: str) -> bytes:
    """What is kept of a member of the network beside the role, encrypted for the row of this chat."""
    return keys.seal(json.dumps([chat_id, language]).encode(), "member", keys.hash(chat_id))


def opened_member(keys: Keys, chat: bytes, sealed: bytes) -> tuple[int, str] | None:
    """Chat id and language, as `sealed_member` wrote them; what no key opens any more counts as erased."""
    try:
        chat_id, language = json.loads(keys.open(sealed, "member", chat))
    except Sealed:
        return None
    return int(chat_id), str(language)


_UNRELEASED = [stage.value for stage in (Stage.DRAFT, Stage.HANDED_IN, Stage.SCHEDULED)]


def _written(announcement: Announcement) -> dict[str, Any]:
    content, audience = announcement.content, announcement.audience
    venue = content.venue
    at = int(venue.at.timestamp()) if venue and venue.at else None
    return {
        "id": announcement.id,
        "stage": announcement.stage.value,
        "content": json.dumps(
            {
                "texts": dict(content.texts),
                "photo": content.photo,
                "venue": [venue.latitude, venue.longitude, at] if venue else None,
            },
            ensure_ascii=False,
        ),
        "audience": json.dumps({name: sorted(getattr(audience, name)) for name in audience.__slots__}),
        "expires_at": _seconds(announcement.expires_at),
        "send_at": _seconds(announcement.send_at),
        "at_night": announcement.at_night,
        "template": announcement.template,
    }


def _read(row: Any, zone: tzinfo) -> Announcement:
    content, audience = json.loads(row.content), json.loads(row.audience)
    venue = content["venue"]
    return Announcement(
        row.id,
        Content(
            content["texts"],
            content["photo"],
            Venue(venue[0], venue[1], _moment(venue[2], zone)) if venue else None,
        ),
        Audience(
            frozenset(audience["topics"]),
            frozenset(audience["areas"]),
            frozenset(audience["languages"]),
            frozenset(map(Role, audience["roles"])),
        ),
        Stage(row.stage),
        _moment(row.expires_at, zone),
        _moment(row.send_at, zone),
        row.at_night,
        row.template,
    )


def _seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None


def _moment(seconds: int | None, zone: tzinfo) -> datetime | None:
    return datetime.fromtimestamp(seconds, zone) if seconds is not None else None
