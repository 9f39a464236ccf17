"""How long a visitor waits for the first ten digits, in Chromium.

    python -m benchmarks.first_paint [--visits N] [--beside FOLDER]

Cold: the first visit after the server's start, from opening the page until its digits are drawn.
Warm: later visits to the same server, each by a fresh browser without a cache. Far: the same, with
each answer LATENCY_MS later, as from another continent. Medians of N. Beside: warm visits to the
app of another folder, in turns with this one's, on the same machine in the same minutes.

Then what comes over the wire in one browser's first visit and in its second, until all is there:
HTTP with its headers, and the content of websocket messages both ways. `own` of it is the app's:
its scripts, its weights and the messages; the rest is Streamlit's.
"""

import argparse
import base64
import json
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext

from tests.support.app import serve, serve_process
from tests.support.browser import chromium

LATENCY_MS = 100
# Digits are there once ink was put on the canvas of ten.
SAY_WHEN_PAINTED = """
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (raster, ...all) {
  put.call(this, raster, ...all);
  if (this.canvas.parentElement?.className === "row") window.painted = true;
};
"""


def visit(browser: Browser, address: str, latency: int = 0) -> float:
    """Seconds from opening the page to its first digits, with each answer so many ms later."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.add_init_script(SAY_WHEN_PAINTED)
    network = {"latency": latency, "downloadThroughput": -1, "uploadThroughput": -1}
    session = context.new_cdp_session(page)
    session.send("Network.emulateNetworkConditions", {"offline": False, **network})
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function("window.painted", polling=10, timeout=60_000)
    seconds = time.perf_counter() - start
    context.close()
    return seconds


def in_turns(browser: Browser, folder: Path, visits: int) -> dict[str, float]:
    """Seconds of warm visits here, and to the app of another folder."""
    with serve() as here, serve_process(folder=folder) as (there, _):
        # The first visit to each is a cold one.
        times = [[visit(browser, each) for each in (here, there)] for _ in range(2 * visits + 1)]
    own, beside = zip(*times[1:], strict=True)
    return {
        "turns_s": round(statistics.median(own), 2),
        "turns_beside_s": round(statistics.median(beside), 2),
    }


def weigh(context: BrowserContext, address: str) -> tuple[float, float, Counter[str]]:
    """Kilobytes of a visit in all, those that are the app's own, and bytes by path."""
    page = context.new_page()
    paths: dict[str, str] = {}
    sizes: Counter[str] = Counter()

    def finished(event: dict[str, Any]) -> None:
        # Of what the browser had kept, it says nothing, or that no bytes came.
        sizes[paths.get(event["requestId"], "")] += int(event["encodedDataLength"])

    def message(event: dict[str, Any]) -> None:
        frame = event["response"]
        text = frame["payloadData"]
        sizes["messages"] += len(base64.b64decode(text) if frame["opcode"] == 2 else text.encode())

    session = context.new_cdp_session(page)
    session.on(
        "Network.requestWillBeSent",
        lambda event: paths.update({event["requestId"]: urlsplit(event["request"]["url"]).path}),
    )
    session.on("Network.loadingFinished", finished)
    session.on("Network.webSocketFrameReceived", message)
    session.on("Network.webSocketFrameSent", message)
    session.send("Network.enable")
    page.goto(address)
    page.locator('.board[data-settled="true"]').wait_for()
    page.wait_for_load_state("networkidle")
    page.close()
    own = sum(
        size
        for path, size in sizes.items()
        if path == "messages" or path.startswith(("/assets/", "/weights/"))
    )
    return sizes.total() / 1000, own / 1000, sizes


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=5)
    parser.add_argument("--beside", type=Path, help="another checkout of the app")
    options = parser.parse_args()
    cold: list[float] = []
    warm: list[float] = []
    far: list[float] = []
    with chromium() as browser:
        for _ in range(options.visits):
            with serve() as address:
                cold.append(visit(browser, address))
                warm += [visit(browser, address) for _ in range(2)]
                far.append(visit(browser, address, LATENCY_MS))
            print(f"cold {cold[-1]:.2f} s, warm {warm[-2]:.2f} and {warm[-1]:.2f} s", flush=True)
        with serve() as address, browser.new_context() as context:
            (first, own_first, _), (again, own_again, sizes) = (
                weigh(context, address) for _ in range(2)
            )
        turns = {} if options.beside is None else in_turns(browser, options.beside, options.visits)
    print("again:", *(f"{size} {path}" for path, size in sizes.most_common(12)), sep="\n  ")
    result = {
        "benchmark": "first_paint",
        "warm_s": round(statistics.median(warm), 2),
        "cold_s": round(statistics.median(cold), 2),
        "far_s": round(statistics.median(far), 2),
        "kb_first": round(first, 1),
        "kb_first_own": round(own_first, 1),
        "kb_again": round(again, 1),
        "kb_again_own": round(own_again, 1),
        "visits": options.visits,
        **turns,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
