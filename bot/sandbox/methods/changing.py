"""Edit, delete and pin what was sent (Bot API, Updating messages)."""

from bot.sandbox.cloud import JSON, Chat, ChatKind, Sandbox
from bot.sandbox.methods.sending import caption_content, media_item, read_markup, text_content
from bot.sandbox.params import Params
from bot.sandbox.refusals import bad_request

_MEDIA = ("photo", "document", "voice", "audio")
_CAPTION = ("caption", "caption_entities")


def _own_message(sandbox: Sandbox, params: Params) -> tuple[Chat, JSON]:
    """The message to edit. Raises Refusal when it is not there or not the bot's."""
    if (inline_message_id := params.text("inline_message_id")) is not None:
        place = sandbox.inline_messages.get(inline_message_id)
        message = sandbox.chats[place[0]].messages.get(place[1]) if place else None
        if place is None or message is None:
            raise bad_request("MESSAGE_ID_INVALID")
        return sandbox.chats[place[0]], message
    chat = sandbox.chat_to_write_to(params.text("chat_id"))
    if "message_id" not in params:
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(params.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    # Bot API, Updating messages: only the bot's own messages.
    if message["from"] is not sandbox.bot_user or "forward_origin" in message:
        raise bad_request("message can't be edited")
    return chat, message


def _change(
    sandbox: Sandbox, params: Params, chat: Chat, message: JSON, content: JSON, drop: tuple[str, ...]
) -> JSON | bool:
    inline_keyboard, other = read_markup(params, chat)
    if other is not None:
        raise bad_request("inline keyboard expected")
    kept = {name: value for name, value in message.items() if name not in (*drop, "reply_markup")}
    changed = kept | content
    if inline_keyboard is not None:
        changed["reply_markup"] = inline_keyboard
    # Bot API, editMessageText: an edit that changes nothing is refused.
    if changed == message:
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same as "
            "a current content and reply markup of the message"
        )
    sandbox.flood.take(chat.id, sandbox.clock(), group=chat.kind is not ChatKind.PRIVATE)
    message.clear()
    message.update(changed)
    if content or drop:
        message["edit_date"] = sandbox.now()
    sandbox.show_edit(chat, message)
    return True if "inline_message_id" in params else message


def edit_message_text(sandbox: Sandbox, params: Params) -> JSON | bool:
    """Bot API, editMessageText."""
    chat, message = _own_message(sandbox, params)
    content = text_content(params)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return _change(sandbox, params, chat, message, content, ("text", "entities"))


def edit_message_caption(sandbox: Sandbox, params: Params) -> JSON | bool:
    """Bot API, editMessageCaption."""
    chat, message = _own_message(sandbox, params)
    if not any(kind in message for kind in _MEDIA):
        raise bad_request("there is no caption in the message to edit")
    return _change(sandbox, params, chat, message, caption_content(params), _CAPTION)


def edit_message_media(sandbox: Sandbox, params: Params) -> JSON | bool:
    """Bot API, editMessageMedia."""
    chat, message = _own_message(sandbox, params)
    media = params.structure("media")
    if not isinstance(media, dict):
        raise bad_request("can't parse InputMedia: object expected")
    if not any(kind in message for kind in ("text", *_MEDIA)):
        raise bad_request("message can't be edited")
    content = media_item(sandbox, media, params.uploads)
    return _change(sandbox, params, chat, message, content, (*_MEDIA, *_CAPTION, "text", "entities"))


def edit_message_reply_markup(sandbox: Sandbox, params: Params) -> JSON | bool:
    """Bot API, editMessageReplyMarkup."""
    chat, message = _own_message(sandbox, params)
    return _change(sandbox, params, chat, message, {}, ())


def _refuse_to_delete(sandbox: Sandbox, chat: Chat, message: JSON) -> None:
    """Bot API, deleteMessage: younger than 48 hours; in a group only the bot's own without rights."""
    if message["date"] <= sandbox.clock() - sandbox.limits.deletable_seconds:
        private = chat.kind is ChatKind.PRIVATE
        raise bad_request("message can't be deleted for everyone" if private else "message can't be deleted")
    if chat.kind is not ChatKind.PRIVATE and message["from"] is not sandbox.bot_user:
        raise bad_request("message can't be deleted")


def delete_message(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, deleteMessage."""
    chat = sandbox.chat_for_bot(params.text("chat_id"))
    if "message_id" not in params:
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(params.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    _refuse_to_delete(sandbox, chat, message)
    sandbox.delete(chat, [message["message_id"]])
    return True


def delete_messages(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, deleteMessages: 1–100 at once, those not found are skipped."""
    chat = sandbox.chat_for_bot(params.text("chat_id"))
    ids = params.structure("message_ids") or []
    if not ids:
        raise bad_request("message identifiers are not specified")
    if len(ids) > 100:
        raise bad_request("too many message identifiers specified")
    found = [message for message_id in ids if (message := chat.messages.get(int(message_id))) is not None]
    for message in found:
        _refuse_to_delete(sandbox, chat, message)
    sandbox.delete(chat, [message["message_id"] for message in found])
    return True


def pin_chat_message(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, pinChatMessage."""
    chat = _chat_to_pin_in(sandbox, params)
    message_id = params.integer("message_id")
    if message_id not in chat.messages:
        raise bad_request("message to pin not found")
    chat.pinned = [pinned for pinned in chat.pinned if pinned != message_id] + [message_id]
    return _show_pinned(sandbox, chat)


def unpin_chat_message(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, unpinChatMessage: without a message the newest pinned one."""
    chat = _chat_to_pin_in(sandbox, params)
    message_id = params.integer("message_id", chat.pinned[-1] if chat.pinned else 0)
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    return _show_pinned(sandbox, chat)


def _chat_to_pin_in(sandbox: Sandbox, params: Params) -> Chat:
    chat = sandbox.chat_to_write_to(params.text("chat_id"))
    # Bot API, pinChatMessage: in a group the bot needs the right to pin; here it is a plain member.
    if chat.kind is not ChatKind.PRIVATE:
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat


def _show_pinned(sandbox: Sandbox, chat: Chat) -> bool:
    if chat.on_page:
        sandbox.tell_page({"type": "pinned", "chat": chat.id, "pinned": chat.pinned})
    return True


METHODS = (
    edit_message_text,
    edit_message_caption,
    edit_message_media,
    edit_message_reply_markup,
    delete_message,
    delete_messages,
    pin_chat_message,
    unpin_chat_message,
)
