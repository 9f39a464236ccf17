"""How well the digit can be read out of the style: figures, what they should be, and why."""

from markupsafe import Markup

from ui.shared.measures import LEAKS
from ui.shared.parts import group
from ui.shared.stored import leak_chance, metric
from vae_model.engine.digit_engine import DigitEngine

_WHY = (
    "It should not. If z held the digit too, a style would mean something else for each digit, and "
    "sliders would turn a 3 into an 8. So a second network, a probe, is trained to read the digit "
    "from z alone. Had z none of it, the probe could do no better than to say the commonest "
    "digit each time: right for **{:.2f} %** of the test digits."
)
_LEAK = Markup(
    '<div class="leak"><b>{:.1f} %</b><div class="bar"><i style="width:{:.1f}%"></i>'
    '<u style="left:{:.1f}%"></u></div><span>{}</span><small>{}</small></div>'
)


def why(engine: DigitEngine) -> str:
    """What the figures should be, as Markdown."""
    return _WHY.format(100 * leak_chance(engine.checkpoint.metrics))


def figures(engine: DigitEngine) -> Markup | None:
    """The figures of `evaluate`, each beside what guessing gives; None where there are none."""
    chance = 100 * leak_chance(engine.checkpoint.metrics)
    parts = [
        _LEAK.format(100 * value, 100 * min(max(value, 0), 1), chance, each.name,
                     each.meaning)
        for each in LEAKS
        if (value := metric(engine, each.key)) is not None
    ]  # fmt: skip
    return group("leaks", *parts) if parts else None
