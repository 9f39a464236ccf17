"""Chromium by Playwright, and strokes of a hand in it: for tests and benchmarks."""

import io
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from PIL import Image
from playwright import async_api, sync_api

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    # Nothing may need WebGL: not every visitor's browser has it.
    "--disable-3d-apis",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)
Points = list[tuple[float, float]]
# In shares of the pad.
ONE: Points = [(0.5, 0.15), (0.5, 0.4), (0.5, 0.6), (0.5, 0.85)]
ZERO: Points = [
    (0.5, 0.15), (0.38, 0.19), (0.31, 0.32), (0.29, 0.5), (0.31, 0.68), (0.38, 0.81),
    (0.5, 0.85), (0.62, 0.81), (0.69, 0.68), (0.71, 0.5), (0.69, 0.32), (0.62, 0.19), (0.5, 0.15),
]  # fmt: skip


def find_chromium() -> str | None:
    """The program of a Chromium that is installed on this machine."""
    names = ("/usr/bin/chromium", "chromium", "google-chrome", "chromium-browser")
    return next((path for name in names if (path := shutil.which(name))), None)


def chromium_program() -> str:
    """As `find_chromium`; exits where there is none."""
    program = find_chromium()
    if program is None:
        raise SystemExit("no Chromium found: install chromium or google-chrome")
    return program


@contextmanager
def chromium(program: str = "") -> Iterator[sync_api.Browser]:
    """A browser, until the block ends; exits where there is none."""
    with sync_api.sync_playwright() as driver:
        program = program or chromium_program()
        browser = driver.chromium.launch(executable_path=program, args=[*FLAGS])
        yield browser
        browser.close()


@asynccontextmanager
async def async_chromium(program: str = "") -> AsyncIterator[async_api.Browser]:
    """As `chromium`, for Playwright's asynchronous API."""
    async with async_api.async_playwright() as driver:
        program = program or chromium_program()
        browser = await driver.chromium.launch(executable_path=program, args=[*FLAGS])
        yield browser
        await browser.close()


def box(place: sync_api.Locator) -> sync_api.FloatRect:
    """Where an element is in the window."""
    found = place.bounding_box()
    assert found, "not on the page"
    return found


def shot(place: sync_api.Page | sync_api.Locator, **options: Any) -> Image.Image:
    """What a page or an element looks like."""
    return Image.open(io.BytesIO(place.screenshot(**options))).convert("RGB")


def saved(button: sync_api.Locator) -> tuple[str, bytes]:
    """Name and content of the file that a button gives."""
    with button.page.expect_download() as download:
        button.click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def inside(box: Mapping[str, float] | None, points: Points) -> Points:
    """Shares of a bounding box, as places in the window."""
    assert box, "not on the page"
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]


def stroke(place: sync_api.Locator, points: Points, *, lift: bool = True) -> None:
    """Of the mouse, pressed, over an element; it stays pressed unless it is lifted."""
    mouse = place.page.mouse
    place.scroll_into_view_if_needed()
    start, *rest = inside(place.bounding_box(), points)
    mouse.move(*start)
    mouse.down()
    for point in rest:
        mouse.move(*point, steps=3)
    if lift:
        mouse.up()


def touch(place: sync_api.Locator, points: Points) -> None:
    """Of a finger, over an element, as the browser itself would report it."""
    place.scroll_into_view_if_needed()
    drag_finger(place.page, inside(place.bounding_box(), points))


def drag_finger(page: sync_api.Page, points: Points) -> None:
    """From place to place in the window."""
    steps = [("touchStart" if at == 0 else "touchMove", [point]) for at, point in enumerate(points)]
    session = page.context.new_cdp_session(page)
    for kind, fingers in (*steps, ("touchEnd", [])):
        places = [{"x": x, "y": y} for x, y in fingers]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})
