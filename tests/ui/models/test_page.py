"""The Models page: all of it comes from the checkpoints' JSON."""

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.models import AddModel
from tests.support.seen import html, open_page, said
from ui.models import copying
from ui.shared import measures, shelf
from vae_model.model.checkpoint import load, update


def test_both_shipped_models_side_by_side(app: AppTest) -> None:
    open_page(app, "models")
    text = html(app)
    for engine in shelf.models().engines.values():
        nats = engine.checkpoint.metrics["nelbo_bernoulli"]
        assert measures.shown(nats, "nats") in text
        assert copying.pictures(engine, engine.name) in text
        assert copying.verdict(engine) in text
    assert "The judge reads 99.48 % of real digits rightly" in text
    # Three curves of both, and the calibration of each.
    assert len(app.get("plotly_chart")) == 5
    app.selectbox(key="model").set_value("article").run()
    assert app.selectbox(key="other_model").value == "studio"


def test_the_judge_is_the_apps_own_wherever_the_models_lie(
    checkpoints: Path, add_model: AddModel, app: AppTest
) -> None:
    add_model()
    (checkpoints / "judge").mkdir()
    (checkpoints / "judge" / "config.json").write_text('{"metrics": {"test_accuracy": 0.5}}')
    assert "The judge reads 99.48 % of real digits rightly" in html(open_page(app, "models"))


@pytest.mark.parametrize("has_history", [True, False])
def test_every_word_of_the_index_leads_to_a_part_of_the_page(
    request: pytest.FixtureRequest, app: AppTest, has_history: bool
) -> None:
    if not has_history:
        request.getfixturevalue("add_model")()
    text = html(open_page(app, "models"))
    anchors = {each.proto.anchor for each in app.header}
    assert ("training" in anchors) == has_history and "again" in anchors
    for anchor in anchors | {"figures"}:
        assert f'<a href="#{anchor}">' in text
    assert '<div id="figures">' in text
    assert text.count('<a href="#') == 1 + len(anchors)


def test_one_model_alone_without_figures(add_model: AddModel, app: AppTest) -> None:
    add_model()
    open_page(app, "models")
    assert "Not evaluated yet" in html(app)
    assert "None that its figures show" not in said(app)
    assert len(app.caption) == 4
    assert all(caption.value.startswith("Not measured yet") for caption in app.caption)
    assert not any("python -m" in caption.value for caption in app.caption)
    assert not app.get("plotly_chart")
    app.context = {"url": "http://127.0.0.1:8501/models"}
    app.run()
    assert all("python -m vae_model evaluate" in caption.value for caption in app.caption)


def test_a_model_measured_before_there_were_such_figures(checkpoints: Path, app: AppTest) -> None:
    old = checkpoints / "studio"
    shutil.copytree(shelf.EXPERIMENTS_FOLDER / "beta-1", old)
    metrics = json.loads((old / "config.json").read_bytes())["metrics"]
    for key in [key for key in metrics if key.startswith("nearest") or key == "calibration_bins"]:
        del metrics[key]
    update(old, of=load(old), metrics=metrics)
    open_page(app, "models")
    assert measures.shown(metrics["nelbo_bernoulli"], "nats") in html(app)
    assert len(app.caption) == 2
    assert all(caption.value.startswith("Not measured yet") for caption in app.caption)
    assert "Copying</th>" not in html(app)


def test_a_hostile_checkpoint_breaks_nothing(add_model: AddModel, app: AppTest) -> None:
    bad = "<script>alert(1)</script>"
    metrics = dict.fromkeys(
        ("test_accuracy", "calibration_bins", "nearest_pairs", "nearest_quantiles", "samples",
         "generation_confusion", "nearest_is_training", "data", "seed"), bad,
    )  # fmt: skip
    add_model(metrics=metrics)
    add_model("other", metrics={key: [{bad: bad}] for key in metrics})
    assert bad not in html(open_page(app, "models"))


def test_models_measured_on_other_digits_are_said_to_be(add_model: AddModel, app: AppTest) -> None:
    figures = {"test_accuracy": 0.9, "samples": {"test_accuracy": 2000}, "seed": 0}
    add_model(metrics=figures | {"data": "sample"})
    add_model("other", metrics=figures | {"data": "mnist"})
    note = open_page(app, "models").caption[0].value
    assert "Not measured alike" in note and "sample" in note and "MNIST" in note
    assert "None that its figures show" in said(app)


def test_a_run_that_was_evaluated_can_be_compared_with(
    add_model: AddModel, root: Path, monkeypatch: pytest.MonkeyPatch, app: AppTest
) -> None:
    monkeypatch.setenv("VAE_RUNS_DIR", str(root))
    add_model()
    assert "other_model" not in [box.key for box in open_page(app, "models").selectbox]
    model = root / "done" / "checkpoint"
    update(model, of=load(model), metrics={"test_accuracy": 0.8642})
    app.run()
    assert app.selectbox(key="other_model").value == "run-done"
    assert "first, your run</th>" in html(app)
    assert "86.42 %" in html(app)
    assert "--preset quick --data sample" in html(app)
