"""Pictures of a model's figures: confusion, calibration, training. page.css colours them, to follow
the theme. A checkpoint's JSON may be anybody's: what cannot be is taken for not measured."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from ui.shared import heat
from ui.shared.charts import Figure, line, over_epochs
from ui.shared.stored import Numbers, array
from ui.shared.tables import table
from ui.shared.words import counted
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


def confusion(engine: DigitEngine) -> Markup:
    """Digits asked for (down) and read by the judge (across), as counts; empty where unknown."""
    counts = confusion_counts(engine)
    if counts is None:
        return Markup()
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


def bins(engine: DigitEngine) -> Numbers:
    """What the calibration error was measured on: stated confidence, share read rightly and number
    of the test digits in each bin (n, 3), by rising confidence; n is 0 where it is unknown."""
    listed: Any = engine.checkpoint.metrics.get("calibration_bins")
    unknown = np.zeros((0, 3))
    try:
        keys = ("confidence", "accuracy", "count")
        found = array([[each[key] for key in keys] for each in listed[:BINS]], len(listed), 3)
    except (TypeError, KeyError):
        return unknown
    if found is None or not _are_counts(found[:, 2]) or (found[:, 2] == 0).any():
        return unknown
    is_share = (found[:, :2] >= 0) & (found[:, :2] <= 1)
    return found if is_share.all() and (np.diff(_places(found)) > 0).all() else unknown


def _are_counts(values: Numbers) -> bool:
    return bool((values % 1 == 0).all() and (values >= 0).all() and (values <= MOST).all())


def _places(measured: Numbers) -> Numbers:
    """Which bin each is, from 0."""
    return np.clip(np.ceil(measured[:, 0] * BINS), 1, BINS) - 1


def likely(accuracy: Numbers, count: Numbers) -> tuple[Numbers, Numbers]:
    """Between what shares the true one lies, with 95 % confidence, where `accuracy` of `count`
    were right (Wilson 1927)."""
    spread = SURE**2 / count
    centre = (accuracy + spread / 2) / (1 + spread)
    reach = np.sqrt(accuracy * (1 - accuracy) * spread + spread**2 / 4) / (1 + spread)
    return np.maximum(centre - reach, 0), np.minimum(centre + reach, 1)


def calibration(measured: Numbers) -> Figure:
    """Share read rightly against stated confidence, and below it how many digits each bin holds,
    on a logarithmic scale: most digits sit in the last."""
    confidence, right, counts = measured.T
    low, high = likely(right, counts)
    digits = [counted(round(count), "digit") for count in counts]
    axis = {"fixedrange": True, "zeroline": False, "automargin": False}
    return {
        "data": [
            {"type": "scatter", "mode": "lines", "x": [0, 100], "y": [0, 100],
             "line": {"width": 1, "dash": "dot"}, "hoverinfo": "skip"},
            {"type": "scatter", "mode": "markers", "marker": {"size": 7},
             "x": (100 * confidence).tolist(), "y": (100 * right).tolist(),
             "error_y": {"type": "data", "symmetric": False, "thickness": 1.5, "width": 0,
                         "array": (100 * (high - right)).tolist(),
                         "arrayminus": (100 * (right - low)).tolist()},
             "customdata": digits, "cliponaxis": False,
             "hovertemplate": "%{x:.1f} % sure, %{y:.1f} % right: %{customdata}<extra></extra>"},
            {"type": "bar", "yaxis": "y2", "y": counts.tolist(), "width": 100 / BINS - 1,
             "x": (100 * (_places(measured) + 0.5) / BINS).tolist(),
             "marker": {"line": {"width": 0}}, "customdata": digits,
             "hovertemplate": "%{customdata}<extra></extra>"},
        ],
        "layout": {
            "height": 356,
            "margin": {"l": 78, "r": 8, "t": 12, "b": 52},
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
                       "range": [math.log10(0.6), math.log10(1.3 * max(10, counts.max()))],
                       "tickvals": [1, 10, 100, 1000, 10_000],
                       "ticktext": ["1", "10", "100", "1,000", "10,000"]},
        },
    }  # fmt: skip


def last_bin(measured: Numbers) -> str:
    """How many digits sit in the last bin, in a sentence."""
    (_, right, count), total = measured[-1], measured[:, 2].sum()
    return (
        f"{100 * count / total:.1f} % of {total:,.0f} digits were read with "
        f"{100 * _places(measured)[-1] / BINS:.0f} % confidence or more; {100 * right:.2f} % of "
        "these rightly."
    )


def told(measured: Numbers) -> str:
    """The bins in words, for those who do not see the plot."""
    return "Share read rightly by stated confidence: " + "; ".join(
        f"{100 * sure:.1f} % sure, {100 * right:.1f} % right, {counted(round(count), 'digit')}"
        for sure, right, count in measured
    )


def curve(engines: Mapping[str, DigitEngine], key: str) -> Figure:
    """One figure on test digits after each epoch, a trace for each model."""
    return over_epochs([line(name, *_history(engine, key)) for name, engine in engines.items()])


def _history(engine: DigitEngine, key: str) -> tuple[list[int], list[float]]:
    """The epochs' numbers, and their figures on test digits; accuracy in percent."""
    epochs, values = [], []
    for epoch in engine.checkpoint.history:
        if isinstance(epoch, dict) and isinstance(epoch.get("test"), dict):
            x, y = number(epoch.get("epoch")), number(epoch["test"].get(key))
            if x is not None and y is not None and x.is_integer() and 0 < x <= MOST:
                epochs.append(int(x))
                values.append(100 * y if key == "accuracy" else y)
    return epochs, values
