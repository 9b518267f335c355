"""No question is asked for nothing: in the German stories each answer once changed the first offers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.state import State
from bot.conversation.vocabulary import World
from nlu import understand
from tests.transcripts.play import Player, Story

STORIES = sorted(Path(__file__).parent.glob("de/*.txt"))


def states(story: Story, world: World) -> list[State]:
    """The state after each action; actions before the consent and after forgetting leave none."""
    player = Player(world, understand, app_language=story.settings.get("app"))
    kept = []
    for action in story.actions:
        player.act(action)
        if player.state:
            kept.append(player.state)
    return kept


def others(state: State, slot: str) -> dict[str, Any]:
    """All answers but the one to this question."""
    return {name: value for name, value in state.slots.items() if name != slot}


def changes(played: list[State], slot: str) -> Iterator[tuple[set[str], set[str]]]:
    """The first three offers before and after an answer to the question for a slot, nothing else being different."""
    for index in range(1, len(played)):
        asking, answered = played[index - 1], played[index]
        if asking.requested != slot or slot not in answered.slots:
            continue
        before = next((state for state in reversed(played[:index]) if offers(state)), None)
        after = next((state for state in played[index:] if offers(state)), None)
        if before and after and others(before, slot) == others(after, slot):
            yield set(before.shown[:3]), set(after.shown[:3])


def offers(state: State) -> bool:
    """Whether offers are on the screen, and not a question."""
    return state.requested is None and len(state.shown) >= 3


@pytest.mark.parametrize("slot", ["person", "age_band", "gender", "family", "area"])
def test_an_answer_changes_the_first_three_offers(slot: str, world: World) -> None:
    changed = {
        story.path.stem
        for story in map(Story.read, STORIES)
        for before, after in changes(states(story, world), slot)
        if before != after
    }
    assert changed, f"in no German story the answer to the question for {slot} changes the first three offers"
