""" "This is wrong": one person's word counts once, however often it is tapped."""

from __future__ import annotations

import json

from bot.conversation.engine import take_turn
from bot.conversation.state import State, from_json
from bot.conversation.vocabulary import Do, Kind, Message, World

OFFER, OTHER = "lindenhof-schlaf", "lotsen-telefon"


def reported(state: State, tapped: str, world: World) -> tuple[list[str], State]:
    """What is counted after this tap, and the state after it, as it comes back from the store."""
    turn = take_turn(state, Message(Kind.BUTTON, code=f"1.0.ww.{tapped}"), world)
    assert turn.state
    assert turn.replies[0].texts[0].name == "utter_report_thanks"
    after = from_json(turn.state.to_json())
    assert after
    return [c.values["what"] for c in turn.commands if c.do is Do.REPORT], after


def test_the_same_report_counts_once_in_a_conversation(world: World) -> None:
    first, state = reported(State("de"), f"number={OFFER}", world)
    again, state = reported(state, f"number={OFFER}", world)
    assert (first, again) == (["wrong_number"], [])
    other_kind, state = reported(state, f"hours={OFFER}", world)
    other_offer, state = reported(state, f"number={OTHER}", world)
    again, _ = reported(state, f"number={OFFER}", world)
    assert (other_kind, other_offer, again) == (["wrong_hours"], ["wrong_number"], [])


def test_starting_again_makes_no_second_voice(world: World) -> None:
    _, state = reported(State("de"), f"number={OFFER}", world)
    restarted = take_turn(state, Message(Kind.BUTTON, code="1.0.r."), world).state
    assert restarted
    assert reported(restarted, f"number={OFFER}", world)[0] == []


def test_no_more_is_kept_of_it_than_is_needed(world: World) -> None:
    state = State("de")
    for offer in world.directory:
        for what in ("number", "hours"):
            _, state = reported(state, f"{what}={offer.id}", world)
    assert len(state.to_json()) < 2_000


def test_a_conversation_of_the_release_before_goes_on() -> None:
    plain = json.loads(State("de", slots={"need": ["sleep"]}).to_json())
    del plain["reported"]
    assert from_json(json.dumps(plain)) == State("de", slots={"need": ["sleep"]})
