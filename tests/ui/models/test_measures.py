"""Every figure stands in the table, explained, as the checkpoint's JSON has it."""

import dataclasses
from pathlib import Path

import pytest

from ui.models import measures
from vae_model.engine.digit_engine import DigitEngine

CHECKPOINTS = Path(__file__).resolve().parents[3] / "checkpoints"
EXPLAINED = {each.key: each for _, group in measures.GROUPS for each in group}


def with_metrics(engine: DigitEngine, **metrics: object) -> DigitEngine:
    return DigitEngine(dataclasses.replace(engine.checkpoint, metrics=metrics))


def test_every_scalar_that_is_measured_is_explained_and_shown(shipped: DigitEngine) -> None:
    text = measures.table({"it": shipped})
    scalars = {
        key: value
        for key, value in shipped.checkpoint.metrics.items()
        if isinstance(value, int | float) and key != "seed"
    }
    assert scalars.keys() == EXPLAINED.keys() - {measures.JUDGE}
    for key, value in scalars.items():
        each = EXPLAINED[key]
        assert each.meaning and each.good
        row = text[text.index(f"<summary>{each.name}</summary><span>{each.meaning}") :]
        row = row[: row.index("</tr>")]
        assert f"Good: {each.good}" in row
        assert f">{measures.shown(value, each.kind)}</td>" in row, key


def test_names_of_figures_are_not_used_twice_within_a_group() -> None:
    for title, group in measures.GROUPS:
        assert len({each.name for each in group}) == len(group), title


def test_the_better_figure_is_marked() -> None:
    studio, article = (DigitEngine.load(CHECKPOINTS / name) for name in ("studio", "article"))
    text = measures.table({"studio": studio, "article": article})
    for key, kind in (("test_accuracy", "share"), ("nelbo_bernoulli", "nats")):
        better, worse = (
            measures.shown(engine.checkpoint.metrics[key], kind) for engine in (studio, article)
        )
        assert f'<td class="best">{better}</td><td class="">{worse}</td>' in text
    swapped = measures.table({"article": article, "studio": studio})
    assert swapped.count('class="best"') == text.count('class="best"')


def test_the_judge_stands_beside_what_it_judged(shipped: DigitEngine) -> None:
    assert "<td" in measures.table({"it": shipped}, 0.9876).partition("the judge on real")[2]
    assert "98.76 %" in measures.table({"it": shipped}, 0.9876)
    assert "98.76 %" not in measures.table({"it": with_metrics(shipped)}, 0.9876)


@pytest.mark.parametrize("value", [None, "0.5", float("nan"), float("inf"), True, [1], 10**400])
def test_what_is_no_number_is_left_out(shipped: DigitEngine, value: object) -> None:
    text = measures.table({"it": with_metrics(shipped, test_accuracy=value)})
    assert "not evaluated" in text.lower()


def test_names_of_models_are_no_html(shipped: DigitEngine) -> None:
    assert "<b>mine</b>" not in measures.table({"<b>mine</b>": shipped})
