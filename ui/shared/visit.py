"""What pages share through the session: the model, and what is said on the way to Explore."""

from collections.abc import Iterable
from contextlib import suppress
from typing import NoReturn

import streamlit as st
from streamlit.errors import StreamlitAPIException

from ui.shared import shelf
from ui.shared.pages import EXPLORE
from ui.shared.shelf import RUN_PREFIX

MODEL = "model"
RUN = "run_id"
"""In an address beside the model's name: the id of the run whose it is, which may be called
otherwise by the time that the address is opened."""
MOST_RUNS = 8
_RUNS = "runs_in_use"
_SAID = "said_on_the_way"


def runs_in_use(asked: Iterable[str]) -> list[str]:
    """Ids of the runs whose models can be chosen: asked for in the address, or used by Train."""
    kept: list[str] = st.session_state.setdefault(_RUNS, [])
    for label in asked:
        kept += [run_id for run_id in runs_meant(label) if run_id not in kept]
    # An address can name any number of them.
    del kept[:-MOST_RUNS]
    return list(kept)


def runs_meant(label: str) -> list[str]:
    """Ids of the runs that an address may mean, likeliest last; a visit begins by its run id."""
    run_id = None if MODEL in st.session_state else st.query_params.get(RUN)
    return shelf.runs_called(RUN_PREFIX + run_id if run_id else label)


def chosen(*keys: str) -> dict[str, object]:
    """What the whole page is run for: the model, and what widgets outside of a fragment say."""
    return {key: st.session_state.get(key) for key in (MODEL, *keys)}


def run_page_unless(shown: dict[str, object]) -> None:
    """Within a fragment: run the whole page where something else is chosen than what it ran for.

    What a visitor chooses in the moment in which a component speaks the browser tells in one
    request with it, which runs the fragment alone; and so does a callback of a fragment."""
    if any(st.session_state.get(key) != value for key, value in shown.items()):
        st.rerun()


def use_run(run_id: str) -> None:
    """Make a run's model the one that this visitor's pages use; for a callback."""
    kept = [each for each in st.session_state.get(_RUNS, []) if each != run_id]
    st.session_state[_RUNS] = [*kept, run_id]
    st.session_state[MODEL] = RUN_PREFIX + run_id


def open_explore(said: str = "") -> NoReturn:
    """Go to Explore, and say something there: what a page says before another one is never seen."""
    st.session_state[_SAID] = said
    # What is set here the sidebar puts into the next address. Where it was drawn in this very run,
    # neither this nor an address that names the model is allowed.
    with suppress(StreamlitAPIException):
        st.session_state[MODEL] = st.session_state[MODEL]
    st.switch_page(EXPLORE.file, query_params={})


def said_on_the_way() -> str:
    """What another page had to say when it opened Explore; once."""
    return str(st.session_state.pop(_SAID, ""))
