"""Turns a reply into text and buttons of one language: the only place where names become sentences.

HTML is escaped by construction: translations and values are escaped, only the tags written here are tags. Inside
right-to-left text numbers, phones, times and foreign words stand in isolates (direction.py); the rows of buttons
are reversed, because Telegram has no setting for their direction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from functools import cache, lru_cache
from html import escape, unescape
from typing import Any

from bot.conversation.codes import written
from bot.conversation.domain import domain
from bot.conversation.vocabulary import Choice, Reply, Text, World
from bot.languages.catalogs import translations
from bot.languages.direction import (
    FIRST_STRONG,
    LEFT_TO_RIGHT,
    POP,
    directed,
    has_right_to_left,
    with_literals_isolated,
)
from bot.languages.length import cut
from bot.languages.registry import LANGUAGES, Language
from bot.offers.hours import status
from bot.offers.model import Miss, MissKind, Offer, Phone, Reason, ReasonKind, Speaker, text_in
from bot.offers.needs import NeedEntry, NeedGroup

TEXT_LIMIT = 4096  # Bot API, sendMessage: characters after entities parsing
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Button:
    """A button as Telegram takes it: a label and one of a code, an address, a text to copy."""

    label: str
    code: str = ""
    url: str = ""
    copy: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message ready to send: HTML text and rows of buttons. `replaces`: it takes the place of the tapped one."""

    html: str
    rows: tuple[tuple[Button, ...], ...] = ()
    replaces: bool = False


def render(reply: Reply, code: str, world: World) -> Rendered:
    """The reply in the language `code`, or in each of `reply.languages`, one below the other."""
    writers = [_Writer(LANGUAGES[each], world) for each in reply.languages or (code,)]
    html = "\n\n".join(writer.message(reply) for writer in writers)
    if reply.helplines and len(writers) > 1:
        html = "\n\n".join(
            [*(writer.texts(reply.texts) for writer in writers), writers[0].helplines(reply.helplines)]
        )
    first = writers[0]
    labels = writers if reply.side_by_side else writers[:1]
    rows = tuple(tuple(_button(labels, choice, reply.screen) for choice in row) for row in reply.rows)
    if first.language.right_to_left:
        rows = tuple(row[::-1] for row in rows)
    return Rendered(cut(html, TEXT_LIMIT), rows, reply.replaces)


def _button(writers: Sequence[_Writer], choice: Choice, screen: int) -> Button:
    """The button with its label in each of these languages."""
    made = writers[0].button(choice, screen)
    labels = (
        _plain(writer.text(choice.label)).strip(FIRST_STRONG + LEFT_TO_RIGHT + POP) for writer in writers
    )
    _, *others = dict.fromkeys(labels)
    return replace(made, label=" · ".join((made.label, *others))) if others else made


def button(choice: Choice, code: str, screen: int = 0) -> Button:
    """One button in the language `code`, for a label that names neither place nor need."""
    return _Writer(LANGUAGES[code], None).button(choice, screen)


def paragraph(text: Text, code: str) -> str:
    """One text of the domain as a paragraph of HTML, where it names neither place nor need."""
    return _Writer(LANGUAGES[code], None).paragraph(text)


def say(name: str, code: str, **values: Any) -> str:
    """One response of the domain in one language, as plain text (menus, descriptions, error texts)."""
    return _plain(_Writer(LANGUAGES[code], None).text(Text(name, values)))


def _plain(html: str) -> str:
    """The text without its tags, as buttons and menus take it."""
    if "<" in html:
        html = re.sub(r"<[^>]+>", "", html)
    return unescape(html) if "&" in html else html


@cache
def _source(name: str) -> tuple[str, str | None, str]:
    """English text, plural form and pictogram of a response."""
    response = domain()["responses"][name][0]
    custom = response.get("custom", {})
    return response["text"], custom.get("plural"), custom.get("icon", "")


@lru_cache(maxsize=2**15)
def _sentence(code: str, name: str, count: int | None) -> str:
    """The response in the language, as HTML with its placeholders still in it."""
    source, plural, _icon = _source(name)
    if plural is not None and count is not None:
        return _html(code, translations(code).ngettext(source, plural, count))
    return _translated(code, source)


@lru_cache(maxsize=2**15)
def _translated(code: str, source: str) -> str:
    return _html(code, translations(code).gettext(source))


def _html(code: str, text: str) -> str:
    if LANGUAGES[code].right_to_left:
        text = with_literals_isolated(text)
    return escape(text, quote=False)


