"""The Bot API's door: /bot<token>/<method> and /file/bot<token>/<path>. Knows requests, no method."""

import asyncio
import logging
from typing import Any

from starlette.types import Receive, Scope, Send

from bot.sandbox.cloud import Sandbox
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.methods import METHODS
from bot.sandbox.params import Params
from bot.sandbox.refusals import Refusal, bad_request, too_many_requests
from bot.sandbox.updates import MOST_UPDATES, to_json

_log = logging.getLogger(__name__)
_REQUEST_BYTES = 60 * 1024 * 1024
_NOT_FOUND = Refusal(404, "Not Found")
# Bot API, setWebhook and deleteWebhook: the few methods that add a description to their success.
_DESCRIPTIONS = {"setwebhook": b"Webhook was set", "deletewebhook": b"Webhook was deleted"}


class BotApi:
    """An ASGI application for the methods (Bot API, Making requests). Lean: bots are measured against it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["path_params"]["method"].lower()
        body = await _body(receive)
        faults = self._sandbox.faults
        fault: Fault | None = None
        if faults.latency:
            await asyncio.sleep(faults.latency)
        if faults:
            fault = faults.take(method)
        try:
            match fault:
                case Fault(kind=FaultKind.DROP):
                    await _hang_up(send)
                    return
                case Fault(kind=FaultKind.ERROR | FaultKind.REFUSE | FaultKind.FLOOD):
                    raise _refusal_of(fault)
            self._check_token(scope["path_params"]["token"])
            params = Params.read(_content_type(scope), body, scope["query_string"])
            if method == "getupdates":
                result = await self._get_updates(params)
            elif (function := METHODS.get(method)) is not None:
                result = to_json(function(self._sandbox, params))
            else:
                raise _NOT_FOUND
            status = 200
            answer = b'{"ok":true,"result":' + result
            if (description := _DESCRIPTIONS.get(method)) is not None:
                answer += b',"description":"' + description + b'"'
            answer += b"}"
        except Refusal as refusal:
            status, answer = refusal.code, _refused(refusal)
        except Exception as error:
            # A request that this stand-in did not foresee. Its content is nobody's business, its kind is.
            _log.error("%s failed: %s", method, type(error).__name__)
            status, answer = 500, _refused(Refusal(500, "Internal Server Error"))
        if fault is not None and fault.kind is FaultKind.LOSE:
            await _hang_up(send)
        else:
            await _reply(send, status, b"application/json", answer)

    def _check_token(self, token: str) -> None:
        # Bot API, Authorizing your bot: a token is <number>:<key>; anything else is an address nobody has.
        if token == self._sandbox.bot.token:
            return
        raise Refusal(401, "Unauthorized") if ":" in token else _NOT_FOUND

    async def _get_updates(self, params: Params) -> bytes:
        """Bot API, getUpdates."""
        updates = self._sandbox.updates
        updates.allow(params.structure("allowed_updates"))
        limit = max(1, min(MOST_UPDATES, params.integer("limit", MOST_UPDATES)))
        timeout = min(50.0, max(0.0, params.number("timeout") or 0.0))
        return await updates.fetch(params.integer("offset"), limit, timeout)


class BotFiles:
    """An ASGI application for the download of files (Bot API, getFile)."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = scope["path_params"]
        stored = self._sandbox.files.at(given["path"]) if given["token"] == self._sandbox.bot.token else None
        if stored is None:
            await _reply(send, 404, b"application/json", _refused(_NOT_FOUND))
        else:
            await _reply(send, 200, b"application/octet-stream", stored.content)


def _refusal_of(fault: Fault) -> Refusal:
    if fault.kind is FaultKind.FLOOD:
        return too_many_requests(fault.retry_after)
    if fault.kind is FaultKind.REFUSE:
        return bad_request("can't parse entities")
    return Refusal(500, "Internal Server Error")


def _refused(refusal: Refusal) -> bytes:
    answer: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.retry_after is not None:
        answer["parameters"] = {"retry_after": refusal.retry_after}
    return to_json(answer)


def _content_type(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"content-type":
            return str(value.decode("latin-1"))
    return ""


async def _body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= _REQUEST_BYTES:
            chunks.append(chunk)
        if not message.get("more_body", False):
            break
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _reply(send: Send, status: int, content_type: bytes, body: bytes) -> None:
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _hang_up(send: Send) -> None:
    """Promise an answer and leave: the server then closes the connection, which is what a test asked for."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
