"""The axis of the epochs, and what the curves of a run show."""

from pathlib import Path

import pytest

from ui.shared import charts
from ui.train import curves
from vae_model.runs import run


@pytest.mark.parametrize(
    ("last", "ticks"),
    [
        (1, [1]),
        (2, [1, 2]),
        (5, [1, 2, 3, 4, 5]),
        (6, [1, 2, 4, 6]),
        (28, [1, 5, 10, 15, 20, 25]),
        (10_000, [1, 2000, 4000, 6000, 8000, 10_000]),
    ],
)
def test_whole_epochs_from_the_first_stand_at_the_axis(last: int, ticks: list[int]) -> None:
    axis = charts.epoch_axis(last)
    assert axis["tickvals"] == ticks
    assert axis["range"] == [1, max(last, 2)]


def test_ticks_stay_few() -> None:
    for last in range(1, 300):
        ticks = charts.epoch_axis(last)["tickvals"]
        assert ticks[0] == 1 and ticks[-1] <= last and len(ticks) <= 1 + charts.TICKS


def test_curves_of_runs_reach_from_the_first_epoch_to_the_last(root: Path) -> None:
    epochs = run.load(root, "done").epochs
    figures = [
        curves.losses(epochs, "kl", 2),
        curves.kl_per_dim(epochs, {}, None),
        curves.compared({"short": epochs[:1], "long": epochs}, "kl"),
    ]
    for figure in figures:
        assert figure["layout"]["xaxis"]["range"] == [1, 3]
    assert curves.losses([], "kl", None)["layout"]["xaxis"]["tickvals"] == [1]
