"""The decoder as the browser gets it."""

import base64
import json
import struct
from pathlib import Path

import numpy as np
import pytest

from ui.shared.board import STYLE_LIMIT
from ui.shared.browser.weights import LARGEST, pack
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.checkpoint import Checkpoint, weight_shapes
from vae_model.model.config import MAX_LAYERS, ModelConfig, TrainConfig
from vae_model.model.fields import FIELDS

ROOT = Path(__file__).resolve().parents[3]


def engine(seed: int = 0, **changes: object) -> DigitEngine:
    config = ModelConfig(**{"z_dim": 2, "decoder_hidden": (5, 7), **changes})  # type: ignore[arg-type]
    rng = np.random.default_rng(seed)
    weights = {
        name: rng.standard_normal(shape).astype(np.float32)
        for name, shape in weight_shapes(config).items()
    }
    return DigitEngine(Checkpoint(config, TrainConfig(), weights))


def test_header_and_weights_in_order() -> None:
    model = engine()
    digest, packed = pack(model)
    (size,) = struct.unpack_from("<I", packed)
    header = json.loads(packed[4 : 4 + size])
    assert size % 4 == 0
    assert header == {
        "zDim": 2, "widths": [12, 5, 7, 784], "activation": "sigmoid", "model": digest
    }  # fmt: skip
    floats = np.frombuffer(packed, "<f4", offset=4 + size)
    first = model.checkpoint.weights["decoder.layers.0.weight"]
    assert (floats[: first.size].reshape(first.shape) == first).all()
    last = model.checkpoint.weights["decoder.layers.4.bias"]
    assert (floats[-784:] == last).all()
    assert len(floats) == 12 * 5 + 5 + 5 * 7 + 7 + 7 * 784 + 784


def test_no_decoder_overflows_in_the_browser() -> None:
    """The widest and deepest that there may be, at the ends of all sliders."""
    wild = engine(decoder_hidden=(3, 3))
    for weight in wild.checkpoint.weights.values():
        weight *= np.float32(1e30)
    _, packed = pack(wild)
    (size,) = struct.unpack_from("<I", packed)
    largest = float(np.abs(np.frombuffer(packed, "<f4", offset=4 + size)).max())
    assert largest == LARGEST
    sums = (FIELDS["z_dim"].bounds.high * STYLE_LIMIT + 2) * largest
    for _ in range(MAX_LAYERS):
        sums = (sums * FIELDS["decoder_hidden"].bounds.high + 1) * largest
    assert sums < np.finfo(np.float32).max


def test_the_hash_tells_decoders_apart() -> None:
    digests = {
        pack(engine())[0], pack(engine(seed=1))[0], pack(engine(activation="tanh"))[0]
    }  # fmt: skip
    assert len(digests) == 3
    assert pack(engine())[0] == pack(engine())[0]


def test_the_kernel_is_what_its_source_says() -> None:
    pytest.importorskip("wasmtime")
    from tools.kernel import SOURCE, compiled

    shipped = (ROOT / SOURCE).with_suffix(".wasm").read_bytes()
    assert base64.b64encode(compiled()) == base64.b64encode(shipped)
