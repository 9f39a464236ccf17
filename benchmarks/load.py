"""How the app holds under a crowd: real websocket sessions, beside the server on one machine.

    python -m benchmarks.load [--seconds S] [--visits N]

A visit opens Explore, lets go of a slider one to three times, goes to Draw, draws three digits and
leaves; another visitor takes the place. Between two actions a visitor looks for 2 to 6 seconds, and
a digit takes 1.2 seconds to draw. Browsers read it themselves and tell the server once the pen is
lifted: a reading's time runs from then until the server knows. Idle visitors let go of a slider
once a minute.

Then that many visits one after another: what the server keeps of them.

The visitors' own processor time is taken from the same cores, and is reported. Linux only.
"""

import argparse
import asyncio
import json
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.support.app import processor_seconds, serve_process
from tests.support.visitor import Visitor
from ui.draw.desk import packed
from ui.shared import mnist_sample

CROWDS = ((1, 0), (10, 0), (50, 0), (50, 200), (200, 0))
"""Active visitors, and idle ones beside them."""
LOOKS = (2.0, 6.0)
"""Seconds between two actions."""
IDLE_SECONDS = 60
ARRIVALS_PER_SECOND = 5
STYLES = DIGITS = 3
"""Of each in a visit."""

PEN_SECONDS = 1.2
REPEATS = 40
DRAWN = mnist_sample.test_digits()[0]
WARM_UP, COUNT_FROM = 20, 100
"""Visits before anything is measured, and before the memory is."""


@dataclass
class Tally:
    """What was measured of one crowd."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """By action."""
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, action: str, errors: int, since: float) -> None:
        """Count an action that was meant to begin at `since`."""
        self.seconds[action].append(time.perf_counter() - since)
        if errors:
            self.errors["exception on the page"] += 1


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=40, help="of each crowd")
    parser.add_argument("--visits", type=int, default=2000, help="one after another")
    options = parser.parse_args()
    print(json.dumps(asyncio.run(measure(options.seconds, options.visits))))


async def measure(seconds: float, visits: int) -> dict[str, object]:
    """All figures of the last line."""
    report: dict[str, object] = {"benchmark": "load"}
    errors: Counter[str] = Counter()
    crowds = []
    for active, idle in CROWDS:
        with serve_process() as (address, server):
            await _visits(address, WARM_UP, Tally())
            if not crowds:
                report["server_ms"] = await costs(address, server.pid)
            crowd, tally = await run_crowd(address, server.pid, active, idle, seconds)
        crowds.append(crowd)
        errors += tally.errors
        print(json.dumps(crowd), flush=True)
        name = f"n{active}" + (f"_idle{idle}" if idle else "")
        report[f"{name}_read_ms_p95"] = crowd["read_ms"]["p95"] if "read_ms" in crowd else None
    if visits:
        growth, tally = await one_after_another(visits)
        errors += tally.errors
        report |= growth
    return report | {"errors": sum(errors.values()), "kinds_of_errors": errors, "crowds": crowds}


async def costs(address: str, server: int) -> dict[str, float]:
    """The server's processor milliseconds for one of each action; they depend little on what else
    the machine does."""
    spent: dict[str, float] = {}
    tally, seat = Tally(), random.Random(0)
    async with Visitor(address) as visitor:
        actions: dict[str, Callable[[int], Awaitable[object]]] = {
            "open": lambda _: visitor.open(),
            "style": lambda _: _style(visitor, tally, seat),
            "page": lambda turn: visitor.open("draw" if turn % 2 else ""),
            "read": lambda turn: _tell(visitor, 1 + turn),
        }
        for name, act in actions.items():
            before = processor_seconds(server)
            for turn in range(REPEATS):
                await act(turn)
            spent[name] = round(1000 * (processor_seconds(server) - before) / REPEATS, 1)
    return spent


async def run_crowd(
    address: str, server: int, active: int, idle: int, seconds: float
) -> tuple[dict[str, object], Tally]:
    """One crowd's figures: milliseconds of each action, processor, memory."""
    tally, random_ = Tally(), random.Random(active)
    before, memory = megabytes(server), [megabytes(server)]
    arrivals = (active + idle) / ARRIVALS_PER_SECOND
    end = time.perf_counter() + arrivals + seconds
    start_cpu, start_own = processor_seconds(server), time.process_time()
    start = time.perf_counter()

    async def watch() -> None:
        while True:
            await asyncio.sleep(0.5)
            memory.append(megabytes(server))

    watcher = asyncio.create_task(watch())
    places = []
    for number in range(active + idle):
        wait = number / ARRIVALS_PER_SECOND
        behaviour = visit if number * active // (active + idle) != (
            (number + 1) * active // (active + idle)
        ) else stay  # fmt: skip
        seat = random.Random(random_.random())
        places.append(_place(address, behaviour, tally, seat, wait, end))
    await asyncio.gather(*places)
    took = time.perf_counter() - start
    used, own = processor_seconds(server) - start_cpu, time.process_time() - start_own
    await asyncio.sleep(2)
    watcher.cancel()
    actions = sum(len(times) for times in tally.seconds.values())
    figures: dict[str, object] = {
        "active": active,
        "idle": idle,
        "seconds": round(took),
        "actions_per_second": round(actions / took, 1),
        "errors": sum(tally.errors.values()),
        **{f"{name}_ms": quantiles(times) for name, times in tally.seconds.items()},
        "server_cpu_percent": round(100 * used / took),
        "visitors_cpu_percent": round(100 * own / took),
        "load_average": os.getloadavg()[0],
        "rss_mb": {"before": before, "most": max(memory), "after": megabytes(server)},
    }
    return figures, tally


