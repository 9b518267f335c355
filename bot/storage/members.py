"""Members of the network, invitations and the audit log, in the database of the news. All members are kept in memory.

Chats are encrypted and found by a keyed hash; of an invitation only the hash of its token is stored.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from time import time
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update

from bot.announcements.model import Role
from bot.staff.members import INVITE_HOURS, Ask, Audited, Member, OnDesk
from bot.storage.crypto import Keys, Sealed
from bot.storage.news import AUDIT, INVITE, MEMBER, opened_member, sealed_member
from bot.storage.transactions import Transactions

TOKEN_BYTES = 32
_RANK = (Role.HELPER, Role.EDITOR, Role.COORDINATOR)
"""Roles, the least first: an invitation never takes away what somebody may do already."""


class SqlMembers:
    """Implements `staff.Members` over the engine of `SqlNews`; `clock` gives seconds since 1970."""

    def __init__(self, engine: Engine, keys: Keys, *, clock: Callable[[], float] = time) -> None:
        self._engine = engine
        self._keys = keys
        self._clock = clock
        self._members: dict[int, Member] = {}
        self._changes = 0
        self._do = Transactions(engine, "members")

    async def close(self) -> None:
        """Waits for what is under way; the engine is `SqlNews`' to close."""
        await self._do.close()

    def of(self, chat_id: int) -> Member | None:
        return self._members.get(chat_id)

    def with_roles(self, roles: Iterable[Role]) -> Sequence[Member]:
        wanted = frozenset(roles)
        return [member for member in self._members.values() if member.role in wanted]

    async def refresh(self) -> None:
        """Reads all members anew: another process may have changed them."""
        changes = self._changes
        rows = await self._do(lambda connection: connection.execute(select(MEMBER)).all())
        if changes != self._changes:
            return  # what was read is older than what is known; the next time will do
        members = {}
        for row in rows:
            if opened := opened_member(self._keys, row.chat, row.sealed):
                chat_id, language = opened
                desk = self._opened_desk(row.chat, row.desk)
                members[chat_id] = Member(chat_id, Role(row.role), language, row.since, desk)
        self._members = members

    async def invite(self, role: Role, by: int | None = None) -> str:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        expires_at = int(self._clock()) + INVITE_HOURS * 3600

        def work(connection: Connection) -> None:
            row = {"token": _hashed(token), "role": role.value, "expires_at": expires_at}
            connection.execute(delete(INVITE).where(INVITE.c.expires_at <= int(self._clock())))
            connection.execute(insert(INVITE).values(row))
            self._note(connection, by, Audited.INVITED, role.value)

        await self._do(work)
        return token

    async def redeem(self, token: str, chat_id: int, language: str) -> Role | None:
        chat, today = self._keys.hash(chat_id), self._today()

        def work(connection: Connection) -> tuple[Role, str] | None:
            taken = connection.execute(
                delete(INVITE)
                .where(INVITE.c.token == _hashed(token), INVITE.c.expires_at > int(self._clock()))
                .returning(INVITE.c.role)
            ).scalar()
            if taken is None:
                return None
            held = connection.execute(select(MEMBER.c.role).where(MEMBER.c.chat == chat)).scalar()
            role = max((Role(each) for each in (held, taken) if each), key=_RANK.index)
            values: dict[str, Any] = {
                "sealed": sealed_member(self._keys, chat_id, language),
                "role": role.value,
            }
            if held:
                connection.execute(update(MEMBER).where(MEMBER.c.chat == chat).values(values))
            else:
                connection.execute(insert(MEMBER).values(values | {"chat": chat, "since": today}))
            self._note(connection, chat_id, Audited.JOINED, taken, role)
            return role, taken

        joined = await self._do(work)
        if joined is None:
            return None
        known = self._members.get(chat_id)
        self._changes += 1
        self._members[chat_id] = (
            replace(known, role=joined[0], language=language)
            if known
            else Member(chat_id, joined[0], language, today)
        )
        return joined[0]

    async def put(self, chat_id: int, desk: OnDesk) -> None:
        member = self._members.get(chat_id)
        if member is None or member.desk == desk:
            return
        self._changes += 1
        self._members[chat_id] = replace(member, desk=desk)
        chat = self._keys.hash(chat_id)
        plain = json.dumps([desk.draft, desk.asks, desk.pending]).encode()
        sealed = self._keys.seal(plain, "desk", chat) if desk != OnDesk() else None
        await self._do(
            lambda connection: connection.execute(
                update(MEMBER).where(MEMBER.c.chat == chat).values(desk=sealed)
            )
        )

    async def leave(self, chat_id: int) -> None:
        self._changes += 1
        member = self._members.pop(chat_id, None)
        chat = self._keys.hash(chat_id)

        def work(connection: Connection) -> None:
            if connection.execute(delete(MEMBER).where(MEMBER.c.chat == chat)).rowcount:
                role = member.role if member else ""
                row = {"at": int(self._clock()), "role": role, "what": Audited.LEFT.value, "detail": ""}
                connection.execute(insert(AUDIT).values(row))
            connection.execute(update(AUDIT).where(AUDIT.c.who == chat).values(who=None))

        await self._do(work)

    async def audit(self, chat_id: int, what: Audited, detail: str) -> None:
        await self._do(lambda connection: self._note(connection, chat_id, what, detail))

    async def wrote(self, chat_id: int, announcement: str) -> bool:
        found = select(AUDIT.c.id).where(
            AUDIT.c.who == self._keys.hash(chat_id),
            AUDIT.c.what == Audited.WROTE.value,
            AUDIT.c.detail == announcement,
        )
        return await self._do(lambda connection: connection.execute(found.limit(1)).first() is not None)

    def _note(
        self,
        connection: Connection,
        chat_id: int | None,
        what: Audited,
        detail: str,
        role: Role | None = None,
    ) -> None:
        member = self._members.get(chat_id) if chat_id is not None else None
        role = role or (member.role if member else None)
        connection.execute(
            insert(AUDIT).values(
                at=int(self._clock()),
                who=self._keys.hash(chat_id) if chat_id is not None else None,
                role=role.value if role else "",  # "": somebody at the command line
                what=what.value,
                detail=detail,
            )
        )

    def _opened_desk(self, chat: bytes, sealed: bytes | None) -> OnDesk:
        try:
            draft, asks, pending = json.loads(self._keys.open(sealed or b"", "desk", chat))
        except Sealed:
            return OnDesk()
        return OnDesk(draft, Ask(asks), pending)

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock(), UTC).date()


def _hashed(token: str) -> bytes:
    """A random token of 256 bits needs no salt and no slow hash."""
    return hashlib.sha256(token.encode()).digest()
