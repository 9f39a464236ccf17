"""The README and the shipped checkpoints say what is."""

import re
from pathlib import Path

import pytest

from vae_model.evaluation.judge import load_judge
from vae_model.model.checkpoint import load
from vae_model.model.config import PRESETS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
MEASURED = (ROOT / "docs" / "measured.md").read_text()
CHECKPOINTS = ROOT / "checkpoints"
SHIPPED = ("article", "studio")


def table_rows(page: str) -> dict[str, list[str]]:
    """Key of `evaluate` -> the cells beside it."""
    rows = re.findall(r"^\| [^|]*`(\w+)` \|(.*)\|$", page, re.MULTILINE)
    return {key: [cell.strip() for cell in cells.split("|")] for key, cells in rows}


@pytest.mark.parametrize(("page", "count"), [(README, 4), (MEASURED, 21)])
def test_figures_of_the_models_are_those_measured(page: str, count: int) -> None:
    rows = table_rows(page)
    assert len(rows) == count
    metrics = [load(CHECKPOINTS / name).metrics for name in SHIPPED]
    for key, cells in rows.items():
        for measured, cell in zip(metrics, cells[:2], strict=True):
            decimals = len(cell.partition(".")[2])
            assert cell.replace(",", "") == f"{measured[key]:.{decimals}f}", key


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_checkpoint_is_its_preset_trained_on_all_of_mnist(name: str) -> None:
    checkpoint = load(CHECKPOINTS / name)
    assert (checkpoint.model, checkpoint.train) == (PRESETS[name].model, PRESETS[name].train)
    assert checkpoint.provenance["data"] == checkpoint.metrics["data"] == "mnist"
    assert checkpoint.provenance["training_images"] == 60_000
    assert len(checkpoint.history) == checkpoint.train.epochs
    assert not checkpoint.training_state


def test_studio_keeps_its_promise() -> None:
    metrics = load(CHECKPOINTS / "studio").metrics
    for key, least in {
        "test_accuracy": 0.991,
        "augmented_accuracy": 0.90,
        "generation_accuracy": 0.997,
        "generation_accuracy_worst_digit": 0.993,
        "style_transfer_accuracy": 0.996,
        "active_dims": 8,
        "slant_consistency": 0.92,
        "thickness_consistency": 0.88,
    }.items():
        assert metrics[key] >= least, key
    for key, most in {
        "nelbo_bernoulli": 97.5,
        "frechet_distance": 40,
        "digit_leak_sampled": 0.18,
    }.items():
        assert metrics[key] <= most, key


def test_shipped_checkpoints_are_small_enough_for_a_repository() -> None:
    load_judge(CHECKPOINTS / "judge")
    small = CHECKPOINTS / "experiments"
    files = [path for path in CHECKPOINTS.rglob("*.*") if path.is_file()]
    sizes = {path: path.stat().st_size for path in files}
    assert sum(size for path, size in sizes.items() if small in path.parents) <= 4_000_000
    assert sum(size for path, size in sizes.items() if small not in path.parents) <= 16_000_000


def test_every_folder_stands_in_the_map_of_files() -> None:
    for path in [*(ROOT / "vae_model").glob("*/"), *(ROOT / "ui").glob("*/")]:
        assert path.name == "__pycache__" or f"{path.name}/`" in README, path


def test_pictures_and_files_named_in_the_readme_exist() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_make_targets_named_in_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"`?make ([a-z]+)", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
