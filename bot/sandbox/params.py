"""A Bot API request's parameters, however they came: query, urlencoded, JSON or multipart."""

import email.parser
import email.policy
import json
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from bot.sandbox.files import Upload
from bot.sandbox.refusals import bad_request


class Params:
    """Parameters by name, read as the type a method needs (Bot API, Making requests)."""

    __slots__ = ("_values", "uploads")

    def __init__(self, values: dict[str, Any], uploads: dict[str, Upload] | None = None) -> None:
        self._values = values
        self.uploads = uploads or {}

    @classmethod
    def read(cls, content_type: str, body: bytes, query: bytes) -> "Params":
        """Read a request. Raises Refusal when the body is not what its content type says."""
        values: dict[str, Any] = dict(parse_qsl(query.decode(), keep_blank_values=True)) if query else {}
        uploads: dict[str, Upload] = {}
        match content_type.partition(";")[0].strip().lower():
            case "application/json":
                try:
                    given = json.loads(body or b"{}")
                except ValueError:
                    raise bad_request("can't parse request: invalid JSON") from None
                if not isinstance(given, dict):
                    raise bad_request("can't parse request: object expected")
                values.update(given)
            case "multipart/form-data":
                _read_multipart(content_type, body, values, uploads)
            case _ if body:
                values.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        return cls(values, uploads)

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) not in (None, "")

    def text(self, name: str) -> str | None:
        """A string; None when it is not there."""
        value = self._values.get(name)
        if value is None or isinstance(value, str):
            return value
        return json.dumps(value) if isinstance(value, (dict, list)) else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        """A whole number."""
        try:
            return int(self._values.get(name) or default)
        except (TypeError, ValueError):
            raise bad_request(f'parameter "{name}" must be an Integer') from None

    def number(self, name: str) -> float | None:
        """A decimal number, None when it is not there."""
        if name not in self:
            return None
        try:
            return float(self._values[name])
        except (TypeError, ValueError):
            raise bad_request(f'parameter "{name}" must be a Number') from None

    def flag(self, name: str) -> bool:
        """A truth value in any of the spellings that Telegram reads."""
        value = self._values.get(name)
        return value if isinstance(value, bool) else str(value or "").lower() in ("true", "yes", "1")

    def structure(self, name: str) -> Any:
        """An object or a list, JSON-serialised or not; None when it is not there."""
        value = self._values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None


def _read_multipart(
    content_type: str, body: bytes, values: dict[str, Any], uploads: dict[str, Upload]
) -> None:
    head = b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n"
    message = email.parser.BytesParser(policy=email.policy.compat32).parsebytes(head + body)
    if not message.is_multipart():
        raise bad_request("can't parse request: invalid multipart body")
    for part in message.get_payload():
        if isinstance(part, str):
            continue
        disposition = _disposition(part)
        name = _parameter(disposition, "name")
        file_name = _parameter(disposition, "filename")
        content = part.get_payload(decode=True)
        if name is None or not isinstance(content, bytes):
            continue
        if file_name is None:
            values[name] = content.decode("utf-8", "replace")
        else:
            uploads[name] = Upload(file_name, content, part.get_content_type())


def _disposition(part: Message) -> Message:
    """A part's Content-Disposition alone, with raw UTF-8 in it (as httpx writes names) made readable."""
    readable = Message()
    for name, value in part.raw_items():
        if name.lower() == "content-disposition":
            readable[name] = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return readable


def _parameter(disposition: Message, name: str) -> str | None:
    match disposition.get_param(name, header="content-disposition"):
        case (charset, _, text):
            # RFC 2231, as aiohttp writes names that are not ASCII.
            return str(text).encode("latin-1", "replace").decode(charset or "utf-8", "replace")
        case None:
            return None
        case text:
            return str(text)
