"""The plan: offers that somebody wants to reach, the next step, a reminder, and the question whether it worked.

Kept only by consent. What is chosen on the way travels in the codes of the buttons, so a plan works also when its
conversation has long been erased. What is said unasked tells nothing on a locked screen. Pure, as all of the heart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from bot.conversation.actions import END_ROWS, card, card_rows, cell, choice, in_rows
from bot.conversation.codes import Verb
from bot.conversation.forms import query_of
from bot.conversation.safety import youth_lines
from bot.conversation.vocabulary import Answer, Choice, Command, Do, Plan, Reply, Saved, Step, Text, World
from bot.offers.model import Match

CONSENT_VERSION = 1
"""Version of `utter_plan_consent`: counted up when its meaning changes; kept with each plan."""
QUESTION_DAYS = (3, 14, 42)
"""Days after the next step on which one question is asked."""
KEPT_DAYS = 90
"""How long a plan is kept after its end."""
MOST_SAVED = 5
REMIND_AT, REMIND_BEFORE_AT = time(10), time(17)
"""Local time of reminders and questions, and of the reminder on the day before an appointment: never at night."""
SHORTLY_BEFORE = timedelta(hours=2)
TOO_LATE = timedelta(days=1)
"""A reminder that could not be sent for so long is left out: the question still comes."""
DAYS_A_SCREEN, SCREENS_OF_DAYS = 10, 6
AWAKE_FROM, AWAKE_UNTIL = time(8), time(21)
"""No reminder shortly before an appointment outside these hours: it would come too late."""
_WHEN, _SCREENS = frozenset("0137"), frozenset("012345")
FIRST_HOUR, LAST_HOUR, MINUTES = 7, 20, 5
STEPS = {step.value[0]: step for step in Step}
ANSWERS = dict(zip("rnflwx", Answer, strict=True))
ENDING = (Answer.REACHED, Answer.NOT_RIGHT, Answer.NOT_NEEDED)
"""After these nothing more is asked about an offer."""
_SAID = {
    Answer.REACHED: "utter_plan_reached",
    Answer.NOBODY: "utter_plan_nobody",
    Answer.FULL: "utter_plan_waiting",
    Answer.LANGUAGE: "utter_plan_no_language",
    Answer.NOT_RIGHT: "utter_plan_not_right",
    Answer.NOT_NEEDED: "utter_plan_not_needed",
}
OLDER, YOUNGER, YES, WHEN, KEEP, DAY, HOUR, MINUTE, AT = "o", "u", "y", "w", "k", "d", "h", "m", "t"
PLACE, LOOK, CHANGE, TELL, ANSWERED, REMOVE, QUIET, ERASE = "p", "l", "s", "a", "r", "x", "q", "e"
"""The first letter of a code's argument: which step it leads to."""
_GO_ON = (choice("button_go_on", Verb.RESUME),)
_Said = tuple[tuple[Reply, ...], tuple[Command, ...]]


def begin(offer: str, plan: Plan | None, world: World) -> _Said:
    """What "put on my plan" below a card leads to."""
    if world.directory.get(offer) is None:
        return (Reply((Text("utter_offer_gone"),), rows=(_GO_ON,)),), ()
    if plan is None:
        rows = ((_go("button_older", OLDER, offer), _go("button_younger", YOUNGER, offer)), _GO_ON)
        return (Reply((Text("utter_news_age"), Text("utter_plan_age_why")), rows=rows),), ()
    if _saved(plan, offer):
        return (_ask_what(offer),), ()
    if len(plan.saved) >= MOST_SAVED:
        return (Reply((Text("utter_plan_full"),), rows=_saved_rows(plan)),), ()
    return (_ask_step(offer),), ()


