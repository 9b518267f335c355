"""The card that opens a door: for one offer, half in the person's language, half in German.

To show at a desk, to read aloud on the phone, to copy into an e-mail. Says only what the person chose to say, and no
address that is confidential (SAFETY §3). Pure: knows no messenger, no store, no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any, TypeAlias

from bot.conversation.actions import summary
from bot.conversation.vocabulary import Reply, Text, World
from bot.languages.catalogs import translations
from bot.languages.registry import LANGUAGES
from bot.languages.render import render, say, spaced
from bot.offers.model import Offer, Speaker, text_in
from bot.paper import typeset

Facts: TypeAlias = Mapping[str, Any]
"""Slot values, as a conversation's state holds them (see domain.yml)."""

GERMAN = "de"


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence in the person's language and in German."""

    own: str
    german: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A German sentence to read aloud: how it sounds in the person's own letters, and in Latin ones.

    `latin` is empty where the own letters are Latin, both where the language is German.
    """

    german: str
    sound: str
    latin: str


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail to copy, in German; `to` is empty where the offer has no address for letters."""

    to: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class DoorOpener:
    """What helps somebody through the door of one offer.

    `whom`: who it is for, a line each: the organization, the offer, numbers, the address unless it is confidential.
    `show`: what to show at the desk; `say` what to say on the phone, in this order. `way` is empty where there is no
    place to go to. `call` and `copy` introduce `say` and `mail` to the person.
    """

    language: str
    whom: tuple[str, ...]
    show: tuple[Line, ...]
    call: str
    say: tuple[Spoken, ...]
    copy: str
    mail: Mail
    bring: Line
    way: Line | None


def door_opener(offer: Offer, language: str, said: Facts, world: World) -> DoorOpener:
    """The card for this offer in the language `language` (a code of LANGUAGES).

    `said` holds only the answers that the person chose to tell this office: none is taken from elsewhere.
    """
    name = Text(f"language/{language}")
    asks = "own" if offer.speaker(language) is Speaker.OWN else "interpreter"
    foreign = language != GERMAN
    sentences = [
        Text("paper_hello"),
        *([Text("paper_speak", {"language": name}), Text("paper_little")] if foreign else ()),
        Text("paper_look"),
        *([Text("paper_about", {"facts": summary(said)})] if summary(said) else ()),
        *([Text(f"paper_{asks}")] if foreign else ()),
    ]

    def line(text: Text) -> Line:
        return Line(_said(text, language, world), _said(text, GERMAN, world))

    mail = (*sentences, Text("paper_thanks"))
    return DoorOpener(
        language=language,
        whom=tuple(_whom(offer)),
        show=tuple(line(text) for text in (*sentences, Text("paper_write_down"))),
        call=say("paper_call", language),
        say=tuple(_aloud(language, asks)),
        copy=say("paper_mail", language),
        mail=Mail(
            offer.email or "",
            _said(Text("paper_mail_subject", {"language": name}), GERMAN, world),
            "\n".join(_said(text, GERMAN, world) for text in mail),
        ),
        bring=line(Text("paper_bring")),
        way=line(way) if (way := _way(offer)) else None,
    )


def as_text(card: DoorOpener) -> str:
    """Everything on the card as plain text to send or to copy, blocks divided by an empty line."""
    shown = ["\n".join(line.own for line in card.show)] if card.language != GERMAN else []
    aloud = ["\n".join(filter(None, (each.german, each.latin, each.sound))) for each in card.say]
    mail = "\n".join(filter(None, (card.mail.to, card.mail.subject, "", card.mail.body)))
    way = [card.way.own] if card.way else []
    blocks = [
        "\n".join(card.whom),
        *shown,
        "\n".join(line.german for line in card.show),
        card.call,
        *aloud,
        card.copy,
        mail,
        card.bring.own,
        *way,
    ]
    return "\n\n".join(blocks)


def as_pdf(card: DoorOpener) -> bytes:
    """Two A6 pages: one to show, one to speak from. Raises FontsMissing."""
    return typeset.pdf("card", _values(card))


def as_png(card: DoorOpener) -> tuple[bytes, bytes]:
    """The same two pages as pictures. Raises FontsMissing."""
    front, back = typeset.pngs("card", _values(card))
    return front, back


def _said(text: Text, code: str, world: World) -> str:
    """The text in this language, as plain text; the names of languages in this language too."""
    values = dict(text.values)
    if isinstance(named := values.get("language"), Text):
        values["language"] = _language(named.name.partition("/")[2], code)
    return unescape(render(Reply((Text(text.name, values),)), code, world).html)


def _language(code: str, spoken: str) -> str:
    """What the language `code` is called in the language `spoken`."""
    english = LANGUAGES[code].english
    return english if spoken == "en" else translations(spoken).gettext(english)


def _whom(offer: Offer) -> Iterator[str]:
    yield offer.organization.name
    if (name := text_in(offer.name, GERMAN, ("en",))) != offer.organization.name:
        yield name
    if offer.phones:
        yield " · ".join(spaced(phone.number) for phone in offer.phones)
    if address := _address(offer):
        yield address


def _address(offer: Offer) -> str:
    place = offer.place
    return place.address or "" if place and not place.confidential else ""


def _way(offer: Offer) -> Text | None:
    if offer.place and offer.place.confidential:
        return Text("card_secret_address")
    address = _address(offer)
    return Text("paper_way", {"address": address}) if address else None


def _aloud(language: str, asks: str) -> Iterator[Spoken]:
    latin = LANGUAGES[language].script == "Latn"
    foreign = ("speak", "little", "slowly", "look", asks) if language != GERMAN else ("look",)
    for name in ("hello", *foreign, "thanks"):
        german = say(
            f"paper_{name}", GERMAN, **({"language": _language(language, GERMAN)} if name == "speak" else {})
        )
        if language == GERMAN:
            yield Spoken(german, "", "")
            continue
        own, hint = (_sound(name, code, language) for code in (language, "en"))
        yield Spoken(german, own, "" if latin else hint)


def _sound(name: str, code: str, language: str) -> str:
    if name != "speak":
        return say(f"paper_sound_{name}", code)
    known = say("paper_sound_language", code) if code == language else _language(language, GERMAN)
    return say("paper_sound_speak", code, language=known)


def _values(card: DoorOpener) -> dict[str, object]:
    own, german = card.language, GERMAN
    return {
        "whom": card.whom,
        "own": [typeset.words(line.own, own) for line in card.show] if own != german else [],
        "german": [typeset.words(line.german, german) for line in card.show],
        "call": typeset.words(card.call, own),
        "say": [
            {"german": each.german, "latin": each.latin, "sound": typeset.words(each.sound, own)}
            for each in card.say
        ],
        "after": [typeset.words(line.own, own) for line in (card.bring, card.way) if line],
    }
