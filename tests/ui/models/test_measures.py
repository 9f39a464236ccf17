"""Every figure stands in the table, explained, as the checkpoint's JSON has it."""

from tests.support.models import with_metrics
from ui.models.figures import figures_table
from ui.shared.measures import GROUPS, JUDGE, LEAK_CHANCE, shown
from vae_model.engine.digit_engine import DigitEngine


def test_every_scalar_that_is_measured_is_explained_and_shown(shipped: DigitEngine) -> None:
    text = figures_table({"it": shipped}, 0.9876).striptags()
    explained = {each.key: each for group in GROUPS.values() for each in group}
    scalars = {
        key: value
        for key, value in shipped.checkpoint.metrics.items()
        if isinstance(value, int | float) and key != "seed"
    }
    others = {JUDGE: 0.9876, LEAK_CHANCE: 0.1135}
    assert scalars.keys() | others.keys() == explained.keys()
    for key, each in explained.items():
        value = shown((others | scalars)[key], each.kind)
        assert f"{each.name}{each.meaning} Good: {each.good}{value}" in text
    assert "98.76 %" not in figures_table({"it": with_metrics(shipped)}, 0.9876)


def test_the_better_figure_is_marked(shipped: DigitEngine) -> None:
    worse = with_metrics(shipped, test_accuracy=0.8, nelbo_bernoulli=90.0)
    better = with_metrics(shipped, test_accuracy=0.9, nelbo_bernoulli=110.0)
    text = figures_table({"a": worse, "b": better})
    assert text.count("font-weight:600") == 2
    assert 'font-weight:600">90.00 %' in text and 'font-weight:600">90.0 nats' in text
    assert "font-weight" not in figures_table({"a": worse})
