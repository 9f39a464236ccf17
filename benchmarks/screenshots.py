"""Takes the README's pictures from the real app.

    python -m benchmarks.screenshots [CHECKPOINTS]

Writes docs/images/{explore,draw}-{light,dark}{,-phone}.png and the film explore.webp of a drag, of
the models in that folder or of the shipped ones. Needs Playwright and a Chromium.
"""

import argparse
import io
import math
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from tests.browser.waiting import at_rest
from tests.support.app import ROOT, serve
from tests.support.browser import chromium, inside

FOLDER = ROOT / "docs" / "images"
SIZES = {"": (1280, 800), "-phone": (390, 844)}
THEMES = ("light", "dark")
STYLE = "?digit=5&text=2026"

FILM_STEPS = 36
FILM_CLIP = {"x": 316, "y": 176, "width": 964, "height": 520}
FILM_WIDTH = 820

# A 2, by points that the pen runs through.
TWO = [(32, 33), (36, 24), (45, 18), (56, 18), (64, 24), (65, 34), (60, 45), (50, 58), (40, 70)]
TWO += [(33, 80), (42, 77), (52, 78), (62, 81), (71, 79)]


def main() -> None:
    """Take every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", nargs="?", type=Path)
    checkpoints = parser.parse_args().checkpoints
    FOLDER.mkdir(parents=True, exist_ok=True)
    with serve(checkpoints) as address, chromium() as browser:
        for theme in THEMES:
            for suffix, size in SIZES.items():
                take(browser, address, theme, size, suffix)
        film(browser, address)


def take(browser: Browser, address: str, theme: str, size: tuple[int, int], suffix: str) -> None:
    """Both pages in one theme and size."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(f"{address}/{STYLE}")
    page.locator('.board[aria-busy="false"]').wait_for()
    shoot(page, FOLDER / f"explore-{theme}{suffix}.png")
    page.get_by_role("link", name="Draw a digit").click()
    canvas = page.get_by_label("Drawing pad")
    page.locator(".desk[data-settled=true]").wait_for()
    draw(page, canvas)
    page.locator(".headline").wait_for()
    page.locator(".desk[data-settled=true]").wait_for()
    shoot(page, FOLDER / f"draw-{theme}{suffix}.png")
    context.close()


def film(browser: Browser, address: str) -> None:
    """A drag over the pad, then over one slider, as an endless film. Each frame is the real page
    with the pointer a little further on."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{address}/{STYLE}")
    page.locator('.board[aria-busy="false"]').wait_for()
    at_rest(page)
    pad = page.locator(".pad").bounding_box()
    track = page.locator(".dims.awake input[type=range]").nth(2).bounding_box()
    assert pad is not None and track is not None
    angles = [2 * math.pi * step / FILM_STEPS for step in range(FILM_STEPS + 1)]
    around = [
        (pad["x"] + pad["width"] * (0.5 + 0.3 * math.sin(angle)),
         pad["y"] + pad["height"] * (0.5 - 0.3 * math.sin(2 * angle) / 1.5))
        for angle in angles
    ]  # fmt: skip
    along = [
        (track["x"] + track["width"] * (0.5 + 0.4 * math.sin(angle)), track["y"] + 20)
        for angle in angles
    ]
    frames: list[Image.Image] = []
    for way in (around, along):
        page.mouse.move(*way[0])
        page.mouse.down()
        for point in way:
            page.mouse.move(*point)
            # Let the digits follow, and the strips once the hand rests.
            page.wait_for_timeout(40)
            frames.append(Image.open(io.BytesIO(page.screenshot(clip=FILM_CLIP))).convert("RGB"))
        page.mouse.up()
        page.wait_for_timeout(400)
    page.close()
    small = [
        frame.resize(
            (FILM_WIDTH, frame.height * FILM_WIDTH // frame.width), Image.Resampling.LANCZOS
        )
        for frame in frames
    ]
    small[0].save(
        FOLDER / "explore.webp",
        save_all=True,
        append_images=small[1:],
        duration=60,
        loop=0,
        quality=70,
        method=6,
    )


def draw(page: Page, canvas: Locator) -> None:
    """The digit, by mouse, at the pace of a hand."""
    start, *rest = inside(canvas.bounding_box(), through(np.array(TWO) / 100).tolist())
    page.mouse.move(*start)
    page.mouse.down()
    for point in rest:
        page.mouse.move(*point)
        page.wait_for_timeout(5)
    page.mouse.up()


def through(points: np.ndarray) -> np.ndarray:
    """A Catmull-Rom curve through the points."""
    ends = np.concatenate([points[:1], points, points[-1:]])
    steps = np.linspace(0, 1, 8, endpoint=False)[:, None]
    pieces = [
        0.5
        * (
            2 * b
            + (c - a) * steps
            + (2 * a - 5 * b + 4 * c - d) * steps**2
            + (3 * b - a - 3 * c + d) * steps**3
        )
        for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False)
    ]
    return np.concatenate([*pieces, points[-1:]])


def shoot(page: Page, path: Path) -> None:
    """One picture, once everything has come to rest."""
    page.mouse.move(0, 0)
    at_rest(page)
    page.screenshot(path=path)


if __name__ == "__main__":
    main()
