"""The experiments: what is measured, which prediction comes true, and what is shown then. What
is said of it stands in texts.toml."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from ui.experiments import trials, views
from ui.experiments.trials import Unusable
from ui.shared import mnist_sample, shelf
from ui.shared.dims import ASLEEP_KL
from ui.shared.stored import metric
from ui.shared.words import plain, signed
from vae_model.engine.digit_engine import DigitEngine, Floats

ASKED = 7
EXAMPLE = 4
"""Instead of the visitor's drawing; asked for where that is read as `ASKED`."""
HAND = 2
"""Of the collapsed model: the digit that is shown in random styles."""
CLEAR = 0.5
"""Shares and correlations from here on count as "yes"."""
LOSS = 1.0
"""Nats per image from here on count as lost."""
TEXTS: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("texts.toml").read_text("utf-8")
)


@dataclass(frozen=True)
class Outcome:
    """What comes out."""

    choice: int | None
    """Which of the predictions comes true; None where none of them does."""
    facts: Mapping[str, object]
    """Figures of the texts, by name."""
    why: str = ""
    """Instead of the usual text."""


Script = Iterator[Outcome | Markup | None]
"""The outcome; then what is shown of it, and None where the reason is to be said."""
Engines = Mapping[str, DigitEngine]


def scripts(engine: DigitEngine, drawing: Floats | None) -> Mapping[str, Callable[[], Script]]:
    """All experiments, with the chosen model and what the visitor drew, (28, 28). To go through one
    raises Unusable."""
    return {
        "swap-digit": partial(_swap_digit, engine, drawing),
        "swap-style": partial(_swap_style, engine),
        "beta": _weigh_style,
        "leak": _smuggle,
        "unlabelled": _unlabel,
        "collapse": _collapse,
    }


def say(text: str, facts: Mapping[str, object]) -> str:
    """With its figures."""
    known = {"asked": ASKED, "rewritten": trials.REWRITTEN, "asleep": ASLEEP_KL, "hand": HAND}
    return " ".join(text.split()).format(**{**known, **facts})


def _swap_digit(engine: DigitEngine, drawing: Floats | None) -> Script:
    image = mnist_sample.of_digit(EXAMPLE) if drawing is None else drawing
    of = f"a handwritten {EXAMPLE}" if drawing is None else "your drawing"
    asked = EXAMPLE if engine.read(image).digit == ASKED else ASKED
    found = trials.rewriting(engine)
    yield _swapped(found, of=of, asked=asked)
    written = trials.write(engine, engine.read(image).style_mean)
    yield views.one_as_ten(image, written, asked, of)
    yield None


def _swap_style(engine: DigitEngine) -> Script:
    found = trials.rewriting(engine)
    yield _swapped(found, slant=signed(found.slant))
    made = trials.copies(engine, ASKED)
    yield views.lines([("style from", trials.ten_examples()), (f"as a {ASKED}", made)])
    yield None


def _weigh_style() -> Script:
    small, measured = _measured("beta")
    names = list(measured)
    best = max(names, key=lambda name: measured[name].legible)
    none, most = measured["β = 0"], measured[best]
    facts = {
        "free": plain(none.style.total, 0),
        "best": best,
        "paid": plain(most.style.total, 1),
        "more": plain(most.recon - none.recon, 1),
        "images": f"{none.style.images:,}",
        "held": _held(small),
    }
    yield Outcome(names.index(best), facts)
    yield views.costs(measured)
    copied = [(f"copied, {name}", trials.copies(engine)) for name, engine in small.items()]
    yield views.lines([("real", trials.ten_examples()), *copied])
    yield views.lines([(f"new, {name}", trials.new(engine)) for name, engine in small.items()])
    yield None


