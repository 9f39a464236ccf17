"""The Models page: all of it comes from the checkpoints' JSON."""

import dataclasses
import json
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ui.models import card, copying, measures
from ui.shared import shelf
from vae_model.commands import arguments
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.checkpoint import save_metrics

AddModel = Callable[..., Path]
CHECKPOINTS = Path(__file__).resolve().parents[3] / "checkpoints"
PAGE = "ui/models/page.py"


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def with_metrics(engine: DigitEngine, **metrics: object) -> DigitEngine:
    return DigitEngine(dataclasses.replace(engine.checkpoint, metrics=metrics))


def test_weaknesses_follow_from_the_figures(shipped: DigitEngine) -> None:
    counts = [[100 if a == r else 0 for r in range(10)] for a in range(10)]
    counts[4][4], counts[4][9] = 80, 20
    weak = card.weaknesses(
        with_metrics(shipped, generation_confusion=counts, test_accuracy=0.99,
                     augmented_accuracy=0.59, digit_leak_sampled=0.5)
    )  # fmt: skip
    assert "Asked for a 4, it writes one that is read as 9 in 20.0 %" in weak[0]
    assert "40.0 points" in weak[1]
    assert "50.0 %" in weak[2]
    flawless = with_metrics(shipped, test_accuracy=0.99, augmented_accuracy=0.985)
    assert not any("points" in line for line in card.weaknesses(flawless))


def test_a_model_that_copies_is_said_to(shipped: DigitEngine) -> None:
    def lines(**metrics: object) -> str:
        return " ".join(card.weaknesses(with_metrics(shipped, **metrics)))

    assert "may copy" in lines(nearest_distance=1.0, nearest_distance_rewritten=3.6)
    assert "may copy" in lines(nearest_is_training=1.0, nearest_is_training_chance=0.857)
    assert "may copy" not in lines(**shipped.checkpoint.metrics)


def commands(engine: DigitEngine) -> list[list[str]]:
    lines = [shlex.split(line) for line in card.recipe(engine).splitlines()]
    assert all(line[:3] == ["python", "-m", "vae_model"] for line in lines)
    return [line[3:] for line in lines]


def test_the_recipe_of_a_shipped_model_is_its_preset_calibration_and_measurement(
    shipped: DigitEngine,
) -> None:
    name = shipped.name
    assert commands(shipped) == [
        ["train", "--preset", name, "--data", "mnist", "--out", "build/again"],
        [*("train", "--preset", name, "--data", "mnist"),
         *("--hold-out", "5000", "--out", "build/again-held-out")],
        ["calibrate", "build/again", "--by", "build/again-held-out", "--data", "mnist"],
        ["evaluate", "build/again", "--data", "mnist", "--save"],
    ]  # fmt: skip


def changed(engine: DigitEngine, **changes: object) -> DigitEngine:
    return DigitEngine(dataclasses.replace(engine.checkpoint, **changes))


@pytest.mark.parametrize("preset", ["quick", "article", "nonsense", ["x"], None])
def test_the_recipe_makes_just_this_model(shipped: DigitEngine, preset: object) -> None:
    train = dataclasses.replace(shipped.checkpoint.train, epochs=3, learning_rate=0.00123, seed=7)
    own = changed(
        shipped,
        train=train,
        calibration=None,
        provenance={"preset": preset, "data": "sample", "held_out_training_images": 500},
        metrics={"data": "sample, 500 held-out training digits", "seed": 3},
    )
    first, second = commands(own)
    options = arguments.parser(None).parse_args(first)
    _, model, config = arguments.chosen(options)
    assert (model, config) == (own.checkpoint.model, own.checkpoint.train)
    assert (options.data, options.hold_out) == ("sample", 500)
    options = arguments.parser(None).parse_args(second)
    assert (options.data, options.hold_out, options.seed) == ("sample", 500, 3)


@pytest.mark.parametrize("value", [["x"], "rm -rf /; echo", "mnist; ls", 10**400, -1, True])
def test_the_recipe_takes_no_text_from_the_json(shipped: DigitEngine, value: object) -> None:
    provenance = {"preset": value, "data": value, "held_out_training_images": value}
    own = changed(shipped, provenance=provenance, metrics={"data": value, "seed": value})
    text = card.recipe(own)
    assert not any(word in text for word in (";", "-rf", "[", "000000"))
    for line in commands(own):
        arguments.parser(None).parse_args(line)


