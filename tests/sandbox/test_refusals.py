"""Every request that Telegram refuses is refused here, in Telegram's words."""

from typing import Any

import httpx
import pytest

from bot.sandbox import GROUP_ID, HELPER_ID, PERSON_ID, Phone, Sandbox

from .conftest import Api, StoppedClock

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x02\x00\x00\x00\x03\x08\x06\x00\x00\x00\xb9\xea\xde\x81"
)


def inline(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "x", **button}]]}


@pytest.mark.parametrize(
    ("method", "params", "description"),
    [
        ("sendMessage", {"text": "x" * 4097}, "message is too long"),
        ("sendMessage", {"text": " \n "}, "message text is empty"),
        ("sendMessage", {"text": "<b>x", "parse_mode": "HTML"}, "can't parse entities: Can't find end tag"),
        ("sendMessage", {"text": "x", "parse_mode": "MarkdownV2"}, "can't parse entities"),
        ("sendMessage", {"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ("sendMessage", {"text": "x", "reply_markup": inline(callback_data="ا" * 33)}, "BUTTON_DATA_INVALID"),
        ("sendMessage", {"text": "x", "reply_markup": inline(callback_data="")}, "BUTTON_DATA_INVALID"),
        (
            "sendMessage",
            {"text": "x", "reply_markup": inline(url="tel:+4969900090")},
            "inline keyboard button URL 'tel:+4969900090' is invalid: Unsupported URL protocol",
        ),
        (
            "sendMessage",
            {"text": "x", "reply_markup": inline(url="mailto:a@example.org")},
            "inline keyboard button URL 'mailto:a@example.org' is invalid: Unsupported URL protocol",
        ),
        (
            "sendMessage",
            {"text": "x", "reply_markup": inline(url="http://localhost:8080/")},
            "inline keyboard button URL 'http://localhost:8080/' is invalid: Wrong HTTP URL",
        ),
        ("sendMessage", {"text": "x", "reply_markup": inline(url="https://a b")}, "BUTTON_URL_INVALID"),
        (
            "sendMessage",
            {"text": "x", "reply_markup": inline(copy_text={"text": "x" * 257})},
            "BUTTON_COPY_TEXT_INVALID",
        ),
        (
            "sendMessage",
            {"text": "x", "reply_markup": inline()},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ("sendMessage", {"text": "x", "reply_markup": "{"}, "can't parse reply markup JSON object"),
        (
            "sendMessage",
            {"text": "x", "reply_parameters": {"message_id": 999}},
            "message to be replied not found",
        ),
        ("sendPhoto", {}, "there is no photo in the request"),
        ("sendPhoto", {"photo": "no such file"}, "wrong file identifier/HTTP URL specified"),
        ("sendPhoto", {"photo": "https://example.org/x.png"}, "failed to get HTTP URL content"),
        ("sendDocument", {"document": "x", "caption": "x" * 1025}, "message caption is too long"),
        ("sendLocation", {"latitude": 91, "longitude": 8}, "wrong latitude or longitude specified"),
        (
            "sendContact",
            {"phone_number": "112", "first_name": ""},
            "contact first name must be non-empty",
        ),
        ("sendChatAction", {"action": "dancing"}, "wrong parameter action in request"),
        ("sendMediaGroup", {"media": []}, "there are no messages to send"),
        (
            "sendMediaGroup",
            {"media": [{"type": "photo", "media": "x"}] * 11},
            "too many messages to send as an album",
        ),
        ("editMessageText", {"message_id": 999, "text": "x"}, "message to edit not found"),
        ("editMessageText", {"message_id": 1, "text": "x"}, "message can't be edited"),
        ("editMessageText", {"text": "x"}, "message identifier is not specified"),
        ("deleteMessage", {"message_id": 999}, "message to delete not found"),
        ("copyMessage", {"from_chat_id": PERSON_ID, "message_id": 999}, "message to copy not found"),
        ("forwardMessage", {"from_chat_id": PERSON_ID, "message_id": 999}, "message to forward not found"),
        ("pinChatMessage", {"message_id": 999}, "message to pin not found"),
        ("leaveChat", {}, "chat member status can't be changed in private chats"),
        ("getChatMember", {"user_id": 42}, "PARTICIPANT_ID_INVALID"),
        ("getFile", {"file_id": "x"}, "wrong file_id or the file is temporarily unavailable"),
        (
            "setMyCommands",
            {"commands": [{"command": "Große", "description": "x"}]},
            "BOT_COMMAND_INVALID",
        ),
        (
            "setMyCommands",
            {"commands": [{"command": "a", "description": ""}]},
            "BOT_COMMAND_DESCRIPTION_INVALID",
        ),
        ("setMyCommands", {"commands": [], "language_code": "prs"}, "invalid language code specified"),
        ("setMyDescription", {"description": "x" * 513}, "description is too long"),
        ("setMyShortDescription", {"short_description": "x" * 121}, "short description is too long"),
        (
            "setWebhook",
            {"url": "http://example.org/hook"},
            "bad webhook: An HTTPS URL must be provided for webhook",
        ),
        (
            "setWebhook",
            {"url": "https://example.org/hook", "secret_token": "a+b"},
            "secret token contains unallowed characters",
        ),
        ("answerCallbackQuery", {"callback_query_id": "x"}, "query is too old and response timeout expired"),
        ("answerInlineQuery", {"inline_query_id": "x", "results": []}, "query is too old"),
    ],
)
async def test_bad_requests(
    api: Api, person: Phone, method: str, params: dict[str, Any], description: str
) -> None:
    code, told = await api.refusal(method, **{"chat_id": PERSON_ID, **params})
    assert code == 400
    assert told.startswith(f"Bad Request: {description}")


async def test_4096_characters_count_after_parsing(api: Api, person: Phone) -> None:
    sent = await api.call(
        "sendMessage", chat_id=PERSON_ID, text="<b>" + "ا" * 4096 + "</b>", parse_mode="HTML"
    )
    assert len(sent["text"]) == 4096
    assert (await api.refusal("sendMessage", chat_id=PERSON_ID, text="🌷" * 2049))[0] == 400


async def test_64_bytes_of_callback_data_pass(api: Api, person: Phone) -> None:
    await api.call("sendMessage", chat_id=PERSON_ID, text="x", reply_markup=inline(callback_data="ا" * 32))


async def test_chats_that_do_not_want_or_know_the_bot(api: Api, sandbox: Sandbox, person: Phone) -> None:
    assert await api.refusal("sendMessage", text="x") == (400, "Bad Request: chat_id is empty")
    assert await api.refusal("sendMessage", chat_id=42, text="x") == (400, "Bad Request: chat not found")
    assert await api.refusal("sendMessage", chat_id="@nobody", text="x") == (
        400,
        "Bad Request: chat not found",
    )
    assert await api.refusal("sendMessage", chat_id=HELPER_ID, text="x") == (
        403,
        "Forbidden: bot can't initiate conversation with a user",
    )
    person.block()
    assert await api.refusal("sendMessage", chat_id=PERSON_ID, text="x") == (
        403,
        "Forbidden: bot was blocked by the user",
    )
    person.unblock()
    await api.call("sendMessage", chat_id=PERSON_ID, text="x")
    await api.call("leaveChat", chat_id=GROUP_ID)
    assert (await api.refusal("sendMessage", chat_id=GROUP_ID, text="x"))[0] == 403


async def test_an_edit_that_changes_nothing(api: Api, person: Phone) -> None:
    markup = inline(callback_data="x")
    sent = await api.call("sendMessage", chat_id=PERSON_ID, text="x", reply_markup=markup)
    edit = {"chat_id": PERSON_ID, "message_id": sent["message_id"], "text": "x", "reply_markup": markup}
    assert await api.refusal("editMessageText", **edit) == (400, NOT_MODIFIED)
    changed = await api.call("editMessageText", **(edit | {"text": "y"}))
    assert changed["text"] == "y"
    assert changed["edit_date"]
    assert (await api.refusal("editMessageCaption", **edit))[1].endswith(
        "there is no caption in the message to edit"
    )


async def test_a_callback_query_is_answered_once_and_in_time(
    api: Api, person: Phone, clock: StoppedClock
) -> None:
    sent = await api.call("sendMessage", chat_id=PERSON_ID, text="x", reply_markup=inline(callback_data="x"))
    in_time, late = (person.tap(sent["message_id"], "x") for _ in range(2))
    clock.seconds += 14
    await api.call("answerCallbackQuery", callback_query_id=in_time, text="gut")
    assert await api.refusal("answerCallbackQuery", callback_query_id=in_time) == (400, TOO_OLD)
    clock.seconds += 2
    assert await api.refusal("answerCallbackQuery", callback_query_id=late) == (400, TOO_OLD)


async def test_inline_answers(api: Api, person: Phone) -> None:
    def article(number: int) -> dict[str, Any]:
        return {
            "type": "article",
            "id": str(number),
            "title": "x",
            "input_message_content": {"message_text": "x"},
        }

    query = {"inline_query_id": person.ask_inline("schlaf")}
    refused: list[tuple[dict[str, Any], str]] = [
        ({"results": [article(number) for number in range(51)]}, "RESULTS_TOO_MUCH"),
        ({"results": [article(1), article(1)]}, "RESULT_ID_DUPLICATE"),
        ({"results": [], "button": {"text": "x", "start_parameter": "ü"}}, "START_PARAM_INVALID"),
        ({"results": [], "button": {"text": "x", "start_parameter": "a" * 65}}, "START_PARAM_INVALID"),
        ({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
    ]
    for params, told in refused:
        assert await api.refusal("answerInlineQuery", **query, **params) == (400, f"Bad Request: {told}")
    assert await api.call("answerInlineQuery", **query, results=[article(number) for number in range(50)])


async def test_messages_are_deleted_for_48_hours(api: Api, person: Phone, clock: StoppedClock) -> None:
    own = await api.call("sendMessage", chat_id=PERSON_ID, text="x")
    theirs = person.send("hallo")
    old = await api.call("sendMessage", chat_id=PERSON_ID, text="x")
    clock.seconds += 48 * 3600 - 1
    assert await api.call("deleteMessage", chat_id=PERSON_ID, message_id=theirs["message_id"])
    assert await api.call("deleteMessages", chat_id=PERSON_ID, message_ids=[own["message_id"], 999])
    clock.seconds += 1
    refused = (400, "Bad Request: message can't be deleted for everyone")
    assert await api.refusal("deleteMessage", chat_id=PERSON_ID, message_id=old["message_id"]) == refused
    assert await api.refusal("deleteMessages", chat_id=PERSON_ID, message_ids=[old["message_id"]]) == refused


async def test_a_group_does_not_let_the_bot_delete_or_pin(api: Api, person: Phone) -> None:
    theirs = person.send("/sos", chat_id=GROUP_ID)
    assert await api.refusal("deleteMessage", chat_id=GROUP_ID, message_id=theirs["message_id"]) == (
        400,
        "Bad Request: message can't be deleted",
    )
    assert await api.refusal("pinChatMessage", chat_id=GROUP_ID, message_id=theirs["message_id"]) == (
        400,
        "Bad Request: not enough rights to manage pinned messages in the chat",
    )


async def test_files_that_are_no_pictures_or_of_another_type(api: Api, person: Phone) -> None:
    async def upload(method: str, kind: str, content: bytes) -> httpx.Response:
        return await api.client.post(
            f"{api.root}/{method}", data={"chat_id": str(PERSON_ID)}, files={kind: ("x.png", content)}
        )

    assert (await upload("sendPhoto", "photo", b"no picture")).json()["description"] == (
        "Bad Request: IMAGE_PROCESS_FAILED"
    )
    assert (await upload("sendPhoto", "photo", b"")).json()["description"] == (
        "Bad Request: file must be non-empty"
    )
    assert (await upload("sendPhoto", "photo", PNG + b"\0" * 10 * 1024 * 1024)).status_code == 413
    photo = (await upload("sendPhoto", "photo", PNG)).json()["result"]["photo"][0]
    assert (photo["width"], photo["height"]) == (2, 3)
    assert (await api.refusal("sendDocument", chat_id=PERSON_ID, document=photo["file_id"]))[1] == (
        "Bad Request: can't use file of type photos as document"
    )


async def test_unknown_methods_and_wrong_tokens(api: Api, address: str) -> None:
    assert await api.refusal("sendTelepathy") == (404, "Not Found")
    wrong = await api.client.get(f"{address}/bot1:wrong/getMe")
    assert (wrong.status_code, wrong.json()["description"]) == (401, "Unauthorized")
    assert (await api.client.get(f"{address}/botnonsense/getMe")).status_code == 404


async def test_method_names_ignore_case_and_get_works(api: Api) -> None:
    answer = await api.client.get(f"{api.root}/GETME")
    assert answer.json()["result"]["username"] == "rahnuma_demo_bot"


async def test_bodies_that_are_not_what_they_say(api: Api) -> None:
    json_type = {"Content-Type": "application/json; charset=utf-8"}
    for body in (b"{", b"[1]"):
        answer = await api.client.post(f"{api.root}/getMe", content=body, headers=json_type)
        assert answer.status_code == 400
