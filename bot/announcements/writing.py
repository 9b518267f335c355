"""What a coordinator writes, made into an announcement: texts and their languages, markup, days and times.

Used by the chat and by the command line alike. Every mistake is a `Mistake` with a name and values, which the caller
says in its reader's language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

from bot.announcements.bulletin import bulletin
from bot.announcements.model import CAPTION_LIMIT, TEXT_LIMIT, Announcement
from bot.languages.registry import LANGUAGES

TAGS = frozenset({"b", "i", "a"})
_SAME = {"strong": "b", "em": "i"}
_LINK = re.compile(r"(https?://|tg://)\S+", re.IGNORECASE)
_PREFIX = re.compile(r"^\s*([a-z]{2,3})\s*:\s*", re.IGNORECASE)
_MOMENT = re.compile(
    r"\s*(?P<day>\d{1,2})\s*[./]\s*(?P<month>\d{1,2})\s*[./]?\s*(?P<year>\d{4}|\d{2})?\s*,?\s*"
    r"(?:um\s+|at\s+)?(?P<hour>\d{1,2})(?:\s*[:.h]\s*(?P<minute>\d{2}))?\s*(?:uhr)?\s*",
    re.IGNORECASE,
)
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "0123456789" * 2)


class Mistake(ValueError):
    """Something that cannot be announced so. `name` says what, `values` with which numbers and words."""

    def __init__(self, name: str, **values: Any) -> None:
        super().__init__(name)
        self.name = name
        self.values = values


def texts_of(html: str) -> dict[str, str]:
    """The texts of "ar: … de: …", each from a line of its own on; {"": text} when no language stands in front."""
    texts: dict[str, list[str]] = {}
    code = ""
    for line in html.split("\n"):
        found = _PREFIX.match(line)
        if found and _names_a_language(found[1]):
            code, line = found[1].lower(), line[found.end() :]
        texts.setdefault(code, []).append(line)
    joined = {code: "\n".join(lines).strip() for code, lines in texts.items()}
    return {code: text for code, text in joined.items() if text}


def _names_a_language(word: str) -> bool:
    """ "ar", and "Ar" as phones write it at the start of a line; but "PS:" and "So:" are German words."""
    return word in LANGUAGES or (word.lower() in LANGUAGES and word.lower() not in ("ps", "so"))


class _Cleaner(HTMLParser):
    """Keeps bold, italic and links; everything else becomes plain text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = _SAME.get(tag, tag)
        if tag == "br":
            self.out.append("\n")
        if tag not in TAGS:
            return
        if tag == "a":
            address = dict(attrs).get("href") or ""
            if not _LINK.fullmatch(address):
                raise Mistake("bad_link", link=address)
            self.out.append(f'<a href="{escape(address)}">')
        else:
            self.out.append(f"<{tag}>")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        tag = _SAME.get(tag, tag)
        if tag not in TAGS:
            return
        if not self.open or self.open.pop() != tag:
            raise Mistake("bad_markup", tag=tag)
        self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.out.append(escape(data, quote=False))


def cleaned(html: str) -> str:
    """The HTML with bold, italic and links only. Raises Mistake for tags left open or crossed, and for odd links."""
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.close()
    if cleaner.open:
        raise Mistake("bad_markup", tag=cleaner.open[-1])
    return "".join(cleaner.out).strip()


def moment_of(text: str, now: datetime) -> datetime:
    """The day and time of "24.12. 18:00" in the zone of `now`; without a year the next such day.

    Raises Mistake: `unreadable`, `past`, or `missing_hour` where the clock jumps over it in spring. Of an hour that
    comes twice in autumn the first is taken.
    """
    found = _MOMENT.fullmatch(text.translate(_DIGITS))
    if found is None:
        raise Mistake("unreadable", text=text[:40])
    numbers = {name: int(value) for name, value in found.groupdict(default="0").items()}
    year = numbers["year"] or now.year
    if year < 100:
        year += 2000
    try:
        moment = datetime(
            year, numbers["month"], numbers["day"], numbers["hour"], numbers["minute"], tzinfo=now.tzinfo
        )
        if not numbers["year"] and moment < now:
            moment = moment.replace(year=year + 1)
    except ValueError:
        raise Mistake("unreadable", text=text[:40]) from None
    if _is_missing(moment):
        raise Mistake("missing_hour", time=moment.time())
    if moment <= now:
        raise Mistake("past")
    return moment


def _is_missing(moment: datetime) -> bool:
    """Whether the clock never shows this time: there and back through UTC it comes out as another one."""
    back = moment.astimezone(ZoneInfo("UTC")).astimezone(moment.tzinfo)
    return back.replace(tzinfo=None) != moment.replace(tzinfo=None)


def check(announcement: Announcement, languages: tuple[str, ...], now: datetime) -> None:
    """Raises Mistake when this cannot be sent: no text, too long with its frame, over before it begins."""
    content = announcement.content
    if not content.texts:
        raise Mistake("no_text")
    limit = CAPTION_LIMIT if content.photo else TEXT_LIMIT
    for language in languages:
        length = _shown_length(bulletin(announcement, language).html)
        if length > limit:
            _, written_in = content.text_for(language, LANGUAGES[language].fallbacks)
            raise Mistake("too_long", language=written_in, count=length, most=limit)
    start = announcement.send_at or now
    if announcement.expires_at is None or announcement.expires_at <= start + timedelta(minutes=1):
        raise Mistake("ends_too_early")


def _shown_length(html: str) -> int:
    """UTF-16 units after entities parsing, as Telegram counts."""
    return len(unescape(re.sub(r"<[^>]*>", "", html)).encode("utf-16-le")) // 2


def texts_checked(texts: Mapping[str, str]) -> dict[str, str]:
    """These texts, cleaned. Raises Mistake, also for a language that the bot does not speak."""
    for code in texts:
        if code not in LANGUAGES:
            raise Mistake("unknown_language", code=code)
    return {code: cleaned(text) for code, text in texts.items()}
