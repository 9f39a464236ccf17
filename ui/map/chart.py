"""The map of styles: 2,000 test digits by their posterior means, as a plotly figure."""

import numpy as np
from markupsafe import Markup

from ui.map.axes import NEAREST, Axes, Layout, ellipse, looks
from ui.map.picked import Rows
from ui.shared import mnist_sample
from ui.shared.charts import Figure
from ui.shared.latents import Latents
from ui.shared.stored import Numbers
from vae_model.engine.digit_engine import Floats, Reading
from vae_model.model.config import DIGITS

HEIGHT = 560
REACH = 3.6
"""Of both axes at least: the prior puts three styles in 10,000 further out. A model that pays
little or nothing for its styles does not keep to it."""
MOST_SEEN = 99.5
"""Percent of the digits lie within the axes."""
LAYOUT_REACH = 1.06
"""Of both axes of a layout, whose points all lie within 1."""
COLOURS = ("digit", "slant", "thickness", "cost")
UNITS = {"slant": "lean per height", "thickness": "pixels", "cost": "cost, nats"}
# Of middling lightness, so that they can be told from white paper and from black.
TEN = ("#4e79a7", "#f28e2b", "#d5494b", "#4aa5a0", "#59a14f",
       "#c9a227", "#a06a9c", "#e57f90", "#9c755f", "#7f8a93")  # fmt: skip
SCALE = [[0, "#3f6fd8"], [0.5, "#9a988f"], [1, "#d9772b"]]
SIGMAS = (1, 2)


def figure(
    latents: Latents,
    axes: Axes | Layout,
    colour: str,
    drawing: Reading | None = None,
    loop: bool = False,
) -> Figure:
    """The map, coloured by one of COLOURS. `drawing` is what is read in the visitor's own digit.
    `loop` lets the pointer draw one around points instead of clicking them."""
    _, digits = mnist_sample.test_digits()
    places = axes.place(latents.mean) if isinstance(axes, Axes) else axes.places
    if colour == "digit":
        points = [
            _points(latents, places, np.flatnonzero(digits == digit), str(digit),
                    color=TEN[digit], opacity=0.75)
            for digit in range(DIGITS)
        ]  # fmt: skip
    else:
        values = latents.nats if colour == "cost" else looks()[colour]
        low, high = np.percentile(values, (2, 98))
        bar = {"thickness": 8, "len": 0.5, "outlinewidth": 0, "nticks": 4,
               "title": {"text": UNITS[colour], "side": "right"}}  # fmt: skip
        points = [
            _points(latents, places, np.arange(len(digits)), colour,
                    color=np.round(values, 3).tolist(), opacity=0.8, colorscale=SCALE,
                    cmin=float(low), cmax=float(high), showscale=True, colorbar=bar)
        ]  # fmt: skip
    return {
        "data": points + (_mine(latents, axes, drawing) if drawing else []),
        "layout": {
            "height": HEIGHT,
            "margin": {"l": 44, "r": 4, "t": 8, "b": 44},
            "showlegend": colour == "digit",
            "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom",
                       "itemsizing": "constant", "entrywidth": 14, "title": {"text": ""}},
            # Where nothing is drawn, a finger that goes over the map scrolls the page.
            "dragmode": "lasso" if loop else False,
            "hovermode": "closest",
            **_ground(axes, places),
        },
    }  # fmt: skip


def lit(rows: Rows, colour: str) -> Markup:
    """Styles under which these digits stand out on the map: it need not be drawn anew for them.
    Plotly keeps the points of a trace in order; a digit's trace is known by its colour."""
    _, digits = mnist_sample.test_digits()
    if colour == "digit":
        fills = [f"rgb{tuple(bytes.fromhex(each[1:]))}" for each in TEN]
        places = [
            f'[style*="{fills[digits[row]]}"]:nth-child({(digits[: row + 1] == digits[row]).sum()})'
            for row in rows
        ]
    else:
        places = [f":nth-child({row + 1})" for row in rows]
    ring = "stroke: currentcolor !important; stroke-width: 2px !important" if len(rows) == 1 else ""
    return Markup(
        "<style>.st-key-map .plotly-customdata {opacity: 0.2 !important}"
        f".st-key-map .plotly-customdata:is({','.join(places)}) {{opacity: 1 !important; {ring}}}"
        "</style>"
    )


