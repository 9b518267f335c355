"""What a person does with a phone: write, tap, forward, block. The chat page and tests act through it."""

from typing import Any

from bot.sandbox.cloud import JSON, Chat, ChatKind, Person, Query, Sandbox
from bot.sandbox.files import Upload
from bot.sandbox.methods.account import commands_for
from bot.sandbox.methods.sending import forwarded, media_content
from bot.sandbox.texts import TEXT_LIMIT, clean, find_entities


class CannotBeDone(Exception):
    """A phone would not offer this: the message is gone, the bot is blocked, the chat is somebody else's."""


class Phone:
    """One person's phone. Without `chat_id` every action means the chat with the bot."""

    def __init__(self, sandbox: Sandbox, person_id: int) -> None:
        if person_id not in sandbox.people:
            raise CannotBeDone("no such phone")
        self.sandbox = sandbox
        self.person: Person = sandbox.people[person_id]

    @property
    def private(self) -> Chat:
        """The chat with the bot."""
        return self.sandbox.chats[self.person.id]

    @property
    def messages(self) -> list[JSON]:
        """Messages of the chat with the bot, oldest first."""
        return list(self.private.messages.values())

    # Writing

    def send(self, text: str, *, chat_id: int | None = None, reply_to: int | None = None) -> JSON:
        """Write a text; a long one is split as apps do. The last message that was sent."""
        text = clean(text).strip()
        if not text:
            raise CannotBeDone("nothing to send")
        for start in range(0, len(text), TEXT_LIMIT):
            part = text[start : start + TEXT_LIMIT]
            content: JSON = {"text": part}
            if entities := find_entities(part, []):
                content["entities"] = entities
            message = self._post(content, chat_id, reply_to)
        return message

    def start(self, parameter: str = "") -> JSON:
        """Press Start, or open a deep link with its parameter; unblocks the bot as Telegram does."""
        if self.private.blocked:
            self.unblock()
        return self.send(f"/start {parameter}".strip())

    def send_file(
        self, kind: str, upload: Upload, *, caption: str = "", seconds: int = 0, chat_id: int | None = None
    ) -> JSON:
        """Send a photo, document, voice note or audio file. Raises Refusal for what is no picture."""
        folder = {"photo": "photos", "document": "documents", "voice": "voice", "audio": "music"}[kind]
        content = media_content(kind, self.sandbox.files.store(folder, upload), seconds=seconds)
        return self._post(content | ({"caption": clean(caption)} if caption else {}), chat_id)

    def send_sticker(self, emoji: str, *, chat_id: int | None = None) -> JSON:
        """Send a sticker that shows this emoji."""
        name = f"sticker-{ord(emoji[0]):x}" if emoji else "sticker"
        flags = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        card = {"file_id": name, "file_unique_id": f"u{name}", "emoji": emoji} | flags
        return self._post({"sticker": card}, chat_id)

    def send_location(self, latitude: float, longitude: float, *, chat_id: int | None = None) -> JSON:
        """Send a place, in degrees."""
        return self._post({"location": {"latitude": latitude, "longitude": longitude}}, chat_id)

    def send_contact(self, person_id: int | None = None, *, chat_id: int | None = None) -> JSON:
        """Send one's own contact, or another person's."""
        person = self.sandbox.people[person_id or self.person.id]
        card = {"phone_number": person.phone_number, "first_name": person.first_name, "user_id": person.id}
        return self._post({"contact": card}, chat_id)

    def forward(self, message_id: int, to_chat_id: int, *, chat_id: int | None = None) -> JSON:
        """Forward a message into another chat."""
        message = self._message(message_id, chat_id)
        if message.get("has_protected_content"):
            raise CannotBeDone("this message may not be forwarded")
        return self._post(forwarded(message, message["from"]), to_chat_id)

    def edit(self, message_id: int, text: str, *, chat_id: int | None = None) -> JSON:
        """Change one's own text."""
        chat, message = self._chat(chat_id), self._message(message_id, chat_id)
        text = clean(text).strip()
        if message["from"]["id"] != self.person.id or "text" not in message or not text:
            raise CannotBeDone("only one's own texts can be edited")
        message.pop("entities", None)
        message |= {"text": text, "edit_date": self.sandbox.now()}
        if entities := find_entities(text, []):
            message["entities"] = entities
        self.sandbox.show_edit(chat, message)
        if self._bot_sees(chat, message):
            self.sandbox.updates.add("edited_message", message, chat.id)
        return message

    def delete(self, message_ids: list[int], *, chat_id: int | None = None) -> None:
        """Delete messages; a bot is not told."""
        self.sandbox.delete(self._chat(chat_id), message_ids)

    # Tapping

    def tap(self, message_id: int, data: str, *, chat_id: int | None = None) -> str:
        """Tap the inline button with this callback data (forged data passes too); the query's id."""
        chat, message = self._chat(chat_id), self._message(message_id, chat_id)
        query_id = self.sandbox.new_id("callback")
        self.sandbox.callback_queries[query_id] = Query(self.person.id, self.sandbox.clock())
        query: JSON = {
            "id": query_id,
            "from": self.person.user,
            "chat_instance": str(chat.id),
            "data": data,
        }
        if "via_bot" in message:
            # Bot API, CallbackQuery: a message sent via the bot is known to it by inline_message_id only.
            query["inline_message_id"] = next(
                (
                    key
                    for key, place in self.sandbox.inline_messages.items()
                    if place == (chat.id, message_id)
                ),
                "",
            )
        else:
            query["message"] = message
        self.sandbox.updates.add("callback_query", query, chat.id)
        return query_id

    def press(self, label: str, *, chat_id: int | None = None) -> JSON:
        """Press the button of this label: in the reply keyboard, else the newest inline button."""
        chat = self._chat(chat_id)
        for row in (chat.keyboard or {}).get("keyboard", []):
            for button in row:
                if button["text"] == label:
                    if button.get("request_contact"):
                        return self.send_contact(chat_id=chat_id)
                    return self.send(label, chat_id=chat_id)
        for message in reversed(chat.messages.values()):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if button["text"] == label and "callback_data" in button:
                        return {
                            "query": self.tap(message["message_id"], button["callback_data"], chat_id=chat_id)
                        }
        raise CannotBeDone("no such button")

    def ask_inline(self, text: str, *, chat_id: int | None = None, offset: str = "") -> str:
        """Type "@bot text" into a field; the query's id. The results come as the bot answers."""
        query_id = self.sandbox.new_id("inline")
        self.sandbox.inline_queries[query_id] = Query(self.person.id, self.sandbox.clock())
        chat = self._chat(chat_id)
        kind = {ChatKind.PRIVATE: "sender", ChatKind.SUPERGROUP: "supergroup", ChatKind.DIRECT: "private"}[
            chat.kind
        ]
        query = {"id": query_id, "from": self.person.user, "query": text, "offset": offset, "chat_type": kind}
        if self.sandbox.bot.inline:
            self.sandbox.updates.add("inline_query", query, self.person.id)
        return query_id

    def choose_inline(self, query_id: str, result_id: str, *, chat_id: int | None = None) -> JSON:
        """Tap a result of inline mode: it is sent in the person's name, "via" the bot."""
        query = self.sandbox.inline_queries.get(query_id)
        if query is None or result_id not in query.results:
            raise CannotBeDone("this result is gone")
        chat = self._chat(chat_id)
        content = dict(query.results[result_id]) | {"via_bot": self.sandbox.bot_user}
        message = self._post(content, chat_id)
        self.sandbox.inline_messages[self.sandbox.new_id("message")] = (chat.id, message["message_id"])
        return message

    # Settings

    def block(self) -> None:
        """Block the bot."""
        self._set_blocked(True)

    def unblock(self) -> None:
        """Let the bot write again."""
        self._set_blocked(False)

    def _set_blocked(self, blocked: bool) -> None:
        chat = self.private
        if chat.blocked is blocked:
            return
        chat.blocked = blocked
        gone = {"user": self.sandbox.bot_user, "status": "kicked", "until_date": 0}
        here = {"user": self.sandbox.bot_user, "status": "member"}
        # Bot API, Update: my_chat_member in a private chat tells of blocking and unblocking.
        change = {
            "chat": chat.card,
            "from": self.person.user,
            "date": self.sandbox.now(),
            "old_chat_member": here if blocked else gone,
            "new_chat_member": gone if blocked else here,
        }
        self.sandbox.updates.add("my_chat_member", change, chat.id)
        self.sandbox.tell_page({"type": "profile"})

    def set_language(self, code: str | None) -> None:
        """Change the language of the app; None: the app does not tell it."""
        self.person.language_code = code or None
        self.sandbox.tell_page({"type": "profile"})

    def forget_chat(self) -> None:
        """Delete the chat with the bot, so that it begins anew; the bot is not told."""
        chat = self.private
        self.sandbox.delete(chat, list(chat.messages))
        chat.keyboard = None
        self.sandbox.tell_page({"type": "keyboard", "chat": chat.id, "keyboard": None})

    def profile(self) -> JSON:
        """What this phone shows of the bot, in the language of its app."""
        bot, language = self.sandbox.bot, self.person.language_code
        groups = {
            str(chat.id): commands_for(bot, chat, self.person)
            for chat in self.sandbox.chats.values()
            if chat.kind is ChatKind.SUPERGROUP
        }
        return {
            "id": self.person.id,
            "name": self.person.first_name,
            "language": language,
            "blocked": self.private.blocked,
            "bot_name": self.sandbox.in_language(bot.names, language) or bot.first_name,
            "description": self.sandbox.in_language(bot.descriptions, language),
            "short_description": self.sandbox.in_language(bot.short_descriptions, language),
            "commands": {str(self.private.id): commands_for(bot, self.private, self.person)} | groups,
        }

    # Within

    def _chat(self, chat_id: int | None) -> Chat:
        chat = self.sandbox.chats.get(chat_id if chat_id is not None else self.person.id)
        if chat is None or self.person.id not in chat.members:
            raise CannotBeDone("no such chat on this phone")
        return chat

    def _message(self, message_id: int, chat_id: int | None) -> JSON:
        message = self._chat(chat_id).messages.get(message_id)
        if message is None:
            raise CannotBeDone("this message is gone")
        return message

    def _post(self, content: JSON, chat_id: int | None, reply_to: int | None = None) -> JSON:
        chat = self._chat(chat_id)
        if chat.blocked:
            raise CannotBeDone("the bot is blocked")
        if reply_to is not None:
            replied = self._message(reply_to, chat_id)
            content["reply_to_message"] = {k: v for k, v in replied.items() if k != "reply_to_message"}
        if chat.kind is ChatKind.PRIVATE:
            chat.started = True
            if chat.keyboard is not None and chat.keyboard.get("one_time_keyboard"):
                chat.keyboard = None
        message = self.sandbox.post(chat, self.person.user, content)
        if self._bot_sees(chat, message):
            self.sandbox.updates.add("message", message, chat.id)
        return message

    def _bot_sees(self, chat: Chat, message: JSON) -> bool:
        """Bot features, Privacy mode: in a group commands, replies, mentions and what is sent via the bot."""
        if chat.kind is ChatKind.PRIVATE:
            return not chat.blocked
        if not chat.with_bot:
            return False
        bot = self.sandbox.bot
        if not bot.group_privacy or "via_bot" in message:
            return True
        if message.get("reply_to_message", {}).get("from", {}).get("id") == bot.id:
            return True
        kinds = {entity["type"] for entity in message.get("entities", [])}
        text: str = message.get("text", "")
        if "bot_command" in kinds and text.startswith("/"):
            command = text.split(maxsplit=1)[0].lower()
            return "@" not in command or command.endswith(f"@{bot.username.lower()}")
        return "mention" in kinds and f"@{bot.username.lower()}" in text.lower()


def page_state(sandbox: Sandbox) -> dict[str, Any]:
    """All that a chat page shows, for its first paint and after every reconnection."""
    return {
        "type": "state",
        "bot": {"id": sandbox.bot.id, "username": sandbox.bot.username, "name": sandbox.bot.first_name},
        "phones": [
            Phone(sandbox, person.id).profile() for person in sandbox.people.values() if person.on_page
        ],
        "chats": [
            {
                "id": chat.id,
                "kind": chat.kind.value,
                "title": chat.card.get("title"),
                "members": sorted(chat.members),
                "with_bot": chat.with_bot,
                "messages": list(chat.messages.values()),
                "keyboard": chat.keyboard,
                "pinned": chat.pinned,
            }
            for chat in sandbox.chats.values()
            if chat.on_page
        ],
    }
