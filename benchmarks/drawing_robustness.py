"""What enlarging, moving, inverting or photographing a test digit costs in accuracy.

python -m benchmarks.drawing_robustness [CHECKPOINT] [--data NAME] [--images N]

Each test digit is turned into a drawing of another kind, read through `normalize` and the
classifier, and compared with the accuracy on the untouched test images.
"""

import argparse
import json
from collections.abc import Callable
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from vae_model.data.mnist import load
from vae_model.engine.digit_engine import DigitEngine
from vae_model.preprocessing import EmptyDrawing, normalize

Pixels = NDArray[np.uint8]
ENLARGEMENT = 10


def enlarged(digit: Pixels) -> Pixels:
    image = Image.fromarray(digit)
    size = ENLARGEMENT * digit.shape[0]
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC))


def moved(digit: Pixels, random: np.random.Generator) -> Pixels:
    canvas = np.zeros((500, 640), np.uint8)
    top, left = random.integers(0, 500 - 280), random.integers(0, 640 - 280)
    canvas[top : top + 280, left : left + 280] = enlarged(digit)
    return canvas


def inverted(digit: Pixels) -> Pixels:
    return 255 - enlarged(digit)


def on_transparency(digit: Pixels) -> Pixels:
    """Black ink whose alpha is the digit."""
    alpha = enlarged(digit)
    return np.dstack([np.zeros((*alpha.shape, 3), np.uint8), alpha])


def photographed(digit: Pixels, random: np.random.Generator) -> Pixels:
    """Dark ink on paper in slanting light, slightly blurred, with sensor noise."""
    ink = Image.fromarray(moved(digit, random)).filter(ImageFilter.GaussianBlur(1.5))
    ink_share = np.asarray(ink, np.float32) / 255
    y, x = np.mgrid[0 : ink_share.shape[0], 0 : ink_share.shape[1]] / max(ink_share.shape)
    angle = random.uniform(0, 2 * np.pi)
    light = 0.75 + 0.25 * (np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5))
    paper = np.array([235, 230, 215], np.float32) * light[..., None]
    photo = paper * (1 - 0.75 * ink_share[..., None]) + random.normal(0, 4, (*light.shape, 3))
    return photo.clip(0, 255).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", nargs="?", default="checkpoints/studio")
    parser.add_argument("--data", default="auto")
    parser.add_argument("--images", type=int, default=10_000)
    options = parser.parse_args()
    engine = DigitEngine.load(options.checkpoint)
    data = load(options.data)
    test = data.test.part(0, options.images)
    digits = (test.images.numpy() * 255).round().astype(np.uint8).reshape(-1, 28, 28)
    labels = test.labels.tolist()
    random = np.random.default_rng(0)
    kinds: dict[str, Callable[[Pixels], Pixels]] = {
        "as_is": lambda digit: digit,
        "enlarged": enlarged,
        "moved": lambda digit: moved(digit, random),
        "inverted": inverted,
        "on_transparency": on_transparency,
        "photographed": lambda digit: photographed(digit, random),
    }
    raw = [engine.read(digit.astype(np.float32) / 255).digit for digit in digits]
    accuracy = {"untouched": float(np.mean(np.equal(raw, labels)))}
    for kind, make in kinds.items():
        right = 0
        for digit, label in zip(digits, labels, strict=True):
            # A digit taken for an empty drawing is one not read.
            with suppress(EmptyDrawing):
                right += engine.read(normalize(make(digit))).digit == label
        accuracy[kind] = right / len(labels)
        lost = 100 * (accuracy["untouched"] - accuracy[kind])
        print(f"{kind:16} {accuracy[kind]:.4f}  ({lost:+.2f} points lost)", flush=True)
    points = {kind: round(100 * (accuracy["untouched"] - accuracy[kind]), 2) for kind in kinds}
    result = {
        "benchmark": "drawing_robustness",
        "checkpoint": engine.name,
        "data": data.name,
        "images": len(labels),
        "accuracy": accuracy,
        "points_lost": points,
        "points_lost_at_most": max(points.values()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
