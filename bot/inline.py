"""Inline mode: a helper types "@bot sleep dari women" in any chat and gets cards to pass on, in the other's language.

One query in, results out. Knows neither Telegram nor stores; keeps no query and no person.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from hashlib import blake2b
from html import unescape
from itertools import chain
from pathlib import Path
from secrets import token_bytes
from typing import Any, NamedTuple

import yaml

from bot.conversation import safety
from bot.conversation.actions import card, card_rows
from bot.conversation.forms import MAX_NEEDS
from bot.conversation.vocabulary import Choice, Reply, Text, World
from bot.languages.catalogs import translations
from bot.languages.direction import LEFT_TO_RIGHT, POP, directed
from bot.languages.length import cut
from bot.languages.registry import LANGUAGES, by_telegram_code
from bot.languages.render import TEXT_LIMIT, Rendered, render
from bot.links.start import address, start_parameter
from bot.offers.directory import OF_AGE, Directory
from bot.offers.model import (
    AgeBand,
    Crisis,
    Family,
    Gender,
    Match,
    Miss,
    MissKind,
    Need,
    Offer,
    Person,
    Query,
    Reason,
    ReasonKind,
    Speaker,
    text_in,
)
from bot.offers.needs import NeedMenu
from nlu.normalise import clean, fold
from nlu.values import Hints, Understanding

Understand = Callable[[str, Hints], Understanding]

PAGE = 10
"""Results of one answer; Bot API, answerInlineQuery, allows 50, but nobody looks through so many at a time."""
LONGEST_QUERY = 512  # Bot API, InlineQuery: up to 256 characters; twice that, should they ever allow more
CACHE_SECONDS = 300
REMEMBERED = 256
"""Answers kept in memory, so that typing on and going back costs nothing: queries are health data, so only a few."""
QUARTER = 900
"""Seconds for which a remembered answer holds: what is open now changes at quarters of an hour."""
GUESSED = 0.3
"""Least probability at which a need is taken: a helper types one word, and sees at once what it was taken for."""
FEW_WORDS = 4
"""In a longer query a word of two letters is a word, not the code of a language."""
EVERYDAY_CODES = frozenset({"am", "so", "de", "en", "ti"})
"""Codes that are words in some language: they count only where they stand last."""


@dataclass(frozen=True, slots=True)
class InlineResult:
    """One line of the list, and the message that it becomes. Its buttons are addresses and texts to copy, never codes:
    only then are they kept where the message is forwarded."""

    id: str
    title: str
    description: str
    message: Rendered


@dataclass(frozen=True, slots=True)
class InlineAnswer:
    """One page of results.

    `next_offset` "" ends the list. `personal`: depends on who asked, so nobody else may get it from a cache. `crisis`:
    what was typed alarms, and this is the card with ways to help. `language` is that of the cards; "" where there are
    several.
    """

    results: tuple[InlineResult, ...]
    next_offset: str = ""
    personal: bool = False
    crisis: bool = False
    language: str = ""

    @property
    def cache_seconds(self) -> int:
        """How long anybody may keep this answer."""
        return 0 if self.crisis else CACHE_SECONDS


def answer(
    text: str, app_language: str | None, offset: str, world: World, understand: Understand
) -> InlineAnswer:
    """The page of results at `offset` ("" is the first) for what a helper typed behind the bot's name.

    A crisis comes before everything (SAFETY §1): its card is the only result, made without the directory.
    `app_language` is Telegram's code of the helper's app. An offset that is not ours counts as the first.
    """
    text = text[:LONGEST_QUERY].strip()
    start = int(offset) if offset.isascii() and offset.isdecimal() and len(offset) < 5 else 0
    if not text:
        codes = dict.fromkeys((*world.main_languages, *world.languages))
        return _page(codes, start, "", world)
    words = _sort_out(fold(clean(text)).split())
    named = _spoken(words.language, world)
    # An answer that others may get from a cache must not depend on whose app asked first.
    hints = Hints() if named else Hints(app_language=app_language)
    said = understand(text, hints)
    wanted = understand(" ".join(words.rest), hints) if len(words.rest) < words.count else said
    if kind := said.crisis or wanted.crisis:
        return _crisis(Crisis(kind), named or _writers_language(text, said, app_language, world), said, world)
    language = named or _helpers_language(said, app_language, world)
    page = _page(_found(_wish(text, words, wanted, language, world), language, world), start, language, world)
    return page if named else replace(page, personal=True)


class Inline:
    """Answers queries and remembers the answers for a quarter of an hour, by a hash that only this process can make."""

    def __init__(self, world: Callable[[], World], understand: Understand) -> None:
        self._world = world
        self._understand = understand
        self._secret = token_bytes(16)
        _lexicon()  # what cannot be read shows at the start, not at a cry for help
        self._answers: OrderedDict[tuple[bytes, str, str, int], InlineAnswer] = OrderedDict()
        self._directory: Directory | None = None

    def answer(self, text: str, app_language: str | None, offset: str = "") -> InlineAnswer:
        """The page of results; see `answer`."""
        world = self._world()
        if world.directory is not self._directory:
            self._directory = world.directory
            self._answers.clear()
        digest = blake2b(clean(text[:LONGEST_QUERY]).encode(errors="replace"), key=self._secret).digest()
        key = (digest, app_language or "", offset, int(world.now.timestamp()) // QUARTER)
        found = self._answers.get(key)
        if found is None:
            found = answer(text, app_language, offset, world, self._understand)
            if not found.crisis:
                self._answers[key] = found
                if len(self._answers) > REMEMBERED:
                    self._answers.popitem(last=False)
        return found


# --- what the query says ----------------------------------------------------------------------------------------


class _Mark(NamedTuple):
    """What a word or several stand for: a language's code, people (data/inline.yml) or a household."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class _Words:
    """The query without the words that are certain: `rest` is what is left to be understood."""

    language: str | None
    people: frozenset[str]
    families: frozenset[Family]
    rest: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is looked for. `needs`: any of them will do. `told`: something was said beside the language."""

    query: Query
    needs: tuple[Need, ...] = ()
    told: bool = False
    language_only: bool = False


_ADJECTIVE = re.compile(r"(?<=[а-яіїєґ])(с|ц)(ь?)к\w{1,3}$")
_LABEL_PARTS = re.compile(r"[,،፣፡/()]")


def _stem(word: str) -> str:
    """The word without the ending of a Russian or Ukrainian adjective (арабский, арабською)."""
    return _ADJECTIVE.sub(r"\1\2к", word)


def _folded(phrase: str) -> tuple[str, ...]:
    return tuple(_stem(word) for word in fold(clean(phrase)).split())


def _forms(phrase: str) -> Iterator[tuple[str, ...]]:
    """The phrase as it may be typed: with the article and the prepositions that some scripts join to a word."""
    first = phrase[:1]
    joined: tuple[str, ...] = ()
    if "\u0600" <= first <= "\u06ff":
        phrase = phrase.removeprefix("ال")
        joined = ("ال", "بال", "لل", "ب")
    elif "\u1200" <= first <= "\u137f":
        joined = ("ብ", "በ", "ን", "ለ")
    for prefix in ("", *joined):
        if form := _folded(prefix + phrase):
            yield form


@cache
def _lexicon() -> Mapping[tuple[str, ...], _Mark]:
    """Folded words → what they stand for; of two meanings the first holds."""
    path = Path(__file__).parents[1] / "data" / "inline.yml"
    given: Mapping[str, Mapping[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    found: dict[tuple[str, ...], _Mark] = {}

    def add(phrase: str, kind: str, value: str) -> None:
        for form in _forms(phrase):
            found.setdefault(form, _Mark(kind, value))

    for code, others in given["languages"].items():
        for name in others:
            add(name, "language", code)
    for code, language in LANGUAGES.items():
        names = (translations(reader).gettext(language.english) for reader in LANGUAGES)
        for name in (language.autonym, language.english, *names):
            add(name, "language", code)
    for code in LANGUAGES:
        if len(code) > 2:
            add(code, "language", code)
    for people, lines in given["people"].items():
        for word in chain.from_iterable(lines):
            add(word, "people", people)
    for label, family in _HOUSEHOLDS.items():
        for reader in LANGUAGES:
            add(translations(reader).gettext(label), "family", family)
    return found


_HOUSEHOLDS = {
    "with children": Family.CHILDREN,
    "single parent": Family.SINGLE_PARENT,
    "here without parents": Family.UNACCOMPANIED_MINOR,
}
LONGEST_PHRASE = 4


def _sort_out(words: Sequence[str]) -> _Words:
    """Takes languages, people and households out of the folded words; the longest phrase counts."""
    lexicon = _lexicon()
    stems = [_stem(word) for word in words]
    language: str | None = None
    people: set[str] = set()
    families: set[Family] = set()
    rest: list[str] = []
    at = 0
    while at < len(words):
        for length in range(min(LONGEST_PHRASE, len(words) - at), 0, -1):
            if mark := lexicon.get(tuple(stems[at : at + length])):
                break
        else:
            length, mark = 1, _code(words, at)
        match mark:
            case ("language", code):
                language = language or code
            case ("people", whom):
                people.add(whom)
            case ("family", family):
                families.add(Family(family))
            case _:
                rest.append(words[at])
        at += length
    return _Words(language, frozenset(people), frozenset(families), tuple(rest), len(words))


def _code(words: Sequence[str], at: int) -> _Mark | None:
    """The word as a language's code of two letters, where it stands first or last in a short query."""
    word, last = words[at], at == len(words) - 1
    if len(words) > FEW_WORDS or not (last or (at == 0 and word not in EVERYDAY_CODES)):
        return None
    codes = by_telegram_code(word) if len(word) == 2 else ()
    return _Mark("language", word if word in codes else codes[0]) if codes else None


