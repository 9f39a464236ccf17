"""Paper, ink, desks, lines, light and the camera, of which `picture_scenes` composes pictures.

A sheet is float32 (h, w, 3) RGB in [0, 255]; ink is a share (h, w) in [0, 1] of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Random = np.random.Generator


def size_of(random: Random) -> tuple[int, int]:
    """Height and width: mostly small, some of a phone's."""
    side = int(random.choice([480, 640, 800, 1200, 1600], p=[0.4, 0.25, 0.15, 0.12, 0.08]))
    height, width = side * 3 // 4, side
    return (height, width) if random.random() < 0.7 else (width, height)


def smooth(random: Random, shape: tuple[int, int], cells: float) -> Floats:
    """Noise of that many cells along the longer side, mean 0, deviation about 1."""
    scale = cells / max(shape)
    small = [max(2, round(side * scale)) for side in shape]
    noise = random.standard_normal(small).astype(np.float32)
    return cv2.resize(noise, shape[::-1], interpolation=cv2.INTER_CUBIC)


def paper(random: Random, shape: tuple[int, int], colour: Sequence[float]) -> Floats:
    """A sheet under light from somewhere, with fibres."""
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j].astype(np.float32)
    a, b, c = random.normal(0, 0.08, 3)
    light = 1 + a * x + b * y + c * (x * x + y * y) + 0.012 * smooth(random, shape, 60)
    return np.asarray(colour, np.float32) * light[..., None]


def white(random: Random) -> Floats:
    return np.float32(random.uniform(185, 245)) * np.array(
        [1, random.uniform(0.96, 1), random.uniform(0.88, 1)], np.float32
    )


def pen(random: Random) -> tuple[Floats, float]:
    """The share of light that ink lets through, per channel, and the smoothness of its edge."""
    kind = random.integers(4)
    if kind == 0:  # blue
        return np.array([0.2, 0.28, 0.6], np.float32) * np.float32(random.uniform(0.7, 1.2)), 0.5
    if kind == 1:  # red
        return np.array([0.75, 0.2, 0.2], np.float32), 0.5
    return np.full(3, random.uniform(0.08, 0.4), np.float32), 0.5


