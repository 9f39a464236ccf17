"""A layout is reproducible, belongs to one model, and is written whole; what is damaged is told."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from safetensors.numpy import save as save_tensors

from vae_model.__main__ import main
from vae_model.engine import umap_layout
from vae_model.engine.digit_engine import DigitEngine, Floats
from vae_model.engine.umap_layout import LAYOUT_FILE
from vae_model.model.checkpoint import CheckpointError, save_metrics

ROOT = Path(__file__).parents[2]
SHIPPED = ("article", "studio")


@pytest.fixture(scope="module")
def engine() -> DigitEngine:
    return DigitEngine.load(ROOT / "checkpoints/article")


@pytest.fixture
def images() -> Floats:
    return np.random.default_rng(0).random((40, 28, 28), np.float32)


@pytest.fixture
def places() -> Floats:
    return np.random.default_rng(1).uniform(-1, 1, (40, 2)).astype(np.float32)


def write(path: Path, content: bytes) -> None:
    (path / LAYOUT_FILE).write_bytes(content)


def test_a_layout_comes_back_as_it_was_saved(
    tmp_path: Path, engine: DigitEngine, images: Floats, places: Floats
) -> None:
    weights = engine.checkpoint.weights
    umap_layout.save(tmp_path, places, weights, images)
    assert umap_layout.load(tmp_path, weights, images) == pytest.approx(places, abs=5e-4)
    assert [entry.name for entry in tmp_path.iterdir()] == [LAYOUT_FILE]
    # Whoever scaled the images to [0, 1]: the last bit may differ.
    assert umap_layout.load(tmp_path, weights, np.nextafter(images, np.float32(2))) is not None


def test_there_is_no_layout_without_a_file_or_for_something_else(
    tmp_path: Path, engine: DigitEngine, images: Floats, places: Floats
) -> None:
    weights = engine.checkpoint.weights
    assert umap_layout.load(tmp_path, weights, images) is None
    assert umap_layout.load(tmp_path / "nowhere", weights, images) is None
    umap_layout.save(tmp_path, places, weights, images)
    name = next(iter(weights))
    assert umap_layout.load(tmp_path, weights | {name: weights[name] + 1}, images) is None
    assert umap_layout.load(tmp_path, weights, 1 - images) is None


def test_a_layout_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path,
    engine: DigitEngine,
    images: Floats,
    places: Floats,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weights = engine.checkpoint.weights
    umap_layout.save(tmp_path, places, weights, images)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CheckpointError, match="No space left"):
        umap_layout.save(tmp_path, -places, weights, images)
    assert umap_layout.load(tmp_path, weights, images) == pytest.approx(places, abs=5e-4)
    assert [entry.name for entry in tmp_path.iterdir()] == [LAYOUT_FILE]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda places: places[:-1], r"\(39, 2\)"),
        (lambda places: places.T, r"\(2, 40\)"),
        (lambda places: places.astype(np.float32), "float32"),
        (lambda places: np.where(places > 0, places, np.nan).astype(np.float16), "off the map"),
        (lambda places: (places * 100).astype(np.float16), "off the map"),
    ],
)
def test_places_that_cannot_be_are_told(
    tmp_path: Path,
    engine: DigitEngine,
    images: Floats,
    places: Floats,
    make: Callable[[np.ndarray], np.ndarray],
    said: str,
) -> None:
    weights = engine.checkpoint.weights
    belongs_to = {"belongs_to": umap_layout._digest(weights, images)}
    made = np.ascontiguousarray(make(places.astype(np.float16)))
    write(tmp_path, save_tensors({"places": made}, belongs_to))
    with pytest.raises(CheckpointError, match=said):
        umap_layout.load(tmp_path, weights, images)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello, hello",
        b"\xff" * 4000,
        b"\x80\x04\x95" + b"\x00" * 100,
        save_tensors({"places": np.zeros((40, 2), np.float16)}),
        save_tensors({"places": np.zeros((40, 2), np.float16)})[:-3],
        b"\x00" * (umap_layout.MAX_FILE_BYTES + 1),
    ],
)
def test_a_damaged_file_is_told(
    tmp_path: Path, engine: DigitEngine, images: Floats, content: bytes
) -> None:
    write(tmp_path, content)
    with pytest.raises(CheckpointError, match=LAYOUT_FILE):
        umap_layout.load(tmp_path, engine.checkpoint.weights, images)


def test_a_layout_without_places_and_a_folder_in_its_place_are_told(
    tmp_path: Path, engine: DigitEngine, images: Floats
) -> None:
    weights = engine.checkpoint.weights
    other = {"belongs_to": umap_layout._digest(weights, images)}
    write(tmp_path, save_tensors({"other": np.zeros(3, np.float32)}, other))
    with pytest.raises(CheckpointError, match="is no layout"):
        umap_layout.load(tmp_path, weights, images)
    (tmp_path / LAYOUT_FILE).unlink()
    (tmp_path / LAYOUT_FILE).mkdir()
    with pytest.raises(CheckpointError):
        umap_layout.load(tmp_path, weights, images)


class Doubles:
    """Stands in for UMAP: lays out by the first two of the numbers that it gets, doubled."""

    seen: np.ndarray
    options: dict[str, object]

    def __init__(self, **options: object) -> None:
        Doubles.options = options

    def fit_transform(self, styles: np.ndarray) -> np.ndarray:
        Doubles.seen = styles
        return 2 * styles[:, :2] + 7


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> type[Doubles]:
    module = ModuleType("umap")
    module.UMAP = Doubles  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "umap", module)
    return Doubles


def test_posterior_means_are_laid_out_by_a_fixed_seed_and_fill_the_map(
    stand_in: type[Doubles], engine: DigitEngine, images: Floats
) -> None:
    places = umap_layout.compute(engine, images, seed=3)
    means = engine.see(images).style_mean
    np.testing.assert_array_equal(stand_in.seen, means)
    assert stand_in.options["random_state"] == 3
    assert np.abs(places).max() == pytest.approx(1)
    assert places.max(axis=0) == pytest.approx(-places.min(axis=0))
    spread = places.std(axis=0) / means[:, :2].std(axis=0)
    assert spread[0] == pytest.approx(spread[1], rel=1e-4)  # not stretched


def test_the_command_puts_a_layout_beside_the_weights(
    stand_in: type[Doubles], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = ROOT / "checkpoints/article"
    for name in ("config.json", "weights.safetensors"):
        (tmp_path / name).write_bytes((shipped / name).read_bytes())
    assert main(["layout", str(tmp_path)]) == 0
    assert f"wrote {tmp_path / LAYOUT_FILE}" in capsys.readouterr().out
    assert stand_in.seen.shape == (2000, 10)
    # The engine and what else is in the folder are as before.
    save_metrics(tmp_path, {"kl": 1})
    engine = DigitEngine.load(tmp_path)
    assert umap_layout.load(tmp_path, engine.checkpoint.weights, _bundled()) is not None


def test_without_umap_one_line_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    assert main(["layout", "checkpoints/article"]) == 1
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert "umap-learn is not installed" in last and "requirements-layout.txt" in last
    assert (ROOT / "requirements-layout.txt").is_file()


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_layouts_belong_to_the_shipped_models_and_keep_neighbours(name: str) -> None:
    path = ROOT / "checkpoints" / name
    engine = DigitEngine.load(path)
    images = _bundled()
    places = umap_layout.load(path, engine.checkpoint.weights, images)
    assert places is not None and places.shape == (2000, 2)
    assert (path / LAYOUT_FILE).stat().st_size < 10_000
    means = engine.see(images).style_mean
    kept = [len(a & b) / 15 for a, b in zip(nearest(means), nearest(places), strict=True)]
    assert np.mean(kept) > 0.15  # by chance: less than 0.01


def nearest(points: Floats, count: int = 15) -> list[set[int]]:
    squares = (points**2).sum(axis=1)
    away = squares[:, None] + squares - 2 * points @ points.T
    np.fill_diagonal(away, np.inf)
    return [set(row) for row in np.argpartition(away, count, axis=1)[:, :count].tolist()]


def _bundled() -> Floats:
    """As the app reads them, which the command does not."""
    with np.load(ROOT / "vae_model/data/mnist_sample.npz", allow_pickle=False) as sample:
        return sample["test_images"].astype(np.float32) / np.float32(255)
