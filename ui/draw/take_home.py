"""What a visitor takes home from the Draw page: their ten digits as PNG, a reading as JSON."""

import io
import json
from collections.abc import Sequence

import numpy as np
from PIL import Image

from ui.draw.hand import Hand
from ui.shared import ink
from ui.shared.dims import StyleDim, style_dims
from vae_model.engine.digit_engine import DigitEngine, Floats, Reading

SCALE = 8


def sheet(images: Floats) -> bytes:
    """Ten digits (10, 28, 28) in one row as a PNG: black ink on white paper."""
    cells = []
    for image in images:
        with Image.open(io.BytesIO(ink.mask(image, SCALE, "ink"))) as digit:
            cells.append(np.asarray(digit.convert("RGBA"))[..., 3])
    buffer = io.BytesIO()
    Image.fromarray(255 - np.concatenate(cells, axis=1)).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def as_json(engine: DigitEngine, reading: Reading, hand: Hand, source: str) -> str:
    """All that the page says of a reading, and of the hand it belongs to."""
    awake, asleep = style_dims(engine)
    dims = [*awake, *asleep]
    content = {
        "model": engine.name,
        "source": source,
        "digit": reading.digit,
        "digit_probs": [_rounded(share) for share in reading.digit_probs],
        "is_familiar": reading.is_familiar,
        "ood_score": _rounded(reading.ood_score),
        "style": _style(reading.style_mean, reading.style_std, dims),
        "hand": {
            "digits": list(hand.digits),
            "style": _style(hand.style.mean, hand.style.std, dims),
        },
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _style(mean: Floats, std: Floats, dims: Sequence[StyleDim]) -> list[dict[str, object]]:
    return [
        {"dim": i + 1, "name": name, "mean": _rounded(mean[i]), "std": _rounded(std[i])}
        for i, name in ((each.dim, each.name) for each in dims)
    ]


def _rounded(value: float | np.floating) -> float:
    return round(float(value), 6)
