"""One run as it is: progress and control, the epoch board, curves, and an epoch's own reading."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import streamlit as st
from markupsafe import Markup
from streamlit.delta_generator import DeltaGenerator

from ui.shared import access, shelf, visit
from ui.shared.aloud import aloud
from ui.shared.charts import NO_MODE_BAR, Figure
from ui.shared.dims import style_dims
from ui.shared.measures import shown
from ui.shared.parts import facts, paragraph
from ui.shared.words import duration, escaped, grouped, sentence
from ui.train import curves, own_digit, run_comparison
from ui.train.epochs import epoch_board
from vae_model.engine.digit_engine import DigitEngine
from vae_model.runs import folders, jobs
from vae_model.runs.events import LossName, Progress
from vae_model.runs.folders import RunsError
from vae_model.runs.run import Run, list_runs, load

VIEW, RUN = "view", "run"
"""Session keys, and names in the address: what the page shows, and which run."""
SHOWN = "run_shown"
"""Session key of the run that was watched last."""
_USED = "run_used"
"""Session key of the run whose model was chosen just now."""
EVERY_SECONDS = 1.0
AT_REST_SECONDS = 5.0
"""Between two looks at whether others have begun something."""
MAIN: tuple[LossName, ...] = ("vae_loss", "classification_loss", "accuracy")
MORE: tuple[LossName, ...] = ("recon_nll", "kl")
STATES = {
    "starting": "Starting …",
    "training": "Training",
    "paused": "Paused",
    "stopped": "Stopped.",
    "failed": "Failed",
    "finished": "Finished",
    "interrupted": "Interrupted, perhaps by a restart.",
}
GOES_ON = {
    "stopped": " It can go on where it was.",
    "interrupted": " It can go on from its last whole epoch.",
}
"""What is added where visitors may train."""


def show() -> None:
    runs = {run.id: run for run in list_runs(shelf.runs_folder()).runs}
    if not runs:
        st.info("No runs yet" + (": set one up first." if jobs.is_allowed() else "."))
        return
    called = shelf.labels_of(runs.values())
    if st.session_state.get(RUN) not in runs:
        # A browser tells what the run was called when it was chosen: the one that was shown stays,
        # though others are called alike by now.
        asked, shown = st.query_params.get(RUN), st.session_state.get(SHOWN)
        named = (run_id for run_id, label in called.items() if label == asked)
        worked_on = (run.id for run in runs.values() if run.job)
        wanted = (asked, *named, shown, *worked_on, *runs)
        st.session_state[RUN] = next(run_id for run_id in wanted if run_id in runs)
    chosen = st.selectbox(
        "Run",
        list(runs),
        key=RUN,
        format_func=lambda run_id: called.get(run_id, run_id),
        label_visibility="collapsed",
    )
    st.session_state[SHOWN] = chosen
    works = runs[chosen].job is not None
    live = st.fragment(_live, run_every=EVERY_SECONDS if works else None)
    live(chosen, works, visit.chosen(RUN, VIEW))
    if not works:
        st.fragment(_await_job, run_every=AT_REST_SECONDS)(chosen)


def open_run(run_id: str) -> None:
    """Watch a run; for a callback, in which alone another view may be chosen."""
    st.session_state[RUN] = run_id
    st.session_state[VIEW] = "Watch"
    # With the view, which Streamlit writes there now, beside what else it heard last.
    st.query_params[RUN] = run_id


def refusal(error: RunsError) -> str:
    """Why something is refused, without where the runs lie; and what helps, to the host alone."""
    reason = folders.within(shelf.runs_folder(), error.reason)
    return escaped(sentence(reason + access.for_the_host(error.advice)))


@contextmanager
def refusal_said() -> Iterator[None]:
    """Says why what is done within it is refused."""
    try:
        yield
    except RunsError as error:
        st.toast(refusal(error))


def use_button(run: Run) -> None:
    """The way on with a run's model, where it has one."""
    if not run.model:
        return
    # A callback alone may set the sidebar's choice of the model.
    pressed = st.button("Use in the app", key=f"use-{run.id}", on_click=_use, args=(run.id,))
    if pressed and st.session_state.pop(_USED, None) == run.id:
        called = shelf.labels_of(list_runs(shelf.runs_folder()).runs).get(run.id, run.name)
        visit.open_explore(f"The app now uses “{escaped(called)}”.")


def _use(run_id: str) -> None:
    with refusal_said():
        # As it is now: another visitor may have deleted it.
        model = load(shelf.runs_folder(), run_id).model
        if model is None:
            raise RunsError("this run has no model yet")
        if isinstance(reason := shelf.engine_at(model), str):
            raise RunsError(f"its model cannot be loaded: {folders.within(model, reason)}")
        visit.use_run(run_id)
        st.session_state[_USED] = run_id


def chart(name: Markup | str, figure: Figure, *, key: str, alt: str) -> None:
    """A figure of epochs below its name."""
    st.html(paragraph("curve-name", name))
    st.plotly_chart(figure, key=key, config=NO_MODE_BAR, alt=alt)


def _live(run_id: str, was_working: bool, shown: dict[str, object]) -> None:
    try:
        run = load(shelf.runs_folder(), run_id)
    except RunsError as error:
        st.warning(f"{refusal(error)}. Choose another run.")
        return
    if (run.job is not None) != was_working:
        # The whole page, which then asks for news more or less often.
        st.rerun()
    _status(run)
    if run.epochs:
        chosen = epoch_board(
            key=f"board-{run.id}", epochs=run.epochs, running=run.job is not None, name=run.name
        )
        _curves(run, chosen)
        own_digit.show(run, chosen or run.epochs[-1].number)
    elif run.job == "training":
        st.caption("The first row of digits comes with the first epoch.")
    _evaluation(run)
    visit.run_page_unless(shown)


