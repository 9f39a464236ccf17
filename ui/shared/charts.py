"""What charts share."""

from itertools import count
from typing import Any

TICKS = 5
"""At most, beside the first epoch's."""
Figure = dict[str, Any]
"""As Plotly takes it."""


def epoch_axis(last: int) -> Figure:
    """The axis of the epochs from 1 to `last`: whole numbers alone stand at it."""
    steps = (digit * 10**power for power in count() for digit in (1, 2, 5))
    step = next(step for step in steps if last // step <= TICKS)
    return {
        "fixedrange": True,
        "zeroline": False,
        "showgrid": False,
        "title": None,
        # One epoch needs a width as well.
        "range": [1, max(last, 2)],
        "tickvals": sorted({1, *range(step, last + 1, step)}),
    }