def step(argument: str, language: str, plan: Plan | None, world: World) -> _Said:
    """What a tapped button of this verb leads to, but an answer: messages, and what is to be done outside."""
    kind, rest = argument[:1], argument[1:]
    match kind:
        case "o" if plan is None:
            return (_ask_consent(rest, world),), ()
        case "u":
            return (_for_the_young(language, world),), ()
        case "y":
            agreed = plan or Plan(language, CONSENT_VERSION, world.now.date())
            return (_ask_step(rest, replaces=True),), (Command(Do.KEEP_PLAN, {"plan": agreed}),)
    saved = _saved(plan, rest)
    if plan is None or (saved is None and kind in (PLACE, LOOK, CHANGE, TELL, REMOVE)):
        return (show(plan),), ()  # also for buttons of a plan that was erased: it needs a new consent
    match kind:
        case "s":
            return (_ask_step(rest, replaces=True),), ()
        case "w" if rest[:1] in STEPS:
            return (_ask_when(STEPS[rest[:1]], rest[1:], world),), ()
        case "k" if rest[:1] in STEPS and rest[1:2] in _WHEN:
            return _keep(STEPS[rest[:1]], int(rest[1]), rest[2:], plan, world)
        case "d" if rest[:1] in _SCREENS:
            return (_ask_day(int(rest[0]), rest[1:], world),), ()
        case "h" | "m" | "t":
            return _appointment(kind, rest, language, plan, world)
        case "p":
            return (_ask_what(rest),), ()
        case "l":
            return _look(rest, world), ()
        case "a":
            return (_ask_answer(rest),), ()
        case "x":
            return _without(plan, rest)
        case "q":
            return quiet(plan, world)
        case "e":
            return (Reply((Text("utter_plan_erased"),), rows=(_GO_ON,)),), (Command(Do.ERASE_PLAN),)
    return (show(plan),), ()


def answer(letter_and_offer: str, plan: Plan | None, slots: Mapping[str, Any], world: World) -> _Said:
    """What somebody says of an offer on their plan: it leads on, and is counted for the coordinator.

    `slots` are the answers of the conversation, if one is under way: they make the next offer fit better, and tell
    the cell of the statistics.
    """
    said, saved = ANSWERS.get(letter_and_offer[:1]), _saved(plan, letter_and_offer[1:])
    if plan is None or saved is None or said is None:
        return (show(plan),), ()
    today = world.now.date()
    over = said in ENDING or saved.asked == len(QUESTION_DAYS)
    new = said not in (*saved.counted, saved.answer)
    counted = (*saved.counted, said) if new else saved.counted
    after = replace(saved, answer=said, ended_on=today if over else None, counted=counted)
    commands = [Command(Do.KEEP_PLAN, {"plan": _with(plan, after)})]
    if new:
        commands.append(Command(Do.REPORT, {"offer": saved.offer, "what": str(said)}))
        values = cell(slots, plan.language, world) | {"answer": str(said)}
        commands.append(Command(Do.COUNT_ANSWER, values))
    texts, replies = [Text(_SAID[said])], []
    rows: tuple[tuple[Choice, ...], ...] = ((choice("button_plan", Verb.PLAN),), *END_ROWS)
    if said in (Answer.NOBODY, Answer.LANGUAGE):
        rows = ((choice("button_door_opener", Verb.CARD, f"={saved.offer}"),), *rows)
    if said not in (Answer.REACHED, Answer.NOT_NEEDED):
        other = _next_best(saved, plan, slots, world, spoken=said is Answer.LANGUAGE)
        if other:
            replies.append(Reply(card=card(other), rows=card_rows(other.offer, world)))
        else:
            texts.append(Text("utter_plan_no_other"))
    return (Reply(tuple(texts), rows=rows), *replies), tuple(commands)


def show(plan: Plan | None) -> Reply:
    """What is on the plan, a line and a button each."""
    if plan is None or not plan.saved:
        return Reply((Text("utter_plan_empty"),), rows=(_GO_ON,))
    last = [_go("button_plan_erase", ERASE)]
    if plan.quiet_since is None:
        last.insert(0, _go("button_plan_quiet", QUIET))
    lines = tuple(_line(saved) for saved in plan.saved)
    return Reply((Text("utter_plan_show"), *lines), rows=(*_saved_rows(plan), tuple(last), _GO_ON))


