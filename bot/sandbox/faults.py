"""Faults that a test plans for the stand-in: a slow, failing or vanishing Telegram."""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong with a request."""

    ERROR = "error"
    """500, nothing was done."""
    REFUSE = "refuse"
    """400, nothing was done."""
    FLOOD = "flood"
    """429 with retry_after, nothing was done."""
    DROP = "drop"
    """The connection ends without an answer, nothing was done."""
    LOSE = "lose"
    """The work is done, but the connection ends before the answer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One planned fault; `method` in the Bot API's spelling, None for whichever comes next."""

    kind: FaultKind
    method: str | None = None
    retry_after: int = 1


class Faults:
    """The planned faults, each used once, in order; `latency` in seconds is added to every request."""

    def __init__(self) -> None:
        self.latency = 0.0
        self._planned: deque[Fault] = deque()

    def plan(
        self, kind: FaultKind, times: int = 1, *, method: str | None = None, retry_after: int = 1
    ) -> None:
        """Let the next `times` requests fail (of `method`, if given)."""
        self._planned.extend([Fault(kind, method, retry_after)] * times)

    def clear(self) -> None:
        """Everything works again, at once."""
        self.latency = 0.0
        self._planned.clear()

    def take(self, method: str) -> Fault | None:
        """The fault that hits this request, if any. `method` is in lower case."""
        for index, fault in enumerate(self._planned):
            if fault.method is None or fault.method.lower() == method:
                del self._planned[index]
                return fault
        return None

    def __len__(self) -> int:
        return len(self._planned)
