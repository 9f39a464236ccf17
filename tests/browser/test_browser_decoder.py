"""The decoder in JavaScript against the engine, for any model that can be configured."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from ui.weights import pack
from vae_model.checkpoint import Checkpoint, weight_shapes
from vae_model.config import ModelConfig, TrainConfig
from vae_model.engine import DigitEngine

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BOARD = Path(__file__).resolve().parents[2] / "ui" / "components" / "style_board"

MODELS: list[dict[str, Any]] = [
    {"z_dim": 1, "decoder_hidden": (1,), "activation": "relu"},
    {"z_dim": 64, "decoder_hidden": (33, 17, 5, 9), "activation": "silu"},
    {"z_dim": 3, "decoder_hidden": (50, 31), "activation": "tanh", "likelihood": "bernoulli"},
    {"z_dim": 10, "decoder_hidden": (128,), "activation": "sigmoid"},
    {"z_dim": 2, "decoder_hidden": (20, 21), "activation": "gelu", "encoder_sees_digit": True},
]


def engine(config: ModelConfig) -> DigitEngine:
    rng = np.random.default_rng(0)
    weights = {
        name: (rng.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32)
        for name, shape in weight_shapes(config).items()
    }
    return DigitEngine(Checkpoint(config, TrainConfig(), weights))


@pytest.mark.parametrize("kernel", [True, False], ids=["webassembly", "javascript"])
@pytest.mark.parametrize("changes", MODELS, ids=lambda changes: str(changes["activation"]))
def test_every_model_decodes_as_the_engine_does(
    browser: "Browser", changes: dict[str, Any], kernel: bool
) -> None:
    model = engine(ModelConfig(**changes))
    code = base64.b64encode((BOARD / "affine.wasm").read_bytes()).decode() if kernel else ""
    script = "\n".join((BOARD / name).read_text() for name in ("constants.js", "decoder.js"))
    # 25 rows: three batches, the last one not full; the same style twice, and mixtures.
    styles = np.random.default_rng(1).standard_normal((25, model.z_dim)).astype(np.float32)
    styles[4] = styles[3]
    mixtures = [[row % 10, (row + 3) % 10, (row % 4) / 4] for row in range(25)]
    page = browser.new_page()
    decoded, compiled = page.evaluate(
        """([script, code, packed, styles, mixtures]) => {
          const Decoder = new Function("KERNEL", `${script}; return Decoder`)(code);
          // What the socket delivers is a view that begins anywhere.
          const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
          const shifted = new Uint8Array(bytes.length + 3).subarray(3);
          shifted.set(bytes);
          const decoder = new Decoder(shifted);
          const images = decoder.decode(styles.map((style, row) => [style, ...mixtures[row]]));
          return [Array.from(images), decoder.affine.name !== "affine"];
        }""",
        [script, code, base64.b64encode(pack(model)[1]).decode(), styles.tolist(), mixtures],
    )
    page.close()
    assert compiled == kernel
    weights = np.zeros((25, 10), np.float32)
    for row, (digit, other, share) in enumerate(mixtures):
        weights[row, digit] += 1 - share
        weights[row, other] += share
    expected = model.decode(styles, weights)
    assert np.abs(np.reshape(decoded, expected.shape) - expected).max() <= 1e-5
