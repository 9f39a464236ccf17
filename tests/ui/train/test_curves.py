"""The axis of the epochs, and what the curves of a run show."""

from dataclasses import replace
from pathlib import Path

import pytest

from ui.shared import charts
from ui.train import curves
from vae_model.model.presets import PRESETS
from vae_model.runs import run


@pytest.mark.parametrize(
    ("last", "ticks"),
    [
        *((1, [1]), (2, [1, 2]), (5, [1, 2, 3, 4, 5]), (6, [1, 2, 4, 6])),
        *((28, [1, 5, 10, 15, 20, 25]), (10_000, [1, 2000, 4000, 6000, 8000, 10_000])),
    ],
)
def test_few_whole_epochs_from_the_first_stand_at_the_axis(last: int, ticks: list[int]) -> None:
    axis = charts.epoch_axis(last)
    assert axis["tickvals"] == ticks
    assert axis["range"] == [1, max(last, 2)]


def test_what_makes_the_two_lines_differ_is_said() -> None:
    plain = curves.what_is_drawn(PRESETS["article"].train)
    assert "while the weights changed; test is at the epoch's end." in plain and "β" not in plain
    falling = curves.what_is_drawn(PRESETS["quick"].train)
    assert "with the β of that moment; test is at the epoch's end, with the last β." in falling
    studio = PRESETS["studio"].train
    said = curves.what_is_drawn(studio)
    assert "augmented images until epoch 36, and rests" in said and "running mean" in said
    smooth = curves.what_is_drawn(replace(studio, restart_fraction=0.0, label_smoothing=0.1))
    assert "augmented images. Its loss there is against smoothed labels." in smooth


def test_curves_of_runs_show_their_figures_from_the_first_epoch_to_the_last(root: Path) -> None:
    done = run.load(root, "done")
    train = curves.losses(done.epochs, "accuracy", 2)
    assert [trace["name"] for trace in train["data"]] == ["test", "train"]
    assert train["data"][1]["y"] == [100 * epoch.train["accuracy"] for epoch in done.epochs]
    assert train["layout"]["shapes"][0]["x0"] == 2
    dims = curves.kl_per_dim(done.epochs, None, {1: "slant"})
    assert [trace["name"] for trace in dims["data"]][:2] == ["dim 1", "dim 2, slant"]
    assert [trace["y"][2] for trace in dims["data"]] == list(done.epochs[2].kl_per_dim)
    both = curves.compared(["one", "other"], [done, done], "kl")
    assert both["data"][1]["y"] == [epoch.test["kl"] for epoch in done.epochs]
    for figure in (train, dims, both):
        assert figure["layout"]["xaxis"]["range"] == [1, 3]
        assert figure["data"][0]["x"] == [1, 2, 3]
