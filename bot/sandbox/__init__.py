"""A stand-in for Telegram on this machine: the Bot API over HTTP and a page of phones.

It must not know the bot: whatever speaks the Bot API can be tried on it.
"""

from bot.sandbox.app import create_app
from bot.sandbox.cloud import (
    COORDINATOR_ID,
    DEFAULT_TOKEN,
    DEFAULT_USERNAME,
    GROUP_ID,
    HELPER_ID,
    PERSON_ID,
    Sandbox,
)
from bot.sandbox.faults import FaultKind, Faults
from bot.sandbox.files import Upload
from bot.sandbox.limits import Limits
from bot.sandbox.load import Load
from bot.sandbox.phones import CannotBeDone, Phone
from bot.sandbox.refusals import Refusal
from bot.sandbox.server import running, serve

__all__ = [
    "COORDINATOR_ID",
    "DEFAULT_TOKEN",
    "DEFAULT_USERNAME",
    "GROUP_ID",
    "HELPER_ID",
    "PERSON_ID",
    "CannotBeDone",
    "FaultKind",
    "Faults",
    "Limits",
    "Load",
    "Phone",
    "Refusal",
    "Sandbox",
    "Upload",
    "create_app",
    "running",
    "serve",
]
