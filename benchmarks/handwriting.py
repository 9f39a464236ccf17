"""Whether two or three digits tell more of a hand than one does.

    python -m benchmarks.handwriting [CHECKPOINT ...] [--hands N]

MNIST names no writers, but the second half of its test set stands in their order: stroke thickness
correlates by 0.77 from one digit to the next there, by 0.09 in the first half. So four different
digits among a dozen neighbours were mostly written by one hand; where a group runs over into the
next hand, that makes the figures worse, not better. A style is inferred from one, two or three of
them, the fourth written in its mean, and measured is what the real fourth costs under that:
−log p in nats per image, less is better.

The styles: `hand`, digits that scatter about their hand (the habits in the checkpoint, fitted on
training digits), which is what the app shows; `product`, one style for all (posteriors multiplied),
which it falls back on where a checkpoint has no habits. For comparison the middle of the prior,
which knows nothing; the fourth digit's own style, which knows all; and each style again where the
digits it is inferred from are another hand's. `nearer` is how often a style costs less than the
middle of the prior, and than another hand's.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.support.app import ROOT
from vae_model.data.mnist import load
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
from vae_model.engine.writer_style import Style, combine

FIRST = 5000
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
    written = engine.write(style[None], one_hot([digit]))
    return float(engine.recon_nll(written, image[None])[0])


Costs = dict[str, NDArray[np.float64]]


def measure(
    engine: DigitEngine,
    images: Floats,
    labels: NDArray[np.int64],
    groups: list[list[int]],
) -> Costs:
    """Costs of the fourth digits, (groups,), by how their style was found."""
    found: dict[str, list[float]] = {}
    for group in groups:
        readings = [engine.read(images[place]) for place in group]
        styles = [Style(reading.style_mean, reading.style_std) for reading in readings]
        answers = {"prior": np.zeros(engine.z_dim, np.float32), "own": styles[-1].mean}
        for count in range(1, GROUP):
            part = styles[GROUP - 1 - count : GROUP - 1]
            answers[f"product {count}"] = combine(part).mean
            if engine.habits is not None:
                answers[f"hand {count}"] = combine(part, engine.habits).mean
        for name, style in answers.items():
            value = cost(engine, images[group[-1]], int(labels[group[-1]]), style)
            found.setdefault(name, []).append(value)
    return {name: np.array(values) for name, values in found.items()}


def mean_and_error(values: NDArray[np.float64]) -> list[float]:
    return [round(float(values.mean()), 2), round(float(values.std() / len(values) ** 0.5), 2)]


def table(name: str, same: Costs, other: Costs) -> str:
    """Markdown: a row for each way, a column for one, two and three digits."""
    rows = [
        f"| {name} | one digit | two | three | three of another hand |",
        "|---|---|---|---|---|",
    ]
    for way in ("product", "hand"):
        cells = [same[f"{way} {count}"] for count in range(1, GROUP) if f"{way} 1" in same]
        if cells:
            shown = [f"{mean:.1f} ± {error:.1f}" for mean, error in map(mean_and_error, cells)]
            control = other.get(f"{way} {GROUP - 1}")
            shown.append("" if control is None else f"{control.mean():.1f}")
            rows.append(f"| {way} | {' | '.join(shown)} |")
    for way in ("prior", "own"):
        mean, error = mean_and_error(same[way])
        rows.append(f"| {way} | {mean:.1f} ± {error:.1f} | | | |")
    return "\n".join(rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    shipped = [ROOT / "checkpoints" / name for name in ("studio", "article")]
    parser.add_argument("checkpoints", nargs="*", type=Path, default=shipped)
    parser.add_argument("--hands", type=int, default=400)
    options = parser.parse_args()
    data = load("mnist")
    images = data.test.images.numpy().reshape(-1, 28, 28)
    labels = data.test.labels.numpy()
    groups = hands(labels, options.hands)
    result: dict[str, object] = {"benchmark": "handwriting", "hands": len(groups)}
    for path in options.checkpoints:
        engine = DigitEngine.load(path)
        same = measure(engine, images, labels, groups)
        other = measure(engine, images, labels, shuffled(groups))
        print(table(engine.name, same, other))
        # Of the same fourth digits, so that what differs between them cancels out.
        gains = {
            f"{way} {count} over {against}": mean_and_error(same[against] - same[f"{way} {count}"])
            for against in ("prior", "product 1")
            for way in ("product", "hand")
            for count in range(1, GROUP)
            if f"{way} {count}" in same and f"{way} {count}" != against
        }
        print("".join(f"{k}: {v[0]} ± {v[1]} nats gained\n" for k, v in gains.items()))
        result[engine.name] = {
            "nats_same_hand": {name: mean_and_error(values) for name, values in same.items()},
            "nats_another_hand": {name: mean_and_error(values) for name, values in other.items()},
            "nats_gained": gains,
            "nearer": {
                way: {
                    "prior": round(float((same[way] < same["prior"]).mean()), 4),
                    "another hand": round(float((same[way] < other[way]).mean()), 4),
                }
                for way in same
                if way in other and way not in ("prior", "own")
            },
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