def summary(plan: Plan) -> Text:
    """All that is kept of a plan, for /mydata."""
    places = tuple(_line(saved) for saved in plan.saved)
    return Text("utter_my_data_plan", {"places": places, "agreed": plan.consented_on})


# -- when something is said unasked, and when all is erased -------------------------------------------------------


def due(plan: Plan, zone: tzinfo | None) -> datetime | None:
    """When something is to be said next, aware, by the clocks of this zone; None when nothing is."""
    times = [at for saved in plan.saved if (at := _due(saved, plan, zone))]
    return min(times, default=None)


def erased_on(plan: Plan) -> date:
    """The day on which the plan is erased: 90 days after its end.

    It ends with the last of its offers, or when the person wants to hear no more.
    """
    last = plan.quiet_since or max(
        (saved.ended_on or saved.since + timedelta(days=QUESTION_DAYS[-1]) for saved in plan.saved),
        default=plan.consented_on,
    )
    return last + timedelta(days=KEPT_DAYS)


def unasked(plan: Plan, world: World) -> tuple[Reply | None, Plan]:
    """What is to be said now, and the plan after it; no reply when its time has passed meanwhile."""
    waiting = [
        (at, saved) for saved in plan.saved if (at := _due(saved, plan, world.now.tzinfo)) and at <= world.now
    ]
    if not waiting:
        return None, plan
    at, saved = min(waiting, key=lambda one: one[0])
    today = world.now.date()
    if saved.remind_at:
        over = world.now - at > TOO_LATE or (saved.at is not None and saved.at <= world.now)
        return None if over else _remind(saved), _with(plan, replace(saved, remind_at=None))
    asked = sum(saved.since + timedelta(days=days) <= today for days in QUESTION_DAYS)
    ended = today if asked == len(QUESTION_DAYS) else None
    return _question(saved), _with(plan, replace(saved, asked=asked, ended_on=ended))


def merged(plan: Plan, other: Plan) -> Plan:
    """The plan with the progress that another copy of it made meanwhile: what was said once is not said again."""

    def one(saved: Saved) -> Saved:
        known = _saved(other, saved.offer)
        if known is None or (known.step, known.since, known.at) != (saved.step, saved.since, saved.at):
            return saved
        ended_on = saved.ended_on or (known.ended_on if saved.answer is known.answer else None)
        return replace(
            saved,
            asked=max(saved.asked, known.asked),
            remind_at=saved.remind_at if known.remind_at else None,
            ended_on=ended_on,
        )

    return replace(plan, saved=tuple(map(one, plan.saved)))


def _due(saved: Saved, plan: Plan, zone: tzinfo | None) -> datetime | None:
    if saved.ended_on or plan.quiet_since:
        return None
    if saved.remind_at:
        return saved.remind_at
    if saved.asked == len(QUESTION_DAYS):
        return None
    return _local(saved.since + timedelta(days=QUESTION_DAYS[saved.asked]), REMIND_AT, zone)


def _remind(saved: Saved) -> Reply:
    text = Text("utter_plan_reminder", {"step": Text(f"step_{saved.step}")})
    tell = _go("button_plan_tell", TELL, saved.offer)
    return Reply((text,), rows=(_name_row(saved.offer), (tell,), (_go("button_plan_quiet", QUIET),)))


def _question(saved: Saved) -> Reply:
    rows = (_name_row(saved.offer), *_answer_rows(saved.offer), (_go("button_plan_quiet", QUIET),))
    return Reply((Text("utter_plan_question"),), rows=rows)


# -- screens ------------------------------------------------------------------------------------------------------


