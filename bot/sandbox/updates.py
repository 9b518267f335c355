"""The bot's updates until they are confirmed: fetched by getUpdates or carried to a webhook, never both."""

import asyncio
import json
import re
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from time import time
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.limits import Limits
from bot.sandbox.refusals import bad_request, conflict

MOST_UPDATES = 100  # Bot API, getUpdates: limit 1–100
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # Bot API, setWebhook: secret_token
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LONGEST_WAIT = 60.0
# Bot API, Update: these kinds come only when they are asked for in allowed_updates.
_ONLY_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_FIRST_UPDATE_ID = 100_000_001

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(slots=True)
class QueuedUpdate:
    """One update: its JSON, the chat (or person) whose order it keeps, when it was made."""

    update_id: int
    order: int
    body: bytes
    made_at: float


class UpdateQueue:
    """Updates in order, and the one way in which the bot takes them."""

    def __init__(self, limits: Limits, now: Callable[[], float] = time) -> None:
        self._limits = limits
        self._now = now
        self._pending: OrderedDict[int, QueuedUpdate] = OrderedDict()
        self._next_id = _FIRST_UPDATE_ID
        self._allowed: frozenset[str] = frozenset()
        self._poller: asyncio.Future[None] | None = None
        self.webhook: Webhook | None = None

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def has_poller(self) -> bool:
        """Whether a getUpdates call waits right now."""
        return self._poller is not None

    def add(self, kind: str, payload: dict[str, Any], order: int) -> int | None:
        """Queue an update of this kind; its id, or None when the bot does not want this kind."""
        if kind not in self._allowed if self._allowed else kind in _ONLY_ON_REQUEST:
            return None
        update_id = self._next_id
        self._next_id += 1
        body = to_json({"update_id": update_id, kind: payload})
        update = self._pending[update_id] = QueuedUpdate(update_id, order, body, self._now())
        if self.webhook is not None:
            self.webhook.carry(update)
        elif self._poller is not None and not self._poller.done():
            self._poller.set_result(None)
        return update_id

    def allow(self, kinds: list[str] | None) -> None:
        """Which kinds are queued from now on (Bot API, getUpdates): None keeps the choice, [] resets it."""
        if kinds is not None:
            self._allowed = frozenset(kinds)

    async def fetch(self, offset: int, limit: int, patience: float) -> bytes:
        """The answer to getUpdates, as JSON: waits up to `patience` seconds for the first update.

        Every update below `offset` counts as confirmed and is forgotten; a negative offset keeps only that
        many from the end (Bot API, getUpdates). Raises Refusal 409 beside a webhook or another poller.
        """
        if self.webhook is not None:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        # Bot API, getUpdates: one poller at a time. The one that waits is sent away, as Telegram does.
        self._end_poll(
            "terminated by other getUpdates request; make sure that only one bot instance is running"
        )
        self._confirm(offset)
        if not self._pending and patience > 0:
            poller = self._poller = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(patience):
                    await poller
            except TimeoutError:
                pass
            finally:
                if self._poller is poller:
                    self._poller = None
        bodies = []
        for update in self._pending.values():
            bodies.append(update.body)
            if len(bodies) >= limit:
                break
        return b"[" + b",".join(bodies) + b"]"

    def _end_poll(self, reason: str) -> None:
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(conflict(reason))
        self._poller = None

    def _confirm(self, offset: int) -> None:
        oldest = self._now() - self._limits.update_seconds
        while self._pending and next(iter(self._pending.values())).made_at < oldest:
            self._pending.popitem(last=False)
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popitem(last=False)
            return
        while self._pending and next(iter(self._pending)) < offset:
            self._pending.popitem(last=False)

    def set_webhook(self, url: str, *, secret: str | None, connections: int, drop_pending: bool) -> None:
        """Carry updates to `url` from now on. Raises Refusal for an address or a secret that is not taken."""
        parts = urlsplit(url)
        # Bot API, setWebhook: HTTPS; loopback is let through, or no webhook could be tried on one machine.
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        # Bot API, setWebhook: secret_token has 1–256 characters of A-Z, a-z, 0-9, _ and -.
        if secret is not None and _SECRET.fullmatch(secret) is None:
            raise bad_request("secret token contains unallowed characters")
        self.delete_webhook(drop_pending=drop_pending)
        self._end_poll("terminated by setWebhook request")
        self.webhook = Webhook(
            url,
            secret,
            max(1, min(100, connections)),
            self._limits.webhook_retry_seconds,
            lambda update: self._pending.pop(update.update_id, None) is not None,
        )
        for update in self._pending.values():
            self.webhook.carry(update)

    def delete_webhook(self, *, drop_pending: bool) -> bool:
        """Back to getUpdates; whether there was a webhook."""
        had_one = self.webhook is not None
        if self.webhook is not None:
            self.webhook.stop()
            self.webhook = None
        if drop_pending:
            self._pending.clear()
        return had_one

    def webhook_info(self) -> dict[str, Any]:
        """Bot API, WebhookInfo."""
        info: dict[str, Any] = {
            "url": self.webhook.url if self.webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self._pending),
        }
        if self.webhook is not None:
            info["max_connections"] = self.webhook.connections
            if self.webhook.last_error is not None:
                info["last_error_date"], info["last_error_message"] = self.webhook.last_error
        if self._allowed:
            info["allowed_updates"] = sorted(self._allowed)
        return info

    async def close(self) -> None:
        """End the waiting poll and the webhook: the stand-in stops."""
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(None)
        if self.webhook is not None:
            self.webhook.stop()
            await self.webhook.stopped()


