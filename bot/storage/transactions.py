"""Database work in threads of its own, a transaction each, for what must not keep the event loop waiting."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from bot.announcements.delivery import OutboxUnavailable
from bot.outside import StoreUnavailable

_T = TypeVar("_T")


class DatabaseGone(StoreUnavailable, OutboxUnavailable):
    """The database did not answer, as conversations and senders call it."""


class Transactions:
    """Runs work on an engine, `side_by_side` transactions at once; SQLite has one writer."""

    def __init__(self, engine: Engine, name: str, side_by_side: int = 1) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(side_by_side, thread_name_prefix=name)

    async def __call__(self, work: Callable[[Connection], _T]) -> _T:
        """What the work returns, once it is committed. Raises DatabaseGone."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._transact, work)

    def _transact(self, work: Callable[[Connection], _T]) -> _T:
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            raise DatabaseGone(type(error).__name__) from error

    async def truncate_log(self) -> None:
        """Empties SQLite's write-ahead log, in which what was erased lives on; other databases have none beside them.

        Where somebody else is writing it stays; the next one to truncate it does.
        """
        if self._engine.dialect.name == "sqlite":
            await asyncio.get_running_loop().run_in_executor(self._threads, self._checkpoint)

    def _checkpoint(self) -> None:
        connection = self._engine.raw_connection()  # outside any transaction, which it could not be done in
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise DatabaseGone(type(error).__name__) from error
        finally:
            connection.close()

    async def close(self) -> None:
        """Waits for what is under way; the engine is the caller's to close."""
        await asyncio.to_thread(self._threads.shutdown)
