"""The map of styles: 2,000 test digits by their posterior means, as a plotly figure, and what a
place or a group on it looks like. Knows no Streamlit.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ui.shared import ink, test_digits
from ui.shared.latents import Latents, Numbers, looks, principal
from ui.shared.shelf import StyleDim
from ui.shared.words import plain, signed
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
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
MOST_SPREADS = 4
NEAREST = 5
"""Digits between which a new one is put on a layout: more of them pull it to the middle."""

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Axes:
    """Two directions in the space of styles."""

    directions: Numbers
    """(2, z_dim), of length 1 and at right angles: so the prior stays a round N(0, 1) on them."""
    names: tuple[str, str]

    def place(self, styles: Floats) -> Numbers:
        """Styles (n, z_dim) on the map, (n, 2)."""
        places: Numbers = np.asarray(styles, np.float64) @ self.directions.T
        return places


def two_dims(first: StyleDim, second: StyleDim, z_dim: int) -> Axes:
    """Two style dims as they are."""
    directions = np.zeros((2, z_dim))
    directions[0, first.dim] = directions[1, second.dim] = 1
    return Axes(directions, (_ends(first), _ends(second)))


def pca(latents: Latents) -> Axes:
    """The two directions along which the styles of the test digits differ most."""
    if latents.mean.shape[1] < 2:
        return Axes(np.array([[1.0], [0.0]]), ("component 1", ""))
    directions, shares = principal(latents.mean)
    first, second = (
        f"component {number}: {100 * share:.0f} % of the variance"
        for number, share in enumerate(shares, start=1)
    )
    return Axes(directions, (first, second))


@dataclass(frozen=True)
class Layout:
    """Places by UMAP, which keeps neighbours together; distances and directions mean nothing, and
    the prior has no shape."""

    places: Floats
    """(2000, 2), all within ±1."""

    def among(self, latents: Latents, style: Floats) -> Floats:
        """Where a style (z_dim,) that has no place belongs, (2,): the mean place of the digits
        whose styles are nearest."""
        away = np.linalg.norm(latents.mean - style, axis=1)
        middle: Floats = self.places[np.argsort(away)[:NEAREST]].mean(axis=0)
        return middle


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
    _, digits = test_digits.test_digits()
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
            # Clear, for ui/shared/parts.css puts what is no WebGL before the points.
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
    axis = {"zeroline": False, "showgrid": False, "fixedrange": True}
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


def ellipse(axes: Axes, mean: Floats, std: Floats, sigmas: float, count: int = 64) -> Numbers:
    """The outline (count, 2) of the Gaussian N(mean, std²) on the map, `sigmas` from its middle."""
    covariance = (axes.directions * np.asarray(std, np.float64) ** 2) @ axes.directions.T
    values, vectors = np.linalg.eigh(covariance)
    angles = np.linspace(0, 2 * np.pi, count)
    circle = np.stack([np.cos(angles), np.sin(angles)])
    outline = vectors @ (np.sqrt(np.maximum(values, 0))[:, None] * circle)
    places: Numbers = axes.place(mean[None]) + sigmas * outline.T
    return places


def chosen_rows(selection: object) -> Rows:
    """Rows of the test digits that were picked on the map, in order and once each. What comes from
    a browser may be anything: whatever is no row is left out."""
    points = selection.get("points") if isinstance(selection, Mapping) else None
    rows: set[int] = set()
    for point in points if isinstance(points, list) else []:
        row = point.get("customdata") if isinstance(point, Mapping) else None
        if isinstance(row, list) and len(row) == 1:
            row = row[0]
        if type(row) is int and 0 <= row < len(test_digits.test_digits()[1]):
            rows.add(row)
    return np.array(sorted(rows), np.int64)


def one(engine: DigitEngine, latents: Latents, row: int) -> str:
    """A digit on the map: itself, as the model redraws it, and what it costs."""
    images, digits = test_digits.test_digits()
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
    _, digits = test_digits.test_digits()
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


def _points(latents: Latents, places: Numbers, rows: Rows) -> dict[str, Any]:
    _, digits = test_digits.test_digits()
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
        # No label: the card of ui/components/map_card shows the text, and the digit too.
        "hoverinfo": "none",
    }


def _mine(latents: Latents, axes: Axes | Layout, mean: Floats, std: Floats) -> list[dict[str, Any]]:
    """The visitor's digit, painted by ui/shared/parts.css: with what the posterior holds of the map
    where that is an ellipse."""
    traces: list[dict[str, Any]] = []
    for sigmas in SIGMAS if isinstance(axes, Axes) else ():
        outline = ellipse(axes, mean, std, sigmas)
        traces.append(
            {"type": "scatter", "mode": "lines", "x": outline[:, 0].round(3).tolist(),
             "y": outline[:, 1].round(3).tolist(), "line": {"width": 2}, "showlegend": False,
             "name": "your drawing", "hoverinfo": "skip"}
        )  # fmt: skip
    if isinstance(axes, Axes):
        middle, size = axes.place(mean[None])[0], 6
    else:
        middle, size = axes.among(latents, mean), 9
    traces.append(
        {"type": "scatter", "mode": "markers", "x": [round(float(middle[0]), 3)],
         "y": [round(float(middle[1]), 3)], "marker": {"size": size}, "showlegend": False,
         "name": "your drawing", "hovertemplate": "your drawing<extra></extra>"}
    )  # fmt: skip
    return traces


def _ends(each: StyleDim) -> str:
    return f"{each.name}: {each.low} to {each.high}" if each.low else each.name


def _figure(image: Floats, alt: str, caption: str) -> str:
    return f"<figure>{ink.picture(image, alt, scale=6)}<figcaption>{caption}</figcaption></figure>"
