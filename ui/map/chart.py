"""The map of styles: 2,000 test digits by their posterior means, as a plotly figure."""

from typing import Any

import numpy as np

from ui.map.axes import Axes, Layout, ellipse, looks
from ui.map.picked import Rows
from ui.shared import mnist_sample
from ui.shared.latents import Latents, Numbers
from vae_model.engine.digit_engine import Floats
from vae_model.model.config import DIGITS

HEIGHT = 560
REACH = 3.6
"""Of both axes: the prior puts three styles in 10,000 further out."""
LAYOUT_REACH = 1.06
"""Of both axes of a layout, whose points all lie within 1."""
COLOURS = ("digit", "slant", "thickness", "likelihood")
UNITS = {"slant": "lean per height", "thickness": "pixels", "likelihood": "−log p, nats"}
# Of middling lightness, so that they can be told from white paper and from black.
TEN = ("#4e79a7", "#f28e2b", "#d5494b", "#4aa5a0", "#59a14f",
       "#c9a227", "#a06a9c", "#e57f90", "#9c755f", "#7f8a93")  # fmt: skip
SCALE = [[0, "#3f6fd8"], [0.5, "#9a988f"], [1, "#d9772b"]]
LINE = "rgba(128,128,128,0.45)"
SIGMAS = (1, 2)


def figure(
    latents: Latents,
    axes: Axes | Layout,
    colour: str,
    drawing: tuple[Floats, Floats] | None = None,
    loop: bool = False,
) -> dict[str, Any]:
    """The map, coloured by one of COLOURS. drawing is the posterior of the visitor's own digit,
    mean and std, (z_dim,) each. loop lets the pointer draw one around points instead of clicking
    them."""
    _, digits = mnist_sample.test_digits()
    places = axes.place(latents.mean) if isinstance(axes, Axes) else axes.places
    if colour == "digit":
        points = [
            {**_points(latents, places, np.flatnonzero(digits == digit)), "name": str(digit),
             "marker": {"size": 5, "color": TEN[digit], "opacity": 0.75}}
            for digit in range(DIGITS)
        ]  # fmt: skip
    else:
        values = latents.nats if colour == "likelihood" else looks()[colour]
        low, high = np.percentile(values, (2, 98))
        points = [
            {**_points(latents, places, np.arange(len(digits))), "name": colour,
             "marker": {
                 "size": 5, "color": np.round(values, 3).tolist(), "colorscale": SCALE,
                 "cmin": float(low), "cmax": float(high), "opacity": 0.8, "showscale": True,
                 "colorbar": {"thickness": 8, "len": 0.5, "outlinewidth": 0, "nticks": 4,
                              "title": {"text": UNITS[colour], "side": "right"}},
             }}
        ]  # fmt: skip
    return {
        "data": points + (_mine(latents, axes, *drawing) if drawing else []),
        "layout": {
            "height": HEIGHT,
            # Clear, for page.css puts what is no WebGL before the points.
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 44, "r": 4, "t": 8, "b": 44},
            "showlegend": colour == "digit",
            "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom",
                       "itemsizing": "constant", "title": {"text": ""}},
            # While a loop can be drawn, Streamlit lets no point be clicked.
            "dragmode": "lasso" if loop else "pan",
            "hovermode": "closest",
            **_ground(axes),
        },
    }  # fmt: skip


def _ground(axes: Axes | Layout) -> dict[str, Any]:
    """What of plotly's layout lies under the points: the axes, and the prior where it has a
    shape."""
    axis: dict[str, Any] = {"zeroline": False, "showgrid": False, "fixedrange": True}
    if isinstance(axes, Layout):
        axis |= {"range": [-LAYOUT_REACH, LAYOUT_REACH], "showticklabels": False, "ticks": ""}
        names, shapes = ("", ""), []
    else:
        axis |= {"range": [-REACH, REACH], "nticks": 5}
        names = axes.names
        shapes = [
            {"type": "circle", "layer": "below", "x0": -r, "x1": r, "y0": -r, "y1": r,
             "line": {"width": 1, "color": LINE}}
            for r in SIGMAS
        ]  # fmt: skip
    return {
        "xaxis": {**axis, "title": {"text": names[0]}, "constrain": "domain"},
        "yaxis": {**axis, "title": {"text": names[1]}, "scaleanchor": "x"},
        "shapes": shapes,
    }


def _points(latents: Latents, places: Numbers | Floats, rows: Rows) -> dict[str, Any]:
    _, digits = mnist_sample.test_digits()
    words = [
        f"{digits[row]}" + (f", read as {latents.read[row]}" if digits[row] != latents.read[row]
                            else "") + f" · {latents.nats[row]:.0f} nats"
        for row in rows
    ]  # fmt: skip
    return {
        "type": "scattergl",
        "mode": "markers",
        "x": np.round(places[rows, 0], 3).tolist(),
        "y": np.round(places[rows, 1], 3).tolist(),
        "customdata": rows.tolist(),
        "text": words,
        # No label: the card shows the text, and the digit too.
        "hoverinfo": "none",
    }


def _mine(latents: Latents, axes: Axes | Layout, mean: Floats, std: Floats) -> list[dict[str, Any]]:
    """The visitor's digit, painted by page.css: with what the posterior holds of the map
    where that is an ellipse."""
    traces: list[dict[str, Any]] = []
    middle: Numbers | Floats
    if isinstance(axes, Axes):
        for sigmas in SIGMAS:
            outline = ellipse(axes, mean, std, sigmas)
            traces.append(
                {"type": "scatter", "mode": "lines", "x": outline[:, 0].round(3).tolist(),
                 "y": outline[:, 1].round(3).tolist(), "line": {"width": 2}, "showlegend": False,
                 "name": "your drawing", "hoverinfo": "skip"}
            )  # fmt: skip
        middle, size = axes.place(mean[None])[0], 6
    else:
        middle, size = axes.among(latents, mean), 9
    traces.append(
        {"type": "scatter", "mode": "markers", "x": [round(float(middle[0]), 3)],
         "y": [round(float(middle[1]), 3)], "marker": {"size": size}, "showlegend": False,
         "name": "your drawing", "hovertemplate": "your drawing<extra></extra>"}
    )  # fmt: skip
    return traces