class Webhook:
    """Carries updates to the bot: one after another in a chat, chats side by side, again after a failure.

    Bot API, setWebhook: max_connections; in case of an unsuccessful request Telegram repeats it.
    """

    def __init__(
        self,
        url: str,
        secret: str | None,
        connections: int,
        retry_seconds: float,
        confirm: Callable[[QueuedUpdate], bool],
    ) -> None:
        self.url = url
        self.connections = connections
        self.last_error: tuple[int, str] | None = None
        self._headers = {"Content-Type": "application/json"}
        if secret is not None:
            self._headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        self._retry_seconds = retry_seconds
        self._confirm = confirm
        self._waiting: dict[int, deque[QueuedUpdate]] = {}
        self._carriers: set[asyncio.Task[None]] = set()
        self._free = asyncio.Semaphore(connections)
        self._session: aiohttp.ClientSession | None = None

    def carry(self, update: QueuedUpdate) -> None:
        """Queue an update behind those of its chat."""
        if (waiting := self._waiting.get(update.order)) is not None:
            waiting.append(update)
            return
        self._waiting[update.order] = deque([update])
        task = asyncio.get_running_loop().create_task(self._carry_chat(update.order))
        self._carriers.add(task)
        task.add_done_callback(self._carriers.discard)

    async def _carry_chat(self, order: int) -> None:
        waiting = self._waiting[order]
        while waiting:
            failures = 0
            while (pause := await self._post(waiting[0])) is not None:
                failures += 1
                doubled = self._retry_seconds * 2 ** min(failures - 1, 10)
                await asyncio.sleep(min(_LONGEST_WAIT, max(pause, doubled)))
            self._confirm(waiting.popleft())
        del self._waiting[order]

    async def _post(self, update: QueuedUpdate) -> float | None:
        """None when the bot took the update, else how many seconds it asks us to wait."""
        async with self._free:
            if self._session is None:
                connector = aiohttp.TCPConnector(limit=0)
                self._session = aiohttp.ClientSession(
                    connector=connector, timeout=aiohttp.ClientTimeout(total=60)
                )
            try:
                async with self._session.post(self.url, data=update.body, headers=self._headers) as answer:
                    await answer.read()
                    if 200 <= answer.status <= 299:
                        return None
                    self._note(f"Wrong response from the webhook: {answer.status} {answer.reason}")
                    asked = answer.headers.get("Retry-After", "")
                    return float(asked) if asked.isdigit() else 0.0
            except (aiohttp.ClientConnectorError, OSError):
                self._note("Connection refused")
            except (aiohttp.ClientError, TimeoutError):
                self._note("Read timeout expired")
        return 0.0

    def _note(self, error: str) -> None:
        self.last_error = (int(time()), error)

    def stop(self) -> None:
        """Carry nothing more; what was not taken stays pending."""
        for task in self._carriers:
            task.cancel()
        if self._session is not None:
            closing = asyncio.get_running_loop().create_task(self._session.close())
            self._carriers.add(closing)
            closing.add_done_callback(self._carriers.discard)
            self._session = None

    async def stopped(self) -> None:
        """Wait until every carrier is gone."""
        await asyncio.gather(*self._carriers, return_exceptions=True)


def to_json(value: Any) -> bytes:
    """Compact JSON in UTF-8; half a surrogate pair becomes a question mark."""
    return _encode(value).encode("utf-8", "replace")
