"""The bot's own account: who it is, its texts and commands, chats, webhook (Bot API, Available methods)."""

import re

from bot.sandbox.cloud import JSON, BotAccount, Chat, ChatKind, Person, Sandbox
from bot.sandbox.files import DOWNLOAD_BYTES
from bot.sandbox.params import Params
from bot.sandbox.refusals import bad_request, too_many_requests

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")  # Bot API, BotCommand
_LANGUAGE = re.compile(r"[a-z]{2}")  # Bot API, setMyCommands: a two-letter ISO 639-1 language code
_CLOSE_AFTER_SECONDS = 600  # Bot API, close: error 429 in the first 10 minutes after the bot is launched


def get_me(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, getMe."""
    bot = sandbox.bot
    return bot.user | {
        "can_join_groups": True,
        "can_read_all_group_messages": not bot.group_privacy,
        "supports_inline_queries": bot.inline,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def log_out(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, logOut. Here it changes nothing."""
    return True


def close(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, close."""
    left = _CLOSE_AFTER_SECONDS - (sandbox.clock() - sandbox.started_at)
    if left > 0:
        raise too_many_requests(max(1, int(left)))
    return True


def set_webhook(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, setWebhook; an empty address removes it."""
    sandbox.updates.allow(params.structure("allowed_updates"))
    drop = params.flag("drop_pending_updates")
    url = params.text("url")
    if not url:
        sandbox.updates.delete_webhook(drop_pending=drop)
        return True
    sandbox.updates.set_webhook(
        url,
        secret=params.text("secret_token"),
        connections=params.integer("max_connections", 40),
        drop_pending=drop,
    )
    return True


def delete_webhook(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, deleteWebhook."""
    sandbox.updates.delete_webhook(drop_pending=params.flag("drop_pending_updates"))
    return True


def get_webhook_info(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, getWebhookInfo."""
    return sandbox.updates.webhook_info()


def _language(params: Params) -> str:
    language = params.text("language_code") or ""
    # Bot API, setMyCommands: two letters or nothing.
    if language and _LANGUAGE.fullmatch(language) is None:
        raise bad_request("invalid language code specified")
    return language


def _scope(sandbox: Sandbox, params: Params) -> tuple[str, int, int]:
    """Bot API, BotCommandScope: (type, chat, user). Raises Refusal."""
    scope = params.structure("scope") or {"type": "default"}
    kind = str(scope.get("type"))
    match kind:
        case "default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators":
            return kind, 0, 0
        case "chat" | "chat_administrators":
            return kind, sandbox.chat_for_bot(scope.get("chat_id")).id, 0
        case "chat_member":
            return kind, sandbox.chat_for_bot(scope.get("chat_id")).id, int(scope.get("user_id") or 0)
        case _:
            raise bad_request("can't parse BotCommandScope: unsupported scope type specified")


def set_my_commands(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, setMyCommands: at most 100; names 1–32 of a-z, 0-9 and _, descriptions 1–256 characters."""
    commands = params.structure("commands") or []
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if _COMMAND.fullmatch(str(command.get("command", "")).removeprefix("/")) is None:
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    key = (*_scope(sandbox, params), _language(params))
    sandbox.bot.commands[key] = [
        {"command": command["command"].removeprefix("/"), "description": command["description"]}
        for command in commands
    ]
    return _show_profile(sandbox)


def get_my_commands(sandbox: Sandbox, params: Params) -> list[JSON]:
    """Bot API, getMyCommands: those of exactly this scope and language."""
    return sandbox.bot.commands.get((*_scope(sandbox, params), _language(params)), [])


def delete_my_commands(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, deleteMyCommands."""
    sandbox.bot.commands.pop((*_scope(sandbox, params), _language(params)), None)
    return _show_profile(sandbox)


def commands_for(bot: BotAccount, chat: Chat, person: Person) -> list[JSON]:
    """The commands that a person sees in a chat (Bot API, Determining list of commands)."""
    language = person.language_code or ""
    scopes: list[tuple[str, int, int]] = (
        [("chat", chat.id, 0), ("all_private_chats", 0, 0)]
        if chat.kind is ChatKind.PRIVATE
        else [("chat_member", chat.id, person.id), ("chat", chat.id, 0), ("all_group_chats", 0, 0)]
    )
    for scope in [*scopes, ("default", 0, 0)]:
        for code in (language, ""):
            if commands := bot.commands.get((*scope, code)):
                return commands
    return []


def _set_text(sandbox: Sandbox, params: Params, name: str, texts: dict[str, str], limit: int) -> bool:
    text, language = params.text(name) or "", _language(params)
    if len(text) > limit:
        raise bad_request(f"{name.replace('_', ' ')} is too long")
    if text:
        texts[language] = text
    else:
        texts.pop(language, None)
    return _show_profile(sandbox)


def _get_text(sandbox: Sandbox, params: Params, name: str, texts: dict[str, str]) -> JSON:
    return {name: sandbox.in_language(texts, _language(params))}


def set_my_name(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, setMyName: 0–64 characters."""
    return _set_text(sandbox, params, "name", sandbox.bot.names, 64)


def get_my_name(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, getMyName."""
    return {"name": sandbox.in_language(sandbox.bot.names, _language(params)) or sandbox.bot.first_name}


def set_my_description(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, setMyDescription: 0–512 characters, shown in an empty chat."""
    return _set_text(sandbox, params, "description", sandbox.bot.descriptions, 512)


def get_my_description(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, getMyDescription."""
    return _get_text(sandbox, params, "description", sandbox.bot.descriptions)


def set_my_short_description(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, setMyShortDescription: 0–120 characters."""
    return _set_text(sandbox, params, "short_description", sandbox.bot.short_descriptions, 120)


def get_my_short_description(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, getMyShortDescription."""
    return _get_text(sandbox, params, "short_description", sandbox.bot.short_descriptions)


def set_chat_menu_button(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, setChatMenuButton, for one private chat or as the default (no chat)."""
    chat_id = sandbox.chat_for_bot(params.text("chat_id")).id if "chat_id" in params else 0
    button = params.structure("menu_button") or {"type": "default"}
    if button.get("type") not in ("default", "commands"):
        raise bad_request("can't parse menu button: this stand-in knows no web apps")
    sandbox.bot.menu_buttons[chat_id] = {"type": button["type"]}
    return _show_profile(sandbox)


def get_chat_menu_button(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, getChatMenuButton."""
    chat_id = sandbox.chat_for_bot(params.text("chat_id")).id if "chat_id" in params else 0
    return sandbox.bot.menu_buttons.get(chat_id, {"type": "default"})


def _show_profile(sandbox: Sandbox) -> bool:
    sandbox.tell_page({"type": "profile"})
    return True


def get_chat(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, getChat: ChatFullInfo."""
    chat = sandbox.chat_for_bot(params.text("chat_id"))
    gifts = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"),
        False,
    )
    info = chat.card | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
    return info | {"pinned_message": chat.messages[chat.pinned[-1]]} if chat.pinned else info


def get_chat_member(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, getChatMember; the coordinator owns the group."""
    chat = sandbox.chat_for_bot(params.text("chat_id"))
    user_id = params.integer("user_id")
    if user_id == sandbox.bot.id:
        return {"status": "member" if chat.with_bot else "left", "user": sandbox.bot_user}
    person = sandbox.people.get(user_id)
    if person is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    if person.id not in chat.members:
        return {"status": "left", "user": person.user}
    if chat.kind is ChatKind.SUPERGROUP and person.id == max(chat.members):
        return {"status": "creator", "user": person.user, "is_anonymous": False}
    return {"status": "member", "user": person.user}


def leave_chat(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, leaveChat."""
    chat = sandbox.chat_to_write_to(params.text("chat_id"))
    if chat.kind is ChatKind.PRIVATE:
        raise bad_request("chat member status can't be changed in private chats")
    chat.with_bot = False
    return _show_profile(sandbox)


def get_file(sandbox: Sandbox, params: Params) -> JSON:
    """Bot API, getFile: files of up to 20 MB."""
    stored = sandbox.files.get(params.text("file_id") or "")
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(stored.content) > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": stored.file_id,
        "file_unique_id": f"u{stored.file_id}",
        "file_size": len(stored.content),
        "file_path": stored.path,
    }


METHODS = (
    get_me,
    log_out,
    close,
    set_webhook,
    delete_webhook,
    get_webhook_info,
    set_my_commands,
    get_my_commands,
    delete_my_commands,
    set_my_name,
    get_my_name,
    set_my_description,
    get_my_description,
    set_my_short_description,
    get_my_short_description,
    set_chat_menu_button,
    get_chat_menu_button,
    get_chat,
    get_chat_member,
    leave_chat,
    get_file,
)
