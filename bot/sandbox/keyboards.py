"""Which keyboards Telegram takes. Knows nothing of chats beyond whether a chat is private."""

from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.refusals import bad_request

CALLBACK_DATA_BYTES = 64  # Bot API, InlineKeyboardButton: callback_data, 1–64 bytes
COPY_TEXT_LENGTH = 256  # Bot API, CopyTextButton: text, 1–256 characters

_KINDS_OF_BUTTON = (
    "url",
    "callback_data",
    "copy_text",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
)


def check_inline_keyboard(markup: dict[str, Any]) -> dict[str, Any] | None:
    """Check an InlineKeyboardMarkup; an empty one counts as none. Raises Refusal."""
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    for row in rows:
        for button in row:
            _check_inline_button(button)
    kept = [row for row in rows if row]
    return {"inline_keyboard": kept} if kept else None


def _check_inline_button(button: Any) -> None:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if not button.get("text"):
        raise bad_request('can\'t parse inline keyboard button: field "text" must be of type String')
    kinds = [kind for kind in _KINDS_OF_BUTTON if kind in button]
    # Bot API, InlineKeyboardButton: exactly one of the fields other than text must be used.
    if len(kinds) != 1:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
            if not kinds
            else "can't parse inline keyboard button: exactly one action must be used"
        )
    match kinds[0]:
        case "callback_data":
            data = button["callback_data"]
            # Bot API, InlineKeyboardButton: callback_data is 1–64 bytes, not characters.
            if not isinstance(data, str) or not 1 <= len(data.encode()) <= CALLBACK_DATA_BYTES:
                raise bad_request("BUTTON_DATA_INVALID")
        case "url":
            check_button_url(button["url"])
        case "copy_text":
            text = button["copy_text"].get("text", "") if isinstance(button["copy_text"], dict) else ""
            # Bot API, CopyTextButton: 1–256 characters.
            if not isinstance(text, str) or not 1 <= len(text) <= COPY_TEXT_LENGTH:
                raise bad_request("BUTTON_COPY_TEXT_INVALID")


def check_button_url(url: Any) -> None:
    """Bot API, InlineKeyboardButton, url: an HTTP or tg:// link; no tel:, no mailto:. Raises Refusal."""
    if not isinstance(url, str) or not url.strip() or any(sign.isspace() for sign in url.strip()):
        raise bad_request("BUTTON_URL_INVALID")
    head, colon, _ = url.partition(":")
    has_scheme = bool(colon) and "." not in head and "/" not in head
    try:
        parts = urlsplit(url if has_scheme else f"http://{url}")
        host = parts.hostname or ""
    except ValueError:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL") from None
    match parts.scheme.lower():
        case "tg":
            return
        case "http" | "https":
            # A host without a dot is refused: a link to "localhost" cannot work on a phone.
            if "." not in host.strip("."):
                raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
        case _:
            raise bad_request(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")


def check_reply_keyboard(markup: dict[str, Any], *, private: bool) -> dict[str, Any]:
    """Check ReplyKeyboardMarkup, ReplyKeyboardRemove or ForceReply; bare texts become buttons."""
    if "keyboard" not in markup:
        return markup
    rows = markup["keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "keyboard" of the ReplyKeyboardMarkup must be an Array of Arrays')
    checked = [
        [button if isinstance(button, dict) else {"text": str(button)} for button in row] for row in rows
    ]
    for button in (button for row in checked for button in row):
        if not button.get("text"):
            raise bad_request('can\'t parse keyboard button: field "text" must be of type String')
        # Bot API, KeyboardButton: request_contact and request_location are for private chats only.
        if not private and button.get("request_contact"):
            raise bad_request("phone number can be requested in private chats only")
        if not private and button.get("request_location"):
            raise bad_request("location can be requested in private chats only")
    return markup | {"keyboard": checked}
