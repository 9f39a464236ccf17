"""Whether a model copies: what it writes beside the nearest digits that it learned from.

All of it comes from the checkpoint's JSON, which may be anybody's: what cannot be is left out.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ui.models.measures import shown
from ui.shared import ink
from ui.shared.words import with_article
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
from vae_model.model.config import DIGITS, IMAGE_SIZE, PIXELS
from vae_model.model.numbers import number

FARTHEST_STYLE = 10.0
"""Standard deviations of the prior; no style that was drawn from it is further out."""
SCALE = 4
KINDS = (
    ("generated", "what it writes"),
    ("unseen", "unseen digits"),
    ("rewritten", "unseen, rewritten"),
)
"""Of images whose distances to the nearest training digit were measured."""


@dataclass(frozen=True)
class Pair:
    """A digit that the model writes, and the nearest of those it learned from."""

    digit: int
    style: Floats
    """(z_dim,)"""
    label: int
    """Of the training digit."""
    image: Floats
    """(28, 28) in [0, 1], the training digit."""
    distance: float


def pairs(engine: DigitEngine) -> list[Pair]:
    """As many as are stored and whole, at most one of each digit, by rising digit."""
    listed = engine.checkpoint.metrics.get("nearest_pairs")
    found: dict[int, Pair] = {}
    for value in listed[:DIGITS] if isinstance(listed, list) else ():
        pair = _pair(value, engine.z_dim)
        if pair:
            found.setdefault(pair.digit, pair)
    return [found[digit] for digit in sorted(found)]


def pictures(engine: DigitEngine, name: str) -> str:
    """The pairs of the model of that name as HTML, the written digit above, as the engine decodes
    it now; empty where there are none."""
    listed = pairs(engine)
    if not listed:
        return ""
    styles = np.stack([pair.style for pair in listed])
    written = engine.decode(styles, one_hot([pair.digit for pair in listed]))
    figures = "".join(
        _figure(pair, image, name) for pair, image in zip(listed, written, strict=True)
    )
    return f'<div class="copies">{figures}</div>'


def reach(engines: Mapping[str, DigitEngine]) -> float:
    """The largest distance that is to be shown of any of these models."""
    return max(
        (row[-1] for engine in engines.values() for row in _quantiles(engine).values()), default=1.0
    )


def distances(engine: DigitEngine, most: float) -> str:
    """How far images of each kind are from the nearest training digit, on a scale from 0 to `most`;
    empty where it was not measured."""
    rows = ""
    for kind, name in KINDS:
        if row := _quantiles(engine).get(kind):
            low, quarter, median, three_quarters, high = (
                100 * min(value / max(most, 1e-9), 1) for value in row
            )
            rows += (
                f'<div class="apart"><span>{name}</span><div class="track">'
                f'<i class="whole" style="left:{low:.1f}%;width:{high - low:.1f}%"></i>'
                f'<i class="range" style="left:{quarter:.1f}%;'
                f'width:{three_quarters - quarter:.1f}%"></i>'
                f'<i class="mean" style="left:{median:.1f}%"></i></div>'
                f"<output>{shown(row[2], 'number')}</output></div>"
            )
    if not rows:
        return ""
    ends = f"<small>0, a copy</small><small>{shown(most, 'number')}</small>"
    return f'{rows}<div class="apart"><span></span><div class="ends">{ends}</div></div>'


def verdict(engine: DigitEngine) -> str:
    """How often the nearest of all real digits is a training digit, beside chance, in a sentence;
    empty where it was not measured."""
    metrics = engine.checkpoint.metrics
    share, chance = (
        number(metrics.get(key)) for key in ("nearest_is_training", "nearest_is_training_chance")
    )
    if share is None or chance is None:
        return ""
    samples = metrics.get("samples")
    count = number(samples.get("nearest_is_training")) if isinstance(samples, dict) else None
    return (
        "The nearest of all digits, seen and unseen, is one it learned from for "
        f"{100 * share:.1f} % of {'what' if count is None else f'{count:,.0f} that'} it writes. "
        f"Chance: {100 * chance:.1f} %; copies: 100 %."
    )


def _figure(pair: Pair, written: Floats, name: str) -> str:
    above = f"{with_article(pair.digit).capitalize()} that {name} wrote"
    below = f"Of the training digits the nearest to the {pair.digit} by {name}: " + with_article(
        pair.label
    )
    other = "" if pair.label == pair.digit else f", {with_article(pair.label)}"
    return (
        f"<figure>{ink.picture(written, above, scale=SCALE)}"
        f"{ink.picture(pair.image, below, scale=SCALE)}"
        f"<figcaption>{shown(pair.distance, 'number')}{other}</figcaption></figure>"
    )


def _pair(value: Any, z_dim: int) -> Pair | None:
    if not isinstance(value, dict):
        return None
    digit, label, packed = value.get("digit"), value.get("label"), value.get("image")
    distance, style = number(value.get("distance")), value.get("style")
    if type(digit) is not int or type(label) is not int:
        return None
    if not (0 <= digit < DIGITS and 0 <= label < DIGITS):
        return None
    if distance is None or distance < 0 or not isinstance(style, list) or len(style) != z_dim:
        return None
    numbers = [number(each) for each in style]
    if any(each is None or abs(each) > FARTHEST_STYLE for each in numbers):
        return None
    image = _unpacked(packed)
    if image is None:
        return None
    return Pair(digit, np.array(numbers, np.float32), label, image, distance)


def _unpacked(packed: object) -> Floats | None:
    """784 bytes in base64 as an image (28, 28) in [0, 1]."""
    if not isinstance(packed, str) or len(packed) > 2 * PIXELS:
        return None
    try:
        raw = base64.b64decode(packed, validate=True)
    except ValueError:
        return None
    if len(raw) != PIXELS:
        return None
    levels = np.frombuffer(raw, np.uint8).reshape(IMAGE_SIZE, IMAGE_SIZE)
    return levels.astype(np.float32) / np.float32(255)


def _quantiles(engine: DigitEngine) -> dict[str, list[float]]:
    """Five rising distances for each kind of images that was measured."""
    told = engine.checkpoint.metrics.get("nearest_quantiles")
    found = {}
    for kind, _ in KINDS:
        row = told.get(kind) if isinstance(told, dict) else None
        values = [number(value) for value in row] if isinstance(row, list) else []
        known = [value for value in values if value is not None and value >= 0]
        if len(values) == len(known) == 5 and known == sorted(known):
            found[kind] = known
    return found
