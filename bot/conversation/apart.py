"""What works with and without a conversation, for it is kept apart from it or not at all.

News, the plan, cards that open doors, links, two languages side by side, and "this is wrong". Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.conversation import door_opener, news, passing_on, plans, side_by_side
from bot.conversation.actions import choice, in_rows
from bot.conversation.codes import Verb, parse
from bot.conversation.under_way import OWN_WORDS
from bot.conversation.vocabulary import WRONG, Command, Do, Message, Reply, Text, World

KINDS = ("number", "hours", "closed", "language")
_GO_ON = (choice("button_go_on", Verb.RESUME),)
Said = tuple[tuple[Reply, ...], tuple[Command, ...]]


def said_apart(message: Message, language: str, slots: Mapping[str, Any] | None, world: World) -> Said | None:
    """What the message leads to apart from the conversation; None when it belongs to it.

    `slots` are the conversation's answers, None when there is no conversation.
    """
    if message.start is not None:
        return _started(message, slots, world)
    match message.command:
        case "news":
            return (news.start(message.subscription),), ()
        case "plan":
            return (plans.show(message.plan),), ()
        case "helper":
            return side_by_side.step("", language, world)
        case "link":
            return passing_on.link("", language, world)
    code = parse(message.code) if message.code else None
    if code is None:
        return None
    match code.verb:
        case Verb.NEWS:
            return news.step(code.argument, language, message.subscription, world)
        case Verb.PLAN if code.argument.startswith(plans.ANSWERED):
            return plans.answer(code.argument[1:], message.plan, slots or {}, world)
        case Verb.PLAN:
            return plans.step(code.argument, language, message.plan, world)
        case Verb.CARD:
            return door_opener.step(code.argument, language, slots or {}, world)
        case Verb.LINK:
            return passing_on.link(code.argument, language, world)
        case Verb.HAND_OVER:
            return passing_on.hand_over(code.argument, language, world)
        case Verb.SIDE_BY_SIDE:
            return side_by_side.step(code.argument, language, world)
        case Verb.WRONG_WHAT:
            what, _, offer = code.argument.partition("=")
            if what in KINDS and world.directory.get(offer):
                report = Command(Do.REPORT, {"offer": offer, "what": f"{WRONG}{what}"})
                return (Reply((Text("utter_report_thanks"),), rows=(_GO_ON,)),), (report,)
    return None


def _started(message: Message, slots: Mapping[str, Any] | None, world: World) -> Said | None:
    """The links below a card: "this is wrong", "card to show there", "put on my plan"."""
    kind, offer = (message.start or "")[:2], (message.start or "")[2:]
    if world.directory.get(offer) is None:
        return None
    match kind:
        case "w-":
            return (_ask_what_is_wrong(offer, own_words=slots is not None),), ()
        case "d-":
            return door_opener.ask(offer, slots or {}, world)
        case "k-":
            return plans.begin(offer, message.plan, world)
    return None


def _ask_what_is_wrong(offer: str, *, own_words: bool) -> Reply:
    """`own_words` only in a conversation: what is written next must be known to be meant for the coordinator."""
    kinds = [choice(f"{WRONG}{what}", Verb.WRONG_WHAT, f"{what}={offer}") for what in KINDS]
    rows = in_rows(kinds, 2)
    if own_words:
        rows += ((choice("button_own_words", Verb.WRONG_WHAT, f"{OWN_WORDS}={offer}"),),)
    return Reply((Text("utter_report_wrong"),), rows=(*rows, _GO_ON))
