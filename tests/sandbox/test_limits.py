"""Flood limits: what passes, what waits, and how long."""

import pytest

from bot.sandbox import Limits, Refusal
from bot.sandbox.limits import FloodGate


def test_a_chat_takes_a_burst_and_then_one_message_a_second() -> None:
    gate = FloodGate(Limits(chat_burst=3))
    for _ in range(3):
        gate.take(1, 100.0, group=False)
    with pytest.raises(Refusal) as refusal:
        gate.take(1, 100.0, group=False)
    assert refusal.value.code == 429
    assert refusal.value.description == "Too Many Requests: retry after 1"
    assert refusal.value.retry_after == 1
    gate.take(2, 100.0, group=False)
    gate.take(1, 101.0, group=False)


def test_a_refused_message_does_not_count() -> None:
    gate = FloodGate(Limits(chat_burst=1))
    gate.take(1, 100.0, group=False)
    for _ in range(5):
        with pytest.raises(Refusal):
            gate.take(1, 100.5, group=False)
    gate.take(1, 101.0, group=False)


def test_a_group_takes_twenty_a_minute() -> None:
    gate = FloodGate(Limits(overall_per_second=None))
    for _ in range(20):
        gate.take(-1, 100.0, group=True)
    with pytest.raises(Refusal) as refusal:
        gate.take(-1, 100.0, group=True)
    assert refusal.value.retry_after == 3


def test_thirty_a_second_in_all() -> None:
    gate = FloodGate(Limits())
    for chat in range(30):
        gate.take(chat, 100.0, group=False)
    with pytest.raises(Refusal):
        gate.take(99, 100.0, group=False)
    gate.take(99, 100.1, group=False)


def test_an_album_counts_each_of_its_messages() -> None:
    gate = FloodGate(Limits(chat_burst=4))
    gate.take(1, 100.0, group=False, messages=3)
    with pytest.raises(Refusal):
        gate.take(1, 100.0, group=False, messages=2)


def test_limits_can_be_switched_off() -> None:
    gate = FloodGate(Limits.without_flood())
    for _ in range(1000):
        gate.take(1, 100.0, group=False)