def _spoken(language: str | None, world: World) -> str | None:
    """This language where the bot speaks it, else its first relative that it speaks."""
    if language is None:
        return None
    return next(
        (code for code in (language, *LANGUAGES[language].fallbacks) if code in world.languages), None
    )


def _of_app(said: Understanding, app_language: str | None, world: World) -> str | None:
    """The language of the app; where Telegram's code stands for two, what was typed decides."""
    codes = (
        [code for code in by_telegram_code(app_language) if code in world.languages] if app_language else []
    )
    return said.language if said.language in codes else next(iter(codes), None)


def _helpers_language(said: Understanding, app_language: str | None, world: World) -> str:
    if code := _of_app(said, app_language, world):
        return code
    heard = said.language if said.language in world.languages else safety.likely_language(said, world)
    return heard or world.main_languages[0]


_NOT_LATIN = re.compile(r"[^\W\d_\u0000-\u024f\u1e00-\u1eff]")


def _writers_language(text: str, said: Understanding, app_language: str | None, world: World) -> str | None:
    """The language of somebody in need: what is written tells it better than the app.

    Not so one or two words in Latin letters, which may be of many languages.
    """
    if said.language in world.languages:
        return said.language
    likely, of_app = safety.likely_language(said, world), _of_app(said, app_language, world)
    telling = len(text.split()) > 2 or _NOT_LATIN.search(text)
    return (likely or of_app) if telling else (of_app or likely)


