"""Pictures of a model's figures: confusion, calibration, training.

Plotly figures carry no colours: page.css paints them, to follow the theme. What
a checkpoint's JSON says may be anything; what cannot be is taken for not measured.
"""

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from ui.shared import heat
from ui.shared.charts import epoch_axis
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.config import DIGITS
from vae_model.model.numbers import number

MOST = 10**9
"""Images that a count may tell of."""
BINS = 15
"""Of stated confidence; `evaluate` counts in as many."""
SURE = 1.96
"""Standard deviations to either side that hold 95 % of a normal distribution."""


@dataclass(frozen=True)
class Bin:
    """Test digits that were read with about the same confidence."""

    confidence: float
    accuracy: float
    """The share of them read rightly."""
    count: int


def confusion(engine: DigitEngine) -> str:
    """Digits asked for (down) and read by the judge (across), as counts; empty where unknown."""
    counts = engine.checkpoint.metrics.get("generation_confusion")
    if not is_confusion(counts):
        return ""
    head = "".join(f"<th>{digit}</th>" for digit in range(DIGITS))
    most = max((counts[a][r] for a in range(DIGITS) for r in range(DIGITS) if a != r), default=1)
    rows = ""
    for asked in range(DIGITS):
        cells = "".join(
            f'<td class="right">{counts[asked][read]}</td>'
            if asked == read
            else f'<td style="{heat.cell(-counts[asked][read], max(most, 20))}">'
            f"{counts[asked][read] or ''}</td>"
            for read in range(DIGITS)
        )
        rows += f"<tr><th>{asked}</th>{cells}</tr>"
    return (
        f'<table class="confusion"><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody>'
        "</table>"
    )


def is_confusion(counts: object) -> TypeGuard[list[list[int]]]:
    """Whether that is 10 x 10 counts."""
    return (
        isinstance(counts, list)
        and len(counts) == DIGITS
        and all(
            isinstance(row, list)
            and len(row) == DIGITS
            and all(type(count) is int and 0 <= count <= MOST for count in row)
            for row in counts
        )
    )


def bins(engine: DigitEngine) -> list[Bin]:
    """What the calibration error was measured on, by rising confidence; empty where unknown."""
    listed = engine.checkpoint.metrics.get("calibration_bins")
    if not isinstance(listed, list) or len(listed) > BINS:
        return []
    found = []
    for each in listed:
        if not isinstance(each, dict):
            return []
        confidence, accuracy = number(each.get("confidence")), number(each.get("accuracy"))
        count = each.get("count")
        if confidence is None or accuracy is None or type(count) is not int:
            return []
        if not (0 <= confidence <= 1 and 0 <= accuracy <= 1 and 0 < count <= MOST):
            return []
        found.append(Bin(confidence, accuracy, count))
    places = [_place(each) for each in found]
    return found if places == sorted(set(places)) else []


def likely(accuracy: float, count: int) -> tuple[float, float]:
    """Between what shares the true one lies, with 95 % confidence, where `accuracy` of `count`
    were right (Wilson 1927)."""
    spread = SURE**2 / count
    centre = (accuracy + spread / 2) / (1 + spread)
    reach = math.sqrt(accuracy * (1 - accuracy) * spread + spread**2 / 4) / (1 + spread)
    return max(0.0, centre - reach), min(1.0, centre + reach)


