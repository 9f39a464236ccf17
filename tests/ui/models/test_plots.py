"""Confusion, calibration and training, as the checkpoint's JSON has them."""

import pytest

from tests.support.models import changed, with_metrics
from ui.models import plots
from ui.models.plots import Bin
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
    assert bars["y"] == dots["customdata"] == [each["count"] for each in measured]
    # The bars stand where the bins are, and the dots above them.
    half = 50 / plots.BINS
    for dot, bar in zip(dots["x"], bars["x"], strict=True):
        assert bar - half <= dot <= bar + half
    assert plots.BINS == CALIBRATION_BINS


def test_the_bins_make_up_the_error_beside_them(shipped: DigitEngine) -> None:
    bins = plots.bins(shipped)
    total = sum(each.count for each in bins)
    error = sum(each.count * abs(each.confidence - each.accuracy) for each in bins) / total
    metrics = shipped.checkpoint.metrics
    assert error == pytest.approx(metrics["calibration_error"], abs=1e-12)
    assert total == metrics["samples"]["calibration_error"]
    right = sum(each.count * each.accuracy for each in bins) / total
    assert right == pytest.approx(metrics["test_accuracy"], abs=1e-12)


def test_few_digits_leave_a_wide_interval() -> None:
    # Wilson's interval of 8 of 10, from a table.
    assert plots.likely(0.8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert plots.likely(1.0, 2) == pytest.approx((0.3424, 1.0), abs=1e-4)
    low, high = plots.likely(0.9994, 9700)
    assert high - low < 0.002
    figure = plots.calibration([Bin(0.4, 0.5, 4), Bin(0.99, 0.98, 1000)])
    up, down = (figure["data"][1]["error_y"][side] for side in ("array", "arrayminus"))
    assert up[0] + down[0] > 50 > 5 > up[1] + down[1]


def test_sentences_are_of_the_bins() -> None:
    bins = [Bin(0.4, 0.5, 4), Bin(0.99, 0.98, 1000)]
    assert plots.last_bin(bins) == (
        "99.6 % of 1,004 digits were read with 93 % confidence or more; 98.00 % of these rightly."
    )
    assert "40.0 % sure, 50.0 % right, 4 digits" in plots.told(bins)


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
    assert plots.bins(with_metrics(shipped, calibration_bins=listed)) == []
    assert plots.bins(with_metrics(shipped, calibration_bins=[GOOD])) == [Bin(0.99, 0.98, 100)]


def test_curves_are_the_history(shipped: DigitEngine) -> None:
    line = plots.curve({"it": shipped}, "accuracy")["data"][0]
    history = shipped.checkpoint.history
    assert line["x"] == [epoch["epoch"] for epoch in history]
    assert line["y"] == [100 * epoch["test"]["accuracy"] for epoch in history]
    damaged = changed(shipped, history=[None, {}, {"epoch": 1, "test": 3}])
    assert plots.curve({"it": damaged}, "kl")["data"][0]["y"] == []
