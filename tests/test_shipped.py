"""The shipped checkpoints are what the README and the docs say."""

import re

import pytest

from benchmarks.__main__ import measured
from tests.support.app import ROOT
from vae_model.evaluation.judge import load_judge
from vae_model.model.checkpoint import load
from vae_model.model.presets import PRESETS

CHECKPOINTS = ROOT / "checkpoints"
SHIPPED = ("article", "studio")


@pytest.mark.parametrize("page", ["README.md", "docs/measured.md"])
def test_figures_in_the_docs_are_those_measured(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    rows = re.findall(r"^\| (?:[^|]|\\\|)*`(\w+)` \|(.*)\|$", text, re.MULTILINE)
    assert len(rows) >= 4
    seeds = measured()["seeds"]["figures"]
    for key, cells in rows:
        *each, spread = map(str.strip, cells.split("|"))
        decimals = len(each[0].partition(".")[2])
        figures = [load(CHECKPOINTS / name).metrics[key] for name in SHIPPED]
        shown = [f"{figure:,.{decimals}f}" for figure in figures]
        assert each == shown, key
        of_seeds = seeds.get(key)
        if of_seeds:
            assert of_seeds[0] == pytest.approx(figures[-1], abs=1e-5), key
        between = (min(of_seeds), max(of_seeds)) if of_seeds else ()
        assert spread == "–".join(f"{figure:.{decimals}f}" for figure in between), key


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_checkpoint_is_its_preset_trained_on_all_of_mnist(name: str) -> None:
    checkpoint = load(CHECKPOINTS / name)
    assert (checkpoint.model, checkpoint.train) == (PRESETS[name].model, PRESETS[name].train)
    assert checkpoint.provenance["data"] == checkpoint.metrics["data"] == "mnist"
    assert checkpoint.provenance["training_images"] == 60_000
    assert len(checkpoint.history) == checkpoint.train.epochs
    assert not checkpoint.training_state


def test_studio_keeps_its_promise() -> None:
    metrics = load(CHECKPOINTS / "studio").metrics
    for key, least in {
        "test_accuracy": 0.994,
        "augmented_accuracy": 0.95,
        "generation_accuracy": 0.999,
        "generation_accuracy_worst_digit": 0.998,
        "style_transfer_accuracy": 0.998,
        "active_dims": 8,
        "slant_consistency": 0.98,
        "thickness_consistency": 0.98,
    }.items():
        assert metrics[key] >= least, key
    for key, limit in {
        "calibration_error": 0.004,
        "nelbo_bernoulli": 91.0,
        "frechet_distance": 14.0,
        "digit_leak_sampled": 0.125,
    }.items():
        assert metrics[key] <= limit, key


def test_shipped_checkpoints_are_small_enough_for_a_repository() -> None:
    load_judge(CHECKPOINTS / "judge")
    files = [path for path in CHECKPOINTS.rglob("*.*") if path.is_file()]
    small = [path for path in files if CHECKPOINTS / "experiments" in path.parents]
    assert sum(path.stat().st_size for path in small) <= 4_000_000
    assert sum(path.stat().st_size for path in files) <= 20_000_000
