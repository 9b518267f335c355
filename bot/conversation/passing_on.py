"""Passing the bot on: links that open it in a language, with a topic; and answers handed over to another phone. Pure.

Links are written and sealed outside; here only what they shall hold. It travels in the codes of the buttons (Carried).
"""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.actions import choice, in_rows
from bot.conversation.codes import Carried, Verb, unpack
from bot.conversation.vocabulary import Choice, Command, Do, Reply, Text, World

_MADE = "!"
"""First letter of a code that asks for the link itself."""
_ANY_LANGUAGE = "?"
_GO_ON = (choice("button_go_on", Verb.RESUME),)
_Said = tuple[tuple[Reply, ...], tuple[Command, ...]]


def link(argument: str, language: str, world: World) -> _Said:
    """What /link and its buttons lead to: the language, the topic, the link. `language`: of who makes it."""
    if argument.startswith(_MADE):
        told = unpack(argument[1:])
        need = next(iter(told.facts.get("need") or ()), None)
        opens_in = told.language if told.language in world.languages else ""
        return (), (Command(Do.SEND_LINK, {"need": need, "language": opens_in, "spoken": language}),)
    if not argument:
        return (_ask_language(world),), ()
    return (
        _ask_need(Carried(language="" if argument == _ANY_LANGUAGE else unpack(argument).language), world),
    ), ()


def hand_over(packed: str, language: str, world: World) -> _Said:
    """Answers for another phone: those packed in the button. `language`: of who hands them over."""
    told = unpack(packed)
    spoken = told.language if told.language in world.languages else language
    values = {"facts": dict(told.facts), "language": spoken, "spoken": language}
    return (), (Command(Do.HAND_OVER, values),)


def _ask_language(world: World) -> Reply:
    buttons = [
        Choice(Text(f"language/{code}"), f"{Verb.LINK}.{Carried(language=code, chosen=True).pack()}")
        for code in world.languages
    ]
    any_language = (choice("button_language_asked", Verb.LINK, _ANY_LANGUAGE),)
    return Reply((Text("utter_link_language"),), rows=(any_language, *in_rows(buttons, 2), _GO_ON))


def _ask_need(told: Carried, world: World) -> Reply:
    entries = [entry for group in world.needs.groups for entry in group.entries]
    buttons = [
        Choice(Text(f"need/{entry.need}"), _made(replace(told, facts={"need": [entry.need]})))
        for entry in entries
    ]
    left_open = (Choice(Text("button_need_open"), _made(told)),)
    return Reply((Text("utter_link_need"),), rows=(left_open, *in_rows(buttons, 2), _GO_ON), replaces=True)


def _made(told: Carried) -> str:
    return f"{Verb.LINK}.{_MADE}{replace(told, chosen=True).pack()}"
