"""Whatever a person does, in whatever order, there is a way on: SOS, back and start again work from everywhere."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.conversation.codes import MAX_BYTES, Verb, parse, written
from bot.conversation.engine import take_turn
from bot.conversation.state import State, from_json
from bot.conversation.under_way import Turn
from bot.conversation.vocabulary import Kind, Message, World
from bot.languages.render import TEXT_LIMIT, render
from bot.offers.model import AgeBand, Family, Gender, Need, Person
from nlu.values import CRISES, INTENTS, WISHES, Understanding

UNDERSTANDINGS = st.builds(
    Understanding,
    language=st.sampled_from([None, "ar", "prs", "kmr", "de", "en", "ti", "other"]),
    candidates=st.lists(
        st.tuples(st.sampled_from(["fas", "ar", "kmr", "other", "de"]), st.just(0.4)), max_size=3
    ).map(tuple),
    intent=st.sampled_from(INTENTS),
    needs=st.lists(st.tuples(st.sampled_from([*Need]), st.floats(0, 1)), max_size=3).map(tuple),
    age_band=st.sampled_from([None, *AgeBand]),
    gender=st.sampled_from([None, *Gender]),
    family=st.frozensets(st.sampled_from([*Family]), max_size=3),
    person=st.sampled_from([None, *Person]),
    wishes=st.frozensets(st.sampled_from(WISHES), max_size=2),
)
LINKS = st.sampled_from(
    [
        "",
        "l-prs",
        "n-sleep",
        "n-daily_life_l-ar",
        "o-unknown",
        "o-",
        "zzz",
        "l-xx_n-nothing",
        "n-grief_o-unknown",
    ]
)


class Phone(RuleBasedStateMachine):
    """One person with one phone, doing anything at all."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.state: State | None = None
        self.turn: Turn | None = None
        self.codes: list[str] = []

    def does(self, message: Message) -> Turn:
        turn = take_turn(self.state, message, self.world)
        self.state = from_json(turn.state.to_json()) if turn.state else None
        assert self.state == turn.state
        self.turn = turn
        if turn.replies:
            self.codes = [
                written(button.code, reply.screen)
                for reply in turn.replies
                for row in reply.rows
                for button in row
                if button.code
            ]
        return turn

    @initialize(said=UNDERSTANDINGS)
    def arrives(self, said: Understanding) -> None:
        self.does(Message(Kind.TEXT, start="", understanding=said))

    @rule(said=UNDERSTANDINGS, text=st.text(max_size=30))
    def writes(self, said: Understanding, text: str) -> None:
        self.does(Message(Kind.TEXT, text=text, understanding=said))

    @precondition(lambda self: self.codes)
    @rule(data=st.data())
    def taps(self, data: Any) -> None:
        self.does(Message(Kind.BUTTON, code=data.draw(st.sampled_from(self.codes))))

    @rule(
        code=st.text(max_size=70)
        | st.builds("1.{:x}.{}.{}".format, st.integers(0, 9), st.sampled_from([*Verb]), st.text(max_size=20))
    )
    def taps_something_old_or_forged(self, code: str) -> None:
        self.does(Message(Kind.BUTTON, code=code))

    @rule(kind=st.sampled_from([Kind.VOICE, Kind.PICTURE, Kind.OTHER]))
    def sends_something_else(self, kind: Kind) -> None:
        self.does(Message(kind))

    @rule(latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))
    def shares_a_place(self, latitude: float, longitude: float) -> None:
        self.does(Message(Kind.PLACE, place=(latitude, longitude)))

    @rule(parameter=LINKS)
    def opens_a_link(self, parameter: str) -> None:
        self.does(Message(Kind.TEXT, start=parameter))

    @rule(command=st.sampled_from(["language", "privacy", "mydata", "forget", "help", "stop", "nonsense"]))
    def sends_a_command(self, command: str) -> None:
        self.does(Message(Kind.TEXT, command=command))

    @rule(kind=st.sampled_from(CRISES))
    def cries_for_help(self, kind: str) -> None:
        said = Understanding(language="ar", crisis=kind)
        turn = self.does(Message(Kind.TEXT, text="…", understanding=said))
        assert turn.replies[0].texts[0].name == f"utter_crisis_{kind}"
        assert len(turn.replies[0].helplines) >= 2

    @invariant()
    def there_is_a_way_on(self) -> None:
        turn = self.turn
        if turn is None or not turn.replies:
            return
        assert self.codes or turn.state is None, "a screen without any button"
        for reply in turn.replies:
            message = render(reply, turn.language, self.world)
            assert 0 < len(message.html) <= TEXT_LIMIT
            for row in message.rows:
                assert all(len(button.code.encode()) <= MAX_BYTES for button in row)

    @invariant()
    def never_more_than_five_questions(self) -> None:
        assert self.state is None or len(self.state.asked) <= 5

    @invariant()
    def sos_back_and_start_again_work_from_here(self) -> None:
        state = self.state
        sos = take_turn(state, Message(Kind.TEXT, command="sos"), self.world)
        assert len(sos.replies[0].helplines) >= 2
        if state is None:
            return
        for verb in (Verb.SOS, Verb.BACK, Verb.RESTART, Verb.SHOW):
            code = f"1.{state.screen:x}.{verb}."
            turn = take_turn(state, Message(Kind.BUTTON, code=code), self.world)
            assert turn.replies, f"{verb} says nothing"
            assert turn.state is not None
        restarted = take_turn(
            state, Message(Kind.BUTTON, code=f"1.{state.screen:x}.{Verb.RESTART}."), self.world
        )
        assert restarted.state is not None
        assert not restarted.state.slots


def test_there_is_never_a_dead_end(world: World) -> None:
    class Here(Phone):
        pass

    Here.world = world
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=60,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


@pytest.mark.parametrize(
    "code", ["", "1", "1.0", "1.0.go", "2.0.go.", "1.x.go.", "1.0.unknown.", "1.0.go." + "a" * 80]
)
def test_a_code_of_another_time_or_hand_is_no_code(code: str) -> None:
    assert parse(code) is None


def test_who_answered_nothing_does_not_read_an_empty_line(world: World) -> None:
    skipped = State("en", skipped=("need",), shown=("lindenhof-schlaf",))
    (reply,) = take_turn(skipped, Message(Kind.BUTTON, code=f"1.0.{Verb.RESUME}."), world).replies
    assert render(reply, "en", world).html == "Your answers: nothing yet"
