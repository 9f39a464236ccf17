"""How long a visitor waits for the first ten digits, in Chromium.

    python -m benchmarks.first_paint [--visits N]

Cold: the first visit after the server's start, from opening the page until its digits are drawn.
Warm: later visits to the same server, each by a fresh browser without a cache. Medians of N.
"""

import argparse
import json
import statistics
import time

from playwright.sync_api import Browser

from tests.support.app import serve
from tests.support.browser import chromium

# Digits are there once ink was put on the canvas of ten.
SAY_WHEN_PAINTED = """
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (raster, ...all) {
  put.call(this, raster, ...all);
  if (this.canvas.parentElement?.className === "row") window.painted = true;
};
"""


def visit(browser: Browser, address: str) -> float:
    """Seconds from opening the page to its first digits."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.add_init_script(SAY_WHEN_PAINTED)
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function("window.painted", polling=10, timeout=60_000)
    seconds = time.perf_counter() - start
    context.close()
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=5)
    options = parser.parse_args()
    cold: list[float] = []
    warm: list[float] = []
    with chromium() as browser:
        for _ in range(options.visits):
            with serve() as address:
                cold.append(visit(browser, address))
                warm += [visit(browser, address) for _ in range(2)]
            print(f"cold {cold[-1]:.2f} s, warm {warm[-2]:.2f} and {warm[-1]:.2f} s", flush=True)
    result = {
        "benchmark": "first_paint",
        "warm_s": round(statistics.median(warm), 2),
        "cold_s": round(statistics.median(cold), 2),
        "visits": options.visits,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
