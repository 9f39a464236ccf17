"""What runs were set up with and came to: where they differ, their figures, their digits."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from ui.shared import ink
from ui.shared.measures import GROUPS, Measure, value
from ui.shared.parts import group
from vae_model.runs.run import Run

Figures = list[tuple[Measure, list[float | None]]]
"""With one value for each run; None where it was not measured."""
# Whether less is better of the others depends on how the model was set up: its likelihood and β.
LAST_EPOCH = (
    Measure("accuracy", "accuracy, last epoch", "share", "high"),
    Measure("vae_loss", "VAE loss", "nats", ""),
    Measure("recon_nll", "reconstruction", "nats", ""),
    Measure("kl", "KL divergence", "nats", ""),
    Measure("classification_loss", "classification loss, nats", "fine", "low"),
)
"""Of the test digits, after a run's last epoch."""


def differences(runs: Sequence[Run]) -> dict[str, tuple[Any, ...]]:
    """What the runs were set up with differently, by name of the field, or `data`, `held_out` or
    `preset`: one value for each run."""
    setups = [
        {"preset": run.setup.preset, "data": run.data, "held_out": run.setup.held_out}
        | vars(run.setup.model)
        | vars(run.setup.train)
        for run in runs
    ]
    told = {name: tuple(setup[name] for setup in setups) for name in setups[0]}
    return {name: values for name, values in told.items() if len(set(values)) > 1}


def last_epoch(runs: Sequence[Run]) -> Figures:
    """Test figures of the last epoch that at least one of the runs has."""
    return _told(LAST_EPOCH, [run.epochs[-1].test if run.epochs else {} for run in runs])


def measured(runs: Sequence[Run], judge: float | None) -> Figures:
    """Figures of `evaluate` that at least one of the runs has, and yardsticks, of which `judge` is
    its own accuracy. They compare where the runs were tested on the same images: `differences`
    tells of `data`, and `same_evaluation` of the rest."""
    every = [each for known in GROUPS.values() for each in known]
    return _told(every, [run.metrics for run in runs], judge)


def _told(
    measures: Sequence[Measure], told: Sequence[dict[str, Any]], judge: float | None = None
) -> Figures:
    found = [(each, [value(figures, each.key, judge) for figures in told]) for each in measures]
    return [(each, values) for each, values in found if any(known is not None for known in values)]


def other_losses(runs: Sequence[Run]) -> str:
    """What of the VAE loss is not the same formula in all runs, in a sentence; empty if all is."""
    names = differences(runs).keys()
    if {"likelihood", "likelihood_std"} & names:
        losses = "VAE loss and reconstruction do not compare"
        return f"They were set up with another likelihood, so {losses}."
    if "beta" in names:
        return "They were set up with another β, so the VAE loss does not compare, as its parts do."
    return ""


def same_evaluation(runs: Sequence[Run]) -> bool:
    """Whether all runs that were evaluated were so on the same data."""
    return len({str(run.metrics.get("data")) for run in runs if run.metrics}) <= 1


def last_digits(run: Run, label: str) -> Markup:
    """The last epoch's ten digits, in the style that all runs share."""
    images = run.epochs[-1].digits(fixed_style=True).astype(np.float32) / 255
    pictures = [
        ink.picture(image, f"A {digit} after the last epoch of {label}", scale=3)
        for digit, image in enumerate(images)
    ]
    return group("run-digits", *pictures)


def value_text(value: Any) -> str:
    """The value of a hyperparameter for people."""
    if isinstance(value, tuple):
        return "-".join(map(str, value))
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)
