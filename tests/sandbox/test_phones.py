"""What people do with their phones, and what the bot learns of it."""

from typing import Any

import pytest

from bot.sandbox import GROUP_ID, HELPER_ID, PERSON_ID, CannotBeDone, Phone, Sandbox, Upload

from .conftest import Api

DIRECT_TO_HELPER = -1


async def newest(api: Api) -> dict[str, Any]:
    update: dict[str, Any] = (await api.call("getUpdates", offset=-1))[0]
    return update


async def test_a_tap_carries_the_message_and_its_answer_reaches_the_phone(
    api: Api, sandbox: Sandbox, person: Phone
) -> None:
    events: list[dict[str, Any]] = []
    sandbox.listeners.add(events.append)
    markup = {"inline_keyboard": [[{"text": "Schlaf", "callback_data": "n:sleep"}]]}
    await api.call("sendMessage", chat_id=PERSON_ID, text="Was brauchst du?", reply_markup=markup)
    person.press("Schlaf")
    query = (await newest(api))["callback_query"]
    assert query["data"] == "n:sleep"
    assert query["message"]["text"] == "Was brauchst du?"
    assert query["from"]["language_code"] == "ar"
    await api.call("answerCallbackQuery", callback_query_id=query["id"], text="gut", show_alert=True)
    assert (events[-1]["type"], events[-1]["phone"], events[-1]["text"], events[-1]["alert"]) == (
        "answer",
        PERSON_ID,
        "gut",
        True,
    )


async def test_a_reply_keyboard_stays_until_it_is_removed(api: Api, person: Phone) -> None:
    keyboard = {"keyboard": [["Ja", {"text": "Nummer", "request_contact": True}]]}
    await api.call("sendMessage", chat_id=PERSON_ID, text="x", reply_markup=keyboard)
    person.press("Ja")
    assert (await newest(api))["message"]["text"] == "Ja"
    person.press("Nummer")
    assert (await newest(api))["message"]["contact"]["user_id"] == PERSON_ID
    await api.call("sendMessage", chat_id=PERSON_ID, text="x", reply_markup={"remove_keyboard": True})
    with pytest.raises(CannotBeDone):
        person.press("Ja")


async def test_a_deep_link_starts_with_its_parameter(api: Api, person: Phone) -> None:
    person.start("l-prs")
    message = (await newest(api))["message"]
    assert message["text"] == "/start l-prs"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


