"""What stands at the end of a path: questions, offers, a person's own data. rasa_sdk actions, pure.

An action reads slots and the world, and says what to show (`say`) and what is to be done outside (`do`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.conversation.codes import Verb
from bot.conversation.forms import ValidateOfferForm, query_of, world_of
from bot.conversation.vocabulary import Choice, Command, Do, Reply, Text, World
from bot.offers.model import AgeBand, Family, Gender, Match, MissKind, Offer, Person, ReasonKind

OFFERS_A_SCREEN = 3  # SAFETY §5: at most three offers at a time
Events = list[dict[str, Any]]


def say(dispatcher: CollectingDispatcher, reply: Reply) -> None:
    """Hands a reply to whoever runs the action, as Rasa's custom message."""
    dispatcher.utter_message(json_message={"reply": reply})


def do(dispatcher: CollectingDispatcher, what: Do, **values: Any) -> None:
    """Asks whoever runs the action to do something outside."""
    dispatcher.utter_message(json_message={"command": Command(what, values)})


def choice(label: str, verb: Verb, argument: str = "", **values: Any) -> Choice:
    """A button that comes back."""
    return Choice(Text(label, values), code=f"{verb}.{argument}")


def in_rows(choices: Iterable[Choice], width: int) -> tuple[tuple[Choice, ...], ...]:
    """The buttons, `width` to a row."""
    row = tuple(choices)
    return tuple(row[start : start + width] for start in range(0, len(row), width))


def _of_child(slots: Mapping[str, Any]) -> str:
    """A child is a girl or a boy, not a woman or a man."""
    return "child_" if slots.get("person") == Person.CHILD else ""


def summary(slots: Mapping[str, Any]) -> tuple[Text, ...]:
    """The answers given so far, a text each."""
    texts = [Text(f"need/{need}") for need in slots.get("need") or ()]
    texts += [Text(f"{slot}/{slots[slot]}") for slot in ("person", "age_band") if slots.get(slot)]
    if gender := slots.get("gender"):
        texts.append(Text(f"gender/{_of_child(slots)}{gender}"))
    if area := slots.get("area"):
        texts.append(Text(f"area/{area}"))
    return (*texts, *(Text(f"family/{family}") for family in slots.get("family") or ()))


QUESTION_ROWS: tuple[tuple[Choice, ...], ...] = (
    (choice("button_skip", Verb.SKIP), choice("button_back", Verb.BACK)),
    (choice("button_show", Verb.SHOW),),
    (choice("button_restart", Verb.RESTART), choice("button_sos", Verb.SOS)),
)
END_ROWS: tuple[tuple[Choice, ...], ...] = (
    (choice("button_back", Verb.BACK), choice("button_restart", Verb.RESTART)),
    (choice("button_menu", Verb.MENU), choice("button_sos", Verb.SOS)),
)

_HOUSEHOLDS: tuple[tuple[str, tuple[Family, ...]], ...] = (
    ("household_alone", (Family.ALONE,)),
    ("household_partner", (Family.PARTNER,)),
    ("household_family", (Family.PARTNER, Family.CHILDREN)),
    ("household_single_parent", (Family.SINGLE_PARENT, Family.CHILDREN)),
    ("household_pregnant", (Family.PREGNANT,)),
    ("household_other", ()),
)
_HOUSEHOLDS_MINOR: tuple[tuple[str, tuple[Family, ...]], ...] = (
    ("household_parents", ()),
    ("household_unaccompanied", (Family.UNACCOMPANIED_MINOR,)),
    ("household_pregnant", (Family.PREGNANT,)),
)
MINORS = (AgeBand.CHILD, AgeBand.YOUTH)
NEVER_PREGNANT = (AgeBand.CHILD, AgeBand.SENIOR)


def answer(slot: str, value: str, label: str) -> Choice:
    """A button that answers a question: its code carries `slot=value`."""
    return choice(label, Verb.ANSWER, f"{slot}={value}")


class AskSlot(Action):
    """Asks for one slot: the question, why it is asked, and buttons. Notes that it was asked."""

    slot: ClassVar[str]
    width: ClassVar[int] = 2

    def name(self) -> str:
        return f"action_ask_{self.slot}"

    def variant(self, slots: Mapping[str, Any]) -> str:
        """The ending of the question's name: it is asked differently about a child or somebody else."""
        match slots.get("person"):
            case None | Person.SELF:
                return ""
            case Person.CHILD:
                return "_child"
            case _:
                return "_other"

    def choices(self, slots: Mapping[str, Any], world: World) -> Iterable[Choice]:
        """The answers to choose from."""
        raise NotImplementedError

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> Events:
        world = world_of(domain)
        question = Text(f"utter_ask_{self.slot}{self.variant(tracker.slots)}", {"city": world.city})
        rows = in_rows(self.choices(tracker.slots, world), self.width)
        say(dispatcher, Reply((question, Text(f"utter_why_{self.slot}")), rows=(*rows, *QUESTION_ROWS)))
        asked = [slot for slot in tracker.slots.get("asked") or () if slot != self.slot]
        return [SlotSet("asked", [*asked, self.slot])]


