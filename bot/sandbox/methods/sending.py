"""The send… methods, copyMessage and forwardMessage (Bot API, Available methods)."""

from typing import Any

from bot.sandbox.cloud import JSON, Chat, ChatKind, Sandbox
from bot.sandbox.files import StoredFile, Upload, picture_size
from bot.sandbox.keyboards import check_inline_keyboard, check_reply_keyboard
from bot.sandbox.params import Params
from bot.sandbox.refusals import bad_request
from bot.sandbox.texts import CAPTION_LIMIT, TEXT_LIMIT, read_text, utf16_length

CHAT_ACTIONS = frozenset(
    (
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    )
)
FORWARDABLE = frozenset(
    (
        "text",
        "entities",
        "photo",
        "document",
        "voice",
        "audio",
        "sticker",
        "location",
        "venue",
        "contact",
        "caption",
        "caption_entities",
        "via_bot",
    )
)
_FOLDER_OF = {"photo": "photos", "document": "documents", "voice": "voice", "audio": "music"}


def send_message(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, sendMessage."""
    chat = sandbox.chat_to_write_to(params.text("chat_id"))
    return send(sandbox, params, chat, text_content(params))


def text_content(params: Params) -> JSON:
    """Text and entities of sendMessage and editMessageText. Raises Refusal."""
    text, entities = read_text(params.text("text"), params.text("parse_mode"), params.structure("entities"))
    # Bot API, sendMessage: text has 1–4096 characters after entities parsing.
    if not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return {"text": text, "entities": entities} if entities else {"text": text}


def caption_content(params: Params | JSON) -> JSON:
    """Caption and its entities, from parameters or from an InputMedia. Raises Refusal."""
    if isinstance(params, Params):
        given = params.text("caption"), params.text("parse_mode"), params.structure("caption_entities")
    else:
        given = params.get("caption"), params.get("parse_mode"), params.get("caption_entities")
    text, entities = read_text(*given)
    # Bot API, sendPhoto: caption has 0–1024 characters after entities parsing.
    if utf16_length(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    content: JSON = {"caption": text} if text else {}
    return content | {"caption_entities": entities} if entities else content


def read_markup(params: Params, chat: Chat) -> tuple[JSON | None, JSON | None]:
    """reply_markup as (inline keyboard, anything else). Raises Refusal."""
    markup = params.structure("reply_markup")
    if not markup:
        return None, None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        return check_inline_keyboard(markup), None
    return None, check_reply_keyboard(markup, private=chat.kind is ChatKind.PRIVATE)


def send(sandbox: Sandbox, params: Params, chat: Chat, content: JSON) -> JSON:
    """The way of every sent message: keyboard, reply, flood limit, into the chat. Raises Refusal."""
    inline_keyboard, keyboard = read_markup(params, chat)
    replied = _replied(params, chat)
    sandbox.flood.take(chat.id, sandbox.clock(), group=chat.kind is not ChatKind.PRIVATE)
    if inline_keyboard is not None:
        content["reply_markup"] = inline_keyboard
    if replied is not None:
        content["reply_to_message"] = replied
    if params.flag("protect_content"):
        content["has_protected_content"] = True
    if keyboard is not None:
        chat.keyboard = None if keyboard.get("remove_keyboard") else keyboard
    return sandbox.post(chat, sandbox.bot_user, content)


def _replied(params: Params, chat: Chat) -> JSON | None:
    reply = params.structure("reply_parameters")
    if not isinstance(reply, dict):
        if "reply_to_message_id" not in params:
            return None
        reply = {"message_id": params.integer("reply_to_message_id")}
    message = chat.messages.get(int(reply.get("message_id", 0)))
    # Bot API, ReplyParameters: allow_sending_without_reply.
    allowed = reply.get("allow_sending_without_reply") or params.flag("allow_sending_without_reply")
    if message is None and not allowed:
        raise bad_request("message to be replied not found")
    return {key: value for key, value in message.items() if key != "reply_to_message"} if message else None


def find_file(sandbox: Sandbox, kind: str, given: Any, uploads: dict[str, Upload]) -> StoredFile:
    """The file that is meant: upload, attach://…, or file_id (Bot API, Sending files). Raises Refusal."""
    folder = _FOLDER_OF[kind]
    upload = uploads.get(kind) if given is None else None
    if isinstance(given, str) and given.startswith("attach://"):
        upload = uploads.get(given.removeprefix("attach://"))
        if upload is None:
            raise bad_request("can't find file: no multipart part of the attached name")
    if upload is not None:
        return sandbox.files.store(folder, upload)
    if not given:
        raise bad_request(f"there is no {kind} in the request")
    stored = sandbox.files.get(str(given))
    if stored is None:
        # Bot API, Sending files: Telegram would fetch an address; this stand-in never leaves the machine.
        is_address = str(given).startswith(("http://", "https://"))
        raise bad_request(
            "failed to get HTTP URL content" if is_address else "wrong file identifier/HTTP URL specified"
        )
    if stored.kind != folder:
        # Bot API, Sending files: a file can't be sent again as another type.
        raise bad_request(f"can't use file of type {stored.kind} as {kind}")
    return stored


def media_content(kind: str, stored: StoredFile, *, seconds: int = 0, extra: JSON | None = None) -> JSON:
    """Bot API, PhotoSize, Document, Voice and Audio: how a stored file stands in a message."""
    card: JSON = {
        "file_id": stored.file_id,
        "file_unique_id": f"u{stored.file_id}",
        "file_size": len(stored.content),
    }
    match kind:
        case "photo":
            width, height = picture_size(stored.content)
            return {"photo": [card | {"width": width, "height": height}]}
        case "document":
            card |= {"file_name": stored.name, "mime_type": stored.media_type}
        case "voice":
            card |= {"duration": seconds, "mime_type": stored.media_type}
        case "audio":
            card |= {"duration": seconds, "file_name": stored.name, "mime_type": stored.media_type}
    return {kind: card | (extra or {})}


def _send_media(sandbox: Sandbox, params: Params, kind: str, extra: JSON | None = None) -> JSON:
    chat = sandbox.chat_to_write_to(params.text("chat_id"))
    caption = caption_content(params)
    stored = find_file(sandbox, kind, params.text(kind), params.uploads)
    content = media_content(kind, stored, seconds=params.integer("duration"), extra=extra)
    return send(sandbox, params, chat, content | caption)


def send_photo(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, sendPhoto."""
    return _send_media(sandbox, params, "photo")


def send_document(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, sendDocument."""
    return _send_media(sandbox, params, "document")


def send_voice(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, sendVoice."""
    return _send_media(sandbox, params, "voice")


def send_audio(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, sendAudio."""
    named = {name: text for name in ("title", "performer") if (text := params.text(name))}
    return _send_media(sandbox, params, "audio", named)


def send_media_group(sandbox: Sandbox, params: Params) -> list[JSON]:
    """Bot API, sendMediaGroup."""
    chat = sandbox.chat_to_write_to(params.text("chat_id"))
    media = params.structure("media") or []
    # Bot API, sendMediaGroup: media has 2–10 items; one alone passes on the real server.
    if not media:
        raise bad_request("there are no messages to send")
    if len(media) > 10:
        raise bad_request("too many messages to send as an album")
    kinds = {str(item.get("type")) for item in media}
    # Bot API, sendMediaGroup: documents and audio files only among themselves.
    if not kinds <= {"photo", "document", "audio"}:
        raise bad_request("can't parse InputMedia: this stand-in knows photo, document and audio")
    if len(kinds) > 1:
        raise bad_request(f"{sorted(kinds - {'photo'})[0]} can't be mixed with other media types")
    album = sandbox.new_id("album")
    contents = [media_item(sandbox, item, params.uploads) | {"media_group_id": album} for item in media]
    sandbox.flood.take(
        chat.id, sandbox.clock(), group=chat.kind is not ChatKind.PRIVATE, messages=len(contents)
    )
    return [sandbox.post(chat, sandbox.bot_user, content) for content in contents]


def media_item(sandbox: Sandbox, item: JSON, uploads: dict[str, Upload]) -> JSON:
    """Bot API, InputMedia: file and caption as a message's content. Raises Refusal."""
    kind = str(item.get("type"))
    if kind not in _FOLDER_OF:
        raise bad_request("can't parse InputMedia: type must be known")
    stored = find_file(sandbox, kind, item.get("media"), uploads)
    return media_content(kind, stored, seconds=int(item.get("duration") or 0)) | caption_content(item)


def place(given: JSON) -> JSON:
    """Bot API, Location, from anything with latitude and longitude in degrees. Raises Refusal."""
    try:
        latitude, longitude = float(given["latitude"]), float(given["longitude"])
    except (KeyError, TypeError, ValueError):
        raise bad_request("can't parse location: latitude and longitude must be Numbers") from None
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise bad_request("wrong latitude or longitude specified")
    return {"latitude": latitude, "longitude": longitude}


def venue(given: JSON) -> JSON:
    """Bot API, Venue, as a message's content. Raises Refusal."""
    if not given.get("title") or not given.get("address"):
        raise bad_request("venue title and address must be non-empty")
    location = place(given)
    card = {"location": location, "title": given["title"], "address": given["address"]}
    return {"location": location, "venue": card}


def contact(given: JSON) -> JSON:
    """Bot API, Contact, as a message's content. Raises Refusal."""
    if not given.get("phone_number"):
        raise bad_request("phone number is empty")
    if not given.get("first_name"):
        raise bad_request("contact first name must be non-empty")
    fields = ("phone_number", "first_name", "last_name", "user_id", "vcard")
    return {"contact": {name: given[name] for name in fields if given.get(name)}}


def send_location(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, sendLocation."""
    chat = sandbox.chat_to_write_to(params.text("chat_id"))
    return send(sandbox, params, chat, {"location": place(_texts(params, "latitude", "longitude"))})


def send_venue(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, sendVenue."""
    chat = sandbox.chat_to_write_to(params.text("chat_id"))
    return send(sandbox, params, chat, venue(_texts(params, "latitude", "longitude", "title", "address")))


def send_contact(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, sendContact."""
    chat = sandbox.chat_to_write_to(params.text("chat_id"))
    given = _texts(params, "phone_number", "first_name", "last_name", "vcard")
    return send(sandbox, params, chat, contact(given))


def _texts(params: Params, *names: str) -> JSON:
    return {name: params.text(name) for name in names}


def send_chat_action(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, sendChatAction."""
    chat = sandbox.chat_to_write_to(params.text("chat_id"))
    action = params.text("action")
    if action not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    if chat.on_page:
        sandbox.tell_page({"type": "action", "chat": chat.id, "action": action})
    return True


def forwarded(message: JSON, origin_user: JSON) -> JSON:
    """What a forward carries: content, origin, and the inline keyboard only if every button works anywhere.

    Links and copy buttons work in any chat; with a single button of another kind Telegram drops the whole
    keyboard (Bot API, forwardMessage; MessageOriginUser).
    """
    content = {name: value for name, value in message.items() if name in FORWARDABLE}
    content["forward_origin"] = message.get("forward_origin") or {
        "type": "user",
        "sender_user": origin_user,
        "date": message["date"],
    }
    markup = message.get("reply_markup")
    if markup and all(
        "url" in button or "copy_text" in button for row in markup["inline_keyboard"] for button in row
    ):
        content["reply_markup"] = markup
    return content


def forward_message(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, forwardMessage."""
    chat = sandbox.chat_to_write_to(params.text("chat_id"))
    message = sandbox.chat_for_bot(params.text("from_chat_id")).messages.get(params.integer("message_id"))
    if message is None:
        raise bad_request("message to forward not found")
    # Bot API, forwardMessage: messages with protected content can't be forwarded.
    if message.get("has_protected_content"):
        raise bad_request("message has protected content and can't be forwarded")
    return send(sandbox, params, chat, forwarded(message, message["from"]))


def copy_message(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, copyMessage: without the origin and without the keyboard."""
    chat = sandbox.chat_to_write_to(params.text("chat_id"))
    message = sandbox.chat_for_bot(params.text("from_chat_id")).messages.get(params.integer("message_id"))
    if message is None:
        raise bad_request("message to copy not found")
    content = {name: value for name, value in message.items() if name in FORWARDABLE - {"via_bot"}}
    if params.text("caption") is not None and "text" not in content:
        content.pop("caption", None)
        content.pop("caption_entities", None)
        content |= caption_content(params)
    return {"message_id": send(sandbox, params, chat, content)["message_id"]}


METHODS = (
    send_message,
    send_photo,
    send_document,
    send_voice,
    send_audio,
    send_media_group,
    send_location,
    send_venue,
    send_contact,
    send_chat_action,
    forward_message,
    copy_message,
)
