"""Alembic's entry for the tables of news."""

from bot.storage.engine import run_migrations
from bot.storage.news import METADATA

run_migrations(METADATA)