class AskNeed(AskSlot):
    slot = "need"

    def variant(self, slots: Mapping[str, Any]) -> str:
        return ""

    def choices(self, slots: Mapping[str, Any], world: World) -> Iterable[Choice]:
        return (choice(f"group/{group.id}", Verb.GROUP, group.id) for group in world.needs.groups)


class NeedsOfGroup(Action):
    """The second level of the menu of needs: the needs of the group that was tapped."""

    def name(self) -> str:
        return "action_needs_of_group"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> Events:
        wanted = next(tracker.get_latest_entity_values("group"), None)
        group = next(group for group in world_of(domain).needs.groups if group.id == wanted)
        needs = [answer("need", entry.need, f"need/{entry.need}") for entry in group.entries]
        say(dispatcher, Reply((Text("utter_ask_need_detail"),), rows=(*in_rows(needs, 1), *QUESTION_ROWS)))
        return []


class AskPerson(AskSlot):
    slot = "person"

    def variant(self, slots: Mapping[str, Any]) -> str:
        return ""

    def choices(self, slots: Mapping[str, Any], world: World) -> Iterable[Choice]:
        return (answer("person", person, f"person/{person}") for person in Person)


class AskAgeBand(AskSlot):
    slot = "age_band"

    def choices(self, slots: Mapping[str, Any], world: World) -> Iterable[Choice]:
        return (answer("age_band", band, f"age_band/{band}") for band in AgeBand)


class AskGender(AskSlot):
    slot = "gender"

    def choices(self, slots: Mapping[str, Any], world: World) -> Iterable[Choice]:
        child = _of_child(slots)
        return (answer("gender", gender, f"gender/{child}{gender}") for gender in Gender)


class AskFamily(AskSlot):
    slot = "family"

    def variant(self, slots: Mapping[str, Any]) -> str:
        return "_other" if super().variant(slots) else ""

    def choices(self, slots: Mapping[str, Any], world: World) -> Iterable[Choice]:
        households = _HOUSEHOLDS_MINOR if slots.get("age_band") in MINORS else _HOUSEHOLDS
        may_be_pregnant = slots.get("gender") != Gender.MALE and slots.get("age_band") not in NEVER_PREGNANT
        return (
            answer("family", "+".join(members), name)
            for name, members in households
            if may_be_pregnant or Family.PREGNANT not in members
        )


class AskArea(AskSlot):
    slot = "area"

    def variant(self, slots: Mapping[str, Any]) -> str:
        return ""

    def choices(self, slots: Mapping[str, Any], world: World) -> Iterable[Choice]:
        return (answer("area", area.id, f"area/{area.id}") for area in world.places.areas)


def card(match: Match) -> dict[str, Any]:
    """What a reply needs to show an offer."""
    return {
        "offer": match.offer.id,
        "reasons": [(reason.kind.value, reason.value) for reason in match.reasons],
        "misses": [
            (miss.kind.value, miss.value)
            for miss in match.misses
            if not (match.offer.first_contact and miss.kind is MissKind.NEED)  # it is there for every need
        ],
    }


def card_rows(offer: Offer, world: World) -> tuple[tuple[Choice, ...], ...]:
    """The buttons under a card: book, number, map, card to show, plan, share, "this is wrong".

    All of them addresses or texts to copy, none with a code: only then does Telegram keep them when the card is
    forwarded.
    """
    book, reach = [], []
    if offer.booking_url:
        book.append(Choice(Text("button_book"), url=offer.booking_url))
    elif offer.website:
        book.append(Choice(Text("button_website"), url=offer.website))
    if offer.phones:
        reach.append(Choice(Text("button_number"), copy=offer.phones[0].number))
    place = offer.place
    if place and not place.confidential and place.latitude is not None:
        address = f"https://www.openstreetmap.org/?mlat={place.latitude}&mlon={place.longitude}#map=17/{place.latitude}/{place.longitude}"
        reach.append(Choice(Text("button_map"), url=address))
    share = f"https://t.me/share/url?url={quote(deep_link(world, f'o-{offer.id}'), safe='')}"
    arrive = (
        Choice(Text("button_door_opener"), url=deep_link(world, f"d-{offer.id}")),
        Choice(Text("button_keep"), url=deep_link(world, f"k-{offer.id}")),
    )
    pass_on = (
        Choice(Text("button_share"), url=share),
        Choice(Text("button_wrong"), url=deep_link(world, f"w-{offer.id}")),
    )
    return tuple(row for row in (tuple(book), tuple(reach), arrive, pass_on) if row)


def deep_link(world: World, parameter: str) -> str:
    """The address that opens this bot with a start parameter (Bot API, deep linking)."""
    return f"https://t.me/{world.bot_username}?start={parameter}"


