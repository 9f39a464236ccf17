"""How well the digits of fonts are read, and how much one of them tells of its hand.

    python -m benchmarks.fonts [CHECKPOINT ...]

The fonts are those of fonts.json, which Node's npm fetches into build/ (480 MB). Those of
handwriting are hands as schools of some forty countries teach them, as people had theirs digitised,
and as penmen draw them, ornaments and all; the others are for print, as in a screenshot. No model
learned from them. What is tried for the next one is chosen by what it reads of the hands that
schools teach and of half of the other hands, `tried_on`; the rest are `kept_aside`.

Each digit is drawn large, with its own pen, and framed as MNIST's are. Told is what
`benchmarks.writers` tells of people.
"""

import argparse
import hashlib
import json
import subprocess
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.writers import tell
from tests.support.app import ROOT
from vae_model.engine.digit_engine import Floats
from vae_model.preprocessing import place

WANTED = Path(__file__).parent / "fonts.json"
FETCHED = ROOT / "build" / "fonts"
SIZE = 160
"""Of a digit, in pixels to an em."""


def fetch() -> dict[str, list[Path]]:
    """The font files by what they are measured as, from npm where they are not there yet."""
    wanted = json.loads(WANTED.read_text("utf-8"))
    FETCHED.mkdir(parents=True, exist_ok=True)
    package = {"private": True, "dependencies": wanted["handwriting"] | wanted["typed"]}
    (FETCHED / "package.json").write_text(json.dumps(package), "utf-8")
    quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--silent"]
    try:
        subprocess.run(["npm", "install", *quiet, "--prefix", str(FETCHED)], check=True)
    except FileNotFoundError:
        raise SystemExit("Node's npm is not installed: it fetches the fonts") from None
    groups: dict[str, list[Path]] = {"tried_on": [], "kept_aside": [], "typed": []}
    for kind, packages in wanted.items():
        for name in packages:
            path = _regular(FETCHED / "node_modules" / name / "files")
            hand = "tried_on" if is_tried_on(name.partition("/")[2]) else "kept_aside"
            groups[hand if kind == "handwriting" else "typed"].append(path)
    return groups


def _regular(files: Path) -> Path:
    """Of a font's files that with Latin letters of common weight, or else the lightest."""
    name = files.parent.name
    upright = sorted(files.glob(f"{name}-latin-[0-9]*-normal.woff"))
    return next((path for path in upright if "-400-" in path.name), upright[0])


def drawn(path: Path) -> Floats:
    """The ten digits of a font as MNIST would have framed them, (10, 28, 28) in [0, 1]."""
    font, digits = ImageFont.truetype(str(path), SIZE), []
    for digit in "0123456789":
        sheet = Image.new("L", (4 * SIZE, 4 * SIZE))
        ImageDraw.Draw(sheet).text((SIZE, SIZE), digit, font=font, fill=255)
        digits.append(place(np.asarray(sheet.crop(sheet.getbbox()), np.float32) / 255))
    return np.stack(digits)


def is_tried_on(name: str) -> bool:
    """Whether models are chosen by what they read of this font for handwriting."""
    is_taught = name.startswith(("playwrite", "playpen", "edu-"))
    return is_taught or hashlib.md5(name.encode()).digest()[-1] % 2 == 1


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    shipped = [ROOT / "checkpoints" / name for name in ("studio", "article")]
    parser.add_argument("checkpoints", nargs="*", type=Path, default=shipped)
    options = parser.parse_args()
    groups = {
        name: np.stack([drawn(path) for path in paths])[None] for name, paths in fetch().items()
    }
    result: dict[str, object] = {"benchmark": "fonts"}
    result |= {f"fonts_{name}": group.shape[1] for name, group in groups.items()}
    tell(result, options.checkpoints, groups)


if __name__ == "__main__":
    main()
