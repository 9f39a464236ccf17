"""Builds the images and runs them as a careful host would, with real visitors on every page.

    python -m benchmarks.container [--target serve|full] [--engine COMMAND] [--torch-index URL]
                                   [--build-options OPTIONS]

The container has a read-only root file system, a tmpfs on /tmp, no rights, 2 GB of memory and no
network at all; Chromium looks at it from inside its network (`nsenter`, so Linux and root are
needed). The image without PyTorch (`serve`) is built and opened, without a volume; the full one is
built, opened, trained in, asked to stop, started again on the same volumes, and started below a
path with training off. What is not as promised is listed at the end; the last line is JSON, and
the exit code 1 where that list is not empty. All that was made is removed.

Needs podman or docker. Where no registry of images is reached, `benchmarks/stand_in_base.sh` makes
what stands in for the base; `--build-options` takes what the build needs to reach its packages, as
`"--network host --volume /etc/pip.conf:/etc/pip.conf:ro"`.
"""

import argparse
import asyncio
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page, expect

from benchmarks import visits
from benchmarks.container_engine import NAME, Container, Engine, Findings, health_check
from tests.support.app import ROOT
from tests.support.image import image_files, lay_out
from ui.shared.pages import PAGES

VOLUMES = {f"{NAME}-runs": "/runs", f"{NAME}-data": "/data"}
SERVE, FULL = "serve", "full"
STOPS_WITHIN_S = 5
WRITE_AS_ROOT = """
import errno
try:
    open("/etc/written", "w")
except OSError as error:
    print(errno.errorcode[error.errno])
else:
    print("written")
"""


def build(engine: Engine, folder: Path, target: str, options: list[str]) -> float:
    """Build an image; seconds."""
    # podman's own format has no health check.
    form = ["--format", "docker"] if engine.is_podman else []
    # The full one is what is built where none is named.
    named = ["--target", SERVE] if target == SERVE else []
    begin = time.monotonic()
    engine.say("build", *form, *named, *options, "--tag", image_name(target), str(folder))
    return time.monotonic() - begin


def image_name(target: str) -> str:
    """Of the image that is built here."""
    return f"{NAME}-{target}"


def rebuild(engine: Engine, target: str, options: list[str]) -> float:
    """Build again with a changed line of the app; seconds."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        lay_out(image_files(ROOT), copy)
        for name in ("Dockerfile", ".dockerignore", "requirements.txt", "requirements-serve.txt"):
            shutil.copy2(ROOT / name, copy / name)
        with (copy / "ui" / "shared" / "frame.py").open("a") as file:
            file.write("# changed\n")
        return build(engine, copy, target, options)


def check_inside(container: Container, findings: Findings) -> None:
    """What a careful host would look at from inside."""
    facts = container.facts()
    findings.check(facts["ids"] == ["10001"], f"runs with the ids {facts['ids']}")
    findings.check(int(facts["rights"], 16) == 0, f"has rights: {facts['rights']}")
    findings.check(not facts["new_rights"], "could gain rights")
    writable = {"/tmp", *container.volumes.values()}
    findings.check(set(facts["writable"]) == writable, f"can write to {facts['writable']}")
    findings.check(not facts["programs"], f"has {facts['programs']}")
    findings.check(not facts["data"], f"has a data set: {facts['data']}")
    as_root = container.python(WRITE_AS_ROOT, user="0:0")
    findings.check(as_root == "EROFS", f"root's file on the root file system: {as_root}")


def check_health(container: Container, findings: Findings) -> None:
    """The image's health check: with the server up, with one that hangs, and without one."""
    engine = container.engine
    findings.check(container.health() == 0, "unhealthy though it serves")
    engine.say("kill", "--signal", "STOP", NAME)
    findings.check(container.health() != 0, "healthy though the server hangs")
    engine.say("kill", "--signal", "CONT", NAME)
    findings.check(container.health() == 0, "unhealthy once the server goes on")
    command = health_check(engine, container.image)
    alone = engine.run("run", "--rm", "--network=none", container.image, *command)
    findings.check(alone.returncode not in (0, 125, 126, 127), "healthy without a server")


