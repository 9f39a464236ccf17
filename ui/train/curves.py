"""Training curves: epochs of runs in, plotly figures out. Test is one trace and train another."""

from collections.abc import Mapping, Sequence

from ui.shared.charts import Figure, line, over_epochs
from vae_model.model.config import TrainConfig
from vae_model.runs.events import Epoch, LossName
from vae_model.runs.run import Run
from vae_model.training.schedule import restart_epoch

COLORS = ("#4a6cf7", "#d9772b", "#2b9a78", "#b15bc4")
"""Of up to four runs that are compared, to be told apart in both themes."""
DASHES = ("solid", "dash", "dot", "dashdot")
"""Theirs too, to be told apart without hue."""

LABELS: Mapping[LossName, str] = {
    "vae_loss": "VAE loss, nats per image",
    "classification_loss": "Classification loss, nats",
    "accuracy": "Accuracy of the classifier, %",
    "recon_nll": "Reconstruction, nats",
    "kl": "KL divergence, nats",
}


def what_is_drawn(train: TrainConfig) -> str:
    """How the figures of the two sets differ in more than their digits."""
    moves = train.beta_epochs > 0 and train.beta_start != train.beta
    then, last = (", with the β of that moment", ", with the last β") if moves else ("", "")
    restart = restart_epoch(train)
    until = f" until epoch {restart}, and rests from then on" if restart else ""
    kinds = (
        (train.augment, f" In training the classifier sees augmented images{until}."),
        (train.label_smoothing > 0, " Its loss there is against smoothed labels."),
        (train.ema_decay > 0, " Test is of the weights' running mean."),
        (restart > 0, f" After epoch {restart} all but the classifier learn fast once more."),
    )
    return (
        f"Train is the mean over an epoch, while the weights changed{then}; test is at the epoch's "
        f"end{last}."
    ) + "".join(said for so, said in kinds if so)


def losses(epochs: Sequence[Epoch], name: LossName, chosen: int | None) -> Figure:
    """One figure of a run on test and train images, with a mark at the epoch that is looked at."""
    traces = [_trace(epochs, part, _values(epochs, part, name)) for part in ("test", "train")]
    return over_epochs(traces, chosen)


def kl_per_dim(epochs: Sequence[Epoch], chosen: int | None, names: Mapping[int, str]) -> Figure:
    """What each style dim of a run costs, in nats; those that are asleep lie on the ground. `names`
    says what they are called, counted from 0, where that is known."""
    costs = zip(*(epoch.kl_per_dim for epoch in epochs), strict=True)
    traces = []
    for dim, nats in enumerate(costs):
        label = f"dim {dim + 1}" + (f", {names[dim]}" if dim in names else "")
        traces.append(_trace(epochs, label, nats, width=1.5))
    figure = over_epochs(traces, chosen)
    figure["layout"]["hovermode"] = "closest"
    return figure


def compared(names: Sequence[str], runs: Sequence[Run], name: LossName) -> Figure:
    """The test figures of several runs, by the names to show, in one picture."""
    return over_epochs(
        [
            _trace(run.epochs, label, _values(run.epochs, "test", name), color=color, dash=dash)
            for label, run, color, dash in zip(names, runs, COLORS, DASHES, strict=False)
        ]
    )


def _values(epochs: Sequence[Epoch], part: str, name: LossName) -> list[float]:
    """Of the part "test" or "train"; accuracy in percent."""
    scale = 100 if name == "accuracy" else 1
    return [scale * getattr(epoch, part)[name] for epoch in epochs]


def _trace(epochs: Sequence[Epoch], label: str, values: Sequence[float], **look: object) -> Figure:
    # The first and the last epoch stand at the edge.
    dots = {"mode": "lines+markers", "marker": {"size": 5}, "cliponaxis": False}
    return line(label, [epoch.number for epoch in epochs], values, **look) | dots
