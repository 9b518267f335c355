"""The figures that are promised, as JSON: `make bench`. Machines differ: ratios are taken within one run.

Each part prints its own numbers beside the limit it is held to; docs/benchmarks.md says on which machine.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

import psutil

ROOT = Path(__file__).parent.parent
CHATS, UPDATES = 64, 4000
FIRST_CHAT = 5_000_000_000
OPERATOR = {
    "RAHNUMA_OPERATOR__NAME": "Bench",
    "RAHNUMA_OPERATOR__CONTACT": "bench@example.org",
    "RAHNUMA_OPERATOR__PRIVACY_URL": "https://example.org/privacy",
}
WORDS = {
    "de": ["ich kann nicht schlafen", "ich bin 34 jahre alt", "ich bin eine frau", "ich habe zwei kinder"],
    "ar": ["ما بقدر نام من الكوابيس", "عمري ٣٤ سنة", "انا ست متجوزة", "عندي ولدين"],
    "prs": ["سلام، خواب ندارم", "۲۳ ساله استم", "زن استم", "دو طفل دارم"],
    "kmr": ["ez nikarim razem", "ez 34 salî me", "ez jin im", "du zarokên min hene"],
    "en": ["i can not sleep", "i am 34 years old", "i am a woman", "i have two children"],
}


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def milliseconds(values: list[float]) -> dict[str, float]:
    return {
        "p50_ms": round(statistics.median(values) * 1000, 3),
        "p95_ms": round(percentile(values, 0.95) * 1000, 3),
        "p99_ms": round(percentile(values, 0.99) * 1000, 3),
        "n": len(values),
    }


def turns() -> dict[str, Any]:
    """One turn in process: understanding and matching included, rendering apart."""
    from bot.conversation.engine import take_turn
    from bot.conversation.vocabulary import Kind, Message
    from bot.languages.render import render
    from nlu import understand
    from nlu.values import Hints
    from tests.demo import demo_world

    world = demo_world()
    took: list[float] = []
    rendered: list[float] = []
    for _ in range(40):
        for words in WORDS.values():
            state, agree = None, ""
            for text in [words[0], "", *words[1:]]:
                began = time.perf_counter()
                hints = Hints(history=state.evidence) if state else Hints()
                if text:
                    message = Message(Kind.TEXT, text=text, understanding=understand(text, hints))
                else:
                    message = Message(Kind.BUTTON, code=agree)
                turn = take_turn(state, replace(message), world)
                took.append(time.perf_counter() - began)
                messages = [render(reply, turn.language, world) for reply in turn.replies]
                rendered.append(time.perf_counter() - began)
                state = turn.state
                codes = [b.code for m in messages for row in m.rows for b in row]
                agree = next((code for code in codes if ".go." in code or ".l." in code), "")
    return {"turn": milliseconds(took), "turn_with_rendering": milliseconds(rendered)}


def matching() -> dict[str, Any]:
    """Matching over 10,000 services made of the demo ones."""
    from bot.offers.directory import Directory
    from bot.offers.model import AgeBand, Gender, Need, Query, Slot
    from tests.demo import demo_world

    world = demo_world()
    demo = list(world.directory)
    offers = [replace(demo[n % len(demo)], id=f"bench-{n}") for n in range(10_000)]
    directory = Directory(offers, world.places)
    now = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    took, narrowed = [], []
    areas = [area.id for area in world.places.areas]
    for n in range(1000):
        query = Query(
            need=list(Need)[n % 17],
            ages=list(AgeBand)[n % 5].ages,
            gender=list(Gender)[n % 2],
            language=list(WORDS)[n % 5],
            area=areas[n % len(areas)],
        )
        began = time.perf_counter()
        directory.match(query, now=now)
        took.append(time.perf_counter() - began)
        began = time.perf_counter()
        for slot in list(Slot)[1:]:
            directory.narrowing(replace(query, area=None, gender=None), slot)
        narrowed.append(time.perf_counter() - began)
    return {"match_10000": milliseconds(took), "five_narrowings_10000": milliseconds(narrowed)}


INLINE_PAUSES = (3, 5, 99)
"""After how many letters a helper pauses while typing a query, so that Telegram asks."""


def inline() -> dict[str, Any]:
    """Inline queries over 10,000 services, typed with pauses, and second pages; nothing answered from memory."""
    from bot.inline import PAGE, answer
    from bot.offers.directory import Directory
    from nlu import understand
    from tests.demo import demo_world

    world = demo_world()
    demo = list(world.directory)
    offers = [replace(demo[n % len(demo)], id=f"bench-{n}") for n in range(10_000)]
    world = replace(world, directory=Directory(offers, world.places))
    topics = (
        "sleep",
        "خواب",
        "schlafen",
        "trauma",
        "uyku",
        "сон",
        "gewalt",
        "kinder angst",
        "asyl",
        "depression",
    )
    whose = ("dari", "arabisch frauen", "prs women", "türkisch", "українською", "kurmancî", "ትግርኛ", "")
    queries = [f"{topic} {who}".strip() for topic in topics for who in whose]
    began = time.perf_counter()
    answer(queries[0], "de", "", world, understand)
    first = time.perf_counter() - began
    took = []
    for text in [*queries, ""]:
        for letters, offset in [*((pause, "") for pause in INLINE_PAUSES), (99, str(PAGE))]:
            began = time.perf_counter()
            answer(text[:letters], "de", offset, world, understand)
            took.append(time.perf_counter() - began)
    return {"inline_10000": milliseconds(took), "inline_first_ms": round(first * 1000)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def call(url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = json.dumps(body).encode() if body is not None else None
    with urlopen(Request(url, data=data), timeout=180) as answer:  # noqa: S310 - an address of our own
        loaded: dict[str, Any] = json.loads(answer.read())
        return loaded


def wait_until(told: Callable[[], bool], seconds: float = 30) -> float:
    """Polls every 5 ms; how long it took, in seconds."""
    began = time.perf_counter()
    while not told():
        if time.perf_counter() - began > seconds:
            raise TimeoutError
        time.sleep(0.005)
    return time.perf_counter() - began


def reachable(url: str) -> bool:
    try:
        urlopen(url, timeout=1).close()  # noqa: S310
    except OSError:
        return False
    return True


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    running = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        running.kill()  # nothing here is worth a tidy end, and the stand-in may live in this very process
        running.wait(20)


@contextmanager
def stand_in() -> Iterator[str]:
    """The Bot API stand-in in a process of its own, without flood limits."""
    port = free_port()
    with process("-m", "bot", "sandbox", "--port", str(port), "--no-flood"):
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: reachable(f"{url}/health"))
        yield url


@contextmanager
def our_bot(url: str, folder: str) -> Iterator[subprocess.Popen[bytes]]:
    from bot.sandbox import DEFAULT_TOKEN

    with process(
        "-m",
        "bot",
        "run",
        RAHNUMA_TELEGRAM__TOKEN=DEFAULT_TOKEN,
        RAHNUMA_TELEGRAM__API_URL=url,
        RAHNUMA_DATABASE__URL=f"sqlite:///{folder}/bench.db",
        RAHNUMA_SECRET_KEY="a secret only for this measurement!",
        RAHNUMA_PORT=str(free_port()),
        **OPERATOR,
    ) as running:
        yield running


ECHO = """
import sys
from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters
async def echo(update, context):
    await update.message.reply_text(update.message.text)
