"""Faults of disks and of checkpoints, under open pages; see `benchmarks.faults`."""

import json
import shutil
import subprocess
from pathlib import Path

from playwright.async_api import Error as BrowserError

from benchmarks.visits import (
    Lab,
    Result,
    look_elsewhere,
    move,
    open_draw,
    open_explore,
    said,
    sliders,
    still_shown,
    work_goes_on,
)
from tests.support.app import ROOT, serve_process

CHECKPOINTS = ROOT / "checkpoints"


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
