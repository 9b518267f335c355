"""One turn of the conversation: `take_turn(state, message, world) → Turn`.

Order: crisis, then what needs no consent, then commands and buttons, then the form. Pure: no I/O, no clock; what is
to be done outside comes back as commands.
"""

from __future__ import annotations

from dataclasses import replace

from bot.conversation import safety
from bot.conversation.actions import in_rows, summary
from bot.conversation.apart import said_apart
from bot.conversation.codes import Carried, Code, Verb, parse, unpack
from bot.conversation.state import SLOTS, State
from bot.conversation.under_way import (
    FORGET_NOW_ROWS,
    FORGET_ROWS,
    Turn,
    UnderWay,
    awaiting,
    coded,
    facts_of,
    in_language,
    kept_texts,
    parse_start,
    play,
    privacy,
    slot_value,
    stop,
)
from bot.conversation.vocabulary import Choice, Command, Do, Kind, Message, Reply, Text, World
from bot.offers.model import Crisis
from nlu.values import Understanding

OTHER_SURE = 0.8
"""Least probability at which somebody is told that their language is not spoken here: "hello" is no proof."""
LANGUAGE_POSSIBLE = 0.1
"""Least probability at which a language is worth asking about; when only one is left, nothing is asked."""


_CARRYING = frozenset(
    (Verb.AGREE, Verb.RESUME, Verb.SOS, Verb.LANGUAGE, Verb.LANGUAGES, Verb.PRIVACY, Verb.HELP)
)
"""Verbs whose argument is what the first message told."""


def take_turn(state: State | None, message: Message, world: World) -> Turn:
    """What this message leads to.

    Nothing is stored (state None) until the person agreed to the notice; what was told until then travels in the
    codes of the buttons.
    """
    if state is None:
        return _before_consent(message, world)
    apart = said_apart(message, state.language, state.slots, world)
    return UnderWay(state, message, world).take(apart)


# --- before consent ---------------------------------------------------------------------------------------------


def _before_consent(message: Message, world: World) -> Turn:
    code = parse(message.code) if message.code else None
    verb = code.verb if code else None
    said = message.understanding
    if code and verb is Verb.LISTEN:
        return Turn(None, (), (play(code.argument),), world.main_languages[0])
    told = _told(message, code, world)
    kept = message.plan or message.subscription
    if told.language not in world.languages:
        guessed = kept.language if kept and not message.text else _heard(said, world)
        told = replace(told, language=guessed, chosen=False)
    if kept and not told.language:
        told = replace(told, language=kept.language)
    language = told.language or None
    packed = told.pack()

    if kind := said.crisis:
        language = language or safety.likely_language(said, world)
        band = told.facts.get("age_band")
        card = safety.card(Crisis(kind), language, world, band=band, resume=coded(Verb.RESUME, packed))
        return _unstored(card, language, world)
    if verb is Verb.SOS or message.command == "sos" or said.intent == "emergency_number":
        return _unstored(
            safety.card(None, language, world, resume=coded(Verb.RESUME, packed)), language, world
        )
    all_languages = verb is Verb.LANGUAGES or message.command == "language"
    if language is None or all_languages:
        return _unstored(_ask_language(message, told, world, all_languages), language, world)
    if verb is Verb.AGREE:
        return _begin(language, told, message, world)
    if beyond := _beyond_conversation(message, code, language, world):
        return beyond
    notice = _unstored(_notice(message, verb, told, world), language, world)
    if verb is Verb.LANGUAGE:
        notice = replace(notice, commands=in_language(message, language))
    return replace(notice, chosen=told.chosen)


def _beyond_conversation(message: Message, code: Code | None, language: str, world: World) -> Turn | None:
    """What can be done without a conversation, for it is kept apart from it."""
    verb = code.verb if code else None
    asked = message.command or message.understanding.intent
    if apart := said_apart(message, language, None, world):
        return Turn(None, *apart, language)
    kept = message.subscription or message.plan or message.remembered_language
    stopped = stop(message, world) if asked == "stop" else None
    if stopped:
        replies, commands = stopped
    elif kept and (verb is Verb.MY_DATA or asked == "mydata"):
        replies, commands = (Reply(kept_texts(message), rows=FORGET_ROWS),), ()
    elif kept and (verb is Verb.FORGET or asked == "delete_data"):
        replies, commands = (Reply((Text("utter_ask_forget"),), rows=FORGET_NOW_ROWS),), ()
    elif kept and (verb is Verb.FORGET_NOW or asked == "forget"):
        replies = (Reply((Text("utter_forgotten"),)),)
        commands = (Command(Do.CLEAR_CHAT), Command(Do.FORGET))
    else:
        return None
    return Turn(None, replies, commands, language)


def _heard(said: Understanding, world: World) -> str:
    """The language to write in; "" when the person must be asked."""
    if said.language in world.languages:
        return said.language or ""
    possible = [code for code in _likely(said, world) if code]
    return possible[0] if len(possible) == 1 else ""


