"""A run in a line: what it is called among others, and its last ten digits."""

from collections.abc import Iterable

import numpy as np

from ui.shared import ink
from vae_model.runs.run import Run


def last_digits(run: Run, label: str) -> str:
    """The last epoch's ten digits, in the style that all runs share."""
    images = run.epochs[-1].digits(fixed_style=True).astype(np.float32) / 255
    cells = "".join(
        ink.picture(image, f"A {digit} after the last epoch of {label}", scale=3)
        for digit, image in enumerate(images)
    )
    return f'<div class="run-digits">{cells}</div>'


def labels(runs: Iterable[Run]) -> dict[str, str]:
    """What to call the runs, by id; those of the same name are numbered, the first one first."""
    named: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: (run.created, run.id)):
        named.setdefault(run.name, []).append(run)
    return {
        run.id: name if len(alike) == 1 else f"{name} ({place})"
        for name, alike in named.items()
        for place, run in enumerate(alike, start=1)
    }
