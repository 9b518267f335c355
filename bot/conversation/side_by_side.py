"""Two people, one phone: every question and card in the helper's language and in the person's.

Nothing about the person is stored: each screen follows from the code of the button that led to it, which holds the
answers so far. The questions are the same form as everywhere. Pure.

A code's argument: what to show (a capital once the search was counted), a letter for each question answered or skipped,
in order, "/", the answers (Carried).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.conversation import door_opener
from bot.conversation.actions import choice, in_rows
from bot.conversation.codes import Carried, Verb, unpack
from bot.conversation.state import SLOTS, State
from bot.conversation.under_way import UnderWay, slot_value
from bot.conversation.vocabulary import Choice, Command, Do, Kind, Message, Reply, Text, World

QUESTION, OFFERS, MENU = "q", "o", "m"
"""What a code shows: the next question (offers when there is none), offers now, the second level of the menu."""
_LETTERS = dict(zip(SLOTS, "npygfa", strict=True))
_SLOT_OF = {letter: slot for slot, letter in _LETTERS.items()}
_TO_WRITE, _TO_TAP = "utter_ask_need", Text("utter_ask_need_detail")
"""The question that invites to write, and the one instead: words would begin a conversation of the helper's own."""
_SOS_ROW = (choice("button_sos", Verb.SOS), choice("button_go_on", Verb.RESUME))
_Said = tuple[tuple[Reply, ...], tuple[Command, ...]]


@dataclass(frozen=True, slots=True)
class _Told:
    """What a code holds. `closed` are the questions answered or skipped, in order; `group` of the menu.

    `counted`: the search stands in the statistics already; going back and forth does not make it another one.
    """

    facts: Mapping[str, Any]
    language: str
    closed: tuple[str, ...] = ()
    show: str = QUESTION
    group: str = ""
    counted: bool = False

    def code(self) -> str:
        show = self.show.upper() if self.counted else self.show
        head = show + "".join(_LETTERS[slot] for slot in self.closed)
        packed = Carried(self.facts, language=self.language, chosen=True).pack(32)
        return f"{Verb.SIDE_BY_SIDE}.{head}{self.group and f'-{self.group}'}/{packed}"

    def with_answer(self, slot: str, value: Any) -> _Told:
        told = self._closing(slot, {**self.facts, slot: value})
        return replace(told, counted=False) if slot == "need" else told  # another topic is another search

    def without_answer(self, slot: str) -> _Told:
        return self._closing(slot, self.facts)

    def _closing(self, slot: str, facts: Mapping[str, Any]) -> _Told:
        return replace(self, facts=facts, closed=(*self.closed, slot), show=QUESTION, group="")

    def before(self) -> _Told:
        """As it was before the last question."""
        *earlier, last = self.closed or ("",)
        facts = {slot: value for slot, value in self.facts.items() if slot != last}
        return replace(self, facts=facts, closed=tuple(earlier), show=QUESTION, group="")


def step(argument: str, helper: str, world: World) -> _Said:
    """What a tapped button of this verb leads to, or the choice of the person's language; `helper`: their language."""
    told = _read(argument)
    if told.language not in world.languages:
        return (_ask_language(world),), ()
    skipped = tuple(slot for slot in told.closed if slot not in told.facts)
    state = State(told.language, slots=told.facts, asked=told.closed, skipped=skipped)
    turn = UnderWay(state, Message(Kind.BUTTON), world)
    match told.show:
        case "m" if any(group.id == told.group for group in world.needs.groups):
            turn.run("action_needs_of_group", group=told.group)
        case "o":
            turn.show_offers()
        case _:
            turn.fill({})
    languages = tuple(dict.fromkeys((helper, told.language)))
    asked = turn.requested if told.show == QUESTION else "need" if told.show == MENU else None
    commands = tuple(one for one in turn.commands if one.do is not Do.COUNT or not told.counted)
    told = replace(told, counted=told.counted or asked is None)
    replies = [
        replace(
            reply,
            texts=tuple(_TO_TAP if text.name == _TO_WRITE else text for text in reply.texts),
            languages=languages,
            rows=tuple(_rows(reply, told, asked)),
            side_by_side=True,
        )
        for reply in turn.replies
    ]
    if not told.closed and told.show == QUESTION:
        replies[0] = replace(replies[0], texts=(Text("utter_helper_hint"), *replies[0].texts))
    return tuple(replies), commands


def _read(argument: str) -> _Told:
    head, _, packed = argument.partition("/")
    closed, _, group = head[1:].partition("-")
    carried = unpack(packed)
    slots = tuple(_SLOT_OF[letter] for letter in closed if letter in _SLOT_OF)
    show = head[:1] or QUESTION
    return _Told(carried.facts, carried.language, slots, show.lower(), group, counted=show.isupper())


def _ask_language(world: World) -> Reply:
    buttons = [Choice(Text(f"language/{code}"), _Told({}, code).code()) for code in world.languages]
    return Reply((Text("utter_helper_language"),), rows=(*in_rows(buttons, 2), _SOS_ROW))


def _rows(reply: Reply, told: _Told, asked: str | None) -> Iterator[tuple[Choice, ...]]:
    """The rows with codes that hold the answers; what needs a conversation of one's own is left out."""
    if reply.card:
        for row in reply.rows:  # not what would be the helper's own: their plan, a card in their language
            if not any("start=d-" in one.url or "start=k-" in one.url for one in row):
                yield row
        yield (door_opener.for_another(str(reply.card["offer"]), told.language),)
        return
    for row in reply.rows:
        if kept := tuple(_choices(row, told, asked)):
            yield kept
    if asked is None:
        packed = Carried(told.facts, language=told.language).pack(40)
        yield (choice("button_hand_over", Verb.HAND_OVER, packed),)
        yield (Choice(Text("button_back"), told.before().code()), _restart(told))
        yield _SOS_ROW


def _choices(row: tuple[Choice, ...], told: _Told, asked: str | None) -> Iterator[Choice]:
    for one in row:
        verb, _, argument = one.code.partition(".")
        match verb:
            case Verb.ANSWER:
                slot, _, value = argument.partition("=")
                yield replace(one, code=told.with_answer(slot, slot_value(slot, value)).code())
            case Verb.GROUP:
                yield replace(one, code=replace(told, show=MENU, group=argument).code())
            case Verb.SKIP if asked:
                yield replace(one, code=told.without_answer(asked).code())
            case Verb.BACK if asked:
                before = replace(told, show=QUESTION, group="") if told.show == MENU else told.before()
                yield replace(one, code=before.code())
            case Verb.SHOW:
                yield replace(one, code=replace(told, show=OFFERS, group="").code())
            case Verb.RESTART if asked:
                yield _restart(told)
            case Verb.SOS if asked:
                yield one


def _restart(told: _Told) -> Choice:
    return Choice(Text("button_restart"), _Told({}, told.language).code())
