"""How the outcome of an experiment looks: lines of ten digits, figures, bars."""

from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from ui.experiments.trials import Conditioned, Costs
from ui.shared import heat, ink
from ui.shared.parts import group, joined, paragraph
from ui.shared.tables import table
from ui.shared.words import plain
from vae_model.engine.digit_engine import Floats
from vae_model.model.config import DIGITS

Rows = Sequence[tuple[str, Floats]]
"""What they are, and ten digits (10, 28, 28)."""


def lines(rows: Rows, title: str = "") -> Markup:
    """Ten digits in a line after what they are."""
    body = [_line(name, _ten(images, f"{title} {name}, number {{}}".strip()))
            for name, images in rows]  # fmt: skip
    return (paragraph("label", title) if title else Markup()) + group("trial-lines", *body)


def one_as_ten(image: Floats, written: Floats, asked: int, name: str) -> Markup:
    """What gave the style (28, 28), then all that was written in it (10, 28, 28), the digit asked
    for in the accent colour."""
    given = group("digit-row", ink.picture(image, name, scale=4))
    ten = _ten(written, f"{name} written as {{}}", asked)
    return group("trial-lines", _line("style from", given), _line("as 0 to 9", ten))


def hands(rows: Rows, by_name: Mapping[str, Costs]) -> Markup:
    """One digit in ten styles for each model, and a bar for each of its style dims, the dearest
    first."""
    most = max(nats for each in by_name.values() for nats in each.style.per_dim)
    parts = [
        _line(name, _ten(images, f"{name}, random style {{}}")) + _dims(by_name[name], most)
        for name, images in rows
    ]
    return group("trial-lines beside", *parts)


def costs(by_name: Mapping[str, Costs]) -> Markup:
    """Models below each other: what pixels and style cost, and how legible new digits are."""
    rows = {
        name: (each.recon, each.style.total, each.recon + each.style.total, each.legible)
        for name, each in by_name.items()
    }
    return _nats_and_shares(("pixels", "style (KL)", "together"), ("new digits legible",), rows)


def conditioned(by_name: Mapping[str, Conditioned]) -> Markup:
    """Models below each other: what copies cost with the one and the other digit dims."""
    rows = {
        name: (each.soft, each.hard, each.sureness, each.accuracy) for name, each in by_name.items()
    }
    nats = ("with the probabilities", "with the digit")
    return _nats_and_shares(nats, ("highest probability", "read rightly"), rows)


def _nats_and_shares(
    nats: Sequence[str], shares: Sequence[str], rows: Mapping[str, Sequence[float]]
) -> Markup:
    """A table of models whose columns are some figures in nats, then some shares, 0-1."""
    cells = [
        [name]
        + [plain(value, 1) for value in values[: len(nats)]]
        + [f"{100 * value:.1f} %" for value in values[len(nats) :]]
        for name, values in rows.items()
    ]
    return group("wide", table("trial-table", cells, ["", *nats, *shares]))


def strongest(counts: NDArray[np.int64]) -> Markup:
    """A row for each digit, a column for each digit dim: how often it was the strongest."""
    rows = [
        [digit, *((count or "", heat.cell(count, sum(row))) for count in row)]
        for digit, row in enumerate(counts.tolist())
    ]
    return table("confusion", rows, ["", *range(DIGITS)])


def _ten(images: Floats, alt: str, chosen: int | None = None) -> Markup:
    """Digits side by side, the chosen one in the accent colour; `alt` has braces for its number."""
    cells = (
        ink.picture(each, alt.format(digit), scale=4, css="chosen" if digit == chosen else "")
        for digit, each in enumerate(images)
    )
    return group("digit-row", *cells)


def _line(name: str, digits: Markup) -> Markup:
    return Markup("<span>{}</span>{}").format(name, digits)


def _dims(costs: Costs, most: float) -> Markup:
    """`most` nats fill a bar."""
    bars = [
        Markup('<i style="height:{:.1f}%"></i>').format(100 * max(nats / max(most, 1e-9), 0))
        for nats in sorted(costs.style.per_dim, reverse=True)
    ]
    return Markup(
        '<div class="dim-bars"><div class="bars" role="img" aria-label="KL of each dim">{}</div>'
        "<p><b>{} of {} awake</b><small>{} nats</small></p></div>"
    ).format(joined(bars), costs.style.awake, len(bars), plain(costs.style.total))