async def test_blocking_is_told_and_start_unblocks(api: Api, person: Phone) -> None:
    person.block()
    assert (await newest(api))["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    with pytest.raises(CannotBeDone):
        person.send("x")
    person.start()
    kinds = [next(key for key in update if key != "update_id") for update in await api.call("getUpdates")]
    assert kinds == ["my_chat_member", "my_chat_member", "message"]


async def test_an_edit_comes_as_edited_message(api: Api, person: Phone) -> None:
    sent = person.send("falsch")
    person.edit(sent["message_id"], "richtig")
    assert (await newest(api))["edited_message"]["text"] == "richtig"


@pytest.mark.parametrize(
    ("buttons", "kept"),
    [
        ([{"text": "a", "url": "https://example.org"}, {"text": "b", "copy_text": {"text": "112"}}], True),
        ([{"text": "a", "url": "https://example.org"}, {"text": "b", "callback_data": "x"}], False),
    ],
)
async def test_a_forward_keeps_its_keyboard_only_if_every_button_works_anywhere(
    api: Api, sandbox: Sandbox, person: Phone, buttons: list[dict[str, Any]], kept: bool
) -> None:
    markup = {"inline_keyboard": [buttons]}
    sent = await api.call("sendMessage", chat_id=PERSON_ID, text="Karte", reply_markup=markup)
    forwarded = person.forward(sent["message_id"], DIRECT_TO_HELPER)
    assert forwarded["forward_origin"]["sender_user"]["is_bot"]
    assert ("reply_markup" in forwarded) is kept
    assert Phone(sandbox, HELPER_ID).sandbox.chats[DIRECT_TO_HELPER].messages
    assert (await newest(api))["message"]["text"] == "/start", (
        "a chat of two people is none of the bot's business"
    )


async def test_in_a_group_the_bot_sees_only_what_is_meant_for_it(api: Api, person: Phone) -> None:
    hello = await api.call("sendMessage", chat_id=GROUP_ID, text="Guten Tag")
    await api.call("getUpdates", offset=-1)
    person.send("unter uns", chat_id=GROUP_ID)
    person.send("/sos", chat_id=GROUP_ID)
    person.send("/sos@other_bot", chat_id=GROUP_ID)
    person.send("danke @rahnuma_demo_bot", chat_id=GROUP_ID)
    person.send("gern", chat_id=GROUP_ID, reply_to=hello["message_id"])
    came = [update["message"]["text"] for update in await api.call("getUpdates")]
    assert came == ["/start", "/sos", "danke @rahnuma_demo_bot", "gern"]


async def test_inline_results_are_sent_in_the_persons_name(api: Api, sandbox: Sandbox, person: Phone) -> None:
    query_id = person.ask_inline("schlaf", chat_id=DIRECT_TO_HELPER)
    query = (await newest(api))["inline_query"]
    assert (query["id"], query["query"]) == (query_id, "schlaf")
    content = {"message_text": "<b>Schlafgruppe</b>", "parse_mode": "HTML"}
    markup = {"inline_keyboard": [[{"text": "Mehr", "callback_data": "m"}]]}
    result = {
        "type": "article",
        "id": "1",
        "title": "Schlaf",
        "input_message_content": content,
        "reply_markup": markup,
    }
    await api.call("answerInlineQuery", inline_query_id=query_id, results=[result])
    message = person.choose_inline(query_id, "1", chat_id=DIRECT_TO_HELPER)
    assert (message["text"], message["from"]["id"]) == ("Schlafgruppe", PERSON_ID)
    assert message["via_bot"]["username"] == "rahnuma_demo_bot"
    Phone(sandbox, HELPER_ID).tap(message["message_id"], "m", chat_id=DIRECT_TO_HELPER)
    tapped = (await newest(api))["callback_query"]
    assert "message" not in tapped
    assert (
        await api.call("editMessageText", inline_message_id=tapped["inline_message_id"], text="neu") is True
    )
    assert message["text"] == "neu"


async def test_media_places_and_stickers_reach_the_bot(api: Api, person: Phone) -> None:
    person.send_file("voice", Upload("voice.ogg", b"sound", "audio/ogg"), seconds=2)
    voice = (await newest(api))["message"]["voice"]
    assert voice["duration"] == 2
    path = (await api.call("getFile", file_id=voice["file_id"]))["file_path"]
    downloaded = await api.client.get(api.root.replace("/bot", "/file/bot") + "/" + path)
    assert downloaded.content == b"sound"
    person.send_sticker("👍")
    assert (await newest(api))["message"]["sticker"]["emoji"] == "👍"
    person.send_location(50.0823, 8.2421)
    assert (await newest(api))["message"]["location"] == {"latitude": 50.0823, "longitude": 8.2421}


def test_a_long_text_is_split_as_apps_do(person: Phone) -> None:
    person.send("x" * 5000)
    assert [len(message["text"]) for message in person.messages[-2:]] == [4096, 904]


async def test_commands_and_texts_in_the_language_of_the_app(api: Api, person: Phone) -> None:
    def commands(*names: str) -> list[dict[str, str]]:
        return [{"command": name, "description": name} for name in names]

    await api.call("setMyCommands", commands=commands("start"))
    await api.call("setMyCommands", commands=commands("sos"), scope={"type": "all_private_chats"})
    await api.call(
        "setMyCommands", commands=commands("hilfe"), scope={"type": "all_private_chats"}, language_code="de"
    )
    await api.call("setMyDescription", description="I show the way")
    await api.call("setMyDescription", description="أدلّك على الطريق", language_code="ar")
    assert person.profile()["commands"][str(PERSON_ID)] == commands("sos")
    assert person.profile()["commands"][str(GROUP_ID)] == commands("start")
    assert person.profile()["description"] == "أدلّك على الطريق"
    person.set_language("de")
    assert person.profile()["commands"][str(PERSON_ID)] == commands("hilfe")
    assert person.profile()["description"] == "I show the way"
    assert await api.call("getMyCommands") == commands("start")
    await api.call("deleteMyCommands")
    assert await api.call("getMyCommands") == []