def calibration(measured: list[Bin]) -> dict[str, Any]:
    """Share read rightly against stated confidence, and below it how many digits each bin holds,
    on a logarithmic scale: most digits sit in the last."""
    right = [100 * each.accuracy for each in measured]
    ranges = [likely(each.accuracy, each.count) for each in measured]
    above = [100 * high - share for (_, high), share in zip(ranges, right, strict=True)]
    below = [share - 100 * low for (low, _), share in zip(ranges, right, strict=True)]
    counts = [each.count for each in measured]
    axis = {"fixedrange": True, "zeroline": False, "automargin": False}
    return {
        "data": [
            {"type": "scatter", "mode": "lines", "x": [0, 100], "y": [0, 100],
             "line": {"width": 1, "dash": "dot"}, "hoverinfo": "skip"},
            {"type": "scatter", "mode": "markers", "marker": {"size": 7},
             "x": [100 * each.confidence for each in measured], "y": right,
             "error_y": {"type": "data", "symmetric": False, "thickness": 1.5, "width": 0,
                         "array": above, "arrayminus": below},
             "customdata": counts, "cliponaxis": False,
             "hovertemplate": "%{x:.1f} % sure, %{y:.1f} % right: "
                              "%{customdata:,} digits<extra></extra>"},
            {"type": "bar", "yaxis": "y2", "y": counts, "width": 100 / BINS - 1,
             "x": [100 * (_place(each) + 0.5) / BINS for each in measured],
             "marker": {"line": {"width": 0}},
             "hovertemplate": "%{y:,} digits<extra></extra>"},
        ],
        "layout": {
            "height": 346,
            "margin": {"l": 60, "r": 8, "t": 8, "b": 46},
            "showlegend": False,
            "dragmode": False,
            "hovermode": "closest",
            "xaxis": {**axis, "range": [0, 101.5], "showgrid": False, "anchor": "y2",
                      "title": {"text": "confidence, %", "standoff": 8},
                      "tickvals": [0, 20, 40, 60, 80, 100]},
            "yaxis": {**axis, "range": [0, 101.5], "domain": [0.34, 1],
                      "title": {"text": "right, %"},
                      "tickvals": [0, 20, 40, 60, 80, 100]},
            "yaxis2": {**axis, "type": "log", "domain": [0, 0.24], "anchor": "x",
                       "title": {"text": "digits"},
                       "range": [math.log10(0.6), math.log10(1.3 * max(10, *counts))],
                       "tickvals": [1, 10, 100, 1000, 10_000],
                       "ticktext": ["1", "10", "100", "1,000", "10,000"]},
        },
    }  # fmt: skip


def last_bin(measured: list[Bin]) -> str:
    """How many digits sit in the last bin, in a sentence."""
    last, total = measured[-1], sum(each.count for each in measured)
    edge = 100 * _place(last) / BINS
    return (
        f"{100 * last.count / total:.1f} % of {total:,} digits were read with {edge:.0f} % "
        f"confidence or more; {100 * last.accuracy:.2f} % of these rightly."
    )


def told(measured: list[Bin]) -> str:
    """The bins in words, for those who do not see the plot."""
    return "Share read rightly by stated confidence: " + "; ".join(
        f"{100 * each.confidence:.1f} % sure, {100 * each.accuracy:.1f} % right, "
        f"{each.count:,} digits"
        for each in measured
    )


def _place(each: Bin) -> int:
    """Which bin that is, from 0."""
    return min(max(math.ceil(each.confidence * BINS), 1), BINS) - 1


def curve(engines: Mapping[str, DigitEngine], part: str, key: str) -> dict[str, Any]:
    """One figure of `part` ("train" or "test") after each epoch, a trace for each model, painted
    by page.css."""
    scale = 100 if key == "accuracy" else 1
    traces: list[dict[str, Any]] = []
    for name, engine in engines.items():
        points = [
            (number(epoch.get("epoch")), number(epoch[part].get(key)))
            for epoch in engine.checkpoint.history
            if isinstance(epoch, dict) and isinstance(epoch.get(part), dict)
        ]
        known = [
            (int(x), scale * y)
            for x, y in points
            if x is not None and x.is_integer() and 0 < x <= MOST and y is not None
        ]
        traces.append(
            {"type": "scatter", "mode": "lines", "line": {"width": 2},
             # Plotly takes names for HTML.
             "name": html.escape(name),
             "x": [x for x, _ in known], "y": [y for _, y in known],
             "hovertemplate": "%{y:.2f}"}
        )  # fmt: skip
    axis = {"fixedrange": True, "zeroline": False, "nticks": 5}
    last = max((int(x) for trace in traces for x in trace["x"]), default=1)
    return {
        "data": traces,
        "layout": {
            "height": 200,
            "margin": {"l": 40, "r": 18, "t": 8, "b": 24},
            "showlegend": False,
            "dragmode": False,
            "hovermode": "x unified",
            "xaxis": epoch_axis(last),
            "yaxis": {**axis, "title": None, "showgrid": True},
        },
    }