@lru_cache(maxsize=2)
def _labels(menu: NeedMenu) -> Mapping[tuple[str, ...], tuple[Need, ...]]:
    """Folded labels of needs and groups, and the parts between their commas, in every language → needs."""
    found: dict[tuple[str, ...], tuple[Need, ...]] = {}
    several: list[tuple[str, tuple[Need, ...]]] = [(entry.label, (entry.need,)) for entry in menu.entries]
    several += [(group.label, tuple(entry.need for entry in group.entries)) for group in menu.groups]
    for whole in (True, False):  # a whole label goes before a part of another
        for label, needs in several:
            for reader in LANGUAGES:
                words = translations(reader).gettext(label)
                for part in (words,) if whole else _LABEL_PARTS.split(words):
                    if form := _folded(part):
                        found.setdefault(form, needs)
    return found


_UNDER_AGE, _CHILDREN = (0, 17), AgeBand.CHILD.ages


def _wish(text: str, words: _Words, said: Understanding, language: str, world: World) -> _Wish:
    """What to look for, from the words that are certain, and from the rest as it was understood."""
    rest = list(words.rest)
    if area := world.places.find(text) or world.places.find(" ".join(rest)):
        rest = [word for word in rest if world.places.find(word) != area]
    needs = _needs(rest, said, world)
    people = words.people
    gender = None
    if people & {"women", "girls"}:
        gender = Gender.FEMALE if not people & {"men", "boys"} else None
    elif people & {"men", "boys"}:
        gender = Gender.MALE
    elif said.gender:
        gender = Gender(said.gender)
    families = words.families | {Family(one) for one in said.family}
    ages = AgeBand(said.age_band).ages if said.age_band else None
    if "unaccompanied" in people:
        families |= {Family.UNACCOMPANIED_MINOR}
    if "children" in people and people & {"women", "men"}:
        families |= {Family.CHILDREN}  # a mother with her children, not offers for children
    elif ages is None and (young := people & {"children", "youth", "minors", "girls", "boys"}):
        ages = {frozenset({"children"}): _CHILDREN, frozenset({"youth"}): AgeBand.YOUTH.ages}.get(
            young, _UNDER_AGE
        )
    person = Person(said.person) if said.person and said.person != Person.SELF else None
    if person is Person.CHILD and (said.age or 0) >= OF_AGE:
        person = None  # who tells an adult's age tells her own
    query = Query(
        need=needs[0] if needs else None,
        ages=ages,
        gender=gender,
        families=frozenset(families),
        person=person if rest else None,
        language=language,
        area=area,
    )
    told = bool(needs or ages or gender or families or area)
    return _Wish(query, needs, told, language_only=words.language is not None and not words.rest)


