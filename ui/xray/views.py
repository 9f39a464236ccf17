"""What each style dim holds: its price, its pictures, its effects. Numpy in, HTML out."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from markupsafe import Markup

from ui.shared import dims, heat, ink
from ui.shared.dims import ASLEEP_KL, Price, StyleDim, traits_of
from ui.shared.latents import latents_of
from ui.shared.parts import bar, group, joined, output
from ui.shared.tables import table
from ui.shared.words import plain, signed
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
from vae_model.engine.style_names import FEATURES, Trait

BITS = 1 / np.log(2)
"""In a nat."""
STEPS = np.linspace(-3, 3, 9, dtype=np.float32)
SIZES = ((0.7, "strong"), (0.4, "clear"), (0.2, "some"))
"""Least correlation, and the word for it: the square of it is the share of the feature's variation
that goes with the dim, so a half, a sixth and a twenty-fifth."""


def price(engine: DigitEngine) -> Price:
    """From the model's own evaluation where it has one, else by the bundled test digits."""
    if evaluated := dims.evaluated_price(engine):
        return evaluated
    kl = latents_of(engine).kl_per_dim
    return Price(tuple(kl.mean(axis=0).tolist()), len(kl))


def rows(engine: DigitEngine, dims: Sequence[StyleDim], price: Price, digit: int) -> Markup:
    """A row for each dim: name, strip, price and effects."""
    return joined(_row(engine, each, price, digit) for each in dims)


def strip(engine: DigitEngine, dim: int, digit: int, steps: Floats = STEPS) -> Floats:
    """The digit while one style dim goes through steps (n,) and all others rest: (n, 28, 28)."""
    styles = np.zeros((len(steps), engine.z_dim), np.float32)
    styles[:, dim] = steps
    return engine.decode(styles, one_hot([digit] * len(steps)))


def effects(trait: Trait) -> list[tuple[str, list[tuple[str, float]]]]:
    """The features that a dim moves with their correlations, the strongest first, under the word
    for how strongly. Those below the least size are left out."""
    left = sorted(
        zip(FEATURES, trait.correlations, strict=True), key=lambda effect: -abs(effect[1])
    )
    found = []
    for least, word in SIZES:
        group = [effect for effect in left if abs(effect[1]) >= least]
        left = left[len(group) :]
        if group:
            found.append((word, group))
    return found


def matrix(engine: DigitEngine, dims: Sequence[StyleDim]) -> Markup:
    """Dims × features, each cell the correlation."""
    traits = traits_of(engine)
    lines = [
        [each.name, *((signed(r), heat.cell(r, 1.0)) for r in traits[each.dim].correlations)]
        for each in dims
    ]
    return group("wide", table("matrix", lines, ["", *FEATURES]))


def totals(prices: Mapping[str, Price], chosen: str, called: Callable[[str], str]) -> Markup:
    """The total of each model, as people call it, the chosen one lit."""
    most = max(*(price.total for price in prices.values()), 1e-9)
    lines = (
        Markup(
            '<div class="total {}"><span>{}</span>{}{}'
            "<small>{} bits, {} of {} dims awake, on {:,} test images</small></div>"
        ).format(
            "chosen" if name == chosen else "",
            called(name),
            bar(price.total / most),
            output(f"{plain(price.total, 1)} nats"),
            plain(price.total * BITS, 1),
            price.awake,
            len(price.per_dim),
            price.images,
        )
        for name, price in prices.items()
    )
    return group("totals", *lines)


def _row(engine: DigitEngine, each: StyleDim, price: Price, digit: int) -> Markup:
    nats = price.per_dim[each.dim]
    asleep = nats < ASLEEP_KL
    steps = STEPS[[0, len(STEPS) // 2, -1]] if asleep else STEPS
    images = strip(engine, each.dim, digit, steps)
    cells = joined(
        ink.picture(image, f"{digit} with {each.name} at {plain(float(step))}", scale=3)
        for image, step in zip(images, steps, strict=True)
    )
    # One word for all effects of a size: "strong: slant +0.98".
    said = Markup("; ").join(
        Markup("<b>{}</b> {}").format(word, ", ".join(f"{name} {signed(r)}" for name, r in group))
        for word, group in effects(traits_of(engine)[each.dim])
    )
    return Markup(
        '<div class="dim-row"><div class="who"><b>{}</b><small>dim {}</small></div>'
        '<div class="strip"><div class="steps" style="--count:{}">{}</div>'
        '<div class="ends"><small>{}</small><small>{}</small></div></div>'
        '<div class="price">{}{}</div><p class="said">{}</p></div>'
    ).format(
        each.name,
        each.dim + 1,
        len(steps),
        cells,
        each.low or "−3",
        each.high if each.low else "3",
        output(f"{plain(nats, 4 if asleep else 2)} nats"),
        bar(nats / max(*price.per_dim, 1e-9)),
        said or "nothing that was measured moves with it",
    )
