"""Whether a model copies: what it writes beside the nearest digits that it learned from. The
checkpoint's JSON may be anybody's: what cannot be is left out."""

import base64
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from ui.shared import ink
from ui.shared.measures import shown
from ui.shared.parts import figure, group, joined, output, paragraph
from ui.shared.stored import array, metric, samples
from ui.shared.words import plain, with_article
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
from vae_model.model.config import DIGITS, IMAGE_SIZE
from vae_model.model.numbers import number

FARTHEST_STYLE = 10.0
"""Standard deviations of the prior; no style that was drawn from it is further out."""
SCALE = 4
KINDS = {"generated": "what it writes", "unseen": "unseen digits", "rewritten": "unseen, rewritten"}
"""Images whose distances to the nearest training digit were measured."""
PAIRS_EXPLAINED = (
    "Above, the first digit of each kind that it wrote in random styles; below, the nearest of all "
    "the digits that it learned from. The number is how far apart they are: its square is how many "
    "pixels would have to turn from paper to ink. A copy has 0."
)
DISTANCES_EXPLAINED = (
    "Distances to the nearest digit that it learned from: the tick is the median, the bar holds "
    "half of the digits, the line 98 %. What a model writes is smoother than the stroke of a pen, "
    "and so nearer to every digit; unseen digits that it has rewritten are as smooth, and so the "
    "fair comparison. Copies would all lie at 0."
)


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
        with suppress(TypeError, ValueError, KeyError):
            pair = _pair(value, engine.z_dim)
            found.setdefault(pair.digit, pair)
    return [found[digit] for digit in sorted(found)]


def pictures(engine: DigitEngine, name: str) -> Markup:
    """The pairs of the model of that name, the written digit above, as the engine decodes it now;
    empty where there are none."""
    listed = pairs(engine)
    if not listed:
        return Markup()
    styles = np.stack([pair.style for pair in listed])
    written = engine.decode(styles, one_hot([pair.digit for pair in listed]))
    figures = (_figure(pair, image, name) for pair, image in zip(listed, written, strict=True))
    return group("copies", *figures)


def evidence(most: float, name: str, engine: DigitEngine) -> Markup:
    """Pairs, distances up to `most` and the verdict; empty where nothing was measured."""
    found = pictures(engine, name) + distances(engine, most)
    return found and found + paragraph("said", verdict(engine))


def reach(engines: Mapping[str, DigitEngine]) -> float:
    """The largest distance that is to be shown of any of these models."""
    return max(
        (row[-1] for engine in engines.values() for row in quantiles(engine).values()), default=1.0
    )


def distances(engine: DigitEngine, most: float) -> Markup:
    """How far images of each kind are from the nearest training digit, on a scale from 0 to `most`;
    empty where it was not measured."""
    rows = joined(_track(KINDS[kind], row, most) for kind, row in quantiles(engine).items())
    return rows and rows + Markup(
        '<div class="apart"><span></span><div class="ends"><small>0, a copy</small>'
        "<small>{}</small></div></div>"
    ).format(shown(most, "number"))


def quantiles(engine: DigitEngine) -> dict[str, list[float]]:
    """Five rising distances for each kind of images that was measured."""
    told = engine.checkpoint.metrics.get("nearest_quantiles")
    found = {}
    for kind in KINDS:
        row = array(told.get(kind), 5) if isinstance(told, dict) else None
        if row is not None and (np.diff(row, prepend=0) >= 0).all():
            found[kind] = row.tolist()
    return found


def verdict(engine: DigitEngine) -> str:
    """How often the nearest of all real digits is a training digit, beside chance, in a sentence;
    empty where it was not measured."""
    share = metric(engine, "nearest_is_training")
    chance = metric(engine, "nearest_is_training_chance")
    if share is None or chance is None:
        return ""
    count = samples(engine, "nearest_is_training")
    return (
        "The nearest of all digits, seen and unseen, is one it learned from for "
        f"{100 * share:.1f} % of {'what' if count is None else f'{count:,} that'} it writes. "
        f"Chance: {100 * chance:.1f} %; copies: 100 %."
    )


def _figure(pair: Pair, written: Floats, name: str) -> Markup:
    label = with_article(pair.label)
    above = f"{with_article(pair.digit).capitalize()} that {name} wrote"
    below = f"Of the training digits the nearest to the {pair.digit} by {name}: {label}"
    return figure(
        ink.picture(written, above, scale=SCALE) + ink.picture(pair.image, below, scale=SCALE),
        plain(pair.distance, 1) + ("" if pair.label == pair.digit else f", {label}"),
    )


def _track(name: str, row: list[float], most: float) -> Markup:
    """Quantiles as a line with a bar for the middle half and a tick at the median."""
    low, quarter, median, three_quarters, high = (
        100 * min(value / max(most, 1e-9), 1) for value in row
    )
    return Markup(
        '<div class="apart"><span>{}</span><div class="track">'
        '<i class="whole" style="left:{:.1f}%;width:{:.1f}%"></i>'
        '<i class="range" style="left:{:.1f}%;width:{:.1f}%"></i>'
        '<i class="mean" style="left:{:.1f}%"></i></div>{}</div>'
    ).format(
        *(name, low, high - low, quarter, three_quarters - quarter, median),
        output(shown(row[2], "number")),
    )


def _pair(value: Any, z_dim: int) -> Pair:
    """Out of JSON. Raises TypeError, ValueError or KeyError where it is no pair."""
    digit, label, distance = value["digit"], value["label"], number(value["distance"])
    style = array(value["style"], z_dim)
    levels = np.frombuffer(base64.b64decode(value["image"], validate=True), np.uint8)
    image = levels.reshape(IMAGE_SIZE, IMAGE_SIZE).astype(np.float32) / np.float32(255)
    are_digits = all(type(each) is int and 0 <= each < DIGITS for each in (digit, label))
    if not are_digits or style is None or np.abs(style).max() > FARTHEST_STYLE:
        raise ValueError
    if distance is None or distance < 0:
        raise ValueError
    return Pair(digit, style.astype(np.float32), label, image, distance)
