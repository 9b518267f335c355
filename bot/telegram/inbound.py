"""Update → Message: what came from Telegram, in nobody's format."""

from __future__ import annotations

from telegram import Message as TelegramMessage
from telegram import Update

from bot.conversation.vocabulary import Kind, Message

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]


def translate(update: Update) -> Message | None:
    """The message in an update; None for what needs no answer (member changes, channel posts)."""
    user = update.effective_user
    app_language = user.language_code if user else None
    if query := update.callback_query:
        return Message(Kind.BUTTON, code=query.data or "", app_language=app_language)
    sent = update.message or update.edited_message
    if sent is None or sent.from_user is None:
        return None
    edited = update.edited_message is not None
    text = sent.text or sent.caption or ""
    if text.startswith("/") and not edited:
        return _command(text, app_language)
    place = (sent.location.latitude, sent.location.longitude) if sent.location else None
    return Message(_kind(sent), text=text, place=place, edited=edited, app_language=app_language)


def _command(text: str, app_language: str | None) -> Message:
    head, _, parameter = text.partition(" ")
    name = head[1:].split("@")[0].lower()
    if name == "start":
        return Message(Kind.TEXT, start=parameter.strip(), app_language=app_language)
    return Message(Kind.TEXT, command=name, text=parameter.strip(), app_language=app_language)


def _kind(sent: TelegramMessage) -> Kind:
    if sent.text is not None or sent.caption:
        return Kind.TEXT
    if sent.location is not None:
        return Kind.PLACE
    if sent.voice or sent.audio or sent.video_note:
        return Kind.VOICE
    return (
        Kind.PICTURE
        if sent.photo or sent.sticker or sent.video or sent.animation or sent.document
        else Kind.OTHER
    )
