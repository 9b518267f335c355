"""What all tests share: the demo world at a fixed moment, and real servers."""

from __future__ import annotations

import pytest

from bot.conversation.vocabulary import World
from tests.demo import demo_world


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite", action="store_true", help="write golden transcripts anew")


@pytest.fixture(scope="session")
def world() -> World:
    """The demo network of Wiesbaden, on a Tuesday morning in November."""
    return demo_world()
