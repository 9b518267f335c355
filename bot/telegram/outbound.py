"""Rendered message → Bot API: sends in order, waits out what Telegram asks to wait out, loses nothing."""

from __future__ import annotations

import asyncio
import random
import warnings
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from telegram import Bot, BotCommand, BotCommandScopeChat, InputFile
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError
from telegram.warnings import PTBUserWarning

from bot.announcements.delivery import Blocked, Refused
from bot.languages.render import Button, Rendered, say

LOG = structlog.get_logger()
COMMANDS = (
    *("start", "language", "sos", "help", "plan", "news", "stop"),
    *("helper", "link", "privacy", "mydata", "forget"),
)
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds between tries while Telegram does not answer: doubling from the first to the longest."""
DELETE_AT_ONCE = 100  # Bot API, deleteMessages: 1–100 message ids
NO_PREVIEW = {"is_disabled": True}
# Messages are sent by the plain API call (see TelegramChat.send); PTB warns that it has a method for it.
warnings.filterwarnings("ignore", r"Please use 'Bot\.", PTBUserWarning)


def commands(language: str) -> list[BotCommand]:
    """The command menu in one language."""
    return [BotCommand(name, say(f"command_{name}", language)) for name in COMMANDS]


def keyboard(rows: Sequence[Sequence[Button]]) -> dict[str, Any]:
    """The rows as Bot API InlineKeyboardMarkup."""
    return {"inline_keyboard": [[_button(button) for button in row] for row in rows]}


def _button(button: Button) -> dict[str, Any]:
    if button.code:
        return {"text": button.label, "callback_data": button.code}
    if button.url:
        return {"text": button.label, "url": button.url}
    return {"text": button.label, "copy_text": {"text": button.copy}}


def waits() -> Iterator[float]:
    """Seconds to wait before each further try, for ever, with some jitter so that chats do not come back in step."""
    wait = FIRST_WAIT
    while True:
        yield wait * random.uniform(0.8, 1.2)
        wait = min(wait * 2, LONGEST_WAIT)


class TelegramChat:
    """One private chat or group, as `converse` knows chats."""

    def __init__(self, bot: Bot, id: int, written_to: Callable[[int], None] = lambda _: None) -> None:
        self._bot = bot
        self._id = id
        self._written_to = written_to

    @property
    def id(self) -> int:
        return self._id

    async def send(self, message: Rendered, instead_of: int | None = None) -> int | None:
        """Sends until Telegram accepts. None when it never will: blocked (403), or refused (400, logged).

        `instead_of`: changes that message instead; where it is gone or too old, a new one is sent. The plain API
        call: building and reading back PTB's objects would double what an answer costs.
        """
        parameters = _parameters(self._id, message)

        async def send() -> int:
            if instead_of and await self._changed(instead_of, parameters):
                return instead_of
            return await self._sent("sendMessage", parameters)

        return await self._until_accepted(send)

    async def send_unasked(self, message: Rendered) -> int:
        """Sends until Telegram accepts. Raises Blocked, or Refused when the message is at fault."""
        parameters = _parameters(self._id, message)
        return await self._accepted(lambda: self._sent("sendMessage", parameters))

    async def _changed(self, message_id: int, parameters: dict[str, Any]) -> bool:
        """Whether the message reads like this now; not where it is gone or too old."""
        try:
            await self._bot.do_api_request("editMessageText", parameters | {"message_id": message_id})
        except BadRequest as error:
            return "message is not modified" in error.message.lower()
        return True

    async def _sent(self, method: str, parameters: dict[str, Any]) -> int:
        return int((await self._bot.do_api_request(method, parameters))["message_id"])

    async def play(self, recording: Path) -> int | None:
        """Sends a voice message until Telegram accepts; None when it never will."""
        voice = await asyncio.to_thread(recording.read_bytes)

        async def send() -> int:
            return (await self._bot.send_voice(self._id, voice)).message_id

        return await self._until_accepted(send)

    async def show_photo(self, photo: str, message: Rendered) -> int | None:
        """Sends a picture by its file id, with the message as its caption, until Telegram accepts."""
        return await self._show(photo, message)

    async def send_picture(self, picture: bytes, message: Rendered) -> int | None:
        """Sends a PNG, with the message as its caption, until Telegram accepts."""
        return await self._show(InputFile(picture, filename="picture.png"), message)

    async def _show(self, photo: str | InputFile, message: Rendered) -> int | None:
        parameters: dict[str, Any] = {"chat_id": self._id, "photo": photo}
        parameters |= {"caption": message.html, "parse_mode": ParseMode.HTML}
        if message.rows:
            parameters["reply_markup"] = keyboard(message.rows)

        return await self._until_accepted(lambda: self._sent("sendPhoto", parameters))

    async def send_file(self, name: str, content: bytes, html: str = "") -> int | None:
        """Sends a document until Telegram accepts; None when it never will."""

        async def send() -> int:
            file = InputFile(content, filename=name)
            sent = await self._bot.send_document(
                self._id, file, caption=html or None, parse_mode=ParseMode.HTML
            )
            return sent.message_id

        return await self._until_accepted(send)

    async def fetch(self, file_id: str) -> bytes | None:
        """The content of a file, up to 20 MB (Bot API, getFile); None when Telegram does not give it."""
        try:
            return bytes(await (await self._bot.get_file(file_id)).download_as_bytearray())
        except TelegramError as error:
            LOG.info("file_not_fetched", error=type(error).__name__)
            return None

    async def edit(self, message_id: int, message: Rendered) -> None:
        """Changes a message in one try; a refusal (gone, not changed, too fast) changes nothing."""
        parameters = _parameters(self._id, message) | {"message_id": message_id}
        await self._try(self._bot.do_api_request("editMessageText", parameters))

    async def _until_accepted(self, send: Callable[[], Awaitable[int]]) -> int | None:
        try:
            return await self._accepted(send)
        except Blocked:
            return None
        except Refused as error:
            LOG.error("message_refused", error=str(error))
            return None

    async def _accepted(self, send: Callable[[], Awaitable[int]]) -> int:
        """Tries until Telegram accepts. Raises Blocked or Refused."""
        self._written_to(self._id)
        for wait in waits():
            try:
                return await send()
            except RetryAfter as error:
                await asyncio.sleep(seconds(error))
            except Forbidden:
                raise Blocked from None
            except BadRequest as error:
                raise refusal(error) from None
            except NetworkError:
                await asyncio.sleep(wait)
        raise AssertionError("waits() never ends")

    async def delete(self, message_ids: Sequence[int]) -> None:
        """Deletes what Telegram still lets a bot delete; what it refuses stays."""
        for start in range(0, len(message_ids), DELETE_AT_ONCE):
            await self._try(self._bot.delete_messages(self._id, message_ids[start : start + DELETE_AT_ONCE]))

    async def set_commands(self, language: str) -> None:
        """Shows the command menu in the language of the conversation, whatever the app's language is."""
        await self._try(self._bot.set_my_commands(commands(language), scope=BotCommandScopeChat(self._id)))

    async def answer_tap(self, query_id: str) -> None:
        """Ends the little clock on a tapped button."""
        await self._try(self._bot.answer_callback_query(query_id))

    async def _try(self, call: object) -> None:
        """For what is a courtesy: one try, and a refusal changes nothing."""
        try:
            await call  # type: ignore[misc]
        except TelegramError as error:
            LOG.info("courtesy_failed", error=type(error).__name__)


def _parameters(chat_id: int, message: Rendered) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "chat_id": chat_id,
        "text": message.html,
        "parse_mode": ParseMode.HTML,
        "link_preview_options": NO_PREVIEW,
    }
    if message.rows:
        parameters["reply_markup"] = keyboard(message.rows)
    return parameters


def refusal(error: BadRequest) -> Blocked | Refused:
    """What a 400 means: the account is gone, or our message is at fault."""
    return Blocked() if "chat not found" in error.message.lower() else Refused(error.message)


def seconds(error: RetryAfter) -> float:
    """How long a 429 asks to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
