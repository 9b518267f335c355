"""Finds the offers that fit and says why: hard rules exclude, soft rules rank, near misses explain.

Pure and immutable. Knows no database, no conversation and no sentence in any language; the time is handed in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.offers.bits import Bits, Points, bits_of
from bot.offers.hours import HoursInvalid, status
from bot.offers.model import (
    AgeBand,
    Family,
    Gender,
    Match,
    Miss,
    MissKind,
    Mode,
    Need,
    Offer,
    Person,
    Query,
    Reason,
    ReasonKind,
    Refinement,
    Result,
    Slot,
    Speaker,
    Status,
)
from bot.offers.places import Places, kilometres

# Points of the soft rules, in the order of DESIGN "Matching is explained".
OPEN_TO_ALL_RESIDENCE = 1024  # more than all others together: a limit of residence ranks last (issue 2)
YOUTH_FIRST = 512  # under 18, offers for young people come first (SAFETY 4)
REFINEMENT_MET = 32
NEED_PRIMARY = 16
LANGUAGE_OWN = 8
LANGUAGE_INTERPRETER = 4
PERSON_MEANT = 6
GENDER_MEANT = 5
AGE_MEANT = 5
FAMILY_MEANT = 5
WHOLE_BAND = 4  # takes every age of the band told, not only some
FOR_ALL = 2  # without a limit in one of these four: behind what is meant, before what may not be
NEED_ALSO = 2
SAME_DISTRICT = 2
NEAR = 2
NOT_FAR = 1  # what has no way at all (telephone, video) counts as not far
SHORT_WAIT = 2
FAIR_WAIT = 1  # what says nothing of waiting counts as fair

# How much is wrong with a near miss, in steps larger than all points together.
STEP = 4096
WRONG: dict[MissKind, int] = {
    MissKind.LANGUAGE: 1,
    MissKind.AREA: 1,
    MissKind.AGE: 3,  # 1 where it is a matter of AGE_NEARLY years
    MissKind.PERSON: 2,
    MissKind.FAMILY: 2,
    MissKind.NEED: 3,
    MissKind.NOT_FOR: 4,
    MissKind.GENDER: 4,
}
AGE_NEARLY = 3

NEAR_KM, NOT_FAR_KM = 2.0, 5.0  # a walk; a short bus ride
SHORT_WEEKS, FAIR_WEEKS = 2, 6
YOUNG_BEFORE = 27  # § 7 SGB VIII: a young person is not yet 27
OF_AGE = 18
AGE_SPAN = 25  # a range not wider than this, in years, is made for an age
ELDERLY_FROM = 55
OLDEST = 120
EVENING_HOUR = 18
NEAR_SHOWN = 9  # near misses and first contacts beyond three messages help nobody
FIRST_RESULTS = 3  # SAFETY 5: at most three offers a message
LOOKED_UP_OPEN = 12  # "open now" breaks ties on the first pages only

RULED_OUT_BY: dict[Family, frozenset[Family]] = {
    Family.ALONE: frozenset({Family.PARTNER, Family.CHILDREN, Family.SINGLE_PARENT}),
    Family.PARTNER: frozenset({Family.ALONE, Family.SINGLE_PARENT, Family.UNACCOMPANIED_MINOR}),
    Family.CHILDREN: frozenset({Family.ALONE, Family.PARTNER, Family.UNACCOMPANIED_MINOR}),
    Family.SINGLE_PARENT: frozenset({Family.ALONE, Family.PARTNER, Family.UNACCOMPANIED_MINOR}),
    Family.PREGNANT: frozenset(Family) - {Family.PREGNANT},
    Family.UNACCOMPANIED_MINOR: frozenset({Family.PARTNER, Family.CHILDREN, Family.SINGLE_PARENT}),
}
"""A household told as one of these does not fit an offer made for the household named first.

