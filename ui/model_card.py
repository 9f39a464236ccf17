"""What a checkpoint says of its model: figures with their meaning, confusion, training, origin.

All of it comes from the checkpoint's JSON, which may be anybody's: what is missing, or is no
number, is left out. Knows no Streamlit.
"""

import dataclasses
import html
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ui import heat
from ui.numbers import plain
from vae_model.checkpoint import CONFIG_FILE
from vae_model.config import DIGITS, PRESETS
from vae_model.engine import DigitEngine

Kind = Literal["share", "nats", "number", "fine", "count"]


@dataclass(frozen=True)
class Measure:
    """One figure of `evaluate`, explained."""

    key: str
    name: str
    meaning: str
    good: str
    """What good is."""
    kind: Kind
    better: Literal["high", "low", ""]


GROUPS: tuple[tuple[str, tuple[Measure, ...]], ...] = (
    (
        "Reading",
        (
            Measure("test_accuracy", "test accuracy", "Unseen MNIST digits read rightly.",
                    "Near the judge's own, a network with more freedom.",
                    "share", "high"),
            Measure("augmented_accuracy", "moved and bent digits",
                    "The same digits turned, moved, bent, thinned and thickened: closer to what "
                    "people draw.", "Close to the test accuracy.", "share", "high"),
            Measure("calibration_error", "calibration error",
                    "How far the stated confidence is from the share of right answers.",
                    "Near 0: of what it calls 90 % sure, 90 % is right.",
                    "share", "low"),
        ),
    ),
    (
        "Rebuilding",
        (
            Measure("nelbo_bernoulli", "NELBO, grey pixels",
                    "Nats that an unseen image costs: pixels and style together.",
                    "Lower; to compare models, and no model reaches 0.", "nats", "low"),
            Measure("nelbo_binarised", "NELBO, black and white",
                    "The same on pixels that are 0 or 1: a true bound on −log p(x).",
                    "Lower, as above.", "nats", "low"),
            Measure("reconstruction_mse", "squared error per pixel",
                    "Between an image and its redrawing from the mean style.",
                    "Lower, as long as the style stays free of the digit.", "fine", "low"),
            Measure("kl", "KL of the style", "Nats that the style says beyond the prior.",
                    "No aim of its own: enough to rebuild the writing, not so much that digits "
                    "hide in it.", "nats", ""),
            Measure("active_dims", "dims in use", "Style dims whose mean moves with the image.",
                    "Some sleep in a model with room to spare, and that is well.", "count", ""),
        ),
    ),
    (
        "Writing",
        (
            Measure("generation_accuracy", "asked digit, read by the judge",
                    "Digits in random styles that the judge, a network no loss ever saw, reads as "
                    "asked.", "As high as the judge's own accuracy on real digits, or above.",
                    "share", "high"),
            Measure("generation_accuracy_worst_digit", "the same, worst digit",
                    "The digit that goes wrong most often.", "Close to the others.",
                    "share", "high"),
            Measure("style_transfer_accuracy", "real styles lent to all ten",
                    "Styles of test digits, written as each of the ten digits.",
                    "As high as in random styles.", "share", "high"),
            Measure("frechet_distance", "Fréchet distance",
                    "Between written and real digits, in what the judge sees: do they vary as real "
                    "ones do?", "Down to what real digits have among themselves, the next line.",
                    "number", "low"),
            Measure("frechet_real", "the same, real and real",
                    "Training digits against test digits.", "Nothing to win: the floor.",
                    "number", ""),
        ),
    ),
    (
        "Style apart from digit",
        (
            Measure("digit_leak_sampled", "digit read from a drawn style",
                    "By a network that sees z alone.", "10 %: guessing.", "share", "low"),
            Measure("digit_leak_linear", "the same, linear, from μ",
                    "By a straight cut through the means.", "10 %: guessing.", "share", "low"),
            Measure("digit_leak_mlp", "the same, network, from μ",
                    "It reads differences far smaller than σ too.",
                    "10 %, though models that are good elsewhere seldom get there.",
                    "share", "low"),
            Measure("slant_consistency", "slant shared by the ten digits",
                    "Correlation of the slant of one digit with that of another in the same style.",
                    "1: lean one, lean all.", "number", "high"),
            Measure("thickness_consistency", "thickness shared by the ten digits",
                    "The same for the width of strokes.", "1.", "number", "high"),
        ),
    ),
    (
        "Size",
        (
            Measure("parameters", "parameters", "Weights and offsets of the three networks.",
                    "As few as do the work.", "count", ""),
            Measure("decoder_parameters", "of these in the decoder",
                    "What a browser loads to write digits.", "As few as do the work.",
                    "count", ""),
        ),
    ),
)  # fmt: skip


