"""All runs: what to do with each of them, and several beside one another."""

import html
import io
from collections.abc import Callable, Iterable
from typing import IO

import numpy as np
import streamlit as st

from ui.shared import access, ink, shelf
from ui.shared.frame import escaped
from ui.train import curves, run_comparison, watch
from ui.train.setup_form import value_text
from vae_model.model.fields import FIELDS
from vae_model.runs import archive, folders, jobs
from vae_model.runs.folders import RunsError
from vae_model.runs.run import MAX_NAME, Run, list_runs, rename

VIEW, RUN = "view", "run"
"""Session keys, and names in the address: what the page shows, and which run."""
COMPARED = "train_compared"
MOST = 4
CAPTION_WIDTH = 272
"""Pixels, within a popover, which is as wide as what is in it."""
_UNDO = "train_deleted"
"""What was deleted last in this visit: its place in the trash, and its name."""
_IMPORT = "train_import"
_REFUSED = "train_import_refused"


def show() -> None:
    """The list, newest first."""
    listing = list_runs(shelf.runs_folder())
    _room()
    _undo()
    for run_id, reason in listing.broken.items():
        st.warning(f"`{run_id}` cannot be read: {escaped(reason)}.")
    if not listing.runs:
        st.info("No runs yet. Set one up and start it: with the quick preset it takes a minute.")
    for run in listing.runs:
        _row(run)
    _import()


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
        f'<i style="--line: {color}"></i>{html.escape(label)}'
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
                + ", ".join(
                    f"{called[run.id]} {run.epochs[-1].test[name]:.3f}"  # type: ignore[index]
                    for run in picked
                ),
            )
    st.caption("After the last epoch, in the same style:")
    for run, label in zip(picked, names, strict=True):
        st.html(f'<p class="run-line">{html.escape(label)}</p>{_digits(run, label)}')
    st.html(_figures_table(picked, names) + _differences_table(picked, names))


def _row(run: Run) -> None:
    with st.container(key=f"run-{run.id}"):
        left, right = st.columns([1, 1], vertical_alignment="center", gap="large")
        with left:
            st.html(
                f"<div><b>{html.escape(run.name)}</b></div>"
                f'<div class="run-line">{html.escape(_facts(run))}</div>'
            )
            if run.epochs:
                st.html(_digits(run, run.name))
        with right, st.container(horizontal=True):
            st.button("Open", key=f"open-{run.id}", on_click=_open, args=(run.id,))
            watch.use_button(run)
            with st.popover("More"):
                _more(run)


def _more(run: Run) -> None:
    name = st.text_input("Name", run.name, max_chars=MAX_NAME, key=f"name-{run.id}")
    if name != run.name and name.strip():
        st.button("Rename", key=f"rename-{run.id}", on_click=_rename, args=(run.id, name))
    if not run.job:
        st.download_button(
            "Export as .zip",
            lambda: _exported(run.id),
            file_name=f"{run.id}.zip",
            mime="application/zip",
            key=f"export-{run.id}",
            on_click="ignore",
        )
        left_out = len(run.kept_epochs) - len(archive.kept_epochs(run))
        if left_out:
            st.caption(
                f"To stay within {archive.MAX_PAGE_MB} MB, the file holds the weights of "
                f"{len(archive.kept_epochs(run))} epochs, the last one among them, and leaves "
                f"those of {left_out} out. Figures and digits of all epochs go along.",
                width=CAPTION_WIDTH,
            )
    if run.job:
        return
    if jobs.is_allowed() and run.model:
        label = "Evaluate again" if run.metrics else "Evaluate"
        st.button(label, key=f"evaluate-{run.id}", on_click=_evaluate, args=(run.id,))
    if not jobs.is_turned_off():
        st.button("Delete", key=f"delete-{run.id}", on_click=_delete, args=(run,))


