"""Matching keeps its promises: hard rules are never broken, what is unknown excludes nobody, all is explained."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.offers.directory import RULED_OUT_BY, Directory
from bot.offers.model import (
    AgeBand,
    Family,
    Gender,
    Location,
    MissKind,
    Mode,
    Need,
    Offer,
    Organization,
    Person,
    Query,
    ReasonKind,
    Refinement,
    Result,
    Slot,
    Speaker,
    Status,
)
from tests.offers.given import PLACES, many_offers, queries

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
ASKED = (Slot.PERSON, Slot.AGE_BAND, Slot.GENDER, Slot.FAMILY, Slot.AREA)


def an_offer(id: str = "offer", **fields: Any) -> Offer:
    fields.setdefault("needs", (Need.SLEEP,))
    return Offer(id=id, organization=Organization("a", "A (Demo)"), name={"en": id}, description={}, **fields)


def ask(*offers: Offer, now: datetime = NOW, **query: Any) -> Result:
    query.setdefault("need", Need.SLEEP)
    return Directory(offers, PLACES).match(Query(**query), now=now)


def ids(matches: Any) -> list[str]:
    return [match.offer.id for match in matches]


def answered(query: Query, slot: Slot) -> list[Query]:
    """The query after each possible answer to a question."""
    match slot:
        case Slot.PERSON:
            return [query.with_(person=person) for person in Person]
        case Slot.AGE_BAND:
            minor = Family.UNACCOMPANIED_MINOR in query.families
            return [query.with_(ages=band.ages) for band in AgeBand if not minor or band.ages[0] < 18]
        case Slot.GENDER:
            return [query.with_(gender=gender) for gender in Gender]
        case Slot.FAMILY:
            impossible = {Family.PREGNANT} if query.gender is Gender.MALE else set()
            if query.ages and query.ages[0] >= 18:
                impossible.add(Family.UNACCOMPANIED_MINOR)
            return [query.with_(families=frozenset({family})) for family in {*Family} - impossible]
        case Slot.AREA:
            return [query.with_(area=area.id) for area in PLACES.areas]
        case Slot.NEED:
            return [query.with_(need=need) for need in Need]


def suits(offer: Offer, query: Query) -> bool:
    """The hard rules once more, in the words of the issue and one offer at a time."""
    if offer.status is Status.CLOSED:
        return False
    needs = {*offer.needs} if offer.first_contact else {*offer.needs, *offer.also}
    if query.need is None:
        if offer.first_contact or not needs:
            return False
    elif query.need not in needs or offer.not_for_needs & {query.need, *query.also}:
        return False
    if query.need is None and offer.not_for_needs & {*query.also}:
        return False
    ages = query.ages
    if ages is None and Family.UNACCOMPANIED_MINOR in query.families:
        ages = (0, 17)
    if ages:
        youngest, oldest = ages
        if offer.max_age is not None and offer.max_age < youngest:
            return False
        if offer.min_age is not None and oldest is not None and offer.min_age > oldest:
            return False
    if query.gender and offer.genders and query.gender not in offer.genders:
        return False
    if query.person and offer.for_whom and query.person not in offer.for_whom:
        return False
    if query.families and offer.families:
        expecting = query.need is Need.PREGNANCY and Family.PREGNANT in offer.families
        possible = [f for f in offer.families if f in query.families or not RULED_OUT_BY[f] & query.families]
        if not possible and not expecting:
            return False
    if query.language and offer.speaker(query.language) is None:
        return False
    if query.area and offer.areas:
        served = {query.area, PLACES.area_of(query.area), *PLACES.districts_of(query.area)}
        return bool(offer.areas & served)
    return True


@settings(max_examples=120, deadline=None)
@given(many_offers(), queries)
def test_exactly_what_the_hard_rules_allow_fits(offers: list[Offer], query: Query) -> None:
    result = Directory(offers, PLACES).match(query, now=NOW)
    assert set(ids(result.fits)) == {offer.id for offer in offers if suits(offer, query)}
    assert all(not match.misses for match in result.fits)
    assert all(match.misses for match in result.near)
    assert not set(ids(result.fits)) & {*ids(result.near), *ids(result.first_contacts)}
    assert all(match.offer.first_contact for match in result.first_contacts)


@settings(max_examples=600, deadline=None)
@given(many_offers(), queries, st.sampled_from(["need", "ages", "gender", "person", "language", "area"]))
def test_what_is_unknown_excludes_nobody(offers: list[Offer], query: Query, fact: str) -> None:
    directory = Directory(offers, PLACES)
    known = set(ids(directory.match(query, now=NOW).fits))
    unknown = set(ids(directory.match(query.with_(**{fact: None}), now=NOW).fits))
    contacts = {offer.id for offer in offers if offer.first_contact}
    assert known - contacts <= unknown


@settings(max_examples=600, deadline=None)
@given(many_offers(), queries)
def test_what_is_limited_by_residence_ranks_last_and_says_so(offers: list[Offer], query: Query) -> None:
    fits = Directory(offers, PLACES).match(query, now=NOW).fits
    limited = [bool(match.offer.residence) for match in fits]
    assert limited == sorted(limited)
    for match in fits:
        kinds = {reason.kind for reason in match.reasons}
        assert (ReasonKind.RESIDENCE_LIMITED in kinds) == bool(match.offer.residence)


@settings(max_examples=600, deadline=None)
@given(many_offers(), queries, st.randoms())
def test_the_order_of_the_sheet_does_not_matter(offers: list[Offer], query: Query, random: Any) -> None:
    shuffled = list(offers)
    random.shuffle(shuffled)
    assert Directory(offers, PLACES).match(query, now=NOW) == Directory(shuffled, PLACES).match(
        query, now=NOW
    )


@settings(max_examples=600, deadline=None)
@given(many_offers(), queries, st.sampled_from(ASKED))
def test_a_question_that_cannot_change_the_first_results_is_worth_nothing(
    offers: list[Offer], query: Query, slot: Slot
) -> None:
    # Opening hours swap equals with the time of day; without them the first three are exact.
    directory = Directory([replace(offer, opening_hours=None) for offer in offers], PLACES)
    before = ids(directory.match(query, now=NOW).fits[:3])
    after = [ids(directory.match(then, now=NOW).fits[:3]) for then in answered(query, slot)]
    worth = directory.narrowing(query, slot)
    assert 0.0 <= worth <= 1.0
    known = {
        Slot.PERSON: query.person,
        Slot.AGE_BAND: query.ages,
        Slot.GENDER: query.gender,
        Slot.FAMILY: query.families,
        Slot.AREA: query.area,
    }[slot]
    if known or not before:
        assert worth == 0.0
    elif worth == 0.0:
        assert all(first == before for first in after)


def test_the_need_comes_first_then_the_language_then_who_is_meant() -> None:
    own = (("prs", Speaker.OWN),)
    offers = (
        an_offer("also", needs=(Need.TRAUMA,), also=(Need.SLEEP,), languages=own),
        an_offer("interpreted", languages=(("prs", Speaker.INTERPRETER),)),
        an_offer("own", languages=own),
        an_offer("women", languages=own, genders=frozenset({Gender.FEMALE})),
    )
    fits = ask(*offers, language="prs", gender=Gender.FEMALE).fits
    assert ids(fits) == ["women", "own", "interpreted", "also"]
    assert ReasonKind.WOMEN_ONLY in {reason.kind for reason in fits[0].reasons}


def test_without_the_gender_what_is_for_all_comes_before_what_may_not_be_meant() -> None:
    women = an_offer("a-women", genders=frozenset({Gender.FEMALE}))
    assert ids(ask(women, an_offer("b-all")).fits) == ["b-all", "a-women"]


def test_the_near_place_comes_first_and_telephone_is_not_punished() -> None:
    def at(id: str, district: str) -> Offer:
        return an_offer(id, place=Location(district))

    video = an_offer("b-video", online=True, modes=(Mode.VIDEO,))
    fits = ask(at("a-far", "kostheim"), video, at("c-here", "sonnenberg"), area="sonnenberg").fits
    assert ids(fits) == ["c-here", "b-video", "a-far"]
    assert fits[0].reasons[-1].kind is ReasonKind.DISTRICT
    assert fits[1].distance_km is None
    assert fits[2].distance_km == pytest.approx(11.6, abs=0.5)


def test_equals_are_ordered_by_open_now_then_confirmation_then_id() -> None:
    offers = (
        an_offer("closed-new", opening_hours="Su 10:00-11:00", verified_on=date(2026, 11, 1)),
        an_offer("b-open", opening_hours="Tu 09:00-12:00"),
        an_offer("a-old", verified_on=date(2026, 1, 1)),
        an_offer("c-never"),
    )
    fits = ask(*offers).fits
    assert ids(fits) == ["b-open", "closed-new", "a-old", "c-never"]
    assert fits[0].reasons[-1].value == "12:00"


def test_hours_that_cannot_be_read_harm_nobody() -> None:
    assert ids(ask(an_offer(opening_hours="whenever")).fits) == ["offer"]


def test_young_people_get_offers_for_the_young_first() -> None:
    own = (("prs", Speaker.OWN),)
    for_all = an_offer("a-all", languages=own, waiting_weeks=0)
    young = an_offer("b-young", needs=(), also=(Need.SLEEP,), min_age=14, max_age=21, any_language=True)
    clearing = an_offer("clearing", needs=(), first_contact=True, max_age=17, also=(Need.COUNSELLING,))
    door = an_offer("a-door", needs=(), first_contact=True, languages=own)
    for told in ({"ages": (14, 17)}, {"families": frozenset({Family.UNACCOMPANIED_MINOR})}):
        result = ask(for_all, young, clearing, door, language="prs", **told)
        assert ids(result.fits) == ["b-young", "a-all"]
        assert "clearing" in ids(result.first_contacts)
    assert "clearing" not in ids(ask(clearing, ages=(30, 30)).first_contacts)


def test_near_misses_begin_with_the_least_wrong_and_name_it() -> None:
    german = (("de", Speaker.OWN),)
    offers = (
        an_offer("men", genders=frozenset({Gender.MALE}), any_language=True),
        an_offer("elsewhere-german", areas=frozenset({"akk"}), languages=german),
        an_offer("german", languages=german),
        an_offer("almost-of-age", min_age=18, any_language=True),
        an_offer("old", min_age=60, any_language=True),
        an_offer("all-wrong", min_age=60, genders=frozenset({Gender.MALE}), languages=german),
    )
    near = ask(*offers, language="prs", gender=Gender.FEMALE, ages=(16, 16), area="west").near
    assert ids(near) == ["almost-of-age", "german", "elsewhere-german", "old", "men"]
    assert [(miss.kind, miss.value) for miss in near[0].misses] == [(MissKind.AGE, "18-")]
    assert [(miss.kind, miss.value) for miss in near[1].misses] == [(MissKind.LANGUAGE, "prs")]
    assert [(miss.kind, miss.value) for miss in near[4].misses] == [(MissKind.GENDER, "male")]


def test_a_first_contact_never_passes_for_a_specific_offer() -> None:
    door = an_offer("door", needs=(), also=(Need.SLEEP,), first_contact=True)
    result = ask(door)
    assert (result.fits, result.near) == ((), ())
    assert ids(result.first_contacts) == ["door"]
    assert [miss.kind for miss in result.first_contacts[0].misses] == [MissKind.NEED]
    named = replace(door, needs=(Need.SLEEP,))
    assert ids(ask(named).fits) == ["door"]


def test_a_group_for_relatives_is_not_offered_to_the_person_concerned() -> None:
    relatives = an_offer(for_whom=frozenset({Person.PARTNER, Person.RELATIVE}))
    assert ask(relatives, person=Person.SELF).fits == ()
    assert ids(ask(relatives, person=Person.PARTNER).fits) == ["offer"]
    assert ids(ask(relatives).fits) == ["offer"]


def test_an_offer_may_refuse_a_further_need() -> None:
    group = an_offer(not_for_needs=frozenset({Need.ADDICTION}))
    miss = ask(group, also=(Need.ADDICTION,)).near[0].misses[0]
    assert (miss.kind, miss.value) == (MissKind.NOT_FOR, "addiction")


def test_a_wish_puts_what_meets_it_first_and_excludes_nothing() -> None:
    office = an_offer("a-office", modes=(Mode.IN_PERSON,), opening_hours="Mo-Fr 09:00-12:00", waiting_weeks=0)
    evening = an_offer("b-evening", modes=(Mode.IN_PERSON,), opening_hours="Th 17:00-20:00", waiting_weeks=9)
    video = an_offer("c-video", online=True, modes=(Mode.VIDEO,), waiting_weeks=9)
    for wish, first in (
        (Refinement.EVENING, "b-evening"),
        (Refinement.REMOTE, "c-video"),
        (Refinement.SOON, "a-office"),
        (Refinement.IN_PERSON, "a-office"),
    ):
        fits = ask(office, evening, video, refinements=frozenset({wish})).fits
        assert fits[0].offer.id == first
        assert len(fits) == 3


def test_a_closed_offer_is_found_by_its_id_only() -> None:
    closed = an_offer(status=Status.CLOSED)
    directory = Directory([closed], PLACES)
    assert directory.match(Query(), now=NOW) == Result()
    assert directory.get("offer") is closed
    assert directory.get("nothing") is None


def test_two_offers_never_share_an_id() -> None:
    with pytest.raises(ValueError, match="offer"):
        Directory([an_offer(), an_offer()], PLACES)


@pytest.mark.parametrize(("years", "band"), [(0, "child"), (13, "child"), (14, "youth"), (17, "youth")])
def test_bands_begin_where_the_labels_say(years: int, band: str) -> None:
    assert AgeBand.of(years) is AgeBand(band)
    assert [AgeBand.of(years) for years in (18, 26, 27, 64, 65, 99)] == [
        *(AgeBand.YOUNG_ADULT, AgeBand.YOUNG_ADULT, AgeBand.ADULT, AgeBand.ADULT),
        *(AgeBand.SENIOR, AgeBand.SENIOR),
    ]
    with pytest.raises(ValueError, match="negative"):
        AgeBand.of(-1)
