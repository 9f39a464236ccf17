"""All figures of several models beside one another."""

from collections.abc import Mapping

from markupsafe import Markup

from ui.shared.measures import GROUPS, Measure, cells, value
from ui.shared.parts import paragraph
from ui.shared.stored import metric
from ui.shared.tables import Cell, table
from vae_model.engine.digit_engine import DigitEngine


def figures_table(engines: Mapping[str, DigitEngine], judge: float | None = None) -> Markup:
    """Every figure of these models side by side, by the name to show; the better one in bold.
    `judge` is the judge's own accuracy."""
    rows: list[list[Cell]] = []
    for title, measures in GROUPS.items():
        lines: list[list[Cell]] = []
        for each in measures:
            stored = (engine.checkpoint.metrics for engine in engines.values())
            values = [value(metrics, each.key, judge) for metrics in stored]
            if any(known is not None for known in values):
                lines.append([_explained(each), *cells(each, values)])
        rows += [[title], *lines] if lines else []
    if not rows:
        return paragraph("said", "Not evaluated yet: there are no figures to show.")
    return table("card", rows, ["", *engines])


def is_measured(engine: DigitEngine) -> bool:
    """Whether a figure that this page knows was measured of it."""
    every = (each for measures in GROUPS.values() for each in measures)
    return any(metric(engine, each.key) is not None for each in every)


def _explained(each: Measure) -> Markup:
    # Open at all times but on a phone, where a tap opens it: see page.css.
    return Markup("<details><summary>{}</summary><span>{} <i>Good: {}</i></span></details>").format(
        each.name, each.meaning, each.good
    )
