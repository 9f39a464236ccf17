"""How the outcome of an experiment looks: lines of ten digits, figures, bars."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ui.experiments.trials import Conditioned, Costs
from ui.shared import heat, ink
from ui.shared.words import plain
from vae_model.engine.digit_engine import Floats
from vae_model.model.config import DIGITS


def lines(rows: Sequence[tuple[str, Floats]], title: str = "") -> str:
    """Ten digits (10, 28, 28) in a line after what they are."""
    body = "".join(
        f"<span>{label}</span>{ink.row(images, -1, f'{title} {label}, number {{}}'.strip())}"
        for label, images in rows
    )
    head = f'<p class="label">{title}</p>' if title else ""
    return f'{head}<div class="trial-lines">{body}</div>'


def one_as_ten(image: Floats, written: Floats, asked: int, name: str) -> str:
    """What gave the style (28, 28), then all that was written in it (10, 28, 28), the digit asked
    for in the accent colour."""
    return (
        f'<div class="trial-lines"><span>style from</span><div class="digit-row">'
        f"{ink.picture(image, name, scale=4)}</div>"
        f"<span>as 0 to 9</span>{ink.row(written, asked, f'{name} written as a {{}}')}</div>"
    )


def hands(rows: Sequence[tuple[str, Floats, str]]) -> str:
    """One digit in ten styles (10, 28, 28) for each model, and what else there is to see of it."""
    body = "".join(
        f"<span>{name}</span>{ink.row(images, -1, f'{name}, random style {{}}')}{beside}"
        for name, images, beside in rows
    )
    return f'<div class="trial-lines beside">{body}</div>'


def costs(by_name: Mapping[str, Costs]) -> str:
    """Models below each other: what pixels and style cost, and how legible new digits are."""
    head = ("", "pixels", "style (KL)", "together", "new digits legible")
    body = [
        (
            name,
            plain(each.recon, 1),
            plain(each.style.total, 1),
            plain(each.recon + each.style.total, 1),
            f"{100 * each.legible:.1f} %",
        )
        for name, each in by_name.items()
    ]
    return _table(head, body)


def conditioned(by_name: Mapping[str, Conditioned]) -> str:
    """Models below each other: what copies cost with the one and the other digit dims."""
    head = ("", "with the probabilities", "with the digit", "highest probability", "read rightly")
    body = [
        (
            name,
            plain(each.soft, 1),
            plain(each.hard, 1),
            f"{100 * each.sureness:.1f} %",
            f"{100 * each.accuracy:.1f} %",
        )
        for name, each in by_name.items()
    ]
    return _table(head, body)


def strongest(counts: NDArray[np.int64]) -> str:
    """A row for each digit, a column for each digit dim: how often it was the strongest."""
    head = "".join(f'<th scope="col">{dim}</th>' for dim in range(DIGITS))
    body = "".join(
        f'<tr><th scope="row">{digit}</th>'
        + "".join(
            f'<td style="{heat.cell(count, int(row.sum()))}">{count or ""}</td>'
            for count in row.tolist()
        )
        + "</tr>"
        for digit, row in enumerate(counts)
    )
    return (
        f'<table class="confusion"><thead><tr><td></td>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def dims(each: Costs, most: float) -> str:
    """A bar for each style dim, the dearest first; `most` nats fill it."""
    bars = "".join(
        f'<i style="height:{100 * min(max(nats, 0) / max(most, 1e-9), 1):.1f}%"></i>'
        for nats in sorted(each.style.per_dim, reverse=True)
    )
    total = len(each.style.per_dim)
    return (
        f'<div class="dim-bars"><div class="bars" role="img" aria-label="KL of each dim">{bars}'
        f"</div><p><b>{each.style.awake} of {total} awake</b>"
        f"<small>{plain(each.style.total)} nats</small></p></div>"
    )


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    columns = "".join(f'<th scope="col">{name}</th>' for name in head)
    rows = "".join(
        f'<tr><th scope="row">{name}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
        for name, *cells in body
    )
    return (
        f'<div class="wide"><table class="trial-table"><thead><tr>{columns}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
