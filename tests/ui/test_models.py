"""The Models page: all of it comes from the checkpoints' JSON."""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ui import model_card, models
from vae_model.config import PRESETS
from vae_model.engine import DigitEngine

AddModel = Callable[..., object]
CHECKPOINTS = Path(__file__).resolve().parents[2] / "checkpoints"


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def with_metrics(engine: DigitEngine, **metrics: object) -> DigitEngine:
    return DigitEngine(dataclasses.replace(engine.checkpoint, metrics=metrics))


def test_every_scalar_that_is_measured_stands_on_the_card(shipped: DigitEngine) -> None:
    measures = {each.key: each for _, group in model_card.GROUPS for each in group}
    text = model_card.table({"it": shipped})
    unexplained = {"seed", "samples", "data", "checkpoint", "kl_per_dim", "generation_confusion"}
    for key, value in shipped.checkpoint.metrics.items():
        if key in measures:
            assert f">{model_card.shown(value, measures[key].kind)}</td>" in text, key
        elif key not in unexplained:
            assert not isinstance(value, float), f"{key} is measured but not explained"


def test_the_better_figure_is_marked() -> None:
    studio, article = (DigitEngine.load(CHECKPOINTS / name) for name in ("studio", "article"))
    text = model_card.table({"studio": studio, "article": article})
    for key, kind in (("test_accuracy", "share"), ("nelbo_bernoulli", "nats")):
        better, worse = (
            model_card.shown(engine.checkpoint.metrics[key], kind) for engine in (studio, article)
        )
        assert f'<td class="best">{better}</td><td class="">{worse}</td>' in text
    swapped = model_card.table({"article": article, "studio": studio})
    assert swapped.count('class="best"') == text.count('class="best"')


def test_confusion_holds_all_counts(shipped: DigitEngine) -> None:
    text = model_card.confusion(shipped)
    cells = re.findall(r"<td[^>]*>(\d*)</td>", text)
    counts = shipped.checkpoint.metrics["generation_confusion"]
    flat = [count for row in counts for count in row]
    assert [int(cell or 0) for cell in cells[-100:]] == flat


@pytest.mark.parametrize("counts", [None, "x", [], [[1] * 10] * 9, [[1] * 9] * 10, [[-1] * 10] * 10,
                                    [[1.5] * 10] * 10])  # fmt: skip
def test_damaged_confusion_is_left_out(shipped: DigitEngine, counts: object) -> None:
    assert model_card.confusion(with_metrics(shipped, generation_confusion=counts)) == ""
    assert model_card.weaknesses(with_metrics(shipped, generation_confusion=counts)) is not None


def test_weaknesses_follow_from_the_figures(shipped: DigitEngine) -> None:
    counts = [[100 if a == r else 0 for r in range(10)] for a in range(10)]
    counts[4][4], counts[4][9] = 80, 20
    weak = model_card.weaknesses(
        with_metrics(shipped, generation_confusion=counts, test_accuracy=0.99,
                     augmented_accuracy=0.59, digit_leak_sampled=0.5)
    )  # fmt: skip
    assert "Asked for a 4, it writes one that is read as 9 in 20.0 %" in weak[0]
    assert "40.0 points" in weak[1]
    assert "50.0 %" in weak[2]
    flawless = with_metrics(shipped, test_accuracy=0.99, augmented_accuracy=0.985)
    assert not any("points" in line for line in model_card.weaknesses(flawless))


@pytest.mark.parametrize("value", [None, "0.5", float("nan"), float("inf"), True, [1]])
def test_what_is_no_number_is_left_out(shipped: DigitEngine, value: object) -> None:
    assert "not evaluated" in model_card.table(
        {"it": with_metrics(shipped, test_accuracy=value)}
    ).lower()  # fmt: skip


def test_the_recipe_of_a_shipped_model_is_its_preset(shipped: DigitEngine) -> None:
    lines, changed = model_card.recipe(shipped)
    assert f"--preset {shipped.name} --data mnist" in lines
    assert changed == []


def test_a_changed_model_says_what_differs() -> None:
    engine = DigitEngine.load(CHECKPOINTS / "article")
    train = dataclasses.replace(engine.checkpoint.train, epochs=3)
    changed = DigitEngine(dataclasses.replace(engine.checkpoint, train=train))
    assert model_card.recipe(changed)[1] == [
        f"epochs is 3, not {PRESETS['article'].train.epochs}"
    ]  # fmt: skip
    strange = DigitEngine(dataclasses.replace(engine.checkpoint, provenance={"preset": ["x"]}))
    assert model_card.recipe(strange)[0] == ""


def test_curves_are_the_history(shipped: DigitEngine) -> None:
    figure = model_card.curve({"it": shipped}, "test", "accuracy")
    history = shipped.checkpoint.history
    assert figure["data"][0]["x"] == [epoch["epoch"] for epoch in history]
    assert figure["data"][0]["y"] == [100 * epoch["test"]["accuracy"] for epoch in history]
    bad = dataclasses.replace(shipped.checkpoint, history=[None, {}, {"epoch": 1, "test": 3}])
    assert model_card.curve({"it": DigitEngine(bad)}, "test", "kl")["data"][0]["y"] == []


def test_training_time_is_the_sum_over_epochs(shipped: DigitEngine) -> None:
    seconds = sum(epoch["seconds"] for epoch in shipped.checkpoint.history)
    assert dict(model_card.facts(shipped))["training time"] == f"{seconds / 60:.1f} minutes"


def test_both_shipped_models_side_by_side(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAE_CHECKPOINTS_DIR", raising=False)
    app.run().switch_page("ui/pages/models.py").run()
    assert not app.exception
    text = html(app)
    for engine in models.shelf().engines.values():
        nats = engine.checkpoint.metrics["nelbo_bernoulli"]
        assert model_card.shown(nats, "nats") in text
    assert "99.48 %" in app.caption[0].value
    assert len(app.get("plotly_chart")) == 3
    app.selectbox(key="model").set_value("article").run()
    assert not app.exception
    assert app.selectbox(key="other_model").value == "studio"


def test_one_model_alone_without_figures(add_model: AddModel, app: AppTest) -> None:
    add_model()
    app.run().switch_page("ui/pages/models.py").run()
    assert not app.exception
    assert "Not evaluated yet" in html(app)
    assert not app.get("plotly_chart")


def test_without_a_model_the_page_says_so(checkpoints: Path, app: AppTest) -> None:
    app.run().switch_page("ui/pages/models.py").run()
    assert not app.exception
    assert "no model" in app.info[0].value
    assert app.markdown[0].value.startswith("Every figure")
