"""The chat page's and a test's way in over HTTP: events, actions of a phone, faults, the clock, load."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.sandbox.cloud import JSON, Sandbox
from bot.sandbox.faults import FaultKind
from bot.sandbox.files import Upload
from bot.sandbox.load import FIRST_CHAT, Load
from bot.sandbox.phones import CannotBeDone, Phone, page_state
from bot.sandbox.refusals import Refusal
from bot.sandbox.updates import to_json

STATIC = Path(__file__).parent / "static"
_HEARTBEAT_SECONDS = 15.0


class Page:
    """The endpoints beside the Bot API, for one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._load: Load | None = None

    def routes(self) -> list[BaseRoute]:
        """The page at /, its parts below /static, everything else below /sandbox."""
        return [
            Route("/", self._index),
            Route("/health", self._health),
            Route("/sandbox/events", self._events),
            Route("/sandbox/state", self._state),
            Route("/sandbox/phones/{phone:int}/{action}", _told(self._act), methods=["POST"]),
            Route("/sandbox/phones/{phone:int}/files/{kind}", _told(self._send_file), methods=["POST"]),
            Route("/sandbox/files/{file_id}", self._file),
            Route("/sandbox/faults", _told(self._faults), methods=["POST", "DELETE"]),
            Route("/sandbox/clock", _told(self._clock), methods=["POST"]),
            Route("/sandbox/load", _told(self._measure), methods=["GET", "POST"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]

    async def _index(self, request: Request) -> Response:
        return FileResponse(STATIC / "index.html")

    async def _health(self, request: Request) -> Response:
        return JSONResponse({"ok": True})

    async def _state(self, request: Request) -> Response:
        return Response(to_json(page_state(self._sandbox)), media_type="application/json")

    async def _events(self, request: Request) -> Response:
        return StreamingResponse(
            self._stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    async def _stream(self) -> AsyncIterator[bytes]:
        """Server-sent events: the whole state first, then every change."""
        events: asyncio.Queue[JSON] = asyncio.Queue()
        self._sandbox.listeners.add(events.put_nowait)
        try:
            yield _event(page_state(self._sandbox))
            while True:
                try:
                    async with asyncio.timeout(_HEARTBEAT_SECONDS):
                        event = await events.get()
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if event["type"] == "closed":
                    return
                if event["type"] == "profile":
                    event = page_state(self._sandbox) | {"type": "profile"}
                yield _event(event)
        finally:
            self._sandbox.listeners.discard(events.put_nowait)

    async def _act(self, request: Request) -> JSON:
        """One action of a phone; the body carries what it needs."""
        phone = Phone(self._sandbox, request.path_params["phone"])
        body = json.loads(await request.body() or b"{}")
        chat = body.get("chat")
        match request.path_params["action"]:
            case "send":
                return phone.send(body["text"], chat_id=chat, reply_to=body.get("reply_to"))
            case "start":
                return phone.start(body.get("parameter", ""))
            case "tap":
                return {"query": phone.tap(body["message"], body["data"], chat_id=chat)}
            case "press":
                return phone.press(body["label"], chat_id=chat)
            case "edit":
                return phone.edit(body["message"], body["text"], chat_id=chat)
            case "delete":
                phone.delete(body["messages"], chat_id=chat)
            case "forward":
                return phone.forward(body["message"], body["to"], chat_id=chat)
            case "sticker":
                return phone.send_sticker(body["emoji"], chat_id=chat)
            case "location":
                return phone.send_location(body["latitude"], body["longitude"], chat_id=chat)
            case "contact":
                return phone.send_contact(body.get("person"), chat_id=chat)
            case "inline":
                return {"query": phone.ask_inline(body["text"], chat_id=chat)}
            case "choose":
                return phone.choose_inline(body["query"], body["result"], chat_id=chat)
            case "language":
                phone.set_language(body.get("code"))
            case "block":
                phone.block()
            case "unblock":
                phone.unblock()
            case "forget":
                phone.forget_chat()
            case _:
                raise CannotBeDone("no such action")
        return {}

    async def _send_file(self, request: Request) -> JSON:
        """A photo, document or voice note: the body is the file, the rest stands in the query."""
        phone = Phone(self._sandbox, request.path_params["phone"])
        kind = request.path_params["kind"]
        if kind not in ("photo", "document", "voice", "audio"):
            raise CannotBeDone("no such kind of file")
        query = request.query_params
        media_type = request.headers.get("content-type", "application/octet-stream")
        upload = Upload(query.get("name", kind), await request.body(), media_type)
        chat = int(query["chat"]) if "chat" in query else None
        return phone.send_file(
            kind, upload, caption=query.get("caption", ""), seconds=int(query.get("seconds", 0)), chat_id=chat
        )

    async def _file(self, request: Request) -> Response:
        stored = self._sandbox.files.get(request.path_params["file_id"])
        if stored is None:
            return Response(status_code=404)
        # Only pictures and sound are shown in place; the rest is downloaded and can do nothing on the page.
        inline = stored.media_type.startswith(("image/", "audio/")) and "svg" not in stored.media_type
        headers = {"X-Content-Type-Options": "nosniff"} | (
            {} if inline else {"Content-Disposition": "attachment"}
        )
        media_type = stored.media_type if inline else "application/octet-stream"
        return Response(stored.content, media_type=media_type, headers=headers)

    async def _faults(self, request: Request) -> JSON:
        """POST {latency} or {kind, times, method, retry_after}; DELETE ends all faults."""
        faults = self._sandbox.faults
        if request.method == "DELETE":
            faults.clear()
            return {}
        body = json.loads(await request.body())
        if "latency" in body:
            faults.latency = float(body["latency"])
        if "kind" in body:
            faults.plan(
                FaultKind(body["kind"]),
                int(body.get("times", 1)),
                method=body.get("method"),
                retry_after=int(body.get("retry_after", 1)),
            )
        return {"planned": len(faults), "latency": faults.latency}

    async def _clock(self, request: Request) -> JSON:
        """POST {advance: seconds}."""
        body = json.loads(await request.body())
        self._sandbox.clock.advance(float(body["advance"]))
        return {"now": self._sandbox.clock()}

    async def _measure(self, request: Request) -> JSON:
        """POST {chats, updates, text} | {messages: [[chat, text], …]} | {taps: [[chat, data], …]}; GET.

        `more: true` adds to the running measurement instead of beginning a new one; "{n}" in a text becomes
        its number.
        """
        if request.method == "POST":
            body = json.loads(await request.body())
            if self._load is None or not body.get("more"):
                if self._load is not None:
                    self._load.stop()
                self._load = Load(self._sandbox)
            chats, text = int(body.get("chats", 64)), str(body.get("text", "Hallo {n}"))
            self._load.send(
                (FIRST_CHAT + number % chats, text.replace("{n}", str(number)))
                for number in range(int(body.get("updates", 0)))
            )
            self._load.send((int(chat), str(given)) for chat, given in body.get("messages", []))
            self._load.tap((int(chat), str(data)) for chat, data in body.get("taps", []))
        load = self._load
        if load is None:
            raise CannotBeDone("no load was started")
        if seconds := float(request.query_params.get("wait", 0)):
            await load.wait(seconds)
        report = load.report()
        if "all" in request.query_params:
            report["arrivals"] = [
                [arrival.chat_id, arrival.at, arrival.took, arrival.text] for arrival in load.arrivals
            ]
        return report


def _event(event: JSON) -> bytes:
    return b"data: " + to_json(event) + b"\n\n"


def _told(act: Callable[[Request], Awaitable[JSON]]) -> Callable[[Request], Awaitable[Response]]:
    """Answer with what an action gives, or with why it could not be done."""

    async def endpoint(request: Request) -> Response:
        status, answer = 200, {}
        try:
            answer = await act(request)
        except CannotBeDone as reason:
            status, answer = 409, {"error": str(reason)}
        except Refusal as refusal:
            status, answer = refusal.code, {"error": refusal.description}
        except (KeyError, TypeError, ValueError):
            status, answer = 400, {"error": "the request lacks something or holds a wrong value"}
        return Response(to_json(answer), status_code=status, media_type="application/json")

    return endpoint
