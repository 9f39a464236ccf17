"""The Draw page's pictures and words: numpy in, HTML out."""

import html
from collections.abc import Sequence

import numpy as np

from ui.draw import verdict
from ui.shared import ink
from ui.shared.board import STYLE_LIMIT
from ui.shared.dims import StyleDim
from ui.shared.drawing import Photo
from vae_model.engine.digit_engine import Floats, Reading
from vae_model.engine.writer_style import Style

TEN = "All ten digits in your hand"
LEAST_SHOWN = 0.06
"""A difference of pixels below this is not to be seen."""


def headline(reading: Reading) -> str:
    """The digit that was read, and how sure that is."""
    strange = reading.is_familiar is False
    sentence = html.escape(verdict.unlike(reading) if strange else verdict.how_sure(reading))
    return (
        f'<div class="headline {"strange" if strange else ""}" role="status">'
        f"<b>{reading.digit}</b><span>{sentence}</span></div>"
    )


def ghosts(images: Floats) -> str:
    """Ten digits (10, 28, 28) where the visitor's own will stand."""
    return f'<div class="ghosts" aria-hidden="true">{ink.row(images, -1, "A {}")}</div>'


def hand_label(count: int) -> str:
    """What the ten digits are, and how many of the visitor's own stand behind them."""
    label = TEN if count < 2 else f"{TEN}, from {count} digits"
    return f'<p class="quiet">{label}</p>'


def comparison(image: Floats, reading: Reading) -> str:
    """What the network sees, what it makes of it, and where the two differ."""
    made = reading.reconstruction
    parts = [
        _figure(_pixels(image, "Your digit in 28 by 28 pixels"), "What it sees"),
        _figure(_pixels(made, "The model's redrawing of it"), "Its redrawing"),
        _figure(
            '<div class="stack">'
            + _pixels(_over(made - image), "Ink that only the redrawing has", "added")
            + _pixels(_over(image - made), "Ink that only your digit has", "missed")
            + "</div>",
            '<span><i class="added"></i> added</span> <span><i class="missed"></i> left out</span>',
        ),
    ]
    return f'<div class="trio">{"".join(parts)}</div>'


def samples(images: Floats, what: str) -> str:
    """Several (28, 28) images of the same digit: one after another in one place, and in a grid."""
    urls = ink.urls(images, scale=4)
    names = "".join(f"--sample-{place}:url({url});" for place, url in enumerate(urls))
    breath, grid = [], []
    for place in range(len(images)):
        mask = f"--ink:var(--sample-{place});--place:{place}"
        alt = html.escape(f"Sample {place + 1}: {what}", quote=True)
        breath.append(f'<div class="digit" style="{mask}"></div>')
        grid.append(f'<div class="digit" style="{mask}" role="img" aria-label="{alt}"></div>')
    return (
        f'<div class="samples" style="{names}--count:{len(images)}">'
        f'<div class="stack breath" aria-hidden="true">{"".join(breath)}</div>'
        f'<div class="grid">{"".join(grid)}</div></div>'
    )


def style_rows(dims: Sequence[StyleDim], style: Style) -> str:
    """Each style dim as its range, mean ± std, on a line from −3 to 3."""
    return f'<div class="dims">{"".join(_style_row(dim, style) for dim in dims)}</div>'


def steps(photo: Photo) -> str:
    """What was done to a picture, from left to right."""
    parts = []
    for step in photo.steps:
        css = "shot ink" if step.is_ink else "shot"
        css += " tiny" if step.is_tiny else ""
        view = (
            f'<div class="{css}" role="img" aria-label="{step.name}" '
            f"style=\"--shot:url('{step.url}')\"></div>"
        )
        parts.append(_figure(view, f"<b>{step.name}</b> {step.note}"))
    return f'<div class="steps">{"".join(parts)}</div>'


def preview(photo: Photo) -> str:
    """The picture as it came."""
    return f'<img class="preview" src="{photo.preview}" alt="Your picture">'


def kept_digit(image: Floats, digit: int) -> str:
    """A digit that the visitor added to their hand."""
    return f'<div class="kept">{ink.picture(image, f"The {digit} that you kept", scale=4)}</div>'


def _style_row(dim: StyleDim, style: Style) -> str:
    mean, std = float(style.mean[dim.dim]), float(style.std[dim.dim])
    low, high = (_along(mean - std), _along(mean + std))
    # Without a minus sign before a rounded 0.
    value = f"{round(mean, 2) + 0.0:+.2f} ± {std:.2f}".replace("-", "−")
    name, ends = html.escape(dim.name), [html.escape(end) for end in (dim.low, dim.high)]
    return (
        f'<div class="dim" title="{html.escape(dim.note, quote=True)}"><span>{name}</span>'
        f'<small>{ends[0]}</small><div class="track" aria-hidden="true">'
        f'<i class="range" style="left:{low:.1f}%;right:{100 - high:.1f}%"></i>'
        f'<i class="mean" style="left:{_along(mean):.1f}%"></i></div>'
        f"<small>{ends[1]}</small><output>{value}</output></div>"
    )


def _along(value: float) -> float:
    """Percent of the way from −3 to 3."""
    return 100 * min(max((value + STYLE_LIMIT) / (2 * STYLE_LIMIT), 0), 1)


def _over(difference: Floats) -> Floats:
    """The positive part of a difference of images, without what cannot be seen."""
    return np.where(difference > LEAST_SHOWN, difference, np.float32(0))


def _pixels(image: Floats, alt: str, css: str = "") -> str:
    return ink.picture(image, alt, scale=8, look="pixels", css=css)


def _figure(view: str, caption: str) -> str:
    return f'<figure><div class="frame">{view}</div><figcaption>{caption}</figcaption></figure>'
