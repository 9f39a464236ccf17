"""What was picked on the map: one digit, or a group in its mean style."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from ui.shared import ink, mnist_sample
from ui.shared.dims import StyleDim
from ui.shared.latents import Latents
from ui.shared.parts import figure, paragraph
from ui.shared.parts import group as grouped
from ui.shared.tables import table
from ui.shared.words import plain, signed
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
from vae_model.model.config import DIGITS

MOST_SPREADS = 4
Rows = NDArray[np.int64]


def rows(found: Iterable[object]) -> Rows:
    """Rows of the test digits, in order and once each; what else a browser may say is left out."""
    count = len(mnist_sample.test_digits()[1])
    known = {row for row in found if type(row) is int and 0 <= row < count}
    return np.array(sorted(known), np.int64)


def looped_rows(event: Any) -> Rows:
    """Rows of the digits in a loop that was drawn on the map; none where this is no such event. A
    drawing has no row."""
    try:
        return rows(point.get("customdata") for point in event["selection"]["points"])
    except (TypeError, LookupError, AttributeError):
        return rows([])


def one(engine: DigitEngine, latents: Latents, row: int) -> Markup:
    """A digit on the map: itself, as the model redraws it, and what it costs."""
    images, digits = mnist_sample.test_digits()
    digit, read = digits[row], latents.read[row]
    made = engine.decode(latents.mean[[row]], one_hot([read]))[0]
    pair = grouped(
        "pair",
        figure(ink.picture(images[row], f"A handwritten {digit}", scale=6), "the digit"),
        figure(ink.picture(made, "The model's redrawing of it", scale=6), "redrawn from its style"),
    )
    return pair + paragraph("said", said(latents, row))


def said(latents: Latents, row: int) -> str:
    """What that digit is, and what it costs."""
    digit, read = mnist_sample.test_digits()[1][row], latents.read[row]
    nats, style = plain(latents.nats[row], 1), plain(latents.kl_per_dim[row].sum(), 1)
    costs = f"It costs {nats} nats: {style} for the style, the rest for the pixels."
    return f"A digit {digit}, read as {read}. {costs}"


def group(
    engine: DigitEngine, latents: Latents, rows: Rows, dims: Sequence[StyleDim]
) -> tuple[Markup, Floats, int]:
    """A group on the map: HTML, its mean style (z_dim,), and the digit that is most frequent."""
    counts = np.bincount(mnist_sample.test_digits()[1][rows], minlength=DIGITS)
    mean, spread = latents.mean[rows].mean(axis=0), latents.mean[rows].std(axis=0)
    everyone = latents.mean.std(axis=0)
    ten = engine.decode(np.repeat(mean[None], DIGITS, axis=0), one_hot([*range(DIGITS)]))
    cells = [
        figure(ink.picture(image, f"A {n} in the mean style of the group", scale=3), counts[n])
        for n, image in enumerate(ten)
    ]
    alike = sorted(dims, key=lambda each: spread[each.dim] / max(everyone[each.dim], 1e-6))
    lines = [
        (each.name, signed(mean[each.dim]), f"± {spread[each.dim]:.2f}",
         f"± {everyone[each.dim]:.2f}")
        for each in alike[:MOST_SPREADS]
    ]  # fmt: skip
    title = "All ten digits in its mean style, and how many of each it holds"
    text = (
        paragraph("label", title)
        + grouped("priced", *cells)
        + table("spreads", lines, ("most alike in", "mean", "spread", "of all"))
    )
    return text, mean, int(counts.argmax())
