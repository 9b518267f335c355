"""The webhook: checks the secret, answers only after the work is safe, so that a crash makes Telegram send again."""

from __future__ import annotations

import asyncio
import hmac
import json

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, Update

from bot.telegram.polling import Work

LOG = structlog.get_logger()
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a name, no secret; Bot API, setWebhook: secret_token
LARGEST_BODY = 1 << 20


def webhook_route(path: str, secret: str, bot: Bot, work: Work) -> Route:
    """The route that Telegram posts to: 403 without the secret, 400 for what is no update, 500 to get it again."""

    async def receive(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get(SECRET_HEADER, ""), secret):
            return Response(status_code=403)
        body = await request.body()
        try:
            if len(body) > LARGEST_BODY:
                raise ValueError("too large")
            update = Update.de_json(json.loads(body), bot)
        except (ValueError, KeyError, TypeError, AttributeError):
            return Response(status_code=400)
        safe = asyncio.Event()
        task = work(update, safe.set)
        waiting = asyncio.ensure_future(safe.wait())
        await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        failed = not safe.is_set() and task.done() and task.exception() is not None
        return Response(status_code=500 if failed else 200)

    return Route(path, receive, methods=["POST"])
