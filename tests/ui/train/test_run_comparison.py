import dataclasses
from pathlib import Path

import pytest

from ui.shared.measures import cells
from ui.train.run_comparison import differences, last_epoch, measured, other_losses, same_evaluation
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


def test_losses_with_another_beta_are_told_apart(run: Run) -> None:
    assert not other_losses([run, with_changes(run, epochs=9)])
    other = with_changes(run, beta=run.setup.train.beta + 1)
    assert "the VAE loss does not compare" in other_losses([run, other])
    for changes in ({"likelihood": "gaussian"}, {"likelihood_std": 0.3}):
        model = dataclasses.replace(run.setup.model, **changes)
        other = dataclasses.replace(run, setup=dataclasses.replace(run.setup, model=model))
        assert "VAE loss and reconstruction do not" in other_losses([run, other])


def test_the_better_figure_is_marked(run: Run) -> None:
    figures = {"test_accuracy": 0.9, "calibration_error": 0.1, "active_dims": 5}
    better = dataclasses.replace(run, metrics=figures)
    worse = dataclasses.replace(
        run, metrics={"test_accuracy": 0.8, "calibration_error": 0.2, "active_dims": 7}
    )
    four = [worse, better, better, run]
    rows = {each.key: (values, cells(each, values)) for each, values in measured(four, None)}
    assert rows["test_accuracy"][0] == [0.8, 0.9, 0.9, None]
    for key, best in (("test_accuracy", 2), ("calibration_error", 2), ("active_dims", 0)):
        assert str(rows[key][1][1:]).count("font-weight:600") == best
        assert "font-weight" not in str(rows[key][1][0])
    assert rows["test_accuracy"][1][3] == "–"
    # The last epoch's figures are those of one run here: nobody is better.
    for each, values in last_epoch(four):
        assert values == [run.epochs[-1].test[each.key]] * 4
        assert "font-weight" not in str(cells(each, values))


def test_a_figure_stands_beside_what_it_must_beat(run: Run) -> None:
    told = {"digit_leak_sampled": 0.7, "generation_accuracy": 0.9}
    found = measured([dataclasses.replace(run, metrics=told)], 0.99)
    values = {each.key: value for each, (value,) in found}
    assert values == {**told, "digit_leak_chance": 0.1, "judge_accuracy": 0.99}


def test_what_no_run_has_is_left_out_and_nonsense_is_nothing(run: Run) -> None:
    fresh = dataclasses.replace(run, epochs=(), metrics={})
    assert last_epoch([fresh, fresh]) == []
    for value in ("0.9", None, float("nan"), True, [1], 10**400):
        odd = dataclasses.replace(fresh, metrics={"test_accuracy": value})
        assert measured([odd, fresh], None) == []


def test_figures_of_other_test_images_are_told_apart(run: Run) -> None:
    sample = dataclasses.replace(run, metrics={"data": "sample"})
    mnist = dataclasses.replace(run, metrics={"data": "mnist"})
    assert same_evaluation([sample, run, sample])
    assert not same_evaluation([sample, mnist])
