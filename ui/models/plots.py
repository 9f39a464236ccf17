"""Pictures of a model's figures: confusion, calibration, training.

Plotly figures carry no colours: page.css paints them, to follow the theme. What
a checkpoint's JSON says may be anything; what cannot be is taken for not measured.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from ui.shared import heat
from ui.shared.charts import Figure, epoch_axis
from ui.shared.stored import array
from ui.shared.tables import table
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.config import DIGITS
from vae_model.model.numbers import number

MOST = 10**9
"""Images that a count may tell of."""
BINS = 15
"""Of stated confidence; `evaluate` counts in as many."""
SURE = 1.96
"""Standard deviations to either side that hold 95 % of a normal distribution."""
PERCENTS = [0, 20, 40, 60, 80, 100]
CONFIDENCE_EXPLAINED = (
    "Each dot stands for the test digits that it was about equally sure of, with the 95 % interval "
    "that their number allows. On the dotted line, 70 % sure is right seven times in ten; below "
    "it, the model claims too much. The bars count the digits, each gridline ten times as many."
)


@dataclass(frozen=True)
class Bin:
    """Test digits that were read with about the same confidence."""

    confidence: float
    accuracy: float
    """The share of them read rightly."""
    count: int


def confusion(engine: DigitEngine) -> Markup:
    """Digits asked for (down) and read by the judge (across), as counts; empty where unknown."""
    counts = confusion_counts(engine)
    if counts is None:
        return Markup("")
    wrong = counts * (1 - np.eye(DIGITS, dtype=np.int64))
    most = max(20, int(wrong.max()))
    rows = [
        [asked] + [
            (count, "background:var(--faint)") if asked == read
            else (count or "", heat.cell(-count, most))
            for read, count in enumerate(row)
        ]
        for asked, row in enumerate(counts.tolist())
    ]  # fmt: skip
    return table("confusion", rows, ["", *range(DIGITS)])


def confusion_counts(engine: DigitEngine) -> NDArray[np.int64] | None:
    """Images (digit asked for, digit read), (10, 10); None where unknown."""
    counts = array(engine.checkpoint.metrics.get("generation_confusion"), DIGITS, DIGITS)
    if counts is None or not _are_counts(counts):
        return None
    return counts.astype(np.int64)


def bins(engine: DigitEngine) -> list[Bin]:
    """What the calibration error was measured on, by rising confidence; empty where unknown."""
    listed: Any = engine.checkpoint.metrics.get("calibration_bins")
    try:
        rows = [
            [each[key] for key in ("confidence", "accuracy", "count")] for each in listed[:BINS]
        ]
    except (TypeError, KeyError):
        return []
    found = array(rows, len(rows), 3)
    if found is None or not _are_counts(found[:, 2]) or (found[:, 2] == 0).any():
        return []
    if (found[:, :2] < 0).any() or (found[:, :2] > 1).any():
        return []
    measured = [Bin(confidence, right, int(count)) for confidence, right, count in found.tolist()]
    places = [_place(each) for each in measured]
    return measured if places == sorted(set(places)) else []


def _are_counts(values: NDArray[np.float64]) -> bool:
    return bool((values % 1 == 0).all() and (values >= 0).all() and (values <= MOST).all())


def likely(accuracy: float, count: int) -> tuple[float, float]:
    """Between what shares the true one lies, with 95 % confidence, where `accuracy` of `count`
    were right (Wilson 1927)."""
    spread = SURE**2 / count
    centre = (accuracy + spread / 2) / (1 + spread)
    reach = math.sqrt(accuracy * (1 - accuracy) * spread + spread**2 / 4) / (1 + spread)
    return max(0.0, centre - reach), min(1.0, centre + reach)


def calibration(measured: list[Bin]) -> Figure:
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
                      "tickvals": PERCENTS},
            "yaxis": {**axis, "range": [0, 101.5], "domain": [0.34, 1],
                      "title": {"text": "right, %"},
                      "tickvals": PERCENTS},
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


def curve(engines: Mapping[str, DigitEngine], key: str) -> Figure:
    """One figure on test digits after each epoch, a trace for each model."""
    traces: list[Figure] = []
    for name, engine in engines.items():
        points = _history(engine, key)
        traces.append(
            {"type": "scatter", "mode": "lines", "line": {"width": 2},
             # Plotly takes names for HTML.
             "name": str(escape(name)),
             "x": [epoch for epoch, _ in points], "y": [value for _, value in points],
             "hovertemplate": "%{y:.2f}"}
        )  # fmt: skip
    return {
        "data": traces,
        "layout": {
            "height": 200,
            "margin": {"l": 40, "r": 18, "t": 8, "b": 24},
            "showlegend": False,
            "dragmode": False,
            "hovermode": "x unified",
            "xaxis": epoch_axis(max((x for trace in traces for x in trace["x"]), default=1)),
            "yaxis": {"fixedrange": True, "zeroline": False, "nticks": 5, "title": None,
                      "showgrid": True},
        },
    }  # fmt: skip


def _history(engine: DigitEngine, key: str) -> list[tuple[int, float]]:
    """Each epoch's number and figure on test digits; accuracy in percent."""
    found = []
    for epoch in engine.checkpoint.history:
        if isinstance(epoch, dict) and isinstance(epoch.get("test"), dict):
            x, y = number(epoch.get("epoch")), number(epoch["test"].get(key))
            if x is not None and y is not None and x.is_integer() and 0 < x <= MOST:
                found.append((int(x), 100 * y if key == "accuracy" else y))
    return found
