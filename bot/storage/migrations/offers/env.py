"""Alembic's entry for the tables of offers."""

from bot.storage.engine import run_migrations
from bot.storage.offers import Row

run_migrations(Row.metadata)