def enlarged(glyph: Floats, height: int, random: Random) -> Floats:
    """The glyph's ink cropped and made so tall, with the edges of a pen: (height, w) in [0, 1]."""
    rows, columns = np.flatnonzero(glyph.max(1) > 0.2), np.flatnonzero(glyph.max(0) > 0.2)
    cut = glyph[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    cut = np.pad(cut, 2)
    scale = height / (cut.shape[0] - 4)
    size = (max(3, round(cut.shape[1] * scale)), max(3, round(cut.shape[0] * scale)))
    big = cv2.GaussianBlur(cv2.resize(cut, size, interpolation=cv2.INTER_CUBIC), (0, 0), scale / 3)
    sharp = 1 / (1 + np.exp(-(big - 0.42) * random.uniform(10, 18)))
    return np.where(big < 0.05, 0, sharp).astype(np.float32)


def put(share: Floats, glyph: Floats, top: int, left: int) -> tuple[int, int, int, int]:
    """Lay ink (h, w) on a sheet's shares, cut by its rim."""
    height, width = share.shape
    y0, x0 = max(top, 0), max(left, 0)
    y1, x1 = min(top + glyph.shape[0], height), min(left + glyph.shape[1], width)
    part = glyph[y0 - top : y1 - top, x0 - left : x1 - left]
    share[y0:y1, x0:x1] = np.maximum(share[y0:y1, x0:x1], part)
    return x0, y0, x1, y1


Glyph = tuple[Floats, int]
"""Ink (28, 28) in [0, 1], and its digit."""


@dataclass
class Scene:
    """A picture in the making."""

    pixels: Floats
    label: str
    boxes: list[tuple[int, int, int, int]]
    """Left, top, right, bottom of each digit, where nothing moves it later."""


def write(random: Random, share: Floats, glyph: Glyph, tall: tuple[float, float]) -> Scene:
    """One digit near the middle, `tall` of the shorter side; the scene's pixels are the share."""
    height = int(random.uniform(*tall) * min(share.shape))
    ink = enlarged(glyph[0], height, random)
    free = [side - part for side, part in zip(share.shape, ink.shape, strict=True)]
    top, left = (int(room * random.uniform(0.36, 0.64)) for room in free)
    return Scene(share, str(glyph[1]), [put(share, ink, top, left)])


def inked(sheet: Floats, share: Floats, through: Floats) -> Floats:
    return sheet * (1 - share[..., None] * (1 - through))


def camera(random: Random, pixels: Floats, noise: float = 3) -> Pixels:
    """What a camera makes of it: blur, grain, rounding and JPEG."""
    scale = max(pixels.shape) / 640
    pixels = cv2.GaussianBlur(pixels, (0, 0), random.uniform(0.4, 1.1) * scale)
    grain = random.normal(0, random.uniform(0.4, 1) * noise, pixels.shape).astype(np.float32)
    shot = (pixels + grain).clip(0, 255).astype(np.uint8)
    quality = int(random.integers(60, 95))
    data = cv2.imencode(".jpg", shot[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def desk(random: Random, shape: tuple[int, int]) -> Floats:
    """Wood, cloth, a dark or light board, or things that lie about."""
    kind = random.integers(5)
    tone = np.array(
        [
            [120, 84, 52],
            [70, 70, 74],
            [150, 120, 90],
            [45, 42, 40],
            [96, 110, 100],
            [175, 150, 120],
        ],
        np.float32,
    )[random.integers(6)]
    tone = tone * np.float32(random.uniform(0.8, 1.15))
    if kind == 0:  # wood: noise drawn out along one axis
        grain = cv2.resize(
            random.standard_normal((shape[0] // 3 + 1, 12)).astype(np.float32), shape[::-1]
        )
        texture = 0.14 * grain + 0.06 * smooth(random, shape, 20)
    elif kind == 1:  # cloth
        texture = 0.16 * smooth(random, shape, 160) + 0.05 * smooth(random, shape, 12)
    elif kind == 2:
        texture = 0.03 * smooth(random, shape, 8)
    elif kind == 3:  # planks
        texture = 0.08 * smooth(random, shape, 40)
        for at in np.linspace(0, shape[0], int(random.integers(3, 8)))[1:-1].astype(int):
            texture[at : at + max(2, shape[0] // 150)] -= 0.35
    else:  # clutter
        texture = 0.05 * smooth(random, shape, 90)
        for _ in range(int(random.integers(3, 9))):
            at = [int(random.integers(side)) for side in shape[::-1]]
            end = [int(random.integers(side)) for side in shape[::-1]]
            thick = max(2, int(random.uniform(0.004, 0.03) * max(shape)))
            cv2.line(texture, at, end, float(random.uniform(-0.5, 0.4)), thick)
    return (tone * (1 + texture[..., None])).clip(4, 250).astype(np.float32)


def shade(random: Random, pixels: Floats, corners: Floats) -> Floats:
    """A cast shadow outside a sheet's corners, so that it lies on its desk."""
    mask = np.zeros(pixels.shape[:2], np.float32)
    moved = corners + random.uniform(-0.015, 0.015, 2).astype(np.float32) * max(mask.shape)
    cv2.fillConvexPoly(mask, np.round(moved).astype(np.int32), 1.0)
    mask = cv2.GaussianBlur(mask, (0, 0), max(mask.shape) / 120)
    return pixels * (1 - 0.45 * mask[..., None])


def on_desk(
    random: Random,
    scene: Floats,
    cover: tuple[float, float],
    turn: float,
    lean: float,
    aside: float = 0,
) -> Floats:
    """A sheet (h, w, 3) laid on a desk, turned by up to `turn` degrees, aslant by `lean`, its
    middle beside the picture's by this share of the longer side."""
    height, width = scene.shape[:2]
    ground = desk(random, (height, width))
    share = random.uniform(*cover)
    box = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    angle = np.deg2rad(random.uniform(-turn, turn))
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
    middle = np.array([width, height], np.float32) / 2
    corners = (box - middle) * share @ spin.T + middle
    corners += random.uniform(-lean, lean, (4, 2)).astype(np.float32) * max(width, height)
    if aside:
        where = random.uniform(0, 2 * np.pi)
        corners += aside * max(width, height) * np.array([np.cos(where), np.sin(where)])
    corners = corners.astype(np.float32)
    warp = cv2.getPerspectiveTransform(box, corners)
    mask = cv2.warpPerspective(np.ones((height, width), np.float32), warp, (width, height))
    laid = cv2.warpPerspective(scene, warp, (width, height), borderMode=cv2.BORDER_REPLICATE)
    if random.random() < 0.6:
        ground = shade(random, ground, corners)
    return ground * (1 - mask[..., None]) + laid * mask[..., None]


def lamp(random: Random, pixels: Floats) -> Floats:
    """Light from one side, down to half of it at the other."""
    y, x = np.mgrid[-1 : 1 : pixels.shape[0] * 1j, -1 : 1 : pixels.shape[1] * 1j]
    where = random.uniform(0, 2 * np.pi)
    near = (np.cos(where) * x + np.sin(where) * y) / np.sqrt(2)
    return (pixels * (1 - random.uniform(0, 0.5) * (1 + near[..., None]) / 2)).astype(np.float32)


def ruled(random: Random, share: Floats, squared: bool) -> Floats:
    """Lines of a notebook, a share of light taken away."""
    lines = np.zeros_like(share)
    height, width = share.shape
    step = random.uniform(0.035, 0.07) * max(share.shape)
    thick = max(1, round(max(share.shape) / 480 * random.uniform(0.7, 1.8)))
    slope = random.uniform(-0.03, 0.03)
    strength = random.uniform(0.15, 0.5)
    for at in np.arange(random.uniform(0, step), height + width * 0.03, step):
        ends = (0, round(at)), (width, round(at + slope * width))
        cv2.line(lines, *ends, strength, thick, cv2.LINE_AA)
    if squared:
        for at in np.arange(random.uniform(0, step) - width * 0.03, width * 1.03, step):
            ends = (round(at), 0), (round(at - slope * height), height)
            cv2.line(lines, *ends, strength, thick, cv2.LINE_AA)
    elif random.random() < 0.3:
        at = round(random.uniform(0.06, 0.14) * width)
        cv2.line(lines, (at, 0), (round(at - slope * height), height), strength, thick, cv2.LINE_AA)
    return lines


def bent_line(
    random: Random, share: Floats, start: tuple[float, float], end: tuple[float, float], thick: int
) -> None:
    """A line drawn by hand."""
    t = np.linspace(0, 1, 24)[:, None]
    path = np.array(start) * (1 - t) + np.array(end) * t
    bow = random.normal(0, 0.012) * np.hypot(*np.subtract(end, start))
    path[:, 1] += bow * np.sin(np.pi * t[:, 0] * random.uniform(0.8, 2))
    cv2.polylines(share, [np.round(path * 8).astype(np.int32)], False, 1.0, thick, cv2.LINE_AA, 3)


def shine(random: Random, pixels: Floats) -> Floats:
    """Light reflected in a spot."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    at = random.uniform(0, 1, 2) * (height, width)
    wide = random.uniform(0.06, 0.2) * width
    spot = np.exp(-((y - at[0]) ** 2 + ((x - at[1]) / 1.6) ** 2) / (2 * wide**2))
    return pixels + (random.uniform(0.3, 0.8) * spot)[..., None] * (255 - pixels)
