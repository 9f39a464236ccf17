"""How far trainings of `studio` differ that differ in their seed alone.

    python -m benchmarks.seeds [--seeds N]

The shipped model is that of seed 0. Those of the other seeds are trained into build/ where they are
not there yet (some 40 minutes each on one core), and all are measured on the test digits by
`evaluate`. What needs a calibration, which a twin of each would have to give, is left out.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.support.app import ROOT
from vae_model.model.checkpoint import load
from vae_model.model.presets import preset

FIGURES = (
    "test_accuracy",
    "augmented_accuracy",
    "nelbo_bernoulli",
    "nelbo_binarised",
    "reconstruction_mse",
    "kl",
    "active_dims",
    "generation_accuracy",
    "generation_accuracy_worst_digit",
    "style_transfer_accuracy",
    "frechet_distance",
    "digit_leak_linear",
    "digit_leak_mlp",
    "digit_leak_sampled",
    "slant_consistency",
    "thickness_consistency",
)


def model(seed: int) -> Path:
    """The folder of the model of a seed, trained first where it is not there, or not to its end.
    Exits where another training is there."""
    if not seed:
        return ROOT / "checkpoints" / "studio"
    out = ROOT / "build" / f"studio-seed-{seed}"
    if not out.exists():
        new = ["--preset", "studio", "--data", "mnist", "--seed", str(seed), "--out", str(out)]
        command(["train", *new])
    studio, found = preset("studio"), load(out)
    if (found.model, found.train) != (studio.model, replace(studio.train, seed=seed)):
        raise SystemExit(f"{out} holds another training: move it away to train it anew")
    if found.training_state:
        command(["train", "--resume", str(out)])
    return out


def command(words: list[str]) -> str:
    """What our command line prints to that."""
    whole = [sys.executable, "-m", "vae_model", *words]
    return subprocess.run(whole, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    measured: list[dict[str, Any]] = []
    for seed in range(options.seeds):
        printed = command(["evaluate", str(model(seed)), "--data", "mnist", "--json"])
        measured.append(json.loads(printed.splitlines()[-1]))
    figures = {name: [round(each[name], 5) for each in measured] for name in FIGURES}
    for name, values in figures.items():
        print(f"{name:32} {'  '.join(f'{value:g}' for value in values)}")
    print(json.dumps({"benchmark": "seeds", "figures": figures}))


if __name__ == "__main__":
    main()