def explained(axes: Axes | Layout, colour: str, loop: bool, *, has_drawing: bool) -> str:
    """What to do, and what is to be seen, while nothing is picked; Markdown."""
    if loop:
        to_do = "Draw a loop around several points to see what they share."
    else:
        to_do = "Click a point to see its digit, or give its number."
    if colour == "digit":
        to_do += " Above, a click hides a digit, and a double click shows it alone."
    if isinstance(axes, Layout):
        clumps = " Where one colour clumps, the style holds the digit." if colour == "digit" else ""
        seen = (
            f"UMAP puts digits of like style side by side.{clumps} "
            "Distances and directions mean nothing here, so there are no axes and no prior."
        )
        mine = f" The large dot is your drawing, amid the {NEAREST} digits nearest in style."
    else:
        prior = "The two circles are the prior, one and two σ"
        seen = f"{prior}: where styles lie before any image is seen."
        mine = " The coloured rings are your drawing: its style within one and two σ."
    return f"{to_do}\n\n{seen}{mine if has_drawing else ''}"


def _ground(axes: Axes | Layout, places: Numbers | Floats) -> Figure:
    """Of plotly's layout the axes, and the prior where it has a shape."""
    # In a frame that is not square it is the axes that end sooner, not the cloud that is smaller.
    axis: Figure = {"zeroline": False, "showgrid": False, "fixedrange": True, "constrain": "domain"}
    shapes: list[Figure] = []
    if isinstance(axes, Layout):
        axis |= {"range": [-LAYOUT_REACH, LAYOUT_REACH], "showticklabels": False, "ticks": ""}
        across, up = "", ""
    else:
        reach = max(REACH, 1.05 * float(np.percentile(np.abs(places).max(axis=1), MOST_SEEN)))
        axis |= {"range": [-reach, reach], "nticks": 5}
        across, up = axes.names
        shapes = [
            {"type": "circle", "x0": -r, "x1": r, "y0": -r, "y1": r, "line": {"width": 1}}
            for r in SIGMAS
        ]  # fmt: skip
    return {
        "xaxis": {**axis, "title": {"text": across}},
        "yaxis": {**axis, "title": {"text": up}, "scaleanchor": "x"},
        "shapes": shapes,
    }


def _points(
    latents: Latents, places: Numbers | Floats, rows: Rows, name: str, **marker: object
) -> Figure:
    _, digits = mnist_sample.test_digits()
    known = zip(digits[rows], latents.read[rows], latents.nats[rows], strict=True)
    return {
        # SVG: so few points are drawn as soon as by WebGL, which not every browser has.
        "type": "scatter",
        "mode": "markers",
        **_xy(places[rows]),
        "name": name,
        "marker": {"size": 5, **marker},
        "customdata": rows.tolist(),
        "text": [
            f"{digit}{'' if read == digit else f', read as {read}'} · {nats:.0f} nats"
            for digit, read, nats in known
        ],
        # No label: the card shows the text, and the digit too.
        "hoverinfo": "none",
    }


def _mine(latents: Latents, axes: Axes | Layout, drawing: Reading) -> list[Figure]:
    """The visitor's digit, painted by page.css, which knows it by its having no row: with what the
    posterior holds of the map where that is an ellipse."""
    mean = drawing.style_mean
    of_all = {"type": "scatter", "showlegend": False, "name": "your drawing"}
    outlines: list[Figure] = []
    middle: Numbers | Floats
    if isinstance(axes, Axes):
        outlines = [
            {**of_all, **_xy(ellipse(axes, mean, drawing.style_std, sigmas)), "mode": "lines",
             "line": {"width": 2}, "hoverinfo": "skip"}
            for sigmas in SIGMAS
        ]  # fmt: skip
        middle, size = axes.place(mean[None]), 6
    else:
        middle, size = axes.among(latents, mean)[None], 9
    spot = {
        **of_all, **_xy(middle), "mode": "markers", "marker": {"size": size},
        "hovertemplate": "your drawing<extra></extra>",
    }  # fmt: skip
    return [*outlines, spot]


def _xy(places: Numbers | Floats) -> Figure:
    x, y = places.round(3).T.tolist()
    return {"x": x, "y": y}
