"""Inline mode from phone to phone over HTTP: typed in a group, tapped, forwarded."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.sandbox import GROUP_ID, HELPER_ID, PERSON_ID, FaultKind
from tests.demo import LANGUAGES
from tests.telegram.test_whole_way import crisis_rules, files_of
from tests.telegram.town import Town, town_with_bot


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town_with_bot(tmp_path) as town:
        yield town


async def results(
    here: Town, text: str, person: int = HELPER_ID, offset: str = ""
) -> dict[str, dict[str, Any]]:
    """What this person sees after typing the bot's name and the text in a group: id → message."""
    query = here.phone(person).ask_inline(text, chat_id=GROUP_ID, offset=offset)
    await here.until(lambda: here.sandbox.inline_queries[query].results)
    return here.sandbox.inline_queries[query].results


def remove_databases(folder: Path) -> None:
    for path in folder.glob("town*.db*"):
        path.unlink()


def buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [button for row in message["reply_markup"]["inline_keyboard"] for button in row]


async def test_a_helper_types_taps_and_the_person_gets_the_card(here: Town) -> None:
    helper = here.phone(HELPER_ID)
    query = helper.ask_inline("خواب دری", chat_id=GROUP_ID)
    await here.until(lambda: here.sandbox.inline_queries[query].results)
    first = next(iter(here.sandbox.inline_queries[query].results))
    assert first.startswith("prs.")
    sent = helper.choose_inline(query, first, chat_id=GROUP_ID)
    passed_on = helper.forward(sent["message_id"], helper.private.id, chat_id=GROUP_ID)
    for message in (sent, passed_on):
        assert "?start=l-prs_o-" in message["text"]
        assert all("url" in button or "copy_text" in button for button in buttons(message))


async def test_the_link_of_a_card_opens_the_persons_own_bot(here: Town) -> None:
    first = next(iter(await results(here, "sleep turkish")))
    language, _, offer = first.partition(".")
    here.phone(PERSON_ID).start(f"l-{language}_o-{offer}")
    await here.answers(1, PERSON_ID)
    go_on = buttons(here.phone(PERSON_ID).messages[-1])[0]["callback_data"]
    assert go_on.endswith(f".go.l{language},o{offer}")


async def test_a_card_in_a_group_is_not_answered_by_the_bot(here: Town) -> None:
    helper = here.phone(HELPER_ID)
    query = helper.ask_inline("ich will nicht mehr leben, ich bringe mich um", chat_id=GROUP_ID)
    await here.until(lambda: here.sandbox.inline_queries[query].results)
    helper.choose_inline(query, "crisis", chat_id=GROUP_ID)
    await here.quiet()
    group = here.sandbox.chats[GROUP_ID].messages.values()
    assert [message for message in group if message["from"]["is_bot"]] == []


async def test_pages_follow_one_another(here: Town) -> None:
    first, second = await results(here, ""), await results(here, "", offset="10")
    assert len(first) == 10
    assert not first.keys() & second.keys()
    assert {id.rstrip(".") for id in first | second} == set(LANGUAGES)


async def test_of_several_queries_at_once_the_newest_is_answered(here: Town) -> None:
    helper = here.phone(HELPER_ID)
    typed = [helper.ask_inline(text) for text in ("s", "sl", "sle", "slee", "sleep")]
    queries = here.sandbox.inline_queries
    await here.until(lambda: queries[typed[-1]].results)
    await here.quiet()
    assert sum(bool(queries[query].results) for query in typed) < len(typed)


async def test_a_cry_for_help_gets_its_card_with_every_database_locked(here: Town, tmp_path: Path) -> None:
    with ExitStack() as locked:
        for name in ("town.db", "town-records.db", "town-news.db"):
            database = sqlite3.connect(tmp_path / name, isolation_level=None)
            locked.callback(database.close)
            database.execute("BEGIN EXCLUSIVE")
        for language, kind in product(LANGUAGES, ("suicide", "danger", "medical")):
            cry = next(rule["yes"] for rule in crisis_rules(language) if rule["kind"] == kind)
            (found,) = (await results(here, cry)).items()
            assert found[0] == "crisis", cry
            assert "112" in found[1]["text"]
            assert all("url" in button for button in buttons(found[1]))


async def test_a_cry_for_help_gets_its_card_with_every_database_gone(here: Town, tmp_path: Path) -> None:
    remove_databases(tmp_path)
    assert list(await results(here, "ich will nicht mehr leben, ich bringe mich um")) == ["crisis"]


async def test_a_crisis_card_is_tried_again_when_telegram_fails(here: Town) -> None:
    here.sandbox.faults.plan(FaultKind.ERROR, 2, method="answerInlineQuery")
    assert list(await results(here, "ich will nicht mehr leben, ich bringe mich um")) == ["crisis"]


async def test_other_answers_are_a_courtesy(here: Town) -> None:
    here.sandbox.faults.plan(FaultKind.ERROR, 1, method="answerInlineQuery")
    lost = here.phone(HELPER_ID).ask_inline("sleep")
    await here.quiet()
    assert await results(here, "sleep dari")
    assert not here.sandbox.inline_queries[lost].results


async def test_nothing_that_was_typed_is_logged_or_stored(
    here: Town, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from bot import log

    log.configure()
    here.sandbox.faults.plan(FaultKind.ERROR, 1, method="answerInlineQuery")
    here.phone(HELPER_ID).ask_inline("geheimwort schlaf")
    await here.quiet()
    assert await results(here, "geheimwort schlaf dari")
    out, err = capfd.readouterr()
    stored = files_of(tmp_path)
    for secret in ("geheimwort", str(HELPER_ID)):
        assert secret not in out + err
        assert secret.encode() not in stored
    structlog.reset_defaults()  # the stream that was caught is closed after this test


async def test_odd_queries_are_answered(here: Town) -> None:
    for text in ("😀" * 100, "x" * 512, "\u202egnp.exe", "<b>", "'; DROP TABLE offer;"):
        assert await results(here, text)