class _Writer:
    """Writes in one language."""

    def __init__(self, language: Language, world: World | None) -> None:
        self.language = language
        self._world = world

    @property
    def world(self) -> World:
        assert self._world is not None  # noqa: S101 - only texts without places or offers are said without a world
        return self._world

    # -- one message --

    def message(self, reply: Reply) -> str:
        parts = [self.texts(reply.texts)] if reply.texts else []
        if reply.helplines:
            parts.append(self.helplines(reply.helplines))
        if reply.card:
            parts.append(self.card(reply.card))
        return "\n\n".join(parts)

    def texts(self, texts: Iterable[Text]) -> str:
        return "\n\n".join(self.paragraph(text) for text in texts)

    def paragraph(self, text: Text) -> str:
        html = self.text(text)
        if text.name.startswith(("utter_ask_", "utter_crisis_")) and text.name != "utter_crisis_say":
            html = f"<b>{html}</b>"
        elif text.name.startswith(("utter_why_", "utter_news_frame", "utter_news_other_language")):
            html = f"<i>{html}</i>"
        return self.directed(html)

    def directed(self, html: str) -> str:
        """Each line starts in the language's direction, whatever its first sign is."""
        return directed(html) if self.language.right_to_left else html

    # -- texts and their values --

    def text(self, text: Text) -> str:
        """The text as HTML, values filled in."""
        kind, slash, name = text.name.partition("/")
        if slash:
            match kind:
                case "language":
                    return escape(LANGUAGES[name].autonym)
                case "need":
                    return self.translated(self.need_entry(name).label)
                case "group":
                    return self.translated(self.need_group(name).label)
                case "area":
                    return self.place(name)
                case "offer":
                    return self.offer_name(name)
                case "day":
                    day = date.fromisoformat(name)
                    return (
                        f"{self.language.weekday(day)} {self.isolated(self.language.day(day), LEFT_TO_RIGHT)}"
                    )
                case "time":
                    return self.isolated(self.language.time(time.fromisoformat(name)), LEFT_TO_RIGHT)
        values = text.values
        count = values.get("count")
        html = _sentence(self.language.code, text.name, count if isinstance(count, int) else None)
        if not values:
            return html
        return _PLACEHOLDER.sub(lambda m: self.value(values[m[1]]) if m[1] in values else m[0], html)

    def translated(self, source: str) -> str:
        return _translated(self.language.code, source)

    def need_entry(self, need: str) -> NeedEntry:
        return next(e for group in self.world.needs.groups for e in group.entries if e.need == need)

    def need_group(self, id: str) -> NeedGroup:
        return next(group for group in self.world.needs.groups if group.id == id)

    def value(self, value: Any) -> str:
        """A value inside a sentence, as HTML, isolated where directions could mix."""
        match value:
            case _Html():
                return self.isolated(value)
            case Text():
                return self.isolated(self.text(value))
            case tuple() | list():
                return self.language.listing([self.value(item) for item in value])
            case int():
                return self.isolated(self.language.number(value))
            case time():
                return self.isolated(self.language.time(value), LEFT_TO_RIGHT)
            case date():
                return self.isolated(self.language.date(value))
            case Phone():
                return self.isolated(escape(spaced(value.number), quote=False), LEFT_TO_RIGHT)
            case _:
                return self.foreign(str(value))

    def isolated(self, html: str, how: str = FIRST_STRONG) -> str:
        """The words in an isolate where they stand in text of the other direction, or hold any."""
        if self.language.right_to_left or (not html.isascii() and has_right_to_left(html)):
            return f"{how}{html}{POP}"
        return html

    def foreign(self, text: str) -> str:
        """Words that are not the catalog's: names, descriptions, addresses of pages."""
        if self.language.right_to_left and has_right_to_left(text):
            text = with_literals_isolated(text)
        return self.isolated(escape(text, quote=False))

    def place(self, id: str) -> str:
        place = self.world.places.get(id)
        return self.translated(place.name["en"]) if place else ""

    def offer_name(self, id: str) -> str:
        offer = self.world.directory.get(id)
        return escape(text_in(offer.name, self.language.code), quote=False) if offer else "…"

    def language_name(self, code: str) -> str:
        known = LANGUAGES.get(code)
        return self.translated(known.english if known else code)

    def need(self, need: str) -> str:
        return self.text(Text(f"need/{need}"))

    # -- buttons --

    def button(self, choice: Choice, screen: int) -> Button:
        icon = "✅ " if choice.on else self.icon(choice.label)
        label = f"{icon}{_plain(self.text(choice.label))}"
        return Button(label, written(choice.code, screen) if choice.code else "", choice.url, choice.copy)

    def icon(self, text: Text) -> str:
        """The pictogram of a button and the space behind it, or nothing."""
        kind, _, name = text.name.partition("/")
        match kind:
            case "language" | "area" | "offer" | "day" | "time":
                return ""
            case "need":
                icon = self.need_entry(name).emoji
            case "group":
                icon = self.need_group(name).emoji
            case _:
                icon = _source(text.name)[2]
        return f"{icon} " if icon else ""

    # -- offers --

    def helplines(self, ids: Iterable[str]) -> str:
        by_id = {line.id: line for line in self.world.helplines}
        return "\n\n".join(self.helpline(by_id[id]) for id in ids)

    def helpline(self, line: Offer) -> str:
        name = self.foreign(text_in(line.name, self.language.code))
        numbers = " · ".join(self.value(phone) for phone in line.phones)
        lines = [f"📞 <b>{numbers}</b> {name}"]
        facts = []
        if hours := self.hours(line):
            facts.append(hours)
        if line.languages:
            names = [self.language_name(code) for code, _ in line.languages]
            facts.append(
                self.text(Text("helpline_languages", {"languages": _Html(self.language.listing(names))}))
            )
        return "\n".join(self.directed(each) for each in (*lines, *facts))

    def card(self, card: Mapping[str, Any]) -> str:
        """An offer: what it is and for whom, why it fits, languages, hours, phone, address, cost, waiting, booking."""
        world, code = self.world, self.language.code
        offer = world.directory.get(card["offer"]) or next(
            o for o in world.helplines if o.id == card["offer"]
        )
        lines = [f"<b>{self.foreign(text_in(offer.name, code))}</b>", self.foreign(offer.organization.name)]
        if offer.demo:
            lines.append(f"🧪 <i>{self.text(Text('card_demo'))}</i>")
        lines += ["", self.foreign(text_in(offer.description, code)), ""]
        reasons = [self.reason(Reason(ReasonKind(kind), value)) for kind, value in card["reasons"]]
        misses = [self.miss(Miss(MissKind(kind), value)) for kind, value in card["misses"]]
        if listed := [reason for reason in reasons if reason]:
            lines.append(
                "✅ " + self.text(Text("card_why", {"reasons": _Html(self.language.listing(listed))}))
            )
        if listed := [miss for miss in misses if miss]:
            lines.append(
                "❗ " + self.text(Text("card_misses", {"misses": _Html(self.language.listing(listed))}))
            )
        if offer.not_for:
            lines.append("🚫 " + self.text(Text("card_not_for", {"whom": text_in(offer.not_for, code)})))
        if offer.residence:
            lines.append("🪪 " + self.text(Text("card_residence")))
        lines += self.spoken(offer)
        if hours := self.hours(offer):
            lines.append(f"🕒 {hours}")
        lines += [f"📞 {self.value(phone)}" for phone in offer.phones]
        lines += self.where(offer)
        if offer.cost == "free":
            lines.append("💶 " + self.text(Text("card_free")))
        elif offer.cost:
            lines.append("💶 " + self.text(Text("card_cost", {"cost": text_in(offer.cost, code)})))
        if offer.waiting_weeks is not None:
            wait = (
                Text("card_wait", {"count": offer.waiting_weeks})
                if offer.waiting_weeks
                else Text("card_no_wait")
            )
            lines.append("⏳ " + self.text(wait))
        if offer.booking_how:
            lines.append("📅 " + self.text(Text("card_booking", {"how": text_in(offer.booking_how, code)})))
        verified = (
            Text("card_verified", {"date": offer.verified_on})
            if offer.verified_on
            else Text("card_unverified")
        )
        lines.append("☑️ " + self.text(verified))
        return self.directed("\n".join(lines))

    def spoken(self, offer: Offer) -> list[str]:
        own = [self.language_name(code) for code, who in offer.languages if who is Speaker.OWN]
        interpreted = [
            self.language_name(code) for code, who in offer.languages if who is Speaker.INTERPRETER
        ]
        lines = []
        if own:
            lines.append(Text("card_languages", {"languages": _Html(self.language.listing(own))}))
        if interpreted and not offer.any_language:
            lines.append(Text("card_interpreter", {"languages": _Html(self.language.listing(interpreted))}))
        if offer.any_language:
            lines.append(Text("card_any_language"))
        return ["🗨 " + self.text(line) for line in lines]

    def hours(self, offer: Offer) -> str:
        """Open now, or when next. Hours nobody confirmed are shown as they were told, never as "open now"."""
        unconfirmed = offer.verified_on is None and not offer.demo
        if offer.opening_hours and offer.opening_hours.strip() == "24/7":
            return self.text(Text("card_open_always"))
        if not offer.opening_hours or unconfirmed:
            told = text_in(offer.hours_text, self.language.code)
            return self.text(Text("card_hours", {"hours": told})) if told else ""
        now = self.world.now
        hours = status(offer.opening_hours, now)
        if hours.open:
            until = hours.until
            return self.text(
                Text("card_open_until", {"time": until.time()}) if until else Text("card_open_always")
            )
        if hours.next_open is None:
            return self.text(Text("card_closed"))
        at = {"time": hours.next_open.time()}
        if hours.next_open.date() == now.date():
            return self.text(Text("card_opens_today", at))
        return self.text(Text("card_opens", at | {"weekday": self.language.weekday(hours.next_open.date())}))

    def where(self, offer: Offer) -> list[str]:
        place = offer.place
        if place is None:
            return []
        if place.confidential:
            return ["🔐 " + self.text(Text("card_secret_address"))]
        parts = [self.isolated(escape(place.address, quote=False), LEFT_TO_RIGHT)] if place.address else []
        parts += [self.place(place.district)] if place.district else []
        return ["📍 " + self.language.listing(parts)] if parts else []

    def reason(self, reason: Reason) -> str:
        """Why it fits, as a few words; "" for reasons that go without saying."""
        kind, value = reason.kind, reason.value
        match kind:
            case ReasonKind.NEED_PRIMARY | ReasonKind.NEED_ALSO:
                return self.need(str(value))
            case ReasonKind.LANGUAGE_OWN | ReasonKind.LANGUAGE_INTERPRETER:
                return self.text(Text(f"reason_{kind}", {"language": _Html(self.language_name(str(value)))}))
            case ReasonKind.AGE:
                return self.text(_ages("reason_age", str(value)))
            case ReasonKind.GENDER | ReasonKind.FAMILY | ReasonKind.PERSON:
                return self.text(Text(f"reason_{kind}_{value}"))
            case ReasonKind.DISTRICT | ReasonKind.AREA:
                return self.text(Text("reason_district", {"place": _Html(self.place(str(value)))}))
            case ReasonKind.REFINEMENT:
                return self.text(Text(f"reason_{value}"))
            case ReasonKind.RESIDENCE_LIMITED:
                return ""
            case _:
                return self.text(Text(f"reason_{kind}"))

    def miss(self, miss: Miss) -> str:
        """What does not fit, as a few words."""
        value = str(miss.value or "")
        match miss.kind:
            case MissKind.NEED | MissKind.NOT_FOR:
                return self.text(Text("miss_need", {"need": _Html(self.need(value))}))
            case MissKind.LANGUAGE:
                return self.text(Text("miss_language", {"language": _Html(self.language_name(value))}))
            case MissKind.AGE:
                return self.text(_ages("miss_age", value))
            case MissKind.GENDER:
                known = value if value in ("female", "male") else "other"
                return self.text(Text(f"miss_gender_{known}"))
            case MissKind.AREA:
                places = [self.place(id) for id in value.split("; ")]
                return self.text(Text("miss_area", {"places": _Html(self.language.listing(places))}))
            case _:
                return self.text(Text(f"miss_{miss.kind}"))


class _Html(str):
    """Words that are HTML already."""

    __slots__ = ()

    def __str__(self) -> str:
        return self


def _ages(name: str, span: str) -> Text:
    low, _, high = span.partition("-")
    if not high:
        return Text(f"{name}_from", {"from": int(low)})
    if low in ("", "0"):
        return Text(f"{name}_to", {"to": int(high)})
    return Text(name, {"from": int(low), "to": int(high)})


@lru_cache(maxsize=2**12)
def spaced(number: str) -> str:
    """The number as it is read out: E.164 in the international form; short and free-call numbers as they are."""
    if not number.startswith("+"):
        return number
    import phonenumbers

    parsed = phonenumbers.parse(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
