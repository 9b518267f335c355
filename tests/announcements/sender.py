"""A sender in a process of its own, on PostgreSQL and Redis, for the chaos run: ADDRESS DATABASE REDIS SECRET."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

from redis.asyncio import Redis
from telegram import Bot

from bot.announcements.delivery import Delivery
from bot.settings import Database
from bot.storage.crypto import Keys
from bot.storage.engine import create_engine
from bot.storage.news import SqlNews
from bot.storage.redis import RedisBudget
from bot.telegram.courier import Pace, TelegramCourier
from bot.telegram.transport import AiohttpRequest

LEASE = 4.0
PER_SECOND = 200


async def main(api: str, database: str, redis_url: str, secret: str) -> None:
    news = SqlNews(
        create_engine(Database(url=database).beside("news"), durable=True),
        Keys((secret.encode(),)),
        lease=LEASE,
    )
    redis = Redis.from_url(redis_url)
    bot = Bot("1:bench", f"{api}/bot", request=AiohttpRequest())
    async with bot:
        budget = RedisBudget(redis, 1, PER_SECOND)
        courier = TelegramCourier(bot, Pace())
        await Delivery(news, courier, budget, lambda: datetime.now(UTC), lease=LEASE).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
