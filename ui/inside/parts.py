"""Small parts of what the stops of Inside show."""

import html
from collections.abc import Sequence

import numpy as np

from ui.inside.walk import Walk
from ui.shared import heat, ink
from ui.shared.board import STYLE_LIMIT
from ui.shared.dims import StyleDim
from ui.shared.words import plain, share
from vae_model.engine.digit_engine import Floats

Symbol = tuple[str, str, str]
"""How it is written, what it is, and its value now."""


def symbols_table(symbols: Sequence[Symbol]) -> str:
    """Each symbol with what it is and its value now."""
    rows = "".join(
        f"<tr><th>{name}</th><td>{meaning}</td><td>{value}</td></tr>"
        for name, meaning, value in symbols
    )
    return f'<table class="symbols"><tbody>{rows}</tbody></table>'


def hidden(layers: tuple[Floats, ...]) -> str:
    parts = []
    for number, layer in enumerate(layers, start=1):
        row = layer[0]
        low, high = plain(float(row.min())), plain(float(row.max()))
        label = f"hidden layer {number}: {len(row)} units, {low} to {high}"
        parts.append(f'<p class="label">{label}</p>{heat.strip(row, label.capitalize())}')
    return f'<div class="hidden">{"".join(parts)}</div>'


def tempered(now: Walk) -> tuple[Symbol, ...]:
    """What the Draw page makes of the probabilities, where the model has a calibration."""
    calibration = now.engine.checkpoint.calibration
    if calibration is None:
        return ()
    scaled = now.seen.digit_logits[0].astype(np.float64) / calibration.temperature
    stated = float(np.exp(scaled[now.read] - np.logaddexp.reduce(scaled)))
    return (
        ("T", "by which the Draw page divides ℓ, lest it claim too much or too little",
         f"{calibration.temperature:.3f}"),
        (f"p<sub>{now.read}</sub>", "the probability that it then shows", share(stated)),
    )  # fmt: skip


def dim_row(each: StyleDim, now: Walk, value: str, marked: bool = False) -> str:
    mean, std = float(now.mean[each.dim]), float(now.std[each.dim])
    low, high = along(mean - std), along(mean + std)
    spot = float(now.style[each.dim]) if marked else mean
    return (
        f'<div class="row" title="{html.escape(each.note, quote=True)}">'
        f"<span>{html.escape(each.name)}</span>"
        f'<div class="track" aria-hidden="true"><i class="range" style="left:{low:.1f}%;'
        f'right:{100 - high:.1f}%"></i><i class="{"spot" if marked else "mean"}" '
        f'style="left:{along(spot):.1f}%"></i></div><output>{value}</output></div>'
    )


def scale_head(values: str) -> str:
    return (
        '<div class="row head"><span></span><div class="ends"><span>−3</span><span>0</span>'
        f"<span>3</span></div><output>{values}</output></div>"
    )


def asleep_line(now: Walk, asleep: Sequence[StyleDim]) -> str:
    if not asleep:
        return ""
    dims = [each.dim for each in asleep]
    furthest, widths = float(np.abs(now.mean[dims]).max()), now.std[dims]
    count = f"{len(dims)} more dims sleep" if len(dims) > 1 else "One more dim sleeps"
    return (
        f'<p class="quiet">{count}: μ within ±{furthest:.2f} and σ from '
        f"{float(widths.min()):.2f} to {float(widths.max()):.2f}, so they say nothing.</p>"
    )


def cell(name: str, value: np.floating, most: float) -> str:
    return (
        f'<div style="{heat.cell(float(value), most)}"><small>{name}</small>'
        f"<b>{plain(float(value))}</b></div>"
    )


def priced(images: Floats, nats: Sequence[float] | np.ndarray, names: list[str]) -> str:
    least = int(np.argmin(nats))
    cells = "".join(
        f'<figure class="{"least" if place == least else ""}">'
        + str(ink.picture(image, f"Decoded for {name}: {plain(float(price), 1)} nats", scale=4))
        + f"<figcaption>{name}<b>{plain(float(price), 1)}</b></figcaption></figure>"
        for place, (image, price, name) in enumerate(zip(images, nats, names, strict=True))
    )
    return f'<div class="priced">{cells}</div>'


def figure(view: str, caption: str) -> str:
    return f'<figure><div class="framed">{view}</div><figcaption>{caption}</figcaption></figure>'


def pixels(image: Floats, alt: str, css: str = "") -> str:
    return ink.picture(image, alt, scale=8, look="pixels", css=css)


def along(value: float) -> float:
    """Percent of the way from −3 to 3."""
    return 100 * min(max((value + STYLE_LIMIT) / (2 * STYLE_LIMIT), 0), 1)


def count(now: Walk, network: str) -> str:
    total = sum(
        array.size
        for name, array in now.engine.checkpoint.weights.items()
        if name.startswith(f"{network}.")
    )
    return f"{total:,} numbers"


def widths(widths: Sequence[int]) -> str:
    return " and ".join(str(width) for width in widths) + " units"


def nats(value: float) -> str:
    return "< 0.01" if 0 < value < 0.005 else plain(value)


def power(value: float) -> str:
    """A small number in LaTeX."""
    if not value:
        return "0"
    mantissa, exponent = f"{value:e}".split("e")
    lead = "" if float(mantissa) == 1 else rf"{float(mantissa):g}\cdot "
    return f"{lead}10^{{{int(exponent)}}}"
