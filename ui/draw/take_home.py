"""What a visitor takes home from the Draw page: their ten digits as PNG, a reading as JSON."""

import io
import json

import numpy as np
from PIL import Image

from ui.draw.hand import Hand
from ui.shared import ink
from ui.shared.dims import style_dims
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
    content = {
        "model": engine.name,
        "source": source,
        "digit": reading.digit,
        "digit_probs": _rounded(reading.digit_probs),
        "is_familiar": reading.is_familiar,
        "ood_score": round(reading.ood_score, 6),
        "style": _style(engine, reading.style_mean, reading.style_std),
        "hand": {
            "digits": list(hand.digits),
            "style": _style(engine, hand.style.mean, hand.style.std),
        },
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _style(engine: DigitEngine, mean: Floats, std: Floats) -> list[dict[str, object]]:
    awake, asleep = style_dims(engine)
    means, stds = _rounded(mean), _rounded(std)
    return [
        {"dim": each.dim + 1, "name": each.name, "mean": means[each.dim], "std": stds[each.dim]}
        for each in [*awake, *asleep]
    ]


def _rounded(values: Floats) -> list[float]:
    return [round(value, 6) for value in values.tolist()]