def _ask_consent(offer: str, world: World) -> Reply:
    text = Text("utter_plan_consent", {"operator": world.operator.name})
    return Reply((text,), rows=((_go("button_plan_yes", YES, offer),), _GO_ON), replaces=True)


def _for_the_young(language: str, world: World) -> Reply:
    lines = tuple(line.id for line in youth_lines(language, world))
    return Reply((Text("utter_plan_young"),), helplines=lines, rows=(_GO_ON, *END_ROWS))


def _ask_step(offer: str, *, replaces: bool = False) -> Reply:
    steps = [
        _go(f"step_{step}", *((DAY, f"0{offer}") if step is Step.APPOINTMENT else (WHEN, f"{letter}{offer}")))
        for letter, step in STEPS.items()
    ]
    text = Text("utter_plan_step", {"name": _name(offer)})
    return Reply((text,), rows=(*in_rows(steps, 2), _GO_ON), replaces=replaces)


def _ask_when(step: Step, offer: str, world: World) -> Reply:
    letter = step.value[0]
    days = [
        _go("when_tomorrow", KEEP, f"{letter}1{offer}"),
        *(
            Choice(Text("when_days", {"count": days}), _code(KEEP, f"{letter}{days}{offer}"))
            for days in (3, 7)
        ),
        _go("when_never", KEEP, f"{letter}0{offer}"),
    ]
    return Reply((Text("utter_plan_when"),), rows=(*in_rows(days, 2), _GO_ON), replaces=True)


def _ask_day(screen: int, offer: str, world: World) -> Reply:
    first = world.now.date() + timedelta(days=screen * DAYS_A_SCREEN)
    days = [first + timedelta(days=day) for day in range(DAYS_A_SCREEN)]
    buttons = [Choice(Text(f"day/{day}"), _code(HOUR, f"{_packed(day)}{offer}")) for day in days]
    later = (
        ((_go("button_later_days", DAY, f"{screen + 1}{offer}"),),) if screen + 1 < SCREENS_OF_DAYS else ()
    )
    return Reply((Text("utter_plan_day"),), rows=(*in_rows(buttons, 2), *later, _GO_ON), replaces=True)


def _appointment(kind: str, rest: str, language: str, plan: Plan, world: World) -> _Said:
    """Asks for the hour, then for the minutes, then keeps it; shows the plan for a forged code."""
    day, rest = _unpacked(rest[:DAY_LETTERS]), rest[DAY_LETTERS:]
    today = world.now.date()
    if day is None or not today <= day <= today + timedelta(days=DAYS_A_SCREEN * SCREENS_OF_DAYS):
        return (show(plan),), ()
    ask = Text("utter_plan_hour", {"date": day})
    if kind == HOUR:
        hours = [
            Choice(Text(f"time/{hour:02}:00"), _code(MINUTE, f"{_packed(day)}{hour:02}{rest}"))
            for hour in range(FIRST_HOUR, LAST_HOUR + 1)
        ]
        return (Reply((ask,), rows=(*in_rows(hours, 4), _GO_ON), replaces=True),), ()
    hour, rest = rest[:2], rest[2:]
    if kind == MINUTE and hour.isascii() and hour.isdecimal() and int(hour) < 24:
        minutes = [
            Choice(Text(f"time/{hour}:{minute:02}"), _code(AT, f"{_packed(day)}{hour}{minute:02}{rest}"))
            for minute in range(0, 60, MINUTES)
        ]
        return (Reply((ask,), rows=(*in_rows(minutes, 4), _GO_ON), replaces=True),), ()
    try:
        at = _local(day, time(int(hour), int(rest[:2])), world.now.tzinfo)
    except ValueError:
        return (show(plan),), ()
    return _keep_appointment(at, rest[2:], language, plan, world)


