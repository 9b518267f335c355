"""Posters and cards to cut: readable in every script, small, quick, and they say who stands behind them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.commands.links import links, poster
from bot.languages.registry import LANGUAGES
from bot.languages.render import say
from bot.paper import typeset
from bot.paper.poster import as_pdf, as_png
from bot.paper.sheet import MOST_LANGUAGES, Format, Poster
from tests.paper.read import boxes_shown, pages, word, words

LINK = "https://t.me/some_demo_bot?start=n-sleep_p-TAFEL1"
MOST_BYTES, MOST_SECONDS = 300_000, 1.0
GOLDEN = {
    "ar": "هل الأيام صعبة؟ هنا أشخاص يساعدون، بلغتك.",
    "prs": "حال‌تان خوب نیست؟ این‌جا کسانی را می‌یابید که کمک می‌کنند، به زبان خودتان.",
    "ckb": "حاڵتان باش نییە؟ لێرە کەسانێک دەدۆزنەوە کە یارمەتی دەدەن، بە زمانی خۆتان.",
    "ti": "ጽቡቕ ኣይስምዓኩምን ድዩ? ኣብዚ ብቋንቋኹም ዝሕግዙ ሰባት ትረኽቡ።",
}
EIGHT = ("ar", "prs", "kmr", "uk", "ckb", "ti", "de", "so")

commands = typer.Typer()
commands.command()(links)
commands.command()(poster)


def made(*languages: str) -> Poster:
    return Poster(languages, LINK, "some_demo_bot", "Wiesbaden", "Demo-Netzwerk")


@pytest.mark.parametrize("language", GOLDEN)
@pytest.mark.parametrize("format", Format)
def test_the_sentence_stands_on_the_paper_word_for_word(language: str, format: Format) -> None:
    assert {word(each) for each in GOLDEN[language].split()} <= words(as_pdf(made(language), format))


def test_it_says_who_stands_behind_it() -> None:
    assert {word(each) for each in ("@some_demo_bot", "Wiesbaden", "Demo-Netzwerk")} <= words(
        as_pdf(made("de"))
    )


@pytest.mark.parametrize("format", Format)
def test_it_is_one_sheet_of_a4_whatever_it_says(format: Format) -> None:
    for languages in (("ar",), EIGHT, tuple(LANGUAGES)[:MOST_LANGUAGES], tuple(LANGUAGES)[-MOST_LANGUAGES:]):
        pdf = as_pdf(made(*languages), format)
        assert pages(pdf) == [(210, 297)]
        assert boxes_shown(pdf) == 0


def test_a_missing_letter_would_be_noticed() -> None:
    nowhere = Poster(("de",), LINK, "some_demo_bot", "漢字", "")
    assert boxes_shown(as_pdf(nowhere)) == 2


@pytest.mark.parametrize("format", Format)
def test_it_is_small_and_quick(format: Format) -> None:
    typeset._fonts.cache_clear()
    start = time.perf_counter()
    pdf = as_pdf(made(*EIGHT), format)
    assert time.perf_counter() - start <= MOST_SECONDS
    assert len(pdf) <= MOST_BYTES
    assert as_png(made(*EIGHT), format).startswith(b"\x89PNG")


def test_the_same_poster_is_the_same_file() -> None:
    assert as_pdf(made(*EIGHT)) == as_pdf(made(*EIGHT))


def test_no_name_of_a_city_is_a_command_of_typst() -> None:
    pdf = as_pdf(Poster(("de",), LINK, "some_demo_bot", '#panic("x") $a$', "*Amt*"))
    assert word('#panic("x")') in words(pdf)


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_language_has_its_own_sentence(language: str) -> None:
    assert say("paper_poster", language) != say("paper_poster", "en")


# -- commands ------------------------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(commands, [*arguments, "--bot", "some_bot"])
    return result.exit_code, result.output


def test_the_command_prints_the_link_and_writes_the_code(tmp_path: Path) -> None:
    svg, png = tmp_path / "code.svg", tmp_path / "code.png"
    code, said = run(
        *("links", "--need", "sleep", "--language", "prs", "--place", "tafel1"),
        *("--svg", str(svg), "--png", str(png)),
    )
    assert (code, said.split()[0]) == (0, "https://t.me/some_bot?start=l-prs_n-sleep_p-TAFEL1")
    assert svg.read_text(encoding="utf-8").startswith("<svg")
    assert png.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("suffix", "first"), [("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_the_command_writes_the_poster(tmp_path: Path, suffix: str, first: bytes) -> None:
    out = tmp_path / f"poster.{suffix}"
    code, _ = run(
        "poster", "--languages", "ar,prs,kmr,uk", "--place", "TAFEL1", "--format", "a6", "--out", str(out)
    )
    assert code == 0
    assert out.read_bytes().startswith(first)


@pytest.mark.parametrize(
    "arguments",
    [
        ["links", "--place", "a-b"],
        ["links", "--language", "xx"],
        ["links", "--offer", "x" * 80],
        ["poster", "--out", "poster.doc"],
        ["poster", "--out", "poster.pdf", "--languages", "ar,xx"],
        ["poster", "--out", "poster.pdf", "--languages", "ar,prs,kmr,fa,ckb,ps,ur,tr,uk"],
    ],
)
def test_what_cannot_be_is_said_in_one_line(arguments: list[str]) -> None:
    code, said = run(*arguments)
    assert code == 2
    assert len(said.strip().splitlines()) == 1


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    code, said = run("poster", "--languages", "de", "--out", str(tmp_path / "none" / "poster.pdf"))
    assert code == 1
    assert "cannot be written" in said
