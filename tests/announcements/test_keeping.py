"""Backups, rotated keys, what monitors see: nothing erased comes back, nothing kept is lost, no count is too small."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from typer.testing import CliRunner

from bot.commands import keys as keys_command
from bot.conversation.state import State
from bot.conversation.vocabulary import Subscription
from bot.outside import Record
from bot.settings import Database
from bot.storage.crypto import Keys
from bot.storage.engine import create_engine
from bot.storage.news import SqlNews
from bot.storage.records import SqlRecords
from bot.telegram.watch import SILENT_SECONDS, watch_routes

SECRET = "a secret only for these tests, long enough"
KEPT = Subscription("ar", frozenset({"women"}), frozenset(), 1, date(2026, 1, 1), date(2099, 1, 1))


def stores(folder: Path, *secrets: bytes) -> tuple[SqlRecords, SqlNews]:
    database, keys = Database(url=f"sqlite:///{folder}/town.db"), Keys(secrets or (SECRET.encode(),))
    records = SqlRecords(create_engine(database.beside("records")), keys)
    news = SqlNews(create_engine(database.beside("news"), durable=True), keys, records)
    records.prepare()
    news.prepare()
    return records, news


async def closed(*several: SqlRecords | SqlNews) -> None:
    for each in several:
        await each.close()


async def test_a_restored_backup_does_not_bring_back_who_left(tmp_path: Path) -> None:
    records, news = stores(tmp_path)
    for chat in (1, 2, 3):
        await news.subscribe(chat, KEPT)
    await closed(news)
    shutil.copy(tmp_path / "town-news.db", tmp_path / "backup.db")
    _, news = stores(tmp_path)
    news._erasures = records
    await news.unsubscribe(1)
    await news.unsubscribe(2)
    await news.subscribe(2, KEPT)
    await closed(news, records)
    shutil.copy(tmp_path / "backup.db", tmp_path / "town-news.db")
    records, news = stores(tmp_path)
    await news.replay_erasures()
    assert [await news.of(chat) is not None for chat in (1, 2, 3)] == [False, True, True]
    await closed(news, records)


async def test_rotated_keys_open_all_that_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret.key"
    file.write_text(SECRET.replace(" ", "-"))
    old = file.read_bytes()
    records, news = stores(tmp_path, old)
    await records.save(Record(7, 1, State("ar", slots={"need": ["sleep"]})))
    await records.remember_language(7, "ar", date(2026, 1, 1))
    await news.subscribe(7, KEPT)
    await closed(news, records)
    monkeypatch.setenv("RAHNUMA_DATABASE__URL", f"sqlite:///{tmp_path}/town.db")
    monkeypatch.setenv("RAHNUMA_SECRET_KEY_FILE", str(file))
    result = CliRunner().invoke(keys_command.app, ["rotate"])
    assert result.exit_code == 0, result.output
    assert "3 records are encrypted under the new secret; 0 could not" in result.output
    new, *older = file.read_bytes().split()
    assert older == [old]
    assert file.stat().st_mode & 0o777 == 0o600
    records, news = stores(tmp_path, new, old)
    record = await records.load(7)
    assert record is not None
    assert record.state is not None
    assert (record.state.slots, record.remembered_language) == ({"need": ["sleep"]}, "ar")
    assert await news.of(7) == KEPT
    await closed(news, records)


def test_rotation_with_a_secret_from_the_environment_asks_for_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAHNUMA_DATABASE__URL", f"sqlite:///{tmp_path}/town.db")
    monkeypatch.setenv("RAHNUMA_SECRET_KEY", SECRET)
    result = CliRunner().invoke(keys_command.app, ["rotate"])
    assert result.exit_code == 1
    assert "RAHNUMA_OLD_SECRET_KEYS" in result.output


async def test_monitors_see_figures_without_ids_and_no_small_counts(tmp_path: Path) -> None:
    records, news = stores(tmp_path)
    for chat in range(4):
        await news.subscribe(chat, KEPT)
    assert (await news.gauges())["subscriptions"] == 0
    for chat in range(8):
        await news.subscribe(chat, KEPT)
    assert (await news.gauges())["subscriptions"] == 5
    await closed(news, records)


async def test_health_knows_of_the_database_and_of_telegram() -> None:
    silent: list[float] = [0.0]
    broken: list[bool] = []

    async def gauges() -> dict[str, float]:
        if broken:
            raise OSError
        return {"subscriptions": 5}

    app = Starlette(routes=list(watch_routes(lambda: silent[0], gauges)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://watch") as client:
        assert (await client.get("/health")).text == "ok"
        assert "rahnuma_subscriptions 5\n" in (await client.get("/metrics")).text
        silent[0] = SILENT_SECONDS + 1
        assert (await client.get("/health")).status_code == 503
        silent[0] = 0.0
        broken.append(True)
        assert (await client.get("/health")).text == "database: OSError"
