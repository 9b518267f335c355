"""Understanding of what people write: `understand(text, hints)` is the door; it imports nothing from the bot."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from nlu.understander import Understander
from nlu.values import Hints, Understanding

__all__ = ["Hints", "Understander", "Understanding", "understand"]
DATA = Path(__file__).resolve().parent.parent / "data"


def understand(text: str, hints: Hints = Hints()) -> Understanding:  # noqa: B008 - a frozen value
    """What one message says. Never raises, reads no network; the models are loaded at the first call."""
    return _understander().understand(text, hints)


@cache
def _understander() -> Understander:
    return Understander.load(DATA)