Nothing is ruled out that may still be true: who has children may be a single parent, and ranks lower there.
"""

_V = TypeVar("_V", bound=Hashable)

_ReasonFor = Reason | Sequence[Reason]
"""One reason for all offers of a set, or each offer's own, by position."""


@dataclass(frozen=True, slots=True)
class _Effect:
    """What one fact does: the offers that it leaves, and points for those that it favours."""

    allowed: Bits
    favoured: tuple[tuple[Bits, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What a place asked for does; distances in kilometres by position, None where there is no way to go."""

    effect: _Effect
    reasons: tuple[tuple[Bits, Reason], ...]
    distances: tuple[float | None, ...]
    near: Bits


@dataclass(frozen=True, slots=True)
class _Ranking:
    """A query after all rules that do not depend on the time."""

    rules: dict[MissKind, Bits]
    points: Points
    reasons: list[tuple[Bits, _ReasonFor]]
    fits: Bits
    first: tuple[Bits, ...]


class Directory:
    """All offers of a network, indexed once, asked often."""

    def __init__(
        self, offers: Iterable[Offer], places: Places, *, country: str = "DE", state: str = "HE"
    ) -> None:
        """`country` and `state` (ISO 3166) name the public holidays. Raises ValueError for a doubled id."""
        self.places = places
        self._country, self._state = country, state
        self._by_id: dict[str, Offer] = {}
        for offer in offers:
            if self._by_id.setdefault(offer.id, offer) is not offer:
                raise ValueError(f"two offers share the id {offer.id}")
        # The lower position wins a tie: the offer that was confirmed last, then the id.
        self._offers = sorted(
            (offer for offer in self._by_id.values() if offer.status is Status.OPEN),
            key=lambda offer: (-(offer.verified_on or date.min).toordinal(), offer.id),
        )
        self._index()
        # Answers are health data: so few of them, and never with the person's id, may stay in memory.
        self._ranking = lru_cache(maxsize=128)(self._rank)
        self._matches = lru_cache(maxsize=128)(self._match)
        self._surroundings = lru_cache(maxsize=64)(self._measure)
        self._open_evenings = lru_cache(maxsize=1)(self._look_up_evenings)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Offer]:
        return iter(self._by_id.values())

    def get(self, id: str) -> Offer | None:
        """The offer with this id, closed ones too, or None."""
        return self._by_id.get(id)

    def match(self, query: Query, *, now: datetime, limit: int = 50) -> Result:
        """The offers for this query, best first: at most `limit` that fit, NEAR_SHOWN of the other parts.

        `now` carries the city's ZoneInfo. Near misses lack two things at most, least wrong first; their
        scores are negative. First contacts that do not serve the need say so in their misses.
        """
        result = self._matches(query, limit)
        fits = (*self._open_first(result.fits[:LOOKED_UP_OPEN], now), *result.fits[LOOKED_UP_OPEN:])
        return Result(fits, result.near, tuple(self._open_first(result.first_contacts, now)))

    def _open_first(self, matches: Sequence[Match], now: datetime) -> list[Match]:
        """The matches, with what is open now before what is not and ranks the same."""
        found = [self._with_open_now(match, now) for match in matches]
        found.sort(key=lambda one: (-one[1].score, not one[0]))
        return [match for _, match in found]

    def narrowing(self, query: Query, slot: Slot) -> float:
        """How much an answer to this question changes the result, between 0.0 and 1.0.

        The share of the offers that fit now which an answer excludes or moves among the first three, all
        possible answers being equally likely. 0.0 when the fact is known, and when no possible answer
        changes the first results. Groups of equal rank are compared, for "open now" may swap equals.
        """
        ranking = self._ranking(query)
        fits, first = ranking.fits, ranking.first
        answers = self._possible_answers(query, slot) if fits else ()
        count = fits.bit_count()
        leading = sum(first)
        changes = False
        share = 0.0
        for answer in answers:
            kept = fits & answer.allowed
            favoured = [(bits, points) for bits, points in answer.favoured if kept & bits not in (0, kept)]
            if kept == fits and not favoured:
                continue
            affected = count - kept.bit_count()
            if favoured or kept & leading != leading:
                points = ranking.points.copy() if favoured else ranking.points
                for bits, more in favoured:
                    points.add(bits, more)
                then = points.leading(kept, FIRST_RESULTS)
                if then != first:
                    changes = True
                    affected += max(1, (sum(then) & ~leading).bit_count())
            share += min(1.0, affected / count)
        return share / len(answers) if changes else 0.0

    # -- the index -----------------------------------------------------------------------------------------

    def _index(self) -> None:
        def where(rule: Callable[[Offer], object]) -> Bits:
            return bits_of(rule(offer) for offer in self._offers)

        def by(values: Iterable[_V], rule: Callable[[Offer, _V], object]) -> dict[_V, Bits]:
            return {value: bits_of(rule(offer, value) for offer in self._offers) for value in values}

        self._everything = (1 << len(self._offers)) - 1
        self._first_contacts = where(lambda o: o.first_contact)
        self._with_need = where(lambda o: (o.needs or o.also) and not o.first_contact)
        self._primary = by(Need, lambda o, need: need in o.needs)
        self._serving = by(Need, lambda o, need: need in o.needs or (need in o.also and not o.first_contact))
        self._not_for = by(Need, lambda o, need: need in o.not_for_needs)
        self._own: dict[str, Bits] = defaultdict(int)
        self._interpreted: dict[str, Bits] = defaultdict(int)
        for at, offer in enumerate(self._offers):
            for language, speaker in offer.languages:
                (self._own if speaker is Speaker.OWN else self._interpreted)[language] |= 1 << at
        self._any_language = where(lambda o: o.any_language)
        self._for_gender = by(Gender, lambda o, gender: gender in o.genders)
        self._any_gender = where(lambda o: not o.genders)
        self._one_gender = where(lambda o: len(o.genders) == 1)
        self._for_person = by(Person, lambda o, person: person in o.for_whom)
        self._any_person = where(lambda o: not o.for_whom)
        self._for_family = by(Family, lambda o, family: family in o.families)
        self._any_family = where(lambda o: not o.families)
        years = range(OLDEST + 1)
        self._from_age = by(years, lambda o, year: (o.min_age or 0) <= year)
        self._to_age = by(years, lambda o, year: o.max_age is None or o.max_age >= year)
        self._young = where(lambda o: o.max_age is not None and o.max_age <= YOUNG_BEFORE)
        self._for_an_age = where(
            lambda o: (
                (o.min_age or 0) >= ELDERLY_FROM
                or (o.max_age is not None and o.max_age - (o.min_age or 0) <= AGE_SPAN)
            )
        )
        self._serving_area: dict[str, Bits] = defaultdict(int)
        for at, offer in enumerate(self._offers):
            for area in offer.areas:
                self._serving_area[area] |= 1 << at
        self._anywhere = where(lambda o: not o.areas)
        self._limited_residence = where(lambda o: o.residence)
        self._short_wait = where(lambda o: o.waiting_weeks is not None and o.waiting_weeks <= SHORT_WEEKS)
        self._remote = where(lambda o: o.online or {Mode.PHONE, Mode.VIDEO, Mode.CHAT} & set(o.modes))
        self._in_person = where(lambda o: {Mode.IN_PERSON, Mode.HOME_VISIT} & set(o.modes))

        self._standing = Points()
        self._standing.add(self._everything & ~self._limited_residence, OPEN_TO_ALL_RESIDENCE)
        for unlimited in (
            self._any_gender,
            self._any_person,
            self._any_family,
            self._everything & ~(self._for_an_age | self._young),
        ):
            self._standing.add(unlimited, FOR_ALL)
        self._standing.add(self._short_wait, SHORT_WAIT)
        self._standing.add(
            where(lambda o: o.waiting_weeks is None or SHORT_WEEKS < o.waiting_weeks <= FAIR_WEEKS), FAIR_WAIT
        )
        self._age_reasons = [Reason(ReasonKind.AGE, _age_range(offer)) for offer in self._offers]
        self._wait_reasons = [
            Reason(ReasonKind.SHORT_WAIT, str(offer.waiting_weeks)) for offer in self._offers
        ]
        self._residence_reasons = [
            Reason(ReasonKind.RESIDENCE_LIMITED, "; ".join(sorted(offer.residence))) for offer in self._offers
        ]
        self._misses_of = {
            MissKind.AGE: [Miss(MissKind.AGE, _age_range(offer)) for offer in self._offers],
            MissKind.GENDER: [_named(MissKind.GENDER, offer.genders) for offer in self._offers],
            MissKind.FAMILY: [_named(MissKind.FAMILY, offer.families) for offer in self._offers],
            MissKind.PERSON: [_named(MissKind.PERSON, offer.for_whom) for offer in self._offers],
            MissKind.AREA: [_named(MissKind.AREA, offer.areas) for offer in self._offers],
        }
        self._answers: dict[Slot, tuple[_Effect, ...]] = {
            Slot.NEED: tuple(self._need(need) for need in Need),
            Slot.PERSON: tuple(self._person(person) for person in Person),
            Slot.AGE_BAND: tuple(
                _Effect(effect.allowed, (*effect.favoured, self._whole_band(band.ages)))
                for band in AgeBand
                for effect in (self._age(band.ages),)
            ),
            Slot.GENDER: tuple(self._gender(gender) for gender in Gender),
            Slot.FAMILY: tuple(self._family(frozenset({family}), None) for family in Family),
        }
        self._minor = self._age(_UNDER_AGE)

    # -- what each fact does -------------------------------------------------------------------------------

    def _need(self, need: Need) -> _Effect:
        return _Effect(self._serving[need], ((self._primary[need], NEED_PRIMARY),))

    def _gender(self, gender: Gender) -> _Effect:
        meant = self._for_gender[gender]
        return _Effect(self._any_gender | meant, ((meant, GENDER_MEANT),))

    def _person(self, person: Person) -> _Effect:
        meant = self._for_person[person]
        favoured = () if person is Person.SELF else ((meant, PERSON_MEANT),)  # most offers are for oneself
        return _Effect(self._any_person | meant, favoured)

    def _age(self, ages: tuple[int, int | None], *, nearly: int = 0) -> _Effect:
        """Offers for any of these ages; `nearly` years more at both ends."""
        youngest = max(ages[0] - nearly, 0)
        oldest = OLDEST if ages[1] is None else ages[1] + nearly
        allowed = self._from_age[min(oldest, OLDEST)] & self._to_age[min(youngest, OLDEST)]
        favoured = [(allowed & (self._for_an_age | self._young), AGE_MEANT)]
        if ages[1] is not None and ages[1] < OF_AGE:
            favoured.append((allowed & self._young, YOUTH_FIRST))
        return _Effect(allowed, tuple(favoured))

    def _whole_band(self, ages: tuple[int, int | None]) -> tuple[Bits, int]:
        oldest = OLDEST if ages[1] is None else ages[1]
        return self._from_age[min(ages[0], OLDEST)] & self._to_age[min(oldest, OLDEST)], WHOLE_BAND

    def _family(self, told: frozenset[Family], need: Need | None) -> _Effect:
        allowed = self._any_family
        for family, meant in self._for_family.items():
            expecting = family is Family.PREGNANT and need is Need.PREGNANCY
            if family in told or expecting or not RULED_OUT_BY[family] & told:
                allowed |= meant
        return _Effect(allowed, tuple((self._for_family[family], FAMILY_MEANT) for family in sorted(told)))

    def _measure(self, place: str) -> _Surroundings:
        area, districts = self.places.area_of(place), set(self.places.districts_of(place))
        here = self.places.centre(place)
        distances = tuple(self._distance(offer, here) for offer in self._offers)
        standing = [offer.place.district if offer.place else None for offer in self._offers]
        within = bits_of(district in districts for district in standing)
        in_area = bits_of(
            district is not None and self.places.area_of(district) == area for district in standing
        )
        near = within | bits_of(km is not None and km <= NEAR_KM for km in distances)
        not_far = near | bits_of(km is None or km <= NOT_FAR_KM for km in distances)
        served = self._anywhere
        for id in {place, area, *districts}:
            served |= self._serving_area.get(id or "", 0)
        favoured = ((within, SAME_DISTRICT), (near, NEAR), (not_far, NOT_FAR))
        reasons: tuple[tuple[Bits, Reason], ...] = ((in_area, Reason(ReasonKind.AREA, area)),)
        if place != area:
            reasons = (
                (within, Reason(ReasonKind.DISTRICT, place)),
                (in_area & ~within, Reason(ReasonKind.AREA, area)),
            )
        return _Surroundings(_Effect(served, favoured), reasons, distances, near)

    def _distance(self, offer: Offer, here: tuple[float, float] | None) -> float | None:
        place = offer.place
        if place is None or place.confidential or here is None:
            return None
        if place.latitude is not None and place.longitude is not None:
            there: tuple[float, float] | None = (place.latitude, place.longitude)
        else:
            there = self.places.centre(place.district) if place.district else None
        return round(kilometres(*here, *there), 1) if there else None

    def _look_up_evenings(self) -> Bits:
        """The offers that are open after EVENING_HOUR on some day of an ordinary week."""
        monday = datetime(2026, 3, 2, EVENING_HOUR, 15, tzinfo=ZoneInfo("UTC"))
        evenings = [monday + timedelta(days=day) for day in range(7)]
        return bits_of(
            offer.opening_hours is not None
            and any(self._is_open(offer.opening_hours, evening) for evening in evenings)
            for offer in self._offers
        )

    def _is_open(self, spec: str, now: datetime) -> bool:
        try:
            return status(spec, now, self._country, self._state).open
        except HoursInvalid:
            return False  # the check of the data names it; a person is served all the same

    # -- the answer ----------------------------------------------------------------------------------------

    def _rank(self, query: Query) -> _Ranking:
        rules: dict[MissKind, Bits] = {}
        points = self._standing.copy()
        reasons: list[tuple[Bits, _ReasonFor]] = []

        def apply(kind: MissKind, effect: _Effect) -> None:
            rules[kind] = effect.allowed
            for bits, more in effect.favoured:
                points.add(bits, more)

        if query.need is None:
            rules[MissKind.NEED] = self._with_need
        else:
            need = query.need
            apply(MissKind.NEED, self._need(need))
            reasons.append((self._primary[need], Reason(ReasonKind.NEED_PRIMARY, need)))
            reasons.append((self._serving[need] & ~self._primary[need], Reason(ReasonKind.NEED_ALSO, need)))
        refused = 0
        for told in (query.need, *query.also):
            refused |= self._not_for[told] if told else 0
        if refused:
            rules[MissKind.NOT_FOR] = self._everything & ~refused
        for need in query.also:
            points.add(self._serving[need], NEED_ALSO)
            reasons.append((self._serving[need], Reason(ReasonKind.NEED_ALSO, need)))
        if language := query.language:
            own = self._own.get(language, 0)
            interpreted = (self._interpreted.get(language, 0) | self._any_language) & ~own
            favoured = ((own, LANGUAGE_OWN), (interpreted, LANGUAGE_INTERPRETER))
            apply(MissKind.LANGUAGE, _Effect(own | interpreted, favoured))
            reasons.append((own, Reason(ReasonKind.LANGUAGE_OWN, language)))
            reasons.append((interpreted, Reason(ReasonKind.LANGUAGE_INTERPRETER, language)))
        if query.gender:
            apply(MissKind.GENDER, self._gender(query.gender))
            meant = self._for_gender[query.gender]
            reasons.append((meant & self._one_gender, _ONLY.get(query.gender, _for(query.gender))))
            reasons.append((meant & ~self._one_gender, _for(query.gender)))
        if ages := _ages(query):
            effect = self._age(ages)
            apply(MissKind.AGE, effect)
            if query.ages:
                points.add(*self._whole_band(query.ages))
            reasons.append((effect.allowed & (self._for_an_age | self._young), self._age_reasons))
        if query.families:
            apply(MissKind.FAMILY, self._family(query.families, query.need))
            for family in sorted(query.families):
                reasons.append((self._for_family[family], Reason(ReasonKind.FAMILY, family)))
        if query.person:
            apply(MissKind.PERSON, self._person(query.person))
            reasons.append((self._for_person[query.person], Reason(ReasonKind.PERSON, query.person)))
        near = 0
        if query.area and query.area in self.places:
            surroundings = self._surroundings(query.area)
            near = surroundings.near
            apply(MissKind.AREA, surroundings.effect)
            reasons.extend(surroundings.reasons)
        for refinement in sorted(query.refinements):
            met = self._meeting(refinement, near)
            points.add(met, REFINEMENT_MET)
            reasons.append((met, Reason(ReasonKind.REFINEMENT, refinement)))
        reasons.append((self._short_wait, self._wait_reasons))
        reasons.append((self._limited_residence, self._residence_reasons))
        fits = self._everything
        for allowed in rules.values():
            fits &= allowed
        return _Ranking(rules, points, reasons, fits, points.leading(fits, FIRST_RESULTS))

    def _meeting(self, refinement: Refinement, near: Bits) -> Bits:
        match refinement:
            case Refinement.NEARER:
                return near
            case Refinement.EVENING:
                return self._open_evenings()
            case Refinement.SOON:
                return self._short_wait
            case Refinement.REMOTE:
                return self._remote
            case Refinement.IN_PERSON:
                return self._in_person

    def _match(self, query: Query, limit: int) -> Result:
        ranking = self._ranking(query)
        rules, fits = ranking.rules, ranking.fits
        points = ranking.points.copy()
        all_right = 0
        contacts = self._first_contacts & ~fits
        once = twice = thrice = 0
        for kind, allowed in rules.items():
            points.add(allowed, WRONG[kind] * STEP)
            all_right += WRONG[kind] * STEP
            if kind not in (MissKind.NEED, MissKind.LANGUAGE):
                contacts &= allowed
            missing = self._everything & ~allowed
            thrice |= twice & missing
            twice |= once & missing
            once |= missing
        if ages := _ages(query):
            almost = self._age(ages, nearly=AGE_NEARLY).allowed & ~rules[MissKind.AGE]
            points.add(almost, (WRONG[MissKind.AGE] - 1) * STEP)
        pool = rules[MissKind.NEED]
        for need in query.also:
            pool |= self._primary[need]
        near = pool & once & ~thrice & ~self._first_contacts

        place = query.area if query.area in self.places else None
        distances = self._surroundings(place).distances if place else None

        few = min(limit, NEAR_SHOWN)
        fitting = ranking.points.top(fits, limit)
        nearly = points.top(near, few)
        first = points.top(contacts, few)

        # Explained together: a reason is looked up once for all offers that are shown.
        reasons: dict[int, list[Reason]] = {at: [] for part in (fitting, nearly, first) for _, at in part}
        misses: dict[int, list[Miss]] = {at: [] for at in reasons}
        shown = sum([1 << at for at in reasons])
        for bits, reason in ranking.reasons:
            common = bits & shown
            while common:
                at = common.bit_length() - 1
                common ^= 1 << at
                reasons[at].append(reason if isinstance(reason, Reason) else reason[at])
        for kind, allowed in rules.items():
            lacking = shown & ~allowed
            while lacking:
                at = lacking.bit_length() - 1
                lacking ^= 1 << at
                misses[at].append(self._miss(kind, query, at))

        def built(best: list[tuple[int, int]], full: int) -> tuple[Match, ...]:
            return tuple(
                [
                    Match(
                        self._offers[at],
                        score - full,
                        tuple(reasons[at]),
                        tuple(misses[at]),
                        distances[at] if distances else None,
                    )
                    for score, at in best
                ]
            )

        return Result(built(fitting, 0), built(nearly, all_right), built(first, all_right))

    def _miss(self, kind: MissKind, query: Query, at: int) -> Miss:
        match kind:
            case MissKind.NEED:
                return Miss(kind, query.need)
            case MissKind.LANGUAGE:
                return Miss(kind, query.language)
            case MissKind.NOT_FOR:
                refused = self._offers[at].not_for_needs
                return Miss(kind, next(need for need in (query.need, *query.also) if need in refused))
            case _:
                return self._misses_of[kind][at]

    def _with_open_now(self, match: Match, now: datetime) -> tuple[bool, Match]:
        spec = match.offer.opening_hours
        if spec is None:
            return False, match
        try:
            hours = status(spec, now, self._country, self._state)
        except HoursInvalid:
            return False, match
        if not hours.open:
            return False, match
        reason = Reason(ReasonKind.OPEN_NOW, f"{hours.until:%H:%M}" if hours.until else None)
        return True, Match(
            match.offer, match.score, (*match.reasons, reason), match.misses, match.distance_km
        )

    def _possible_answers(self, query: Query, slot: Slot) -> Sequence[_Effect]:
        """The effects of the answers that are still possible; none when the fact is known."""
        match slot:
            case Slot.NEED:
                return () if query.need else self._answers[slot]
            case Slot.PERSON:
                return () if query.person else self._answers[slot]
            case Slot.GENDER:
                return () if query.gender else self._answers[slot]
            case Slot.AREA:
                known = query.area in self.places
                return () if known else [self._surroundings(area.id).effect for area in self.places.areas]
            case Slot.AGE_BAND if query.ages:
                return ()
            case Slot.AGE_BAND if Family.UNACCOMPANIED_MINOR in query.families:
                # Under 18 is known, and counted already.
                return [
                    _Effect(self._age(band.ages).allowed, (self._whole_band(band.ages),))
                    for band in (AgeBand.CHILD, AgeBand.YOUTH)
                ]
            case Slot.AGE_BAND:
                return self._answers[slot]
            case Slot.FAMILY:
                return () if query.families else self._possible_families(query)

    def _possible_families(self, query: Query) -> list[_Effect]:
        effects = []
        expecting = self._for_family[Family.PREGNANT] if query.need is Need.PREGNANCY else 0
        for family, effect in zip(Family, self._answers[Slot.FAMILY], strict=True):
            if family is Family.PREGNANT and query.gender is Gender.MALE:
                continue
            allowed, favoured = effect.allowed | expecting, effect.favoured
            if family is Family.UNACCOMPANIED_MINOR:
                if query.ages and query.ages[0] >= OF_AGE:
                    continue
                if query.ages is None:
                    allowed &= self._minor.allowed
                    favoured += self._minor.favoured
            effects.append(_Effect(allowed, favoured))
        return effects


_UNDER_AGE = (0, OF_AGE - 1)
_ONLY = {Gender.FEMALE: Reason(ReasonKind.WOMEN_ONLY), Gender.MALE: Reason(ReasonKind.MEN_ONLY)}


def _for(gender: Gender) -> Reason:
    return Reason(ReasonKind.GENDER, gender)


def _ages(query: Query) -> tuple[int, int | None] | None:
    """The ages told; a minor who came alone is under 18."""
    if query.ages is None and Family.UNACCOMPANIED_MINOR in query.families:
        return _UNDER_AGE
    return query.ages


def _age_range(offer: Offer) -> str:
    return f"{offer.min_age or 0}-{'' if offer.max_age is None else offer.max_age}"


def _named(kind: MissKind, values: Iterable[str]) -> Miss:
    return Miss(kind, "; ".join(sorted(values)))
