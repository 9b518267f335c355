"""The plan: when something is said unasked, when no more, and when all of it is erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.announcements.delivery import is_quiet
from bot.conversation import plans
from bot.conversation.codes import MAX_BYTES, written
from bot.conversation.engine import take_turn
from bot.conversation.state import State
from bot.conversation.vocabulary import (
    Answer,
    Command,
    Do,
    Kind,
    Message,
    Plan,
    Reply,
    Saved,
    Step,
    Subscription,
    World,
)
from bot.languages.render import render
from bot.offers.model import ID_LENGTH
from nlu.values import Understanding

TODAY = date(2026, 11, 24)
OFFER = "lindenhof-schlaf"


def at(world: World, day: date, hour: int = 10, minute: int = 0) -> World:
    return replace(world, now=datetime(day.year, day.month, day.day, hour, minute, tzinfo=world.now.tzinfo))


def agreed() -> Plan:
    """Consent was given, nothing is on the plan yet."""
    return Plan("de", plans.CONSENT_VERSION, TODAY)


def a_plan(*saved: Saved) -> Plan:
    return Plan("de", plans.CONSENT_VERSION, TODAY, saved or (Saved(OFFER, Step.CALL, TODAY),))


def said_until(plan: Plan, world: World, days: int) -> tuple[list[tuple[date, str]], Plan]:
    """What is said, when, to somebody who never answers, if the bot looks every hour."""
    told = []
    for hour in range(24 * days):
        now = replace(world, now=(world.now + timedelta(hours=hour)))
        while (due := plans.due(plan, now.now.tzinfo)) and due <= now.now:
            reply, plan = plans.unasked(plan, now)
            if reply:
                told.append((now.now.date(), reply.texts[0].name))
    return told, plan


def test_one_reminder_and_three_questions_then_silence(world: World) -> None:
    _, (kept, *_) = plans.step(f"kc1{OFFER}", "de", agreed(), world)
    told, plan = said_until(kept.values["plan"], world, 200)
    tomorrow = TODAY + timedelta(days=1)
    assert told == [
        (tomorrow, "utter_plan_reminder"),
        *((tomorrow + timedelta(days=days), "utter_plan_question") for days in (3, 14, 42)),
    ]
    assert plans.erased_on(plan) == tomorrow + timedelta(days=42 + 90)


def test_an_appointment_is_reminded_of_on_the_day_before_and_asked_about_after_it(world: World) -> None:
    day = f"{(TODAY + timedelta(days=10)).toordinal():05x}"
    replies, (kept, file) = plans.step(f"t{day}0920{OFFER}", "de", agreed(), world)
    saved = kept.values["plan"].saved[0]
    assert (saved.at.hour, saved.at.minute, saved.at.date()) == (9, 20, TODAY + timedelta(days=10))
    assert file.do is Do.SEND_CALENDAR
    assert replies[0].replaces
    told, _ = said_until(kept.values["plan"], world, 30)
    assert [when for when, _ in told] == [TODAY + timedelta(days=days) for days in (9, 13, 24)]


@pytest.mark.parametrize(("answer", "ends"), [(answer, answer in plans.ENDING) for answer in Answer])
def test_every_answer_leads_on(world: World, answer: Answer, ends: bool) -> None:
    letter = next(letter for letter, each in plans.ANSWERS.items() if each is answer)
    replies, commands = plans.answer(f"{letter}{OFFER}", a_plan(), {}, world)
    after = commands[0].values["plan"]
    assert commands[1].values == {"offer": OFFER, "what": str(answer)}
    assert commands[2].do is Do.COUNT_ANSWER
    assert replies[0].rows
    assert (plans.due(after, world.now.tzinfo) is None) == ends
    wants_another = answer not in (Answer.REACHED, Answer.NOT_NEEDED)
    assert any(reply.card for reply in replies) == wants_another
    # said twice, it counts once
    _, again = plans.answer(f"{letter}{OFFER}", after, {}, world)
    assert [command.do for command in again] == [Do.KEEP_PLAN]


def test_where_nobody_spoke_the_language_the_next_place_speaks_it(world: World) -> None:
    plan = replace(a_plan(), language="prs")
    replies, _ = plans.answer(f"l{OFFER}", plan, {}, world)
    offer = world.directory.get(next(reply.card["offer"] for reply in replies if reply.card))
    assert offer
    assert offer.speaker("prs")
    assert offer.id != OFFER


def test_one_tap_ends_all_reminders(world: World) -> None:
    _, commands = plans.step("q", "de", a_plan(), world)
    plan = commands[0].values["plan"]
    assert plans.due(plan, world.now.tzinfo) is None
    assert plans.erased_on(plan) == TODAY + timedelta(days=90)


def test_under_sixteen_nothing_is_kept(world: World) -> None:
    (asked,), commands = plans.begin(OFFER, None, world)
    assert not commands
    younger = asked.rows[0][1].code.partition(".")[2]
    (reply,), commands = plans.step(younger, "de", None, world)
    assert reply.helplines
    assert not commands


def test_a_plan_holds_no_more_than_it_should(world: World) -> None:
    others = [offer.id for offer in world.directory if not offer.crisis][: plans.MOST_SAVED + 1]
    plan = a_plan(*(Saved(id, Step.CALL, TODAY) for id in others[:-1]))
    assert plans.step(f"kc1{others[-1]}", "de", plan, world)[1] == ()
    assert plans.begin(others[-1], plan, world)[0][0].texts[0].name == "utter_plan_full"


def test_taking_the_last_place_off_erases_the_plan(world: World) -> None:
    _, commands = plans.step(f"x{OFFER}", "de", a_plan(), world)
    assert [command.do for command in commands] == [Do.ERASE_PLAN]


@given(days=st.integers(0, 400), hour=st.integers(0, 23), when=st.sampled_from("0137"))
def test_nothing_is_ever_due_at_night(world: World, days: int, hour: int, when: str) -> None:
    """On any day of a year, also where the clocks change."""
    now = at(world, TODAY + timedelta(days=days), hour)
    _, (kept, *_) = plans.step(f"kc{when}{OFFER}", "de", agreed(), now)
    plan = kept.values["plan"]
    while due := plans.due(plan, now.now.tzinfo):
        assert not is_quiet(due)
        assert due > now.now or when == "0"
        now = replace(now, now=due)
        _, plan = plans.unasked(plan, now)


def test_after_a_long_standstill_only_the_newest_question_comes(world: World) -> None:
    plan = a_plan(Saved(OFFER, Step.CALL, TODAY, remind_at=world.now))
    later = at(world, TODAY + timedelta(days=20))
    told, _ = said_until(plan, later, 1)
    assert [name for _, name in told] == ["utter_plan_question"]


@given(argument=st.text(max_size=50) | st.text("0123456789abcdef", max_size=12))
@example(argument="000010920x")
@example(argument=f"{TODAY.toordinal():05x}99x")
@example(argument=f"{TODAY.toordinal():05x}٣٣x")
def test_no_forged_code_raises(world: World, argument: str) -> None:
    replies: list[Reply] = []
    for kind in "ouykdhmtplsaxqe":
        replies += plans.step(kind + argument, "de", a_plan(), world)[0]
        replies += plans.step(kind + argument, "de", None, world)[0]
    replies += plans.answer(argument, a_plan(), {}, world)[0]
    for reply in replies:
        render(reply, "ar", world)


def test_without_consent_nothing_is_kept(world: World) -> None:
    """Buttons of a plan that was erased lead to no new one."""
    for kind in "skwhmtplaxq":
        _, commands = plans.step(f"{kind}c1{OFFER}", "de", None, world)
        assert not commands
    _, (kept,) = plans.step(f"y{OFFER}", "de", None, world)
    assert kept.values["plan"].consented_on == TODAY


def test_no_reminder_is_promised_that_would_come_too_late(world: World) -> None:
    evening = at(world, TODAY, 18)
    day = f"{(TODAY + timedelta(days=1)).toordinal():05x}"
    (reply,), (kept, _) = plans.step(f"t{day}0800{OFFER}", "de", agreed(), evening)
    assert kept.values["plan"].saved[0].remind_at is None
    assert [text.name for text in reply.texts] == ["utter_plan_appointment"]


def test_a_full_plan_says_so_and_keeps_nothing(world: World) -> None:
    others = [offer.id for offer in world.directory if not offer.crisis][: plans.MOST_SAVED + 1]
    plan = a_plan(*(Saved(id, Step.CALL, TODAY) for id in others[:-1]))
    (reply,), commands = plans.step(f"kc1{others[-1]}", "de", plan, world)
    assert not commands
    assert reply.texts[0].name == "utter_plan_full"


def test_the_next_place_is_for_the_same_need(world: World) -> None:
    replies, _ = plans.answer(f"f{OFFER}", a_plan(), {"need": ["violence"]}, world)
    offer = world.directory.get(next(reply.card["offer"] for reply in replies if reply.card))
    assert offer
    assert "sleep" in (*offer.needs, *offer.also)


def test_what_was_said_meanwhile_is_not_said_again(world: World) -> None:
    asked = a_plan(Saved(OFFER, Step.CALL, TODAY, asked=2))
    answered = a_plan(Saved(OFFER, Step.CALL, TODAY, remind_at=world.now, answer=Answer.FULL))
    one = plans.merged(answered, asked).saved[0]
    assert (one.asked, one.remind_at, one.answer) == (2, None, Answer.FULL)


def test_a_mistaken_tap_can_be_mended(world: World) -> None:
    _, (kept, *_) = plans.answer(f"r{OFFER}", a_plan(), {}, world)
    _, (kept, *_) = plans.answer(f"n{OFFER}", kept.values["plan"], {}, world)
    assert plans.due(kept.values["plan"], world.now.tzinfo)


def test_a_changed_mind_counts_each_answer_once(world: World) -> None:
    plan, said = a_plan(), []
    for letter in "nrnrn":
        _, (kept, *counted) = plans.answer(f"{letter}{OFFER}", plan, {}, world)
        plan = kept.values["plan"]
        said += [command.values["what"] for command in counted if command.do is Do.REPORT]
        assert len(counted) in (0, 2)
    assert said == ["nobody", "reached"]
    # a new step is a new try
    _, (kept,) = plans.step(f"kc1{OFFER}", "de", plan, world)
    assert plans.answer(f"n{OFFER}", kept.values["plan"], {}, world)[1][1].do is Do.REPORT


def test_what_the_release_before_counted_does_not_count_again(world: World) -> None:
    plan = a_plan(Saved(OFFER, Step.CALL, TODAY, asked=1, answer=Answer.NOBODY))
    _, commands = plans.answer(f"n{OFFER}", plan, {}, world)
    assert [command.do for command in commands] == [Do.KEEP_PLAN]


@pytest.mark.parametrize("state", [State("de"), None])
def test_forgetting_clears_the_chat_first(world: World, state: State | None) -> None:
    """Also when the conversation is over: reminders may stand there."""
    forget = Message(Kind.TEXT, command="forget", plan=a_plan(), understanding=Understanding(language="de"))
    commands = [command.do for command in take_turn(state, forget, world).commands]
    assert commands[-2:] == [Do.CLEAR_CHAT, Do.FORGET]


def test_codes_hold_the_longest_id(world: World) -> None:
    long = "x" * ID_LENGTH
    replies: list[Reply] = []
    day = f"{TODAY.toordinal():05x}"
    for argument in (f"s{long}", f"wc{long}", f"d0{long}", f"h{day}{long}", f"m{day}09{long}"):
        replies += plans.step(argument, "de", a_plan(Saved(long, Step.CALL, TODAY)), world)[0]
    for reply in replies:
        for row in reply.rows:
            for choice in row:
                assert len(written(choice.code, 0xFFFF).encode()) <= MAX_BYTES


@pytest.mark.parametrize("state", [State("de"), None])
def test_reminders_and_news_follow_the_language_that_is_chosen(world: World, state: State | None) -> None:
    plan, news = a_plan(), Subscription("de", frozenset({"youth"}), frozenset(), 1, TODAY, TODAY)
    tapped = Message(Kind.BUTTON, code="1.0.l.lprs", plan=plan, subscription=news)
    commands = take_turn(state, tapped, world).commands
    assert Command(Do.KEEP_PLAN, {"plan": replace(plan, language="prs")}) in commands
    assert Command(Do.SUBSCRIBE, {"subscription": replace(news, language="prs")}) in commands
    same = replace(tapped, code="1.0.l.lde")
    assert not {Do.KEEP_PLAN, Do.SUBSCRIBE} & {c.do for c in take_turn(state, same, world).commands}


def test_after_no_more_reminders_only_a_new_place_speaks(world: World) -> None:
    other = next(offer.id for offer in world.directory if not offer.crisis and offer.id != OFFER)
    noisy = a_plan(Saved(OFFER, Step.CALL, TODAY, remind_at=at(world, TODAY + timedelta(days=1)).now))
    _, (stopped,) = plans.step("q", "de", noisy, world)
    _, (kept,) = plans.step(f"kc1{other}", "de", stopped.values["plan"], world)
    plan = plans.merged(kept.values["plan"], stopped.values["plan"])
    told: set[str] = set()
    for day in range(60):
        now = at(world, TODAY + timedelta(days=day), 12)
        while (due := plans.due(plan, now.now.tzinfo)) and due <= now.now:
            reply, plan = plans.unasked(plan, now)
            assert reply
            told.add(reply.rows[0][0].label.name)
    assert told == {f"offer/{other}"}
    # what the person says of the old one later does not wake it either
    _, (kept, *_) = plans.answer(f"n{OFFER}", kept.values["plan"], {}, world)
    assert next(saved.ended_on for saved in kept.values["plan"].saved if saved.offer == OFFER)


def test_after_no_more_reminders_the_place_whose_step_changes_speaks(world: World) -> None:
    _, (stopped,) = plans.step("q", "de", a_plan(), world)
    _, (kept,) = plans.step(f"kc1{OFFER}", "de", stopped.values["plan"], world)
    assert plans.due(kept.values["plan"], world.now.tzinfo) == at(world, TODAY + timedelta(days=1)).now


def test_an_answer_counts_with_what_the_conversation_knows_and_nothing_else(world: World) -> None:
    plan = replace(a_plan(), language="prs")
    told = {"need": ["sleep", "trauma"], "gender": "female", "family": ["alone"]}
    counted = [plans.answer(f"n{OFFER}", plan, slots, world)[1][2].values for slots in (told, {})]
    nothing = {"need": None, "age_band": None, "gender": None, "area": None}
    of_all = {"language": "prs", "answer": "nobody"}
    assert counted == [nothing | of_all | {"need": "sleep", "gender": "female"}, nothing | of_all]
