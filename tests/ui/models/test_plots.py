"""Confusion, calibration and training, as the checkpoint's JSON has them."""

import numpy as np
import pytest

from tests.support.models import changed, with_metrics
from ui.models import plots
from ui.shared.words import counted
from vae_model.engine.digit_engine import DigitEngine
from vae_model.evaluation.metrics import CALIBRATION_BINS


def test_confusion_holds_all_counts(shipped: DigitEngine) -> None:
    counts = shipped.checkpoint.metrics["generation_confusion"]
    shown = plots.confusion_counts(shipped)
    assert shown is not None and shown.tolist() == counts
    rows = "".join(
        f"{digit}" + "".join(str(count or ("0" if digit == read else "")) for read, count in row)
        for digit, row in enumerate(map(enumerate, counts))
    )
    assert plots.confusion(shipped).striptags() == "0123456789" + rows


@pytest.mark.parametrize("counts", [None, "x", [], [[1] * 10] * 9, [[1] * 9] * 10, [[-1] * 10] * 10,
                                    [[1.5] * 10] * 10, [[10**400] * 10] * 10])  # fmt: skip
def test_damaged_confusion_is_left_out(shipped: DigitEngine, counts: object) -> None:
    assert plots.confusion(with_metrics(shipped, generation_confusion=counts)) == ""


def test_the_plot_shows_each_bin_that_was_measured(shipped: DigitEngine) -> None:
    measured = shipped.checkpoint.metrics["calibration_bins"]
    figure = plots.calibration(plots.bins(shipped))
    diagonal, dots, bars = figure["data"]
    assert diagonal["x"] == diagonal["y"] == [0, 100]
    assert dots["x"] == [100 * each["confidence"] for each in measured]
    assert dots["y"] == [100 * each["accuracy"] for each in measured]
    assert bars["y"] == [each["count"] for each in measured]
    said = [counted(each["count"], "digit") for each in measured]
    assert bars["customdata"] == dots["customdata"] == said
    # The bars stand where the bins are, and the dots above them.
    half = 50 / plots.BINS
    for dot, bar in zip(dots["x"], bars["x"], strict=True):
        assert bar - half <= dot <= bar + half
    assert plots.BINS == CALIBRATION_BINS


def test_the_bins_make_up_the_error_beside_them(shipped: DigitEngine) -> None:
    confidence, right, counts = plots.bins(shipped).T
    metrics, total = shipped.checkpoint.metrics, counts.sum()
    error = (counts * np.abs(confidence - right)).sum() / total
    assert error == pytest.approx(metrics["calibration_error"], abs=1e-12)
    assert total == metrics["samples"]["calibration_error"]
    assert (counts * right).sum() / total == pytest.approx(metrics["test_accuracy"], abs=1e-12)


MEASURED = np.array([[0.4, 0.5, 4], [0.99, 0.98, 1000]])


def test_few_digits_leave_a_wide_interval() -> None:
    # Wilson's interval of 8 of 10 and 2 of 2, from a table.
    low, high = plots.likely(np.array([0.8, 1.0]), np.array([10, 2]))
    assert low == pytest.approx([0.4902, 0.3424], abs=1e-4)
    assert high == pytest.approx([0.9433, 1.0], abs=1e-4)
    bars = plots.calibration(MEASURED)["data"][1]["error_y"]
    few, many = (up + down for up, down in zip(bars["array"], bars["arrayminus"], strict=True))
    assert few > 50 > 5 > many


def test_sentences_are_of_the_bins() -> None:
    assert plots.last_bin(MEASURED) == (
        "99.6 % of 1,004 digits were read with 93 % confidence or more; 98.00 % of these rightly."
    )
    assert "40.0 % sure, 50.0 % right, 4 digits" in plots.told(MEASURED)


GOOD = {"confidence": 0.99, "accuracy": 0.98, "count": 100}


@pytest.mark.parametrize(
    "listed",
    [
        *(None, "x", {}, [], [GOOD, GOOD], [None], ["x"], [[0.9, 0.9, 3]], [GOOD] * 10_000),
        *([GOOD | {"confidence": value}] for value in (1.5, -0.1, float("nan"), "0.9", 10**400)),
        *([GOOD | {"accuracy": value}] for value in (1.01, None)),
        *([GOOD | {"count": value}] for value in (0, -1, 2.5, 10**400)),
        [GOOD, GOOD | {"confidence": 0.5}],
    ],
)
def test_damaged_bins_are_left_out(shipped: DigitEngine, listed: object) -> None:
    assert len(plots.bins(with_metrics(shipped, calibration_bins=listed))) == 0
    good = plots.bins(with_metrics(shipped, calibration_bins=[GOOD]))
    assert good.tolist() == [[0.99, 0.98, 100]]


def test_curves_are_the_history(shipped: DigitEngine) -> None:
    line = plots.curve({"it": shipped}, "accuracy")["data"][0]
    history = shipped.checkpoint.history
    assert line["x"] == [epoch["epoch"] for epoch in history]
    assert line["y"] == [100 * epoch["test"]["accuracy"] for epoch in history]
    damaged = changed(shipped, history=[None, {}, {"epoch": 1, "test": 3}])
    assert plots.curve({"it": damaged}, "kl")["data"][0]["y"] == []
