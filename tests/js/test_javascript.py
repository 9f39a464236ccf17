"""Arithmetic in JavaScript against Python's, by Node and without a browser: all *.test.mjs here."""

import base64
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qs

import numpy as np
import pytest
from numpy.typing import ArrayLike
from PIL import Image
from safetensors.numpy import save_file

from tests.support.epochs import epoch
from tests.support.models import random_checkpoint
from tests.support.processes import output
from ui.explore.address import from_address
from ui.map import data
from ui.shared import board, ink, mnist_sample
from ui.shared.browser import tensors
from ui.train.epochs import payload
from vae_model import preprocessing
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
from vae_model.engine.forward import softmax
from vae_model.engine.writer_style import Style, combine
from vae_model.model.calibration import TERMS, Calibration, Habits
from vae_model.model.config import Activation

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None,
    reason="Node is not installed: JavaScript is tested in the browser alone",
)

HERE = Path(__file__).parent
CHECKPOINTS = HERE.parents[1] / "checkpoints"
UI = HERE.parents[1] / "ui"

MODELS: list[dict[str, Any]] = [
    {"z_dim": 1, "decoder_hidden": (1,), "activation": "relu"},
    {"z_dim": 64, "decoder_hidden": (33, 17, 5, 9), "activation": "silu"},
    {"z_dim": 3, "decoder_hidden": (50, 31), "activation": "tanh", "likelihood": "bernoulli"},
    {"z_dim": 10, "decoder_hidden": (128,), "activation": "sigmoid"},
    {"z_dim": 2, "decoder_hidden": (20, 21), "activation": "gelu", "encoder_sees_digit": True},
]
assert {each["activation"] for each in MODELS} == {*get_args(Activation)}
CALIBRATED = {"relu", "silu"}
ADDRESSES = [
    "",
    "digit=4",
    "z1=0.5&z3=-3",
    "z2=-1.25&digit=0&blend=9&mix=0.25",
    "digit=5&blend=5",
    "text=2026+11&vary=1",
    "z1=0.01&z2=3&z3=-0.1&digit=9&blend=0&mix=1&text=007&vary=1",
]


