"""Trains and measures the small models of the Experiments page, 4 MB in all.

    python -m tools.experiments

Alike but for what each shows.
"""

import sys
from pathlib import Path

from vae_model.__main__ import main as run

FOLDER = Path("checkpoints/experiments")
ALIKE = [
    *("--preset", "quick", "--data", "mnist", "--z-dim", "6", "--encoder-hidden", "80"),
    *("--decoder-hidden", "80", "--classifier-hidden", "24", "--encoder-sees-digit", "off"),
    *("--digit-init-gain", "1", "--epochs", "12", "--batch-size", "100", "--beta-epochs", "0"),
]
MODELS = {
    "beta-0": ["--beta", "0"],
    "beta-1": ["--beta", "1"],
    "beta-5": ["--beta", "5"],
    "beta-50": ["--beta", "50"],
    "softmax": ["--decoder-condition", "softmax"],
    "unlabelled": ["--decoder-condition", "softmax", "--classification-weight", "0"],
}


def main() -> int:
    """The exit code of the first command that fails, or 0."""
    for name, shown in MODELS.items():
        place = str(FOLDER / name)
        for command in (
            ["train", *ALIKE, *shown, "--out", place],
            ["evaluate", place, "--data", "mnist", "--json", "--save"],
        ):
            if code := run(command):
                return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
