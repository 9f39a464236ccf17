"""How often real digits, and how often letters, scribbles and the like, are said to be unlike any
digit.

    python -m benchmarks.unlike_digits [--data NAME] [--drawings N]

All are read as a drawing is: inked, put through `normalize`, read by the engine. The digits are the
test set, which fitted nothing, and digits by pens of our own; the drawings share neither seed nor
letter with those of the fit. What `normalize` itself refuses (grains without a stroke, a solid
patch) the page refuses with a line of its own: that counts as said, and is counted apart.

Nothing is fitted on halves of test digits, cut across or down, nor on two test digits that touch.
The latter pass through `find_digits` as Upload does it: they count as warned of where two or more
were found, where it is said that they may touch, or where they are said to be unlike a digit.
"""

import argparse
import json

import numpy as np
from PIL import Image

from tests.support.app import ROOT
from vae_model.data import non_digits
from vae_model.data.mnist import load
from vae_model.data.non_digits import Pixels
from vae_model.engine.digit_engine import DigitEngine, Floats
from vae_model.evaluation.fit_calibration import normalized, pen_digits
from vae_model.preprocessing import find_digits

LARGER = 8
"""Times: as large as what is drawn or photographed."""
LAP = 4
"""Pixels: two that touch overlap by fewer."""


def halves(images: Floats, count: int, random: np.random.Generator) -> list[Pixels]:
    """So many pieces of digits (n, 28, 28), as a wrong cut leaves them, in black on white."""
    pieces = []
    for _ in range(count):
        digit, axis = _tight(random.choice(images)), int(random.integers(2))
        at = round(digit.shape[axis] * random.uniform(0.35, 0.65))
        pieces.append(_enlarged(np.split(digit, [max(at, 1)], axis)[int(random.integers(2))]))
    return pieces


def pairs(images: Floats, count: int, random: np.random.Generator) -> list[Pixels]:
    """So many times two digits of (n, 28, 28) side by side, a little over one another."""
    both = []
    for _ in range(count):
        left, right = (_tight(random.choice(images)) for _ in range(2))
        height = max(len(left), len(right))
        start = left.shape[1] - int(random.integers(LAP))
        canvas = np.zeros((height, start + right.shape[1]), np.float32)
        for digit, at in ((left, 0), (right, start)):
            top = (height - len(digit)) // 2
            place = canvas[top : top + len(digit), at : at + digit.shape[1]]
            np.maximum(place, digit[:, : place.shape[1]], out=place)
        both.append(_enlarged(canvas))
    return both


def _tight(image: Floats) -> Floats:
    rows, columns = np.nonzero(image > 0.1)
    return image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def _enlarged(ink: Floats) -> Pixels:
    image = Image.fromarray((255 * (1 - np.pad(ink, 6))).astype(np.uint8))
    size = (LARGER * image.width, LARGER * image.height)
    return np.asarray(image.resize(size, Image.Resampling.BICUBIC))


def warned(engine: DigitEngine, pictures: list[Pixels]) -> float:
    """Share of pictures of two digits that are taken for two, or not for one without a word."""
    count = 0
    for picture in pictures:
        found = find_digits(picture)
        if len(found) > 1 or found[0].is_touching or not engine.read(found[0].image).is_familiar:
            count += 1
    return count / len(pictures)


def said(engine: DigitEngine, images: Floats) -> float:
    """Share of images that the engine says are unlike any digit."""
    assert engine.checkpoint.calibration is not None
    ood_score = engine.checkpoint.calibration.ood_score(engine.statistics(images))
    return float((ood_score > 0).mean())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="auto")
    parser.add_argument("--drawings", type=int, default=500, help="of each kind")
    options = parser.parse_args()
    data = load(options.data)
    images = data.test.images.numpy().reshape(-1, 28, 28)
    digits, by_pen = normalized(255 * images), normalized(255 * pen_digits(len(images), 1))
    count, random = options.drawings, np.random.default_rng(0)
    drawn = {
        kind: normalized(non_digits.drawings(kind, count, tuning=False))
        for kind in non_digits.ALL_KINDS
    } | {"half": normalized(halves(images, count, random))}
    two = pairs(images, count, random)
    refused = {kind: round(1 - len(images) / count, 3) for kind, images in drawn.items()}
    result: dict[str, object] = {
        "benchmark": "unlike_digits",
        "data": data.name,
        "digits": len(digits),
        "drawings_of_each_kind": count,
        "refused_before": refused,
    }
    for name in ("studio", "article"):
        engine = DigitEngine.load(ROOT / "checkpoints" / name)
        # A kind of which everything was refused leaves nothing to judge.
        shares = {
            kind: 1 - (1 - said(engine, images) if len(images) else 0) * len(images) / count
            for kind, images in drawn.items()
        }
        false_alarms, of_pens = said(engine, digits), said(engine, by_pen)
        shares["pair"] = warned(engine, two)
        print(
            f"{name}: test digits {100 * false_alarms:.2f} %, by pens {100 * of_pens:.2f} %", end=""
        )
        print("".join(f", {kind} {100 * share:.0f} %" for kind, share in shares.items()))
        result[name] = {
            "false_alarms": round(false_alarms, 4),
            "pen_false_alarms": round(of_pens, 4),
            **{kind: round(share, 3) for kind, share in shares.items()},
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
