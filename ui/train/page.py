"""Train: set a training up, watch it learn, keep and compare what came of it."""

import streamlit as st

from ui.shared import access, frame, pages, shelf
from ui.shared.browser import script
from ui.shared.words import quoted
from ui.train import compare, run_list, setup_form, watch
from vae_model.runs import jobs
from vae_model.runs.run import list_runs

VIEWS = {
    "Set up": setup_form.show,
    "Watch": watch.show,
    "Runs": run_list.show,
    "Compare": compare.show,
}

_watched = st.components.v2.component("watched", js=script("train/watched"))


def render() -> None:
    frame.header(pages.TRAIN)
    # Before the views, which clean the address of what they cannot use.
    frame.address_note(_unknown())
    views = list(VIEWS)
    if reason := jobs.why_not():
        off = access.for_the_host(" Without `VAE_TRAINING=off` it is on.")
        st.info(reason + (off if jobs.is_turned_off() else ""))
        views.remove("Set up")
    view = st.segmented_control(
        "View",
        views,
        default="Runs" if reason else "Set up",
        required=True,
        key=watch.VIEW,
        bind="query-params",
        label_visibility="collapsed",
    )
    VIEWS[view]()
    run = st.session_state.get(watch.RUN, "") if view == "Watch" else ""
    with st.sidebar:  # out of sight
        _watched(key="watched", height=1, data={"run": run})


def _unknown() -> list[str]:
    """What to say of the view and the run that the address names and that are not there."""
    view, run = (st.query_params.get(name) for name in (watch.VIEW, watch.RUN))
    if watch.SHOWN in st.session_state:
        run = None  # Streamlit may tell of an address before the one that is there.
    # Runs are looked through where one is named alone; in older links it is as people call it.
    called = {} if run is None else shelf.labels_of(list_runs(shelf.runs_folder()).runs)
    runs = {*called, *called.values()}
    return [
        f"there is no {name} {quoted(asked)}"
        for name, asked, known in ((watch.VIEW, view, VIEWS), (watch.RUN, run, runs))
        if asked is not None and asked not in known
    ]


render()
