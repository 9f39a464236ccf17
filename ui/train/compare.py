"""Runs beside one another."""

import html

import streamlit as st

from ui.shared import shelf
from ui.train import curves, run_comparison
from ui.train.run_digits import labels, last_digits
from ui.train.setup_words import value_text
from vae_model.model.fields import FIELDS
from vae_model.runs.run import Run, list_runs

COMPARED = "train_compared"
MOST = 4


def show_comparison() -> None:
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
        key=COMPARED,
        persist_state="session",
        format_func=lambda run_id: called.get(run_id, run_id),
    )
    picked = [runs[run_id] for run_id in chosen if run_id in runs]
    if len(picked) < 2:
        st.info("Choose two to four runs.")
        return
    names = [called[run.id] for run in picked]
    legend = "".join(
        f'<i style="--trace: {color}"></i>{html.escape(label)}'
        for label, color in zip(names, curves.COLORS, strict=False)
    )
    st.html(f'<p class="curve-name legend">{legend}</p>')
    for column, name in zip(
        st.columns(3), ("vae_loss", "classification_loss", "accuracy"), strict=True
    ):
        with column:
            st.html(f'<p class="curve-name">{curves.LABELS[name]}, test</p>')  # type: ignore[index]
            st.plotly_chart(
                curves.compared(
                    # Plotly takes names for HTML.
                    {html.escape(called[run.id]): run.epochs for run in picked},
                    name,  # type: ignore[arg-type]
                ),
                key=f"compared-{name}",
                config={"displayModeBar": False},
                alt=f"{curves.LABELS[name]}, by epoch; last on test: "  # type: ignore[index]
                + ", ".join(f"{called[run.id]} {run.epochs[-1].test[name]:.3f}" for run in picked),
            )
    st.caption("After the last epoch, in the same style:")
    for run, label in zip(picked, names, strict=True):
        st.html(f'<p class="run-line">{html.escape(label)}</p>{last_digits(run, label)}')
    st.html(_figures_table(picked, names) + _differences_table(picked, names))


def _figures_table(runs: list[Run], labels: list[str]) -> str:
    rows = [
        "<tr><th>"
        + html.escape(row.label)
        + "</th>"
        + "".join(
            f'<td class="{"best" if place in row.best else ""}">{row.text(place)}</td>'
            for place in range(len(runs))
        )
        + "</tr>"
        for row in run_comparison.table(runs)
    ]
    note = "" if run_comparison.same_evaluation(runs) else (
        '<p class="quiet">They were evaluated on different digits, so those figures do not '
        "compare.</p>"
    )  # fmt: skip
    return _table("Figure", labels, rows) + note


def _differences_table(runs: list[Run], labels: list[str]) -> str:
    different = run_comparison.differences(runs)
    if not different:
        return '<p class="quiet">They were set up alike.</p>'
    rows = [
        f'<tr><th title="{html.escape(FIELDS[name].help) if name in FIELDS else ""}">'
        + html.escape(name.replace("_", " "))
        + "</th>"
        + "".join(f"<td>{html.escape(value_text(value))}</td>" for value in found)
        + "</tr>"
        for name, found in different.items()
    ]
    return _table("Set up differently", labels, rows)


def _table(first: str, labels: list[str], rows: list[str]) -> str:
    heads = "".join(f"<th>{html.escape(label)}</th>" for label in labels)
    return (
        f'<table class="compared"><thead><tr><th>{first}</th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
