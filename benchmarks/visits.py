"""What a visitor in Chromium does and sees, and what they lose."""

import io
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.async_api import Browser, BrowserContext, Locator, Page
from playwright.async_api import Error as BrowserError

from tests.support.browser import ONE, inside

OUTAGE_SECONDS = 3
PATIENCE_MS = 15_000
WIDE = {"width": 1280, "height": 900}


@dataclass
class Result:
    """What came of one fault."""

    fault: str
    tried: int = 0
    lost: list[str] = field(default_factory=list)
    """One phrase for each thing that a visitor lost."""
    tracebacks: int = 0
    saw: list[str] = field(default_factory=list)
    """What the page said, each once."""
    skipped: str = ""

    def note(self, text: str) -> None:
        """Something that the visitor saw."""
        text = re.sub(r"\s+", " ", text).strip()
        if text and text not in self.saw:
            self.saw.append(text)


@dataclass
class Lab:
    """Where faults happen."""

    browser: Browser
    folder: Path
    tries: int

    @property
    def log(self) -> Path:
        """What the servers of this fault logged."""
        return self.folder / "log"

    @asynccontextmanager
    async def window(self) -> AsyncIterator[BrowserContext]:
        """A visitor's browser, without anything from before."""
        context = await self.browser.new_context(viewport=WIDE)
        context.set_default_timeout(PATIENCE_MS)
        try:
            yield context
        finally:
            await context.close()


async def open_explore(page: Page, address: str) -> list[float]:
    """A visitor who has set a style; its values."""
    await page.goto(address)
    await page.locator('.board[aria-busy="false"]').wait_for()
    await page.get_by_role("button", name="Random style").click()
    return await settled(page)


def sliders(page: Page) -> Locator:
    """Of the style dims that are awake."""
    return page.locator(".dims.awake input[type=range]")


async def settled(page: Page) -> list[float]:
    """The style that Explore shows, once it has come to rest."""
    await page.bring_to_front()  # what is behind another tab is not drawn
    before: list[float] = []
    while True:
        await page.wait_for_timeout(700)
        now = await sliders(page).evaluate_all("inputs => inputs.map((i) => Number(i.value))")
        if now and now == before:
            return before
        before = now


