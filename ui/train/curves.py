"""Training curves: epochs of runs in, plotly figures out.

Test is one trace and train another, without colours: page.css paints them, so that they follow the
theme at once. Runs beside one another bring colours that can be told apart in both themes.
"""

from collections.abc import Mapping, Sequence

from ui.shared.charts import Figure, epoch_axis
from vae_model.runs.events import Epoch, LossName
from vae_model.runs.run import Run

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
    traces = [_trace(epochs, part, _values(epochs, part, name)) for part in ("test", "train")]
    return _figure(traces, chosen)


def kl_per_dim(epochs: Sequence[Epoch], chosen: int | None) -> Figure:
    """What each style dim of a run costs, in nats; those that are asleep lie on the ground."""
    costs = zip(*(epoch.kl_per_dim for epoch in epochs), strict=True)
    traces = [
        _trace(epochs, f"dim {dim}", list(nats), width=1.5) for dim, nats in enumerate(costs, 1)
    ]
    figure = _figure(traces, chosen)
    figure["layout"]["hovermode"] = "closest"
    return figure


def compared(names: Sequence[str], runs: Sequence[Run], name: LossName) -> Figure:
    """The test figures of several runs, by the names to show, in one picture."""
    traces = [
        _trace(run.epochs, label, _values(run.epochs, "test", name), color=color)
        for label, run, color in zip(names, runs, COLORS, strict=False)
    ]
    return _figure(traces, None)


def _values(epochs: Sequence[Epoch], part: str, name: LossName) -> list[float]:
    """Of the part "test" or "train"; accuracy in percent."""
    scale = 100 if name == "accuracy" else 1
    return [scale * getattr(epoch, part)[name] for epoch in epochs]


def _trace(epochs: Sequence[Epoch], label: str, values: list[float], **line: object) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "marker": {"size": 5},
        "line": {"width": 2, **line},
        # The first and the last epoch stand at the edge.
        "cliponaxis": False,
        "name": label,
        "x": [epoch.number for epoch in epochs],
        "y": values,
        "hovertemplate": "%{y:.2f}",
    }


def _figure(traces: list[Figure], chosen: int | None) -> Figure:
    last = max((number for trace in traces for number in trace["x"]), default=1)
    marks = [] if chosen is None else [
        {"type": "line", "x0": chosen, "x1": chosen, "yref": "paper", "y0": 0, "y1": 1,
         "line": {"width": 1, "dash": "dot", "color": "rgba(128,128,128,0.8)"}}
    ]  # fmt: skip
    return {
        "data": traces,
        "layout": {
            "height": HEIGHT,
            "margin": {"l": 36, "r": 18, "t": 8, "b": 24},
            "showlegend": False,
            "dragmode": False,
            "hovermode": "x unified",
            "shapes": marks,
            "xaxis": epoch_axis(last),
            "yaxis": {"fixedrange": True, "zeroline": False, "title": None, "nticks": 5,
                      "showgrid": True},
        },
    }  # fmt: skip
