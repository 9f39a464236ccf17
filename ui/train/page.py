"""Train: set a training up, watch it learn, keep and compare what came of it."""

import streamlit as st

from ui.shared import access, frame, pages, shelf
from ui.shared.words import escaped
from ui.train import compare, run_digits, run_list, setup_form, watch
from ui.train.run_list import RUN, VIEW
from vae_model.runs import jobs
from vae_model.runs.folders import RunsError
from vae_model.runs.run import list_runs
from vae_model.runs.spec import TrainingSpec

VIEWS = ("Set up", "Watch", "Runs", "Compare")


def render() -> None:
    """The whole page."""
    frame.header(pages.TRAIN)
    if reason := jobs.why_not():
        off = access.for_the_host(" Without `VAE_TRAINING=off` it is on.")
        st.info(reason + (off if jobs.is_turned_off() else ""))
    view = st.segmented_control(
        "View",
        VIEWS[1:] if reason else VIEWS,
        default="Runs" if reason else "Set up",
        required=True,
        key=VIEW,
        bind="query-params",
        label_visibility="collapsed",
    )
    if view == "Set up":
        _set_up()
    elif view == "Watch":
        _watch()
    elif view == "Runs":
        run_list.show()
    else:
        compare.show_comparison()


@st.fragment
def _set_up() -> None:
    if st.session_state[VIEW] != "Set up":
        # It was just started: a callback of a fragment runs the fragment alone.
        st.rerun()
    formed = setup_form.setup_form()
    if formed is None:
        return
    place, setup, name = formed
    working = jobs.current(shelf.runs_folder())
    with place, st.container(horizontal=True, vertical_alignment="center", key="start"):
        st.button(
            "Start training",
            type="primary",
            disabled=working is not None,
            on_click=_start,
            args=(setup, name),
        )
        setup_form.show_cost(setup)
    if working is not None:
        place.caption("Another training or evaluation runs now; one at a time fits this machine.")


def _start(setup: TrainingSpec, name: str) -> None:
    try:
        st.session_state[RUN] = jobs.start(shelf.runs_folder(), setup, name)
    except RunsError as error:
        st.toast(escaped(str(error)))
    else:
        st.session_state[VIEW] = "Watch"
        # It has been given away.
        st.session_state[setup_form.NAME] = ""


def _watch() -> None:
    runs = {run.id: run for run in list_runs(shelf.runs_folder()).runs}
    if not runs:
        st.info("No runs yet: set one up first.")
        return
    working = jobs.current(shelf.runs_folder())
    if st.session_state.get(RUN) not in runs:
        first = working.run if working and working.run in runs else next(iter(runs))
        st.session_state[RUN] = first
    called = run_digits.labels(runs.values())
    chosen = st.selectbox(
        "Run",
        list(runs),
        key=RUN,
        bind="query-params",
        format_func=lambda run_id: called.get(run_id, run_id),
        label_visibility="collapsed",
    )
    watch.show(chosen)


render()
