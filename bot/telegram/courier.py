"""Takes announcements to people: the lane beside conversations. Each call is one try; `delivery` decides on more."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable
from time import monotonic
from typing import Any, TypeVar

from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.announcements.bulletin import bulletin, ending
from bot.announcements.delivery import Blocked, Halted, Refused, Unsure
from bot.announcements.model import Announcement
from bot.languages.render import Rendered
from bot.telegram.outbound import NO_PREVIEW, keyboard, refusal, seconds

CHAT_SECONDS = 1.0  # Telegram: one message a second in a chat; short bursts pass
REMEMBERED = 10_000
_T = TypeVar("_T")


class Pace:
    """When each chat was last written to; an announcement waits until a second has passed, a conversation does not."""

    def __init__(self) -> None:
        self._last: OrderedDict[int, float] = OrderedDict()

    def note(self, chat_id: int) -> None:
        """Something goes to this chat now."""
        self._last[chat_id] = monotonic()
        self._last.move_to_end(chat_id)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)

    async def turn(self, chat_id: int) -> None:
        """Returns when a second has passed since anything went to this chat."""
        wait = self._last.get(chat_id, 0.0) + CHAT_SECONDS - monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        self.note(chat_id)


class TelegramCourier:
    """Implements `delivery.Courier`."""

    def __init__(self, bot: Bot, pace: Pace) -> None:
        self._bot = bot
        self._pace = pace
        self._rendered: dict[tuple[str, str], Rendered] = {}

    async def deliver(self, announcement: Announcement, language: str, chat_id: int) -> int:
        message = self._bulletin(announcement, language)
        await self._pace.turn(chat_id)
        parameters = _parameters(chat_id, message)
        if photo := announcement.content.photo:
            text = {"photo": photo, "caption": parameters.pop("text")}
            sent = await self._once("sendPhoto", parameters | text)
        else:
            sent = await self._once("sendMessage", parameters | {"link_preview_options": NO_PREVIEW})
        return int(sent["message_id"])

    async def end(self, announcement: Announcement, language: str, chat_id: int, message_id: int) -> None:
        message = ending(announcement, language)
        parameters = _parameters(chat_id, message) | {"message_id": message_id}
        if announcement.content.photo:
            parameters["caption"] = parameters.pop("text")
            await self._once("editMessageCaption", parameters)
        else:
            await self._once("editMessageText", parameters)

    def _bulletin(self, announcement: Announcement, language: str) -> Rendered:
        """Written once a language, not once a recipient."""
        key = announcement.id, language
        if key not in self._rendered:
            if len(self._rendered) > 1_000:
                self._rendered.clear()
            self._rendered[key] = bulletin(announcement, language)
        return self._rendered[key]

    async def _once(self, method: str, parameters: dict[str, Any]) -> Any:
        return await tried(self._bot.do_api_request(method, parameters))


async def tried(call: Awaitable[_T]) -> _T:
    """One call of the Bot API, with Telegram's answers in the words of `delivery`."""
    try:
        return await call
    except RetryAfter as error:
        raise Halted(seconds(error)) from None
    except Forbidden:
        raise Blocked from None
    except BadRequest as error:
        raise refusal(error) from None
    except NetworkError:
        raise Unsure from None
    except TelegramError as error:
        raise Refused(error.message) from None


def _parameters(chat_id: int, message: Rendered) -> dict[str, Any]:
    parameters: dict[str, Any] = {"chat_id": chat_id, "text": message.html, "parse_mode": ParseMode.HTML}
    if message.rows:
        parameters["reply_markup"] = keyboard(message.rows)
    return parameters
