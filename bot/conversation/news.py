"""News by subscription: age, topics, area, consent. Stateless: what was chosen travels in the codes of the buttons.

So nothing is kept before "yes", and it works whether or not a conversation is under way. Pure, as all of the heart.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bot.conversation.actions import END_ROWS, choice, in_rows
from bot.conversation.codes import Verb
from bot.conversation.safety import youth_lines
from bot.conversation.vocabulary import Choice, Command, Do, Reply, Subscription, Text, World

NEWS_TOPICS = ("groups", "courses", "women", "youth", "emergencies")
"""Topics beside the groups of needs."""
CONSENT_VERSION = 1
"""Version of `utter_news_consent`: counted up when its meaning changes; kept with each subscription."""
KEPT_DAYS = 365  # SAFETY §3: a subscription lapses after 12 months unless renewed
START, OLDER, YOUNGER, TOPICS, AREAS, CONSENT, KEEP, STOP, RENEW = "", "o", "u", "t", "a", "c", "k", "x", "r"
"""The first letter of a code's argument: which step it leads to."""
GO_ON = (choice("button_go_on", Verb.RESUME),)
_Said = tuple[tuple[Reply, ...], tuple[Command, ...]]


def topics(world: World) -> tuple[str, ...]:
    """All topics that news can have, in the order of the buttons: the places of bits in a code."""
    return (*(group.id for group in world.needs.groups), *NEWS_TOPICS)


def topic_text(topic: str) -> Text:
    """A topic's name."""
    return Text(f"topic_{topic}" if topic in NEWS_TOPICS else f"group/{topic}")


def step(argument: str, language: str, subscription: Subscription | None, world: World) -> _Said:
    """What a tapped button of this verb leads to: messages, and what is to be done outside."""
    kind, rest = argument[:1], argument[1:]
    chosen_topics, _, chosen_areas = rest.partition("-")
    all_topics, all_areas = topics(world), [area.id for area in world.places.areas]
    wanted, where = _of_bits(chosen_topics, all_topics), _of_bits(chosen_areas, all_areas)
    match kind:
        case "o" | "t":
            return (_ask_topics(wanted, all_topics, replaces=kind == TOPICS),), ()
        case "u":
            return (_for_the_young(language, world),), ()
        case "a" if wanted:
            return (_ask_areas(wanted, where, all_topics, all_areas),), ()
        case "c" if wanted:
            return (_ask_consent(wanted, where, world, rest),), ()
        case "k" if wanted:
            return _keep(wanted, where, language, world)
        case "x":
            return stop(rest)
        case "r" if subscription:
            return _renew(subscription, world)
        case _:
            return (start(subscription),), ()


def start(subscription: Subscription | None) -> Reply:
    """What is subscribed to, or the question that comes first (SAFETY §4)."""
    if subscription:
        values = {"topics": _names(subscription.topics), "date": subscription.lapses_on}
        rows = (
            (choice("button_news_change", Verb.NEWS, OLDER), choice("button_news_stop", Verb.NEWS, STOP)),
        )
        return Reply((Text("utter_news_now", values),), rows=(*rows, GO_ON))
    rows = ((choice("button_older", Verb.NEWS, OLDER), choice("button_younger", Verb.NEWS, YOUNGER)),)
    return Reply((Text("utter_news_age"), Text("utter_news_age_why")), rows=(*rows, GO_ON))


def stop(announcement: str = "") -> _Said:
    """Ends the subscription; `announcement` is the one under which "stop" was tapped."""
    return (
        (Reply((Text("utter_news_off"),), rows=(GO_ON,)),),
        (Command(Do.UNSUBSCRIBE, {"announcement": announcement}),),
    )


def summary(subscription: Subscription) -> Text:
    """All that is kept of a subscription, for /mydata."""
    return Text(
        "utter_my_data_news",
        {
            "topics": _names(subscription.topics),
            "areas": _where(subscription.areas),
            "language": Text(f"language/{subscription.language}"),
            "agreed": subscription.consented_on,
            "until": subscription.lapses_on,
        },
    )


