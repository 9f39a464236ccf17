"""The form in which a training is set up and started: a preset, and every field of its two
configurations."""

from itertools import groupby
from operator import attrgetter
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.shared import shelf, visit
from ui.shared.aloud import aloud
from ui.shared.words import duration, escaped, sentence
from ui.train import watch
from vae_model.data import folder
from vae_model.model.config import ConfigError
from vae_model.model.fields import FIELDS, Field
from vae_model.model.marked import can_begin
from vae_model.model.presets import PRESETS
from vae_model.runs import jobs
from vae_model.runs.lock import holder
from vae_model.runs.run import MAX_NAME
from vae_model.runs.spec import TrainingSpec

PRESET_HELP = {
    "quick": "A small model that shows everything within a minute.",
    "article": "The article's own network and training, to the number.",
    "studio": "What the app's own model was trained with: the best digits, and the slowest.",
}
"""The first one is chosen at first."""
DATA_HELP = {
    "sample": "10,000 digits that come with the app",
    "mnist": "all 60,000 digits, fetched if they are not there yet",
    "auto": "all of them where they are on disk, else the sample",
}
_PRESET = "train_preset"
_DATA = "train_data"
_NAME = "train_name"
_ESTIMATE = "train_estimate"


@st.fragment
def show() -> None:
    visit.run_page_unless({watch.VIEW: "Set up"})
    place = _form()
    _, problems = _described()
    with place:
        if problems:
            st.warning("  \n".join(f"{sentence(problem)}." for problem in problems))
            return
        works = holder(shelf.runs_folder()) is not None
        seconds = watch.EVERY_SECONDS if works else watch.AT_REST_SECONDS
        st.fragment(_starter, run_every=seconds)(works)


def fill(setup: TrainingSpec) -> None:
    """Show the form as it was when this was set up; for a callback, in which alone another view may
    be chosen."""
    state, values = st.session_state, vars(setup.model) | vars(setup.train)
    state[_PRESET], state[_DATA], state[watch.VIEW] = setup.preset, setup.data, "Set up"
    for field in FIELDS.values():
        state[_key(setup.preset, field)] = _shown(field, values[field.name])
    if setup.data not in _digits():
        st.toast("It learned from all 60,000 digits, which cannot be had here: choose others.")
    if setup.held_out:
        kept = f"{setup.held_out:,} digits were held out of its training"
        st.toast(f"{kept}, as the command line does: one set up here learns from them too.")


def _digits() -> dict[str, str]:
    """What can be learned from, and what it is: all digits only where they are or could be put."""
    can_be_had = folder.is_downloaded() or can_begin(folder.raw_folder())
    return {name: said for name, said in DATA_HELP.items() if name != "mnist" or can_be_had}


def _starter(was_working: bool) -> None:
    """The button, and what it will take; again every second while it has to wait for a job."""
    # Once it is started: a callback of a fragment runs the fragment alone.
    visit.run_page_unless({watch.VIEW: "Set up"})
    works = holder(shelf.runs_folder()) is not None
    setup, _ = _described()
    if works != was_working or setup is None:
        # The whole page, which then asks for news more or less often, or says what is wrong.
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="start"):
        st.button("Start training", type="primary", disabled=works, on_click=_start)
        _show_cost(setup)
    if works:
        st.caption("Another training or evaluation runs now; one at a time fits this machine.")


def _start() -> None:
    # The browser tells of what was typed last and of the click in one request.
    setup, _ = _described()
    if setup is None:
        return
    with watch.refusal_said():
        watch.open_run(jobs.start(shelf.runs_folder(), setup, st.session_state[_NAME]))
        # It has been given away.
        st.session_state[_NAME] = ""


def _form() -> DeltaGenerator:
    """Every field; returns the place to start from, which stands above the many of them."""
    first, second, third = st.columns([1, 1, 1.2])
    preset = first.selectbox("Preset", list(PRESET_HELP), key=_PRESET, persist_state="session")
    helps = _digits()
    data = second.selectbox(
        "Digits",
        list(helps),
        key=_DATA,
        help="  \n".join(f"{name}: {line}" for name, line in helps.items()),
        persist_state="session",
    )
    third.text_input(
        "Name",
        key=_NAME,
        max_chars=MAX_NAME,
        placeholder="named by itself",
        persist_state="session",
    )
    st.caption(f"{PRESET_HELP[preset]} Digits: {DATA_HELP[data]}.")
    start = st.container(key="start-place")
    # They stand group by group.
    for group, fields in groupby(FIELDS.values(), key=attrgetter("group")):
        with st.expander(group):
            # Row by row, as they are read and tabbed through on a phone too.
            for place, field in enumerate(fields):
                if place % 3 == 0:
                    columns = st.columns(3)
                with columns[place % 3]:
                    _control(field, preset)
    return start


