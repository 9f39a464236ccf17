"""Waiting for a state of a process or a thread: never for a time."""

import time
from collections.abc import Callable

PATIENCE_S = 120
"""What has not come by then does not come."""


def until(true: Callable[[], bool], going: Callable[[], bool] = lambda: True) -> None:
    """Return once it is true; fail where that takes too long, or what would bring it about no
    longer goes on."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert going(), "what was waited for has ended"
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.01)
