"""How well people's own pens are read, and how much one of their digits tells of their hand.

    python -m benchmarks.writers [FILE] [CHECKPOINT ...]

FILE is ujipenchars2.txt of UJI Pen Characters, version 2 (D. Llorens and others, UCI 2009): what 60
people wrote on a tablet, point by point, twice. It is not in the repository, and no model learned
from it; but five of the ways to write a 1 that `studio` learned were drawn with a look at what they
wrote first, so that figures on that flatter. Everybody's ten digits are drawn as on the Draw page
(which needs Node), with each of its three pens, and read.

Told is, of either time, how many are read, and how many are called unlike any digit; then, over all
three pens, what a digit costs in the hand that is told from one of the same person's other digits,
−log p in nats, and how often that is less than in the middle of the prior, which knows nothing, and
than in the hand told from the same digit of another person.
"""

import argparse
import json
import re
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.support.app import ROOT
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
from vae_model.engine.writer_style import Style, combine

PAD, PENS = 1000, (48, 72, 108)
"""Units to a side of the page's pad, and of the widths of its pens (ui/draw/desk/pad.js)."""
SIZE = 620
"""Of a digit: its longer side."""
DIGITS = np.arange(10)
TIMES = {"first": "-01", "second": "-02"}
"""When they wrote, and how the names of these sessions end."""
Strokes = list[NDArray[np.float64]]


def people(text: str, session: str) -> list[dict[int, Strokes]]:
    """Everybody's digits, each as strokes (n, 2), in the sessions that end so."""
    found: dict[str, dict[int, Strokes]] = {}
    for word in re.split(r"^\s*WORD ", text, flags=re.MULTILINE)[1:]:
        name, writer = word.split(maxsplit=2)[:2]
        if re.fullmatch("[0-9]", name) and writer.endswith(session):
            points = re.findall(r"POINTS \d+ #([-\d ]+)", word)
            strokes = [np.array(line.split(), float).reshape(-1, 2) for line in points]
            found.setdefault(writer, {})[int(name)] = strokes
    return [each for each in found.values() if len(each) == len(DIGITS)]


def drawing(strokes: Strokes, pen: int) -> list[dict[str, object]]:
    """A digit as the pad holds it, in its middle."""
    every = np.concatenate(strokes)
    low, high = every.min(axis=0), every.max(axis=0)
    scale = SIZE / max(float((high - low).max()), 1)
    paths = [((each - (low + high) / 2) * scale + PAD / 2).round() for each in strokes]
    return [{"points": p.ravel().tolist(), "width": pen, "erases": False} for p in paths]


def drawn(writers: list[dict[int, Strokes]]) -> Floats:
    """Everybody's digits with every pen, (pens, writers, 10, 28, 28) in [0, 1]."""
    drawings = [drawing(each[digit], pen) for pen in PENS for each in writers for digit in DIGITS]
    command = ["node", str(ROOT / "benchmarks" / "placed.mjs")]
    try:
        made = subprocess.run(
            command, input=json.dumps(drawings).encode(), stdout=subprocess.PIPE, check=True
        )
    except FileNotFoundError:
        raise SystemExit("Node is not installed: it draws as the page does") from None
    shades = np.array(json.loads(made.stdout), np.float32) / 255
    return shades.reshape(len(PENS), len(writers), len(DIGITS), 28, 28)


def hands(engine: DigitEngine, images: Floats, told: Floats) -> Floats:
    """What digits (writers, 10, 28, 28) cost, (pairs, 3): in the hand `told`, (writers, 10, z_dim),
    by another digit of their writer, in the middle of the prior, in that of another writer."""
    rng = np.random.default_rng(0)
    given, wanted = np.nonzero(~np.eye(len(DIGITS), dtype=bool))
    dims = one_hot(wanted.tolist())
    costs = []
    for writer, real in enumerate(images[:, wanted]):
        other = (writer + rng.integers(1, len(images), len(given))) % len(images)
        styles = (told[writer, given], np.zeros_like(told[0, given]), told[other, given])
        costs.append([engine.recon_nll(engine.write(style, dims), real) for style in styles])
    return np.array(costs).transpose(0, 2, 1).reshape(-1, 3)


def measure(engine: DigitEngine, images: Floats) -> dict[str, object]:
    """Figures of digits (pens, writers, 10, 28, 28)."""
    flat = [engine.read(image) for image in images.reshape(-1, 28, 28)]
    shape = images.shape[:3]
    right = np.array([each.digit for each in flat]).reshape(shape) == DIGITS
    styles = [combine([Style(r.style_mean, r.style_std)], engine.habits).mean for r in flat]
    told = np.array(styles).reshape(*shape, -1)
    costs = [hands(engine, *of_pen) for of_pen in zip(images, told, strict=True)]
    own, prior, other = np.concatenate(costs).T
    return {
        "read": round(float(right.mean()), 4),
        "read_by_pen": right.mean(axis=(1, 2)).round(4).tolist(),
        "read_of_each_digit": right.mean(axis=(0, 1)).round(3).tolist(),
        "called_unlike": round(float(np.mean([each.is_familiar is False for each in flat])), 4),
        "hand_nats": round(float(own.mean()), 1),
        "prior_nats": round(float(prior.mean()), 1),
        "other_hand_nats": round(float(other.mean()), 1),
        "nearer_than_prior": round(float((own < prior).mean()), 3),
        "nearer_than_other_hand": round(float((own < other).mean()), 3),
    }


def tell(result: dict[str, object], checkpoints: list[Path], images: dict[str, Floats]) -> None:
    """Measure each model on each of these, and print; `result` with that is the last line."""
    for path in checkpoints:
        engine = DigitEngine.load(path)
        result[engine.name] = {name: measure(engine, each) for name, each in images.items()}
        print(f"{engine.name}: {result[engine.name]}", flush=True)
    print(json.dumps(result))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=ROOT / "data" / "ujipenchars2.txt")
    shipped = [ROOT / "checkpoints" / name for name in ("studio", "article")]
    parser.add_argument("checkpoints", nargs="*", type=Path, default=shipped)
    options = parser.parse_args()
    if not options.file.is_file():
        parser.error(f"there is no {options.file}: fetch it from the UCI repository")
    text = options.file.read_text("utf-8")
    images = {name: drawn(people(text, session)) for name, session in TIMES.items()}
    result: dict[str, object] = {
        "benchmark": "writers",
        "writers": images["first"].shape[1],
        "drawings_each_time": images["first"][..., 0, 0].size,
    }
    tell(result, options.checkpoints, images)


if __name__ == "__main__":
    main()
