"""Every figure of `evaluate`, explained: what it means and what good is.

The values come from checkpoints' JSON, which may be anybody's: what is no number is left out.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ui.shared.words import plain
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.numbers import number

JUDGE = "judge_accuracy"
"""Not a figure of the model: what the judge gets right of real digits, to read its answers by."""

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
            Measure(JUDGE, "the judge on real digits", "Unseen MNIST digits that it reads rightly: "
                    "what its answers are worth.", "Nothing to win: the yardstick.", "share", ""),
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
        "Copying",
        (
            Measure("nearest_distance", "nearest training digit",
                    "How far a digit that it writes is from the nearest one it learned from: the "
                    "median of Euclidean distances between images.", "Far from 0, which would be "
                    "a copy, and not below rewritten unseen digits, two lines on.", "number", ""),
            Measure("nearest_distance_unseen", "the same, unseen digits",
                    "Test digits instead of written ones.", "Nothing to win: the yardstick.",
                    "number", ""),
            Measure("nearest_distance_rewritten", "the same, rewritten",
                    "Those test digits as the model redraws them: as smooth as what it writes, and "
                    "so the fairer yardstick.", "Not near 0.", "number", ""),
            Measure("nearest_is_training", "nearest to a digit it learned from",
                    "Written digits that have a training digit as their nearest, among all "
                    "training and test digits.", "Near chance, the next line; copies would "
                    "have 100 %.", "share", ""),
            Measure("nearest_is_training_chance", "the same, by chance",
                    "The training digits' share of all digits.", "Nothing to win: the yardstick.",
                    "share", ""),
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


def table(engines: Mapping[str, DigitEngine], judge: float | None = None) -> str:
    """Every figure of these models side by side, by the name to show; the better one in bold.
    `judge` is the judge's own accuracy."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in engines)
    metrics = [engine.checkpoint.metrics for engine in engines.values()]
    body = []
    for title, measures in GROUPS:
        lines = []
        for each in measures:
            values = [
                (judge if one else None) if each.key == JUDGE else number(one.get(each.key))
                for one in metrics
            ]
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
    # Open at all times but on a phone, where a tap opens it: see page.css.
    return (
        f"<tr><th><details><summary>{each.name}</summary><span>{each.meaning} "
        f"<i>Good: {each.good}</i></span></details></th>{cells}</tr>"
    )
