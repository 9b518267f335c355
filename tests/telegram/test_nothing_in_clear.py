"""Whatever people tell, plan, hand over or write: no row, no line of a log and no code holds it in clear."""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import log
from bot.conversation.codes import Carried, Verb
from bot.offers.model import AgeBand, Family, Gender, Need, Person
from bot.sandbox import PERSON_ID
from tests.telegram.town import Town, town_with_bot

COUNTED = {"statistic", "plan_answer", "wrong_report", "place"}
"""Counters of cells, without any id: they say what was searched and said, never by whom (SAFETY §3)."""
OFFERS = ("lindenhof-schlaf", "musterpark-krise", "morgenrot-trans")
WORDS = ("Zwetschgendatschi", "Kartoffelpuffer", "Streuselkuchen")

facts = st.fixed_dictionaries(
    {"need": st.lists(st.sampled_from([need.value for need in Need]), min_size=1, max_size=3, unique=True)},
    optional={
        "age_band": st.sampled_from([band.value for band in AgeBand]),
        "gender": st.sampled_from([gender.value for gender in Gender]),
        "person": st.sampled_from([person.value for person in Person]),
        "family": st.lists(
            st.sampled_from([each.value for each in Family]), min_size=1, max_size=2, unique=True
        ),
    },
)
offers = st.sampled_from(OFFERS)
deeds = st.one_of(
    st.tuples(st.just("keep"), offers),
    st.tuples(st.just("hand over"), facts),
    st.tuples(st.just("card"), offers),
    st.tuples(st.just("wrong"), offers),
    st.tuples(st.just("words"), st.sampled_from(WORDS)),
    st.tuples(st.just("beside"), facts),
    st.tuples(st.just("inline"), st.sampled_from(WORDS)),
)


async def do(here: Town, deed: str, value: Any) -> None:
    phone = here.phone()
    newest = [m for m in phone.messages if m["from"]["is_bot"]][-1]["message_id"]
    match deed:
        case "keep":
            phone.tap(newest, f"1.0.{Verb.PLAN}.y{value}")
            await here.quiet()
            phone.tap(newest, f"1.0.{Verb.PLAN}.kc1{value}")
        case "hand over":
            phone.tap(newest, f"1.0.{Verb.HAND_OVER}.{Carried(value, language='de').pack(40)}")
        case "card":
            phone.tap(newest, f"1.0.{Verb.CARD}.T,={value}")
        case "wrong":
            phone.tap(newest, f"1.0.{Verb.WRONG_WHAT}.words={value}")
        case "words":
            phone.send(value)
        case "beside":
            phone.tap(
                newest, f"1.0.{Verb.SIDE_BY_SIDE}.o/{Carried(value, language='ar', chosen=True).pack(32)}"
            )
        case "inline":
            phone.ask_inline(value)
    await here.quiet()


def rows(folder: Path) -> str:
    """All that is kept of people, as text and as bytes read as text."""
    kept = []
    for name in ("town-records.db", "town-news.db"):
        with contextlib.closing(sqlite3.connect(folder / name)) as database:
            tables = [
                row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            for table in set(tables) - COUNTED:
                for row in database.execute(f"SELECT * FROM {table}"):  # noqa: S608
                    kept += [cell.decode("latin-1") if isinstance(cell, bytes) else str(cell) for cell in row]
    return "\n".join(kept)


async def live(told: dict[str, Any], several: list[tuple[str, Any]]) -> tuple[str, str, str]:
    """A conversation with these answers and deeds: what is kept, logged, and stands in links."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()) as err:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            log.configure()
            async with town_with_bot(Path(folder)) as here:
                here.phone().start("l-de")
                await here.answers(1)
                newest = here.phone().messages[-1]["message_id"]
                here.phone().tap(newest, f"1.0.{Verb.AGREE}.{Carried(told, language='de').pack()}")
                await here.answers(2)
                for deed, value in several:
                    await do(here, deed, value)
                captions = " ".join(str(m.get("caption", "")) for m in here.phone().messages)
                kept = rows(Path(folder))
            structlog.reset_defaults()
        return kept, out.getvalue() + err.getvalue(), " ".join(re.findall(r"start=(s-[\w-]+)", captions))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(told=facts, several=st.lists(deeds, max_size=6))
def test_nothing_told_stands_in_clear(told: dict[str, Any], several: list[tuple[str, Any]]) -> None:
    kept, logged, links = asyncio.run(live(told, several))
    values = [word for each in told.values() for word in ([each] if isinstance(each, str) else each)]
    values += [word for deed, value in several if deed in ("hand over", "beside") for word in value["need"]]
    secrets = [word for word in (*values, *WORDS, str(PERSON_ID)) if len(word) > 5]
    for secret in secrets:
        assert secret not in kept
        assert secret not in logged
        assert secret not in links
    for offer in OFFERS:  # whose report it was is not kept, what was planned is encrypted
        assert offer not in logged
        if not any(deed == "words" for deed, _ in several):
            assert offer not in kept
