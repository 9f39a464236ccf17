import dataclasses
from pathlib import Path

import pytest

from ui.train.run_comparison import Row, differences, same_evaluation, table
from vae_model.runs import run as runs
from vae_model.runs.run import Run


@pytest.fixture
def run(root: Path) -> Run:
    return runs.load(root, "done")


def with_changes(run: Run, data: str = "sample", **changes: object) -> Run:
    train = dataclasses.replace(run.setup.train, **changes)
    return dataclasses.replace(run, setup=dataclasses.replace(run.setup, train=train), data=data)


def test_only_what_differs_is_told(run: Run) -> None:
    other = with_changes(run, data="mnist", epochs=9)
    assert differences([run, run]) == {}
    assert differences([run, other, run]) == {
        "data": ("sample", "mnist", "sample"),
        "epochs": (3, 9, 3),
    }


def test_the_better_figure_is_marked(run: Run) -> None:
    better = dataclasses.replace(
        run, metrics={"test_accuracy": 0.9, "calibration_error": 0.1, "active_dims": 5}
    )
    worse = dataclasses.replace(
        run, metrics={"test_accuracy": 0.8, "calibration_error": 0.2, "active_dims": 7}
    )
    rows = {row.name: row for row in table([worse, better, better, run])}
    assert rows["test_accuracy"].values == (0.8, 0.9, 0.9, None)
    assert rows["test_accuracy"].best == rows["calibration_error"].best == {1, 2}
    assert rows["active_dims"].best == frozenset()
    # The last epoch's figures are those of one run here: nobody is better.
    assert rows["accuracy"].values == (run.epochs[-1].test["accuracy"],) * 4
    assert rows["accuracy"].best == frozenset()


def test_what_no_run_has_is_left_out_and_nonsense_is_nothing(run: Run) -> None:
    fresh = dataclasses.replace(run, epochs=(), metrics={})
    assert table([fresh, fresh]) == []
    for value in ("0.9", None, float("nan"), True, [1], 10**400):
        odd = dataclasses.replace(fresh, metrics={"test_accuracy": value})
        assert table([odd, fresh]) == []


def test_figures_of_other_test_images_are_told_apart(run: Run) -> None:
    sample = dataclasses.replace(run, metrics={"data": "sample"})
    mnist = dataclasses.replace(run, metrics={"data": "mnist"})
    assert same_evaluation([sample, run, sample])
    assert not same_evaluation([sample, mnist])


def test_values_are_written_for_people() -> None:
    row = Row("any", "any", (0.96351, 617514.0, None), frozenset())
    assert [row.text(place) for place in range(3)] == ["0.9635", "617,514", "not measured"]
