"""A run in words and pictures: its values, its last ten digits."""

from typing import Any

import numpy as np
from markupsafe import Markup

from ui.shared import ink
from ui.shared.parts import group
from vae_model.runs.run import Run


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
