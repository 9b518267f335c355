"""Encrypts everything that is kept under the newest secret. The bot must not run meanwhile.

The hash by which chats are found comes from the oldest secret and stays: without the chats' ids, which nobody keeps
in clear, it cannot be made anew for every row.
"""

from __future__ import annotations

from sqlalchemy import Column, Connection, Engine, select, update

from bot.storage.crypto import Keys, Sealed
from bot.storage.news import MEMBER, SUBSCRIPTION
from bot.storage.plans import PLAN
from bot.storage.records import CONVERSATION, OWN_WORDS, PREFERENCE

CHUNK = 1_000
SEALED: tuple[tuple[Column[bytes], str], ...] = (
    (CONVERSATION.c.answers, "conversation"),
    (CONVERSATION.c.sent, "sent"),
    (PREFERENCE.c.language, "preference"),
    (OWN_WORDS.c.sealed, "own_words"),
    (PLAN.c.sealed, "plan"),
    (SUBSCRIPTION.c.sealed, "subscription"),
    (MEMBER.c.sealed, "member"),
    (MEMBER.c.desk, "desk"),
)
"""Every encrypted column, and the name of the place that its rows are bound to."""


def seal_anew(records: Engine, news: Engine, keys: Keys) -> tuple[int, int]:
    """Opens each record with whichever secret fits, seals it with the first: how many, and how many did not open."""
    done = lost = 0
    for column, place in SEALED:
        engine = records if column.table in (CONVERSATION, PREFERENCE, OWN_WORDS) else news
        with engine.begin() as connection:
            sealed, unreadable = _column(connection, column, place, keys)
        done, lost = done + sealed, lost + unreadable
    return done, lost


def _column(connection: Connection, column: Column[bytes], place: str, keys: Keys) -> tuple[int, int]:
    key = next(iter(column.table.primary_key.columns))
    done = lost = 0
    last = b""
    while True:
        rows = connection.execute(
            select(key, column).where(key > last, column.is_not(None)).order_by(key).limit(CHUNK)
        ).all()
        for row in rows:
            try:
                plain = keys.open(row[1], place, row[0])
            except Sealed:
                lost += 1
                continue
            fresh = {column.name: keys.seal(plain, place, row[0])}
            connection.execute(update(column.table).where(key == row[0]).values(fresh))
            done += 1
        if len(rows) < CHUNK:
            return done, lost
        last = rows[-1][0]
