"""A layout is reproducible, belongs to one model, and is written whole; what is damaged is told."""

import sys
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save as save_tensors

from tests.support.app import ROOT
from tests.support.runs import fill_disk
from vae_model.__main__ import main
from vae_model.data.mnist import load_sample
from vae_model.engine import umap_layout
from vae_model.engine.digit_engine import DigitEngine, Floats
from vae_model.engine.umap_layout import LAYOUT_FILE
from vae_model.model.checkpoint import CheckpointError

IMAGES = np.random.default_rng(0).random((40, 28, 28), np.float32)
PLACES = np.random.default_rng(1).uniform(-1, 1, (40, 2)).astype(np.float32)
HALF = PLACES.astype(np.float16)
ARTICLE = DigitEngine.load(ROOT / "checkpoints/article")
WEIGHTS = ARTICLE.checkpoint.weights


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A folder that holds a layout of WEIGHTS and IMAGES."""
    umap_layout.save(tmp_path, PLACES, WEIGHTS, IMAGES)
    return tmp_path


def test_a_layout_comes_back_as_it_was_saved(saved: Path) -> None:
    assert umap_layout.load(saved, WEIGHTS, IMAGES) == pytest.approx(PLACES, abs=5e-4)
    assert [entry.name for entry in saved.iterdir()] == [LAYOUT_FILE]
    # Whoever scaled the images to [0, 1]: the last bit may differ.
    assert umap_layout.load(saved, WEIGHTS, np.nextafter(IMAGES, np.float32(2))) is not None


def test_there_is_no_layout_without_a_file_or_for_others(saved: Path) -> None:
    name = next(iter(WEIGHTS))
    assert umap_layout.load(saved / "nowhere", WEIGHTS, IMAGES) is None
    assert umap_layout.load(saved, WEIGHTS | {name: WEIGHTS[name] + 1}, IMAGES) is None
    assert umap_layout.load(saved, WEIGHTS, 1 - IMAGES) is None


def test_a_layout_that_cannot_be_written_leaves_the_old_one(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_disk(monkeypatch)
    with pytest.raises(CheckpointError, match="No space left"):
        umap_layout.save(saved, -PLACES, WEIGHTS, IMAGES)
    assert umap_layout.load(saved, WEIGHTS, IMAGES) == pytest.approx(PLACES, abs=5e-4)
    assert [entry.name for entry in saved.iterdir()] == [LAYOUT_FILE]


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        ({"places": HALF[:-1]}, r"\(39, 2\)"),
        ({"places": np.ascontiguousarray(HALF.T)}, r"\(2, 40\)"),
        ({"places": PLACES}, "float32"),
        ({"places": np.where(HALF > 0, HALF, np.float16(np.nan))}, "off the map"),
        ({"places": HALF * 100}, "off the map"),
        ({"other": HALF}, "is no layout"),
    ],
)
def test_places_that_cannot_be_are_told(
    saved: Path, tensors: dict[str, np.ndarray], said: str
) -> None:
    with safe_open(saved / LAYOUT_FILE, "numpy") as file:
        belongs_to = file.metadata()
    (saved / LAYOUT_FILE).write_bytes(save_tensors(tensors, belongs_to))
    with pytest.raises(CheckpointError, match=said):
        umap_layout.load(saved, WEIGHTS, IMAGES)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"hello, hello", b"\xff" * 4000),
        *(save_tensors({"places": HALF}), save_tensors({"places": HALF})[:-3], None),
    ],
    ids=["empty", "text", "noise", "nobody's", "cut off", "a folder"],
)
def test_a_damaged_file_is_told(tmp_path: Path, content: bytes | None) -> None:
    if content is None:
        (tmp_path / LAYOUT_FILE).mkdir()
    else:
        (tmp_path / LAYOUT_FILE).write_bytes(content)
    with pytest.raises(CheckpointError, match=LAYOUT_FILE):
        umap_layout.load(tmp_path, WEIGHTS, IMAGES)


@pytest.fixture
def umap(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Stands in for the package: lays out by the first two of the numbers it gets, doubled."""
    module = Mock()
    module.UMAP.return_value.fit_transform.side_effect = lambda styles: 2 * styles[:, :2] + 7
    monkeypatch.setitem(sys.modules, "umap", module)
    return module


def test_posterior_means_are_laid_out_by_a_fixed_seed_and_fill_the_map(umap: Mock) -> None:
    places = umap_layout.compute(ARTICLE, IMAGES, seed=3)
    means = ARTICLE.see(IMAGES).style_mean
    np.testing.assert_array_equal(umap.UMAP.return_value.fit_transform.call_args.args[0], means)
    assert umap.UMAP.call_args.kwargs["random_state"] == 3
    assert np.abs(places).max() == pytest.approx(1)
    assert places.max(axis=0) == pytest.approx(-places.min(axis=0))
    spread = places.std(axis=0) / means[:, :2].std(axis=0)
    assert spread[0] == pytest.approx(spread[1], rel=1e-4)  # not stretched


@pytest.mark.usefixtures("umap")
def test_the_command_puts_a_layout_beside_the_weights(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("config.json", "weights.safetensors"):
        (tmp_path / name).write_bytes((ROOT / "checkpoints/article" / name).read_bytes())
    assert main(["layout", str(tmp_path)]) == 0
    assert f"wrote {tmp_path / LAYOUT_FILE}" in capsys.readouterr().out
    assert umap_layout.load(tmp_path, WEIGHTS, bundled()) is not None


def test_without_umap_one_line_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    assert main(["layout", "checkpoints/article"]) == 1
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert "umap-learn is not installed" in last and "requirements-layout.txt" in last


@pytest.mark.parametrize("name", ["article", "studio"])
def test_shipped_layouts_belong_to_the_shipped_models_and_keep_neighbours(name: str) -> None:
    path = ROOT / "checkpoints" / name
    engine = DigitEngine.load(path)
    places = umap_layout.load(path, engine.checkpoint.weights, bundled())
    assert places is not None and places.shape == (2000, 2)
    means = engine.see(bundled()).style_mean
    kept = [len(a & b) / 15 for a, b in zip(nearest(means), nearest(places), strict=True)]
    assert np.mean(kept) > 0.15  # by chance: less than 0.01


def nearest(points: Floats, count: int = 15) -> list[set[int]]:
    squares = (points**2).sum(axis=1)
    away = squares[:, None] + squares - 2 * points @ points.T
    np.fill_diagonal(away, np.inf)
    return [set(row) for row in np.argpartition(away, count, axis=1)[:, :count].tolist()]


def bundled() -> Floats:
    images: Floats = load_sample().test.images.numpy().reshape(-1, 28, 28)
    return images
