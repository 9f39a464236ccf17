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
import io
import json
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright
from playwright.async_api import Error as BrowserError

from benchmarks.live_app import BROWSER_FLAGS, ROOT, find_chromium, free_port, serve_process

TRIES = 5
OUTAGE_SECONDS = 3
PATIENCE_MS = 15_000
WIDE = {"width": 1280, "height": 900}
CHECKPOINTS = ROOT / "checkpoints"
CLOCK_LIBRARY = "/usr/$LIB/faketime/libfaketimeMT.so.1"
ONE = [(0.5, 0.15), (0.5, 0.4), (0.5, 0.6), (0.5, 0.85)]


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


class Wire:
    """A wire between visitors and a server, which can be cut."""

    def __init__(self, address: str) -> None:
        self.target = int(address.rpartition(":")[2])
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        """Let everything through, from now on."""
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)

    async def cut(self) -> None:
        """End all connections, and let none be made."""
        assert self._server is not None
        self._server.close()
        for end in self._open:
            end.transport.abort()
        self._open.clear()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, far_writer}
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        self._open -= {writer, far_writer}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


# What a visitor does and sees.


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
    box = await pad.bounding_box()
    assert box
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in ONE]
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
        await page.locator(".headline b").wait_for(state="detached")
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


# The faults.


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
    port = free_port()
    for _ in range(lab.tries):
        servers = [serve_process(port=port, log=lab.log)]
        address, process = servers[0].__enter__()
        running = [process]

        async def kill(running: list["subprocess.Popen[bytes]"] = running) -> None:
            running[-1].kill()
            running[-1].wait()

        async def start(
            servers: list[object] = servers,
            running: list["subprocess.Popen[bytes]"] = running,
        ) -> None:
            servers.append(another := serve_process(port=port, log=lab.log))
            running.append((await asyncio.to_thread(another.__enter__))[1])

        try:
            await through_an_outage(lab, result, address, kill, start)
        finally:
            for server in servers:
                server.__exit__(None, None, None)


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


async def work_goes_on(explore: Page, draw: Page, result: Result) -> None:
    """All that a visitor can do, on pages that were opened before the fault."""
    style = await move(explore)
    await look_elsewhere(explore, "Draw", "Explore")
    await still_shown(explore, style, result, "set on Explore")
    await still_read(draw, result, "from before")
    await draw.get_by_role("button", name="Clear", exact=True).click()
    await draw.locator(".headline b").wait_for(state="detached")
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


def sealed(*mounts: str) -> tuple[str, ...]:
    """A command that runs another one on disks that take no more."""
    lines = "mount -o remount,bind,ro / && " + "".join(f"{mount} && " for mount in mounts)
    return ("unshare", "-rm", "sh", "-c", f'{lines} exec "$@"', "sh")


async def disk(lab: Lab, result: Result, *mounts: str) -> None:
    """A visitor's work on a server whose disks are as the mounts make them."""
    temporary = lab.folder / "tmp"
    temporary.mkdir()
    wrapper = sealed(*mounts)
    if subprocess.run([*wrapper, "true"], capture_output=True, check=False).returncode:
        result.skipped = "no user namespaces on this machine"
        return
    environment = {"HOME": str(temporary), "TMPDIR": str(temporary)}
    # The log is opened before the disks are sealed.
    with serve_process(log=lab.log, environment=environment, wrapper=wrapper) as (address, _):
        for _ in range(lab.tries):
            async with lab.window() as context:
                result.tried += 1
                explore, draw = await context.new_page(), await context.new_page()
                await open_explore(explore, address)
                await open_draw(draw, address)
                await work_goes_on(explore, draw, result)


async def disk_full(lab: Lab, result: Result) -> None:
    """Every disk is read-only but the one for temporary files, which is full."""
    tmp = lab.folder / "tmp"
    await disk(
        lab,
        result,
        f"mount -t tmpfs -o size=64k tmpfs {tmp}",
        f"{{ head -c 1000000 /dev/zero > {tmp}/full 2>/dev/null; true; }}",
    )


async def disk_read_only(lab: Lab, result: Result) -> None:
    """The root file system is read-only, and temporary files have one of their own."""
    await disk(lab, result, f"mount -t tmpfs -o size=64m tmpfs {lab.folder / 'tmp'}")


async def nothing_writable(lab: Lab, result: Result) -> None:
    """No disk can be written, not even for temporary files."""
    await disk(lab, result)