Behaviour = Callable[[Visitor, Tally, random.Random, float], Awaitable[None]]


async def _place(
    address: str, behaviour: Behaviour, tally: Tally, seat: random.Random, wait: float, end: float
) -> None:
    """One visitor after another until the end."""
    await asyncio.sleep(wait)
    while time.perf_counter() < end:
        try:
            async with Visitor(address) as visitor:
                await behaviour(visitor, tally, seat, end)
        except (OSError, TimeoutError) as error:
            tally.errors[type(error).__name__] += 1
            await asyncio.sleep(1)


async def visit(visitor: Visitor, tally: Tally, seat: random.Random, end: float) -> None:
    """An active visitor's."""
    await _open(visitor, tally)
    for _ in range(seat.randint(1, STYLES)):
        if not await _look(seat, end):
            return
        await _style(visitor, tally, seat)
    if not await _look(seat, end):
        return
    start = time.perf_counter()
    tally.add("page", await visitor.open("draw"), start)
    for _ in range(DIGITS):
        if not await _look(seat, end):
            return
        await draw(visitor, tally, seat, PEN_SECONDS)
    await _look(seat, end)


async def stay(visitor: Visitor, tally: Tally, seat: random.Random, end: float) -> None:
    """An idle visitor's."""
    await _open(visitor, tally)
    await asyncio.sleep(max(0.0, min(seat.uniform(0, IDLE_SECONDS), end - time.perf_counter())))
    while time.perf_counter() < end:
        await _style(visitor, tally, seat)
        await asyncio.sleep(max(0.0, min(IDLE_SECONDS, end - time.perf_counter())))


async def _open(visitor: Visitor, tally: Tally) -> None:
    start = time.perf_counter()
    tally.add("open", await visitor.open(), start)


async def _look(seat: random.Random, end: float) -> bool:
    """Wait between two actions; whether there is time for the next. At the end all that wait awake
    at once, which no crowd does."""
    await asyncio.sleep(max(0.0, min(seat.uniform(*LOOKS), end - time.perf_counter())))
    return time.perf_counter() < end


async def _style(visitor: Visitor, tally: Tally, seat: random.Random) -> None:
    start = time.perf_counter()
    shown = visitor.components["style_board"].data["start"]
    style = [round(seat.uniform(-2, 2), 2) for _ in shown["style"]]
    answer = await visitor.say("style_board", {"state": {**shown, "style": style}})
    tally.add("style", answer, start)


async def draw(visitor: Visitor, tally: Tally, seat: random.Random, seconds: float) -> None:
    """Draw one digit, in this many seconds of the pen, and tell the server."""
    await asyncio.sleep(seconds)
    lifted = time.perf_counter()
    tally.add("read", await _tell(visitor, seat.randrange(1, 2**40)), lifted)


async def _tell(visitor: Visitor, turn: int) -> int:
    """Let the desk say what is drawn; answered when the server has heard."""
    said = {"v": 1, "turn": turn, "image": packed(DRAWN[turn % len(DRAWN)])}

    def heard() -> bool:
        return bool(visitor.components["draw_desk"].data["heard"] == turn)

    return await visitor.say("draw_desk", {"desk": said}, until=heard)


async def one_after_another(visits: int) -> tuple[dict[str, object], Tally]:
    """Growth of the server's memory over visits that come and go."""
    tally = Tally()
    with serve_process() as (address, server):
        await _visits(address, min(COUNT_FROM, visits), tally)
        early, start = megabytes(server.pid), time.perf_counter()
        for done in range(COUNT_FROM, visits, 100):
            await _visits(address, min(100, visits - done), tally)
            if not (done + 100) % 500:
                print(f"{done + 100} visits: {megabytes(server.pid)} MB", flush=True)
        late, seconds = megabytes(server.pid), time.perf_counter() - start
    growth: dict[str, object] = {
        "rss_growth_mb": round(late - early, 1),
        "rss_mb_after_100_visits": early,
        "visits": visits,
        "visits_per_second": round((visits - COUNT_FROM) / seconds, 1) if seconds > 1 else None,
    }
    return growth, tally


async def _visits(address: str, count: int, tally: Tally) -> None:
    """Short visits, one after another, that do all that can be done."""
    seat = random.Random(count)
    for _ in range(count):
        async with Visitor(address) as visitor:
            await _open(visitor, tally)
            await _style(visitor, tally, seat)
            await visitor.open("draw")
            await draw(visitor, tally, seat, seconds=0)


def quantiles(seconds: list[float]) -> dict[str, float]:
    """Milliseconds."""
    p50, p95, p99 = np.percentile(seconds, (50, 95, 99)) * 1000
    return {"p50": round(p50, 1), "p95": round(p95, 1), "p99": round(p99, 1), "n": len(seconds)}


def megabytes(process: int) -> float:
    """The memory that a process holds."""
    status = Path(f"/proc/{process}/status").read_text()
    kilobytes = int(status.partition("VmRSS:")[2].split()[0])
    return round(kilobytes / 1000, 1)


if __name__ == "__main__":
    main()
