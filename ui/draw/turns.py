"""Readings one at a time, the urgent ones first."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Turns:
    """All visitors' readings share one interpreter: side by side, each would take as long as all of
    them together. In turn, most are done much sooner, and none later."""

    def __init__(self) -> None:
        self._change = Condition()
        self._taken = False
        self._urgent = 0

    @contextmanager
    def turn(self, *, urgent: bool) -> Iterator[None]:
        """Wait for a turn and hold it; whatever is not urgent lets the urgent pass."""
        with self._change:
            self._urgent += urgent
            try:
                self._change.wait_for(lambda: not self._taken and (urgent or not self._urgent))
                self._taken = True
            finally:
                self._urgent -= urgent
        try:
            yield
        finally:
            with self._change:
                self._taken = False
                self._change.notify_all()


TURNS = Turns()
"""Of all visitors."""
