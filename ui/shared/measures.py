"""Every figure of `evaluate`, explained: what it means and what good is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ui.shared.stored import leak_chance
from ui.shared.tables import Cell
from ui.shared.words import plain
from vae_model.model.numbers import number

JUDGE = "judge_accuracy"
"""Not a figure of the model: what the judge gets right of real digits, to read its answers by."""
LEAK_CHANCE = "digit_leak_chance"
"""Nor is this: it follows from the data that were measured on."""

Kind = Literal["share", "nats", "number", "fine", "count"]


@dataclass(frozen=True)
class Measure:
    key: str
    name: str
    kind: Kind
    better: Literal["high", "low", ""]
    meaning: str = ""
    good: str = ""


LEAKS = (
    Measure("digit_leak_sampled", "digit read from a drawn style", "share", "low",
            "By a network that gets z = μ + σ·ε, what the decoder learns from: the fair figure.",
            "Near chance, three lines on."),
    Measure("digit_leak_linear", "digit read from μ, linear", "share", "low",
            "By logistic regression: whether the digits lie in regions of their own.",
            "Near chance, two lines on."),
    Measure("digit_leak_mlp", "digit read from μ, by a network", "share", "low",
            "It also reads whispers: differences in μ far smaller than σ, which noise drowns for "
            "the decoder.",
            "Near chance, the next line, though models that are good elsewhere seldom get there."),
)  # fmt: skip
GROUPS: dict[str, tuple[Measure, ...]] = {
    "Reading": (
        Measure("test_accuracy", "test accuracy", "share", "high",
                "Unseen MNIST digits read rightly.",
                "Near the judge's own, a network with more freedom."),
        Measure("augmented_accuracy", "moved and bent digits", "share", "high",
                "The same digits turned, moved, bent, thinned and thickened, by the program that "
                "augments digits in training: easier for a model that learned from it.",
                "Close to the test accuracy."),
        Measure("calibration_error", "calibration error", "share", "low",
                "How far the stated confidence is from the share of right answers.",
                "Near 0: of what it calls 90 % sure, 90 % is right."),
    ),
    "Rebuilding": (
        Measure("nelbo_bernoulli", "NELBO, grey pixels", "nats", "low",
                "Nats that an unseen image costs whoever knows its digit: pixels and style "
                "together. Of grey pixels a Bernoulli is no density, and a model may have been "
                "trained with another likelihood.",
                "Lower; to compare models, and no model reaches 0."),
        Measure("nelbo_binarised", "NELBO, black and white", "nats", "low",
                "The same on pixels that are 0 or 1: a true bound on −log p(x|y).",
                "Lower, as above."),
        Measure("reconstruction_mse", "squared error per pixel", "fine", "low",
                "Between an image and its redrawing from the mean style.",
                "Lower, as long as the style stays free of the digit."),
        Measure("kl", "KL of the style", "nats", "", "Nats that the style says beyond the prior.",
                "No aim of its own: enough to rebuild the writing, not so much that digits hide "
                "in it."),
        Measure("active_dims", "dims in use", "count", "",
                "Style dims whose mean moves with the image.",
                "Some sleep in a model with room to spare, and that is well."),
    ),
    "Writing": (
        Measure("generation_accuracy", "asked digit, read by the judge", "share", "high",
                "Digits in random styles that the judge, a network no loss ever saw, reads as "
                "asked.", "As high as the judge's own accuracy on real digits, or above."),
        Measure("generation_accuracy_worst_digit", "the worst digit, by the judge", "share", "high",
                "The digit that goes wrong most often.", "Close to the others."),
        Measure(JUDGE, "the judge on real digits", "share", "",
                "Unseen MNIST digits that it reads rightly: what its answers are worth.",
                "Nothing to win: the yardstick."),
        Measure("style_transfer_accuracy", "real styles lent to all ten", "share", "high",
                "Styles of test digits, written as each of the ten digits.",
                "As high as in random styles."),
        Measure("frechet_distance", "Fréchet distance", "number", "low",
                "Between written and real digits, in what the judge sees: do they vary as real "
                "ones do?", "Near what real digits have among themselves, the next line."),
        Measure("frechet_real", "the same, real and real", "number", "",
                "As many training digits against the test digits: most of it is how few they are.",
                "Nothing to win, and no floor: with more digits both would be less."),
    ),
    "Copying": (
        Measure("nearest_distance", "nearest training digit", "number", "",
                "How far a digit that it writes is from the nearest one it learned from: the "
                "median of Euclidean distances between images.",
                "Far from 0, which would be a copy, and not below rewritten unseen digits, two "
                "lines on."),
        Measure("nearest_distance_unseen", "the same, unseen digits", "number", "",
                "Test digits instead of written ones.", "Nothing to win: the yardstick."),
        Measure("nearest_distance_rewritten", "the same, rewritten", "number", "",
                "Those test digits as the model redraws them: as smooth as what it writes, and so "
                "the fairer yardstick.", "Not near 0."),
        Measure("nearest_is_training", "nearest to a digit it learned from", "share", "",
                "Written digits that have a training digit as their nearest, among all training "
                "and test digits.", "Near chance, the next line; copies would have 100 %."),
        Measure("nearest_is_training_chance", "the same, by chance", "share", "",
                "The training digits' share of all digits.", "Nothing to win: the yardstick."),
    ),
    "Style apart from digit": (
        *LEAKS,
        Measure(LEAK_CHANCE, "the same, by chance", "share", "",
                "What saying the commonest test digit each time gets.",
                "Nothing to win: the yardstick."),
        Measure("slant_consistency", "slant shared by the ten digits", "number", "high",
                "Correlation of the slant of one digit with that of another in the same style.",
                "1: lean one, lean all."),
        Measure("thickness_consistency", "thickness shared by the ten digits", "number", "high",
                "The same for the width of strokes.", "1."),
    ),
    "Size": (
        Measure("parameters", "parameters", "count", "",
                "Weights and offsets of the three networks.", "As few as do the work."),
        Measure("decoder_parameters", "of these in the decoder", "count", "",
                "What a browser loads to write digits.", "As few as do the work."),
    ),
}  # fmt: skip
"""By the title to show them under."""


def value(metrics: Mapping[str, object], key: str, judge: float | None) -> float | None:
    """A figure of `evaluate`, or the yardstick of some; None where it was not measured. `judge` is
    the judge's own accuracy."""
    if key == JUDGE:
        return judge if number(metrics.get("generation_accuracy")) is not None else None
    if key == LEAK_CHANCE and any(number(metrics.get(each.key)) is not None for each in LEAKS):
        return leak_chance(metrics)
    return number(metrics.get(key))


def cells(each: Measure, values: Sequence[float | None]) -> list[Cell]:
    """A figure of several models or runs, as people read it; the better one in bold."""
    known = {value for value in values if value is not None}
    best = {"high": max, "low": min}[each.better](known) if each.better and len(known) > 1 else None
    return [
        "–" if value is None else (shown(value, each.kind), "font-weight:600" * (value == best))
        for value in values
    ]


def shown(value: float, kind: Kind) -> str:
    if kind == "share":
        return f"{100 * value:.2f} %"
    if kind == "count":
        return f"{value:,.0f}"
    if kind == "nats":
        return f"{plain(value, 1)} nats"
    return plain(value, 4 if kind == "fine" else 3 if abs(value) < 1.5 else 1)