def check_stop(container: Container, findings: Findings, when: str) -> None:
    """SIGTERM to exit, and what was logged until then."""
    seconds, code = container.stop()
    findings.measured(f"stop_{when}_s", round(seconds, 1))
    findings.check(seconds < STOPS_WITHIN_S, f"took {seconds:.1f} s to stop ({when})")
    findings.check(code == 0, f"ended with status {code} ({when})")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        log.write_text(container.log())
        findings.check(not visits.logged_errors(log), f"errors in the log ({when})")
        last = log.read_text().splitlines()[-1]
        findings.check('"stopped"' in last, f"the log ends with {last[:200]}")


async def check_pages(page: Page, address: str, findings: Findings) -> None:
    """Open every page; draw a digit and upload a picture on the way."""
    await visits.open_explore(page, address)
    for name in (page.title for page in PAGES):
        await page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
        await page.get_by_role("heading", name=name, exact=True).first.wait_for()
        if name == "Draw":
            await visits.stroke(page)
            read = await visits.reading(page)
            findings.check(read == "1", f"read a drawn 1 as {read}")
            read = await visits.upload(page, visits.picture(1200))
            findings.check(read == "1", f"read an uploaded 1 as {read}")
        await rest(page)
        errors = page.locator('[data-testid="stException"], [data-testid="stAlertContentError"]')
        for words in await errors.all_inner_texts():
            findings.check(False, f"{name} says {words[:300]}")


async def rest(page: Page) -> None:
    """Until nothing on the page moves."""
    still = '[data-testid="stApp"][data-test-script-state="notRunning"]'
    await page.wait_for_timeout(1200)
    await page.locator(still).wait_for()


async def start_training(page: Page, address: str, epochs: int) -> None:
    """Set up and begin a training of the quick preset."""
    await page.goto(f"{address}/train?view=Set+up")
    await page.get_by_role("button", name="Start training").wait_for()
    await page.get_by_test_id("stMain").get_by_text("Training", exact=True).click()
    box = page.get_by_label("epochs", exact=True)
    await box.fill(str(epochs))
    await box.press("Enter")
    await expect(page.get_by_text("1 changed from quick")).to_be_visible()
    await page.get_by_role("button", name="Start training").click()
    await expect(page).to_have_url(re.compile("view=Watch"))


async def see(page: Page, text: str, findings: Findings, otherwise: str) -> None:
    """A complaint where the page does not come to say this."""
    try:
        await page.get_by_text(text).first.wait_for()
    except BrowserError:
        findings.check(False, otherwise)


async def first_life(container: Container, findings: Findings) -> None:
    """Every page, a training to its end, and a second one that is cut off."""
    async with container.visitor(findings) as page:
        await check_pages(page, container.address, findings)
        begin = time.monotonic()
        await start_training(page, container.address, 3)
        await see(page, "Finished 3 of 3 epochs", findings, "a training did not end")
        findings.measured("training_of_3_epochs_s", round(time.monotonic() - begin, 1))
        await page.goto(f"{container.address}/train?view=Runs")
        await see(page, "Use in the app", findings, "the run is not among the runs")
        facts = container.facts()
        findings.check(facts["zombies"] == 0, f"{facts['zombies']} processes are dead, not gone")
        findings.measured("server_memory_mb", facts["memory_mb"])
        await start_training(page, container.address, 500)
        await page.locator(".js-plotly-plot").first.wait_for()  # with its first epoch
        await page.goto("about:blank")


async def second_life(container: Container, findings: Findings) -> None:
    """The runs of the first: one finished, one that goes on where it was."""
    async with container.visitor(findings) as page:
        await page.goto(f"{container.address}/train?view=Runs")
        await see(page, "Use in the app", findings, "the finished run is gone")
        await expect(page.get_by_role("button", name="Use in the app")).to_have_count(2)
        await page.goto(f"{container.address}/train?view=Watch")
        await see(page, "Interrupted, perhaps", findings, "the cut run is not interrupted")
        await page.get_by_role("button", name="Go on").click()
        await see(page, "images a second", findings, "the cut run does not go on")
        await page.get_by_role("button", name="Stop", exact=True).click()
        await see(page, "Stopped. It can go on", findings, "the run does not stop")
        await page.goto("about:blank")


async def seen_only(container: Container, findings: Findings, reason: str) -> None:
    """Every page, where nobody may train, and why."""
    async with container.visitor(findings) as page:
        await check_pages(page, container.address, findings)
        await page.goto(f"{container.address}/train")
        await see(page, reason, findings, f"nobody says: {reason}")
        starts = await page.get_by_role("button", name="Start training").count()
        findings.check(starts == 0, "a training can be started though it is off")
        await page.goto("about:blank")


