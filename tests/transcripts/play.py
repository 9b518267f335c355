"""Plays a story against the conversation and writes down what is said: golden transcripts.

A story is a text file. Lines before the first `>` are its title (`#`) and settings (`key: value`); a line with `> `
is what the person does, everything below it is what the bot answered. `pytest --rewrite` writes the answers anew.

    > hello                     writes a text
    > [Skip]                    taps the last button with this label (pictogram not needed)
    > /start l-prs_n-sleep      sends a command
    > (place 50.08, 8.24)       shares a place; also (voice), (picture), (other)
    > (code 1.0.a.need=sleep)   taps an old or forged button
    > (days 3)                  nothing, for three days: what the plan says unasked comes
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.conversation import plans
from bot.conversation.engine import take_turn
from bot.conversation.state import State, from_json
from bot.conversation.under_way import Turn
from bot.conversation.vocabulary import Do, Kind, Message, Plan, Subscription, World
from bot.languages.render import Button, Rendered, render
from nlu.values import Hints, Understanding

Understand = Callable[[str, Hints], Understanding]


@dataclass
class Player:
    """One chat, without a messenger and without a store; the state is written and read again between all turns."""

    world: World
    understand: Understand
    app_language: str | None = None
    state: State | None = None
    buttons: list[Button] = field(default_factory=list)
    last: Turn | None = None
    known: str | None = None
    subscription: Subscription | None = None
    plan: Plan | None = None

    def send(self, message: Message) -> list[Rendered]:
        """One message, one turn."""
        state = self.state
        chosen = state.language if state and state.chosen else None if state else self.known
        hints = Hints(chosen, self.app_language, state.evidence if state else {})
        message = replace(
            message,
            app_language=self.app_language,
            understanding=self.understand(message.text, hints),
            subscription=self.subscription,
            plan=self.plan,
        )
        turn = take_turn(state, message, self.world)
        self.follow(turn)
        self.last = turn
        self.known = turn.language if turn.chosen else self.known
        self.state = from_json(turn.state.to_json()) if turn.state else None
        assert self.state == turn.state, "a state must survive being written and read"
        messages = [render(reply, turn.language, self.world) for reply in turn.replies]
        self.buttons += [button for message in messages for row in message.rows for button in row]
        return messages

    def follow(self, turn: Turn) -> None:
        """What is kept beyond the conversation."""
        for command in turn.commands:
            match command.do:
                case Do.KEEP_PLAN:
                    self.plan = command.values["plan"]
                case Do.ERASE_PLAN:
                    self.plan = None
                case Do.SUBSCRIBE:
                    self.subscription = command.values["subscription"]
                case Do.UNSUBSCRIBE:
                    self.subscription = None
                case Do.FORGET:
                    self.subscription = self.plan = None

    def act(self, line: str) -> list[Rendered]:
        """What a `> ` line of a story says."""
        if match := re.fullmatch(r"\(days (\d+)\)", line):
            return self.wait(timedelta(days=int(match[1])))
        return self.send(self.message(line))

    def wait(self, time: timedelta) -> list[Rendered]:
        """Nobody writes, and the conversation is erased meanwhile; says what is due at the end of it."""
        self.world, self.state = replace(self.world, now=self.world.now + time), None
        messages = []
        while self.plan and (at := plans.due(self.plan, self.world.now.tzinfo)) and at <= self.world.now:
            reply, self.plan = plans.unasked(self.plan, self.world)
            messages += [render(reply, self.plan.language, self.world)] if reply else []
        self.buttons += [button for message in messages for row in message.rows for button in row]
        return messages

    def message(self, line: str) -> Message:
        if line.startswith("[") and line.endswith("]"):
            return Message(Kind.BUTTON, code=self.code_of(re.sub("[\u2066-\u2069\u200f]", "", line[1:-1])))
        if match := re.fullmatch(r"\((\w+)(?: (.*))?\)", line):
            kind, value = match.groups()
            if kind == "code":
                return Message(Kind.BUTTON, code=value)
            if kind == "place":
                latitude, longitude = value.split(",")
                return Message(Kind.PLACE, place=(float(latitude), float(longitude)))
            return Message(Kind(kind))
        if line.startswith("/start"):
            return Message(Kind.TEXT, start=line.removeprefix("/start").strip())
        if line.startswith("/"):
            return Message(Kind.TEXT, command=line[1:])
        return Message(Kind.TEXT, text=line.replace("\\n", "\n"))

    def code_of(self, label: str) -> str:
        """The code of the last shown button whose label is, or ends with, these words."""
        for button in reversed(self.buttons):
            shown = re.sub("[\u2066-\u2069\u200f]", "", button.label)
            if button.code and (shown == label or shown.endswith(f" {label}")):
                return button.code
        labels = [button.label for button in self.buttons[-20:]]
        raise AssertionError(f"no button {label!r} among {labels}")


def written(message: Rendered) -> Iterator[str]:
    """A message as lines of a transcript; buttons as the person sees them, addresses shortened to their kind."""
    for line in message.html.split("\n"):
        yield f"  {line}".rstrip()
    for row in message.rows:
        yield "  " + " ".join(f"[{button.label}{_mark(button)}]" for button in row)


def _mark(button: Button) -> str:
    return " ↗" if button.url else " ⧉" if button.copy else ""


@dataclass(frozen=True)
class Story:
    """A transcript file, taken apart."""

    path: Path
    title: str
    settings: dict[str, str]
    actions: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> Story:
        title, settings, actions = "", {}, []
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("> "):
                actions.append(line[2:].strip())
            elif line.startswith("# ") and not title:
                title = line[2:]
            elif not actions and ": " in line:
                key, _, value = line.partition(": ")
                settings[key] = value
        return cls(path, title, settings, tuple(actions))

    def play(self, world: World, understand: Understand) -> str:
        """The whole transcript as it comes out now."""
        if "now" in self.settings:
            now = datetime.fromisoformat(self.settings["now"]).replace(tzinfo=world.now.tzinfo)
            world = replace(world, now=now)
        player = Player(world, understand, app_language=self.settings.get("app"))
        lines = [f"# {self.title}", *(f"{key}: {value}" for key, value in self.settings.items())]
        for action in self.actions:
            lines += ["", f"> {action}"]
            for message in player.act(action):
                lines += ["", *written(message)]
        return "\n".join(lines) + "\n"
