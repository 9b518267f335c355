"""A conversation that is under way: one message is taken to replies, commands and the state after it. Pure.

Plays the Rasa server's part in process: the form asks, actions answer; what is to be done outside comes back as
commands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from rasa_sdk.executor import ActionExecutor

from bot.conversation import news, plans, safety
from bot.conversation.actions import (
    ACTIONS,
    END_ROWS,
    choice,
    in_rows,
    summary,
)
from bot.conversation.codes import Carried, Code, Verb, parse, unpack
from bot.conversation.domain import domain
from bot.conversation.forms import MAX_NEEDS, WORLD
from bot.conversation.state import SLOTS, State
from bot.conversation.vocabulary import WRONG, Choice, Command, Do, Kind, Message, Reply, Text, World
from bot.offers.model import AgeBand, Crisis, Need, Person

NEED_SURE = 0.35
"""Least probability at which the first need is taken without asking; below it the menu is shown."""
NEED_ALSO = 0.25
"""Least probability at which a further need is taken along."""
WORDS_OF_A_PLACE = 3
LONGEST_PLACE_TEXT = 400
GROWN_UP = (AgeBand.YOUNG_ADULT, AgeBand.ADULT, AgeBand.SENIOR)
OWN_WORDS = "words"
"""What "this is wrong" is answered with when somebody wants to write it; the text comes next."""
MOST_REPORTED = 20
"""Of how many "this is wrong" a conversation keeps that they were said."""
LONGEST_WORDS = 1000
"""Characters of own words that are kept for the coordinator."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message leads to. `state` None: nothing is (or stays) stored. `language` is the one to render in.

    `chosen` tells that the person chose it just now, before anything is stored.
    """

    state: State | None
    replies: tuple[Reply, ...]
    commands: tuple[Command, ...]
    language: str
    chosen: bool = False


@cache
def _executor() -> ActionExecutor:
    executor = ActionExecutor()
    for action in ACTIONS:
        executor.register_action(action())
    return executor


def facts_of(message: Message, world: World) -> dict[str, Any]:
    """The slot values that a text or a place tells, as the state holds them."""
    if message.place is not None:
        return {"area": world.places.nearest(*message.place).id}
    said = message.understanding
    facts: dict[str, Any] = {}
    if said.needs and said.intent == "need" and said.needs[0][1] >= NEED_SURE:
        facts["need"] = [need for need, p in said.needs if p >= NEED_ALSO or need == said.needs[0][0]][
            :MAX_NEEDS
        ]
    for slot in ("person", "age_band", "gender"):
        if value := getattr(said, slot):
            facts[slot] = value
    if said.family:
        facts["family"] = sorted(said.family)
    if facts.get("person") == Person.CHILD and facts.get("age_band") in GROWN_UP:
        del facts["person"]  # who tells an adult's age tells her own
    if area := world.places.find(message.text[:LONGEST_PLACE_TEXT]):
        facts["area"] = area
        if len(message.text.split()) <= WORDS_OF_A_PLACE:  # the name of a place is no topic
            facts.pop("need", None)
            facts.pop("person", None)
    if list(facts) == ["person"] and facts["person"] == Person.SELF:
        return {}  # everybody writes of themselves first; alone it says nothing
    return facts


def parse_start(parameter: str) -> Carried:
    """What a deep link such as `l-prs_n-sleep` or `o-OFFER` asks for; unknown parts are dropped."""
    if parameter[:2] in (
        "d-",
        "k-",
        "w-",
    ):  # the links below a card; without a conversation they lead to the card
        return Carried(offer=parameter[2:])
    facts: dict[str, Any] = {}
    offer = language = ""
    for part in re.split(r"_(?=[lnop]-)", parameter):
        match part[:2], part[2:]:
            case "l-", code:
                language = code
            case "o-", id:
                offer = id
            case "n-", need if need in {member.value for member in Need}:
                facts["need"] = [need]
            case _:
                pass
    return Carried(facts, offer, language, chosen=bool(language))


def kept_texts(message: Message) -> tuple[Text, ...]:
    """What is kept by consent beyond a conversation."""
    texts: tuple[Text, ...] = ()
    if message.remembered_language:
        remembered = Text(f"language/{message.remembered_language}")
        texts += (Text("utter_my_data_language", {"language": remembered}),)
    if message.subscription:
        texts += (news.summary(message.subscription),)
    if message.plan:
        texts += (plans.summary(message.plan),)
    return texts


def in_language(message: Message, language: str) -> tuple[Command, ...]:
    """What is to be done when this language was chosen: what is said unasked comes in it from now on."""
    commands: tuple[Command, ...] = ()
    if message.plan and message.plan.language != language:
        commands += (Command(Do.KEEP_PLAN, {"plan": replace(message.plan, language=language)}),)
    if message.subscription and message.subscription.language != language:
        subscription = replace(message.subscription, language=language)
        commands += (Command(Do.SUBSCRIBE, {"subscription": subscription}),)
    return commands


def stop(message: Message, world: World) -> tuple[tuple[Reply, ...], tuple[Command, ...]] | None:
    """Ends all that is said unasked: news and reminders; None when there is nothing to end."""
    replies: tuple[Reply, ...] = ()
    commands: tuple[Command, ...] = ()
    if message.subscription:
        replies, commands = news.stop()
    if message.plan and message.plan.quiet_since is None:
        more, further = plans.quiet(message.plan, world)
        replies, commands = (*replies, *more), (*commands, *further)
    return (replies, commands) if replies else None


def coded(verb: Verb, argument: str = "") -> str:
    return f"{verb}.{argument}"


def play(argument: str) -> Command:
    """For the button that `languages/voice` puts below a message that somebody has recorded."""
    language, _, utterance = argument.partition("=")
    return Command(Do.PLAY, {"language": language, "utterance": utterance})


def privacy(world: World) -> tuple[Text, ...]:
    who = {"operator": world.operator.name, "contact": world.operator.contact, "hours": world.retention_hours}
    return (Text("utter_privacy", who), Text("utter_privacy_rights", {"page": world.operator.privacy_url}))


def awaiting(world: World) -> tuple[Text, ...]:
    """Which languages no native speaker has read yet, where there are any."""
    names = tuple(Text(f"language/{code}") for code in world.unread_languages)
    return (Text("utter_language_awaiting", {"languages": names}),) if names else ()


def slot_value(slot: str, value: str) -> Any:
    """The slot value that a button's `slot=value` stands for."""
    return [part for part in value.split("+") if part] if slot in ("need", "family") else value


