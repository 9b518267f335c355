"""`announce` and `announcements` as somebody at the terminal meets them."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import __main__
from bot.commands import announcements
from bot.conversation.vocabulary import Subscription
from bot.settings import Database
from bot.storage.crypto import Keys
from bot.storage.engine import create_engine
from bot.storage.news import SqlNews

SECRET = "a secret only for these tests, long enough"
GOOD = """
texts:
  de: "Die <b>Frauengruppe</b> beginnt am Montag."
  ar: "تبدأ مجموعة النساء يوم الاثنين."
audience: {topics: [women]}
expires: 24.12.2099 18:00
"""


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    url = f"sqlite:///{tmp_path}/town.db"
    monkeypatch.setenv("RAHNUMA_DATABASE__URL", url)
    monkeypatch.setenv("RAHNUMA_SECRET_KEY", SECRET)
    asyncio.run(_people(Database(url=url).beside("news")))
    return CliRunner()


async def _people(url: str) -> None:
    news = SqlNews(create_engine(url, durable=True), Keys((SECRET.encode(),)))
    news.prepare()
    for chat in range(1, 9):
        language = "de" if chat < 7 else "so"
        kept = Subscription(language, frozenset({"women"}), frozenset(), 1, date.today(), date(2099, 1, 1))
        await news.subscribe(chat, kept)
    await news.close()


def run(terminal: CliRunner, *arguments: str, code: int = 0) -> str:
    app = announcements.app if arguments[0] != "announce" else __main__.cli
    if arguments[0] == "announce" and not any(c.name == "announce" for c in __main__.cli.registered_commands):
        __main__.cli.command()(announcements.announce)
    result = terminal.invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.output


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "news.yml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_dry_run_shows_who_would_read_what(terminal: CliRunner, tmp_path: Path) -> None:
    out = run(terminal, "announce", written(tmp_path, GOOD), "--dry-run")
    assert "about 5" in out
    assert "<5" in out
    assert "dry run" in out
    assert "draft" not in run(terminal, "list")


def test_gaps_need_a_deliberate_yes(terminal: CliRunner, tmp_path: Path) -> None:
    file = written(tmp_path, GOOD)
    assert "--with-gaps" in run(terminal, "announce", file, code=1)
    assert "released to about 5 people" in run(terminal, "announce", file, "--with-gaps")
    (id,) = [word for word in run(terminal, "list").split() if len(word) == 8 and word.isalnum()][:1]
    assert "sending" in run(terminal, "show", id)
    run(terminal, "pause", id)
    assert "cannot be done now" in run(terminal, "pause", id, code=1)
    run(terminal, "resume", id)
    run(terminal, "withdraw", id)
    assert run(terminal, "report", id, "--csv").startswith("language,recipients,")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("topics: [women]", "topics: [cooking]"), "'cooking' is not known"),
        (("topics: [women]", "topics: women"), "must be a list"),
        (("audience: {topics: [women]}", "audience: {topics: [youth]}"), "nobody would get this"),
        (("</b>", ""), "not closed"),
        (("expires: 24.12.2099 18:00", "expires: 24.12.2000 18:00"), "past"),
        (("expires: 24.12.2099 18:00", "expires: 28.3.2027 2:30"), "does not exist"),
        (("expires:", "ends:"), "'ends' is not known"),
        (("beginnt", "x" * 5000), "4096 fit"),
        (('  de: "Die', '  xx: "Die'), "'xx' is no language"),
        (("texts:", "texts: 5\nmore:"), "must be a list of language"),
        (("texts:", "texts: ]"), "cannot be read"),
    ],
)
def test_a_mistake_in_the_file_gets_one_clear_line_and_nothing_is_sent(
    terminal: CliRunner, tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    assert said in run(terminal, "announce", written(tmp_path, GOOD.replace(*change)), code=1)
    assert "sending" not in run(terminal, "list")


def test_an_unknown_announcement_is_named(terminal: CliRunner) -> None:
    for command in ("show", "report", "pause", "withdraw"):
        assert "there is no announcement nope" in run(terminal, command, "nope", code=1)
