"""Sends announcements: as fast as is safe, each recipient once, through crashes, halts and lost connections.

A recipient is claimed in the database before the message goes out, and its outcome is written down after; at most
`in_flight` recipients are in between. What a dead sender had in between is sent again and counted as uncertain: nobody
is left out. Knows neither SQL nor the Bot API.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
from time import monotonic
from typing import Protocol

import structlog

from bot.announcements.model import Announcement, Outcome

LOG = structlog.get_logger()
IDLE_SECONDS = 1.0
"""How often a sender with nothing to do looks for work; a release in the same process wakes it at once."""
BREATH_SECONDS = 0.01
"""Outcomes that come in so close together share one transaction."""
BURST_SECONDS = 0.2
"""How much of a delay is made up for at once: 25 a second stay within Telegram's 30 in any second."""
LEASE_SECONDS = 30.0
"""A sender that was not heard of for so long counts as dead, and others take over what it had claimed."""
CERTAIN = 0.7
"""The share of a lease for which a sender trusts in it: it is renewed in the database after a quarter at the latest."""
QUIET_FROM, QUIET_UNTIL = time(21), time(8)
"""No announcement is sent in these hours of local time, unless it is meant for the night too."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0


def is_quiet(now: datetime) -> bool:
    """Whether this local time lies in the quiet hours."""
    return now.time() >= QUIET_FROM or now.time() < QUIET_UNTIL


class Halted(Exception):
    """Telegram asks to send nothing for so many seconds (429)."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Unsure(Exception):
    """The connection broke, or Telegram failed: the message may have arrived or not."""


class Blocked(Exception):
    """The person blocked the bot or deleted the account (403)."""


class Refused(Exception):
    """Telegram will never take this message (400); the text is its reason."""


class OutboxUnavailable(Exception):
    """The database did not answer; it will be asked again."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One recipient that this sender may send to now. `ends`: the message sent earlier is to be changed to its end."""

    announcement: str
    recipient: bytes
    chat_id: int
    language: str
    ends: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a claim; `unsure` counts how often it was tried without knowing whether it arrived."""

    claim: Claim
    outcome: Outcome
    message_id: int | None = None
    unsure: int = 0


class Outbox(Protocol):
    """The recipients of all announcements that are under way."""

    async def exchange(
        self, sender: str, results: Sequence[Result], wanted: int, *, night: bool
    ) -> Sequence[Claim]:
        """Writes down the results and claims up to `wanted` recipients, in one transaction.

        `night`: only of announcements that may be sent at night. Raises OutboxUnavailable.
        """

    async def announcement(self, id: str) -> Announcement | None:
        """The announcement with this id. Raises OutboxUnavailable."""

    async def due(self, now: datetime) -> None:
        """Releases what is scheduled for now, ends what has expired, erases what is 48 hours past its end."""


class Courier(Protocol):
    """Takes one message to one person. Raises Halted, Unsure, Blocked or Refused."""

    async def deliver(self, announcement: Announcement, language: str, chat_id: int) -> int:
        """Sends it in this language; the message's id."""

    async def end(self, announcement: Announcement, language: str, chat_id: int, message_id: int) -> None:
        """Changes the message sent earlier to "over" or "withdrawn"."""


class Budget(Protocol):
    """How many announcements may be sent a second, by all senders of this bot together."""

    async def take(self, wanted: int) -> int:
        """How many may go now, `wanted` at most; they count as sent."""

    async def halt(self, seconds: float) -> None:
        """Nothing may go for so long."""

    async def pause(self) -> float:
        """Seconds until `take` gives something."""


class LocalBudget:
    """The budget of a single sender: `per_second`, and at once no more than BURST_SECONDS of it."""

    def __init__(self, per_second: float, clock: Callable[[], float] = monotonic) -> None:
        self._per_second = per_second
        self._burst = max(1.0, per_second * BURST_SECONDS)
        self._clock = clock
        self._tokens = self._burst
        self._filled_at = clock()
        self._halted_until = 0.0

    def _fill(self) -> None:
        now = self._clock()
        if now < self._halted_until:
            self._tokens, self._filled_at = 0.0, self._halted_until
        elif now > self._filled_at:
            gained = (now - self._filled_at) * self._per_second
            self._tokens, self._filled_at = min(self._burst, self._tokens + gained), now

    async def take(self, wanted: int) -> int:
        self._fill()
        taken = max(0, min(wanted, int(self._tokens)))
        self._tokens -= taken
        return taken

    async def halt(self, seconds: float) -> None:
        self._halted_until = max(self._halted_until, self._clock() + seconds)

    async def pause(self) -> float:
        self._fill()
        halted = max(0.0, self._halted_until - self._clock())
        return halted + max(0.0, 1 - self._tokens) / self._per_second