def test_what_it_was_measured_on_is_a_fact(shipped: DigitEngine) -> None:
    assert dict(card.facts(shipped))["measured on"] == "10,000 test digits of MNIST, seed 0"
    assert "measured on" not in dict(card.facts(with_metrics(shipped)))
    origin = shipped.checkpoint.provenance
    assert dict(card.facts(shipped))["checksum of the data"] == origin["data_checksum"]


def test_training_time_is_the_sum_over_epochs(shipped: DigitEngine) -> None:
    seconds = sum(epoch["seconds"] for epoch in shipped.checkpoint.history)
    assert dict(card.facts(shipped))["training time"] == f"{seconds / 60:.1f} minutes"


def open_page(app: AppTest) -> AppTest:
    app.run().switch_page(PAGE).run()
    assert not app.exception
    return app


def test_both_shipped_models_side_by_side(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAE_CHECKPOINTS_DIR", raising=False)
    open_page(app)
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
    assert not app.exception
    assert app.selectbox(key="other_model").value == "studio"


def test_every_word_of_the_index_leads_to_a_part_of_the_page(app: AppTest) -> None:
    text = html(open_page(app))
    anchors = {each.proto.anchor for each in app.subheader} | {"figures"}
    assert '<div id="figures">' in text
    links = text.partition('class="index"')[2].partition("</nav>")[0].split('href="#')[1:]
    assert len(links) == 7
    assert {link.partition('"')[0] for link in links} <= anchors


def test_one_model_alone_without_figures(add_model: AddModel, app: AppTest) -> None:
    add_model()
    open_page(app)
    assert "Not evaluated yet" in html(app)
    assert len(app.caption) == 3
    assert all(caption.value.startswith("Not measured yet") for caption in app.caption)
    assert not any("python -m" in caption.value for caption in app.caption)
    assert not app.get("plotly_chart")
    app.context = {"url": "http://127.0.0.1:8501/models"}
    app.run()
    assert all("python -m vae_model evaluate" in caption.value for caption in app.caption)


def test_a_model_that_was_measured_before_there_were_such_figures(
    checkpoints: Path, app: AppTest
) -> None:
    old = checkpoints / "studio"
    shutil.copytree(CHECKPOINTS / "experiments" / "beta-1", old)
    metrics = json.loads((old / "config.json").read_bytes())["metrics"]
    for key in [key for key in metrics if key.startswith("nearest") or key == "calibration_bins"]:
        del metrics[key]
    save_metrics(old, metrics)
    open_page(app)
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
    assert bad not in html(open_page(app))


def test_models_measured_on_other_digits_are_said_to_be(add_model: AddModel, app: AppTest) -> None:
    figures = {"test_accuracy": 0.9, "samples": {"test_accuracy": 2000}, "seed": 0}
    add_model(metrics=figures | {"data": "sample"})
    add_model("other", metrics=figures | {"data": "mnist"})
    said = open_page(app).caption[0].value
    assert "Not measured alike" in said and "sample" in said and "MNIST" in said


def test_a_run_that_was_evaluated_can_be_compared_with(
    add_model: AddModel, root: Path, monkeypatch: pytest.MonkeyPatch, app: AppTest
) -> None:
    monkeypatch.setenv("VAE_RUNS_DIR", str(root))
    add_model()
    assert "other_model" not in [box.key for box in open_page(app).selectbox]
    save_metrics(root / "done" / "checkpoint", {"test_accuracy": 0.8642})
    app.run()
    assert not app.exception
    assert app.selectbox(key="other_model").value == "run-done"
    assert "first, your run</th>" in html(app)
    assert "86.42 %" in html(app)
    assert "--preset quick --data sample" in "".join(code.value for code in app.code)


def test_without_a_model_the_page_says_so(checkpoints: Path, app: AppTest) -> None:
    app.run().switch_page("ui/models/page.py").run()
    assert not app.exception
    assert "no model" in app.info[0].value
    assert app.markdown[0].value.startswith("Every figure")
