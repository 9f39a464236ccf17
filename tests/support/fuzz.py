"""Damaged files and forged messages, through the code that the Draw page puts them through."""

import copy
import math
import random
from collections import Counter
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from tests.support.app import ROOT
from tests.support.pictures import encoded
from ui.draw import photo
from ui.draw.desk import BadDesk, packed, parse
from ui.draw.desk.starters import EXAMPLES
from vae_model.engine.digit_engine import DigitEngine, Floats
from vae_model.preprocessing import BadImage

FILE = "file"
CHECKPOINT = ROOT / "checkpoints" / "studio"
FRIENDLY = (BadImage, BadDesk)
NUMBERS = (0, 1, -1, 999, 1000, -250, 1250, 1251, -251, 2**31, 2**63, -(2**63), 10**400, 0.5, -0.0)
ODD = (None, True, False, "", "0", [], {}, [[]], math.nan, math.inf, -math.inf, *NUMBERS)


def run(engine: DigitEngine, files: int, payloads: int) -> tuple[Counter[str], list[str]]:
    """What came of how many, and a line on each that raised what the page does not expect."""
    outcomes: Counter[str] = Counter()
    exceptions: list[str] = []
    chance, originals = random.Random(0), pictures()
    broken = (damaged(chance, chance.choice(originals), originals) for _ in range(files))
    told = (forged(chance) for _ in range(payloads))
    for kind, read, tries in (("file", read_file, broken), ("payload", read_desk, told)):
        for index, value in enumerate(tries):
            try:
                read(engine, value)
            except FRIENDLY as problem:
                outcomes[f"{kind}: {problem}"] += 1
            except Exception as problem:
                exceptions.append(f"{kind} {index}: {type(problem).__name__}: {problem}")
            else:
                outcomes[f"{kind}: read"] += 1
    return outcomes, exceptions


def read_file(engine: DigitEngine, data: bytes) -> None:
    """As an upload."""
    found = photo.read(data)
    photo.steps(found)
    if found.digit is not None:
        show(engine, found.digit.image)


def read_desk(engine: DigitEngine, value: object) -> None:
    """As what the desk says."""
    drawn = parse(value)
    if drawn.image is not None:
        show(engine, drawn.image)
    if drawn.edit is not None:
        photo.steps(photo.edited(whole_picture(), drawn.edit))


@cache
def whole_picture() -> photo.Photo:
    """What the desk's edits are about."""
    return photo.read(pictures()[0], FILE)


def show(engine: DigitEngine, image: Floats) -> None:
    """What pages make of the digit."""
    if not (image.shape == (28, 28) and image.min() >= 0 and image.max() <= 1):
        raise ArithmeticError("the image is no ink in [0, 1]")
    reading = engine.read(image)
    if not np.isfinite([*reading.digit_probs, *reading.style_mean, *reading.style_std]).all():
        raise ArithmeticError("the reading is not finite")


def pictures() -> list[bytes]:
    """Whole files of every format, in modes and sizes that are not the usual."""
    digit = Image.fromarray(255 - EXAMPLES[3]).resize((112, 112), Image.Resampling.BICUBIC)
    modes = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK")
    found = []
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF", "TIFF"):
        for mode in modes:
            # Not every format knows every mode.
            with suppress(OSError, KeyError, ValueError):
                found.append(encoded(digit.convert(mode), kind))
    deep = Image.fromarray(np.asarray(digit).astype(np.uint16) * 257)
    turned = Image.Exif()
    turned[0x0112] = 6
    return [
        *found,
        encoded(deep),
        encoded(digit, "JPEG", exif=turned),
        encoded(digit, "JPEG", progressive=True),
        encoded(digit, "GIF", save_all=True, append_images=[digit.rotate(9)] * 3),
        encoded(digit, "WEBP", save_all=True, append_images=[digit.rotate(9)] * 3),
        encoded(digit.convert("P"), transparency=0),
    ]


def damaged(chance: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """A file that is no longer what it was."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        place = chance.randrange(max(1, min(len(changed), chance.choice((32, 128, 10**6)))))
        way = chance.randrange(7)
        if way == 0:
            changed[place : place + 1] = bytes([chance.randrange(256)])
        elif way == 1:
            changed = changed[:place]
        elif way == 2:
            del changed[place : place + chance.randrange(1, 64)]
        elif way == 3:
            changed[place:place] = chance.randbytes(chance.randrange(1, 64))
        elif way == 4:
            # Where sizes stand: all ones, all zeros.
            changed[place : place + 4] = chance.choice((b"\xff", b"\x00", b"\x7f")) * 4
        elif way == 5:
            changed[place:] = chance.choice(others)[place:]
        else:
            changed[place : place + 8] = changed[place : place + 8][::-1]
        if not changed:
            break
    return bytes(changed)


def forged(chance: random.Random) -> object:
    """What the desk would never say, or would in a bad hour."""
    image = packed(np.frombuffer(chance.randbytes(784), np.uint8).reshape(28, 28) / np.float32(255))
    cut = chance.choice((len(image), len(image), chance.randrange(len(image))))
    value: object = {
        "v": 1,
        "turn": chance.randrange(2**40),
        "image": chance.choice((None, image, image[:cut], image * 2)),
        "told": chance.choice((None, {"image": image[:cut], "digit": chance.randrange(-1, 11)})),
        "edit": {
            "file": FILE,
            "quarters": chance.randrange(-1, 5),
            "boxes": [[*sorted(chance.random() for _ in range(4))] for _ in range(2)],
            "opened": chance.randrange(-1, 2),
        },
    }
    for _ in range(chance.choice((0, 1, 1, 2))):
        value = mutated(chance, copy.deepcopy(value))
    return value


def mutated(chance: random.Random, value: object) -> object:
    """The same with one thing changed, somewhere inside it."""
    if isinstance(value, dict | list) and value and chance.random() < 0.85:
        place: Any = chance.choice([*value] if isinstance(value, dict) else range(len(value)))
        way = chance.randrange(8)
        if way == 0:
            del value[place]
        elif way > 1:
            value[place] = mutated(chance, value[place])
        elif isinstance(value, dict):
            value[chance.choice(("__proto__", "image ", "V", place * 2))] = value[place]
        else:
            value *= chance.choice((2, 50, 300))
        return value
    if type(value) is int and chance.random() < 0.4:
        return value + chance.choice((-1, 1, 1000, -1000))
    return copy.deepcopy(chance.choice(ODD))
