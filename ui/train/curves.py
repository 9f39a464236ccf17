"""Training curves: epochs of runs in, plotly figures out.

Test is one trace and train another, without colours: page.css paints them, so that they follow the
theme at once. Runs beside one another bring colours that can be told apart on both grounds.
"""

from collections.abc import Callable, Mapping, Sequence

from ui.shared.charts import Figure, epoch_axis
from vae_model.runs.events import Epoch, LossName

HEIGHT = 210
COLORS = ("#4a6cf7", "#d9772b", "#2b9a78", "#b15bc4")
"""Of up to four runs that are compared."""

LABELS: Mapping[LossName, str] = {
    "vae_loss": "VAE loss, nats per image",
    "classification_loss": "Classification loss, nats",
    "accuracy": "Accuracy of the classifier, %",
    "recon_nll": "Reconstruction, nats",
    "kl": "KL divergence, nats",
}


def losses(epochs: Sequence[Epoch], name: LossName, chosen: int | None) -> Figure:
    """One figure of a run on test and train images, with a mark at the epoch that is looked at."""
    figure = _figure(_last(epochs), chosen)
    figure["data"] = [
        _line(epochs, lambda epoch: epoch.test, name, "test"),
        _line(epochs, lambda epoch: epoch.train, name, "train"),
    ]
    return figure


def kl_per_dim(epochs: Sequence[Epoch], names: Mapping[int, str], chosen: int | None) -> Figure:
    """What each style dim of a run costs, in nats; those that are asleep lie on the ground."""
    figure = _figure(_last(epochs), chosen)
    dims = range(len(epochs[0].kl_per_dim)) if epochs else range(0)
    figure["data"] = [
        {
            **_trace(epochs, names.get(dim, f"dim {dim + 1}")),
            "y": [epoch.kl_per_dim[dim] for epoch in epochs],
            "line": {"width": 1.5},
        }
        for dim in dims
    ]
    figure["layout"]["hovermode"] = "closest"
    return figure


def compared(runs: Mapping[str, Sequence[Epoch]], name: LossName) -> Figure:
    """The test figures of several runs, by the name to show, in one picture."""
    figure = _figure(max(map(_last, runs.values()), default=1), None)
    figure["data"] = [
        {
            **_line(epochs, lambda epoch: epoch.test, name, label),
            "line": {"width": 2, "color": color},
            "marker": {"size": 5, "color": color},
        }
        for (label, epochs), color in zip(runs.items(), COLORS, strict=False)
    ]
    return figure


def _last(epochs: Sequence[Epoch]) -> int:
    return epochs[-1].number if epochs else 1


def _line(
    epochs: Sequence[Epoch],
    part: Callable[[Epoch], Mapping[str, float]],
    name: LossName,
    label: str,
) -> Figure:
    scale = 100 if name == "accuracy" else 1
    return {**_trace(epochs, label), "y": [scale * part(epoch)[name] for epoch in epochs]}


def _trace(epochs: Sequence[Epoch], label: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "marker": {"size": 5},
        "line": {"width": 2},
        # The first and the last epoch stand at the edge.
        "cliponaxis": False,
        "name": label,
        "x": [epoch.number for epoch in epochs],
        "hovertemplate": "%{y:.2f}",
    }


def _figure(last: int, chosen: int | None) -> Figure:
    axis = {"fixedrange": True, "zeroline": False, "title": None, "nticks": 5}
    marks = [] if chosen is None else [
        {"type": "line", "x0": chosen, "x1": chosen, "yref": "paper", "y0": 0, "y1": 1,
         "line": {"width": 1, "dash": "dot", "color": "rgba(128,128,128,0.8)"}}
    ]  # fmt: skip
    return {
        "data": [],
        "layout": {
            "height": HEIGHT,
            "margin": {"l": 36, "r": 18, "t": 8, "b": 24},
            "showlegend": False,
            "dragmode": False,
            "hovermode": "x unified",
            "shapes": marks,
            "xaxis": epoch_axis(last),
            "yaxis": {**axis, "showgrid": True},
        },
    }
