"""Puts the Telegram side together: one python-telegram-bot application over aiohttp, in order per chat."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from telegram import Bot, Update
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, ContextTypes, TypeHandler

from bot.conversation.vocabulary import Kind
from bot.converse import Converse
from bot.inline import Inline
from bot.languages.registry import LANGUAGES
from bot.languages.render import say
from bot.outside import Incoming
from bot.telegram.courier import Pace
from bot.telegram.inbound import translate
from bot.telegram.inline import InlineQueries
from bot.telegram.ordering import ChatOrder
from bot.telegram.outbound import TelegramChat, commands
from bot.telegram.transport import AiohttpRequest
from bot.telegram.watch import Gauges

LOG = structlog.get_logger()
PRIVATE = "private"


class TelegramSide:
    """The bot on Telegram (or on a stand-in that speaks the same Bot API)."""

    def __init__(
        self, token: str, api_url: str, converse: Converse, gauges: Gauges, inline: Inline | None = None
    ) -> None:
        self._converse = converse
        self.gauges = gauges
        """Figures of the databases, for monitors."""
        self.pace = Pace()
        self._durable: dict[int, Callable[[], None]] = {}
        self._taps: set[asyncio.Task[None]] = set()
        self.application: Application = (  # type: ignore[type-arg]
            ApplicationBuilder()
            .token(token)
            .base_url(f"{api_url.rstrip('/')}/bot")
            .base_file_url(f"{api_url.rstrip('/')}/file/bot")
            .request(AiohttpRequest())
            .get_updates_request(AiohttpRequest(connections=1, read_timeout=60))
            .concurrent_updates(ChatOrder(self._urgent))
            .updater(None)
            .build()
        )
        self._inline = InlineQueries(self.bot, inline) if inline else None
        self.application.add_handler(TypeHandler(Update, self._handle))
        self.application.add_error_handler(_log_error)

    @property
    def bot(self) -> Bot:
        bot: Bot = self.application.bot
        return bot

    def chat(self, id: int) -> TelegramChat:
        return TelegramChat(self.bot, id, self.pace.note)

    def work(self, update: Update, durable: Callable[[], None]) -> asyncio.Task[None]:
        """Starts the work on an update; `durable` is called once its effect cannot be lost any more."""
        self._durable[update.update_id] = durable
        return asyncio.create_task(self._work(update))

    async def _work(self, update: Update) -> None:
        try:
            processor = self.application.update_processor
            await processor.process_update(update, self.application.process_update(update))
        finally:
            self._durable.pop(update.update_id, None)

    def _incoming(self, update: Update) -> Incoming | None:
        message = translate(update)
        chat, sent = update.effective_chat, update.effective_message
        if message is None or chat is None:
            return None
        if sent and sent.via_bot and sent.via_bot.id == self.bot.id:
            return None  # a card that somebody passed on by inline mode is our own text
        if chat.type != PRIVATE and (message.kind is Kind.BUTTON or update.edited_message):
            return None
        return Incoming(
            update.update_id,
            self.chat(chat.id),
            message,
            message_id=sent.message_id if sent else None,
            private=chat.type == PRIVATE,
            durable=self._durable.get(update.update_id, lambda: None),
        )

    async def _urgent(self, update: Update) -> bool:
        incoming = self._incoming(update)
        return incoming is not None and await self._converse.crisis(incoming)

    async def _handle(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        if update.inline_query and self._inline:
            await self._inline.answer(update.inline_query)
            return
        incoming = self._incoming(update)
        if incoming is None:
            return
        if update.callback_query:
            tap = asyncio.create_task(self.chat(incoming.chat.id).answer_tap(update.callback_query.id))
            self._taps.add(tap)
            tap.add_done_callback(self._taps.discard)
        await self._converse.handle(incoming)

    async def deliver_unsent(self) -> None:
        """Sends again what a crash left unsent."""
        await self._converse.deliver_unsent(self.chat)

    async def set_menus(self, languages: tuple[str, ...], city: str) -> None:
        """Command menus and descriptions for each language that Telegram has a code for; English for all others.

        Telegram limits these calls, and they are a courtesy: the first refusal ends them until the next start.
        """
        codes = {"": "en"}
        for code in languages:
            codes.setdefault(LANGUAGES[code].telegram, code)
        try:
            for telegram_code, code in codes.items():
                await self.bot.set_my_commands(commands(code), language_code=telegram_code or None)
                await self.bot.set_my_description(
                    say("bot_description", code, city=city), language_code=telegram_code or None
                )
                await self.bot.set_my_short_description(
                    say("bot_short_description", code, city=city), language_code=telegram_code or None
                )
        except TelegramError as error:
            LOG.info("menus_not_set", error=type(error).__name__)


async def _log_error(_: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    """An error that nobody expected: its kind and place, never the update it came with."""
    error = context.error
    trace = error.__traceback__ if error else None
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    LOG.error("unexpected", error=type(error).__name__, place=place)