def live_without_torch(engine: Engine, findings: Findings) -> None:
    """One life of the small image, without a volume."""
    container = Container(engine, image_name(SERVE))
    with container.started() as seconds:
        findings.measured("serve_start_to_healthy_s", round(seconds, 1))
        check_inside(container, findings)
        check_health(container, findings)
        asyncio.run(seen_only(container, findings, "Training needs PyTorch"))
        findings.measured("serve_server_memory_mb", container.facts()["memory_mb"])
        check_stop(container, findings, "serve")


def live(engine: Engine, findings: Findings) -> None:
    """Three lives of the full image on the same volumes."""
    first = Container(engine, image_name(FULL), VOLUMES)
    with first.started() as seconds:
        findings.measured("start_to_healthy_s", round(seconds, 1))
        findings.measured("torch", first.python("import torch; print(torch.__version__)"))
        check_inside(first, findings)
        check_health(first, findings)
        asyncio.run(first_life(first, findings))
        check_stop(first, findings, "while_training")
    with first.started() as seconds:
        findings.measured("start_again_s", round(seconds, 1))
        asyncio.run(second_life(first, findings))
        check_stop(first, findings, "idle")
    environment = {
        "STREAMLIT_SERVER_BASE_URL_PATH": "digits",
        "STREAMLIT_SERVER_PORT": "8600",
        "VAE_TRAINING": "off",
    }
    other = Container(engine, image_name(FULL), VOLUMES, environment)
    with other.started():
        findings.check(other.health() == 0, "unhealthy on another port and path")
        asyncio.run(seen_only(other, findings, "Training is turned off"))
        check_stop(other, findings, "below_a_path")


def find_engine() -> str:
    """The first that answers. Exits where none does."""
    for name in ("podman", "docker"):
        if shutil.which(name) and Engine((name,)).run("info").returncode == 0:
            return name
    sys.exit("neither podman nor docker answers: install one, or name it with --engine")


def main() -> None:
    """Build, run, look, stop, clean up; print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--target", choices=(SERVE, FULL), help="of the two images, only this")
    parser.add_argument("--engine", metavar="COMMAND", help="podman or docker, with options")
    parser.add_argument("--torch-index", metavar="URL", help="TORCH_INDEX_URL of the build")
    parser.add_argument("--build-options", metavar="OPTIONS", default="", help="for the build")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("only root can look into the network of a container")
    engine = Engine(tuple(shlex.split(options.engine or find_engine())))
    build_options = shlex.split(options.build_options)
    if options.torch_index:
        build_options += ["--build-arg", f"TORCH_INDEX_URL={options.torch_index}"]
    findings = Findings()
    findings.measured("engine", engine.version)
    before = set(engine.say("images", "--all", "--quiet").split())
    try:
        for target in [options.target] if options.target else (SERVE, FULL):
            prefix = "" if target == FULL else f"{target}_"
            seconds = build(engine, ROOT, target, build_options)
            findings.measured(f"{prefix}build_s", round(seconds))
            image = engine.look("image", image_name(target))
            findings.measured(f"{prefix}image_mb", round(image["Size"] / 1e6))
            seconds = rebuild(engine, target, build_options)
            findings.measured(f"{prefix}rebuild_after_a_change_s", round(seconds, 1))
            (live if target == FULL else live_without_torch)(engine, findings)
        with suppress(RuntimeError):
            base = engine.look("image", "docker.io/library/python:3.11-slim")
            findings.measured("base", base.get("Comment") or "the image of that name")
            findings.measured("base_mb", round(base["Size"] / 1e6))
    finally:
        engine.run("volume", "rm", "--force", *VOLUMES)
        engine.run("rmi", "--force", image_name(SERVE), image_name(FULL))
        made = set(engine.say("images", "--all", "--quiet").split()) - before
        if made:
            engine.run("rmi", "--force", *made)
    for complaint in findings.complaints:
        print(f"not as promised: {complaint}")
    print(json.dumps({"benchmark": "container", **findings.figures, "bad": findings.complaints}))
    sys.exit(1 if findings.complaints else 0)


if __name__ == "__main__":
    main()
