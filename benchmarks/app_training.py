"""What a training costs in the app: against the command line, and those who use the app meanwhile.

    python -m benchmarks.app_training [--rounds N] [--epochs N] [--preset NAME] [--strokes N]

In turn, the same training by `python -m vae_model train`; in the background as the Train page
starts it; and so again while somebody watches it in Chromium, which takes its own share of the same
cores. Images a second from the end of the first epoch to the end of the last, saving included.
Then a visitor drags sliders on Explore and draws on Draw, with nothing else going on and while a
model trains. The last line is JSON.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks import draw_latency
from benchmarks.style_board import drag_speed
from tests.support.app import serve_process
from tests.support.browser import async_chromium, chromium
from vae_model.model.presets import PRESETS
from vae_model.runs import events, jobs
from vae_model.runs import run as runs
from vae_model.runs.folders import EVENTS_FILE
from vae_model.runs.spec import TrainingSpec

IMAGES = 10_000
"""Of the bundled sample, an epoch."""
DRAG_SECONDS = 6
LONG_EPOCHS = 100


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--preset", default="article", choices=sorted(PRESETS))
    parser.add_argument("--strokes", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        with serve_process(environment={"VAE_RUNS_DIR": folder}) as (address, _):
            setup = TrainingSpec.of(options.preset, {"epochs": options.epochs}, "sample")
            speeds = compare(address, root, setup, options.rounds)
            print(f"images a second: {speeds}", flush=True)
            cli, app, watched = (statistics.median(each) for each in speeds.values())
            alone = visit(address, options.strokes)
            print(f"nothing else going on: {alone}", flush=True)
            long = TrainingSpec.of("studio", {"epochs": LONG_EPOCHS}, "sample")
            run = jobs.start(root, long, "meanwhile")
            wait(root, run, epochs=1)
            busy = visit(address, options.strokes)
            print(f"while a model trains: {busy}", flush=True)
            jobs.stop(root, run)
            wait(root, run)
    print(
        json.dumps(
            {
                "benchmark": "app_training",
                "app_to_cli_speed": round(app / cli, 3),
                "watched_to_cli_speed": round(watched / cli, 3),
                "preset": options.preset,
                **{f"{name}_while_training": value for name, value in busy.items()},
                **{f"{name}_alone": value for name, value in alone.items()},
            }
        )
    )


def compare(address: str, root: Path, setup: TrainingSpec, rounds: int) -> dict[str, list[int]]:
    """Images a second of each training by the command line, in the app, and watched there."""
    speeds: dict[str, list[int]] = {"cli": [], "app": [], "watched": []}
    for number in range(rounds):
        name = f"cli-{number}"
        command = [sys.executable, "-m", "vae_model", "train", "--run", str(root / name)]
        command += [f"--preset={setup.preset}", f"--data={setup.data}"]
        command += [f"--epochs={setup.train.epochs}"]
        subprocess.run(command, check=True, capture_output=True)
        speeds["cli"].append(speed(runs.load(root, name)))
        speeds["app"].append(in_app(root, setup))
        with chromium() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"{address}/train?view=Watch")
            speeds["watched"].append(in_app(root, setup))
    return speeds


def in_app(root: Path, setup: TrainingSpec) -> int:
    """Images a second of a training in the background."""
    run = jobs.start(root, setup)
    wait(root, run)
    return speed(runs.load(root, run))


def speed(run: runs.Run) -> int:
    """Images a second from the end of the first epoch to the end of the last."""
    told = events.read(run.path / EVENTS_FILE)
    ends = [event["at"] for event in told if event["event"] == "epoch"]
    return round(IMAGES * (len(ends) - 1) / (ends[-1] - ends[0]))


def wait(root: Path, run: str, epochs: int | None = None) -> None:
    """Until the run has so many epochs, or until nothing works on it any more."""
    while True:
        now = runs.load(root, run)
        if now.job is None or (epochs is not None and len(now.epochs) >= epochs):
            return
        time.sleep(0.2)


def visit(address: str, strokes: int) -> dict[str, float]:
    """A visitor on Explore and Draw."""
    frames = asyncio.run(_drag(address))
    drawn = draw_latency.measure(address, strokes)
    return {
        "fps_median": round(1000 / statistics.median(frames), 1),
        "frame_ms_p95": round(float(np.percentile(frames, 95)), 1),
        "pen_up_ms_p50": drawn["pen_up_ms_p50"],
        "pen_up_ms_p95": drawn["pen_up_ms_p95"],
    }


async def _drag(address: str) -> list[float]:
    async with async_chromium() as browser:
        return await drag_speed(browser, address, DRAG_SECONDS, throttle=1)


if __name__ == "__main__":
    main()