@pytest.fixture(scope="session")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what Python computes: a JSON file for each subject."""
    folder = tmp_path_factory.mktemp("golden")
    made = {
        "models": list(models(folder)),
        "ink": list(inked()),
        "epochs": epochs(),
        "pictures": packed_pictures(),
        "addresses": [address(query) for query in ADDRESSES],
        "hands": list(hands()),
        "placed": list(placed()),
    }
    for name, content in made.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


@pytest.mark.parametrize("file", sorted(HERE.glob("*.test.mjs")), ids=lambda file: file.stem)
def test_javascript(file: Path, golden: Path) -> None:
    output("node", "--test", "--test-reporter=spec", file, GOLDEN=str(golden))


def packed(values: ArrayLike, kind: str = "<f4") -> str:
    return base64.b64encode(np.ascontiguousarray(values, kind).tobytes()).decode()


def random_engine(**config: Any) -> DigitEngine:
    made = random_checkpoint(**config)
    weights = {
        name: each / np.float32(each.shape[-1] ** 0.5) for name, each in made.weights.items()
    }
    return DigitEngine(replace(made, weights=weights))


def models(folder: Path) -> Iterator[dict[str, object]]:
    """Models of every kind, those that come with the app among them. What they make of all bundled
    test digits, in files; and of 25 styles and mixtures of two digits: the same style twice, one
    after the other."""
    images, _ = mnist_sample.test_digits()
    save_file({"images": images}, folder / "digits.safetensors")
    rng = np.random.default_rng(7)
    shipped = [path.parent for path in sorted(CHECKPOINTS.glob("*/config.json"))]
    engines = {
        **{str(each["activation"]): random_engine(**each) for each in MODELS},
        **{path.name: DigitEngine.load(path) for path in shipped if path.name != "judge"},
    }
    mixtures = [(row % 10, (row + 3) % 10, (row % 4) / 4) for row in range(25)]
    dims = np.zeros((25, 10), np.float32)
    for row, (digit, other, share) in enumerate(mixtures):
        dims[row, digit] += 1 - share
        dims[row, other] += share
    for name, engine in engines.items():
        if name in CALIBRATED:
            engine = DigitEngine(replace(engine.checkpoint, calibration=random_calibration(rng)))
        calibration = engine.checkpoint.calibration
        seen = engine.see(images)
        made = engine.write(seen.style_mean, one_hot(seen.digit_logits.argmax(axis=1))).images
        scores = calibration.ood_score(engine.statistics(images)) if calibration else np.zeros(2000)
        expected = {
            "digit_probs": softmax(
                seen.digit_logits / (calibration.temperature if calibration else 1)
            ),
            "style_mean": seen.style_mean,
            "style_std": seen.style_std,
            "reconstruction": made.reshape(-1, 784),
            "ood_score": scores[:, None],
            "told_mean": engine.see(images[:50], one_hot(np.arange(50) % 10)).style_mean,
        }
        arrays = {key: np.ascontiguousarray(value, np.float32) for key, value in expected.items()}
        save_file(arrays, folder / f"{name}-readings.safetensors")
        for part in tensors.PARTS:
            (folder / f"{name}-{part}.safetensors").write_bytes(tensors.weights(engine, part))
        styles = np.random.default_rng(1).standard_normal((25, engine.z_dim)).astype(np.float32)
        styles[4] = styles[3]
        yield {
            "name": name,
            **tensors.facts(engine),
            "halves": name == "studio",
            "styles": styles.tolist(),
            "mixtures": mixtures,
            "images": packed(engine.decode(styles, dims)),
        }


def random_calibration(rng: np.random.Generator) -> Calibration:
    weights = tuple(rng.standard_normal(TERMS).tolist())
    return Calibration(1.7, (4.0, 1.0, 1.0, 4.0), (0.5, 1.0, 0.5, 0.4), weights, 0.3, {})


def random_habits(rng: np.random.Generator, z_dim: int, count: int) -> Habits:
    reading, writing = (
        tuple(map(tuple, rng.uniform(-0.5, 0.5, (count, z_dim)).tolist())) for _ in range(2)
    )
    return Habits(tuple(rng.random(count).tolist()), reading, writing)


def hands() -> Iterator[dict[str, object]]:
    rng = np.random.default_rng(8)
    all_kept = Habits((1.0,), ((1.0, 0, 0, 0, 0),), ((1.0, 0, 0, 0, 0),))
    for count, habits in (
        *((1, None), (1, random_habits(rng, 5, 3)), (2, None), (3, random_habits(rng, 5, 3))),
        *((6, random_habits(rng, 5, 5)), (2, Habits((), (), ())), (1, all_kept)),
    ):
        styles = [
            Style(rng.standard_normal(5).astype(np.float32), rng.random(5).astype(np.float32) + 0.2)
            for _ in range(count)
        ]
        hand = combine(styles, habits)
        yield {
            "styles": [{"mean": each.mean.tolist(), "std": each.std.tolist()} for each in styles],
            "habits": None if habits is None else asdict(habits),
            "mean": hand.mean.tolist(),
            "std": hand.std.tolist(),
        }


def placed() -> Iterator[dict[str, object]]:
    """Ink of every kind, and where Python puts it in 28 by 28 pixels."""
    for name, drawn in drawn_ink().items():
        try:
            digit = np.round(255 * preprocessing.place(preprocessing.crop_digit(drawn))) / 255
            place = packed(digit)
        except preprocessing.EmptyDrawing as problem:
            place = "speck" if "speck" in str(problem) else "solid"
        yield {"name": name, "ink": packed(drawn), "placed": place}
    yield {"name": "bare paper", "ink": packed(np.zeros((216, 216))), "placed": "empty"}


def drawn_ink() -> dict[str, Floats]:
    """(216, 216) each."""
    rng = np.random.default_rng(9)
    digits, _ = mnist_sample.test_digits()
    found = {}
    for number in range(60):
        side, angle = int(rng.integers(30, 200)), float(rng.uniform(-30, 30))
        shape = Image.fromarray((255 * digits[number]).astype(np.uint8))
        shape = shape.resize((side, int(side * rng.uniform(0.7, 1.4))), Image.Resampling.BICUBIC)
        sheet = Image.new("L", (216, 216))
        sheet.paste(shape.rotate(angle), tuple(rng.integers(-10, 60, 2).tolist()))
        ink = np.asarray(sheet, np.float32) / 255
        for _ in range(number % 4):  # blots and bars beside it
            x, y, width, height = (int(each) for each in rng.integers(2, 40, 4))
            ink[y * 5 % 200 :, x * 5 % 200 :][: height // 4, : width // 4] = 1
        if ink.max() > 0.5:
            found[f"digit {number}"] = ink
    speck, solid, thin = np.zeros((3, 216, 216), np.float32)
    speck[100:103, 50:53] = 1
    solid[40:160, 50:150] = 1
    thin[30:180, 108] = 1
    return {**found, "a speck": speck, "a patch": solid, "a thin line": thin}


def inked() -> Iterator[dict[str, object]]:
    """Ten digits of studio, noise, and bare paper."""
    engine = DigitEngine.load(CHECKPOINTS / "studio")
    rng = np.random.default_rng(2)
    style = rng.standard_normal(engine.z_dim).astype(np.float32)
    images = np.zeros((12, 28, 28), np.float32)
    images[:10] = engine.decode(np.tile(style, (10, 1)), one_hot([*range(10)]))
    images[10, 4:24, 4:24] = rng.random((20, 20))
    for scale in (1, 2, 3, 4, 7, 10):
        opacity = 255 * ink.opacity(images, scale, "ink")
        yield {"scale": scale, "images": packed(images), "opacity": packed(opacity)}


def epochs() -> dict[str, object]:
    """Two boards, one after the other: the second holds two of its epochs already."""
    ink = np.random.default_rng(4).random((3, 2, 7840))
    made = [epoch(number, digits) for number, digits in zip((1, 2, 5), ink, strict=True)]
    first = payload.pack(made[:2], running=True, name="fünf")
    second = payload.pack(made, running=True, name="fünf", held={1, 2})
    return {
        "packed": [base64.b64encode(content).decode() for content in (first, second)],
        "ink": [[packed(own), packed(fixed)] for own, fixed in ink],
    }


def packed_pictures() -> dict[str, object]:
    digits, redrawn = np.random.default_rng(5).random((2, 3, 28, 28)).astype(np.float32)
    return {
        "shades": data.LEVELS,
        "packed": base64.b64encode(data.pack(digits, redrawn)).decode(),
        "digits": packed(digits),
        "redrawn": packed(redrawn),
    }


def address(query: str) -> dict[str, object]:
    """What an address without an origin asks for, of a model of three dims."""
    asked, problems = from_address(parse_qs(query), 3)
    assert not problems
    return {"query": query, "state": asdict(asked or board.Board((0.0, 0.0, 0.0)))}
