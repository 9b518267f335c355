"""Update → Message: what came from Telegram, in nobody's format."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import pairwise

from telegram import Message as TelegramMessage
from telegram import MessageEntity, Update

from bot.conversation.vocabulary import Attachment, Kind, Message

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "inline_query", "my_chat_member"]


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
    return Message(
        _kind(sent),
        text=text,
        place=place,
        edited=edited,
        app_language=app_language,
        html=with_markup(text, sent.entities or sent.caption_entities),
        attachment=_attachment(sent),
    )


_TAGS = {MessageEntity.BOLD: "b", MessageEntity.ITALIC: "i"}


def with_markup(text: str, entities: Iterable[MessageEntity]) -> str:
    """The text as HTML with <b>, <i> and <a href="http…"> only; "" when it has nothing of that.

    Entities may overlap and reach over line ends: tags are closed and opened anew at every boundary, so that each
    line is whole in itself. Offsets are UTF-16 units (Bot API, MessageEntity).
    """
    spans = []
    for entity in entities:
        if tag := _TAGS.get(entity.type):
            spans.append((entity.offset, entity.offset + entity.length, f"<{tag}>", f"</{tag}>"))
        elif entity.type == MessageEntity.TEXT_LINK and (entity.url or "").startswith(
            ("http://", "https://")
        ):
            opening = f'<a href="{escape(entity.url or "")}">'
            spans.append((entity.offset, entity.offset + entity.length, opening, "</a>"))
    if not spans:
        return ""
    units = text.encode("utf-16-le")
    ends = {0, len(units) // 2, *(edge for start, end, *_ in spans for edge in (start, end))}
    edges = sorted(edge for edge in ends if edge <= len(units) // 2)
    html = []
    for start, end in pairwise(edges):
        words = units[2 * start : 2 * end].decode("utf-16-le", "replace")
        inside = [span for span in spans if span[0] <= start and end <= span[1]]
        opening, closing = "".join(s[2] for s in inside), "".join(s[3] for s in reversed(inside))
        lines = (escape(line, quote=False) for line in words.split("\n"))
        html.append("\n".join(f"{opening}{line}{closing}" if line else "" for line in lines))
    return "".join(html)


def _attachment(sent: TelegramMessage) -> Attachment | None:
    if sent.photo:
        return Attachment(sent.photo[-1].file_id, size=sent.photo[-1].file_size or 0)
    if document := sent.document:
        return Attachment(document.file_id, document.file_name or "file", document.file_size or 0)
    return None


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
