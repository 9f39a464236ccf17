"""How the app holds under a crowd: real websocket sessions, beside the server on one machine.

    python -m benchmarks.load [--seconds S] [--visits N]

A visit opens Explore, lets go of a slider one to three times, goes to Draw, draws three digits and
leaves; another visitor takes the place. Between two actions a visitor looks for 2 to 6 seconds, and
a digit takes 1.2 seconds to draw, in which the pad reports as often as its script does. A reading's
time runs from the pen's lifting until the page shows what was made of the whole drawing; what lies
further down the page ("below") is asked for when the pad has rested. Idle visitors let go of a
slider once a minute.

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
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.support.app import processor_seconds, serve_process
from tests.support.visitor import Answer, Visitor

CROWDS = ((1, 0), (10, 0), (50, 0), (50, 200), (200, 0))
"""Active visitors, and idle ones beside them."""
LOOKS = (2.0, 6.0)
"""Seconds between two actions."""
IDLE_SECONDS = 60
ARRIVALS_PER_SECOND = 5
STYLES = DIGITS = 3
"""Of each in a visit."""

PEN_SECONDS = 1.2
SEND_EVERY = 0.1
PACE = 2.5
PATIENCE = 1.0
"""How the pad reports while the pen is down (pad.js): at most so often, in seconds; at most
once in so many times of an answer; and again where an answer takes so many seconds."""
REST = 0.3
"""Seconds: how long the pad rests before the lower part of the page follows."""
PATHS = {
    0: [(500, 150), (330, 230), (270, 500), (330, 770), (500, 850), (670, 770), (730, 500),
        (670, 230), (500, 150)],
    1: [(500, 150), (500, 380), (500, 620), (500, 850)],
    2: [(290, 300), (380, 180), (560, 150), (700, 270), (660, 450), (480, 640), (300, 830),
        (500, 830), (740, 820)],
    7: [(280, 180), (500, 175), (730, 170), (620, 400), (520, 630), (450, 860)],
}  # fmt: skip
"""Ways of the pen on the pad's grid of 1000."""
REPEATS = 40
WARM_UP, COUNT_FROM = 20, 100
"""Visits before anything is measured, and before the memory is."""


@dataclass
class Tally:
    """What was measured of one crowd."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """By action."""
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, action: str, answer: Answer, since: float) -> None:
        """Count an action that was meant to begin at `since`."""
        self.seconds[action].append(time.perf_counter() - since)
        if answer.exceptions:
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
    path = _wobbly(PATHS[2], seat)
    async with Visitor(address) as visitor:
        actions: dict[str, Callable[[int], Awaitable[object]]] = {
            "open": lambda _: visitor.open(),
            "style": lambda _: _style(visitor, tally, seat),
            "page": lambda turn: visitor.open("draw" if turn % 2 else ""),
            "draw": lambda turn: _report(visitor, path[: 10 + turn], True, 1 + turn),
            "read": lambda turn: _report(visitor, path[: 10 + turn], False, 1000 + turn),
            "below": lambda _: visitor.trigger("draw_pad_follow", "stale"),
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
        await _look(seat, end)
        await _style(visitor, tally, seat)
    await _look(seat, end)
    start = time.perf_counter()
    tally.add("page", await visitor.open("draw"), start)
    for number in range(DIGITS):
        await _look(seat, end)
        if time.perf_counter() >= end:
            return
        await draw(visitor, tally, seat, PEN_SECONDS, first_turn=1 + 1000 * number)
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


async def _look(seat: random.Random, end: float) -> None:
    await asyncio.sleep(max(0.0, min(seat.uniform(*LOOKS), end - time.perf_counter())))


async def _style(visitor: Visitor, tally: Tally, seat: random.Random) -> None:
    start = time.perf_counter()
    shown = visitor.components["style_board"].data["start"]
    style = [round(seat.uniform(-2, 2), 2) for _ in shown["style"]]
    answer = await visitor.say("style_board", {"state": {**shown, "style": style}})
    tally.add("style", answer, start)


async def draw(
    visitor: Visitor, tally: Tally, seat: random.Random, seconds: float, first_turn: int = 1
) -> None:
    """Draw one digit on a clean pad, in this many seconds of the pen, and have it read."""
    points = _wobbly(PATHS[seat.choice(list(PATHS))], seat)
    turn, begun = first_turn, time.perf_counter()
    pending: asyncio.Task[Answer] | None = None
    sent_at, pause = begun, SEND_EVERY
    while (now := time.perf_counter()) < begun + seconds:
        if pending and pending.done():
            took = pending.result().seconds
            tally.add("draw", pending.result(), time.perf_counter() - took)
            pending, pause = None, max(SEND_EVERY, PACE * took)
        if now - sent_at >= (PATIENCE if pending else pause):
            if pending:
                pending.cancel()
            drawn = max(1, round(len(points) * (now - begun) / seconds))
            turn, sent_at = turn + 1, now
            pending = asyncio.create_task(_report(visitor, points[:drawn], True, turn))
        await asyncio.sleep(0.01)
    if pending:
        pending.cancel()
        with suppress(asyncio.CancelledError):
            await pending
    lifted = time.perf_counter()
    answer = await _report(visitor, points, False, turn + 1)
    tally.add("read", answer, lifted)
    if not any("headline" in body for body in visitor.html):
        tally.errors["no reading"] += 1
    await asyncio.sleep(REST)
    start = time.perf_counter()
    tally.add("below", await visitor.trigger("draw_pad_follow", "stale"), start)
    if not any('class="samples"' in body for body in visitor.html):
        tally.errors["nothing below"] += 1


async def _report(
    visitor: Visitor, points: list[tuple[int, int]], pen_down: bool, turn: int
) -> Answer:
    """Let the pad say what is on it; answered when the page says which of its turns it shows."""
    stroke = {"points": [n for point in points for n in point], "width": 72, "erases": False}
    drawing = {"strokes": [stroke], "example": None, "penDown": pen_down, "turn": turn}

    def is_shown() -> bool:
        answered = visitor.components.get("draw_pad_answered")
        return answered is not None and answered.data["turn"] == turn

    return await visitor.say("draw_pad", {"drawing": drawing}, until=is_shown)


def _wobbly(path: list[tuple[int, int]], seat: random.Random) -> list[tuple[int, int]]:
    """A way of the pen with points as close as a pad reports them, in this visitor's hand."""
    corners = np.array([(x + seat.gauss(0, 15), y + seat.gauss(0, 15)) for x, y in path])
    steps = np.linspace(0, len(path) - 1, 60)
    axes = [np.interp(steps, range(len(path)), corners[:, axis]) for axis in (0, 1)]
    return [(round(float(x)), round(float(y))) for x, y in zip(*axes, strict=True)]


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
