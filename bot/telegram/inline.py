"""Inline queries → answerInlineQuery: the newest of each person, a courtesy. Logs nothing of what was asked."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import Any

import structlog
from telegram import Bot, InlineQuery
from telegram.constants import ParseMode
from telegram.error import BadRequest, NetworkError, TelegramError

from bot.inline import Inline, InlineAnswer, InlineResult
from bot.languages.render import say
from bot.links.start import start_parameter
from bot.telegram.outbound import NO_PREVIEW, keyboard, waits

LOG = structlog.get_logger()
CRISIS_TRIES = 4
"""Tries to show a crisis card while Telegram does not answer; some seconds later the query is too old."""


class InlineQueries:
    """The inline queries of one bot."""

    def __init__(self, bot: Bot, inline: Inline) -> None:
        self._bot = bot
        self._inline = inline
        self._newest: dict[int, str] = {}

    async def answer(self, query: InlineQuery) -> None:
        """Answers, unless a newer query of the same person came in the same breath.

        Telegram asks again with every pause in typing, and shows the results of the newest only. A refusal (too late,
        mostly) changes nothing: the next letter brings the next query.
        """
        person = query.from_user
        self._newest[person.id] = query.id
        await asyncio.sleep(0)  # what was fetched together starts together
        if self._newest.get(person.id) != query.id:
            return
        del self._newest[person.id]
        found = self._inline.answer(query.query, person.language_code, query.offset)
        for wait in islice(waits(), CRISIS_TRIES if found.crisis else 1):
            try:
                await self._bot.do_api_request("answerInlineQuery", parameters(query.id, found))
                return
            except TelegramError as error:
                LOG.info("courtesy_failed", error=type(error).__name__)
                if isinstance(error, BadRequest) or not isinstance(error, NetworkError):
                    return
            if found.crisis:
                await asyncio.sleep(wait)


def parameters(query_id: str, found: InlineAnswer) -> dict[str, Any]:
    """The answer as Bot API, answerInlineQuery, takes it."""
    given: dict[str, Any] = {
        "inline_query_id": query_id,
        "results": [_article(result) for result in found.results],
        "cache_time": found.cache_seconds,
        "is_personal": found.personal,
        "next_offset": found.next_offset,
    }
    if code := found.language:
        button = {"text": say("button_private", code), "start_parameter": start_parameter(language=code)}
        given["button"] = button
    return given


def _article(result: InlineResult) -> dict[str, Any]:
    return {
        "type": "article",
        "id": result.id,
        "title": result.title,
        "description": result.description,
        "input_message_content": {
            "message_text": result.message.html,
            "parse_mode": ParseMode.HTML,
            "link_preview_options": NO_PREVIEW,
        },
        "reply_markup": keyboard(result.message.rows),
    }
