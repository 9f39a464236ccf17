"""Signed numbers as heat: two inks whose strength is the size. Numpy in, HTML out.

The inks are masks over two colours of ui/shared/parts.css, so that they follow the theme.
"""

import numpy as np
from markupsafe import Markup

from ui.shared import ink
from vae_model.engine.digit_engine import Floats

COLUMNS = 128
"""Cells in a line of a strip."""
CELL = 6
"""Pixels a side."""


def strip(values: Floats, alt: str) -> Markup:
    """Any number of values (n,) as cells, line by line; the largest has full ink."""
    columns = min(COLUMNS, len(values))
    rows = -(-len(values) // columns)
    cells = np.zeros(rows * columns)
    cells[: len(values)] = values / max(float(np.abs(values).max()), 1e-9)
    grid = cells.reshape(rows, columns).repeat(CELL, axis=0).repeat(CELL, axis=1)
    return Markup(
        '<div class="heat" role="img" aria-label="{}" style="--rows:{};--columns:{};'
        '--above:url({});--below:url({})"><i></i><i></i></div>'
    ).format(alt, rows, columns, *(ink.data_url(np.maximum(each, 0)) for each in (grid, -grid)))


def cell(value: float, most: float) -> str:
    """CSS of an element whose background shows a value. `most` is full heat, two fifths of the
    colour, so that the number on it stays legible in either theme."""
    strength = min(abs(value) / max(most, 1e-9), 1)
    colour = "--plus" if value >= 0 else "--minus"
    return f"background:color-mix(in srgb,var({colour}) {40 * strength:.0f}%,transparent)"
