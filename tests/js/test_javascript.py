"""Arithmetic in JavaScript against Python's, by Node and without a browser: all *.test.mjs here."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from numpy.typing import ArrayLike

from tests.support.epochs import epoch
from ui.draw.pad import strokes
from ui.explore.address import from_address
from ui.map import data
from ui.shared import board, ink
from ui.shared.browser import weights
from ui.train.epochs import payload
from vae_model.engine.digit_engine import DigitEngine, one_hot
from vae_model.model.checkpoint import Checkpoint, weight_shapes
from vae_model.model.config import ModelConfig, TrainConfig

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None,
    reason="Node is not installed: JavaScript is tested in the browser alone",
)

HERE = Path(__file__).parent
CHECKPOINTS = HERE.parents[1] / "checkpoints"

MODELS: list[dict[str, Any]] = [
    {"z_dim": 1, "decoder_hidden": (1,), "activation": "relu"},
    {"z_dim": 64, "decoder_hidden": (33, 17, 5, 9), "activation": "silu"},
    {"z_dim": 3, "decoder_hidden": (50, 31), "activation": "tanh", "likelihood": "bernoulli"},
    {"z_dim": 10, "decoder_hidden": (128,), "activation": "sigmoid"},
    {"z_dim": 2, "decoder_hidden": (20, 21), "activation": "gelu", "encoder_sees_digit": True},
]
ADDRESSES = [
    "",
    "digit=4",
    "z1=0.5&z3=-3",
    "z2=-1.25&digit=0&blend=9&mix=0.25",
    "digit=5&blend=5",
    "text=2026+11&vary=1",
    "z1=0.01&z2=3&z3=-0.1&digit=9&blend=0&mix=1&text=007&vary=1",
]
POINTS = [
    (500, 500),
    (100, 200, 900, 250),
    (100, 200, 900, 250, 400, 700),
    (0, 0, -250, 1250, 300, 300, 301, 299, 1000, 1000),
    (*(0, 10, 30, 40, 70, 20, 90, 90, 130, 95, 170, 60, 171, 64, 400, 500),),
]


@pytest.fixture(scope="session")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what Python computes: a JSON file for each subject."""
    folder = tmp_path_factory.mktemp("golden")
    made = {
        "decoders": list(decoders()),
        "ink": list(inked()),
        "epochs": epochs(),
        "pictures": packed_pictures(),
        "strokes": [curve(points) for points in POINTS],
        "addresses": [address(query) for query in ADDRESSES],
    }
    for name, content in made.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


@pytest.mark.parametrize("file", sorted(HERE.glob("*.test.mjs")), ids=lambda file: file.stem)
def test_javascript(file: Path, golden: Path) -> None:
    command = ["node", "--test", "--test-reporter=spec", str(file)]
    surroundings = {**os.environ, "GOLDEN": str(golden)}
    run = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def packed(values: ArrayLike, kind: str = "<f4") -> str:
    return base64.b64encode(np.ascontiguousarray(values, kind).tobytes()).decode()


def random_engine(config: ModelConfig) -> DigitEngine:
    rng = np.random.default_rng(0)
    values = {
        name: (rng.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32)
        for name, shape in weight_shapes(config).items()
    }
    return DigitEngine(Checkpoint(config, TrainConfig(), values))


def decoders() -> Iterator[dict[str, object]]:
    """Models of every activation and likelihood, those that come with the app among them, and what
    they make of 25 styles and mixtures of two digits: the same style twice, one after the other."""
    shipped = [path.parent for path in sorted(CHECKPOINTS.glob("*/config.json"))]
    engines = {
        **{str(each["activation"]): random_engine(ModelConfig(**each)) for each in MODELS},
        **{path.name: DigitEngine.load(path) for path in shipped if path.name != "judge"},
    }
    for name, engine in engines.items():
        styles = np.random.default_rng(1).standard_normal((25, engine.z_dim)).astype(np.float32)
        styles[4] = styles[3]
        mixtures = [(row % 10, (row + 3) % 10, (row % 4) / 4) for row in range(25)]
        dims = np.zeros((25, 10), np.float32)
        for row, (digit, other, share) in enumerate(mixtures):
            dims[row, digit] += 1 - share
            dims[row, other] += share
        digest, model = weights.pack(engine)
        yield {
            "name": name,
            "hash": digest,
            "packed": base64.b64encode(model).decode(),
            "styles": styles.tolist(),
            "mixtures": mixtures,
            "images": packed(engine.decode(styles, dims)),
        }


def inked() -> Iterator[dict[str, object]]:
    """Ten digits of studio, noise, and bare paper."""
    engine = DigitEngine.load(CHECKPOINTS / "studio")
    rng = np.random.default_rng(2)
    style = rng.standard_normal(engine.z_dim).astype(np.float32)
    images = np.zeros((12, 28, 28), np.float32)
    images[:10] = engine.decode(np.tile(style, (10, 1)), one_hot([*range(10)]))
    images[10, 4:24, 4:24] = rng.random((20, 20))
    for scale in (1, 2, 3, 4, 7, 10):
        opacity = 255 * ink._opacity(images, scale, "ink")
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


def curve(points: tuple[int, ...]) -> dict[str, object]:
    return {
        "points": points,
        "curve": strokes._smooth(np.reshape(points, (-1, 2)).astype(float)).tolist(),
    }


def address(query: str) -> dict[str, object]:
    """What an address without an origin asks for, of a model of three dims."""
    asked, problems = from_address(parse_qs(query), 3)
    assert not problems
    return {"query": query, "state": asdict(asked or board.Board((0.0, 0.0, 0.0)))}