def _ask_what(offer: str) -> Reply:
    rows = (
        (_go("button_plan_look", LOOK, offer), _go("button_plan_step", CHANGE, offer)),
        (choice("button_door_opener", Verb.CARD, f"={offer}"), _go("button_plan_tell", TELL, offer)),
        (_go("button_plan_remove", REMOVE, offer),),
        (choice("button_plan", Verb.PLAN), *_GO_ON),
    )
    return Reply((Text("utter_plan_place", {"name": _name(offer)}),), rows=rows)


def _ask_answer(offer: str) -> Reply:
    text = Text("utter_plan_place", {"name": _name(offer)})
    return Reply((text,), rows=(*_answer_rows(offer), _GO_ON), replaces=True)


def _look(offer: str, world: World) -> tuple[Reply, ...]:
    known = world.directory.get(offer)
    if known is None:
        rows = ((_go("button_plan_remove", REMOVE, offer),), _GO_ON)
        return (Reply((Text("utter_offer_gone"),), rows=rows),)
    return Reply(card=card(Match(known, 0)), rows=card_rows(known, world)), _ask_what(offer)


def _answer_rows(offer: str) -> tuple[tuple[Choice, ...], ...]:
    return tuple((_go(f"answer_{said}", ANSWERED, f"{letter}{offer}"),) for letter, said in ANSWERS.items())


def _saved_rows(plan: Plan) -> tuple[tuple[Choice, ...], ...]:
    return tuple((Choice(_name(saved.offer), _code(PLACE, saved.offer)),) for saved in plan.saved)


def _name_row(offer: str) -> tuple[Choice, ...]:
    return (Choice(_name(offer), _code(LOOK, offer)),)


def _line(saved: Saved) -> Text:
    said = Text(f"answer_{saved.answer}") if saved.answer else Text(f"step_{saved.step}")
    values = {"name": _name(saved.offer), "step": said}
    on = saved.at or saved.remind_at
    return Text("plan_line_on", values | {"date": on.date()}) if on else Text("plan_line", values)


# -- what is kept -------------------------------------------------------------------------------------------------


def _keep(step: Step, days: int, offer: str, plan: Plan, world: World) -> _Said:
    day = world.now.date() + timedelta(days=days)
    remind_at = _local(day, REMIND_AT, world.now.tzinfo) if days else None
    texts = [Text("utter_plan_kept", {"name": _name(offer), "step": Text(f"step_{step}")})]
    if remind_at:
        texts.append(Text("utter_plan_remind_on", {"date": day}))
    saved = Saved(offer, step, since=day, remind_at=remind_at)
    return _said_of_kept(saved, texts, plan, world)


def _keep_appointment(at: datetime, offer: str, language: str, plan: Plan, world: World) -> _Said:
    remind_at = _reminder_of(at, world)
    saved = Saved(offer, Step.APPOINTMENT, since=at.date(), at=at, remind_at=remind_at)
    values = {"name": _name(offer), "date": at.date(), "time": at.time()}
    texts = [Text("utter_plan_appointment", values)]
    if remind_at:
        texts.append(Text("utter_plan_remind_on", {"date": remind_at.date()}))
    replies, kept = _said_of_kept(saved, texts, plan, world)
    file = Command(Do.SEND_CALENDAR, {"offer": offer, "at": at, "language": language})
    return replies, (*kept, file) if kept else ()


def _reminder_of(at: datetime, world: World) -> datetime | None:
    """On the day before; else shortly before, if that is neither over nor at night."""
    before = _local(at.date() - timedelta(days=1), REMIND_BEFORE_AT, world.now.tzinfo)
    if before > world.now:
        return before
    soon = at - SHORTLY_BEFORE
    return soon if soon > world.now and AWAKE_FROM <= soon.time() < AWAKE_UNTIL else None


