"""Opens databases and brings them to the newest shape. Knows no table.

Offers and records (conversations, personal data) are two trees of migrations: two files, or two schemas.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy
from sqlalchemy import Connection, Engine, event, make_url

if TYPE_CHECKING:
    from sqlalchemy import MetaData

Tree = Literal["offers", "records", "news"]

BUSY_MILLISECONDS = 5000


def create_engine(url: str, *, busy_milliseconds: int = BUSY_MILLISECONDS, durable: bool = False) -> Engine:
    """An engine for `sqlite:///path` (the folder is made) or `postgresql://…` (psycopg 3).

    SQLite runs with a write-ahead log, foreign keys, a busy timeout, and overwrites what is deleted.
    `durable`: what is committed survives a power failure too, and transactions take their turn from the start (SQLite;
    PostgreSQL is so by itself).
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return sqlalchemy.create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sqlalchemy.create_engine(parsed)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        for pragma in (
            f"busy_timeout={busy_milliseconds}",  # first: the others may have to wait
            "journal_mode=WAL",
            f"synchronous={'FULL' if durable else 'NORMAL'}",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")
        if durable:
            connection.isolation_level = None  # transactions are begun below, not by the driver

    if durable:

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def make_schema(engine: Engine, name: str) -> None:
    """Makes the schema where the database has such a thing; a SQLite file is its own."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {name}")


def migrate(engine: Engine, tree: Tree) -> None:
    """Brings one tree of tables to the newest revision; does nothing when it is there already."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations" / tree))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        config.attributes["tree"] = tree
        command.upgrade(config, "head")


def run_migrations(metadata: MetaData) -> None:
    """What every tree's env.py calls: runs its migrations on the connection that `migrate` hands over."""
    from alembic import context

    tree = context.config.attributes["tree"]
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        version_table=f"alembic_version_{tree}",
        render_as_batch=True,  # SQLite alters a table by copying it
    )
    with context.begin_transaction():
        context.run_migrations()