class Delivery:
    """One sender. `now` gives the aware local time; `in_flight` is how many may be claimed and not yet written down."""

    def __init__(
        self,
        outbox: Outbox,
        courier: Courier,
        budget: Budget,
        now: Callable[[], datetime],
        *,
        in_flight: int = 8,
        lease: float = LEASE_SECONDS,
    ) -> None:
        self._outbox = outbox
        self._courier = courier
        self._budget = budget
        self._now = now
        self._in_flight = in_flight
        self._lease = lease
        self._sender = secrets.token_hex(8)
        self._going: set[asyncio.Task[None]] = set()
        self._results: list[Result] = []
        self._wake = asyncio.Event()
        self._asleep = True
        self._mine_until = 0.0
        self._look_at = 0.0
        self._known: dict[tuple[str, bool], Announcement] = {}

    def wake(self) -> None:
        """There is something to do: somebody released, paused or withdrew an announcement."""
        self._known.clear()
        self._wake.set()

    async def run(self) -> None:
        """Sends until cancelled; then what is on its way is finished and written down."""
        try:
            while True:
                try:
                    pause = await self._step()
                except OutboxUnavailable:
                    LOG.warning("outbox_unavailable")
                    pause = IDLE_SECONDS
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):  # wait_for can swallow a cancellation (Python 3.11)
                        await self._wake.wait()
                self._wake.clear()
                await asyncio.sleep(BREATH_SECONDS)
        finally:
            if self._going:
                await asyncio.wait(self._going, timeout=LEASE_SECONDS)
            with suppress(OutboxUnavailable):
                await self._exchange(0)

    async def _step(self) -> float:
        """Writes down, claims, starts sending; seconds until the next step makes sense."""
        if monotonic() >= self._look_at:
            self._look_at = monotonic() + IDLE_SECONDS
            await self._outbox.due(self._now())
        free = self._in_flight - len(self._going)  # results are written down along with the new claims
        wanted = await self._budget.take(free) if free > 0 else 0
        claims: Sequence[Claim] = ()
        if wanted or self._results or monotonic() > self._mine_until - self._lease / 2:
            claims = await self._exchange(wanted)
        for claim in claims:
            task = asyncio.create_task(self._send(claim))
            self._going.add(task)
            task.add_done_callback(self._going.discard)
        nothing_waits = wanted > len(claims)
        self._asleep = nothing_waits or free <= 0
        return IDLE_SECONDS if self._asleep else await self._budget.pause()

    async def _exchange(self, wanted: int) -> Sequence[Claim]:
        results, self._results = self._results, []
        asked_at = monotonic()
        try:
            claims = await self._outbox.exchange(self._sender, results, wanted, night=is_quiet(self._now()))
        except OutboxUnavailable:
            self._results = results + self._results
            raise
        self._mine_until = asked_at + self._lease * CERTAIN
        return claims

    async def _send(self, claim: Claim) -> None:
        unsure, wait = 0, FIRST_WAIT
        while True:
            if monotonic() > self._mine_until:
                return  # this process was asleep: others have taken over what it had claimed
            try:
                outcome, message_id = Outcome.DELIVERED, await self._deliver(claim)
            except Halted as halted:
                await self._budget.halt(halted.seconds)
                await self._keep_waiting(halted.seconds)
                continue
            except Unsure:
                unsure += 1
                await self._keep_waiting(wait)
                wait = min(wait * 2, LONGEST_WAIT)
                continue
            except OutboxUnavailable:
                await self._keep_waiting(IDLE_SECONDS)
                continue
            except Blocked:
                outcome, message_id = Outcome.BLOCKED, None
            except Refused as refused:
                LOG.warning("announcement_refused", error=str(refused))
                outcome, message_id = Outcome.FAILED, None
            except Exception as error:  # a mistake of ours must not leave the recipient claimed for ever
                LOG.error("announcement_failed", error=type(error).__name__)
                outcome, message_id = Outcome.FAILED, None
            self._results.append(Result(claim, outcome, message_id, unsure))
            if self._asleep:
                self._wake.set()  # else the next step is near and writes it down along with its claims
            return

    async def _keep_waiting(self, seconds: float) -> None:
        """Waits, and lets the others know now and then that this sender is alive."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            await asyncio.sleep(min(left, self._lease / 3))
            self._wake.set()

    async def _deliver(self, claim: Claim) -> int | None:
        key = claim.announcement, claim.ends is None  # once it has ended it reads differently
        announcement = self._known.get(key)
        if announcement is None:
            announcement = await self._outbox.announcement(claim.announcement)
            if announcement is None:
                raise Refused("the announcement is gone")
            self._known[key] = announcement
        if claim.ends is None:
            return await self._courier.deliver(announcement, claim.language, claim.chat_id)
        await self._courier.end(announcement, claim.language, claim.chat_id, claim.ends)
        return claim.ends
