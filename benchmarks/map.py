"""How soon the map is there, and how soon what lies under the pointer, in Chromium.

    python -m benchmarks.map [--visits N] [--points N]

The server has the models' figures ready, as it has a second or two after its start. From opening
/map until its 2,000 points are painted: in a fresh browser, which loads and compiles 5 MB of
plotly for it, and in one that was here before; from a click on Map while a fresh browser shows
Explore, and once more after going back there. Medians of N visits. Then the pointer goes from point
to point: from its move until the card beside the point shows the digit and its redrawing.
"""

import argparse
import json
import statistics
import time

import numpy as np
from playwright.sync_api import Browser, Page

from tests.support.app import serve
from tests.support.browser import chromium

# What is drawn in a frame is on the screen once the frame is over.
SAY_WHEN_THE_CARD_IS_PAINTED = """
const afterThisFrame = (say) => requestAnimationFrame(() => setTimeout(say));
let moved = 0;
addEventListener("mousemove", (event) => { moved = event.timeStamp; }, true);
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (raster, ...all) {
  put.call(this, raster, ...all);
  if (this.canvas.closest(".card")) {
    const since = moved;
    afterThisFrame(() => { window.card = performance.now() - since; });
  }
};
"""
POINTS = "document.querySelectorAll('.st-key-map .scatterlayer .point').length >= 2000"
PLACES = """() => {
  const chart = document.querySelector(".st-key-map .js-plotly-plot");
  const { left, top } = chart.getBoundingClientRect();
  const { xaxis, yaxis } = chart._fullLayout;
  return chart._fullData.flatMap(({ x, y }) => [...x].map((_, i) => [
    left + xaxis._offset + xaxis.c2p(x[i]), top + yaxis._offset + yaxis.c2p(y[i]),
  ]));
}"""


def until_painted(page: Page) -> None:
    """Wait for the map's points, and the frame that shows them."""
    page.wait_for_function(POINTS, polling=10, timeout=60_000)
    page.evaluate("new Promise((go) => requestAnimationFrame(() => setTimeout(go)))")


def visit(browser: Browser, address: str) -> tuple[float, ...]:
    """Seconds until the map is painted, opened in a fresh browser and opened once more, and from
    Explore in a fresh browser and once more."""
    seconds = []
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(SAY_WHEN_THE_CARD_IS_PAINTED)
    for _ in range(3):
        page = context.new_page()
        start = time.perf_counter()
        page.goto(f"{address}/map", wait_until="commit")
        until_painted(page)
        seconds.append(time.perf_counter() - start)
        page.wait_for_timeout(1000)
        page.close()
    # A browser keeps what it has compiled from the second visit on.
    del seconds[1]
    context.close()

    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(SAY_WHEN_THE_CARD_IS_PAINTED)
    page = context.new_page()
    page.goto(address)
    for _ in range(2):
        page.locator('.board[aria-busy="false"]').wait_for()
        page.wait_for_timeout(1500)
        start = time.perf_counter()
        go(page, "Map")
        until_painted(page)
        seconds.append(time.perf_counter() - start)
        page.wait_for_timeout(500)
        go(page, "Explore")
    context.close()
    return tuple(seconds)


def go(page: Page, name: str) -> None:
    """Click on a page's name."""
    page.get_by_test_id("stSidebarNavLink").filter(has_text=name).click()


def hover(browser: Browser, address: str, count: int) -> list[float]:
    """Milliseconds from the pointer's move onto a point until its card is on the screen."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(SAY_WHEN_THE_CARD_IS_PAINTED)
    page.goto(f"{address}/map")
    until_painted(page)
    page.wait_for_timeout(2000)
    places = np.array(page.evaluate(PLACES))
    assert len(places) == 2000
    times = []
    for x, y in np.random.default_rng(0).permutation(places)[:count].tolist():
        # Off the map, so that every card is a new one.
        page.mouse.move(10, 10)
        page.wait_for_timeout(120)
        page.evaluate("window.card = 0")
        page.mouse.move(x, y)
        page.wait_for_function("window.card", polling=10, timeout=10_000)
        times.append(float(page.evaluate("window.card")))
    page.close()
    return times


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=5)
    parser.add_argument("--points", type=int, default=60)
    options = parser.parse_args()
    with chromium() as browser, serve() as address:
        visit(browser, address)
        visits = []
        for _ in range(options.visits):
            visits.append(visit(browser, address))
            print(
                "fresh {:.2f} s, again {:.2f} s, from Explore {:.2f} s, again {:.2f} s".format(
                    *visits[-1]
                )
            )
        times = hover(browser, address, options.points)
    names = ("fresh_s", "opened_s", "from_explore_s", "again_s")
    medians = (round(statistics.median(column), 2) for column in zip(*visits, strict=True))
    result = {
        "benchmark": "map",
        **dict(zip(names, medians, strict=True)),
        "hover_ms_p50": round(float(np.percentile(times, 50))),
        "hover_ms_p95": round(float(np.percentile(times, 95))),
        "visits": options.visits,
        "points": options.points,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
