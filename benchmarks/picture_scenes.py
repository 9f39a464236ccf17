"""Pictures of digits as people take them, composed by seed: what `benchmarks.pictures` reads."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from benchmarks.picture_materials import (
    Floats,
    Glyph,
    Pixels,
    Random,
    Scene,
    bent_line,
    camera,
    desk,
    enlarged,
    inked,
    lamp,
    on_desk,
    paper,
    pen,
    put,
    ruled,
    shine,
    size_of,
    smooth,
    white,
    write,
)


def single(random: Random, glyph: Glyph, tall: tuple[float, float] = (0.22, 0.6)) -> Scene:
    """A digit in pen on white paper."""
    share = np.zeros(size_of(random), np.float32)
    scene = write(random, share, glyph, tall)
    scene.pixels = inked(paper(random, share.shape, white(random)), share, pen(random)[0])
    return scene


def plain(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    return single(random, glyphs[0])


def small(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    return single(random, glyphs[0], (0.075, 0.16))


def desk_strip(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    scene = single(random, glyphs[0], (0.22, 0.5))
    height, width = scene.pixels.shape[:2]
    ground = desk(random, (height, width))
    reach, tilt = random.uniform(0.03, 0.16), random.uniform(-0.04, 0.04)
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    along = [(x, y), (1 - x, y), (y, x), (1 - y, x)][random.integers(4)]
    mask = (along[0] < reach + tilt * along[1])[..., None]
    scene.pixels = np.where(mask, ground, scene.pixels).astype(np.float32)
    return scene


def desk_around(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    scene = single(random, glyphs[0], (0.25, 0.6))
    scene.pixels = on_desk(random, scene.pixels, (0.45, 0.85), 10, 0.02)
    return scene


def cut_sheet(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    """The picture's rim cuts the sheet, and a lamp stands beside the table."""
    scene = single(random, glyphs[0], (0.2, 0.45))
    scene.pixels = lamp(random, on_desk(random, scene.pixels, (0.6, 0.85), 14, 0.02, aside=0.2))
    return scene