def say_cards(dispatcher: CollectingDispatcher, matches: Iterable[Match], world: World) -> None:
    """One message an offer, so that each has its own buttons and can be forwarded by itself."""
    for match in matches:
        say(dispatcher, Reply(card=card(match), rows=card_rows(match.offer, world)))


def cell(slots: Mapping[str, Any], language: str | None, world: World) -> dict[str, str | None]:
    """The cell of the statistics that these answers fall into: coarse, without any id."""
    return {
        "need": next(iter(slots.get("need") or ()), None),
        "language": language,
        "age_band": slots.get("age_band"),
        "gender": slots.get("gender"),
        "area": world.places.area_of(slots["area"]) if slots.get("area") else None,
    }


class ShowOffers(Action):
    """The best offers for the answers given; where nothing fits, the nearest, with what does not fit."""

    def name(self) -> str:
        return "action_show_offers"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> Events:
        world = world_of(domain)
        slots = tracker.slots
        result = world.directory.match(query_of(slots), now=world.now, limit=OFFERS_A_SCREEN)
        if not slots.get("need"):  # without a topic only a first contact makes sense
            matches, said = result.first_contacts, Text("utter_first_contacts")
        elif result.fits:
            matches, said = result.fits, Text("utter_offers", {"count": len(result.fits)})
        else:
            matches = (*result.near[: OFFERS_A_SCREEN - 1], *result.first_contacts)
            said = Text("utter_nothing_fits" if result.near else "utter_first_contacts")
        matches, texts = matches[:OFFERS_A_SCREEN], [said]
        answers = summary(slots)
        if answers:
            texts.append(Text("utter_your_answers", {"summary": answers}))
        say_cards(dispatcher, matches, world)
        more = (choice("button_more", Verb.MORE), choice("button_change", Verb.CHANGE))
        news = (choice("button_news", Verb.NEWS),)
        say(dispatcher, Reply(tuple(texts), rows=(more, news, *END_ROWS)))
        do(
            dispatcher,
            Do.COUNT,
            **cell(slots, slots.get("language"), world),
            found=bool(result.fits),
        )
        return [SlotSet("shown", [match.offer.id for match in matches])]


class MoreOffers(Action):
    """The next offers for the same answers."""

    def name(self) -> str:
        return "action_more_offers"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> Events:
        world = world_of(domain)
        shown = list(tracker.slots.get("shown") or ())
        result = world.directory.match(query_of(tracker.slots), now=world.now)
        rest = [
            match
            for match in (*result.fits, *result.near, *result.first_contacts)
            if match.offer.id not in shown
        ]
        matches = rest[:OFFERS_A_SCREEN]
        say_cards(dispatcher, matches, world)
        more: tuple[Choice, ...] = (choice("button_change", Verb.CHANGE),)
        if len(rest) > OFFERS_A_SCREEN:
            more = (choice("button_more", Verb.MORE), *more)
        text = Text("utter_offers_more" if matches else "utter_offers_end")
        say(dispatcher, Reply((text,), rows=(more, *END_ROWS)))
        return [SlotSet("shown", shown + [match.offer.id for match in matches])]


class ShowOffer(Action):
    """One offer that a link names; where it is gone, the person is led on."""

    def name(self) -> str:
        return "action_show_offer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> Events:
        world = world_of(domain)
        offer = world.directory.get(next(tracker.get_latest_entity_values("offer"), ""))
        if offer is None:
            find = ((choice("button_find", Verb.RESUME),), *END_ROWS)
            say(dispatcher, Reply((Text("utter_offer_gone"),), rows=find))
            return []
        say_cards(dispatcher, [Match(offer, 0)], world)
        say(
            dispatcher,
            Reply((Text("utter_offer_linked"),), rows=((choice("button_find", Verb.RESUME),), *END_ROWS)),
        )
        return []


class TalkToPerson(Action):
    """Where people can be reached: first contacts, open now if any is. No promise that somebody answers here."""

    def name(self) -> str:
        return "action_talk_to_person"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> Events:
        world = world_of(domain)
        contacts = world.directory.match(query_of(tracker.slots), now=world.now).first_contacts
        open_now = [
            match for match in contacts if any(reason.kind is ReasonKind.OPEN_NOW for reason in match.reasons)
        ]
        shown = (open_now or contacts)[:OFFERS_A_SCREEN]
        say_cards(dispatcher, shown, world)
        when = (Text("utter_talk_now" if open_now else "utter_talk_later"),) if shown else ()
        rows = ((choice("button_go_on", Verb.RESUME),), *END_ROWS)
        say(dispatcher, Reply((Text("utter_talk_to_person"), *when), rows=rows))
        return []


ACTIONS: tuple[type[Action], ...] = (
    ValidateOfferForm,
    AskNeed,
    NeedsOfGroup,
    AskPerson,
    AskAgeBand,
    AskGender,
    AskFamily,
    AskArea,
    ShowOffers,
    MoreOffers,
    ShowOffer,
    TalkToPerson,
)
