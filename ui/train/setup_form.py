"""The form in which a training is set up: a preset, and every field of its two configurations."""

from collections.abc import Iterable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.shared.words import duration, escaped
from ui.train.setup_words import DATA_HELP, PRESET_HELP, data_helps, listed, wanted
from vae_model.model.config import PRESETS, ConfigError
from vae_model.model.fields import FIELDS, Field
from vae_model.runs import jobs
from vae_model.runs.folders import RunsError
from vae_model.runs.run import MAX_NAME
from vae_model.runs.spec import TrainingSpec

PRESET, DATA, NAME = "train_preset", "train_data", "train_name"
FIRST_PRESET = "quick"
_ESTIMATE = "train_estimate"


def setup_form() -> tuple[DeltaGenerator, TrainingSpec, str] | None:
    """Show the form. Gives the place to start from, which stands above the many fields, the setup
    that they describe and the run's name; None while it cannot work, and says why."""
    names = sorted(PRESETS, key=lambda name: list(PRESET_HELP).index(name))
    first, second, third = st.columns([1, 1, 1.2])
    chosen = first.selectbox(
        "Preset", names, index=names.index(FIRST_PRESET), key=PRESET, persist_state="session"
    )
    helps = data_helps()
    data = second.selectbox(
        "Digits", list(helps), key=DATA, help=listed(helps), persist_state="session"
    )
    name = third.text_input(
        "Name",
        key=NAME,
        max_chars=MAX_NAME,
        placeholder="named by itself",
        persist_state="session",
    )
    st.caption(f"{PRESET_HELP[chosen]} Digits: {DATA_HELP[data]}.")
    start = st.container()
    changes: dict[str, Any] = {}
    problems: list[str] = []
    groups = dict.fromkeys(field.group for field in FIELDS.values())
    for group in groups:
        _group(chosen, group, changes, problems)
    try:
        setup = TrainingSpec.of(chosen, changes, data)
    except ConfigError as error:
        problems.append(str(error))
    if problems:
        start.warning("  \n".join(f"{problem[0].upper()}{problem[1:]}." for problem in problems))
        return None
    return start, setup, name


def show_cost(setup: TrainingSpec) -> None:
    """What the setup will take; the time where it was asked for, since that needs a short trial."""
    kept: tuple[TrainingSpec, str] | None = st.session_state.get(_ESTIMATE)
    parts = [
        f"{setup.parameters:,} parameters",
        f"at most {setup.bytes_needed / 1e6:.0f} MB on disk",
    ]
    if setup.changed:
        parts.append(f"{len(setup.changed)} changed from {setup.preset}")
    if kept and kept[0] == setup:
        parts.append(kept[1])
    st.markdown(" · ".join(parts))
    if not (kept and kept[0] == setup) and st.button("Estimate the time", type="tertiary"):
        with st.spinner("Trying some batches on this machine …"):
            try:
                said = f"about {duration(jobs.estimate(setup))} on this machine"
            except RunsError as error:
                said = escaped(str(error))
        st.session_state[_ESTIMATE] = (setup, said)
        st.rerun(scope="fragment")


def _group(chosen: str, group: str, changes: dict[str, Any], problems: list[str]) -> None:
    """The fields of one group; puts what differs from the preset into `changes`."""
    with st.expander(group):
        columns = st.columns(3)
        fields = [field for field in FIELDS.values() if field.group == group]
        for number, field in enumerate(fields):
            preset = PRESETS[chosen]
            usual = getattr(preset.model if field.of_model else preset.train, field.name)
            with columns[number % 3]:
                value = _control(field, usual, f"{chosen}.{field.name}", problems)
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
        problems.append(f"{label}: {wanted(field)}, not “{escaped(text.strip()[:30])}”")
        return usual
    inside: Iterable[float] = value if isinstance(value, tuple) else (value,)
    if bounds and not all(bounds.allow(each) for each in inside):
        problems.append(f"{label} must be {bounds}")
        return usual
    return value