def aslant(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    scene = single(random, glyphs[0], (0.3, 0.6))
    scene.pixels = on_desk(random, scene.pixels, (0.5, 0.75), 22, 0.06)
    return scene


def sticky(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    side = int(random.choice([480, 640, 1000]))
    share = np.zeros((side, side), np.float32)
    scene = write(random, share, glyphs[0], (0.3, 0.6))
    tones = np.array([[240, 225, 110], [250, 170, 190], [150, 220, 160], [160, 200, 240]])
    colour = tones[random.integers(4)] * random.uniform(0.75, 1)
    note = inked(paper(random, share.shape, colour), share, pen(random)[0])
    scene.pixels = on_desk(random, note, (0.5, 0.8), 14, 0.01)
    return scene


def thumb(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    scene = single(random, glyphs[0], (0.22, 0.5))
    height, width = scene.pixels.shape[:2]
    mask = np.zeros((height, width), np.float32)
    wide = random.uniform(0.09, 0.16) * width
    x = random.choice([0, 1]) * width + random.uniform(-0.04, 0.04) * width
    y = random.uniform(0.65, 1.05) * height
    axes = (round(wide), round(wide * random.uniform(1.2, 2.2)))
    cv2.ellipse(
        mask, (round(x), round(y)), axes, random.uniform(-50, 50), 0, 360, 1.0, -1, cv2.LINE_AA
    )
    mask = cv2.GaussianBlur(mask, (0, 0), width / 300)[..., None]
    skin = np.array([[205, 150, 125], [140, 95, 70], [90, 60, 45], [110, 110, 110]], np.float32)
    tone = skin[random.integers(4)] * (1 + 0.08 * smooth(random, (height, width), 10)[..., None])
    scene.pixels = scene.pixels * (1 - mask) + tone * mask
    return scene


def _marked(random: Random, glyph: Glyph, draw: Callable[[Floats, tuple[int, ...]], None]) -> Scene:
    """A digit with something drawn beside it in the same ink."""
    share = np.zeros(size_of(random), np.float32)
    scene = write(random, share, glyph, (0.22, 0.42))
    draw(share, scene.boxes[0])
    scene.pixels = inked(paper(random, share.shape, white(random)), share, pen(random)[0])
    return scene


def underline(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    def draw(share: Floats, box: tuple[int, ...]) -> None:
        left, top, right, bottom = box
        tall = bottom - top
        y = bottom + random.uniform(0.03, 0.3) * tall
        reach = random.uniform(0.1, 0.6) * tall
        slope = random.uniform(-0.05, 0.05) * tall
        thick = max(1, round(tall * random.uniform(0.02, 0.1)))
        for again in range(int(random.choice([1, 2], p=[0.85, 0.15]))):
            low = y + again * 0.14 * tall
            bent_line(random, share, (left - reach, low), (right + reach, low + slope), thick)

    return _marked(random, glyphs[0], draw)


def box(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    def draw(share: Floats, around: tuple[int, ...]) -> None:
        left, top, right, bottom = around
        tall = bottom - top
        gap = random.uniform(0.08, 0.45, 4) * tall
        thick = max(1, round(tall * random.uniform(0.01, 0.05)))
        middle, half = ((left + right) / 2), max(right - left, 0.7 * tall) / 2
        corners = np.array(
            [
                [middle - half - gap[0], top - gap[1]],
                [middle + half + gap[2], top - gap[1]],
                [middle + half + gap[2], bottom + gap[3]],
                [middle - half - gap[0], bottom + gap[3]],
            ]
        )
        angle = np.deg2rad(random.normal(0, 1.5))
        centre = corners.mean(0)
        spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        corners = np.round(((corners - centre) @ spin.T + centre) * 8).astype(np.int32)
        strength = float(random.uniform(0.45, 1))
        frame = np.zeros_like(share)
        cv2.polylines(frame, [corners], True, strength, thick, cv2.LINE_AA, 3)
        np.maximum(share, frame, out=share)

    return _marked(random, glyphs[0], draw)


def lined(random: Random, glyph: Glyph, squared: bool) -> Scene:
    share = np.zeros(size_of(random), np.float32)
    scene = write(random, share, glyph, (0.2, 0.5))
    sheet = paper(random, share.shape, white(random))
    tones = np.array([[0.5, 0.6, 0.9], [0.6, 0.6, 0.6], [0.9, 0.6, 0.6]], np.float32)
    sheet = inked(sheet, ruled(random, share, squared), tones[random.integers(3)] * 0.6)
    scene.pixels = inked(sheet, share, pen(random)[0])
    return scene


def ruled_paper(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    return lined(random, glyphs[0], False)


def squared_paper(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    return lined(random, glyphs[0], True)


def hard_shadow(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    scene = single(random, glyphs[0], (0.22, 0.5))
    height, width = scene.pixels.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    angle = random.uniform(0, 2 * np.pi)
    edge = np.cos(angle) * x + np.sin(angle) * y - random.uniform(-0.35, 0.35)
    soft = random.uniform(0.004, 0.06)
    dark = random.uniform(0.3, 0.65) / (1 + np.exp(-np.clip(edge / soft, -40, 40)))
    scene.pixels = (scene.pixels * (1 - dark[..., None])).astype(np.float32)
    return scene


def neighbour(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    share = np.zeros(size_of(random), np.float32)
    scene = write(random, share, glyphs[0], (0.22, 0.45))
    tall = scene.boxes[0][3] - scene.boxes[0][1]
    other = enlarged(glyphs[1][0], max(8, int(tall * random.uniform(0.8, 1.2))), random)
    top = int(scene.boxes[0][1] + random.uniform(-0.3, 0.3) * tall)
    shown = random.uniform(0.25, 0.6) * other.shape[1]
    left = -other.shape[1] + shown if random.random() < 0.5 else share.shape[1] - shown
    put(share, other, top, round(left))
    scene.pixels = inked(paper(random, share.shape, white(random)), share, pen(random)[0])
    return scene


def chalk(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    share = np.zeros(size_of(random), np.float32)
    scene = write(random, share, glyphs[0], (0.22, 0.55))
    colour = np.array([[48, 70, 58], [40, 42, 46], [30, 52, 70]])[random.integers(3)]
    board = paper(random, share.shape, colour * random.uniform(0.8, 1.4))
    smear = np.clip(smooth(random, share.shape, 5), 0, 2)[..., None]
    board = board + random.uniform(2, 14) * smear
    dust = np.clip(0.75 + 0.3 * smooth(random, share.shape, 300), 0.2, 1)
    tone = np.array([[235, 235, 225], [240, 220, 120], [235, 180, 190]])[random.integers(3)]
    alpha = (share * dust * random.uniform(0.7, 0.95))[..., None]
    scene.pixels = (board * (1 - alpha) + tone * alpha).astype(np.float32)
    return scene


def whiteboard(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    share = np.zeros(size_of(random), np.float32)
    scene = write(random, share, glyphs[0], (0.22, 0.55))
    board = paper(random, share.shape, white(random) * 0.92)
    smudge = np.clip(smooth(random, share.shape, 6) - 0.6, 0, 2)[..., None]
    board = board * (1 - 0.1 * smudge)
    board = shine(random, board)
    tones = np.array([[0.1, 0.1, 0.12], [0.75, 0.15, 0.15], [0.15, 0.5, 0.25], [0.15, 0.25, 0.7]])
    scene.pixels = inked(board, share, tones[random.integers(4)].astype(np.float32))
    return scene


def glare(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    """Bad light: a bright spot, a vignette, much grain."""
    scene = single(random, glyphs[0])
    height, width = scene.pixels.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    dim = random.uniform(0.4, 0.8) * (1 - random.uniform(0.1, 0.4) * (x * x + y * y))
    pixels = shine(random, (scene.pixels * dim[..., None]).astype(np.float32))
    grain = random.normal(0, random.uniform(3, 8), pixels.shape)
    scene.pixels = (pixels + cv2.GaussianBlur(grain, (0, 0), 0.8)).astype(np.float32)
    return scene


def pencil(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    share = np.zeros(size_of(random), np.float32)
    scene = write(random, share, glyphs[0], (0.22, 0.5))
    tall = scene.boxes[0][3] - scene.boxes[0][1]
    thin = cv2.erode(
        share, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, [1 + 2 * (tall // 60)] * 2)
    )
    share = thin if thin.sum() > 0.5 * share.sum() else share
    tooth = np.clip(0.72 + 0.3 * smooth(random, share.shape, max(share.shape) / 3), 0.15, 1)
    through = np.full(3, random.uniform(0.4, 0.6), np.float32)
    scene.pixels = inked(paper(random, share.shape, white(random)), share * tooth, through)
    return scene


def coloured(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    share = np.zeros(size_of(random), np.float32)
    scene = write(random, share, glyphs[0], (0.22, 0.55))
    sheet = paper(random, share.shape, random.uniform(90, 235, 3))
    if sheet.mean() < 150 and random.random() < 0.5:  # a light pencil on dark paper
        alpha = 0.85 * share[..., None]
        scene.pixels = (sheet * (1 - alpha) + 240 * alpha).astype(np.float32)
    else:
        scene.pixels = inked(sheet, share, pen(random)[0])
    return scene


def title_bar(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    """A screenshot of a drawing program; no camera sees it."""
    share = np.zeros(size_of(random), np.float32)
    scene = write(random, share, glyphs[0], (0.25, 0.55))
    dark = random.random() < 0.4
    ground, ink = ((24, 26, 30), 235) if dark else ((255, 255, 255), random.uniform(0, 80))
    shown = np.full((*share.shape, 3), ground, np.float32)
    shown = shown * (1 - share[..., None]) + ink * share[..., None]
    pixels = shown.astype(np.uint8)
    height, width = share.shape
    tall = round(random.uniform(0.05, 0.1) * height)
    bar = random.uniform(30, 230, 3)
    pixels[:tall] = bar
    text = tuple(float(x) for x in (bar + 128) % 256)
    size = tall / 42
    name = str(random.choice(["Untitled - Paint", "Sketch", "drawing.png", "Notes"]))
    where = (tall // 2, round(tall * 0.7))
    cv2.putText(pixels, name, where, cv2.FONT_HERSHEY_SIMPLEX, size, text, 1, cv2.LINE_AA)
    for index in range(3):
        at = width - round((index + 0.7) * tall)
        cv2.circle(pixels, (at, tall // 2), max(2, tall // 5), text, -1, cv2.LINE_AA)
    if random.random() < 0.5:
        pixels[-max(1, tall // 2) :] = bar
    scene.pixels = pixels.astype(np.float32)
    return scene


def phone(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    """Any of the kinds as a phone's camera gives it."""
    kinds = [ruled_paper, hard_shadow, desk_around, underline, thumb, neighbour, pencil]
    scene = kinds[random.integers(len(kinds))](random, glyphs)
    height, width = scene.pixels.shape[:2]
    scale = random.uniform(1800, 2600) / max(height, width)
    scene.pixels = cv2.resize(scene.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return scene


def number(random: Random, glyphs: Sequence[Glyph]) -> Scene:
    """Three to six digits by one pen, in one line, some of them close to one another."""
    count = int(random.integers(3, 7))
    tall = int(random.uniform(60, 120))
    inks = [enlarged(ink, round(tall * random.uniform(0.85, 1.12)), random) for ink, _ in glyphs]
    gap = random.uniform(0.06, 0.4) * tall
    width = round(sum(ink.shape[1] + gap for ink in inks[:count]) + random.uniform(1, 3) * tall)
    share = np.zeros((round(tall * random.uniform(1.8, 4)), width), np.float32)
    left, middle = random.uniform(0.4, 1) * tall, share.shape[0] * random.uniform(0.42, 0.58)
    slope = random.uniform(-0.06, 0.06)
    for ink in inks[:count]:
        top = middle - ink.shape[0] / 2 + slope * (left - width / 2) + random.normal(0, 0.04) * tall
        put(share, ink, round(top), round(left))
        left += ink.shape[1] - 2 + gap * random.uniform(0.5, 1.5)
    label = "".join(str(digit) for _, digit in glyphs[:count])
    sheet = paper(random, share.shape, white(random))
    way = random.integers(6)
    if way == 0:
        sheet = inked(sheet, ruled(random, share, False), np.full(3, 0.5, np.float32))
    pixels = inked(sheet, share, pen(random)[0])
    if way == 1:
        pixels = on_desk(
            random, np.pad(pixels, ((60, 60), (20, 20), (0, 0)), "edge"), (0.7, 0.85), 5, 0.01
        )
    if way == 2:
        ramp = 1 - random.uniform(0.3, 0.6) * (np.linspace(0, 1, width) > random.uniform(0.2, 0.8))
        pixels = pixels * ramp[None, :, None].astype(np.float32)
    return Scene(pixels.astype(np.float32), label, [])


KINDS: dict[str, Callable[[Random, Sequence[Glyph]], Scene]] = {
    scene.__name__: scene
    for scene in (
        *(plain, small, desk_strip, desk_around, aslant, sticky, thumb, underline, hard_shadow),
        *(neighbour, ruled_paper, squared_paper, box, chalk, whiteboard, pencil, coloured),
        *(title_bar, glare, phone, cut_sheet),
    )
}


def compose(kind: str, random: Random, glyphs: Sequence[Glyph]) -> tuple[Pixels, str]:
    """A picture (h, w, 3) of a kind, or of "number", and what is written on it."""
    scene = (number if kind == "number" else KINDS[kind])(random, glyphs)
    if kind == "title_bar":
        return scene.pixels.clip(0, 255).astype(np.uint8), scene.label
    return camera(random, scene.pixels, 6 if kind in ("glare", "chalk") else 3), scene.label