class UnderWay:
    """One turn of a conversation that is under way."""

    def __init__(self, state: State, message: Message, world: World) -> None:
        self.state = state
        self.message = message
        self.world = world
        self.slots: dict[str, Any] = dict(state.slots)
        self.kept: dict[str, Any] = {
            "asked": list(state.asked),
            "skipped": list(state.skipped),
            "shown": list(state.shown),
            "wishes": list(state.wishes),
        }
        self.requested = state.requested
        self.language = state.language
        self.chosen = state.chosen
        self.tap = ""
        self.writes_about = ""
        self.reported = state.reported
        self.replies: list[Reply] = []
        self.commands: list[Command] = []

    # -- what to do with the message --

    def take(self, apart: tuple[tuple[Reply, ...], tuple[Command, ...]] | None = None) -> Turn:
        """The turn that the message leads to; `apart`: what it leads to apart from the conversation (apart.py)."""
        self.follow_language()
        said = self.message.understanding
        code = parse(self.message.code)
        about, self.writes_about = self.state.writes_about, ""
        if said.crisis:
            self.crisis(Crisis(said.crisis))
        elif apart is not None:
            self.take_said(*apart)
        elif self.message.handed_over is not None:
            self.take_over(self.message.handed_over)
        elif self.message.start is not None:
            self.start(self.message.start)
        elif self.message.command:
            self.slash(self.message.command)
        elif code is not None:
            self.tapped(code)
        elif self.message.kind is Kind.BUTTON:
            self.resume(Text("utter_old_button"))
        elif self.message.kind is Kind.VOICE:
            self.resume(Text("utter_voice"))
        elif self.message.kind is Kind.PICTURE:
            self.resume(Text("utter_picture"))
        elif about and self.message.text and not self.message.edited and said.intent not in _FOR_THE_BOT:
            self.note_words(about)
        else:
            self.heard()
        return self.result()

    def result(self) -> Turn:
        screen = self.state.screen + 1 if self.replies else self.state.screen
        state = State(
            language=self.language,
            chosen=self.chosen,
            slots=self.slots,
            requested=self.requested,
            screen=screen,
            tapped=self.tap if self.replies else self.state.tapped,
            writes_about=self.writes_about,
            reported=self.reported,
            evidence=self.message.understanding.evidence or self.state.evidence,
            **{name: tuple(values) for name, values in self.kept.items()},
        )
        forgotten = any(command.do is Do.FORGET for command in self.commands)
        replies = tuple(replace(reply, screen=screen) for reply in self.replies)
        return Turn(None if forgotten else state, replies, tuple(self.commands), self.language)

    def follow_language(self) -> None:
        """Answers in the language the person now writes, unless they chose one."""
        heard = self.message.understanding.language
        if self.state.writes_about:
            return  # German words about a German office are no change of language
        if self.message.text and not self.chosen and heard in self.world.languages and heard != self.language:
            self.language = heard
            self.command(Do.SET_COMMANDS, language=heard)

    def start(self, parameter: str) -> None:
        self.begin_with(parse_start(parameter))

    def take_over(self, told: Carried) -> None:
        """Goes on with what a helper's phone handed over."""
        if told.language:
            self.begin_with(told)
        elif told.results and self.kept["shown"] and not self.requested:
            self.resume()  # people tap twice: what the link had to give, they have
        else:
            self.resume(Text("utter_hand_over_closed"))

    def begin_with(self, told: Carried) -> None:
        self.set_language(told.language)
        if told.facts:
            self.forget_answers()
        if told.facts or told.offer:
            self.open(told)
        else:
            self.resume(Text("utter_greet"))

    def open(self, told: Carried) -> None:
        """Goes on with what a link or a first message told."""
        if told.results:
            self.slots |= told.facts
            self.show_offers()
            # the helper's phone counted this search
            self.commands = [command for command in self.commands if command.do is not Do.COUNT]
        elif told.offer:
            self.slots |= told.facts
            self.run("action_show_offer", offer=told.offer)
        else:
            self.fill(told.facts)

    def slash(self, command: str) -> None:
        match command:
            case "sos":
                self.sos()
            case "language":
                self.ask_language()
            case "privacy":
                self.show_privacy()
            case "mydata":
                self.my_data()
            case "forget":
                self.forget()
            case "stop":
                self.stop()
            case "help":
                self.resume(Text("utter_help", {"city": self.world.city}))
            case _:
                self.resume(Text("utter_not_understood"))

    def tapped(self, code: Code) -> None:
        if code.screen != self.state.screen and code.verb in _OF_ONE_SCREEN:
            if not self.answered_before(code):
                self.resume(Text("utter_old_button"))
            return
        world, argument = self.world, code.argument
        self.tap = f"{code.verb}.{argument}"
        match code.verb:
            case Verb.ANSWER:
                slot, _, value = argument.partition("=")
                self.fill({slot: slot_value(slot, value)} if slot in SLOTS else {})
            case Verb.GROUP if any(group.id == argument for group in world.needs.groups):
                self.run("action_needs_of_group", group=argument)
            case Verb.SKIP:
                self.skip()
            case Verb.BACK:
                self.back()
            case Verb.RESTART:
                self.restart()
            case Verb.SHOW:
                self.show_offers()
            case Verb.MORE:
                self.run("action_more_offers")
            case Verb.CHANGE:
                self.change(argument)
            case Verb.SOS:
                self.sos()
            case Verb.MENU:
                self.say(Text("utter_menu"), rows=_MENU_ROWS)
            case Verb.LANGUAGES:
                self.ask_language()
            case Verb.LANGUAGE:
                self.set_language(unpack(argument).language)
                self.commands += in_language(self.message, self.language)
                self.resume(Text("utter_language_set", {"language": Text(f"language/{self.language}")}))
            case Verb.REMEMBER:
                self.command(Do.REMEMBER_LANGUAGE, language=self.language)
                self.resume(Text("utter_language_kept"))
            case Verb.PRIVACY:
                self.show_privacy()
            case Verb.MY_DATA:
                self.my_data()
            case Verb.FORGET:
                self.ask_forget()
            case Verb.FORGET_NOW:
                self.forget()
            case Verb.CLEAR:
                self.command(Do.CLEAR_CHAT)
                self.say(Text("utter_cleared"), rows=((choice("button_go_on", Verb.RESUME),),))
            case Verb.HELP:
                self.resume(Text("utter_help", {"city": world.city}))
            case Verb.HUMAN:
                self.run("action_talk_to_person")
            case Verb.WRONG_WHAT if argument.startswith(f"{OWN_WORDS}="):
                self.writes_about = argument.removeprefix(f"{OWN_WORDS}=")
                self.say(Text("utter_own_words"), rows=((choice("button_go_on", Verb.RESUME),),))
            case Verb.LISTEN:
                self.commands.append(play(argument))
            case Verb.RESUME:
                told = unpack(argument)
                if self.slots.get("need"):  # what a cry for help seems to be about takes no answer back
                    told = replace(told, facts={slot: v for slot, v in told.facts.items() if slot != "need"})
                if told.facts or told.offer:
                    self.open(told)
                else:
                    self.resume()
            case Verb.AGREE if self.state.screen <= 1:
                pass  # the second of two taps at once
            case _:
                self.resume(Text("utter_old_button"))

    def answered_before(self, code: Code) -> bool:
        """Whether this is the second of two quick taps: what it asks is done, there is nothing to say."""
        return code.screen == self.state.screen - 1 and self.state.tapped == f"{code.verb}.{code.argument}"

    def heard(self) -> None:
        """A text or a place."""
        said = self.message.understanding
        facts = facts_of(self.message, self.world)
        if facts.get("person") == Person.SELF and self.slots.get("person"):
            del facts["person"]  # said by the way; it does not take back an answer
        if self.requested in facts and len(self.message.text.split()) <= WORDS_OF_A_PLACE:
            facts = {self.requested: facts[self.requested]}  # a short answer answers what was asked
        match said.intent:
            case "greet" if not facts:
                self.resume(Text("utter_greet"))
            case "thanks" if not facts:
                self.say(Text("utter_thanks"), rows=((choice("button_go_on", Verb.RESUME),), *END_ROWS))
            case "change_language":
                self.ask_language()
            case "restart":
                self.restart()
            case "back":
                self.back()
            case "skip" if not facts:
                self.skip()
            case "human":
                self.run("action_talk_to_person")
            case "stop":
                self.stop()
            case "delete_data":
                self.ask_forget()
            case "help" if not facts:
                self.resume(Text("utter_help", {"city": self.world.city}))
            case "emergency_number":
                self.sos()
            case _ if facts:
                asked = self.requested
                self.fill(facts)
                if asked and asked == self.requested and self.replies:
                    heard = Text("utter_understood", {"summary": summary(facts)})
                    self.replies[0] = replace(self.replies[0], texts=(heard, *self.replies[0].texts))
            case _ if said.wishes:
                self.wish(said.wishes)
            case _:
                unclear = said.intent in ("need", "inform")
                self.resume(
                    Text(
                        "utter_not_understood" if unclear else "utter_out_of_scope", {"city": self.world.city}
                    )
                )

    # -- the form --

    def fill(self, facts: Mapping[str, Any]) -> None:
        """Gives the form what was told; it asks the next question or shows offers."""
        if "need" in facts and self.slots.get("need") and facts["need"] != self.slots["need"]:
            self.kept["shown"] = []
        events = [
            {"event": "slot", "timestamp": None, "name": slot, "value": value}
            for slot, value in facts.items()
            if slot in SLOTS
        ]
        before = self.slots
        self.slots = before | {event["name"]: event["value"] for event in events}
        self.run("validate_offer_form", events=events)
        for slot in facts:  # what the form refused does not wipe out an answer given before
            if self.slots.get(slot) is None and before.get(slot) is not None:
                self.slots[slot] = before[slot]
        self.ask_or_act()

    def ask_or_act(self) -> None:
        if self.requested:
            self.run(f"action_ask_{self.requested}")
        else:
            self.run("action_show_offers")

    def skip(self) -> None:
        if self.requested:
            self.kept["skipped"].append(self.requested)
            self.fill({})
        else:
            self.resume()

    def back(self) -> None:
        """To the question before; from the first one to the menu of needs."""
        asked: list[str] = self.kept["asked"]
        if self.requested and asked and asked[-1] == self.requested:
            asked.pop()
        previous = asked.pop() if asked else "need"
        self.slots.pop(previous, None)
        self.kept["skipped"] = [slot for slot in self.kept["skipped"] if slot != previous]
        self.requested = previous
        self.ask_or_act()

    def restart(self) -> None:
        self.forget_answers()
        self.say(Text("utter_restarted"))
        self.fill({})

    def forget_answers(self) -> None:
        self.slots = {}
        self.kept = {name: [] for name in self.kept}
        self.requested = None

    def show_offers(self) -> None:
        self.requested = None
        self.run("action_show_offers")

    def change(self, slot: str) -> None:
        """A button for every answer; tapping one asks that question again."""
        if slot in SLOTS:
            self.slots.pop(slot, None)
            for name in ("asked", "skipped"):
                self.kept[name] = [other for other in self.kept[name] if other != slot]
            self.requested = slot
            self.ask_or_act()
            return
        told = [slot for slot in SLOTS if slot in self.slots or slot in self.kept["skipped"]] or ["need"]
        buttons = [choice(f"change_{slot}", Verb.CHANGE, slot) for slot in told]
        self.say(Text("utter_change"), rows=(*in_rows(buttons, 2), *END_ROWS))

    def wish(self, wishes: frozenset[str]) -> None:
        if "more" in wishes:
            self.run("action_more_offers")
            return
        self.kept["wishes"] = sorted(set(self.kept["wishes"]) | wishes)
        if "nearer" in wishes and not self.slots.get("area"):
            self.requested = "area"
        self.say(Text("utter_wish_noted"))
        self.ask_or_act()

    # -- beside the form --

    def resume(self, first: Text | None = None) -> None:
        """A kind sentence, then where we were."""
        if self.requested or not self.kept["shown"]:
            if self.requested:
                self.ask_or_act()
            else:
                self.fill({})
            if first and self.replies:
                self.replies[0] = replace(self.replies[0], texts=(first, *self.replies[0].texts))
        else:
            texts = (first,) if first else ()
            self.say(
                *texts,
                Text("utter_your_answers", {"summary": self.answers()}),
                rows=((choice("button_show", Verb.SHOW), choice("button_change", Verb.CHANGE)), *END_ROWS),
            )

    def crisis(self, kind: Crisis) -> None:
        packed = Carried(facts_of(self.message, self.world)).pack()
        card = safety.card(
            kind,
            self.language,
            self.world,
            band=self.slots.get("age_band"),
            resume=coded(Verb.RESUME, packed),
        )
        self.replies.append(card)

    def sos(self) -> None:
        self.replies.append(safety.card(None, self.language, self.world, band=self.slots.get("age_band")))

    def ask_language(self) -> None:
        buttons = [choice(f"language/{code}", Verb.LANGUAGE, f"l{code}") for code in self.world.languages]
        remember = (choice("button_remember_language", Verb.REMEMBER),)
        go_on = (choice("button_go_on", Verb.RESUME), choice("button_sos", Verb.SOS))
        self.say(
            Text("utter_ask_language"),
            *awaiting(self.world),
            Text("utter_language_remembered"),
            rows=(*in_rows(buttons, 2), remember, go_on),
        )

    def set_language(self, language: str) -> None:
        if language in self.world.languages:
            self.language, self.chosen = language, True
            self.command(Do.SET_COMMANDS, language=language)

    def show_privacy(self) -> None:
        rows = (
            (choice("button_my_data", Verb.MY_DATA), choice("button_forget", Verb.FORGET)),
            (choice("button_clear", Verb.CLEAR), choice("button_go_on", Verb.RESUME)),
        )
        self.say(*privacy(self.world), rows=rows)

    def my_data(self) -> None:
        texts = [
            Text("utter_my_data", {"summary": self.answers(), "language": Text(f"language/{self.language}")}),
            Text("utter_my_data_until", {"hours": self.world.retention_hours}),
        ]
        self.say(*texts, *kept_texts(self.message), rows=FORGET_ROWS)

    def ask_forget(self) -> None:
        self.say(Text("utter_ask_forget"), rows=FORGET_NOW_ROWS)

    def forget(self) -> None:
        self.command(Do.CLEAR_CHAT)
        self.command(Do.FORGET)
        self.say(Text("utter_forgotten"))

    def stop(self) -> None:
        if stopped := stop(self.message, self.world):
            self.take_said(*stopped)
        else:
            self.say(Text("utter_stopped"), rows=FORGET_ROWS)

    def take_said(self, replies: tuple[Reply, ...], commands: tuple[Command, ...]) -> None:
        self.replies += replies
        self.commands += (command for command in commands if not self.said_before(command))

    def said_before(self, command: Command) -> bool:
        """Whether this is what the person said to be wrong already; takes note of it."""
        what = str(command.values.get("what", ""))
        if command.do is not Do.REPORT or not what.startswith(WRONG):
            return False
        said = f"{what.removeprefix(WRONG)}={command.values['offer']}"
        if said in self.reported:
            return True
        self.reported = (*self.reported, said)[-MOST_REPORTED:]
        return False

    def note_words(self, offer: str) -> None:
        """What somebody writes about an offer is for the coordinator; it changes nothing else."""
        self.command(Do.NOTE_WORDS, offer=offer, words=self.message.text[:LONGEST_WORDS])
        self.say(Text("utter_report_thanks"), rows=((choice("button_go_on", Verb.RESUME),),))

    # -- how things are said and done --

    def answers(self) -> tuple[Text, ...]:
        """The answers given so far, or that there are none."""
        return summary(self.slots) or (Text("nothing_yet"),)

    def say(self, *texts: Text, rows: tuple[tuple[Choice, ...], ...] = ()) -> None:
        self.replies.append(Reply(texts, rows=rows))

    def command(self, do: Do, **values: Any) -> None:
        self.commands.append(Command(do, values))

    def run(self, action: str, *, events: list[dict[str, Any]] | None = None, **entities: str) -> None:
        """Runs one action as a Rasa server would: a tracker goes in, events and messages come out.

        Actions do no I/O, so the coroutine ends at its first step.
        """
        slots = dict.fromkeys(SLOTS) | self.slots | self.kept | {"language": self.language}
        call = {
            "next_action": action,
            "sender_id": "",
            "tracker": {
                "sender_id": "",
                "slots": slots,
                "events": list(events or ()),
                "latest_message": {
                    "text": "",
                    "intent": {"name": self.message.understanding.intent},
                    "entities": [{"entity": name, "value": value} for name, value in entities.items()],
                },
                "active_loop": {"name": "offer_form"},
            },
            "domain": domain() | {WORLD: self.world},
        }
        outcome = _finish(_executor().run(call))
        for event in outcome.events:
            if event["event"] == "slot":
                self.take_slot(event["name"], event["value"])
        for response in outcome.responses:
            custom = response["custom"]
            if "reply" in custom:
                self.replies.append(custom["reply"])
            else:
                self.commands.append(custom["command"])

    def take_slot(self, name: str, value: Any) -> None:
        if name == "requested_slot":
            self.requested = value
        elif name in self.kept:
            self.kept[name] = list(value)
        elif value is None:
            self.slots.pop(name, None)
        else:
            self.slots[name] = value


