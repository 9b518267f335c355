"""The command line of offers, as a coordinator and a helper use it."""

from __future__ import annotations

import asyncio
import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.commands.offers import app
from bot.offers.model import AgeBand, Gender, Need
from bot.storage.crypto import Keys
from bot.storage.engine import create_engine
from bot.storage.records import SqlRecords
from tests.offers.given import DATA

SECRET = "a secret only for these tests, long enough"


class Terminal:
    """A terminal in the project's folder with a database of its own."""

    def run(self, *arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == code, result.output
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return str(result.output)

    def match(self, options: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("match", *options.split(), "--json"))
        return found


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(DATA.parent)
    monkeypatch.setenv("RAHNUMA_DATABASE__URL", f"sqlite:///{tmp_path}/offers.db")
    monkeypatch.setenv("RAHNUMA_SECRET_KEY", SECRET)
    return Terminal()


async def given_said(folder: Path) -> None:
    """Seven people whom nobody answered, three for whom a number was wrong."""
    records = SqlRecords(create_engine(f"sqlite:///{folder}/offers-records.db"), Keys((SECRET.encode(),)))
    records.prepare()
    cell = {"language": "prs", "answer": "nobody"}
    for count in range(7):
        await records.report("salbei-ruhe", "nobody", date.today())
        await records.count_answer(cell | {"need": "sleep" if count < 3 else None}, date(2026, 11, 1))
    for _ in range(3):
        await records.report("salbei-ruhe", "wrong_number", date.today())
        await records.count_answer(cell | {"answer": "reached"}, date(2026, 11, 1))
    await records.close()


def test_what_people_say_is_shown_without_small_counts(terminal: Terminal, tmp_path: Path) -> None:
    asyncio.run(given_said(tmp_path))
    assert [line.split() for line in terminal.run("said").splitlines()] == [
        ["salbei-ruhe", "nobody", "5"],
        ["salbei-ruhe", "wrong_number", "<5"],
        ["2026-11", "prs", "nobody", "5"],
        ["2026-11", "prs", "reached", "<5"],
    ]


def said_in(sheet: Path) -> dict[str, str]:
    """What the sheet tells of each offer."""
    with sheet.open(encoding="utf-8-sig") as file:
        return {row["id"]: row.get("said", "") for row in csv.DictReader(file)}


def test_the_sheet_tells_what_people_say_and_import_ignores_it(terminal: Terminal, tmp_path: Path) -> None:
    sheet = tmp_path / "out.csv"
    terminal.run("export", str(sheet))
    assert set(said_in(sheet).values()) == {""}
    asyncio.run(given_said(tmp_path))
    terminal.run("export", str(sheet))
    said = said_in(sheet)
    assert said.pop("salbei-ruhe") == "Nobody answered (5); wrong: The number (<5)"
    assert set(said.values()) == {""}
    assert "Nothing to change." in terminal.run("import", str(sheet))


def test_exporting_makes_no_database_of_people(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run("export", str(tmp_path / "out.csv"))
    assert not list(tmp_path.glob("*records*"))


def fitting(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [offer for offer in found if not offer["misses"]]


def test_an_empty_database_answers_with_the_demo_offers(terminal: Terminal) -> None:
    found = terminal.match("--need sleep --age 23 --gender female --language prs --area biebrich")
    best = fitting(found)[0]
    assert best["id"] == "salbei-ruhe"
    assert {"kind": "district", "value": "biebrich", "text": "in the district biebrich"} in best["reasons"]
    assert best.keys() >= {"name", "needs", "languages", "min_age", "max_age", "gender", "booking_url"}


@pytest.mark.parametrize("band", list(AgeBand))
@pytest.mark.parametrize("gender", [Gender.FEMALE, Gender.DIVERSE])
def test_no_hard_rule_is_broken(terminal: Terminal, band: AgeBand, gender: Gender) -> None:
    found = terminal.match(f"--need counselling --age {band} --gender {gender} --language ti")
    youngest, oldest = band.ages
    assert found
    for offer in fitting(found):
        assert "counselling" in offer["needs"]
        assert "ti" in offer["languages"]
        assert offer["max_age"] is None or offer["max_age"] >= youngest
        assert offer["min_age"] is None or oldest is None or offer["min_age"] <= oldest
        assert not offer["gender"] or gender in offer["gender"]


def test_a_minor_alone_gets_the_youth_path(terminal: Terminal) -> None:
    found = terminal.match("--need asylum --family unaccompanied_minor --language prs")
    assert found[0]["id"] == "wegweiser-jugend"
    assert next(offer["id"] for offer in found if offer["first_contact"]) == "leuchtturm-clearing"


def test_people_read_reasons_and_what_is_missing(terminal: Terminal) -> None:
    query = ("--need", "grief", "--language", "kmr", "--age", "30", "--area", "Biebrich")
    output = terminal.run("match", *query)
    assert "speaks" in output or "interpreter for kmr" in output
    assert "but: nobody speaks kmr" in output
    assert "general first contacts" in output


@pytest.mark.parametrize(
    "arguments",
    [
        ["match", "--need", "happiness"],
        ["match", "--age", "old"],
        ["match", "--age", "-1"],
        ["match", "--language", "klingon"],
        ["match", "--area", "Berlin"],
        ["import", "sheet.txt"],
        ["export", "sheet.doc"],
        ["import", "a.csv", "--keep-missing", "--close-missing"],
        ["import"],
    ],
)
def test_wrong_usage_ends_with_two(terminal: Terminal, arguments: list[str]) -> None:
    terminal.run(*arguments, code=2)


@pytest.mark.parametrize("name", ["offers.csv", "offers.xlsx"])
def test_what_is_exported_is_imported_without_a_change(terminal: Terminal, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    terminal.run("export", str(file))
    assert "Nothing to change." in terminal.run("import", str(file))


def test_the_export_on_the_screen_is_the_sheet(terminal: Terminal) -> None:
    assert terminal.run("export") == (DATA / "offers" / "demo.csv").read_text(encoding="utf-8")


def test_a_dry_run_shows_everything_and_changes_nothing(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "offers.csv"
    terminal.run("export", str(file))
    rows = file.read_text(encoding="utf-8-sig").splitlines()
    edited = [row.replace("Sleep better", "Sleep well") for row in rows if not row.startswith("ahorn")]
    edited.append(edited[1].replace(edited[1].split(",")[0], "new-one", 1))
    file.write_text("\n".join(edited) + "\n", encoding="utf-8")
    output = terminal.run("import", str(file), "--dry-run")
    assert "+ new-one" in output
    assert "name_en: Sleep better: a course → Sleep well: a course" in output
    assert "- ahorn-schutzhaus" in output
    assert "Nothing was changed" in output
    assert "added: 1" in terminal.run("import", str(file), "--dry-run")
    terminal.run("import", str(file))
    assert "added: 0" in terminal.run("import", str(file))


def test_an_error_changes_nothing_and_says_where(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "offers.csv"
    file.write_text("id,organization,name_de,phones\nnew,Haus,Neu,112\nbad,Haus,Schlecht,none\n")
    output = terminal.run("import", str(file), code=1)
    assert "row 3, phones: “none” is no telephone number." in output
    assert "Nothing was changed" in output
    assert "\nnew," not in terminal.run("export")


def test_the_first_own_sheet_replaces_the_demo(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run("export")
    file = tmp_path / "offers.csv"
    file.write_text("id,organization,name_de,needs\nmine,Haus,Meins,sleep\n")
    terminal.run("import", str(file))
    assert [offer["id"] for offer in terminal.match("--need sleep")] == ["mine"]


def test_a_part_of_the_sheet_does_not_close_the_rest_unasked(terminal: Terminal, tmp_path: Path) -> None:
    whole, part = tmp_path / "whole.csv", tmp_path / "part.csv"
    rows = [f"own-{number},Haus,Angebot {number * 1111}" for number in range(9)]
    whole.write_text("\n".join(["id,organization,name_de", *rows]))
    part.write_text("\n".join(["id,organization,name_de", *rows[:4]]))
    terminal.run("import", str(whole))
    assert "lacks 5 of 9" in terminal.run("import", str(part), code=1)
    assert "--keep-missing" in terminal.run("import", str(part), "--dry-run")
    assert "Nothing to change." in terminal.run("import", str(part), "--keep-missing")
    assert "closed: 5" in terminal.run("import", str(part), "--close-missing")


@pytest.mark.parametrize("arguments", [["import", "nowhere.csv"], ["export", "/nowhere/offers.csv"]])
def test_a_missing_file_is_one_plain_sentence(terminal: Terminal, arguments: list[str]) -> None:
    output = terminal.run(*arguments, code=1)
    assert output.strip().endswith("is not there.")
    assert len(output.strip().splitlines()) == 1


def test_a_broken_database_is_one_plain_sentence(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.db").write_bytes(b"this is no database, but a text of some length" * 50)
    monkeypatch.setenv("RAHNUMA_DATABASE__URL", f"sqlite:///{tmp_path}/broken.db")
    assert terminal.run("export", code=1).startswith("The database cannot be used")


def test_the_check_names_what_to_mend_and_finds_no_dead_end(terminal: Terminal) -> None:
    output = terminal.run("check")
    assert "dead ends: nobody for this person, not even nearly: 0" in output
    assert "hl-112" in output  # no number was confirmed yet
    findings = json.loads(terminal.run("check", "--json"))
    assert findings["dead_ends"] == []
    first_five = {"ar", "prs", "kmr", "de", "en"}
    assert all(first_five.isdisjoint(each["languages"]) for each in findings["missing_translations"])


def test_a_dead_end_makes_the_check_fail(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "offers.csv"
    file.write_text("id,organization,name_de,needs,languages\nall,Haus,Alles,sleep; grief,de\n")
    terminal.run("import", str(file))
    findings = json.loads(terminal.run("check", "--json", code=1))
    needs = {end["need"] for end in findings["dead_ends"]}
    assert Need.SLEEP in needs  # what is for everybody does not count
    assert findings["missing_translations"][0]["languages"]