def _described() -> tuple[TrainingSpec | None, list[str]]:
    """The setup that the controls describe as they stand, or what is wrong with it."""
    state = st.session_state
    preset = state[_PRESET]
    changes: dict[str, Any] = {}
    problems: list[str] = []
    for field in FIELDS.values():
        # Of a preset that was chosen with the click nothing has been shown, and nothing changed.
        if _key(preset, field) not in state:
            continue
        try:
            value = _value(field, state[_key(preset, field)])
        except ConfigError as error:
            problems.append(str(error))
            continue
        if value != _usual(preset, field):
            changes[field.name] = value
    try:
        setup = TrainingSpec.of(preset, changes, state[_DATA])
    except ConfigError as error:
        problems.append(str(error).replace("_", " "))
    return (None, problems) if problems else (setup, [])


def _show_cost(setup: TrainingSpec) -> None:
    """What the setup will take; the time where it was asked for, since that needs a short trial."""
    estimated, said = st.session_state.get(_ESTIMATE, (None, ""))
    parts = (
        f"{setup.parameters:,} parameters",
        f"at most {setup.bytes_needed / 1e6:.0f} MB on disk",
        f"{len(setup.changed)} changed from {setup.preset}" if setup.changed else "",
        said if estimated == setup else "",
    )
    st.markdown(" · ".join(filter(None, parts)))
    aloud(parts[-1], "estimate")
    # It stays: who pressed it by a key would lose their place.
    if st.button("Estimate the time", type="tertiary"):
        with watch.refusal_said(), st.spinner("Trying some batches on this machine …"):
            said = f"about {duration(jobs.estimate(setup))} on this machine"
            st.session_state[_ESTIMATE] = (setup, said)
            # Not the fragment alone: after a restart of the server this is a run of the whole page.
            st.rerun()


def _key(preset: str, field: Field) -> str:
    return f"{preset}.{field.name}"


def _usual(preset: str, field: Field) -> Any:
    """The preset's value of a field."""
    config = PRESETS[preset].model if field.of_model else PRESETS[preset].train
    return getattr(config, field.name)


def _shown(field: Field, value: Any) -> Any:
    """A value as the field's control holds it."""
    return field.text(value) if field.kind in (float, tuple) else value


def _control(field: Field, preset: str) -> None:
    """The control of one field. It has no bounds: of what lies outside its own, Streamlit's number
    input tells nobody, and the number before that would be trained with."""
    label = field.name.replace("_", " ")
    usual = _usual(preset, field)
    key = _key(preset, field)
    common: dict[str, Any] = {"key": key, "help": field.help, "persist_state": "session"}
    if field.choices:
        st.selectbox(label, field.choices, field.choices.index(usual), **common)
    elif field.kind is bool:
        st.toggle(label, usual, **common)
    elif field.kind is int:
        st.number_input(label, value=usual, step=1, **common)
    else:
        # Free text: a number box would round a rate of 0.0015 to what its step allows.
        st.text_input(label, _shown(field, usual), **common)


def _value(field: Field, said: Any) -> Any:
    """The value that a control's own stands for. Raises ConfigError."""
    label = field.name.replace("_", " ")
    value = said
    if field.kind in (float, tuple):
        try:
            value = field.parse(said)
        except ConfigError:
            numbers = "whole numbers with commas between them"
            wanted = numbers if field.kind is tuple else "a number, as 0.003"
            raise ConfigError(f"{label}: {wanted}, not “{escaped(said.strip()[:30])}”") from None
    inside = value if isinstance(value, tuple) else (value,)
    if field.bounds and not all(map(field.bounds.allow, inside)):
        raise ConfigError(f"{label} must be {field.bounds}")
    return value
