"""One run as it is: progress and control, the epoch board, curves, and an epoch's own reading."""

import html
from collections.abc import Callable

import streamlit as st

from ui.shared import shelf, visit
from ui.shared.words import duration, escaped
from ui.train import curves, own_digit, run_comparison
from ui.train.epochs import BoardEpoch, epoch_board
from vae_model.runs import jobs
from vae_model.runs.events import LossName, Progress
from vae_model.runs.folders import RunsError
from vae_model.runs.run import Run, load

EVERY_SECONDS = 1.0
PARTS = "train_parts"
MAIN: tuple[LossName, ...] = ("vae_loss", "classification_loss", "accuracy")
MORE: tuple[LossName, ...] = ("recon_nll", "kl")
STATES = {
    "starting": "Starting …",
    "training": "Training",
    "paused": "Paused",
    "stopped": "Stopped. It can go on where it was.",
    "failed": "Failed",
    "finished": "Finished",
    "interrupted": "Interrupted, perhaps by a restart. It can go on from its last whole epoch.",
}


def show(run_id: str) -> None:
    """The run, again every second while something works on it."""
    run = _read(run_id)
    if run is None:
        return
    every = EVERY_SECONDS if run.job else None
    st.fragment(_live, run_every=every)(run_id, run.job is not None)


def _live(run_id: str, was_working: bool) -> None:
    run = _read(run_id)
    if run is None:
        return
    if (run.job is not None) != was_working:
        # The whole page, which then asks for news more or less often.
        st.rerun()
    _status(run)
    if not run.epochs:
        if run.job:
            st.caption("The first row of digits comes with the first epoch.")
        return
    chosen = epoch_board(
        key=f"board-{run.id}",
        epochs=[BoardEpoch(e.number, e.digits(), e.digits(fixed_style=True)) for e in run.epochs],
        running=run.job is not None,
        name=run.name,
    )
    _curves(run, chosen)
    own_digit.show(run, chosen or run.epochs[-1].number)
    _evaluation(run)


def _read(run_id: str) -> Run | None:
    try:
        return load(shelf.runs_folder(), run_id)
    except RunsError as error:
        st.warning(f"{escaped(str(error))}. Choose another run.")
        return None


def _status(run: Run) -> None:
    """Where it is, and the buttons that fit."""
    left, right = st.columns([2.2, 1], vertical_alignment="center")
    with left:
        if run.job and run.job.kind == "evaluation":
            _evaluating(run)
        elif run.job and run.progress:
            st.progress(_share(run.progress), text=_progress_text(run))
        else:
            st.markdown(
                f"**{STATES[run.state]}** {len(run.epochs)} of {run.setup.train.epochs} epochs"
            )
        if run.message and run.state == "failed":
            st.error(escaped(run.message))
        if run.unevaluated and not run.job:
            st.error(escaped(run.unevaluated))
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        if run.job is None:
            use_button(run)
        if not jobs.is_allowed():
            return
        if run.state == "training" and run.job:
            _button("Pause", jobs.pause, run)
        if run.state == "paused" or run.can_resume:
            _button("Go on", jobs.resume, run)
        if run.job:
            _button("Stop", jobs.stop, run)


def use_button(run: Run) -> None:
    """The way on with a run's model, where it has one."""
    if not run.model:
        return
    # A callback alone may set the sidebar's choice of the model.
    if st.button("Use in the app", key=f"use-{run.id}", on_click=visit.use_run, args=(run.id,)):
        visit.open_explore(f"The app now uses “{escaped(run.name)}”.")


def _button(label: str, action: Callable[..., None], run: Run) -> None:
    st.button(label, key=f"{label}-{run.id}", on_click=_do, args=(action, run.id))


def _do(action: Callable[..., None], run_id: str) -> None:
    try:
        action(shelf.runs_folder(), run_id)
    except RunsError as error:
        st.toast(escaped(str(error)))


