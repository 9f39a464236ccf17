"""How soon the Draw page shows what it makes of a stroke, and how often while it is drawn.

    python -m benchmarks.draw_latency [STROKES]

Draws with a real mouse in Chromium on the served app, at full speed and with the processor at a
quarter of it. From the moment the mouse is released to the end of the frame that shows the last
reading, which the release brings news to; and how many frames a second show another one while the
pen is down, at a mouse's 125 reports a second. What the screen takes to show a frame is not seen.
"""

import argparse
import asyncio
import json
import math
import time
from typing import Any

import numpy as np
from playwright.async_api import CDPSession, Page

from tests.support.app import serve
from tests.support.browser import async_chromium, inside

LONG_STROKES = 5
LONG_S = 3.0
STEP_S = 0.008
THROTTLE = 4

# Notes when "what it sees" is painted, and when that frame is done: a message comes after it.
WATCH = """() => {
  window.log = { up: 0, down: 0, painted: [] };
  const put = CanvasRenderingContext2D.prototype.putImageData;
  const channel = new MessageChannel();
  channel.port1.onmessage = () => window.log.painted.push(performance.now());
  CanvasRenderingContext2D.prototype.putImageData = function (...image) {
    put.apply(this, image);
    if (this.canvas.ariaLabel === 'Your digit in 28 by 28 pixels') channel.port2.postMessage('');
  };
  addEventListener('pointerdown', () => {
    window.log = { up: 0, down: performance.now(), painted: [] };
  }, true);
  // By the browser's own clock of the release, which may have waited for the page.
  addEventListener('pointerup', ({ timeStamp }) => { window.log.up = timeStamp; }, true);
}"""


def main() -> None:
    """Draw, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("strokes", nargs="?", type=int, default=40)
    strokes = parser.parse_args().strokes
    with serve() as address:
        print(json.dumps({"benchmark": "draw_latency"} | measure(address, strokes)))


def measure(address: str, strokes: int) -> dict[str, float]:
    """Draw so many strokes on the served app; milliseconds and readings a second."""
    return asyncio.run(_measure(address, strokes))


async def _measure(address: str, strokes: int) -> dict[str, float]:
    async with async_chromium() as browser:
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        await page.goto(f"{address}/draw")
        await settled(page)
        session = await page.context.new_cdp_session(page)
        await stroke(page, session, 0, 0.5)
        await page.evaluate(WATCH)
        plain = await rates(page, session, strokes)
        await session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
        throttled = await rates(page, session, strokes)
    return {
        **plain,
        **{f"{name}_throttle{THROTTLE}": value for name, value in throttled.items()},
        "strokes": strokes,
    }


async def rates(page: Page, session: CDPSession, strokes: int) -> dict[str, float]:
    """What so many strokes show, and some long ones."""
    logs = [await stroke(page, session, index, 0.5) for index in range(strokes)]
    waits = [log["painted"][-1] - log["up"] for log in logs]
    hertz = [rate(await stroke(page, session, index, LONG_S)) for index in range(LONG_STROKES)]
    return {
        "pen_up_ms_p50": round(float(np.percentile(waits, 50)), 1),
        "pen_up_ms_p95": round(float(np.percentile(waits, 95)), 1),
        "stroke_hz": round(float(np.median(hertz)), 1),
        "stroke_hz_worst": round(min(hertz), 1),
    }


async def settled(page: Page) -> None:
    """Wait until the desk shows all that was drawn."""
    await page.locator(".desk[data-settled=true]").wait_for()


async def stroke(page: Page, session: CDPSession, index: int, seconds: float) -> dict[str, Any]:
    """One stroke, an arc or a slanted line, on a fresh pad; what happened meanwhile."""
    clear = page.get_by_role("button", name="Clear", exact=True)
    if await clear.is_enabled():
        await clear.click()
    await settled(page)
    box = await page.get_by_label("Drawing pad").bounding_box()

    def mouse(kind: str, share: float) -> asyncio.Task[Any]:
        x, y = inside(box, [at(index, share)])[0]
        event = {"type": f"mouse{kind}", "button": "left", "clickCount": 1, "x": x, "y": y}
        event["buttons"] = int(kind != "Released")
        return asyncio.create_task(session.send("Input.dispatchMouseEvent", event))

    # A mouse does not wait for the page: nor do these.
    events = [mouse("Pressed", 0.0)]
    start = time.perf_counter()
    while (share := (time.perf_counter() - start) / seconds) < 1:
        events.append(mouse("Moved", 0.9 * share))
        await asyncio.sleep(STEP_S)
    await asyncio.gather(*events)
    # The last bit is not reported before the pen is up, so that lifting it has news to bring.
    await asyncio.gather(mouse("Moved", 1.0), mouse("Released", 1.0))
    await settled(page)
    log: dict[str, Any] = await page.evaluate("window.log ?? null")
    return log


def at(index: int, share: float) -> tuple[float, float]:
    """The point of the stroke after this share of it, in shares of the pad."""
    angle = 2 * math.pi * share
    if index % 2:
        return 0.5 + 0.2 * math.sin(angle), 0.5 - 0.34 * math.cos(angle)
    return 0.35 + 0.3 * share + 0.1 * math.sin(angle), 0.15 + 0.7 * share


def rate(log: dict[str, Any]) -> float:
    """Readings shown a second while the pen was down."""
    during = [at for at in log["painted"] if at <= log["up"]]
    return 1000 * len(during) / float(log["up"] - log["down"])


if __name__ == "__main__":
    main()
