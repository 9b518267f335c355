"""Crisis before everything: the card with ways to help, built from data alone.

Needs no state, no store and no network (SAFETY §1): `card` is called with whatever is known at that moment.
"""

from __future__ import annotations

from bot.conversation.codes import Verb
from bot.conversation.vocabulary import Choice, Reply, Text, World
from bot.offers.hours import status
from bot.offers.model import Crisis, Offer
from nlu.values import Understanding

WAYS, WAYS_SOS = 5, 8
"""Numbers shown on one card at most: enough to have a choice, few enough to be read under strain. The SOS button says
nothing of what happened, so its card has more.
"""
SURE_ENOUGH = 0.5

MINOR_BANDS = ("child", "youth")


def ways_to_help(
    kind: Crisis | None, language: str | None, band: str | None, world: World
) -> tuple[Offer, ...]:
    """The helplines for this kind of crisis (None: for every kind), best first.

    The emergency numbers that always answer come first, then what is open now and speaks the language.
    """
    years = {"child": 10, "youth": 16}.get(band or "", 30)

    def fits(line: Offer) -> bool:
        young_enough = line.max_age is None or years <= line.max_age
        spoken = (language is not None and line.speaker(language)) or line.speaker("de") or not line.languages
        return bool(line.crisis if kind is None else kind in line.crisis) and young_enough and bool(spoken)

    def rank(line: Offer) -> tuple[bool, bool, bool, bool, str]:
        open_now = line.opening_hours is not None and status(line.opening_hours, world.now).open
        speaks = language is not None and line.speaker(language) is not None
        emergency = any(phone.number in ("112", "110") for phone in line.phones)
        for_me = band in MINOR_BANDS and line.max_age is not None
        return (not emergency, not open_now, not for_me, not speaks, line.id)

    return tuple(sorted(filter(fits, world.helplines), key=rank))[: WAYS if kind else WAYS_SOS]


def youth_lines(language: str, world: World) -> tuple[Offer, ...]:
    """The helplines made for young people."""
    return tuple(line for line in ways_to_help(None, language, "youth", world) if line.max_age is not None)


def likely_language(said: Understanding, world: World) -> str | None:
    """The language of a card when the person was not asked yet: a guess is better than four languages at once."""
    for code, probability in said.candidates[:1]:
        spoken = "prs" if code == "fas" else code
        if probability >= SURE_ENOUGH and spoken in world.languages:
            return spoken
    return None


def card(
    kind: Crisis | None, language: str | None, world: World, *, band: str | None = None, resume: str = ""
) -> Reply:
    """The crisis card; `kind` None is the SOS button. `resume` is the code of "I am safe, go on".

    Without a language the texts stand in the network's main languages.
    """
    lines = ways_to_help(kind, language, band, world)
    resume = resume or f"{Verb.RESUME}."
    return Reply(
        texts=(Text(f"utter_crisis_{kind or 'sos'}"), Text("utter_crisis_say")),
        helplines=tuple(line.id for line in lines),
        rows=((Choice(Text("button_safe"), code=resume),),),
        languages=() if language else world.main_languages,
    )
