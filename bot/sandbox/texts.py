"""What Telegram does to a text: limits, cleaning, HTML to entities, links and commands found by itself.

Offsets and lengths are UTF-16 code units, as everywhere in the Bot API (Bot API, MessageEntity).
"""

import html
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.refusals import bad_request

type_of_tag = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
"""Bot API, Formatting options, HTML style: the tags that exist; every other tag is refused."""

TEXT_LIMIT = 4096  # Bot API, sendMessage: text, after entities parsing
CAPTION_LIMIT = 1024  # Bot API, sendPhoto: caption, after entities parsing

# U+2028–U+202E vanish on the way (line separators and the old direction marks); isolates U+2066–U+2069 stay.
_REMOVED = re.compile(r"[\u2028-\u202e\r]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_UNUSUAL = re.compile(r"[\x00-\x08\x0b-\x1f\u2028-\u202e]")
_MARKUP = re.compile(r"[<&]")
_CHARACTER_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
_ATTRIBUTE = re.compile(r"""\s+([a-zA-Z0-9-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+))?""")
_TAG_NAME = re.compile(r"[^\s>/]*")

_WORTH_A_LOOK = re.compile(r"[/@.#+]")
_FOUND = re.compile(
    r"""
      (?P<url>  (?<![\w@])(?:https?://|www\.)[^\s<>"\u2066-\u2069\u200e\u200f]+
              | (?<![\w@.])(?:[a-zA-Z0-9-]+\.)+(?:org|com|net|info|de|eu|me|io)\b(?!@)
                (?:/[^\s<>"\u2066-\u2069\u200e\u200f]*)? )
    | (?P<email>         (?<![\w.+-])[\w.+-]+@(?:[a-zA-Z0-9-]+\.)+[a-zA-Z]{2,} )
    | (?P<bot_command>   (?<![\w/@<])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z]\w{2,31})?(?![\w/]) )
    | (?P<mention>       (?<![\w/@])@[a-zA-Z]\w{2,31} )
    | (?P<hashtag>       (?<![\w\#])\#\w*[^\W\d]\w* )
    | (?P<phone_number>  (?<![\w+])\+\d(?:[\d ()/\u2011-]{5,18})\d )
    """,
    re.VERBOSE,
)
_CLOSES_A_SENTENCE = ".,!?;:)»”'"


@dataclass(slots=True)
class _OpenTag:
    name: str
    offset: int
    attributes: dict[str, str] = field(default_factory=dict)


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Remove what Telegram deletes from every text and blank out control characters."""
    if _UNUSUAL.search(text) is None:
        return text
    return _CONTROL.sub(" ", _REMOVED.sub("", text))


def link_or_none(url: str) -> str | None:
    """A link as Telegram keeps it, or None: http, https and tg only; without a scheme http is meant."""
    scheme, colon, rest = url.strip().partition(":")
    if not colon or ("." in scheme and rest[:1].isdigit()):
        url = f"http://{url.strip()}"
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    match parts.scheme.lower():
        case "http" | "https" if parts.hostname and "." in parts.hostname:
            return parts._replace(path=parts.path or "/").geturl()
        case "tg":
            return url.strip()
        case _:
            return None


def read_text(
    source: str | None, parse_mode: str | None, entities: Any = None
) -> tuple[str, list[dict[str, Any]]]:
    """Turn a request's text into what a message carries: plain text and its entities.

    Raises Refusal when the formatting is broken or of a kind that is not played here (Markdown).
    """
    text = clean(source or "")
    match (parse_mode or "").lower():
        case "":
            formatted: list[dict[str, Any]] = [dict(entity) for entity in entities or []]
        case "html":
            text, formatted = parse_html(text)
        case "markdown" | "markdownv2":
            raise bad_request("can't parse entities: this stand-in for Telegram reads parse_mode HTML only")
        case _:
            raise bad_request("unsupported parse_mode")
    text, formatted = _strip(text, formatted)
    return text, find_entities(text, formatted)


def _strip(text: str, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    stripped = text.strip()
    if not entities or len(stripped) == len(text):
        return stripped, entities
    lead = utf16_length(text[: len(text) - len(text.lstrip())])
    end = utf16_length(stripped)
    kept = []
    for entity in entities:
        start = max(0, entity["offset"] - lead)
        stop = min(end, entity["offset"] - lead + entity["length"])
        if stop > start:
            kept.append(entity | {"offset": start, "length": stop - start})
    return stripped, kept


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Read parse_mode HTML (Bot API, Formatting options). Raises Refusal with Telegram's words on a fault."""
    if _MARKUP.search(source) is None:
        return source, []
    parts: list[str] = []
    length = 0
    position = 0
    open_tags: list[_OpenTag] = []
    entities: list[dict[str, Any]] = []

    def fault(reason: str) -> Exception:
        return bad_request(f"can't parse entities: {reason}")

    def byte_offset(index: int) -> int:
        return len(source[:index].encode())

    while (mark := _MARKUP.search(source, position)) is not None:
        start = mark.start()
        parts.append(source[position:start])
        length += utf16_length(parts[-1])
        if mark.group() == "&":
            reference = _CHARACTER_REFERENCE.match(source, start)
            parts.append(html.unescape(reference.group()) if reference else "&")
            length += utf16_length(parts[-1])
            position = reference.end() if reference else start + 1
            continue
        closing = source.startswith("/", start + 1)
        name_match = _TAG_NAME.match(source, start + 2 if closing else start + 1)
        name = name_match.group().lower() if name_match else ""
        position = name_match.end() if name_match else position
        if closing:
            end = source.find(">", position)
            if not open_tags:
                raise fault(f"Unexpected end tag at byte offset {byte_offset(start)}")
            if end < 0:
                raise fault(f"Unclosed end tag at byte offset {byte_offset(start)}")
            tag = open_tags.pop()
            if name and name != tag.name:
                raise fault(
                    f"Unmatched end tag at byte offset {byte_offset(start)}, "
                    f'expected "</{tag.name}>", found "</{name}>"'
                )
            position = end + 1
            if (entity := _entity(tag, length, "".join(parts) if tag.name == "a" else "")) is not None:
                entities.append(entity)
            continue
        if position >= len(source):
            raise fault(f"Unclosed start tag at byte offset {byte_offset(start)}")
        if name not in type_of_tag:
            raise fault(f'Unsupported start tag "{name}" at byte offset {byte_offset(start)}')
        attributes: dict[str, str] = {}
        while (attribute := _ATTRIBUTE.match(source, position)) is not None:
            attributes[attribute[1].lower()] = html.unescape((attribute[2] or "").strip("\"'"))
            position = attribute.end()
        while source[position : position + 1].isspace() or source.startswith("/>", position):
            position += 1
        if not source.startswith(">", position):
            raise fault(f"Unclosed start tag at byte offset {byte_offset(start)}")
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise fault(f'Tag "span" must have class "tg-spoiler" at byte offset {byte_offset(start)}')
        position += 1
        open_tags.append(_OpenTag(name, length, attributes))
    if open_tags:
        raise fault(f'Can\'t find end tag corresponding to start tag "{open_tags[-1].name}"')
    parts.append(source[position:])
    return "".join(parts), _in_order(_merge_code_into_pre(entities))


def _entity(tag: _OpenTag, end: int, text: str) -> dict[str, Any] | None:
    if end == tag.offset:
        return None
    entity: dict[str, Any] = {
        "type": type_of_tag[tag.name],
        "offset": tag.offset,
        "length": end - tag.offset,
    }
    match tag.name:
        case "a":
            inner = text.encode("utf-16-le")[tag.offset * 2 :].decode("utf-16-le")
            url = link_or_none(tag.attributes.get("href") or inner)
            if url is None:
                return None
            entity["url"] = url
        case "blockquote" if "expandable" in tag.attributes:
            entity["type"] = "expandable_blockquote"
        case "tg-emoji":
            entity["custom_emoji_id"] = tag.attributes.get("emoji-id", "")
        case "code" if tag.attributes.get("class", "").startswith("language-"):
            entity["language"] = tag.attributes["class"].removeprefix("language-")
    return entity


def _merge_code_into_pre(entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    languages = {
        (entity["offset"], entity["length"]): entity for entity in entities if entity["type"] == "code"
    }
    merged: list[dict[str, Any]] = []
    for entity in entities:
        if entity["type"] == "pre":
            inner = languages.get((entity["offset"], entity["length"]))
            if inner is not None and "language" in inner:
                entity["language"] = inner["language"]
                merged.remove(inner)
        merged.append(entity)
    for entity in merged:
        if entity["type"] == "code":
            entity.pop("language", None)
    return merged


def _in_order(entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def find_entities(text: str, formatted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add the commands, links, mentions, hashtags and + numbers that Telegram finds by itself."""
    if _WORTH_A_LOOK.search(text) is None:
        return formatted
    wide = not text.isascii()
    taken = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in formatted
        if entity["type"] in ("text_link", "code", "pre")
    ]
    found = []
    for hit in _FOUND.finditer(text):
        kind = hit.lastgroup
        value = hit.group()
        if kind == "url":
            value = value.rstrip(_CLOSES_A_SENTENCE)
        start = utf16_length(text[: hit.start()]) if wide else hit.start()
        length = utf16_length(value) if wide else len(value)
        if all(start + length <= begin or start >= end for begin, end in taken):
            found.append({"type": kind, "offset": start, "length": length})
    return _in_order(formatted + found) if found else formatted