def _facts(run: Run) -> str:
    facts = [run.state, f"{len(run.epochs)} of {run.setup.train.epochs} epochs", run.setup.preset]
    facts += [
        f"{name.replace('_', ' ')} {value_text(value)}" for name, value in run.setup.changed.items()
    ]
    if run.epochs:
        last = run.epochs[-1].test
        facts += [f"accuracy {100 * last['accuracy']:.1f} %", f"VAE loss {last['vae_loss']:.1f}"]
    facts += [run.data, f"{run.created:%Y-%m-%d %H:%M} UTC", f"{run.bytes() / 1e6:.1f} MB"]
    return " · ".join(facts)


def _digits(run: Run, label: str) -> str:
    """The last epoch's ten digits, in the style that all runs share."""
    images = run.epochs[-1].digits(fixed_style=True).astype(np.float32) / 255
    cells = "".join(
        ink.picture(image, f"A {digit} after the last epoch of {label}", scale=3)
        for digit, image in enumerate(images)
    )
    return f'<div class="run-digits">{cells}</div>'


def labels(runs: Iterable[Run]) -> dict[str, str]:
    """What to call the runs, by id; those of the same name are numbered, the first one first."""
    named: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: (run.created, run.id)):
        named.setdefault(run.name, []).append(run)
    return {
        run.id: name if len(alike) == 1 else f"{name} ({place})"
        for name, alike in named.items()
        for place, run in enumerate(alike, start=1)
    }


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


def _room() -> None:
    root = shelf.runs_folder()
    try:
        cap = folders.cap_bytes()
    except RunsError as error:
        st.warning(escaped(str(error)))
        return
    st.caption(f"{folders.used_bytes(root) / 1e6:.0f} of {cap / 1e6:.0f} MB used by runs.")


def _undo() -> None:
    place, name = st.session_state.get(_UNDO, ("", ""))
    if place and folders.deleted(shelf.runs_folder(), place):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Deleted “{escaped(name)}”.")
            st.button("Undo", key="undo-delete", on_click=_bring_back)


def _import() -> None:
    if jobs.is_turned_off():
        return
    if not access.can_upload():
        st.markdown("Import a run that was exported as .zip")
        access.say_where_to_upload()
        return
    upload = st.file_uploader(
        "Import a run that was exported as .zip",
        type=["zip"],
        key=_IMPORT,
        # A host may allow less.
        max_upload_size=min(archive.MAX_PAGE_MB, st.get_option("server.maxUploadSize")),
    )
    if upload is not None:
        # A callback: only there may another view be chosen.
        st.button("Import", on_click=_take_in, args=(upload,))
    if refused := st.session_state.pop(_REFUSED, ""):
        st.error(escaped(refused))


def _take_in(upload: IO[bytes]) -> None:
    try:
        run_id = archive.import_run(shelf.runs_folder(), upload)
    except RunsError as error:
        st.session_state[_REFUSED] = str(error)
    else:
        _open(run_id)


def _exported(run_id: str) -> bytes:
    target = io.BytesIO()
    archive.export_run(shelf.runs_folder(), run_id, target)
    return target.getvalue()


def _open(run_id: str) -> None:
    st.session_state[RUN] = run_id
    st.session_state[VIEW] = "Watch"


def _rename(run_id: str, name: str) -> None:
    _try(lambda: rename(shelf.runs_folder(), run_id, name))


def _evaluate(run_id: str) -> None:
    def begin() -> None:
        jobs.evaluate(shelf.runs_folder(), run_id)
        _open(run_id)

    _try(begin)


def _delete(run: Run) -> None:
    def put_away() -> None:
        place = folders.delete(shelf.runs_folder(), run.id)
        st.session_state[_UNDO] = (place, run.name)

    _try(put_away)


def _bring_back() -> None:
    def bring() -> None:
        folders.undo_delete(shelf.runs_folder(), st.session_state[_UNDO][0])
        del st.session_state[_UNDO]

    _try(bring)


def _try(action: Callable[[], None]) -> None:
    try:
        action()
    except RunsError as error:
        st.toast(escaped(str(error)))
