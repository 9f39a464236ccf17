"""Readings one at a time."""

import threading

import pytest

from tests.support.waiting import until
from ui.draw.turns import Turns


def waiting(turns: Turns, urgent: bool, log: list[str], name: str) -> threading.Thread:
    """A thread that waits for its turn by now, or has had it."""

    def work() -> None:
        with turns.turn(urgent=urgent):
            log.append(name)

    before = len(turns._change._waiters)  # type: ignore[attr-defined]
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    until(lambda: len(turns._change._waiters) > before or not thread.is_alive())  # type: ignore[attr-defined]
    return thread


def test_one_at_a_time_and_the_urgent_first() -> None:
    turns, log = Turns(), []
    with turns.turn(urgent=False):
        threads = [
            waiting(turns, False, log, "patient"),
            waiting(turns, True, log, "urgent"),
            waiting(turns, True, log, "urgent"),
        ]
        assert not log
    for thread in threads:
        thread.join(5)
    assert log == ["urgent", "urgent", "patient"]


def test_a_turn_ends_with_whatever_ends_it() -> None:
    turns, log = Turns(), []
    with pytest.raises(KeyError), turns.turn(urgent=True):
        raise KeyError
    waiting(turns, False, log, "next").join(5)
    assert log == ["next"]
