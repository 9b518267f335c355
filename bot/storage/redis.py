"""Conversations in Redis, for several processes side by side: state with an expiry, one lock a chat.

What lasts longer than a conversation (chosen languages, counters) stays in SQL. Keys hold the chat's hash,
never its id.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import date
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import LockError, RedisError

from bot.announcements.delivery import BURST_SECONDS
from bot.outside import Record, StoreUnavailable
from bot.storage.crypto import Keys, Sealed
from bot.storage.records import (
    SENT_SECONDS,
    SqlRecords,
    noted,
    opened_sent,
    pack_answers,
    pack_sent,
    unpack_answers,
)

LOCK_SECONDS = 30.0
"""A lock outlives a crashed process by this long; a living one renews it."""
LOCK_WAIT = 60.0


class RedisConversations:
    """Implements `bot.converse.Conversations`; `records` keeps what must outlive a conversation."""

    def __init__(self, redis: Redis, keys: Keys, records: SqlRecords, *, retention_hours: int = 24) -> None:
        self._redis: Any = redis
        self._keys = keys
        self._records = records
        self._retention = retention_hours * 3600

    @asynccontextmanager
    async def lock(self, chat_id: int) -> AsyncIterator[None]:
        name = f"rahnuma:lock:{self._keys.hash(chat_id).hex()}"
        lock = self._redis.lock(name, timeout=LOCK_SECONDS, blocking_timeout=LOCK_WAIT, thread_local=False)
        try:
            if not await lock.acquire():
                raise StoreUnavailable("lock")
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from error

        async def renew() -> None:
            while True:
                await asyncio.sleep(LOCK_SECONDS / 3)
                with suppress(RedisError):
                    await lock.reacquire()

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(LockError, RedisError):
                await lock.release()

    async def load(self, chat_id: int) -> Record | None:
        chat = self._keys.hash(chat_id)
        kept = await self._records.load(chat_id)
        try:
            async with self._redis.pipeline() as pipe:
                pipe.mget(_answers(chat), _sent(chat))
                pipe.sismember(_UNSENT, chat)
                (answers, sent), unsent = await pipe.execute()
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from error
        language = kept.remembered_language if kept else None
        pairs = opened_sent(self._keys, chat, sent)
        if answers is None:
            known = pairs or language
            return Record(chat_id, sent=pairs, remembered_language=language) if known else None
        try:
            record = unpack_answers(self._keys.open(answers, "conversation", chat))
        except Sealed:
            return None
        outbox = record.outbox if unsent else ()
        return replace(record, outbox=outbox, sent=pairs, remembered_language=language)

    async def save(self, record: Record) -> None:
        chat = self._keys.hash(record.chat_id)
        answers = self._keys.seal(pack_answers(record), "conversation", chat)
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(_answers(chat), answers, ex=self._retention)
                if record.outbox:
                    pipe.sadd(_UNSENT, chat)
                else:
                    pipe.srem(_UNSENT, chat)
                await pipe.execute()
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from error

    async def delivered(self, chat_id: int, sent: tuple[tuple[int, int], ...]) -> None:
        chat = self._keys.hash(chat_id)
        sealed = self._keys.seal(pack_sent(sent), "sent", chat)
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(_sent(chat), sealed, ex=SENT_SECONDS)
                pipe.srem(_UNSENT, chat)
                await pipe.execute()
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from error

    async def note_sent(self, chat_id: int, message_id: int, at: int) -> None:
        chat = self._keys.hash(chat_id)
        async with self.lock(chat_id):
            try:
                answers, sent = await self._redis.mget(_answers(chat), _sent(chat))
                if answers is None and sent is None:
                    return
                known = opened_sent(self._keys, chat, sent)
                sealed = self._keys.seal(pack_sent(noted(known, message_id, at)), "sent", chat)
                await self._redis.set(_sent(chat), sealed, ex=SENT_SECONDS)
            except RedisError as error:
                raise StoreUnavailable(type(error).__name__) from error

    async def remember_language(self, chat_id: int, language: str, consented_on: date) -> None:
        await self._records.remember_language(chat_id, language, consented_on)

    async def erase(self, chat_id: int) -> None:
        chat = self._keys.hash(chat_id)
        try:
            await self._redis.delete(_answers(chat), _sent(chat))
            await self._redis.srem(_UNSENT, chat)
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from error
        await self._records.erase(chat_id)

    async def unsent(self) -> Sequence[Record]:
        found = []
        for chat in await self._redis.smembers(_UNSENT):
            answers = await self._redis.get(_answers(chat))
            if answers is None:
                await self._redis.srem(_UNSENT, chat)
                continue
            with suppress(Sealed):
                found.append(unpack_answers(self._keys.open(answers, "conversation", chat)))
        return [record for each in found if (record := await self.load(each.chat_id))]


_UNSENT = "rahnuma:unsent"


def _answers(chat: bytes) -> str:
    return f"rahnuma:chat:{chat.hex()}:answers"


def _sent(chat: bytes) -> str:
    return f"rahnuma:chat:{chat.hex()}:sent"


_TAKE = """
local now = redis.call('TIME')
local seconds = now[1] + now[2] / 1e6
if redis.call('EXISTS', KEYS[2]) == 1 then return {0, redis.call('PTTL', KEYS[2])} end
local rate, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(kept[1] or burst), tonumber(kept[2] or seconds)
tokens = math.min(burst, tokens + math.max(0, seconds - at) * rate)
local taken = math.max(0, math.min(wanted, math.floor(tokens)))
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - taken), 'at', string.format('%.6f', seconds))
redis.call('EXPIRE', KEYS[1], 60)
return {taken, math.ceil(math.max(0, 1 - (tokens - taken)) / rate * 1000)}
"""
"""One rate for all senders, by Redis's clock: takes tokens, or tells how many milliseconds to wait."""


class RedisBudget:
    """Implements `delivery.Budget` for several senders of one bot. Without Redis nothing is sent, and nothing lost."""

    def __init__(self, redis: Redis, bot_id: int, per_second: float) -> None:
        self._redis: Any = redis
        self._keys = [f"rahnuma:budget:{bot_id}", f"rahnuma:halt:{bot_id}"]
        self._per_second = per_second
        self._burst = max(1.0, per_second * BURST_SECONDS)
        self._pause = 1.0
        self._script = redis.register_script(_TAKE)

    async def take(self, wanted: int) -> int:
        try:
            taken, wait = await self._script(keys=self._keys, args=[self._per_second, self._burst, wanted])
        except RedisError:
            self._pause = 1.0
            return 0
        self._pause = int(wait) / 1000
        return int(taken)

    async def halt(self, seconds: float) -> None:
        with suppress(RedisError):
            await self._redis.set(self._keys[1], 1, px=max(1, int(seconds * 1000)))

    async def pause(self) -> float:
        return self._pause
