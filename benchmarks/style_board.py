"""How well the style board follows the pointer, in Chromium with a real pointer.

    python -m benchmarks.style_board [--seconds S] [--styles N]

Drags sliders of the studio checkpoint back and forth and counts the frames in which all ten digits
were drawn anew, at this machine's speed and with the browser's processor slowed down four times
(about a phone). Then compares what the browser decodes with the engine, for every shipped
checkpoint, and counts the bytes that one drag and its release send and receive. At last 50 visitors
hold a slider and then let go: what that costs the server.
"""

import argparse
import asyncio
import json
import statistics
import time
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
from playwright.async_api import Browser, Page

from tests.support.app import ROOT, processor_seconds, serve_process
from tests.support.browser import async_chromium
from tests.support.visitor import Visitor
from vae_model.engine.digit_engine import DigitEngine, one_hot

VISITORS = 50
HOLD_SECONDS = 10
RELEASES = 4

# Ten digits are put on their canvas once in each frame that shows something new.
COUNT_FRAMES = """
window.frames_painted = [];
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (...all) {
  if (this.canvas.parentElement?.className === "row") window.frames_painted.push(performance.now());
  return put.apply(this, all);
};
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6, help="of dragging at each speed")
    parser.add_argument("--styles", type=int, default=1000, help="to compare, per checkpoint")
    options = parser.parse_args()
    print(json.dumps(asyncio.run(measure(options.seconds, options.styles))))


async def measure(seconds: float, styles: int) -> dict[str, object]:
    """All figures of the last line."""
    with serve_process() as (address, server):
        async with async_chromium() as browser:
            full = await drag_speed(browser, address, seconds, throttle=1)
            print(f"this machine: {describe(full)}", flush=True)
            slow = await drag_speed(browser, address, seconds, throttle=4)
            print(f"slowed four times: {describe(slow)}", flush=True)
            sent, received = await traffic(browser, address)
            print(f"a drag and its release: {sent} bytes sent, {received} received", flush=True)
            differences = {
                path.parent.name: await difference(browser, address, path.parent, styles)
                for path in sorted(ROOT.glob("checkpoints/*/config.json"))
                if path.parent.name != "judge"
            }
            print(f"largest difference from the engine: {differences}", flush=True)
        held, release = await crowd(address, server.pid)
        print(
            f"{VISITORS} visitors: {held:.1f} % of a core while they drag, "
            f"{release:.1f} ms for each release"
        )
    return {
        "benchmark": "style_board",
        "fps_median": round(1000 / statistics.median(full), 1),
        "frame_ms_p95": round(float(np.percentile(full, 95)), 1),
        "fps_median_throttle4": round(1000 / statistics.median(slow), 1),
        "frame_ms_p95_throttle4": round(float(np.percentile(slow, 95)), 1),
        "frames": len(full) + len(slow),
        "max_abs_diff": max(differences.values()),
        "styles_compared": styles,
        "bytes_per_interaction": {"sent": sent, "received": received},
        "server_cpu_percent_while_50_drag": round(held, 2),
        "server_cpu_ms_per_release": round(release, 2),
    }


def describe(frames: list[float]) -> str:
    """Times between frames in words."""
    fps = 1000 / statistics.median(frames)
    return f"{fps:.0f} frames a second, p95 {np.percentile(frames, 95):.1f} ms"


async def board(browser: Browser, address: str) -> Page:
    """The Explore page, at rest."""
    page = await browser.new_page(viewport={"width": 1280, "height": 800})
    await page.add_init_script(COUNT_FRAMES)
    await page.goto(address)
    await page.locator('.board[aria-busy="false"]').wait_for()
    await page.wait_for_timeout(1500)
    return page


async def drag_speed(browser: Browser, address: str, seconds: float, throttle: int) -> list[float]:
    """Milliseconds between frames while three sliders are dragged."""
    page = await board(browser, address)
    session = await page.context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
    tracks = page.locator(".dims.awake input[type=range]")
    intervals: list[float] = []
    for number in range(3):
        box = await tracks.nth(number).bounding_box()
        assert box is not None
        y, middle, reach = box["y"] + 20, box["x"] + box["width"] / 2, 0.4 * box["width"]
        await page.mouse.move(middle, y)
        await page.mouse.down()
        await page.evaluate("window.frames_painted.length = 0")
        # A mouse does not wait for the page: nor do these moves, one every 8 milliseconds.
        moves = []
        start = time.perf_counter()
        while (now := time.perf_counter() - start) < seconds / 3:
            place = {"x": middle + reach * float(np.sin(4 * now)), "y": y}
            event = {"type": "mouseMoved", "button": "left", "buttons": 1, **place}
            moves.append(asyncio.create_task(session.send("Input.dispatchMouseEvent", event)))
            await asyncio.sleep(0.008)
        painted = await page.evaluate("window.frames_painted")
        await asyncio.gather(*moves)
        await page.mouse.up()
        await page.wait_for_timeout(500)
        intervals += np.diff(painted).tolist()
    await page.close()
    return intervals


async def traffic(browser: Browser, address: str) -> tuple[int, int]:
    """Bytes that one drag and its release send and receive over the page's socket."""
    page = await browser.new_page(viewport={"width": 1280, "height": 800})
    sent: list[int] = []
    received: list[int] = []

    def size(payload: str | bytes) -> int:
        return len(payload)

    page.on(
        "websocket",
        lambda socket: (
            socket.on("framesent", lambda payload: sent.append(size(payload))),
            socket.on("framereceived", lambda payload: received.append(size(payload))),
        ),
    )
    await page.goto(address)
    await page.locator('.board[aria-busy="false"]').wait_for()
    await page.wait_for_timeout(2000)
    sent.clear()
    received.clear()
    box = await page.locator(".pad").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 100, box["y"] + 100)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 250, box["y"] + 200, steps=30)
    await page.mouse.up()
    await page.wait_for_timeout(2000)
    await page.close()
    return sum(sent), sum(received)


