"""An unmodified python-telegram-bot runs on the stand-in: by polling, by webhook, with files and albums."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from telegram import (
    BotCommand,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    Update,
)
from telegram.error import BadRequest, EndPointNotFound, Forbidden, NetworkError, RetryAfter
from telegram.ext import Application, ApplicationBuilder, CallbackQueryHandler, MessageHandler, filters

from bot.sandbox import HELPER_ID, PERSON_ID, FaultKind, Phone, Sandbox

from .test_refusals import PNG

Bot = Application[Any, Any, Any, Any, Any, Any]


async def echo(update: Update, context: Any) -> None:
    assert update.effective_message is not None
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Nochmal", callback_data="again")]])
    await update.effective_message.reply_html(
        f"<i>{update.effective_message.text}</i>", reply_markup=keyboard
    )


async def again(update: Update, context: Any) -> None:
    assert update.callback_query is not None
    await update.callback_query.answer("gern")
    await update.callback_query.edit_message_text("nochmal")


def echo_bot(sandbox: Sandbox, address: str) -> Bot:
    builder = ApplicationBuilder().token(sandbox.bot.token)
    application = builder.base_url(f"{address}/bot").base_file_url(f"{address}/file/bot").build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.add_handler(CallbackQueryHandler(again))
    return application


@asynccontextmanager
async def started(application: Bot) -> AsyncIterator[Bot]:
    async with application:
        await application.start()
        yield application
        await application.stop()


@pytest.fixture
async def bot(sandbox: Sandbox, address: str, person: Phone) -> AsyncIterator[Any]:
    """A bot that is connected and does nothing by itself."""
    async with echo_bot(sandbox, address) as application:
        yield application.bot


async def answer_to(person: Phone, act: Callable[[], object]) -> dict[str, Any]:
    """Let a person act; the next thing that the bot shows in reply."""
    shown: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    def observe(chat: Any, message: dict[str, Any]) -> None:
        if not shown.done():
            shown.set_result(dict(message))

    person.sandbox.observers.add(observe)
    try:
        act()
        return await asyncio.wait_for(shown, 10)
    finally:
        person.sandbox.observers.discard(observe)


async def converse(person: Phone) -> None:
    started = await answer_to(person, person.start)
    assert (started["text"], started["entities"][0]["type"]) == ("/start", "italic")
    assert (await answer_to(person, lambda: person.send("سلام")))["text"] == "سلام"
    assert (await answer_to(person, lambda: person.press("Nochmal")))["text"] == "nochmal"


async def test_an_echo_bot_by_polling(sandbox: Sandbox, address: str) -> None:
    async with started(echo_bot(sandbox, address)) as application:
        assert application.updater is not None
        await application.updater.start_polling()
        await converse(Phone(sandbox, PERSON_ID))
        await application.updater.stop()
    assert len(sandbox.updates) == 0


async def test_an_echo_bot_by_webhook(sandbox: Sandbox, address: str) -> None:
    async with started(echo_bot(sandbox, address)) as application:

        async def hook(request: web.Request) -> web.Response:
            if request.headers.get("X-Telegram-Bot-Api-Secret-Token") != "geheim":
                return web.Response(status=403)
            await application.update_queue.put(Update.de_json(await request.json(), application.bot))
            return web.Response()

        server = web.Application()
        server.router.add_post("/hook", hook)
        runner = web.AppRunner(server)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        await application.bot.set_webhook(url, secret_token="geheim")
        assert (await application.bot.get_webhook_info()).url == url
        await converse(Phone(sandbox, PERSON_ID))
        await application.bot.delete_webhook()
        await runner.cleanup()


async def test_everything_that_can_be_sent(bot: Any, person: Phone) -> None:
    photo = await bot.send_photo(PERSON_ID, PNG, caption="<b>Bild</b>", parse_mode="HTML")
    assert photo.photo[0].width == 2
    assert photo.caption_entities[0].type == "bold"
    document = await bot.send_document(PERSON_ID, b"%PDF", filename="خطة – plan.pdf")
    assert document.document.file_name == "خطة – plan.pdf"
    file = await bot.get_file(document.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"%PDF"
    again_photo = await bot.send_photo(PERSON_ID, photo.photo[0].file_id)
    assert again_photo.photo[0].file_id == photo.photo[0].file_id
    assert (await bot.send_voice(PERSON_ID, b"ogg", duration=3)).voice.duration == 3
    assert (await bot.send_audio(PERSON_ID, b"mp3", title="Atem")).audio.title == "Atem"
    assert (await bot.send_location(PERSON_ID, 50.08, 8.24)).location.latitude == 50.08
    venue = await bot.send_venue(PERSON_ID, 50.08, 8.24, "Haus", "Straße 1")
    assert venue.venue.title == "Haus"
    assert (await bot.send_contact(PERSON_ID, "+496990009123", "Stelle")).contact.first_name == "Stelle"
    album = await bot.send_media_group(
        PERSON_ID, [InputMediaPhoto(PNG, caption="eins"), InputMediaPhoto(photo.photo[0].file_id)]
    )
    assert len({message.media_group_id for message in album}) == 1
    edited = await document.edit_media(InputMediaDocument(b"neu", filename="neu.txt"))
    assert edited.document.file_name == "neu.txt"
    assert (await edited.edit_caption("Titel")).caption == "Titel"
    copied = await bot.copy_message(PERSON_ID, PERSON_ID, photo.message_id)
    forwarded = await bot.forward_message(PERSON_ID, PERSON_ID, photo.message_id)
    assert forwarded.forward_origin.sender_user.is_bot
    assert await bot.delete_messages(PERSON_ID, [copied.message_id, forwarded.message_id])
    assert await bot.send_chat_action(PERSON_ID, "typing")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Nummer", copy_text=CopyTextButton("112"))]])
    sent = await bot.send_message(PERSON_ID, "x", reply_markup=keyboard)
    assert sent.reply_markup == keyboard
    assert (await sent.edit_reply_markup()).reply_markup is None
    assert await sent.pin()
    assert (await bot.get_chat(PERSON_ID)).pinned_message.message_id == sent.message_id
    assert await sent.unpin()
    assert await sent.delete()


async def test_the_bots_own_account(bot: Any) -> None:
    assert (await bot.get_me()).username == "rahnuma_demo_bot"
    assert await bot.set_my_commands([BotCommand("sos", "Hilfe")], language_code="de")
    assert [command.command for command in await bot.get_my_commands(language_code="de")] == ["sos"]
    assert await bot.delete_my_commands(language_code="de")
    assert await bot.set_my_description("Weg", language_code="de")
    assert (await bot.get_my_description("de")).description == "Weg"
    assert await bot.set_my_short_description("Weg")
    assert (await bot.get_my_short_description("fa")).short_description == "Weg"
    assert await bot.set_my_name("راهنما", language_code="fa")
    assert (await bot.get_my_name("fa")).name == "راهنما"
    assert await bot.set_chat_menu_button(PERSON_ID)
    assert (await bot.get_chat_member(PERSON_ID, PERSON_ID)).status == "member"
    assert await bot.log_out()


async def test_refusals_become_the_right_exceptions(bot: Any, sandbox: Sandbox, person: Phone) -> None:
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(PERSON_ID, "x" * 4097)
    with pytest.raises(Forbidden, match="initiate conversation"):
        await bot.send_message(HELPER_ID, "x")
    sandbox.faults.plan(FaultKind.FLOOD, retry_after=3)
    with pytest.raises(RetryAfter):
        await bot.send_message(PERSON_ID, "x")
    sandbox.faults.plan(FaultKind.LOSE)
    with pytest.raises(NetworkError):
        await bot.send_message(PERSON_ID, "kam an")
    assert person.messages[-1]["text"] == "kam an"
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("sendTelepathy")