def table(engines: Mapping[str, DigitEngine]) -> str:
    """Every figure of these models side by side, by the name to show; the better one in bold."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in engines)
    metrics = [engine.checkpoint.metrics for engine in engines.values()]
    body = []
    for title, measures in GROUPS:
        lines = []
        for each in measures:
            values = [number(one.get(each.key)) for one in metrics]
            if any(value is not None for value in values):
                lines.append(_line(each, values))
        if lines:
            count = len(metrics) + 1
            body.append(f'<tr class="part"><th colspan="{count}">{title}</th></tr>{"".join(lines)}')
    if not body:
        return '<p class="said">Not evaluated yet: there are no figures to show.</p>'
    return (
        f'<table class="card"><thead><tr><td></td>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table>"
    )


def confusion(engine: DigitEngine) -> str:
    """Digits asked for (down) and read by the judge (across), as counts; empty where unknown."""
    counts = engine.checkpoint.metrics.get("generation_confusion")
    if not _is_confusion(counts):
        return ""
    head = "".join(f"<th>{digit}</th>" for digit in range(DIGITS))
    most = max((counts[a][r] for a in range(DIGITS) for r in range(DIGITS) if a != r), default=1)
    rows = ""
    for asked in range(DIGITS):
        cells = "".join(
            f'<td class="right">{counts[asked][read]}</td>'
            if asked == read
            else f'<td style="{heat.cell(-counts[asked][read], max(most, 20))}">'
            f"{counts[asked][read] or ''}</td>"
            for read in range(DIGITS)
        )
        rows += f"<tr><th>{asked}</th>{cells}</tr>"
    return (
        f'<table class="confusion"><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody>'
        "</table>"
    )


def weaknesses(engine: DigitEngine) -> list[str]:
    """What to know before trusting the model, in sentences; from its figures alone."""
    metrics = engine.checkpoint.metrics
    found = []
    worst = _worst_confusion(metrics)
    if worst:
        asked, read, share, right = worst
        found.append(
            f"Asked for a {asked}, it writes one that is read as {read} in {100 * share:.1f} % of "
            f"random styles, and as {asked} in {100 * right:.1f} %."
        )
    plain_accuracy, moved = (
        number(metrics.get(key)) for key in ("test_accuracy", "augmented_accuracy")
    )
    if plain_accuracy is not None and moved is not None and plain_accuracy - moved > 0.02:
        found.append(
            f"It reads {100 * (plain_accuracy - moved):.1f} points less of digits that are turned, "
            "moved or bent than of MNIST's own."
        )
    leak = number(metrics.get("digit_leak_sampled"))
    if leak is not None and leak > 0.12:
        found.append(
            f"The digit can be read from its style with {100 * leak:.1f} %; 10 % is chance."
        )
    distance, floor = (number(metrics.get(key)) for key in ("frechet_distance", "frechet_real"))
    if distance is not None and floor is not None and distance > 1.5 * floor:
        found.append(
            f"Its digits are further from real ones than real ones from one another: Fréchet "
            f"distance {distance:.0f}, where those have {floor:.0f}."
        )
    train = engine.checkpoint.train
    if train.constancy_weight > 0:
        found.append(
            "Slant and thickness were trained to be shared by the ten digits: those two figures "
            "show that training worked, and no more."
        )
    return found


def facts(engine: DigitEngine) -> list[tuple[str, str]]:
    """How the model is built and where it comes from: name and value."""
    checkpoint = engine.checkpoint
    model, train, origin = checkpoint.model, checkpoint.train, checkpoint.provenance
    found = [
        ("encoder", f"{_inputs(model.encoder_sees_digit)}{_wide(model.encoder_hidden)} → "
         f"2 × {model.z_dim}"),
        ("decoder", f"{model.z_dim} + 10 → {_wide(model.decoder_hidden)} → 784"),
        ("classifier", f"784 → {_wide(model.classifier_hidden)} → 10"),
        ("activation", model.activation),
        ("likelihood", "Bernoulli" if model.likelihood == "bernoulli"
         else f"Gaussian, std {model.likelihood_std:g}"),
        ("decoder learns with", "the true digit" if train.decoder_condition == "label"
         else "the classifier's softmax"),
        ("training", f"{train.epochs} epochs of batches of {train.batch_size}, {train.optimizer}, "
         f"rate {train.learning_rate:g}, {train.schedule}, seed {train.seed}"),
    ]  # fmt: skip
    seconds = sum(
        number(epoch.get("seconds")) or 0.0
        for epoch in checkpoint.history
        if isinstance(epoch, dict)
    )
    if seconds:
        found.append(("training time", f"{seconds / 60:.1f} minutes"))
    images = number(origin.get("training_images"))
    if images:
        data = str(origin.get("data", "")).replace("mnist", "MNIST").replace("sample", "the sample")
        found.append(("data", f"{images:,.0f} training digits of {data}"))
    found += [
        (name, str(origin[key])[:40])
        for name, key in (("checksum of the data", "data_checksum"), ("trained on", "date"),
                          ("with torch", "torch"))
        if isinstance(origin.get(key), str)
    ]  # fmt: skip
    calibration = checkpoint.calibration
    if calibration:
        found.append(("temperature of the reading", f"{calibration.temperature:.3f}"))
    return found


def facts_list(engine: DigitEngine) -> str:
    """The facts as HTML."""
    rows = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>"
        for name, value in facts(engine)
    )
    return f'<dl class="facts">{rows}</dl>'


def recipe(engine: DigitEngine) -> tuple[str, list[str]]:
    """The commands that train and measure it again, and what differs from the preset they name."""
    checkpoint = engine.checkpoint
    name = checkpoint.provenance.get("preset")
    data = checkpoint.provenance.get("data")
    preset = PRESETS.get(name) if isinstance(name, str) else None
    if preset is None:
        return "", ["It names no preset that this program has."]
    data = data if data in ("mnist", "sample") else "auto"
    lines = (
        f"python -m vae_model train --preset {preset.name} --data {data} --out runs/again\n"
        f"python -m vae_model evaluate runs/again --data {data} --json"
    )
    changed = [
        f"{field.name} is {getattr(own, field.name)}, not {getattr(theirs, field.name)}"
        for own, theirs in ((checkpoint.model, preset.model), (checkpoint.train, preset.train))
        for field in dataclasses.fields(own)
        if getattr(own, field.name) != getattr(theirs, field.name)
    ]
    return lines, changed


def judge_accuracy(folder: Path) -> float | None:
    """The share of real test digits that the judge in a folder of checkpoints reads rightly, by
    its own JSON; None where there is none."""
    try:
        config = json.loads((folder / "judge" / CONFIG_FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    metrics = config.get("metrics") if isinstance(config, dict) else None
    return number(metrics.get("test_accuracy")) if isinstance(metrics, dict) else None


def curve(engines: Mapping[str, DigitEngine], part: str, key: str) -> dict[str, Any]:
    """One figure of `part` ("train" or "test") after each epoch, a trace for each model, painted
    by ui/understand.css."""
    scale = 100 if key == "accuracy" else 1
    traces = []
    for name, engine in engines.items():
        points = [
            (epoch.get("epoch"), number(epoch[part].get(key)))
            for epoch in engine.checkpoint.history
            if isinstance(epoch, dict) and isinstance(epoch.get(part), dict)
        ]
        known = [(x, scale * y) for x, y in points if type(x) is int and y is not None]
        traces.append(
            {"type": "scatter", "mode": "lines", "name": name, "line": {"width": 2},
             "x": [x for x, _ in known], "y": [y for _, y in known],
             "hovertemplate": "%{y:.2f}"}
        )  # fmt: skip
    axis = {"fixedrange": True, "zeroline": False, "nticks": 5}
    return {
        "data": traces,
        "layout": {
            "height": 200,
            "margin": {"l": 40, "r": 8, "t": 8, "b": 24},
            "showlegend": False,
            "dragmode": False,
            "hovermode": "x unified",
            "xaxis": {**axis, "title": None, "showgrid": False, "rangemode": "tozero"},
            "yaxis": {**axis, "title": None, "showgrid": True},
        },
    }


def number(value: object) -> float | None:
    """The value where it is a finite number."""
    if type(value) not in (int, float):
        return None
    assert isinstance(value, int | float)
    return float(value) if math.isfinite(value) else None


def shown(value: float, kind: Kind) -> str:
    """A figure as people read it."""
    if kind == "share":
        return f"{100 * value:.2f} %"
    if kind == "count":
        return f"{value:,.0f}"
    if kind == "nats":
        return f"{plain(value, 1)} nats"
    return plain(value, 4 if kind == "fine" else 3 if abs(value) < 1.5 else 1)


def _line(each: Measure, values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    best = {"high": max(known), "low": min(known), "": None}[each.better]
    cells = "".join(
        "<td>–</td>"
        if value is None
        else f'<td class="{"best" if value == best and len(known) > 1 else ""}">'
        f"{shown(value, each.kind)}</td>"
        for value in values
    )
    return (
        f"<tr><th><b>{each.name}</b><span>{each.meaning} <i>Good: {each.good}</i></span></th>"
        f"{cells}</tr>"
    )


def _is_confusion(counts: Any) -> bool:
    return (
        isinstance(counts, list)
        and len(counts) == DIGITS
        and all(
            isinstance(row, list)
            and len(row) == DIGITS
            and all(type(count) is int and count >= 0 for count in row)
            for row in counts
        )
    )


def _worst_confusion(metrics: Mapping[str, Any]) -> tuple[int, int, float, float] | None:
    """The digit asked for and read that go together wrongly most often, how often that is, and
    how often the asked one is read rightly; None below half a percent."""
    counts = metrics.get("generation_confusion")
    if not _is_confusion(counts):
        return None
    shares = [
        (counts[asked][read] / sum(counts[asked]), asked, read)
        for asked in range(DIGITS)
        for read in range(DIGITS)
        if asked != read and sum(counts[asked])
    ]
    if not shares or max(shares)[0] < 0.005:
        return None
    share, asked, read = max(shares)
    return asked, read, share, counts[asked][asked] / sum(counts[asked])


def _inputs(sees_digit: bool) -> str:
    return "784 + 10 → " if sees_digit else "784 → "


def _wide(widths: Sequence[int]) -> str:
    return " → ".join(str(width) for width in widths)