def _await_job(run_id: str) -> None:
    """Nothing to see: whether another visitor has gone on with the run, or evaluates it."""
    with suppress(RunsError):  # one that is gone stays on the page until something is chosen
        if load(shelf.runs_folder(), run_id).job:
            st.rerun()


def _status(run: Run) -> None:
    state = "Evaluating" if run.job == "evaluation" else STATES[run.state]
    onward = GOES_ON.get(run.state, "") if jobs.is_allowed() else ""
    rest = f"{onward} {len(run.epochs)} of {run.setup.train.epochs} epochs"
    aloud(state if run.job else state + rest, f"run-{run.id}")
    left, right = st.columns([2.2, 1], vertical_alignment="center")
    with left:
        if run.job == "evaluation":
            _evaluating(run)
        elif run.progress:
            _training(run, run.progress)
        else:
            st.markdown(f"**{state}**{rest}")
        if run.message and run.state == "failed":
            st.error(escaped(run.message))
        if run.unevaluated and not run.job:
            st.error(escaped(run.unevaluated))
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        if run.job is None:
            use_button(run)
        if not jobs.is_allowed():
            return
        if run.state == "training":
            _button("Pause", jobs.pause, run)
        if run.state == "paused" or run.can_resume:
            _button("Go on", jobs.resume, run)
        if run.job:
            _button("Stop", jobs.stop, run)


def _button(label: str, action: Callable[[Path, str], None], run: Run) -> None:
    def act() -> None:
        with refusal_said():
            action(shelf.runs_folder(), run.id)

    st.button(label, key=f"{label}-{run.id}", on_click=act)


def _training(run: Run, progress: Progress) -> None:
    """How far the training is; how far its phase, where no epoch is known yet."""
    if not progress.epochs:
        st.progress(progress.share, text=progress.message or STATES[run.state])
        return
    if progress.epoch == progress.epochs:
        st.progress(1.0, text="Finishing")
        return
    parts = [
        STATES[run.state],
        f"epoch {progress.epoch + 1} of {progress.epochs}",
        f"batch {progress.batch} of {progress.batches}",
    ]
    if run.state == "training" and progress.images_per_second:
        parts.append(f"{progress.images_per_second:,.0f} images a second")
    if run.state == "training" and progress.seconds_left:
        parts.append(f"{duration(progress.seconds_left)} left")
    share = (progress.epoch + progress.batch / progress.batches) / progress.epochs
    st.progress(share, text=", ".join(parts))


def _curves(run: Run, chosen: int | None) -> None:
    for column, name in zip(st.columns(len(MAIN)), MAIN, strict=True):
        _curve(column, run, name, chosen)
    st.caption(curves.what_is_drawn(run.setup.train))
    if st.toggle("Show the parts of the VAE loss", key="train_parts", persist_state="session"):
        *columns, last = st.columns(len(MORE) + 1)
        for column, name in zip(columns, MORE, strict=True):
            _curve(column, run, name, chosen)
        with last:
            figure = curves.kl_per_dim(run.epochs, chosen, _dim_names(run))
            told = (f"{trace['name']}: {trace['y'][-1]:.2f}" for trace in figure["data"])
            chart(
                "KL of each style dim, nats",
                figure,
                key=f"dims-{run.id}",
                alt=f"KL of each style dim by epoch; last, in nats: {'; '.join(told)}",
            )
            st.caption("Point at a line to see which dim it is.")


def _dim_names(run: Run) -> dict[int, str]:
    """What the style dims of its model are called on Explore, counted from 0; empty while it
    learns."""
    engine = shelf.engine_at(run.model) if run.model and not run.job else None
    if not isinstance(engine, DigitEngine):
        return {}
    return {each.dim: each.name for dims in style_dims(engine) for each in dims}


def _curve(column: DeltaGenerator, run: Run, name: LossName, chosen: int | None) -> None:
    legend = Markup(
        '{} <span><i style="--trace: var(--accent)"></i>test</span> <span><i></i>train</span>'
    )
    # The key lets page.css colour the traces.
    figure = curves.losses(run.epochs, name, chosen)
    test, _ = figure["data"]
    with column, st.container(key=f"curve-{name}"):
        chart(
            legend.format(curves.LABELS[name]),
            figure,
            key=f"chart-{name}-{run.id}",
            alt=f"{curves.LABELS[name]} by epoch; last on test {test['y'][-1]:.2f}",
        )


def _evaluation(run: Run) -> None:
    """What was measured of its model, and a way to do so. It stands at the end of a long page, so
    that its progress is shown here too."""
    offered = jobs.is_allowed() and run.checkpoint is not None and run.job is None
    if not (run.job == "evaluation" or run.metrics or offered):
        return
    st.header("Evaluation", anchor=False)
    if run.job == "evaluation":
        _evaluating(run)
        return
    if told := run_comparison.measured([run], shelf.judge_accuracy()):
        # An imported run may claim anything.
        of = grouped(str(run.metrics.get("data"))[:60])
        said = (
            f"Of the last model, on test digits that it has not seen ({of}). Models says what each "
            "figure means and what good is."
        )
        rows = ((each.name, shown(value or 0, each.kind)) for each, (value,) in told)
        st.html(paragraph("quiet", said) + facts("figures measured", rows))
    else:
        st.markdown("How good is it? An independent judge reads what it writes, in a minute or so.")
    if offered:
        _button("Evaluate again" if run.metrics else "Evaluate", jobs.evaluate, run)


def _evaluating(run: Run) -> None:
    progress = run.progress or Progress("evaluating", message="starting")
    st.progress(progress.share, text=f"Evaluating: {progress.message}")