url, token = sys.argv[1:]
app = ApplicationBuilder().token(token).base_url(url + "/bot").build()
app.add_handler(MessageHandler(filters.TEXT, echo))
app.run_polling()
"""


def rate(url: str, messages: list[list[Any]]) -> float:
    """Updates answered a second: all arrive at once, and the last answer ends the measurement."""
    call(f"{url}/sandbox/load", {"updates": 0, "messages": messages})
    report = call(f"{url}/sandbox/load?wait=120&all=1")
    arrivals = report["arrivals"]
    assert report["answered"] >= len(messages), report
    return float(len(messages) / max(at for _, at, _, _ in arrivals))


def updates_per_second() -> dict[str, Any]:
    """The whole bot against a bare python-telegram-bot echo bot (default backend, one after another), same run."""
    from bot.sandbox import DEFAULT_TOKEN

    texts = [[FIRST_CHAT + n % CHATS, TURN_ABOUT[n // CHATS % len(TURN_ABOUT)]] for n in range(UPDATES)]
    rates: dict[str, list[float]] = {"echo": [], "rahnuma": []}
    in_order = True
    for _ in range(3):
        with stand_in() as url, process("-c", ECHO, url, DEFAULT_TOKEN):
            rate(url, texts[:64])
            rates["echo"].append(rate(url, texts))
        with tempfile.TemporaryDirectory() as folder, stand_in() as url, our_bot(url, folder):
            consent(url)
            rates["rahnuma"].append(rate(url, texts))
            in_order = in_order and answered_in_order(url)
    echo, ours = statistics.median(rates["echo"]), statistics.median(rates["rahnuma"])
    return {
        "echo_updates_s": [round(each) for each in rates["echo"]],
        "rahnuma_updates_s": [round(each) for each in rates["rahnuma"]],
        "ratio": round(ours / echo, 2),
        "order_kept": in_order,
    }


def consent(url: str) -> None:
    """Every chat says hello and agrees, so that from then on its state is saved."""
    chats = [FIRST_CHAT + n for n in range(CHATS)]
    rate(url, [[chat, "ich kann nicht schlafen"] for chat in chats])
    call(f"{url}/sandbox/load", {"updates": 0, "taps": [[chat, "1.0.go.dde,nc"] for chat in chats]})
    call(f"{url}/sandbox/load?wait=60")


TURN_ABOUT = ["ich kann nicht schlafen", "/help", "/mydata", "/privacy"]
"""What every chat sends in turn: each has an answer of its own, so that a wrong order shows."""


def answered_in_order(url: str) -> bool:
    """Whether each chat got its answers in the order of what it sent."""
    answers: dict[int, list[str]] = {}
    for chat, _, _, text in call(f"{url}/sandbox/load?all=1")["arrivals"]:
        answers.setdefault(chat, []).append(text[:18])
    expected = next(iter(answers.values()))[: len(TURN_ABOUT)]
    assert len(set(expected)) == len(TURN_ABOUT), expected
    return all(
        answer == expected[n % len(expected)] for chat in answers.values() for n, answer in enumerate(chat)
    )


def start_memory_idle() -> dict[str, Any]:
    """Start to first poll, memory after every language was used, and what an idle bot costs."""
    import asyncio

    from bot.sandbox import Limits, Sandbox, running

    async def first_poll(folder: str) -> float:
        sandbox = Sandbox(limits=Limits.without_flood())
        async with running(sandbox) as url:
            began = time.perf_counter()
            with our_bot(url, folder):
                while not sandbox.updates.has_poller:  # noqa: ASYNC110 - the stand-in has no event for it
                    await asyncio.sleep(0.002)
                return time.perf_counter() - began

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(first_poll(folder))  # makes the databases
        starts = [asyncio.run(first_poll(folder)) for _ in range(5)]
        with stand_in() as url, our_bot(url, folder) as bot:
            from tests.demo import LANGUAGES

            consent(url)
            for n, language in enumerate(LANGUAGES):
                chat = FIRST_CHAT + 100 + n
                rate(url, [[chat, f"/start l-{language}_n-sleep"]])
                call(f"{url}/sandbox/load", {"updates": 0, "taps": [[chat, f"1.0.go.l{language},nc"]]})
                call(f"{url}/sandbox/load?wait=10")
                call(f"{url}/sandbox/load", {"updates": 0, "taps": [[chat, "1.1.sh."]]})
                call(f"{url}/sandbox/load?wait=10")
            watched = psutil.Process(bot.pid)
            memory = watched.memory_info().rss
            time.sleep(2)
            before = sum(watched.cpu_times()[:2])
            time.sleep(20)
            idle = (sum(watched.cpu_times()[:2]) - before) / 20
    return {
        "start_to_first_poll_s": [round(each, 2) for each in starts],
        "memory_mb": round(memory / 1e6),
        "idle_share_of_a_core": round(idle, 4),
    }


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "turns": turns,
    "matching": matching,
    "inline": inline,
    "updates": updates_per_second,
    "process": start_memory_idle,
}


def main() -> None:
    wanted = sys.argv[1:] or list(PARTS)
    figures: dict[str, Any] = {
        "machine": {"cores": os.cpu_count(), "python": sys.version.split()[0]},
    }
    for part in wanted:
        figures |= PARTS[part]()
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
