"""Which question comes next, and what an answer means: the form, as rasa_sdk knows forms.

The next question is the one whose answer narrows the offers most; one that cannot change what is shown is
not asked; there are never more than `MAX_QUESTIONS`. Pure: the offers come in with the domain (`world_of`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT, FormValidationAction

from bot.conversation.state import SLOTS
from bot.conversation.vocabulary import World
from bot.offers.model import AgeBand, Family, Gender, Need, Person, Query, Refinement, Slot

MAX_QUESTIONS = 5
MAX_NEEDS = 3
WORLD = "world"
"""The key under which the engine (or a webhook server) puts the `World` into the domain given to actions."""


def world_of(domain: Mapping[str, Any]) -> World:
    """The world that came in with the domain."""
    return cast(World, domain[WORLD])


def query_of(slots: Mapping[str, Any]) -> Query:
    """What the directory is asked, from slot values as the state holds them."""
    needs = [Need(need) for need in slots.get("need") or ()]
    band = slots.get("age_band")
    return Query(
        need=needs[0] if needs else None,
        also=tuple(needs[1:]),
        ages=AgeBand(band).ages if band else None,
        gender=Gender(slots["gender"]) if slots.get("gender") else None,
        families=frozenset(Family(family) for family in slots.get("family") or ()),
        person=Person(slots["person"]) if slots.get("person") else None,
        language=slots.get("language"),
        area=slots.get("area"),
        refinements=frozenset(Refinement(wish) for wish in slots.get("wishes") or ()),
    )


def next_question(slots: Mapping[str, Any], world: World) -> str | None:
    """The slot to ask for, or None when offers should be shown now."""
    closed = set(slots.get("skipped") or ())
    if not slots.get("need") and "need" not in closed:
        return "need"
    if len(slots.get("asked") or ()) >= MAX_QUESTIONS:
        return None
    query = query_of(slots)
    gains = {
        slot: world.directory.narrowing(query, Slot(slot))
        for slot in SLOTS[1:]
        if slots.get(slot) is None and slot not in closed
    }
    best = max(gains, key=lambda slot: gains[slot], default=None)
    return best if best is not None and gains[best] > 0 else None


class ValidateOfferForm(FormValidationAction):
    """Validates what was given and requests the next slot."""

    def name(self) -> str:
        return "validate_offer_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: Mapping[str, Any],
    ) -> list[str]:
        """The slots given so far: these are validated. What to ask next is chosen once, at the end.

        In reverse order of the domain, because the SDK takes a list equal to the domain's for "not overridden".
        """
        return [slot for slot in reversed(domain_slots) if tracker.slots.get(slot) is not None]

    async def next_requested_slot(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> Any:
        """The slot to ask for; None ends the form."""
        return SlotSet(REQUESTED_SLOT, next_question(tracker.slots, world_of(domain)))

    async def extract_need(self, *_: Any) -> dict[str, Any]:
        """Slots come from entities (domain.yml); the SDK wants to see that this was meant."""
        return {}

    extract_person = extract_age_band = extract_gender = extract_family = extract_area = extract_need

    def validate_need(self, value: Any, *_: Any) -> dict[str, Any]:
        return {"need": _known(Need, value)[:MAX_NEEDS] or None}

    def validate_person(self, value: Any, *_: Any) -> dict[str, Any]:
        return {"person": next(iter(_known(Person, [value])), None)}

    def validate_age_band(self, value: Any, *_: Any) -> dict[str, Any]:
        return {"age_band": next(iter(_known(AgeBand, [value])), None)}

    def validate_gender(self, value: Any, *_: Any) -> dict[str, Any]:
        return {"gender": next(iter(_known(Gender, [value])), None)}

    def validate_family(self, value: Any, *_: Any) -> dict[str, Any]:
        """An empty list is an answer: "none of these"."""
        return {"family": _known(Family, value) if isinstance(value, list) else None}

    def validate_area(self, value: Any, _: Any, __: Any, domain: Mapping[str, Any]) -> dict[str, Any]:
        return {"area": value if value in world_of(domain).places else None}


def _known(values: type, given: Any) -> list[str]:
    allowed = {member.value for member in cast(Any, values)}
    return [value for value in given or () if isinstance(value, str) and value in allowed]
