"""How many pictures of digits, taken as people take them, are read: by kind, and whole numbers.

    python -m benchmarks.pictures [CHECKPOINT] [--each N] [--seed N]

The pictures are composed by `picture_scenes` from MNIST digits of the bundled sample's test half
and from strokes of our own program, three to one. One is right where all that was found is what is
written on it; silent where it is wrong and nothing warns: no digit unlike any, none less than 90 %
sure, none that may be several.
"""

import argparse
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import torch
from PIL import Image

from benchmarks.picture_materials import Glyph, Pixels
from benchmarks.picture_scenes import KINDS, compose
from vae_model.data import synthetic_digits
from vae_model.data.mnist import load
from vae_model.engine.digit_engine import DigitEngine
from vae_model.preprocessing import EmptyDrawing, find_digits

NUMBER = "number"
SURE = 0.9
OURS = 0.25
MEMORY = r"""
import re, sys
from vae_model.preprocessing import EmptyDrawing, find_digits, open_image
def highest():  # getrusage's would be that of the parent
    return int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1]) / 1024
data = sys.stdin.buffer.read()
before = highest()
try:
    find_digits(open_image(data))
except EmptyDrawing:
    pass
print(highest() - before)
"""


def glyphs(random: np.random.Generator, sources: list[list[Glyph]]) -> list[Glyph]:
    """Six, of one source: a number is by one program."""
    source = sources[int(random.random() < OURS)]
    return [source[random.integers(len(source))] for _ in range(6)]


def written(seed: int) -> list[list[Glyph]]:
    """Test digits of MNIST, and as many of our own."""
    test = load("sample").test
    mnist = test.images.numpy().reshape(-1, 28, 28)
    generator = torch.Generator().manual_seed(seed)
    digits = torch.randint(0, 10, (len(mnist),), generator=generator)
    ours = synthetic_digits.draw(digits, generator).numpy().reshape(-1, 28, 28)
    pairs = ((mnist, test.labels.tolist()), (ours, digits.tolist()))
    return [list(zip(images, labels, strict=True)) for images, labels in pairs]


def pictures(
    kind: str, each: int, seed: int, sources: list[list[Glyph]]
) -> Iterator[tuple[Pixels, str]]:
    place = [*KINDS, NUMBER].index(kind)
    for index in range(each):
        random = np.random.default_rng([seed, place, index])
        yield compose(kind, random, glyphs(random, sources))


def read(engine: DigitEngine, picture: Pixels) -> tuple[str, bool]:
    """The digits read, and whether anything warns of them."""
    try:
        found = find_digits(picture)
    except EmptyDrawing:
        return "", True
    readings = [engine.read(each.image) for each in found]
    unsure = any(not each.is_familiar or each.digit_probs.max() < SURE for each in readings)
    touching = any(each.is_touching for each in found)
    return "".join(str(each.digit) for each in readings), unsure or touching


def memory_of_40_megapixels() -> float:
    """MB that a photo as large as is let in adds to a process at its highest, as a PNG (Linux)."""
    noise = np.random.default_rng(0).integers(200, 255, (500, 800, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize((7300, 5470)).save(buffer, "PNG", compress_level=1)
    command = [sys.executable, "-c", MEMORY]
    done = subprocess.run(command, input=buffer.getvalue(), capture_output=True, check=True)
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", nargs="?", default="checkpoints/studio")
    parser.add_argument("--each", type=int, default=60, help="pictures of each kind")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    engine = DigitEngine.load(options.checkpoint)
    sources = written(options.seed)
    right: dict[str, float] = {}
    silent, times = 0, []
    for kind in (*KINDS, NUMBER):
        hits = quiet = 0
        for picture, label in pictures(kind, options.each, options.seed, sources):
            start = time.perf_counter()
            said, warned = read(engine, picture)
            times.append(1000 * (time.perf_counter() - start))
            hits += said == label
            quiet += said != label and not warned
        right[kind] = hits / options.each
        silent += quiet
        print(f"{kind:12} {100 * right[kind]:5.1f} %, silent {quiet}", flush=True)
    numbers = right.pop(NUMBER)
    result = {
        "benchmark": "pictures",
        "checkpoint": engine.name,
        "pictures": options.each * (len(right) + 1),
        "by_kind": {kind: round(share, 3) for kind, share in right.items()},
        "mean": round(float(np.mean(list(right.values()))), 4),
        "worst_kind": round(min(right.values()), 4),
        "silent": round(silent / options.each / (len(right) + 1), 4),
        "numbers_exact": round(numbers, 4),
        "ms_p50": round(float(np.percentile(times, 50))),
        "ms_p95": round(float(np.percentile(times, 95))),
        "mb_40_megapixels": round(memory_of_40_megapixels()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
