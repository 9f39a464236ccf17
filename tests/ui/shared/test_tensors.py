"""A model as the browser gets it."""

import base64
import gc
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load

from tests.support.app import ROOT
from tests.support.models import random_checkpoint
from ui.shared.board import STYLE_LIMIT
from ui.shared.browser import tensors
from ui.shared.browser.tensors import PARTS, digest, facts, weights
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.calibration import TERMS, Calibration
from vae_model.model.config import MAX_LAYERS


def engine(seed: int = 0, **changes: object) -> DigitEngine:
    config = {"z_dim": 2, "decoder_hidden": (5, 7), **changes}
    return DigitEngine(random_checkpoint(seed, **config))


def test_the_parts_hold_all_weights_and_small_models_lose_nothing() -> None:
    model = engine(classifier_hidden=(8,), encoder_hidden=(8,))
    sent = {name: value for part in PARTS for name, value in load(weights(model, part)).items()}
    assert sent.keys() == model.checkpoint.weights.keys()
    for name, value in model.checkpoint.weights.items():
        np.testing.assert_array_equal(sent[name], value, strict=True)


def test_large_models_go_at_half_their_size(shipped: DigitEngine) -> None:
    many = sum(each.size for each in shipped.checkpoint.weights.values()) >= tensors.HALVES_FROM
    sent = load(weights(shipped, "reader"))
    assert {each.dtype for each in sent.values()} == {np.dtype("f2" if many else "f4")}


def test_no_decoder_overflows_in_the_browser() -> None:
    """The widest and deepest that there may be, at the ends of all sliders."""
    wild = engine(decoder_hidden=(3, 3))
    for weight in wild.checkpoint.weights.values():
        weight *= np.float32(1e30)
    largest = max(float(np.abs(each).max()) for each in load(weights(wild, "decoder")).values())
    assert largest == tensors.LARGEST
    sums = (64 * STYLE_LIMIT + 2) * largest
    for _ in range(MAX_LAYERS):
        sums = (sums * 4096 + 1) * largest
    assert sums < np.finfo(np.float32).max


@pytest.mark.parametrize("of", [digest, tensors.link_digest])
def test_a_hash_tells_models_apart(of: object) -> None:
    models = (engine(), engine(seed=1), engine(activation="tanh"))
    assert len({of(model) for model in models}) == 3  # type: ignore[operator]
    assert of(engine()) == of(engine())  # type: ignore[operator]


def test_models_that_differ_in_calibration_alone_read_otherwise_and_draw_the_same() -> None:
    bare = engine()
    calibration = Calibration(2.0, (0.0,) * 4, (1.0,) * 4, (0.0,) * TERMS, 0.0, {})
    calibrated = DigitEngine(replace(bare.checkpoint, calibration=calibration))
    assert digest(bare) != digest(calibrated)
    assert tensors.link_digest(bare) == tensors.link_digest(calibrated)


def test_weights_are_given_while_any_model_that_has_them_is_in_use() -> None:
    models = [engine(seed=2), engine(seed=2)]
    (told,) = {digest(model) for model in models}
    digest.cache_clear()
    del models[1]
    gc.collect()
    assert tensors.offered(told) is models[0]
    models.clear()
    gc.collect()
    assert tensors.offered(told) is None


def test_what_scripts_are_told_is_plain_json(shipped: DigitEngine) -> None:
    told = facts(shipped)
    assert told["zDim"] == shipped.z_dim
    assert told["weights"]["reader"] == f"weights/{digest(shipped)}/reader.safetensors"
    assert {len(row) for row in told["calibration"]["habits"]["reading"]} == {shipped.z_dim}


def test_the_kernel_is_what_its_source_says() -> None:
    pytest.importorskip("wasmtime")
    from tools.kernel import SOURCE, compiled

    shipped = (ROOT / SOURCE).with_suffix(".wasm").read_bytes()
    assert base64.b64encode(compiled()) == base64.b64encode(shipped)
