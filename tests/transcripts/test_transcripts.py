"""Golden transcripts: whole conversations, as the person sees them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.conversation.vocabulary import World
from nlu import understand
from tests.transcripts.play import Story

STORIES = sorted(Path(__file__).parent.glob("*/*.txt"))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_story_goes_as_written_down(path: Path, world: World, request: pytest.FixtureRequest) -> None:
    played = Story.read(path).play(world, understand)
    if request.config.getoption("--rewrite"):
        path.write_text(played, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == played


@pytest.mark.parametrize("language", ["ar", "prs", "kmr", "de", "en"])
def test_each_language_has_fifteen_stories(language: str) -> None:
    assert sum(path.parent.name == language for path in STORIES) >= 15
