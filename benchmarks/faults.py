"""What a visitor sees when something breaks, and what they lose: real faults, in Chromium.

    python -m benchmarks.faults [--tries N] [--only NAME ...]

A visitor sets a style on Explore or draws a digit, then the fault comes while the page is open. The
visitor's work counts as lost where the page does not show it any more, where the server does not
know it once the fault is over, or where the next action has no effect. Tracebacks are counted on
the pages and in the server's log.

Faults of the disk need a user namespace (`unshare -rm`), the one of the clock libfaketime; each is
left out where that is missing, and named.
"""

import argparse
import asyncio
import json
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from benchmarks import file_faults
from benchmarks.servers import Server, Wire
from benchmarks.visits import (
    Lab,
    Result,
    connected,
    logged_errors,
    look_elsewhere,
    open_draw,
    open_explore,
    said,
    still_read,
    still_shown,
    stroke,
    through_an_outage,
    work_goes_on,
)
from tests.support.app import serve_process
from tests.support.browser import async_chromium

TRIES = 6
CLOCK_LIBRARY = "/usr/$LIB/faketime/libfaketimeMT.so.1"


async def socket_cut(lab: Lab, result: Result) -> None:
    """The connection breaks, and is back after a while."""
    with serve_process(log=lab.log) as (address, _):
        wire = Wire(address)
        await wire.mend()
        for _ in range(lab.tries):
            await through_an_outage(lab, result, wire.address, wire.cut, wire.mend)
        await wire.cut()


async def cut_while_drawing(lab: Lab, result: Result) -> None:
    """A server that comes to nothing for a moment gets a drawing to read just before the connection
    breaks, and the connection is back while the next digit is being drawn."""
    with serve_process(log=lab.log) as (address, server):
        wire = Wire(address)
        await wire.mend()

        async def stall() -> None:
            server.send_signal(signal.SIGSTOP)

        for _ in range(lab.tries):
            async with lab.window() as context:
                result.tried += 1
                page = await context.new_page()
                await page.goto(f"{wire.address}/draw")
                await stroke(page, halfway=stall)
                await page.wait_for_timeout(100)
                await wire.cut()
                await wire.mend()
                await page.get_by_role("button", name="Clear").click()

                async def go_on(page: Page = page) -> None:
                    server.send_signal(signal.SIGCONT)
                    await connected(page)

                await stroke(page, halfway=go_on)
                await still_read(page, result, "that was being made")
                await said(page, result)
        await wire.cut()


async def server_killed(lab: Lab, result: Result) -> None:
    """The server's process is killed, and another started on its port."""
    server = Server(lab.folder / "runs", lab.log)

    async def kill() -> None:
        await asyncio.to_thread(server.end, signal.SIGKILL)

    async def start() -> None:
        await asyncio.to_thread(server.start)

    for _ in range(lab.tries):
        server.start()
        try:
            await through_an_outage(lab, result, server.address, kill, start)
        finally:
            server.leave()


async def two_tabs(lab: Lab, result: Result) -> None:
    """The same visitor has the app open twice."""
    with serve_process(log=lab.log) as (address, _):
        for _ in range(lab.tries):
            async with lab.window() as context:
                result.tried += 1
                first, second = await context.new_page(), await context.new_page()
                style = await open_explore(first, address)
                await open_draw(second, address)
                await still_shown(first, style, result, "in the first tab, changed by the second")
                await look_elsewhere(first, "Draw", "Explore")
                await still_shown(first, style, result, "in the first tab, after a look at Draw")
                await second.reload()
                await still_read(second, result, "in the second tab, after a reload")
                for page in (first, second):
                    await said(page, result)


async def clock_changed(lab: Lab, result: Result) -> None:
    """The server's clock jumps a day ahead and two days back while pages are open."""
    shift = lab.folder / "clock"
    shift.write_text("+0")
    environment = {
        "LD_PRELOAD": CLOCK_LIBRARY,
        "FAKETIME_TIMESTAMP_FILE": str(shift),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    if not list(Path("/usr").glob("lib/*/faketime/libfaketimeMT.so.1")):
        result.skipped = "libfaketime is not installed"
        return
    with serve_process(log=lab.log, environment=environment) as (address, _):
        for _ in range(lab.tries):
            for change in ("+1d", "-1d"):
                shift.write_text("+0")
                async with lab.window() as context:
                    result.tried += 1
                    explore, draw = await context.new_page(), await context.new_page()
                    await open_explore(explore, address)
                    await open_draw(draw, address)
                    shift.write_text(change)
                    await asyncio.sleep(2)
                    await work_goes_on(explore, draw, result)


FAULTS: dict[str, Callable[[Lab, Result], Awaitable[None]]] = {
    "socket cut": socket_cut,
    "cut while drawing": cut_while_drawing,
    "server killed": server_killed,
    "two tabs": two_tabs,
    "clock changed": clock_changed,
    "disk full": file_faults.disk_full,
    "disk read-only": file_faults.disk_read_only,
    "nothing writable": file_faults.nothing_writable,
    "checkpoint corrupt": file_faults.checkpoint_corrupt,
    "checkpoints missing": file_faults.checkpoints_missing,
    "checkpoint replaced": file_faults.checkpoint_replaced,
}


def main() -> None:
    """Break things and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=TRIES, help="of each fault")
    parser.add_argument("--only", nargs="+", choices=FAULTS, default=list(FAULTS))
    options = parser.parse_args()
    results = asyncio.run(run(options.only, options.tries))
    print(
        json.dumps(
            {
                "benchmark": "faults",
                "tried": sum(result.tried for result in results),
                "lost": sum(len(result.lost) for result in results),
                "tracebacks": sum(result.tracebacks for result in results),
                "skipped": [result.fault for result in results if result.skipped],
            }
        )
    )


async def run(names: list[str], tries: int) -> list[Result]:
    """One result for each fault, printed as it comes."""
    results = []
    async with async_chromium() as browser:
        for name in names:
            result = Result(name)
            start = time.monotonic()
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                lab = Lab(browser, Path(folder), tries)
                try:
                    await FAULTS[name](lab, result)
                except BrowserError as error:
                    result.lost.append(f"the rest of the visit: {error.message.splitlines()[0]}")
                result.tracebacks += logged_errors(lab.log)
            results.append(result)
            print(
                f"{name}: {result.skipped or f'tried {result.tried} times'} "
                f"({time.monotonic() - start:.0f} s), lost {result.lost or 'nothing'}, "
                f"{result.tracebacks} tracebacks; the page said {result.saw or 'nothing'}",
                flush=True,
            )
    return results


if __name__ == "__main__":
    main()
