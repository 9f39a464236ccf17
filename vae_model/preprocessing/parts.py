"""Ink -> its connected parts, without lines, frames, edges and specks; and which are one digit."""

from dataclasses import dataclass, replace
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from vae_model.preprocessing.picture import Bytes, Floats

TALL = 1.9
"""Height over width of two digits, one below the other, at least."""


@dataclass
class Part:
    """Connected ink, or several pieces of it that are one digit."""

    left: int
    top: int
    right: int
    bottom: int
    labels: tuple[int, ...]
    mass: float
    """Sum of the contrast."""
    strength: float
    """The contrast of its darkest tenth."""
    pen: float
    """Width of the stroke in pixels."""
    is_cut: bool
    """Whether the rim of what is looked at cuts it off."""

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def size(self) -> int:
        return max(self.width, self.height)

    @property
    def weight(self) -> float:
        """How much speaks for its being what was written: ink is darker than edges and dirt."""
        return self.mass * self.strength


def without_lines(strokes: Bytes, faint: Bytes, share: Floats) -> Bytes:
    """Strokes (h, w) of 0 and 1 without lines that run through much of the picture, as those of
    ruled paper do, and without what parts the cells between two such; strokes that cross them keep
    their ink. `faint` (h, w) holds paler ink too, the share (h, w) how dark all is."""
    level, upright = _level_lines(faint, share), _level_lines(faint.T, share.T).T
    rest = strokes & ~(level | upright)
    return rest & ~(_rungs(rest, level, share) | _rungs(rest.T, upright.T, share.T).T)


def _thickest(pixels: Bytes) -> int:
    """Of a line; for both axes alike: of a strip, a 1 takes much of the height."""
    return max(3, round(0.011 * max(pixels.shape)))


def _rungs(rest: Bytes, lines: Bytes, share: Floats) -> Bytes:
    """What parts the cells of a printed form: straight and thin among the rest (h, w) of the
    strokes, as dark as the level lines (h, w), it leads from one of them to another and is not the
    only one so high. Hardly two 1s do."""
    if not lines.any():
        return lines
    thick = _thickest(rest)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    left, top, width, height, area = stats.T
    at_line = cv2.dilate(lines, np.ones((5, 4 * thick + 1), np.uint8)) > 0
    middle, bottom = left + width // 2, top + height - 1
    dark = np.bincount(labels.ravel(), (share * rest).ravel()) / np.maximum(area, 1)
    # Cells are large beside their lines, which small print is not.
    is_rung = (width <= np.maximum(thick, 0.15 * height)) & (height > 5 * thick)
    is_rung &= at_line[top, middle] & at_line[bottom, middle]
    is_rung &= dark < 1.6 * np.percentile(share[lines > 0], 90)
    is_rung[0] = False  # the ground
    own = np.flatnonzero(is_rung)
    alike = abs(height[own, None] - height[own]) <= 0.1 * height[own]
    is_rung[own] = alike.sum(axis=1) > 1
    return is_rung[labels].astype(np.uint8)


def _level_lines(faint: Bytes, share: Floats) -> Bytes:
    side, thick = max(faint.shape), _thickest(faint)
    thin = faint & ~cv2.morphologyEx(faint, cv2.MORPH_OPEN, np.ones((thick + 1, 1), np.uint8))
    bridge = np.ones((3, 2 * thick + 5), np.uint8)
    whole = cv2.morphologyEx(thin, cv2.MORPH_CLOSE, bridge)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=8)
    long, short = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    straight = short < 0.12 * long + thick
    straight[0] = False  # the ground
    is_line = straight & (long > 0.3 * side)
    if is_line.sum() > 1:
        # Where there are lines, so are pieces of them, which strokes cut off.
        area = np.maximum(np.bincount(labels.ravel(), thin.ravel()), 1)
        dark = np.bincount(labels.ravel(), (share * thin).ravel()) / area
        is_line |= straight & (long > 0.08 * side) & (dark < 1.35 * np.median(dark[is_line]))
    return cv2.dilate(thin & is_line[labels].astype(np.uint8), np.ones((3, 1), np.uint8))


