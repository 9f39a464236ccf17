"""How well the digit can be read out of the style: figures, what they should be, and why."""

from collections.abc import Mapping
from typing import Any

from vae_model.model.numbers import number

WHY = (
    "It should not. If z held the digit too, a style would mean something else for each digit, and "
    "sliders would turn a 3 into an 8. So a second network, a probe, is trained to read the digit "
    "from z alone. Had z none of it, the probe could only guess: one in ten, **10 %**."
)
CHANCE = 0.1
PROBES = (
    (
        "digit_leak_sampled",
        "a network, on drawn styles",
        "It gets z = μ + σ·ε, what the decoder learns from. This is the fair figure.",
    ),
    (
        "digit_leak_linear",
        "a straight cut, on μ",
        "Logistic regression on the means: whether the digits lie in regions of their own.",
    ),
    (
        "digit_leak_mlp",
        "a network, on μ",
        "It also reads whispers: differences in μ far smaller than σ, which noise drowns for "
        "the decoder.",
    ),
)


def figures(metrics: Mapping[str, Any]) -> str:
    """The three figures of `evaluate`, each beside what guessing gives, as HTML; empty where there
    are none."""
    parts = []
    for key, name, meaning in PROBES:
        value = number(metrics.get(key))
        if value is None:
            continue
        parts.append(
            f'<div class="leak"><b>{100 * value:.1f} %</b><div class="bar">'
            f'<i style="width:{100 * min(max(value, 0), 1):.1f}%"></i>'
            f'<u style="left:{100 * CHANCE:.0f}%"></u></div><span>{name}</span>'
            f"<small>{meaning}</small></div>"
        )
    return f'<div class="leaks">{"".join(parts)}</div>' if parts else ""
