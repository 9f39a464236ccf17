"""Whether two or three digits tell more of a hand than one does.

    python -m benchmarks.handwriting [--hands N]

MNIST names no writers, but its test set keeps their order: digits that stand close together were
mostly written by one hand (the control below, digits from anywhere, shows how much that matters).
From each run of neighbours it takes four different digits, infers a style from one, two or three of
them, writes the fourth in it and measures what the real one costs under that: −log p in nats per
image, less is better. The styles: the encoder's (of several digits: their posteriors combined), the
same refined by gradient steps, and for comparison the middle of the prior, which knows nothing.
"""

import argparse
import json
import math

import numpy as np
from numpy.typing import NDArray

from benchmarks.live_app import ROOT
from vae_model.data import load
from vae_model.engine import DigitEngine, Floats
from vae_model.handwriting import Objective, Style, combine, refine

FIRST = 5000  # the test set's first half was chosen for being clean, which broke up its order
NEIGHBOURS = 12
GROUP = 4


def hands(labels: NDArray[np.int64], count: int) -> list[list[int]]:
    """Groups of four different digits, each among a dozen neighbours; groups do not overlap."""
    groups: list[list[int]] = []
    for start in range(FIRST, len(labels) - NEIGHBOURS, NEIGHBOURS):
        picked: dict[int, int] = {}
        for place in range(start, start + NEIGHBOURS):
            picked.setdefault(int(labels[place]), place)
        if len(picked) >= GROUP:
            groups.append(list(picked.values())[:GROUP])
    return groups[:count]


def shuffled(groups: list[list[int]]) -> list[list[int]]:
    """The same fourth digits, each with first three from another, far hand."""
    far = len(groups) // 2
    return [
        [*groups[(place + far) % len(groups)][: GROUP - 1], group[-1]]
        for place, group in enumerate(groups)
    ]


def cost(engine: DigitEngine, image: Floats, digit: int, style: Floats) -> float:
    """−log p(image | style, digit) in nats."""
    point = Style(style, np.full_like(style, 1e-6))
    objective = Objective(engine, image[None], [digit])
    # The ELBO at a point without spread is the log-likelihood minus a KL that is known.
    kl = 0.5 * float((style.astype(np.float64) ** 2 + 1e-12 - 2 * math.log(1e-6) - 1).sum())
    return -objective.value(point, np.zeros((1, engine.z_dim), np.float32)) - kl


def measure(
    engine: DigitEngine, images: Floats, labels: NDArray[np.int64], groups: list[list[int]]
) -> dict[str, NDArray[np.float64]]:
    """Costs of the fourth digits, (groups,), by how their style was found."""
    found: dict[str, list[float]] = {}

    def note(name: str, style: Floats, target: int) -> None:
        value = cost(engine, images[target], int(labels[target]), style)
        found.setdefault(name, []).append(value)

    for group in groups:
        target = group[-1]
        note("prior", np.zeros(engine.z_dim, np.float32), target)
        readings = [engine.read(images[place]) for place in group[:-1]]
        for count in range(1, GROUP):
            used = group[GROUP - 1 - count : GROUP - 1]
            mine = readings[GROUP - 1 - count :]
            style = combine([Style(each.style_mean, each.style_std) for each in mine])
            note(f"{count} encoder", style.mean, target)
            digits = [each.digit for each in mine]
            note(f"{count} refined", refine(engine, images[used], digits, style).style.mean, target)
    return {name: np.array(values) for name, values in found.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hands", type=int, default=400)
    options = parser.parse_args()
    data = load("mnist")
    images = data.test.images.numpy().reshape(-1, 28, 28)
    labels = data.test.labels.numpy()
    engine = DigitEngine.load(ROOT / "checkpoints" / "studio")
    groups = hands(labels, options.hands)
    same = measure(engine, images, labels, groups)
    other = measure(engine, images, labels, shuffled(groups))
    print(f"{'style from':12} {'same hand':>18} {'another hand':>14}")
    for name, values in same.items():
        error = values.std() / math.sqrt(len(values))
        print(f"{name:12} {values.mean():10.1f} ± {error:.1f} {other[name].mean():14.1f}")
    gains = {
        f"{count}_over_1": same["1 encoder"] - same[f"{count} encoder"] for count in range(2, GROUP)
    }
    result = {
        "benchmark": "handwriting",
        "hands": len(groups),
        "nats_same_hand": {name: round(float(values.mean()), 2) for name, values in same.items()},
        "nats_another_hand": {n: round(float(values.mean()), 2) for n, values in other.items()},
        "nats_gained": {
            name: [
                round(float(values.mean()), 2),
                round(float(values.std() / math.sqrt(len(values))), 2),
            ]
            for name, values in gains.items()
        },
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
