"""Signed numbers as heat: two inks whose strength is the size. Numpy in, HTML out.

The inks are masks over two colours of ui/shared/parts.css, so that they follow the theme.
"""

import base64
import html
import io

import numpy as np
from PIL import Image

from vae_model.engine.digit_engine import Floats

COLUMNS = 128
"""Cells in a line of a strip."""
CELL = 6


def strip(values: Floats, alt: str) -> str:
    """Any number of values (n,) as cells, line by line; the largest has full ink."""
    numbers = np.asarray(values, np.float64)
    columns = min(COLUMNS, len(numbers))
    rows = -(-len(numbers) // columns)
    cells = np.zeros(rows * columns)
    cells[: len(numbers)] = numbers / max(float(np.abs(numbers).max()), 1e-9)
    grid = cells.reshape(rows, columns)
    return (
        f'<div class="heat" role="img" aria-label="{html.escape(alt, quote=True)}" '
        f'style="--rows:{rows};--columns:{columns};'
        f'--above:url({_url(np.maximum(grid, 0))});--below:url({_url(np.maximum(-grid, 0))})">'
        "<i></i><i></i></div>"
    )


def cell(value: float, most: float) -> str:
    """Style of an element whose ground shows a value. `most` is full heat, half the colour,
    so that the number on it stays legible in either theme."""
    strength = 100 * min(abs(value) / max(most, 1e-9), 1)
    ink = "--plus" if value >= 0 else "--minus"
    return f"background:color-mix(in srgb,var({ink}) {0.5 * strength:.0f}%,transparent)"


def _url(shares: np.ndarray) -> str:
    """Shares (rows, columns) in [0, 1] as a PNG whose alpha they are."""
    alpha = np.rint(255 * shares).astype(np.uint8)
    alpha = alpha.repeat(CELL, axis=0).repeat(CELL, axis=1)
    picture = Image.merge("LA", (Image.new("L", alpha.shape[::-1]), Image.fromarray(alpha)))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