async def still_shown(page: Page, style: list[float], result: Result, when: str) -> None:
    """Count the style as lost unless Explore shows it, or will in a moment."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while (now := await settled(page)) != style:
        if time.monotonic() > end:
            result.lost.append(f"style {when}: {style[:3]} became {now[:3]}")
            return


async def move(page: Page) -> list[float]:
    """Let go of the first slider somewhere else; the style then."""
    await page.bring_to_front()
    for _ in range(3):
        await sliders(page).first.press("ArrowRight")
    return await settled(page)


async def open_draw(page: Page, address: str) -> str:
    """A visitor who has drawn a digit; what was read."""
    await page.goto(f"{address}/draw")
    await stroke(page)
    return await reading(page)


async def stroke(page: Page, halfway: Callable[[], Awaitable[None]] | None = None) -> None:
    """Draw a 1, one stroke; something may happen halfway."""
    await page.bring_to_front()
    pad = page.get_by_label("Drawing pad")
    await pad.wait_for()
    await page.wait_for_timeout(500)
    points = inside(await pad.bounding_box(), ONE)
    await page.mouse.move(*points[0])
    await page.mouse.down()
    for index, point in enumerate(points[1:]):
        await page.mouse.move(*point, steps=8)
        if halfway and index == 1:
            await halfway()
    await page.mouse.up()


async def reading(page: Page) -> str:
    """The digit that Draw says it read."""
    found = page.locator(".headline b")
    await found.wait_for()
    return await found.inner_text()


async def look_elsewhere(page: Page, there: str, back: str) -> None:
    """Go to another page and return, so that all that is shown comes from the server."""
    for name in (there, back):
        await page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
        await page.wait_for_url(re.compile("/draw" if name == "Draw" else r"/(\?.*)?$"))
        ready = ".board[aria-busy='false']" if name == "Explore" else "canvas.sheet"
        await page.locator(ready).wait_for()
        await page.wait_for_timeout(500)


async def upload(page: Page, picture: bytes) -> str:
    """Give Draw a picture of a digit; what was read."""
    await page.get_by_text("Upload", exact=True).first.click()
    file = {"name": "digit.bmp", "mimeType": "image/bmp", "buffer": picture}
    await page.locator("input[type=file]").set_input_files([file])  # type: ignore[list-item]
    await page.get_by_text("What was done to your picture").wait_for()
    return await reading(page)


def picture(side: int) -> bytes:
    """A 1 in black on white, this many pixels wide, uncompressed."""
    image = Image.new("RGB", (side, side), "white")
    pen = ImageDraw.Draw(image)
    pen.line([(side * x, side * y) for x, y in ONE], fill="black", width=side // 12)
    buffer = io.BytesIO()
    image.save(buffer, "BMP")
    return buffer.getvalue()


async def said(page: Page, result: Result) -> None:
    """Note what the page says beside its content, and count the errors it shows."""
    for words in await page.locator(
        '[data-testid="stConnectionStatus"], [data-testid="stStatusWidget"], [role="dialog"], '
        '[data-testid="stAlert"], [data-testid="stFileUploaderFileErrorMessage"]'
    ).all_inner_texts():
        result.note(words)
    result.tracebacks += await page.get_by_test_id("stException").count()


async def connected(page: Page) -> None:
    """Wait until the page has its server again."""
    await page.locator('.stApp[data-test-connection-state="CONNECTED"]').wait_for()
    await page.wait_for_timeout(1000)


Break = Callable[[], Awaitable[None]]


async def through_an_outage(
    lab: Lab, result: Result, address: str, begin: Break, end: Break
) -> None:
    """One visitor on Explore and one on Draw, both going on while the server is not there."""
    async with lab.window() as context:
        result.tried += 1
        page = await context.new_page()
        style = await open_explore(page, address)
        await begin()
        moved = await move(page)
        if moved == style:
            result.lost.append("the slider stood still")
        await page.wait_for_timeout(1000 * OUTAGE_SECONDS)
        await said(page, result)
        await end()
        await connected(page)
        await still_shown(page, moved, result, "set while away, after reconnecting")
        await look_elsewhere(page, "Draw", "Explore")
        await still_shown(page, moved, result, "set while away, after a look at Draw")
        moved = await move(page)
        await look_elsewhere(page, "Draw", "Explore")
        await still_shown(page, moved, result, "set after reconnecting, after a look at Draw")
        await said(page, result)
    async with lab.window() as context:
        result.tried += 1
        page = await context.new_page()
        await open_draw(page, address)
        await begin()
        await page.wait_for_timeout(1000 * OUTAGE_SECONDS)
        await said(page, result)
        await end()
        await connected(page)
        await still_read(page, result, "after reconnecting")
        await page.get_by_role("button", name="Clear", exact=True).click()
        await page.locator(".headline b").wait_for(state="hidden")
        await stroke(page)
        await still_read(page, result, "drawn after reconnecting")
        await look_elsewhere(page, "Explore", "Draw")
        await still_read(page, result, "after a look at Explore")
        await said(page, result)
    async with lab.window() as context:
        result.tried += 1
        page = await context.new_page()
        await page.goto(f"{address}/draw")
        await page.get_by_label("Drawing pad").wait_for()
        await page.wait_for_timeout(500)
        await begin()
        await stroke(page)
        await page.wait_for_timeout(1000 * OUTAGE_SECONDS)
        await end()
        await connected(page)
        await still_read(page, result, "drawn while away")
        await said(page, result)


async def still_read(page: Page, result: Result, when: str) -> None:
    """Count the drawing as lost unless the page shows it read."""
    try:
        if await reading(page) != "1":
            result.lost.append(f"drawing {when}: read as something else")
    except BrowserError:
        result.lost.append(f"drawing {when}")


async def work_goes_on(explore: Page, draw: Page, result: Result) -> None:
    """All that a visitor can do, on pages that were opened before the fault."""
    style = await move(explore)
    await look_elsewhere(explore, "Draw", "Explore")
    await still_shown(explore, style, result, "set on Explore")
    await still_read(draw, result, "from before")
    await draw.get_by_role("button", name="Clear", exact=True).click()
    await draw.locator(".headline b").wait_for(state="hidden")
    await stroke(draw)
    await still_read(draw, result, "drawn then")
    for side in (200, 1200):
        size = f"{3 * side * side / 1e6:.1f} MB"
        await draw.reload()
        try:
            if await upload(draw, picture(side)) != "1":
                result.lost.append(f"upload of {size}: read as something else")
        except BrowserError:
            result.lost.append(f"upload of {size}")
            await said(draw, result)
    for page in (explore, draw):
        await said(page, result)


def logged_errors(log: Path) -> int:
    """Errors in a server's log, printed as they are found."""
    lines = log.read_text().splitlines() if log.exists() else []
    errors = [line for line in lines if '"error": ' in line or "Traceback" in line]
    for line in errors:
        print(f"  logged: {line}", flush=True)
    return len(errors)
