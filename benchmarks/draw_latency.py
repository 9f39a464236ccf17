"""How soon the Draw page shows what it makes of a stroke, and how often while it is drawn.

    python -m benchmarks.draw_latency [STROKES]

Draws with a real mouse in Chromium on the served app, at full speed and with the processor at a
quarter of it. From the moment the pen is lifted to the frame that shows the last reading; and how
many frames a second show another one while the pen is down.
"""

import json
import math
import sys
import time
from typing import Any

import numpy as np
from playwright.sync_api import CDPSession, Page

from tests.support.app import serve
from tests.support.browser import chromium, inside

STROKES = 40
LONG_STROKES = 5
LONG_S = 3.0
STEP_S = 0.004
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
  addEventListener('pointerup', () => { window.log.up = performance.now(); }, true);
}"""


def main() -> None:
    """Draw, and print what was measured."""
    strokes = int(sys.argv[1]) if len(sys.argv) > 1 else STROKES
    with serve() as address:
        print(json.dumps({"benchmark": "draw_latency"} | measure(address, strokes)))


def measure(address: str, strokes: int) -> dict[str, float]:
    """Draw so many strokes on the served app; milliseconds and readings a second."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{address}/draw")
        settled(page)
        stroke(page, 0, 0.5)
        page.evaluate(WATCH)
        plain = rates(page, strokes)
        throttled = rates(page, strokes, page.context.new_cdp_session(page))
    return {
        **plain,
        **{f"{name}_throttle{THROTTLE}": value for name, value in throttled.items()},
        "strokes": strokes,
    }


def rates(page: Page, strokes: int, processor: CDPSession | None = None) -> dict[str, float]:
    """What so many strokes show, and some long ones."""
    if processor is not None:
        processor.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    logs = [stroke(page, index, 0.5) for index in range(strokes)]
    waits = [log["painted"][-1] - log["up"] for log in logs]
    hertz = [rate(stroke(page, index, LONG_S)) for index in range(LONG_STROKES)]
    return {
        "pen_up_ms_p50": round(float(np.percentile(waits, 50)), 1),
        "pen_up_ms_p95": round(float(np.percentile(waits, 95)), 1),
        "stroke_hz": round(float(np.median(hertz)), 1),
        "stroke_hz_worst": round(min(hertz), 1),
    }


def settled(page: Page) -> None:
    """Wait until the desk shows all that was drawn."""
    page.locator(".desk[data-settled=true]").wait_for()


def stroke(page: Page, index: int, seconds: float) -> dict[str, Any]:
    """One stroke, an arc or a slanted line, on a fresh pad; what happened meanwhile."""
    clear = page.get_by_role("button", name="Clear", exact=True)
    if clear.is_enabled():
        clear.click()
    settled(page)
    box = page.get_by_label("Drawing pad").bounding_box()
    start = time.monotonic()
    page.mouse.move(*inside(box, [at(index, 0.0)])[0])
    page.mouse.down()
    while (share := (time.monotonic() - start) / seconds) < 1:
        page.mouse.move(*inside(box, [at(index, 0.9 * share)])[0])
        time.sleep(STEP_S)
    # The last bit goes unreported until the pen is up, so that lifting it has news to bring.
    page.mouse.move(*inside(box, [at(index, 1.0)])[0])
    page.mouse.up()
    settled(page)
    log: dict[str, Any] = page.evaluate("window.log ?? null")
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
