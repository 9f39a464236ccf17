"""Runs beside one another."""

import streamlit as st
from markupsafe import Markup

from ui.shared import shelf
from ui.shared.measures import cells
from ui.shared.parts import joined, paragraph
from ui.shared.tables import table
from ui.train import curves, run_comparison, watch
from ui.train.run_comparison import last_digits, value_text
from vae_model.model.fields import FIELDS
from vae_model.runs.run import Run, list_runs

OTHER_DIGITS = "They were evaluated on different digits, so those figures do not compare."


def show() -> None:
    listed = list_runs(shelf.runs_folder()).runs
    runs = {run.id: run for run in listed if run.epochs}
    if len(runs) < 2:
        st.info("There is something to compare once two runs have an epoch each.")
        return
    called = shelf.labels_of(listed)
    chosen = st.multiselect(
        "Runs to compare",
        list(runs),
        default=list(runs)[:2],
        max_selections=len(curves.COLORS),
        key="train_compared",
        persist_state="session",
        format_func=lambda run_id: called.get(run_id, run_id),
    )
    picked = [runs[run_id] for run_id in chosen if run_id in runs]
    if len(picked) < 2:
        st.info("Choose two to four runs.")
        return
    names = [called[run.id] for run in picked]
    legend = joined(
        Markup('<i class="{}" style="--trace: {}"></i>{}').format(dash, color, name)
        for dash, color, name in zip(curves.DASHES, curves.COLORS, names, strict=False)
    )
    st.html(paragraph("curve-name legend", legend))
    for column, loss in zip(st.columns(len(watch.MAIN)), watch.MAIN, strict=True):
        figure = curves.compared(names, picked, loss)
        traces = zip(names, figure["data"], strict=True)
        last = [f"{name} {trace['y'][-1]:.2f}" for name, trace in traces]
        with column:
            watch.chart(
                f"{curves.LABELS[loss]}, test",
                figure,
                key=f"compared-{loss}",
                alt=f"{curves.LABELS[loss]}, by epoch; last on test: {', '.join(last)}",
            )
    st.caption(
        "After the last epoch, from the same numbers z; what each does is for every run to learn:"
    )
    for name, run in zip(names, picked, strict=True):
        st.html(paragraph("run-line", name) + last_digits(run, name))
    st.html(_figures(names, picked) + _differences(names, picked))


def _figures(names: list[str], runs: list[Run]) -> Markup:
    told = run_comparison.last_epoch(runs) + run_comparison.measured(runs, shelf.judge_accuracy())
    rows = [[each.name, *cells(each, values)] for each, values in told]
    shown = table("compared", rows, ["Figure", *names])
    if said := run_comparison.other_losses(runs):
        shown += paragraph("quiet", f"{said} The NELBO of an evaluation does.")
    if not run_comparison.same_evaluation(runs):
        shown += paragraph("quiet", OTHER_DIGITS)
    return shown


def _differences(names: list[str], runs: list[Run]) -> Markup:
    rows: list[list[object]] = []
    for field, values in run_comparison.differences(runs).items():
        help_line = FIELDS[field].help if field in FIELDS else ""
        name = Markup('<span title="{}">{}</span>').format(help_line, field.replace("_", " "))
        rows.append([name, *map(value_text, values)])
    if not rows:
        return paragraph("quiet", "They were set up alike.")
    return table("compared", rows, ["Set up differently", *names])