def _needs(rest: Sequence[str], said: Understanding, world: World) -> tuple[Need, ...]:
    """The needs that will do: those of a label or a group's label, else the likeliest of what was understood."""
    if not rest:
        return ()
    if needs := _labels(world.needs).get(tuple(_stem(word) for word in rest)):
        return needs
    if said.intent == "out_of_scope":
        return ()
    return tuple(Need(need) for need, p in said.needs[:MAX_NEEDS] if p >= GUESSED)


# --- what is found ----------------------------------------------------------------------------------------------


def _found(wish: _Wish, language: str, world: World) -> list[Match | str]:
    """Offers in the order of the list; a language's code stands for the bot's own card."""
    needs: tuple[Need | None, ...] = wish.needs or (None,)
    results = [world.directory.match(wish.query.with_(need=need), now=world.now) for need in needs]
    fits = _best(result.fits for result in results)
    near = _best(result.near for result in results)
    first = _best(result.first_contacts for result in results)
    if wish.told:
        return _each_once((*fits, *near, *first, language))
    if wish.language_only:
        return _each_once((language, *first, *fits))
    return _each_once((*first, language))


def _best(parts: Iterable[tuple[Match, ...]]) -> tuple[Match, ...]:
    several = tuple(parts)
    if len(several) == 1:
        return several[0]
    return tuple(sorted(chain.from_iterable(several), key=lambda match: -match.score))


def _each_once(found: Iterable[Match | str]) -> list[Match | str]:
    once: dict[str, Match | str] = {}
    for one in found:
        once.setdefault(one if isinstance(one, str) else one.offer.id, one)
    return list(once.values())


def _page(items: Iterable[Match | str], start: int, language: str, world: World) -> InlineAnswer:
    several = list(items)
    end = start + PAGE
    return InlineAnswer(
        tuple(
            _own_card(item, world) if isinstance(item, str) else _offer(item, language, world)
            for item in several[start:end]
        ),
        next_offset=str(end) if end < len(several) else "",
        language=language,
    )


# --- how it looks -----------------------------------------------------------------------------------------------


def _link_line(url: str, code: str) -> str:
    """The deep link as text: it outlives a copy, where buttons do not."""
    line = f"🔗 {LEFT_TO_RIGHT}{url}{POP}" if LANGUAGES[code].right_to_left else f"🔗 {url}"
    return directed(line) if LANGUAGES[code].right_to_left else line


def _message(reply: Reply, url: str, code: str, world: World) -> Rendered:
    """The reply as a message for a chat without the bot: no codes on its buttons, and the deep link."""
    kept = (tuple(choice for choice in row if not choice.code) for row in reply.rows)
    rows = (*(row for row in kept if row), (Choice(Text("button_find"), url=url),))
    message = render(replace(reply, rows=rows), code, world)
    link = _link_line(url, code)
    return replace(message, html=f"{cut(message.html, TEXT_LIMIT - len(link) - 2)}\n\n{link}")


def _said(text: Text, code: str, world: World) -> str:
    """One text, as plain words."""
    return unescape(re.sub(r"<[^>]+>", "", render(Reply((text,)), code, world).html))


def _own_card(code: str, world: World) -> InlineResult:
    url = address(world.bot_username, start_parameter(language=code))
    description = Text("bot_description", {"city": world.city})
    reply = Reply((Text("paper_poster"), description))
    return InlineResult(
        f"{code}.",
        LANGUAGES[code].autonym,
        _said(Text("bot_short_description", {"city": world.city}), code, world),
        _message(reply, url, code, world),
    )


