"""Asks what a card that opens a door may say of the person; the card itself is made outside. Pure.

What was chosen travels in the codes of the buttons: `FORMAT` + answers (Carried) + "=" + id of the offer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.conversation.actions import choice, in_rows, summary
from bot.conversation.codes import Carried, Verb, unpack
from bot.conversation.vocabulary import Choice, Command, Do, Reply, Text, World
from bot.offers.model import Person

TEXT, PICTURE, PRINT = "T", "I", "P"
"""First letter of a code that asks for the card in one of these forms; none: only the answers shown change."""
TOLD = ("need", "person", "age_band", "gender", "family")
"""What a card may say; each only when the person taps it."""
FOR_ANOTHER = "!"
"""First letter of a code for somebody who speaks another language than the conversation."""
_ROOM = 28
_GO_ON = (choice("button_go_on", Verb.RESUME),)
_Said = tuple[tuple[Reply, ...], tuple[Command, ...]]


def step(argument: str, language: str, slots: Mapping[str, Any], world: World) -> _Said:
    """What a tapped button of this verb leads to; `slots` are the answers of the conversation, if any."""
    head, _, offer = argument.partition("=")
    told = unpack(head.lstrip(FOR_ANOTHER + TEXT + PICTURE + PRINT))
    if told.language in world.languages and told.language != language:
        language, slots = (
            told.language,
            {},
        )  # for somebody else, whose answers are not those of this conversation
    if world.directory.get(offer) is None:
        return (Reply((Text("utter_offer_gone"),), rows=(_GO_ON,)),), ()
    said = _only_told(told.facts)
    if head[:1] in (TEXT, PICTURE, PRINT):
        values = {"form": head[0], "offer": offer, "said": said, "language": language}
        return (), (Command(Do.SEND_CARD, values),)
    shown = bool(head) and not head.startswith(FOR_ANOTHER)
    return (_ask(offer, said, slots, language, replaces=shown),), ()


def ask(offer: str, slots: Mapping[str, Any], world: World) -> _Said:
    """What "card to show there" below an offer leads to."""
    return step(f"={offer}", "", slots, world)


def for_another(offer: str, language: str) -> Choice:
    """The button for a card in another language than the conversation's."""
    packed = Carried(language=language, chosen=True).pack()
    return choice("button_door_opener", Verb.CARD, f"{FOR_ANOTHER}{packed}={offer}")


def _ask(
    offer: str, said: Mapping[str, Any], slots: Mapping[str, Any], language: str, *, replaces: bool
) -> Reply:
    texts = [Text("utter_door_opener", {"name": Text(f"offer/{offer}")})]
    toggles = [
        Choice(
            text,
            _code("", _toggled(said, slot, value, slots), offer, language),
            on=_is_said(said, slot, value),
        )
        for slot, value, text in _each(slots)
    ]
    if toggles:
        texts.append(Text("utter_door_opener_facts"))
    forms = [
        Choice(Text(label), _code(form, said, offer, language))
        for label, form in (
            ("button_as_text", TEXT),
            ("button_as_picture", PICTURE),
            ("button_as_pdf", PRINT),
        )
    ]
    return Reply(tuple(texts), rows=(*in_rows(toggles, 2), *in_rows(forms, 2), _GO_ON), replaces=replaces)


def _code(form: str, said: Mapping[str, Any], offer: str, language: str) -> str:
    # "," keeps a code without anything apart from the first screen's, so that tapping the last one off replaces too
    packed = Carried(said, language=language, chosen=bool(language)).pack(_ROOM)
    return f"{Verb.CARD}.{form}{packed or ','}={offer}"


def _each(slots: Mapping[str, Any]) -> Iterator[tuple[str, str, Text]]:
    """Each answer that a card may say: its slot, its value, its name."""
    for slot in TOLD:
        values = slots.get(slot) or ()
        for value in values if isinstance(values, (list, tuple)) else (values,):
            told = {slot: [value] if slot in ("need", "family") else value}
            if slot == "gender":  # a child is a girl or a boy
                told["person"] = slots.get("person")
            yield slot, value, summary(told)[-1]


def _only_told(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {slot: facts[slot] for slot in TOLD if facts.get(slot)}


def _is_said(said: Mapping[str, Any], slot: str, value: str) -> bool:
    told = said.get(slot)
    return value in told if isinstance(told, (list, tuple)) else value == told


def _toggled(said: Mapping[str, Any], slot: str, value: str, slots: Mapping[str, Any]) -> dict[str, Any]:
    if slot not in ("need", "family"):
        changed = {**said, slot: None if said.get(slot) == value else value}
        if slot == "gender" and changed[slot] and slots.get("person") == Person.CHILD:
            changed["person"] = Person.CHILD.value  # else a girl would read as a woman
        return changed
    told = list(said.get(slot) or ())
    return {**said, slot: [other for other in told if other != value] if value in told else [*told, value]}
