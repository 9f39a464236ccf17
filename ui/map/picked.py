"""What was picked on the map: one digit, or a group in its mean style."""

import html
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ui.shared import ink, mnist_sample
from ui.shared.dims import StyleDim
from ui.shared.latents import Latents
from ui.shared.words import plain, signed
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
from vae_model.model.config import DIGITS

MOST_SPREADS = 4
Rows = NDArray[np.int64]


def chosen_rows(selection: object) -> Rows:
    """Rows of the test digits that were picked on the map, in order and once each. What comes from
    a browser may be anything: whatever is no row is left out."""
    points = selection.get("points") if isinstance(selection, Mapping) else None
    rows: set[int] = set()
    for point in points if isinstance(points, list) else []:
        row = point.get("customdata") if isinstance(point, Mapping) else None
        if isinstance(row, list) and len(row) == 1:
            row = row[0]
        if type(row) is int and 0 <= row < len(mnist_sample.test_digits()[1]):
            rows.add(row)
    return np.array(sorted(rows), np.int64)


def one(engine: DigitEngine, latents: Latents, row: int) -> str:
    """A digit on the map: itself, as the model redraws it, and what it costs."""
    images, digits = mnist_sample.test_digits()
    image, digit, read = images[row], int(digits[row]), int(latents.read[row])
    made = engine.decode(latents.mean[row][None], one_hot([read]))[0]
    return (
        '<div class="pair">'
        + _figure(image, f"A handwritten {digit}", "the digit")
        + _figure(made, "The model's redrawing of it", "redrawn from its style")
        + f'</div><p class="said">A digit {digit}, read as {read}. It costs '
        f"{plain(float(latents.nats[row]), 1)} nats: "
        f"{plain(float(latents.kl_per_dim[row].sum()), 1)} for the style, the rest for the pixels."
        "</p>"
    )


def group(
    engine: DigitEngine, latents: Latents, rows: Rows, dims: Sequence[StyleDim]
) -> tuple[str, Floats, int]:
    """A group on the map: HTML, its mean style (z_dim,), and the digit that is most frequent."""
    _, digits = mnist_sample.test_digits()
    counts = np.bincount(digits[rows], minlength=DIGITS)
    commonest = int(counts.argmax())
    mean = latents.mean[rows].mean(axis=0)
    spread = latents.mean[rows].std(axis=0)
    everyone = latents.mean.std(axis=0)
    ten = engine.decode(np.repeat(mean[None], DIGITS, axis=0), one_hot(list(range(DIGITS))))
    cells = "".join(
        f"<figure>{ink.picture(image, f'A {digit} in the mean style of the group', scale=3)}"
        f"<figcaption>{counts[digit]}</figcaption></figure>"
        for digit, image in enumerate(ten)
    )
    alike = sorted(dims, key=lambda each: spread[each.dim] / max(everyone[each.dim], 1e-6))
    lines = "".join(
        f"<tr><th>{html.escape(each.name)}</th><td>{signed(float(mean[each.dim]))}</td>"
        f"<td>± {float(spread[each.dim]):.2f}</td><td>± {float(everyone[each.dim]):.2f}</td></tr>"
        for each in alike[:MOST_SPREADS]
    )
    text = (
        '<p class="label">All ten digits in its mean style, and how many of each it holds</p>'
        f'<div class="priced">{cells}</div>'
        '<table class="spreads"><thead><tr><td>most alike in</td><td>mean</td><td>spread</td>'
        f"<td>of all</td></tr></thead><tbody>{lines}</tbody></table>"
    )
    return text, mean, commonest


def _figure(image: Floats, alt: str, caption: str) -> str:
    return f"<figure>{ink.picture(image, alt, scale=6)}<figcaption>{caption}</figcaption></figure>"