def _offer(match: Match, code: str, world: World) -> InlineResult:
    offer = match.offer
    url = address(world.bot_username, start_parameter(language=code, offer=offer.id))
    reply = Reply(card=card(_by_itself(offer, code)), rows=card_rows(offer, world))
    about = [offer.organization.name]
    if note := _note(match, code):
        about.append(_said(note, code, world))
    if offer.languages:
        about.append(LANGUAGES[code].listing(_languages(offer, code)))
    warning = "❗ " if card(match)["misses"] else ""
    return InlineResult(
        f"{code}.{offer.id}",
        text_in(offer.name, code),
        warning + " · ".join(about),
        _message(reply, url, code, world),
    )


def _by_itself(offer: Offer, code: str) -> Match:
    """What its reader must know of the offer, whatever it was found by: others in the chat read along, and the topic or
    the household would tell what the helper searched."""
    reasons, misses = [], []
    match offer.speaker(code):
        case Speaker.OWN:
            reasons.append(Reason(ReasonKind.LANGUAGE_OWN, code))
        case Speaker.INTERPRETER:
            reasons.append(Reason(ReasonKind.LANGUAGE_INTERPRETER, code))
        case None if offer.languages:
            misses.append(Miss(MissKind.LANGUAGE, code))
    if offer.genders in _ONLY:
        reasons.append(Reason(_ONLY[offer.genders]))
    if offer.min_age or offer.max_age is not None:
        oldest = "" if offer.max_age is None else offer.max_age
        reasons.append(Reason(ReasonKind.AGE, f"{offer.min_age or 0}-{oldest}"))
    reasons += [Reason(ReasonKind.FAMILY, family) for family in sorted(offer.families)]
    return Match(offer, 0, tuple(reasons), tuple(misses))


_ONLY = {
    frozenset({Gender.FEMALE}): ReasonKind.WOMEN_ONLY,
    frozenset({Gender.MALE}): ReasonKind.MEN_ONLY,
}


def _languages(offer: Offer, code: str) -> list[str]:
    """The names of the languages spoken there, the one that was asked for first."""
    ranked = sorted(offer.languages, key=lambda each: (each[0] != code, each[1] is not Speaker.OWN))
    known = (LANGUAGES[spoken].english if spoken in LANGUAGES else spoken for spoken, _ in ranked)
    return [translations(code).gettext(name) for name in known]


def _note(match: Match, code: str) -> Text | None:
    """What the helper should know before choosing: what does not fit, else the reason that tells most."""
    for miss in match.misses:
        match miss.kind:
            case MissKind.LANGUAGE:
                return Text(
                    "miss_language", {"language": translations(code).gettext(LANGUAGES[code].english)}
                )
            case MissKind.NEED | MissKind.NOT_FOR if not match.offer.first_contact:
                return Text("miss_need", {"need": Text(f"need/{miss.value}")})
            case MissKind.FAMILY | MissKind.PERSON:
                return Text(f"miss_{miss.kind}")
            case MissKind.GENDER if miss.value in (Gender.FEMALE, Gender.MALE):
                return Text(f"miss_gender_{miss.value}")
            case _:
                pass
    for reason in match.reasons:
        match reason.kind:
            case ReasonKind.WOMEN_ONLY | ReasonKind.MEN_ONLY | ReasonKind.OPEN_NOW:
                return Text(f"reason_{reason.kind}")
            case ReasonKind.FAMILY | ReasonKind.PERSON:
                return Text(f"reason_{reason.kind}_{reason.value}")
            case _:
                pass
    return None


def _crisis(kind: Crisis, language: str | None, said: Understanding, world: World) -> InlineAnswer:
    """The crisis card and nothing else, with the way to a private chat in place of codes."""
    code = language or world.main_languages[0]
    reply = safety.card(kind, language, world, band=said.age_band)
    url = address(world.bot_username, start_parameter(language=language or "") or "hello")
    message = render(replace(reply, rows=((Choice(Text("button_private"), url=url),),)), code, world)
    result = InlineResult("crisis", "🆘 112", _said(reply.texts[0], code, world), message)
    return InlineAnswer((result,), personal=True, crisis=True, language=language or "")