async def checkpoint_corrupt(lab: Lab, result: Result) -> None:
    """A checkpoint in the folder is damaged: beside a whole one, and alone."""

    def cut_short(path: Path) -> None:
        weights = path / "weights.safetensors"
        weights.write_bytes(weights.read_bytes()[:-1000])

    def flipped(path: Path) -> None:
        weights = path / "weights.safetensors"
        data = bytearray(weights.read_bytes())
        data[3] ^= 0x40
        weights.write_bytes(data)

    def not_json(path: Path) -> None:
        (path / "config.json").write_text('{"model": ')

    def other_sizes(path: Path) -> None:
        config = json.loads((path / "config.json").read_text())
        config["model"]["z_dim"] = 3
        (path / "config.json").write_text(json.dumps(config))

    def no_weights(path: Path) -> None:
        (path / "weights.safetensors").unlink()

    for number, damage in enumerate((cut_short, flipped, not_json, other_sizes, no_weights)):
        folder = lab.folder / f"checkpoints-{number}"
        shutil.copytree(CHECKPOINTS / "studio", folder / "studio")
        shutil.copytree(CHECKPOINTS / "article", folder / "damaged")
        damage(folder / "damaged")
        with serve_process(folder, log=lab.log) as (address, _):
            async with lab.window() as context:
                result.tried += 1
                explore, draw = await context.new_page(), await context.new_page()
                style = await open_explore(explore, address)
                await open_draw(draw, address)
                await still_shown(explore, style, result, f"set on Explore ({damage.__name__})")
                await said(explore, result)
            shutil.rmtree(folder / "studio")
            await no_model(lab, result, address)


async def checkpoints_missing(lab: Lab, result: Result) -> None:
    """The checkpoints folder is not there, or empty; then models come into it."""
    for name, make in (("nowhere", False), ("empty", True)):
        folder = lab.folder / name
        if make:
            folder.mkdir()
        with serve_process(folder, log=lab.log) as (address, _):
            await no_model(lab, result, address)
            shutil.copytree(CHECKPOINTS, folder, dirs_exist_ok=True)
            async with lab.window() as context:
                await open_explore(await context.new_page(), address)


async def no_model(lab: Lab, result: Result, address: str) -> None:
    """A visit while there is nothing to show: each page must say so."""
    async with lab.window() as context:
        for path in ("/", "/draw"):
            result.tried += 1
            page = await context.new_page()
            await page.goto(address + path)
            try:
                await page.get_by_text("There is no model to show yet").wait_for()
            except BrowserError:
                result.lost.append(f"a word on {path} that there is no model")
            await said(page, result)


async def checkpoint_replaced(lab: Lab, result: Result) -> None:
    """The model on the page is replaced by another, or taken away, while it is served."""
    folder = lab.folder / "served"
    with serve_process(folder, log=lab.log) as (address, _):
        for turn in range(lab.tries):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(CHECKPOINTS / "studio", folder / "studio")
            other = folder / ".other"
            async with lab.window() as context:
                result.tried += 1
                explore, draw = await context.new_page(), await context.new_page()
                await open_explore(explore, address)
                await open_draw(draw, address)
                shutil.copytree(CHECKPOINTS / "article", other)
                if turn % 2:  # whole, as `vae_model.model.checkpoint.save` does it
                    (folder / "studio").rename(folder / ".before")
                    other.rename(folder / "studio")
                else:  # file by file, as `cp` does it
                    for name in ("weights.safetensors", "config.json"):
                        shutil.copyfile(other / name, folder / "studio" / name)
                        await move(explore)
                        await said(explore, result)
                # A style means something to its own model alone: a new one starts in the middle.
                await look_elsewhere(explore, "Draw", "Explore")
                await work_goes_on(explore, draw, result)
                shutil.rmtree(folder)
                await sliders(explore).first.press("ArrowRight")
                await explore.wait_for_timeout(1000)
                await said(explore, result)


FAULTS: dict[str, Callable[[Lab, Result], Awaitable[None]]] = {
    "socket cut": socket_cut,
    "cut while drawing": cut_while_drawing,
    "server killed": server_killed,
    "two tabs": two_tabs,
    "clock changed": clock_changed,
    "disk full": disk_full,
    "disk read-only": disk_read_only,
    "nothing writable": nothing_writable,
    "checkpoint corrupt": checkpoint_corrupt,
    "checkpoints missing": checkpoints_missing,
    "checkpoint replaced": checkpoint_replaced,
}


def main() -> None:
    """Break things and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=TRIES, help="of each fault")
    parser.add_argument("--only", nargs="+", choices=FAULTS, default=list(FAULTS))
    options = parser.parse_args()
    program = find_chromium()
    if program is None:
        raise SystemExit("no Chromium found: install chromium or google-chrome")
    results = asyncio.run(run(program, options.only, options.tries))
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


async def run(program: str, names: list[str], tries: int) -> list[Result]:
    """One result for each fault, printed as it comes."""
    results = []
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program, args=list(BROWSER_FLAGS))
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
        await browser.close()
    return results


def logged_errors(log: Path) -> int:
    """Errors in a server's log, printed as they are found."""
    lines = log.read_text().splitlines() if log.exists() else []
    errors = [line for line in lines if '"error": ' in line or "Traceback" in line]
    for line in errors:
        print(f"  logged: {line}", flush=True)
    return len(errors)


if __name__ == "__main__":
    main()