def _for_the_young(language: str, world: World) -> Reply:
    lines = tuple(line.id for line in youth_lines(language, world))
    return Reply((Text("utter_news_young"),), helplines=lines, rows=(GO_ON, *END_ROWS))


def _ask_topics(wanted: Sequence[str], every: Sequence[str], *, replaces: bool) -> Reply:
    buttons = [
        Choice(
            topic_text(topic),
            f"{Verb.NEWS}.{TOPICS}{_bits(_toggled(wanted, topic), every)}",
            on=topic in wanted,
        )
        for topic in every
    ]
    rows = in_rows(buttons, 2)
    if wanted:
        rows += ((choice("button_next", Verb.NEWS, f"{AREAS}{_bits(wanted, every)}-0"),),)
    return Reply((Text("utter_news_topics"),), rows=(*rows, GO_ON), replaces=replaces)


def _ask_areas(
    wanted: Sequence[str], where: Sequence[str], every_topic: Sequence[str], every_area: Sequence[str]
) -> Reply:
    packed = _bits(wanted, every_topic)
    buttons = [
        Choice(
            Text(f"area/{area}"),
            f"{Verb.NEWS}.{AREAS}{packed}-{_bits(_toggled(where, area), every_area)}",
            on=area in where,
        )
        for area in every_area
    ]
    label = "button_next" if where else "button_whole_city"
    go = choice(label, Verb.NEWS, f"{CONSENT}{packed}-{_bits(where, every_area)}")
    return Reply((Text("utter_news_areas"),), rows=(*in_rows(buttons, 2), (go,), GO_ON), replaces=True)


def _ask_consent(wanted: Sequence[str], where: Sequence[str], world: World, packed: str) -> Reply:
    values = {"topics": _names(wanted), "areas": _where(where), "operator": world.operator.name}
    rows = ((choice("button_news_yes", Verb.NEWS, f"{KEEP}{packed}"),), GO_ON)
    return Reply((Text("utter_news_consent", values),), rows=rows, replaces=True)


def _keep(wanted: Sequence[str], where: Sequence[str], language: str, world: World) -> _Said:
    today = world.now.date()
    subscription = Subscription(
        language, frozenset(wanted), frozenset(where), CONSENT_VERSION, today, _lapses(today)
    )
    said = Text("utter_news_on", {"topics": _names(wanted), "date": subscription.lapses_on})
    return (Reply((said,), rows=(GO_ON,)),), (Command(Do.SUBSCRIBE, {"subscription": subscription}),)


def _renew(subscription: Subscription, world: World) -> _Said:
    until = _lapses(world.now.date())
    said = Reply((Text("utter_news_renewed", {"date": until}),), rows=(GO_ON,))
    return (said,), (Command(Do.RENEW, {"until": until}),)


def _lapses(today: date) -> date:
    return today + timedelta(days=KEPT_DAYS)


def _names(wanted: Sequence[str] | frozenset[str]) -> tuple[Text, ...]:
    return tuple(topic_text(topic) for topic in sorted(wanted))


def _where(areas: Sequence[str] | frozenset[str]) -> tuple[Text, ...]:
    return tuple(Text(f"area/{area}") for area in sorted(areas)) or (Text("news_whole_city"),)


def _toggled(chosen: Sequence[str], each: str) -> tuple[str, ...]:
    return tuple(other for other in chosen if other != each) if each in chosen else (*chosen, each)


def _bits(chosen: Sequence[str], every: Sequence[str]) -> str:
    return f"{sum(1 << place for place, each in enumerate(every) if each in chosen):x}"


def _of_bits(packed: str, every: Sequence[str]) -> tuple[str, ...]:
    """What the bits stand for; nothing for a forged code."""
    try:
        bits = int(packed or "0", 16)
    except ValueError:
        return ()
    return tuple(each for place, each in enumerate(every) if bits >> place & 1)