def _held(small: Mapping[str, DigitEngine]) -> str:
    """How much of the digit the styles hold, where all of the models were asked for that."""
    leaks = {name: metric(engine, "digit_leak_sampled") for name, engine in small.items()}
    told = [f"{100 * leak:.1f} % ({name})" for name, leak in leaks.items() if leak is not None]
    if len(told) < len(leaks):
        return ""
    return say(TEXTS["beta"]["held"], {"leaks": " and ".join([", ".join(told[:-1]), told[-1]])})


def _smuggle() -> Script:
    small = _small("leak")
    images, _ = mnist_sample.test_digits()
    measured = {name: trials.conditioned(engine) for name, engine in small.items()}
    # As the table shows them, so that who subtracts finds the same.
    soft, hard = (round(each.hard, 1) - round(each.soft, 1) for each in measured.values())
    yield Outcome(
        2 if max(soft, hard) < LOSS else 0 if soft > hard else 1,
        {"soft": plain(soft, 1), "hard": plain(hard, 1), "images": f"{len(images):,}"},
    )
    rows = trials.most_smuggled(next(iter(small.values())))
    for name, engine in small.items():
        kinds = (images[rows], *trials.two_copies(engine, rows))
        labels = ("real", "with probabilities", "with the digit")
        yield views.lines(list(zip(labels, kinds, strict=True)), name.capitalize())
    yield views.conditioned(measured)
    yield None


def _unlabel() -> Script:
    small = _small("unlabelled")
    counts = trials.strongest_dims(small["weight 0"])
    right, best = counts.trace() / counts.sum(), trials.best_reading(counts)
    used = np.count_nonzero(counts.any(axis=0))
    before, after = (metric(engine, "digit_leak_sampled") for engine in small.values())
    moved = ""
    if before is not None and after is not None:
        facts = {"before": f"{100 * before:.1f}", "after": f"{100 * after:.1f}"}
        moved = say(TEXTS["unlabelled"]["moved"], facts)
    yield Outcome(
        0 if right >= CLEAR else 1 if best >= CLEAR else 2,
        {
            "used": used,
            "are": "is" if used == 1 else "are",
            "moved": moved,
            "best": f"{100 * best:.1f}",
        },
    )
    yield views.lines([(name, trials.average(engine)) for name, engine in small.items()])
    yield None
    yield views.strongest(counts)


def _collapse() -> Script:
    small, measured = _measured("collapse")
    last = measured["β = 50"].style
    total = len(last.per_dim)
    off = [abs(awake - last.awake) for awake in (total, total // 2, 0)]
    yield Outcome(off.index(min(off)), {"dims": total, "images": f"{last.images:,}"})
    yield views.hands([(name, trials.new(each, HAND)) for name, each in small.items()], measured)
    yield None


def _small(key: str) -> Engines:
    """The small models of an experiment, by what to call them. Raises Unusable."""
    engines: dict[str, DigitEngine] = {}
    for called, name in TEXTS[key]["models"].items():
        found = shelf.experiment(name)
        if isinstance(found, str):
            raise Unusable(found)
        engines[called] = found
    return engines


def _measured(key: str) -> tuple[Engines, dict[str, trials.Costs]]:
    """They, and what was measured of each. Raises Unusable where one was not."""
    small = _small(key)
    return small, {called: trials.costs(engine) for called, engine in small.items()}


def _swapped(found: trials.Rewriting, **facts: object) -> Outcome:
    """0: mostly the digit that gave the style is written; 1: the digit asked for, in the same hand;
    2: in another; None: mostly neither of the two, as far as the classifier can read it."""
    facts |= {"obeyed": f"{100 * found.obeyed:.1f}", "kept": f"{100 * found.kept:.1f}"}
    choice: int | None = None
    if found.obeyed >= CLEAR:
        choice = 1 if found.slant >= CLEAR else 2
    # Of what is not obeyed: a blur is read as the digit that gave the style only by chance.
    elif found.kept >= CLEAR * (1 - found.obeyed):
        choice = 0
    unlike = {0: "0", 2: "2", None: "neither"}.get(choice)
    return Outcome(choice, facts, say(TEXTS["unlike"][unlike], facts) if unlike else "")
