"""How soon the Draw page shows what it made of a stroke.

    python -m benchmarks.draw_latency [STROKES]

Draws with a real mouse in Chromium on the served app. From the moment the pen is lifted to the
first frame after the last change of "what it sees" that the stroke causes; and how often that
changes while the pen is down.
"""

import json
import math
import sys
import time
from typing import Any

import numpy as np
from playwright.sync_api import Page

from tests.support.app import serve
from tests.support.browser import chromium, inside

STROKES = 40
LONG_STROKES = 5
LONG_S = 3.0
REST_MS = 900
"""After the pen is up: longer than any answer may take."""
STEP_S = 0.016

WATCH = """() => {
  const seen = '[aria-label="Your digit in 28 by 28 pixels"]';
  window.log = { up: 0, down: 0, changes: [] };
  let last = document.querySelector(seen)?.getAttribute('style');
  const look = () => {
    const now = document.querySelector(seen)?.getAttribute('style');
    if (now === last) return;
    last = now;
    const at = performance.now();
    requestAnimationFrame(() => window.log.changes.push({ at, painted: performance.now() }));
  };
  new MutationObserver(look).observe(document.body,
    { subtree: true, childList: true, attributes: true, attributeFilter: ['style'] });
  addEventListener('pointerdown', () => {
    window.log = { up: 0, down: performance.now(), changes: [] };
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
        page.get_by_label("Drawing pad").wait_for()
        # The first reading brings plotly with it, and the models are warm.
        stroke(page, 0, 0.5)
        page.locator(".js-plotly-plot .bars").first.wait_for()
        page.evaluate(WATCH)
        waits, right = [], 0
        for index in range(strokes):
            log = stroke(page, index, 0.5)
            later = [change["painted"] for change in log["changes"] if change["at"] > log["up"]]
            if later:
                waits.append(later[-1] - log["up"])
            else:
                # The last drawing sent with the pen down was as good.
                right += 1
        rates = [rate(stroke(page, index, LONG_S)) for index in range(LONG_STROKES)]
    return {
        "pen_up_ms_p50": round(float(np.percentile(waits, 50)), 1),
        "pen_up_ms_p95": round(float(np.percentile(waits, 95)), 1),
        "stroke_hz": round(float(np.mean(rates)), 1),
        "stroke_hz_worst": round(min(rates), 1),
        "strokes": strokes,
        "already_right": right,
    }


def stroke(page: Page, index: int, seconds: float) -> dict[str, Any]:
    """One stroke, an arc or a slanted line, on a fresh pad; what happened meanwhile."""
    clear = page.get_by_role("button", name="Clear", exact=True)
    if clear.is_enabled():
        clear.click()
    page.wait_for_timeout(300)
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
    page.wait_for_timeout(REST_MS)
    log: dict[str, Any] = page.evaluate("window.log ?? null")
    return log


def at(index: int, share: float) -> tuple[float, float]:
    """The point of the stroke after this share of it, in shares of the pad."""
    angle = 2 * math.pi * share
    if index % 2:
        return 0.5 + 0.2 * math.sin(angle), 0.5 - 0.34 * math.cos(angle)
    return 0.35 + 0.3 * share + 0.1 * math.sin(angle), 0.15 + 0.7 * share


def rate(log: dict[str, Any]) -> float:
    """Changes a second while the pen was down."""
    during = [change for change in log["changes"] if change["at"] <= log["up"]]
    return 1000 * len(during) / float(log["up"] - log["down"])


if __name__ == "__main__":
    main()