_FOR_THE_BOT = ("stop", "delete_data", "emergency_number")
"""What is never meant for the coordinator."""
_OF_ONE_SCREEN = frozenset({Verb.ANSWER, Verb.GROUP, Verb.SKIP, Verb.BACK, Verb.MORE})
FORGET_ROWS = ((choice("button_forget", Verb.FORGET), choice("button_go_on", Verb.RESUME)),)
FORGET_NOW_ROWS = ((choice("button_forget_now", Verb.FORGET_NOW), choice("button_go_on", Verb.RESUME)),)
_MENU_ROWS = (
    (choice("button_go_on", Verb.RESUME), choice("button_restart", Verb.RESTART)),
    (choice("button_plan", Verb.PLAN), choice("button_news", Verb.NEWS)),
    (choice("button_helper", Verb.SIDE_BY_SIDE),),
    (choice("button_human", Verb.HUMAN), choice("button_sos", Verb.SOS)),
    (choice("button_language", Verb.LANGUAGES), choice("button_privacy", Verb.PRIVACY)),
    (choice("button_my_data", Verb.MY_DATA), choice("button_forget", Verb.FORGET)),
    (choice("button_clear", Verb.CLEAR), choice("button_help", Verb.HELP)),
)


def _finish(coroutine: Any) -> Any:
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise RuntimeError("an action of the conversation waited for I/O")
