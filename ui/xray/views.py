"""What each style dim holds: its price, its pictures, its effects. Numpy in, HTML out."""

import html
from collections.abc import Mapping, Sequence

import numpy as np

from ui.shared import heat, ink
from ui.shared.dims import ASLEEP_KL, StyleDim
from ui.shared.latents import Latents
from ui.shared.metrics import BITS, Price
from ui.shared.words import plain, signed
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
from vae_model.engine.style_names import FEATURES, Trait

STEPS = np.linspace(-3, 3, 9, dtype=np.float32)
SIZES = ((0.7, "strong"), (0.4, "clear"), (0.2, "some"))
"""Least correlation, and the word for it: the square of it is the share of the feature's variation
that goes with the dim, so a half, a sixth and a twenty-fifth."""


def measured(latents: Latents, name: str) -> Price:
    """By the bundled test digits."""
    per_dim = latents.kl_per_dim.mean(axis=0)
    return Price(name, tuple(float(nats) for nats in per_dim), len(latents.mean))


def strip(engine: DigitEngine, dim: int, digit: int, steps: Floats = STEPS) -> Floats:
    """The digit while one style dim goes through steps (n,) and all others rest: (n, 28, 28)."""
    styles = np.zeros((len(steps), engine.z_dim), np.float32)
    styles[:, dim] = steps
    return engine.decode(styles, one_hot([digit] * len(steps)))


def rows(
    engine: DigitEngine, dims: Sequence[StyleDim], traits: Sequence[Trait], price: Price, digit: int
) -> str:
    """One row for each dim: name, strip, price and effects."""
    most = max(price.per_dim, default=0.0)
    return "".join(_row(engine, each, traits[each.dim], price, most, digit) for each in dims)


def effects(trait: Trait) -> list[tuple[str, str, float]]:
    """The features that a dim moves, the strongest first: its name, how strongly in words, and the
    correlation. Those below the least size are left out."""
    found = []
    for feature, value in zip(FEATURES, trait.correlations, strict=True):
        word = next((word for least, word in SIZES if abs(value) >= least), None)
        if word:
            found.append((feature, word, value))
    return sorted(found, key=lambda effect: -abs(effect[2]))


def matrix(dims: Sequence[StyleDim], traits: Sequence[Trait]) -> str:
    """Dims × features, each cell the correlation."""
    head = "".join(f'<th scope="col"><span>{name}</span></th>' for name in FEATURES)
    body = "".join(
        f'<tr><th scope="row">{html.escape(each.name)}</th>'
        + "".join(
            f'<td style="{heat.cell(value, 1.0)}">{signed(value)}</td>'
            for value in traits[each.dim].correlations
        )
        + "</tr>"
        for each in dims
    )
    return (
        '<div class="wide"><table class="matrix"><thead><tr><td></td>'
        f"{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def totals(prices: Mapping[str, Price], chosen: str) -> str:
    """The total of each model, the chosen one lit."""
    most = max((price.total for price in prices.values()), default=0.0)
    lines = "".join(
        f'<div class="total {"chosen" if name == chosen else ""}">'
        f"<span>{html.escape(price.name)}</span>"
        f'<div class="bar"><i style="width:{100 * price.total / max(most, 1e-9):.1f}%"></i></div>'
        f"<output>{plain(price.total, 1)} nats</output>"
        f"<small>{plain(price.total * BITS, 1)} bits, {price.awake} of {len(price.per_dim)} dims "
        f"awake</small></div>"
        for name, price in prices.items()
    )
    return f'<div class="totals">{lines}</div>'


def _row(
    engine: DigitEngine, each: StyleDim, trait: Trait, price: Price, most: float, digit: int
) -> str:
    nats = price.per_dim[each.dim]
    asleep = nats < ASLEEP_KL
    steps = STEPS[[0, len(STEPS) // 2, -1]] if asleep else STEPS
    images = strip(engine, each.dim, digit, steps)
    cells = "".join(
        ink.picture(image, f"{digit} with {each.name} at {plain(float(step))}", scale=3)
        for image, step in zip(images, steps, strict=True)
    )
    found = effects(trait)
    # One word for all effects of a size: "strong: slant +0.98".
    said = "; ".join(
        f"<b>{word}</b> "
        + ", ".join(f"{name} {signed(value)}" for name, size, value in found if size == word)
        for _, word in SIZES
        if any(size == word for _, size, _ in found)
    )
    if not said:
        said = "nothing that was measured moves with it"
    ends = f"<small>{html.escape(each.low)}</small><small>{html.escape(each.high)}</small>"
    return (
        f'<div class="dim-row"><div class="who"><b>'
        f"{html.escape(each.name)}</b><small>dim {each.dim + 1}</small></div>"
        f'<div class="strip"><div class="steps" style="--count:{len(steps)}">{cells}</div>'
        f'<div class="ends">{ends if each.low else "<small>−3</small><small>3</small>"}</div></div>'
        f'<div class="price"><output>{plain(nats, 4 if asleep else 2)} nats</output>'
        f'<div class="bar">'
        f'<i style="width:{100 * nats / max(most, 1e-9):.1f}%"></i></div></div>'
        f'<p class="said">{said}</p></div>'
    )
