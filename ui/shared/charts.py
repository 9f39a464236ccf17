"""What charts of epochs share. They bring no colours, unless runs are compared: page.css paints
them, so that they follow the theme at once."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from markupsafe import escape

TICKS = 5
"""At most, beside the first epoch's."""
MOST_NAME = 26
"""Characters of a trace's name."""
Figure = dict[str, Any]
"""As Plotly takes it."""
NO_MODE_BAR = {"displayModeBar": False, "showTips": False}


def line(name: str, epochs: Sequence[int], values: Sequence[float], **look: object) -> Figure:
    """A trace of one value for each epoch."""
    return {
        "type": "scatter",
        "mode": "lines",
        "line": {"width": 2, **look},
        # Plotly takes names for HTML. One that is longer than a chart is wide would cover it whole
        # under the pointer: the legend beside it has all of it, and its end tells it from others.
        "name": str(escape(name if len(name) <= MOST_NAME else f"{name[:12]}…{name[-13:]}")),
        "x": [*epochs],
        "y": [*values],
        "hovertemplate": "%{y:.2f}",
    }


def over_epochs(traces: list[Figure], chosen: int | None = None) -> Figure:
    """Traces from the first epoch to the last, with a mark at the chosen one."""
    marks = [] if chosen is None else [
        {"type": "line", "x0": chosen, "x1": chosen, "yref": "paper", "y0": 0, "y1": 1,
         "line": {"width": 1, "dash": "dot", "color": "rgba(128,128,128,0.8)"}}
    ]  # fmt: skip
    return {
        "data": traces,
        "layout": {
            "height": 210,
            "margin": {"l": 40, "r": 18, "t": 8, "b": 24},
            "showlegend": False,
            "dragmode": False,
            "hovermode": "x unified",
            "shapes": marks,
            "xaxis": epoch_axis(max((x for trace in traces for x in trace["x"]), default=1)),
            "yaxis": {"fixedrange": True, "zeroline": False, "nticks": 5, "showgrid": True},
        },
    }  # fmt: skip


def epoch_axis(last: int) -> Figure:
    """The axis of the epochs from 1 to `last`: whole numbers alone stand at it."""
    steps = (digit * 10**power for power in count() for digit in (1, 2, 5))
    step = next(step for step in steps if last // step <= TICKS)
    return {
        "fixedrange": True,
        "zeroline": False,
        "showgrid": False,
        # One epoch needs a width as well.
        "range": [1, max(last, 2)],
        "tickvals": sorted({1, *range(step, last + 1, step)}),
    }