def _said_of_kept(saved: Saved, texts: Sequence[Text], plan: Plan, world: World) -> _Said:
    """Keeps it and says so; says why not where the offer is gone, or beyond what a plan holds."""
    known = _saved(plan, saved.offer)
    if world.directory.get(saved.offer) is None or (known is None and len(plan.saved) >= MOST_SAVED):
        return begin(saved.offer, plan, world)
    rows = (
        (choice("button_door_opener", Verb.CARD, f"={saved.offer}"),),
        (choice("button_plan", Verb.PLAN), *_GO_ON),
    )
    kept = replace(_with(_ended(plan), saved), quiet_since=None)
    return (Reply(tuple(texts), rows=rows, replaces=True),), (Command(Do.KEEP_PLAN, {"plan": kept}),)


def _without(plan: Plan, offer: str) -> _Said:
    left = replace(plan, saved=tuple(saved for saved in plan.saved if saved.offer != offer))
    if not left.saved:
        return (Reply((Text("utter_plan_erased"),), rows=(_GO_ON,)),), (Command(Do.ERASE_PLAN),)
    return (show(left),), (Command(Do.KEEP_PLAN, {"plan": left}),)


def quiet(plan: Plan, world: World) -> _Said:
    """Ends all reminders and questions; the plan itself is erased later, or at once when asked for."""
    plan = replace(plan, quiet_since=plan.quiet_since or world.now.date())
    text = Text("utter_plan_quiet", {"date": erased_on(plan)})
    rows = ((_go("button_plan_erase", ERASE), choice("button_plan", Verb.PLAN)), _GO_ON)
    return (Reply((text,), rows=rows),), (Command(Do.KEEP_PLAN, {"plan": plan}),)


def _ended(plan: Plan) -> Plan:
    """Of a plan of which nothing was to be said any more: all that was on it stays silent for good."""
    if plan.quiet_since is None:
        return plan
    silent = (
        replace(saved, remind_at=None, asked=len(QUESTION_DAYS), ended_on=saved.ended_on or plan.quiet_since)
        for saved in plan.saved
    )
    return replace(plan, saved=tuple(silent))


def _next_best(
    saved: Saved, plan: Plan, slots: Mapping[str, Any], world: World, *, spoken: bool
) -> Match | None:
    """The best offer for the same need that is not on the plan; `spoken`: where the person's language is spoken."""
    offer = world.directory.get(saved.offer)
    query = query_of({**slots, "language": plan.language})
    if offer and offer.needs and query.need not in offer.needs:
        query = replace(query, need=offer.needs[0], also=())
    result = world.directory.match(query, now=world.now)
    known = {one.offer for one in plan.saved}
    for match in (*result.fits, *result.near, *result.first_contacts):
        if match.offer.id not in known and (not spoken or match.offer.speaker(plan.language)):
            return match
    return None


def _saved(plan: Plan | None, offer: str) -> Saved | None:
    return next((saved for saved in plan.saved if saved.offer == offer), None) if plan else None


def _with(plan: Plan, saved: Saved) -> Plan:
    """The plan with this in place of what it said of the offer."""
    if _saved(plan, saved.offer):
        return replace(plan, saved=tuple(saved if s.offer == saved.offer else s for s in plan.saved))
    return replace(plan, saved=(*plan.saved, saved))


# -- codes and times ----------------------------------------------------------------------------------------------


def _go(label: str, kind: str, rest: str = "") -> Choice:
    return choice(label, Verb.PLAN, f"{kind}{rest}")


def _code(kind: str, rest: str) -> str:
    return f"{Verb.PLAN}.{kind}{rest}"


def _name(offer: str) -> Text:
    return Text(f"offer/{offer}")


def _local(day: date, at: time, zone: tzinfo | None) -> datetime:
    """This time on the clocks of the city, whatever their offset is on that day."""
    return datetime.combine(day, at, tzinfo=zone)


DAY_LETTERS = 5


def _packed(day: date) -> str:
    return f"{day.toordinal():0{DAY_LETTERS}x}"


def _unpacked(letters: str) -> date | None:
    try:
        return date.fromordinal(int(letters, 16))
    except (ValueError, OverflowError):
        return None
