"""Answers to taps and to inline mode (Bot API, answerCallbackQuery and Inline mode)."""

import re

from bot.sandbox.cloud import JSON, Query, Sandbox
from bot.sandbox.keyboards import check_inline_keyboard
from bot.sandbox.methods.sending import (
    caption_content,
    contact,
    find_file,
    media_content,
    place,
    text_content,
    venue,
)
from bot.sandbox.params import Params
from bot.sandbox.refusals import bad_request

MOST_INLINE_RESULTS = 50  # Bot API, answerInlineQuery
START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")  # Bot features, Deep linking

_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def _query(sandbox: Sandbox, queries: dict[str, Query], query_id: str | None) -> Query:
    query = queries.get(query_id or "")
    if query is None or sandbox.clock() - query.asked_at > sandbox.limits.callback_seconds:
        queries.pop(query_id or "", None)
        raise bad_request(_TOO_OLD)
    return query


def answer_callback_query(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, answerCallbackQuery: once, in time, with 0–200 characters."""
    query_id = params.text("callback_query_id") or ""
    query = _query(sandbox, sandbox.callback_queries, query_id)
    text = params.text("text") or ""
    if len(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    url = params.text("url")
    # Bot API, answerCallbackQuery: a url is for games and for t.me/your_bot?start=… only.
    if url and not url.startswith(f"https://t.me/{sandbox.bot.username}?start="):
        raise bad_request("URL_INVALID")
    del sandbox.callback_queries[query_id]
    if sandbox.people[query.person_id].on_page:
        sandbox.tell_page(
            {
                "type": "answer",
                "phone": query.person_id,
                "query": query_id,
                "text": text,
                "alert": params.flag("show_alert"),
                "url": url,
            }
        )
    return True


def answer_inline_query(sandbox: Sandbox, params: Params) -> bool:
    """Bot API, answerInlineQuery."""
    query_id = params.text("inline_query_id")
    query = _query(sandbox, sandbox.inline_queries, query_id)
    results = params.structure("results")
    if not isinstance(results, list):
        raise bad_request("can't parse inline query results: array expected")
    if len(results) > MOST_INLINE_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    if len((params.text("next_offset") or "").encode()) > 64:
        raise bad_request("NEXT_OFFSET_INVALID")
    button = params.structure("button")
    if button is not None:
        # Bot API, InlineQueryResultsButton: start_parameter has 1–64 characters of A-Z, a-z, 0-9, _ and -.
        if START_PARAMETER.fullmatch(str(button.get("start_parameter", ""))) is None:
            raise bad_request("START_PARAM_INVALID")
        if not button.get("text"):
            raise bad_request("SWITCH_PM_TEXT_EMPTY")
    contents: dict[str, JSON] = {}
    for result in results:
        result_id = str(result.get("id", ""))
        # Bot API, InlineQueryResult…: id has 1–64 bytes and is unique.
        if not 1 <= len(result_id.encode()) <= 64:
            raise bad_request("RESULT_ID_INVALID")
        if result_id in contents:
            raise bad_request("RESULT_ID_DUPLICATE")
        contents[result_id] = _content(sandbox, result)
    query.results = contents
    shown = ("id", "type", "title", "description")
    if sandbox.people[query.person_id].on_page:
        sandbox.tell_page(
            {
                "type": "inline",
                "phone": query.person_id,
                "query": query_id,
                "results": [
                    {name: result[name] for name in shown if result.get(name)}
                    | {"photo": content.get("photo")}
                    for result, content in zip(results, contents.values(), strict=True)
                ],
                "button": button,
            }
        )
    return True


def _content(sandbox: Sandbox, result: JSON) -> JSON:
    """What is sent when the person taps this result. Raises Refusal."""
    kind = str(result.get("type"))
    given: JSON = result.get("input_message_content") or {}
    # Bot API, InlineQueryResultArticle: title and input_message_content are required.
    if kind in ("article", "location", "venue") and not result.get("title"):
        raise bad_request('can\'t parse inline query result: field "title" must be of type String')
    if kind == "article" and not given:
        raise bad_request("message text is empty")
    content: JSON
    match given:
        case {"message_text": text}:
            content = text_content(
                Params({"text": text, **{k: given.get(k) for k in ("parse_mode", "entities")}})
            )
        case {"title": _, "address": _}:
            content = venue(given)
        case {"latitude": _}:
            content = {"location": place(given)}
        case {"phone_number": _}:
            content = contact(given)
        case _ if kind == "location":
            content = {"location": place(result)}
        case _ if kind == "venue":
            content = venue(result)
        case _ if kind == "contact":
            content = contact(result)
        case _ if kind in ("photo", "document", "voice", "audio"):
            stored = find_file(sandbox, kind, result.get(f"{kind}_file_id") or result.get(f"{kind}_url"), {})
            content = media_content(kind, stored) | caption_content(result)
        case _:
            raise bad_request("can't parse inline query result: this stand-in does not know its type")
    if (markup := result.get("reply_markup")) is not None:
        keyboard = check_inline_keyboard(markup)
        if keyboard is not None:
            content["reply_markup"] = keyboard
    return content


METHODS = (answer_callback_query, answer_inline_query)
