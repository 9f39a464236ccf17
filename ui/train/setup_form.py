"""The form in which a training is set up and started: a preset, and every field of its two
configurations."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.shared import shelf, visit
from ui.shared.words import duration, escaped, sentence
from ui.train import watch
from vae_model.data import folder
from vae_model.model.config import ConfigError
from vae_model.model.fields import FIELDS, Field
from vae_model.model.marked import can_begin
from vae_model.model.presets import PRESETS
from vae_model.runs import jobs
from vae_model.runs.folders import RunsError
from vae_model.runs.lock import holder
from vae_model.runs.run import MAX_NAME
from vae_model.runs.spec import TrainingSpec

PRESET_HELP = {
    "quick": "A small model that shows everything within a minute or two.",
    "article": "The article's own network and training, to the number.",
    "studio": "What the app's own model was trained with: the best digits, and the slowest.",
}
"""The first one is chosen at first."""
DATA_HELP = {
    "sample": "10,000 digits that come with the app",
    "mnist": "all 60,000 digits, fetched if they are not there yet",
    "auto": "all of them where they are on disk, else the sample",
}
_NAME = "train_name"
_ESTIMATE = "train_estimate"


@st.fragment
def show() -> None:
    """The form, and the button that starts what it describes."""
    visit.run_page_unless({watch.VIEW: "Set up"})
    formed = _form()
    if formed is None:
        return
    place, setup, name = formed
    works = holder(shelf.runs_folder()) is not None
    with place:
        st.fragment(_starter, run_every=watch.EVERY_SECONDS if works else None)(setup, name, works)


def _starter(setup: TrainingSpec, name: str, was_working: bool) -> None:
    """The button, and what it will take; again every second while it has to wait for a job."""
    # Once it is started: a callback of a fragment runs the fragment alone.
    visit.run_page_unless({watch.VIEW: "Set up"})
    works = holder(shelf.runs_folder()) is not None
    if works != was_working:
        # The whole page, which then asks for news more or less often.
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="start"):
        st.button(
            "Start training", type="primary", disabled=works, on_click=_start, args=(setup, name)
        )
        _show_cost(setup)
    if works:
        st.caption("Another training or evaluation runs now; one at a time fits this machine.")


def _start(setup: TrainingSpec, name: str) -> None:
    with watch.refusal_said():
        watch.open_run(jobs.start(shelf.runs_folder(), setup, name))
        # It has been given away.
        st.session_state[_NAME] = ""


def _form() -> tuple[DeltaGenerator, TrainingSpec, str] | None:
    """The place to start from, which stands above the many fields, the setup that they describe
    and the run's name; None while it cannot work, and says why."""
    first, second, third = st.columns([1, 1, 1.2])
    preset = first.selectbox(
        "Preset", list(PRESET_HELP), key="train_preset", persist_state="session"
    )
    # All digits only where they are, or could be put.
    can_be_had = folder.is_downloaded() or can_begin(folder.raw_folder())
    helps = {name: line for name, line in DATA_HELP.items() if name != "mnist" or can_be_had}
    data = second.selectbox(
        "Digits",
        list(helps),
        key="train_data",
        help="  \n".join(f"{name}: {line}" for name, line in helps.items()),
        persist_state="session",
    )
    name = third.text_input(
        "Name",
        key=_NAME,
        max_chars=MAX_NAME,
        placeholder="named by itself",
        persist_state="session",
    )
    st.caption(f"{PRESET_HELP[preset]} Digits: {DATA_HELP[data]}.")
    start = st.container(key="start-place")
    changes: dict[str, Any] = {}
    problems: list[str] = []
    for group in dict.fromkeys(field.group for field in FIELDS.values()):
        _group(preset, group, changes, problems)
    try:
        setup = TrainingSpec.of(preset, changes, data)
    except ConfigError as error:
        problems.append(str(error).replace("_", " "))
    if problems:
        start.warning("  \n".join(f"{sentence(problem)}." for problem in problems))
        return None
    return start, setup, name


def _show_cost(setup: TrainingSpec) -> None:
    """What the setup will take; the time where it was asked for, since that needs a short trial."""
    estimated, said = st.session_state.get(_ESTIMATE, (None, ""))
    parts = [
        f"{setup.parameters:,} parameters",
        f"at most {setup.bytes_needed / 1e6:.0f} MB on disk",
    ]
    if setup.changed:
        parts.append(f"{len(setup.changed)} changed from {setup.preset}")
    if estimated == setup:
        parts.append(said)
    st.markdown(" · ".join(parts))
    if estimated != setup and st.button("Estimate the time", type="tertiary"):
        with st.spinner("Trying some batches on this machine …"):
            try:
                said = f"about {duration(jobs.estimate(setup))} on this machine"
            except RunsError as error:
                said = escaped(str(error))
        st.session_state[_ESTIMATE] = (setup, said)
        st.rerun(scope="fragment")


def _group(preset: str, group: str, changes: dict[str, Any], problems: list[str]) -> None:
    """The fields of one group; puts what differs from the preset into `changes`."""
    with st.expander(group):
        columns = st.columns(3)
        fields = [field for field in FIELDS.values() if field.group == group]
        for number, field in enumerate(fields):
            config = PRESETS[preset].model if field.of_model else PRESETS[preset].train
            usual = getattr(config, field.name)
            with columns[number % 3]:
                value = _control(field, usual, f"{preset}.{field.name}", problems)
            if value != usual:
                changes[field.name] = value


def _control(field: Field, usual: Any, key: str, problems: list[str]) -> Any:
    """The control of one field. Bounds are the control's own where it has any."""
    label = field.name.replace("_", " ")
    bounds = field.bounds
    common: dict[str, Any] = {"key": key, "help": field.help, "persist_state": "session"}
    if field.choices:
        return st.selectbox(label, field.choices, field.choices.index(usual), **common)
    if field.kind is bool:
        return st.toggle(label, usual, **common)
    if field.kind is int:
        low, high = (int(bounds.low), int(bounds.high)) if bounds else (None, None)
        return st.number_input(label, low, high, usual, 1, **common)
    # Free text for the others: a number box would round a rate of 0.0015 to what its step allows.
    text = st.text_input(label, field.text(usual), **common)
    try:
        value = field.parse(text)
    except ConfigError:
        numbers = "whole numbers with commas between them"
        wanted = numbers if field.kind is tuple else "a number"
        problems.append(f"{label}: {wanted}, not “{escaped(text.strip()[:30])}”")
        return usual
    inside = value if isinstance(value, tuple) else (value,)
    if bounds and not all(map(bounds.allow, inside)):
        problems.append(f"{label} must be {bounds}")
        return usual
    return value