async def difference(browser: Browser, address: str, checkpoint: Path, count: int) -> float:
    """The largest difference between a pixel decoded by the browser and by the engine."""
    engine = DigitEngine.load(checkpoint)
    page = await browser.new_page()
    await page.goto(f"{address}/?model={checkpoint.name}")
    await page.locator('.board[aria-busy="false"]').wait_for()
    styles = np.random.default_rng(0).standard_normal((count, engine.z_dim)).astype(np.float32)
    worst = 0.0
    for start in range(0, count, 50):
        part = styles[start : start + 50]
        decoded = await page.evaluate(
            """async (styles) => {
              const mark = Object.keys(window).find((name) => name.startsWith("digits "));
              const [decoder] = window[mark]["shared/browser/loading.js"].loaded.values();
              const model = await decoder;
              const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
              return styles.map((z) => Array.from(model.decode(digits.map((d) => [z, d, d, 0]))));
            }""",
            part.tolist(),
        )
        images = engine.decode(
            np.repeat(part, 10, axis=0), np.tile(one_hot([*range(10)]), (len(part), 1))
        )
        worst = max(worst, float(np.abs(np.reshape(decoded, images.shape) - images).max()))
    await page.close()
    return worst


async def crowd(address: str, server: int) -> tuple[float, float]:
    """The server's load in percent of a core while 50 visitors drag (a drag sends nothing, see
    `traffic`), and its milliseconds for each release."""
    async with AsyncExitStack() as stack:
        visitors = [await stack.enter_async_context(Visitor(address)) for _ in range(VISITORS)]
        for visitor in visitors:
            await visitor.open()
        await asyncio.sleep(2)
        before = processor_seconds(server)
        await asyncio.sleep(HOLD_SECONDS)
        held = processor_seconds(server) - before
        before = processor_seconds(server)
        for number in range(RELEASES):
            await asyncio.gather(
                *(visitor.say("style_board", moved(visitor, number)) for visitor in visitors)
            )
        release = processor_seconds(server) - before
    return 100 * held / HOLD_SECONDS, 1000 * release / (VISITORS * RELEASES)


def moved(visitor: Visitor, number: int) -> dict[str, object]:
    """What the board says when a hand lets go of its first slider."""
    start = visitor.components["style_board"].data["start"]
    return {"state": {**start, "style": [0.1 * (number + 1), *start["style"][1:]]}}


if __name__ == "__main__":
    main()
