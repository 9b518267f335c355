"""The plan: when something is said unasked, when no more, and when all of it is erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announcements.delivery import is_quiet
from bot.conversation import plans
from bot.conversation.codes import MAX_BYTES, written
from bot.conversation.vocabulary import Answer, Do, Plan, Reply, Saved, Step, World
from bot.offers.model import ID_LENGTH

TODAY = date(2026, 11, 24)
OFFER = "lindenhof-schlaf"


def at(world: World, day: date, hour: int = 10, minute: int = 0) -> World:
    return replace(world, now=datetime(day.year, day.month, day.day, hour, minute, tzinfo=world.now.tzinfo))


def a_plan(*saved: Saved) -> Plan:
    return Plan("de", plans.CONSENT_VERSION, TODAY, saved or (Saved(OFFER, Step.CALL, TODAY),))


def said_until(plan: Plan, world: World, days: int) -> tuple[list[tuple[date, str]], Plan]:
    """What is said, when, to somebody who never answers, if the bot looks every hour."""
    told = []
    for hour in range(24 * days):
        now = replace(world, now=(world.now + timedelta(hours=hour)))
        while (due := plans.due(plan, now)) and due <= now.now:
            reply, plan = plans.unasked(plan, now)
            if reply:
                told.append((now.now.date(), reply.texts[0].name))
    return told, plan


def test_one_reminder_and_three_questions_then_silence(world: World) -> None:
    _, (kept, *_) = plans.step(f"kc1{OFFER}", "de", None, world)
    told, plan = said_until(kept.values["plan"], world, 200)
    tomorrow = TODAY + timedelta(days=1)
    assert told == [
        (tomorrow, "utter_plan_reminder"),
        *((tomorrow + timedelta(days=days), "utter_plan_question") for days in (3, 14, 42)),
    ]
    assert plans.erased_on(plan) == tomorrow + timedelta(days=42 + 90)


def test_an_appointment_is_reminded_of_on_the_day_before_and_asked_about_after_it(world: World) -> None:
    day = f"{(TODAY + timedelta(days=10)).toordinal():05x}"
    replies, (kept, file) = plans.step(f"t{day}0920{OFFER}", "de", None, world)
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
    assert replies[0].rows
    assert (plans.due(after, world) is None) == ends
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
    assert plans.due(plan, world) is None
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
    _, (kept, *_) = plans.step(f"kc{when}{OFFER}", "de", None, now)
    plan = kept.values["plan"]
    while due := plans.due(plan, now):
        assert not is_quiet(due)
        assert due > now.now or when == "0"
        now = replace(now, now=due)
        _, plan = plans.unasked(plan, now)


def test_after_a_long_standstill_only_the_newest_question_comes(world: World) -> None:
    plan = a_plan(Saved(OFFER, Step.CALL, TODAY, remind_at=world.now))
    later = at(world, TODAY + timedelta(days=20))
    told, _ = said_until(plan, later, 1)
    assert [name for _, name in told] == ["utter_plan_question"]


@given(argument=st.text(max_size=50))
def test_no_forged_code_raises(world: World, argument: str) -> None:
    for kind in "ouykdhmtplsaxqe":
        plans.step(kind + argument, "de", a_plan(), world)
        plans.step(kind + argument, "de", None, world)
    plans.answer(argument, a_plan(), {}, world)


def test_codes_hold_the_longest_id(world: World) -> None:
    long = "x" * ID_LENGTH
    replies: list[Reply] = []
    for argument in (f"s{long}", f"wc{long}", f"d0{long}", f"h00001{long}", f"m0000109{long}"):
        replies += plans.step(argument, "de", a_plan(), world)[0]
    for reply in replies:
        for row in reply.rows:
            for choice in row:
                assert len(written(choice.code, 0xFFFF).encode()) <= MAX_BYTES
