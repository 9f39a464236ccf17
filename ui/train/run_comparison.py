"""Runs beside one another: where they were set up differently, and which came out better."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vae_model.model.numbers import number
from vae_model.runs.run import Run


@dataclass(frozen=True)
class Row:
    """One figure of several runs."""

    name: str
    label: str
    values: tuple[float | None, ...]
    """One for each run; None where it was not measured."""
    best: frozenset[int]
    """The runs, by position, that have the best value; empty where they do not differ, where it is
    only told for fewer than two, or where neither more nor less is better."""

    def text(self, place: int) -> str:
        """The value of one of the runs, for people: four digits, or the whole of a large number."""
        value = self.values[place]
        if value is None:
            return "not measured"
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


LAST_EPOCH: dict[str, tuple[str, int]] = {
    "accuracy": ("Accuracy", 1),
    "vae_loss": ("VAE loss", 0),
    "recon_nll": ("Reconstruction", 0),
    "kl": ("KL divergence", 0),
    "classification_loss": ("Classification loss", -1),
}
"""Test figures of the last epoch: label, and 1 where more is better, −1 where less is, 0 where
that depends on how the model was set up (its likelihood and β)."""

MEASURED: dict[str, tuple[str, int]] = {
    "test_accuracy": ("Test digits read rightly", 1),
    "augmented_accuracy": ("Bent test digits read rightly", 1),
    "calibration_error": ("Calibration error", -1),
    "nelbo_bernoulli": ("NELBO, grey pixels (nats)", -1),
    "nelbo_binarised": ("NELBO, binarised pixels (nats)", -1),
    "reconstruction_mse": ("Squared error of a reconstruction", -1),
    "active_dims": ("Style dims in use", 0),
    "generation_accuracy": ("Asked digit read by the judge", 1),
    "generation_accuracy_worst_digit": ("Worst digit, read by the judge", 1),
    "style_transfer_accuracy": ("Lent styles read by the judge", 1),
    "frechet_distance": ("Fréchet distance", -1),
    "digit_leak_linear": ("Digit read from style, linear probe", -1),
    "digit_leak_mlp": ("Digit read from style, MLP probe", -1),
    "digit_leak_sampled": ("Digit read from sampled style", -1),
    "slant_consistency": ("Slant shared by the ten digits", 1),
    "thickness_consistency": ("Thickness shared by the ten digits", 1),
    "parameters": ("Parameters", 0),
}
"""Figures of `evaluate`, likewise."""


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


def table(runs: Sequence[Run]) -> list[Row]:
    """Figures that at least one of the runs has: the last epoch's, then those of `evaluate`.

    They compare where the runs were tested on the same images: `differences` tells of `data`, and
    `same_evaluation` of the rest.
    """
    last = [run.epochs[-1].test if run.epochs else {} for run in runs]
    rows = [
        _row(name, label, told, sign)
        for figures, told in ((LAST_EPOCH, last), (MEASURED, [run.metrics for run in runs]))
        for name, (label, sign) in figures.items()
    ]
    return [row for row in rows if any(value is not None for value in row.values)]


def same_evaluation(runs: Sequence[Run]) -> bool:
    """Whether all runs that were evaluated were so on the same data."""
    return len({str(run.metrics.get("data")) for run in runs if run.metrics}) <= 1


def _row(name: str, label: str, told: Sequence[dict[str, Any]], sign: int) -> Row:
    values = tuple(number(figures.get(name)) for figures in told)
    known = [value for value in values if value is not None]
    best: frozenset[int] = frozenset()
    if sign and len(known) > 1 and len(set(known)) > 1:
        aim = max(known, key=lambda value: sign * value)
        best = frozenset(index for index, value in enumerate(values) if value == aim)
    return Row(name, label, values, best)
