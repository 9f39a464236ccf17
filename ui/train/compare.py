"""Runs beside one another."""

import streamlit as st
from markupsafe import Markup, escape

from ui.shared import shelf
from ui.shared.tables import table
from ui.train import curves, run_comparison, watch
from ui.train.run_digits import labels, last_digits, value_text
from vae_model.model.fields import FIELDS
from vae_model.runs.run import Run, list_runs

MOST = 4
BEST = "color:var(--accent);font-weight:600"


def show() -> None:
    """Two to four runs beside one another."""
    runs = {run.id: run for run in list_runs(shelf.runs_folder()).runs if run.epochs}
    if len(runs) < 2:
        st.info("There is something to compare once two runs have an epoch each.")
        return
    called = labels(runs.values())
    chosen = st.multiselect(
        "Runs to compare",
        list(runs),
        default=list(runs)[:2],
        max_selections=MOST,
        key="train_compared",
        persist_state="session",
        format_func=lambda run_id: called.get(run_id, run_id),
    )
    picked = [runs[run_id] for run_id in chosen if run_id in runs]
    if len(picked) < 2:
        st.info("Choose two to four runs.")
        return
    names = [called[run.id] for run in picked]
    legend = Markup("").join(
        Markup('<i style="--trace: {}"></i>{}').format(color, name)
        for color, name in zip(curves.COLORS, names, strict=False)
    )
    st.html(Markup('<p class="curve-name legend">{}</p>').format(legend))
    for column, figure in zip(st.columns(len(watch.MAIN)), watch.MAIN, strict=True):
        last = [f"{called[run.id]} {run.epochs[-1].test[figure]:.3f}" for run in picked]
        with column:
            watch.chart(
                f"{curves.LABELS[figure]}, test",
                # Plotly takes names for HTML.
                curves.compared([*map(str, map(escape, names))], picked, figure),
                key=f"compared-{figure}",
                alt=f"{curves.LABELS[figure]}, by epoch; last on test: {', '.join(last)}",
            )
    st.caption("After the last epoch, in the same style:")
    for name, run in zip(names, picked, strict=True):
        st.html(Markup('<p class="run-line">{}</p>{}').format(name, last_digits(run, name)))
    st.html(_figures(names, picked) + _differences(names, picked))


def _figures(names: list[str], runs: list[Run]) -> Markup:
    rows = [
        [row.label]
        + [(row.text(place), BEST if place in row.best else "") for place in range(len(runs))]
        for row in run_comparison.table(runs)
    ]
    note = Markup("") if run_comparison.same_evaluation(runs) else Markup(
        '<p class="quiet">They were evaluated on different digits, so those figures do not '
        "compare.</p>"
    )  # fmt: skip
    return table("compared", rows, ["Figure", *names]) + note


def _differences(names: list[str], runs: list[Run]) -> Markup:
    different = run_comparison.differences(runs)
    if not different:
        return Markup('<p class="quiet">They were set up alike.</p>')
    rows = [
        [_field_name(field), *(value_text(value) for value in values)]
        for field, values in different.items()
    ]
    return table("compared", rows, ["Set up differently", *names])


def _field_name(name: str) -> Markup:
    help_line = FIELDS[name].help if name in FIELDS else ""
    return Markup('<span title="{}">{}</span>').format(help_line, name.replace("_", " "))
