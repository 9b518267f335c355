"""Alembic's entry for the tables of records."""

from bot.storage.engine import run_migrations
from bot.storage.records import METADATA

run_migrations(METADATA)