def find_parts(strokes: Bytes, share: Floats, area: Bytes) -> tuple[list[Part], NDArray[np.int32]]:
    """The connected parts of strokes (h, w), largest first, and their labels (h, w); specks left
    out, unless all are. The area (h, w) is what is looked at."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    rim = area - cv2.erode(area, np.ones((5, 5), np.uint8), borderValue=0)
    # Around a sheet or a thumb is a blur.
    blur = np.ones((2 * round(0.015 * max(strokes.shape)) + 1,) * 2, np.uint8)
    rim |= area - cv2.erode(area, blur, borderValue=1)
    at_rim = np.bincount(labels[rim > 0], minlength=count)
    sizes = np.minimum(stats[:, 2:4].max(axis=1), stats[:, cv2.CC_STAT_AREA])
    sizes[0] = 0  # the ground
    least = max(4, 0.012 * max(strokes.shape))
    if sizes.max() < least:
        least = 4  # Nothing else is there, and digits may be as small.
    parts = []
    for label in np.flatnonzero(sizes >= least).tolist():
        left, top, width, height, pixels = stats[label].tolist()
        window = (slice(top, top + height), slice(left, left + width))
        own = labels[window] == label
        values = share[window][own]
        outlines, _ = cv2.findContours(
            np.pad(own, 1).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE
        )
        around = sum(cv2.arcLength(each, True) for each in outlines)
        parts.append(
            Part(
                *(left, top, left + width, top + height),
                (label,),
                float(values.sum()),
                float(np.percentile(values, 90)),
                2 * pixels / max(around, 1),
                bool(at_rim[label] > 0),
            )
        )
    if area.all() and _is_trimmed(parts, area.shape):
        parts = [replace(part, is_cut=False) for part in parts]
    return sorted(parts, key=lambda part: -part.mass), labels


def _is_trimmed(parts: list[Part], shape: tuple[int, ...]) -> bool:
    """Whether a picture (h, w) was cut out along a number: its digits end where that does, on all
    four sides. What lies in its corners is of no such line."""
    height, width = shape
    line = [part for part in parts if part.top < height / 2 < part.bottom]
    ends = [(part.left, part.top, width - part.right, height - part.bottom) for part in line]
    near = max(2, 0.015 * max(shape))  # the round side of a digit fades
    return bool(ends) and max(map(min, zip(*ends, strict=True))) <= near


def is_frame(part: Part, labels: NDArray[np.int32], others: list[Part]) -> bool:
    """Whether a part is a printed box around a digit, all of it near its own border, or a table of
    several."""
    inside = [
        other.height
        for other in others
        if part.left < other.left < other.right < part.right
        and part.top < other.top < other.bottom < part.bottom
    ]
    if sum(inside) < 0.3 * part.height:
        return False
    if len(inside) > 1 and sum(inside) > 0.7 * part.height:
        return True  # No digit holds as much.
    own = labels[part.top : part.bottom, part.left : part.right] == part.labels[0]
    edge_y, edge_x = max(2, round(0.13 * part.height)), max(2, round(0.13 * part.width))
    middle = own[edge_y:-edge_y, edge_x:-edge_x]
    return bool(middle.sum() < 0.08 * own.sum())


def merged(first: Part, second: Part) -> Part:
    return replace(
        first if first.mass >= second.mass else second,
        left=min(first.left, second.left),
        top=min(first.top, second.top),
        right=max(first.right, second.right),
        bottom=max(first.bottom, second.bottom),
        labels=first.labels + second.labels,
        mass=first.mass + second.mass,
    )


def are_one(first: Part, second: Part, most: float = np.inf) -> bool:
    """Whether two parts are of one digit, which has `most` pixels of height: halves over one
    another, or a 5 and its bar."""
    large, small = sorted((first, second), key=lambda part: -part.mass)
    overlap = min(large.right, small.right) - max(large.left, small.left)
    union = max(large.bottom, small.bottom) - min(large.top, small.top)
    gap_y = max(large.top - small.bottom, small.top - large.bottom, 0)
    gap_x = max(-overlap, 0)
    if union > most and gap_y > 0.06 * union:
        return False
    if overlap >= 0.4 * min(large.width, small.width):
        wider = max(large.width, small.width)
        if (
            gap_y > max(large.pen, 0.06 * union)
            and union > TALL * wider
            and wider > 2.5 * large.pen  # else the halves of a 1
            and min(large.height, small.height) > 0.55 * max(large.height, small.height)
        ):
            return False  # two digits, one below the other
        return gap_y < 0.2 * union and wider < 1.6 * union
    # A bar beside the top of a 5: what is lower is a dash, a comma or a point.
    is_high = (small.top + small.bottom) / 2 < large.top + 0.33 * large.height
    near = gap_x < 0.25 * large.height and gap_y < 0.15 * large.height
    return (
        is_high and near and small.height < 0.4 * large.height and small.width < 0.8 * large.height
    )


def grouped(parts: list[Part]) -> list[Part]:
    """The parts with those joined that are one digit."""
    groups, most = list(parts), _most(parts)
    while pair := next((each for each in combinations(groups, 2) if are_one(*each, most)), None):
        first, second = pair
        groups[groups.index(first)] = merged(first, second)
        groups.remove(second)
    return groups


def _most(parts: list[Part]) -> float:
    """Pixels of height that two parts of one digit span at the most: where many digits are whole,
    they tell. In rows that are close a 1 stands over a 1 as its own halves would."""
    tallest = max((part.height for part in parts), default=0)
    sides = [(part.width, part.height) for part in parts if part.height > 0.5 * tallest]
    width, height = np.median(sides or [(0, 0)], axis=0)
    # Halves of digits are about as wide as they are high.
    return 1.7 * float(height) if len(sides) > 3 and width < 0.8 * height else np.inf


def is_strip(part: Part, shape: tuple[int, ...], others: list[Part]) -> bool:
    """Whether a part is a desk along one side of a picture (h, w), beside something that is
    whole."""
    spans = part.height >= 0.98 * shape[0] or part.width >= 0.98 * shape[1]
    is_solid = part.pen > 0.5 * min(part.width, part.height)
    least = 0.1 * part.size
    return (
        part.is_cut
        and spans
        and is_solid
        and any(not other.is_cut and other.size > least for other in others)
    )


def is_same(one: Part, other: Part) -> bool:
    """Whether two looks at a picture found the same ink: the middle of one lies in the other."""
    return (
        other.left < (one.left + one.right) / 2 < other.right
        and other.top < (one.top + one.bottom) / 2 < other.bottom
    )


def is_of_one_line(one: Part, other: Part) -> bool:
    """Whether two may be digits of one number: side by side, and by one pen."""
    overlap = min(one.bottom, other.bottom) - max(one.top, other.top)
    return (
        not (one.is_cut or other.is_cut)
        and overlap > 0.5 * max(one.height, other.height)
        and 0.5 < one.pen / other.pen < 2
        and 0.8 < one.strength / other.strength < 1.25
    )
