"""Train: set a training up, watch it learn, keep and compare what came of it."""

import streamlit as st

from ui.shared import access, frame, pages
from ui.train import compare, run_list, setup_form, watch
from vae_model.runs import jobs

VIEWS = {
    "Set up": setup_form.show,
    "Watch": watch.show,
    "Runs": run_list.show,
    "Compare": compare.show,
}


def render() -> None:
    """The whole page."""
    frame.header(pages.TRAIN)
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


render()
