"""Does outside what a turn of the conversation asks for: keeps, counts, erases; makes and sends cards, files, codes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog

from bot.conversation import door_opener
from bot.conversation.codes import Carried
from bot.conversation.vocabulary import Choice, Command, Do, Reply, Text, World
from bot.languages.length import cut
from bot.languages.render import TEXT_LIMIT, Rendered, render, say
from bot.languages.voice import voice_of
from bot.links.sealed import HandOvers
from bot.links.start import address, start_parameter
from bot.offers.model import Offer
from bot.outside import Chat, Conversations, Counters, Desk, Plans, Record, Subscriptions

LOG = structlog.get_logger()
DELETABLE_SECONDS = 48 * 3600
"""Bot API, deleteMessage: a message can only be deleted if it was sent less than 48 hours ago."""


def with_ids(
    sent: tuple[tuple[int, int], ...], ids: Sequence[int | None], now: datetime
) -> tuple[tuple[int, int], ...]:
    """The messages that can still be deleted and the new ones; oldest first."""
    seconds = int(now.timestamp())
    too_old = seconds - DELETABLE_SECONDS
    if sent and sent[0][1] <= too_old:
        sent = tuple(pair for pair in sent if pair[1] > too_old)
    return (*sent, *((id, seconds) for id in ids if id is not None))


class Errands:
    """Performs commands: `run` those that keep and erase, before the replies go out; `send` those that send, after."""

    def __init__(
        self,
        world: Callable[[], World],
        conversations: Conversations,
        counters: Counters,
        subscriptions: Subscriptions,
        plans: Plans,
        hand_overs: HandOvers,
        recordings: Path,
        desk: Desk,
    ) -> None:
        self._world = world
        self._conversations = conversations
        self._counters = counters
        self._subscriptions = subscriptions
        self._plans = plans
        self._hand_overs = hand_overs
        self._recordings = recordings
        self._desk = desk

    async def run(self, commands: Sequence[Command], chat: Chat, record: Record | None) -> None:
        """Keeps, counts and erases. Raises StoreUnavailable."""
        for command in commands:
            await self._keep(command, chat, record)

    async def send(self, commands: Sequence[Command], chat: Chat, record: Record | None) -> None:
        """Makes and sends what was asked for; notes the ids of the messages where a conversation is under way."""
        ids = [id for command in commands for id in await self._made(command, chat)]
        if ids and record is not None:
            sent = with_ids(record.sent, ids, self._world().now)
            await self._conversations.delivered(chat.id, sent)

    async def _keep(self, command: Command, chat: Chat, record: Record | None) -> None:
        values, world = command.values, self._world()
        today = world.now.date()
        match command.do:
            case Do.COUNT:
                await self._counters.count(values, today.replace(day=1))
            case Do.COUNT_ANSWER:
                await self._counters.count_answer(values, today.replace(day=1))
            case Do.REPORT:
                await self._counters.report(values["offer"], values["what"], today)
            case Do.NOTE_WORDS:
                await self._counters.note_words(values["offer"], values["words"], today)
            case Do.REMEMBER_LANGUAGE:
                await self._conversations.remember_language(chat.id, values["language"], today)
            case Do.CLEAR_CHAT:
                await chat.delete([id for id, _ in record.sent] if record else [])
            case Do.FORGET:
                await self._conversations.erase(chat.id)
                await self._subscriptions.unsubscribe(chat.id)
                await self._plans.erase(chat.id)
                await self._desk.forget(chat.id)
            case Do.SET_COMMANDS:
                await chat.set_commands(values["language"])
            case Do.SUBSCRIBE:
                await self._subscriptions.subscribe(chat.id, values["subscription"])
            case Do.RENEW:
                await self._subscriptions.renew(chat.id, values["until"])
            case Do.UNSUBSCRIBE:
                await self._subscriptions.unsubscribe(chat.id, values["announcement"])
            case Do.KEEP_PLAN:
                await self._plans.keep(chat.id, values["plan"])
            case Do.ERASE_PLAN:
                await self._plans.erase(chat.id)

    async def _made(self, command: Command, chat: Chat) -> list[int | None]:
        """Makes and sends; the ids of the messages."""
        values, world = command.values, self._world()
        match command.do:
            case Do.PLAY:
                recording = voice_of(values["utterance"], values["language"], self._recordings)
                return [await chat.play(recording)] if recording else []
            case Do.SEND_CARD:
                offer = world.directory.get(values["offer"])
                return await self._card(offer, values, chat, world) if offer else []
            case Do.SEND_CALENDAR:
                offer = world.directory.get(values["offer"])
                return [await _send_appointment(offer, values, chat)] if offer else []
            case Do.SEND_LINK:
                link = address(
                    world.bot_username,
                    start_parameter(need=values["need"], language=values["language"]),
                )
                text = Text("utter_link", {"link": link})
                return [await _send_code(link, text, values["spoken"], chat, world)]
            case Do.HAND_OVER:
                told = Carried(values["facts"], language=values["language"])
                link = address(world.bot_username, self._hand_overs.seal(told, world.places, world.now))
                text = Text("utter_hand_over", {"language": Text(f"language/{values['language']}")})
                return [await _send_code(link, text, values["spoken"], chat, world, below=link)]
        return []

    async def _card(
        self, offer: Offer, values: Mapping[str, Any], chat: Chat, world: World
    ) -> list[int | None]:
        """The card as text, pictures or PDF; as text where it cannot be set."""
        from bot.paper import card as paper  # the type setter: most runs of the bot never need it
        from bot.paper.typeset import FontsMissing

        language = values["language"]
        card = paper.door_opener(offer, language, values["said"], world)
        try:
            match values["form"]:
                case door_opener.PICTURE:
                    pages = await asyncio.to_thread(paper.as_png, card)
                    captions = [render(Reply((Text(name),)), language, world) for name in _CAPTIONS]
                    return [
                        await chat.send_picture(page, caption)
                        for page, caption in zip(pages, captions, strict=True)
                    ]
                case door_opener.PRINT:
                    return [await chat.send_file("card.pdf", await asyncio.to_thread(paper.as_pdf, card))]
        except FontsMissing:
            LOG.error("fonts_missing", hint="python -m bot.fonts")
        return [await chat.send(Rendered(cut(escape(paper.as_text(card), quote=False), TEXT_LIMIT)))]


_CAPTIONS = ("utter_card_front", "utter_card_back")


async def _send_appointment(offer: Offer, values: Mapping[str, Any], chat: Chat) -> int | None:
    from bot.paper.calendar import appointment

    language = values["language"]
    title = say("plan_file_title", language)
    return await chat.send_file(
        "calendar.ics", appointment(offer, title, values["at"]), escape(say("utter_plan_file", language))
    )


async def _send_code(
    link: str, text: Text, language: str, chat: Chat, world: World, *, below: str = ""
) -> int | None:
    """A link as a QR code, and what it is below; with a button to pass it on in the messenger."""
    from bot.links import qr

    share = Choice(Text("button_share"), url=f"https://t.me/share/url?url={quote(link, safe='')}")
    message = render(Reply((text,), rows=((share,),)), language, world)
    if below:
        message = Rendered(f"{message.html}\n\n{escape(below)}", message.rows)
    return await chat.send_picture(qr.png(link), message)
