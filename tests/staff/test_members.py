"""Members and invitations in the database: one contract on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.announcements.model import Role
from bot.settings import Database
from bot.staff.members import Ask, Audited, OnDesk
from bot.storage.crypto import Keys
from bot.storage.engine import create_engine, make_schema, migrate
from bot.storage.members import SqlMembers
from bot.storage.news import AUDIT, INVITE, MEMBER

KEYS = Keys((b"a secret only for these tests, long enough",))
CHAT, OTHER = 700_000_003, 700_000_004


@pytest.fixture(params=["sqlite", "postgresql"])
async def members(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlMembers]:
    url = f"sqlite:///{tmp_path}/test.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    engine = create_engine(Database(url=url).beside("news"), durable=True)
    make_schema(engine, "news")
    migrate(engine, "news")
    with engine.begin() as connection:
        for table in (MEMBER, INVITE, AUDIT):
            connection.execute(table.delete())
    store = SqlMembers(engine, KEYS)
    yield store
    await store.close()
    engine.dispose()


async def test_of_two_who_redeem_at_once_one_is_a_member(members: SqlMembers) -> None:
    token = await members.invite(Role.EDITOR)
    roles = await asyncio.gather(*(members.redeem(token, chat, "de") for chat in (CHAT, OTHER)))
    assert {*roles} == {None, Role.EDITOR}


async def test_another_process_sees_members_and_their_desks(members: SqlMembers) -> None:
    await members.redeem(await members.invite(Role.COORDINATOR), CHAT, "ar")
    desk = OnDesk("abc", Ask.TEXT, "+ein Text")
    await members.put(CHAT, desk)
    other = SqlMembers(members._engine, KEYS)
    await other.refresh()
    found = other.of(CHAT)
    assert found is not None
    assert (found.role, found.language, found.desk) == (Role.COORDINATOR, "ar", desk)
    await other.close()


async def test_nothing_readable_of_a_chat_a_token_or_a_text_is_stored(members: SqlMembers) -> None:
    token = await members.invite(Role.COORDINATOR)
    await members.redeem(token, CHAT, "de")
    await members.put(CHAT, OnDesk("abc", Ask.LANGUAGE, "+geheimer Text"))
    await members.invite(Role.HELPER, CHAT)
    with members._engine.connect() as connection:
        dump = b"".join(
            part if isinstance(part, bytes) else str(part).encode()
            for table in (MEMBER, INVITE, AUDIT)
            for row in connection.execute(select(table))
            for part in row
        )
    for secret in (str(CHAT), token, "geheim"):
        assert secret.encode() not in dump


async def test_who_leaves_is_no_name_in_the_audit_log_any_more(members: SqlMembers) -> None:
    await members.redeem(await members.invite(Role.COORDINATOR), CHAT, "de")
    await members.audit(CHAT, Audited.WROTE, "abc")
    assert await members.wrote(CHAT, "abc")
    await members.leave(CHAT)
    assert members.of(CHAT) is None
    assert not await members.wrote(CHAT, "abc")
