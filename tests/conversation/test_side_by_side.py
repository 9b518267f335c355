"""Two languages side by side: each screen follows from a code, and one search counts once."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.conversation.codes import MAX_BYTES, Carried, Verb, written
from bot.conversation.engine import take_turn
from bot.conversation.state import State
from bot.conversation.vocabulary import Command, Do, Kind, Message, Reply, World
from nlu.values import Understanding


@dataclass
class Helper:
    """Somebody who taps, and what was counted on the way."""

    world: World
    replies: tuple[Reply, ...] = ()
    counted: list[Command] = field(default_factory=list)

    def press(self, code: str) -> None:
        """Taps a button with this code."""
        assert len(written(code, 0xFFFF).encode()) <= MAX_BYTES
        heard = Understanding(language="de")
        turn = take_turn(None, Message(Kind.BUTTON, code=written(code, 0), understanding=heard), self.world)
        self.replies = turn.replies
        self.counted += [command for command in turn.commands if command.do is Do.COUNT]

    def tap(self, label: str) -> None:
        """Taps the button whose label begins so."""
        self.press(next(code for name, code in self.buttons() if name.startswith(label)))

    def buttons(self) -> list[tuple[str, str]]:
        """Names of the labels, and codes."""
        return [(one.label.name, one.code) for reply in self.replies for row in reply.rows for one in row]

    def to_the_results(self) -> None:
        """Skips every question."""
        while any(name == "button_skip" for name, _ in self.buttons()):
            self.tap("button_skip")
        assert any(name == "button_hand_over" for name, _ in self.buttons())


def asked_about_sleep(world: World) -> Helper:
    helper = Helper(world)
    helper.press(f"{Verb.SIDE_BY_SIDE}.qn/{Carried({'need': ['sleep']}, language='ar', chosen=True).pack()}")
    return helper


def test_going_back_and_forth_counts_one_search(world: World) -> None:
    helper = asked_about_sleep(world)
    helper.to_the_results()
    for _ in range(3):
        helper.tap("button_back")
        helper.to_the_results()
    helper.tap("button_back")
    helper.tap("button_show")
    assert [command.values["need"] for command in helper.counted] == ["sleep"]
    assert helper.counted[0].values["language"] == "ar"


def test_starting_again_is_another_search(world: World) -> None:
    helper = asked_about_sleep(world)
    helper.to_the_results()
    helper.tap("button_restart")
    helper.tap("group/")
    helper.tap("button_back")
    helper.to_the_results()
    assert len(helper.counted) == 2


def test_another_topic_is_another_search(world: World) -> None:
    helper = asked_about_sleep(world)
    helper.to_the_results()
    while any(name == "button_back" for name, _ in helper.buttons()):
        if any(name.startswith("group/") for name, _ in helper.buttons()):
            break
        helper.tap("button_back")
    helper.tap("group/")
    helper.tap("need/")
    helper.to_the_results()
    assert len(helper.counted) == 2


def test_what_was_handed_over_is_not_counted_again_on_the_other_phone(world: World) -> None:
    told = Carried({"need": ["sleep"]}, language="ar", chosen=True, results=True)
    opened = Message(Kind.TEXT, start="s-", handed_over=told)
    turn = take_turn(State("ar"), opened, world)
    assert any(reply.card for reply in turn.replies)
    assert not any(command.do is Do.COUNT for command in turn.commands)
    agreed = Message(Kind.BUTTON, code=written(f"{Verb.AGREE}.{told.pack()}", 0))
    turn = take_turn(None, agreed, world)
    assert any(reply.card for reply in turn.replies)
    assert not any(command.do is Do.COUNT for command in turn.commands)


def test_nobody_is_asked_to_write_what_would_not_stay_side_by_side(world: World) -> None:
    """Nothing is stored: words would begin a conversation of the helper's own, in one language."""
    helper = asked_about_sleep(world)
    helper.press(f"{Verb.SIDE_BY_SIDE}.q/lar")
    first = helper.replies[0]
    helper.tap("group/")
    helper.tap("button_back")
    for reply in (first, *helper.replies):
        assert "utter_ask_need" not in {text.name for text in reply.texts}
        assert "utter_ask_need_detail" in {text.name for text in reply.texts}


def test_a_code_of_the_release_before_still_works(world: World) -> None:
    helper = asked_about_sleep(world)
    helper.press(f"{Verb.SIDE_BY_SIDE}.on/lar,na")
    assert any(reply.card for reply in helper.replies)
    assert helper.counted
