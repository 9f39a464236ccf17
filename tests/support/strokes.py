"""What the drawing pad sends, as JSON."""

import math

ONE = [500, 100, 500, 300, 500, 500, 500, 900]
ZERO = [round(500 + 220 * f(t / 6)) for t in range(39) for f in (math.cos, math.sin)]


def stroke(points: object, width: object = 72, erases: object = False) -> dict[str, object]:
    return {"points": points, "width": width, "erases": erases}


def drawing(*strokes: object, **changes: object) -> dict[str, object]:
    value = {"strokes": list(strokes), "example": None, "penDown": False, "turn": 1}
    return {**value, **changes}


def drawn(*lines: list[int], **changes: object) -> dict[str, object]:
    return drawing(*(stroke(line) for line in lines), **changes)