def _share(progress: Progress) -> float:
    if not progress.epochs:
        return min(max(progress.share, 0.0), 1.0)
    done = progress.epoch + (progress.batch / progress.batches if progress.batches else 0)
    return min(done / progress.epochs, 1.0)


def _progress_text(run: Run) -> str:
    progress = run.progress
    assert progress is not None
    parts = [STATES.get(run.state, run.state)]
    if progress.phase == "data":
        message = progress.message or "fetching the digits"
        parts = [message[0].upper() + message[1:]]
    elif progress.epochs:
        parts.append(f"epoch {min(progress.epoch + 1, progress.epochs)} of {progress.epochs}")
        if progress.batches:
            parts.append(f"batch {progress.batch} of {progress.batches}")
        if progress.images_per_second and run.state == "training":
            parts.append(f"{progress.images_per_second:,.0f} images a second")
        if progress.seconds_left and run.state == "training":
            parts.append(f"{duration(progress.seconds_left)} left")
    return ", ".join(parts)


def _curves(run: Run, chosen: int | None) -> None:
    columns = st.columns(len(MAIN))
    for column, name in zip(columns, MAIN, strict=True):
        with column:
            _curve(run, name, chosen)
    if st.toggle("Show the parts of the VAE loss", key=PARTS, persist_state="session"):
        columns = st.columns(len(MORE) + 1)
        for column, name in zip(columns, MORE, strict=False):
            with column:
                _curve(run, name, chosen)
        with columns[-1]:
            st.html('<p class="curve-name">KL of each style dim, nats</p>')
            st.plotly_chart(
                curves.kl_per_dim(run.epochs, {}, chosen),
                key=f"dims-{run.id}",
                config={"displayModeBar": False},
                alt="KL of each style dim by epoch; last, in nats: "
                + ", ".join(f"{kl:.2f}" for kl in run.epochs[-1].kl_per_dim),
            )


def _curve(run: Run, name: LossName, chosen: int | None) -> None:
    legend = '<i style="--trace: var(--accent)"></i>test<i></i>train'
    st.html(f'<p class="curve-name">{curves.LABELS[name]}{legend}</p>')
    last = run.epochs[-1]
    with st.container(key=f"curve-{name}"):
        st.plotly_chart(
            curves.losses(run.epochs, name, chosen),
            key=f"chart-{name}-{run.id}",
            config={"displayModeBar": False},
            alt=f"{curves.LABELS[name]} by epoch; last on test {last.test[name]:.3f}",
        )


def _evaluation(run: Run) -> None:
    """What was measured of its model, and a way to do so. It stands at the end of a long page, so
    that its progress is shown here too."""
    if run.job and run.job.kind == "evaluation":
        st.subheader("Evaluation", anchor=False)
        _evaluating(run)
        return
    offered = jobs.is_allowed() and run.model is not None and run.job is None
    if not run.metrics and not offered:
        return
    st.subheader("Evaluation", anchor=False)
    rows = [row for row in run_comparison.table([run]) if row.name in run_comparison.MEASURED]
    if rows:
        # An imported run may claim anything.
        of = html.escape(str(run.metrics.get("data"))[:60])
        listed = "".join(f"<dt>{row.label}</dt><dd>{row.text(0)}</dd>" for row in rows)
        st.html(
            f'<p class="quiet">Of the last model, on test digits that it has not seen ({of})</p>'
            f'<dl class="figures measured">{listed}</dl>'
        )
    else:
        st.markdown("How good is it? An independent judge reads what it writes, in some minutes.")
    if offered:
        _button("Evaluate again" if run.metrics else "Evaluate", jobs.evaluate, run)


def _evaluating(run: Run) -> None:
    """How far the evaluation is."""
    progress = run.progress or Progress("evaluating", message="starting")
    st.progress(min(max(progress.share, 0.0), 1.0), text=f"Evaluating: {progress.message}")