def _likely(said: Understanding, world: World) -> list[str]:
    """The languages that may be meant, likeliest first; what is not spoken here counts as one without a name."""
    likely: list[str] = []
    for code, probability in said.candidates:
        if probability >= LANGUAGE_POSSIBLE:
            likely += ["prs", "fa"] if code == "fas" else [code if code in world.languages else ""]
    return [code for code in likely if not code or code in world.languages]


def _told(message: Message, code: Code | None, world: World) -> Carried:
    """What is known before anything is stored: from a link, a tapped button, or the text."""
    if message.handed_over is not None:
        return message.handed_over
    if message.start is not None:
        return parse_start(message.start)
    if code is not None and code.verb is Verb.ANSWER:  # a question of a conversation that has expired
        slot, _, value = code.argument.partition("=")
        return Carried({slot: slot_value(slot, value)} if slot in SLOTS else {})
    if code is not None:
        return unpack(code.argument) if code.verb in _CARRYING else Carried()
    return Carried(facts_of(message, world))


def _is_over(message: Message) -> bool:
    """Whether a link that handed answers over was used already or has expired."""
    return message.handed_over is not None and not message.handed_over.language


def _unstored(reply: Reply, language: str | None, world: World) -> Turn:
    return Turn(None, (reply,), (), language or world.main_languages[0])


def _notice(message: Message, verb: Verb | None, told: Carried, world: World) -> Reply:
    packed = told.pack()
    notice = Text(
        "utter_notice",
        {"operator": world.operator.name, "city": world.city, "hours": world.retention_hours},
    )
    texts: tuple[Text, ...] = (notice,)
    if told.facts:
        texts = (Text("utter_understood", {"summary": summary(told.facts)}), notice)
    match message.kind:
        case _ if _is_over(message):
            texts = (Text("utter_hand_over_closed"), *texts)
        case Kind.VOICE:
            texts = (Text("utter_voice"), *texts)
        case Kind.PICTURE:
            texts = (Text("utter_picture"), *texts)
        case _ if verb is Verb.PRIVACY or message.command == "privacy":
            texts = privacy(world)
        case _ if verb in (Verb.MY_DATA, Verb.FORGET, Verb.FORGET_NOW) or message.command in (
            "mydata",
            "forget",
        ):
            texts = (Text("utter_nothing_stored"),)
        case _ if verb is Verb.HELP or message.command == "help" or message.understanding.intent == "help":
            texts = (Text("utter_help", {"city": world.city}), notice)
        case _:
            pass
    rows = (
        (Choice(Text("button_agree"), code=coded(Verb.AGREE, packed)),),
        (
            Choice(Text("button_language"), code=coded(Verb.LANGUAGES, packed)),
            Choice(Text("button_sos"), code=coded(Verb.SOS, packed)),
        ),
        (
            Choice(Text("button_privacy"), code=coded(Verb.PRIVACY, packed)),
            Choice(Text("button_help"), code=coded(Verb.HELP, packed)),
        ),
    )
    return Reply(texts, rows=rows)


def _ask_language(message: Message, told: Carried, world: World, everything: bool) -> Reply:
    """The question in the likeliest languages' own words; "other" leads to the whole list."""
    likely = [code for code in _likely(message.understanding, world) if code][:3]
    only_persian = bool(message.understanding.candidates) and message.understanding.candidates[0][0] == "fas"
    if everything or not likely:
        offered: tuple[str, ...] = world.languages
        spoken = world.main_languages
    else:
        offered = tuple(likely[:2] if only_persian else likely)
        spoken = offered
    candidates = message.understanding.candidates
    unsupported = bool(candidates) and candidates[0][0] == "other" and candidates[0][1] >= OTHER_SURE
    name = "utter_language_unknown" if unsupported and not everything else "utter_ask_language"
    buttons = [
        Choice(
            Text(f"language/{code}"),
            code=coded(Verb.LANGUAGE, replace(told, language=code, chosen=True).pack()),
        )
        for code in offered
    ]
    rows = in_rows(buttons, 2)
    if offered != world.languages:
        rows += ((Choice(Text("button_other_language"), code=coded(Verb.LANGUAGES, told.pack())),),)
    sos = Choice(Text("button_sos"), code=coded(Verb.SOS, told.pack()))
    texts: tuple[Text, ...] = (Text(name),)
    if message.kind is Kind.VOICE:
        texts = (Text("utter_voice"), *texts)
    if _is_over(message):
        texts = (Text("utter_hand_over_closed"), *texts)
    if message.command == "language":
        texts += awaiting(world)
    return Reply(texts, rows=(*rows, (sos,)), languages=spoken)


def _begin(language: str, told: Carried, message: Message, world: World) -> Turn:
    state = State(language, chosen=told.chosen, evidence=message.understanding.evidence)
    turn = UnderWay(state, message, world)
    turn.command(Do.SET_COMMANDS, language=language)
    turn.open(told)
    return turn.result()
