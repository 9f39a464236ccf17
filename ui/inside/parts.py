"""Small parts of what the stops of Inside show."""

from collections.abc import Iterable, Sequence

import numpy as np
from markupsafe import Markup

from ui.inside.walk import Walk
from ui.shared import heat, ink
from ui.shared.parts import figure, framed, group, joined, output, paragraph, pixels, track
from ui.shared.words import counted, plain
from vae_model.engine.digit_engine import Floats
from vae_model.engine.forward import Nats

FAINT = 0.06
"""A difference of two pixels below this is not to be seen."""
Symbol = tuple[str, str, str]
"""How it is written, what it is, and its value now."""


def sub(symbol: str, index: object) -> Markup:
    return Markup("{}<sub>{}</sub>").format(symbol, index)


def hidden(layers: Iterable[Floats]) -> Markup:
    """Hidden layers (1, width) each, a cell for each unit."""
    parts = []
    for number, layer in enumerate(layers, start=1):
        low, high = plain(float(layer.min())), plain(float(layer.max()))
        said = f"hidden layer {number}: {counted(layer.size, 'unit')}, {low} to {high}"
        parts.append(paragraph("label", said) + heat.strip(layer[0], said.capitalize()))
    return group("hidden", *parts)


def dims(now: Walk, head: Sequence[str], *columns: Sequence[str], drawn: bool = False) -> Markup:
    """The dims that are awake: each one's range μ ± σ on a line from −3 to 3, with μ or the style
    that was drawn, and its text in each column (z_dim,)."""
    rows = joined(
        Markup('<div class="row" title="{}"><span>{}</span>{}{}</div>').format(
            each.note,
            each.name,
            track(now.mean[each.dim], now.std[each.dim], now.style[each.dim] if drawn else None),
            joined(output(column[each.dim]) for column in columns),
        )
        for each in now.awake
    )
    return Markup(
        '<div class="rows {}"><div class="row head"><span></span><div class="ends"><span>−3</span>'
        "<span>0</span><span>3</span></div>{}</div>{}</div>{}"
    ).format(
        "two" if len(columns) > 1 else "",
        joined(map(output, head)),
        rows,
        _asleep(now),
    )


def _asleep(now: Walk) -> Markup:
    if not now.asleep:
        return Markup()
    asleep = [each.dim for each in now.asleep]
    furthest, widths = float(np.abs(now.mean[asleep]).max()), now.std[asleep]
    if len(asleep) > 1:
        count = f"{len(asleep)} more dims sleep" if now.awake else f"All {len(asleep)} dims sleep"
    else:
        count = "One more dim sleeps" if now.awake else "Its only dim sleeps"
    nothing = "they say nothing" if len(asleep) > 1 else "it says nothing"
    said = f"μ within ±{furthest:.2f} and σ from {widths.min():.2f} to {widths.max():.2f}"
    return paragraph("quiet", f"{count}: {said}, so {nothing}.")


def cells(css: str, names: Iterable[str], values: Floats, most: float) -> Markup:
    """Numbers side by side, as heat."""
    cell = Markup('<div style="{}"><small>{}</small><b>{}</b></div>')
    pairs = zip(names, values.tolist(), strict=True)
    parts = (cell.format(heat.cell(value, most), name, plain(value)) for name, value in pairs)
    return group(css, *parts)


def priced(images: Floats, nats: Nats, names: Sequence[str]) -> Markup:
    """Images (n, 28, 28) with what each costs; the cheapest stands out."""
    parts = (
        figure(
            ink.picture(image, f"Decoded for {name}: {plain(cost, 1)} nats", scale=4),
            Markup("{}<b>{}</b>").format(name, plain(cost, 1)),
            "least" if cost == nats.min() else "",
        )
        for image, cost, name in zip(images, nats.tolist(), names, strict=True)
    )
    return group("priced", *parts)


def compared(image: Floats, made: Floats) -> Markup:
    """An image (28, 28), what the model made of it, and where the two differ."""
    off = np.where(np.abs(made - image) > FAINT, made - image, np.float32(0))
    too_much = pixels(np.maximum(off, 0), "Difference: too much", "plus")
    too_little = pixels(np.maximum(-off, 0), "Difference: too little", "minus")
    key = '<span><i class="plus"></i> too much</span> <span><i class="minus"></i> too little</span>'
    return group(
        "trio",
        framed(pixels(image, "The image given"), "x, given"),
        framed(pixels(made, "The image that came out"), "x̂, written"),
        framed(group("stack", too_much, too_little), Markup(key)),
    )


def network(now: Walk, name: str) -> tuple[Symbol, Symbol]:
    """How large a network is."""
    checkpoint = now.engine.checkpoint
    arrays = checkpoint.weights.items()
    count = sum(array.size for key, array in arrays if key.startswith(f"{name}."))
    *others, last = getattr(checkpoint.model, f"{name}_hidden")
    widths = " and ".join([*(f"{each:,}" for each in others), counted(last, "unit")])
    return (
        ("W, b", "weights and offsets, fixed after training", f"{count:,} numbers"),
        ("h", "the hidden layers, each on the one before", widths),
    )


def power(value: float) -> str:
    """A small number in LaTeX."""
    if not value:
        return "0"
    mantissa, exponent = f"{value:e}".split("e")
    lead = "" if float(mantissa) == 1 else rf"{float(mantissa):g}\cdot "
    return f"{lead}10^{{{int(exponent)}}}"
