"""One run on the Train page: how far it is, its epochs and figures, and the visitor's digit."""

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from unittest.mock import Mock

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.support.runs import working
from tests.support.seen import (
    choose,
    click,
    component,
    components,
    heard,
    labels,
    open_page,
    pictures,
    said,
    text,
)
from ui.shared import mnist_sample
from ui.shared.dims import style_dims
from ui.train import own_digit
from ui.train import watch as watch_view
from vae_model.engine.digit_engine import DigitEngine
from vae_model.runs import events, folders, jobs
from vae_model.runs.events import Progress
from vae_model.runs.folders import RunsError
from vae_model.runs.run import rename


@pytest.fixture
def watch(train: AppTest) -> AppTest:
    return choose(train, "view", "Watch")


def test_a_run_is_watched_and_its_loss_in_parts_stays_open(
    watch: AppTest, look_elsewhere: Callable[[], object]
) -> None:
    assert "Finished" in said(watch)
    assert components(watch, "epoch_board")
    assert {"Train", "Finished 3 of 3 epochs"} <= {*heard(watch)}
    assert len(watch.get("plotly_chart")) == 3
    watch.toggle(key="train_parts").set_value(True).run()
    assert len(watch.get("plotly_chart")) == 6
    assert "Point at a line to see which dim it is." in said(watch)
    look_elsewhere()
    assert len(choose(watch, "view", "Watch").get("plotly_chart")) == 6


def test_a_chart_says_in_words_what_it_shows(watch: AppTest, add_run: Callable[..., None]) -> None:
    add_run()
    for view in ("Watch", "Compare"):
        for chart in choose(watch, "view", view).get("plotly_chart"):
            on_test = json.loads(chart.proto.spec)["data"][0]
            assert f" {on_test['y'][-1]:.2f}" in chart.proto.alt


def test_style_dims_are_called_as_on_explore_once_the_run_rests(watch: AppTest, root: Path) -> None:
    def traces() -> list[str]:
        spec = json.loads(watch.get("plotly_chart")[-1].proto.spec)
        return [trace["name"] for trace in spec["data"]]

    watch.toggle(key="train_parts").set_value(True).run()
    awake, asleep = style_dims(DigitEngine.load(root / "done/checkpoint"))
    dims = sorted([*awake, *asleep], key=attrgetter("dim"))
    assert traces() == [f"dim {each.dim + 1}, {each.name}" for each in dims]
    with working(root):
        watch.run()
    assert traces() == ["dim 1", "dim 2", "dim 3"]


def test_the_own_drawing_goes_through_all_epochs(watch: AppTest, root: Path) -> None:
    assert watch.get("page_link") and not any("redrawn" in name for name in pictures(watch))
    image = mnist_sample.of_digit(7)
    watch.session_state["images"] = {"Draw": image}
    assert "Your drawing after epoch 3" in said(watch.run())
    last = pictures(watch)
    assert {f"Your drawing redrawn after epoch {number}" for number in (1, 2, 3)} <= set(last)
    watch.session_state["board-done"] = {"epoch": 1}
    assert "Your drawing after epoch 1" in said(watch.run())
    reading = DigitEngine.load(root / "done" / "epochs" / "0001").read(image)
    assert f"Read as {reading.digit} " in " ".join(text(watch).split())
    assert pictures(watch)["This epoch's redrawing"] != last["This epoch's redrawing"]
    # Those of a run that was imported without some.
    shutil.rmtree(root / "done" / "epochs" / "0001")
    assert "shown is epoch 2" in said(watch.run())
    shutil.rmtree(root / "done" / "epochs")
    assert "not there any more" in said(watch.run())


def test_the_film_of_the_own_drawing(root: Path) -> None:
    image = mnist_sample.of_digit(7)
    epochs = root / "done" / "epochs"
    readings = {n: DigitEngine.load(epochs / f"{n:04}").read(image) for n in (1, 2, 3)}
    with Image.open(io.BytesIO(own_digit.film(image, readings))) as film:
        assert (film.format, getattr(film, "n_frames", 1)) == ("GIF", 3)
        assert film.size == (448, 260)
        assert film.info["loop"] == 0


def test_what_was_evaluated_is_shown(watch: AppTest, root: Path) -> None:
    assert "Evaluate" in labels(watch)
    file = root / "done" / "checkpoint" / "config.json"
    hostile = "a <b>bold</b> one"
    metrics = {"test_accuracy": 0.9871, "frechet_distance": "far", "data": hostile}
    file.write_text(json.dumps(json.loads(file.read_text()) | {"metrics": metrics}))
    shown = text(watch.run())
    assert "test accuracy 98.71 %" in shown and hostile in shown
    assert "Fréchet" not in shown
    assert "Evaluate again" in labels(watch)


def test_what_has_no_checkpoint_yet_is_used_but_not_evaluated(watch: AppTest, root: Path) -> None:
    shutil.rmtree(root / "done" / "checkpoint")
    for view in ("Watch", "Runs"):
        shown = labels(choose(watch, "view", view))
        assert "Use in the app" in shown and "Evaluate" not in shown
    with pytest.raises(RunsError, match="no model"):
        jobs.evaluate(root, "done")


def test_an_evaluation_shows_how_far_it_is(watch: AppTest, root: Path) -> None:
    progress = Progress("evaluating", share=0.5, message="probing styles")
    events.write_progress(root / "done" / "progress.json", progress)
    with working(root, kind="evaluation"):
        watch.run()
    bars = watch.get("progress")
    assert [bar.proto.text for bar in bars] == ["Evaluating: probing styles"] * 2
    assert {bar.proto.value for bar in bars} == {50}
    assert "Evaluating" in heard(watch)
    assert "Evaluate" not in labels(watch) and "Stop" in labels(watch)


@pytest.mark.usefixtures("unfinished")
def test_a_training_shows_how_far_it_is_and_is_no_model_yet(watch: AppTest, root: Path) -> None:
    progress = Progress("training", 1, 3, 30, 60, images_per_second=2000, seconds_left=200)
    events.write_progress(root / "done" / "progress.json", progress)
    with working(root):
        watch.run()
    (bar,) = watch.get("progress")
    assert bar.proto.text == (
        "Training, epoch 2 of 3, batch 30 of 60, 2,000 images a second, 3 minutes left"
    )
    assert bar.proto.value == 50
    events.write_progress(root / "done" / "progress.json", replace(progress, epoch=3, batch=0))
    with working(root):
        watch.run()
    (bar,) = watch.get("progress")
    assert (bar.proto.text, bar.proto.value) == ("Finishing", 100)
    assert "Use in the app" not in labels(watch)
    assert {"Pause", "Stop"} <= set(labels(watch))


@pytest.mark.usefixtures("unfinished")
def test_an_interrupted_run_can_go_on(watch: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "resume", resume := Mock())
    assert "Interrupted" in said(watch.run())
    click(watch, "Go on")
    assert [call.args[1] for call in resume.call_args_list] == ["done"]


def test_what_an_address_names_and_is_not_there_is_said_and_another_shown(train: AppTest) -> None:
    train.query_params.update({"view": "Gaze", "run": "../../etc"})
    (info,) = train.run().info
    assert "there is no view “Gaze”; there is no run “....etc”" in info.value.replace("\\", "")
    assert train.segmented_control(key="view").value == "Set up"
    assert choose(train, "view", "Watch").selectbox(key="run").value == "done"
    train.query_params.update({"view": "Watch", "run": "done"})
    assert not train.run().info


def watched(page: AppTest) -> object:
    """What the browser is to write into the address."""
    return component(page, "watched")["run"]


def test_an_older_link_has_what_its_run_is_called(
    train: AppTest, add_run: Callable[..., None]
) -> None:
    add_run()
    train.query_params["run"] = "first"
    assert not choose(train, "view", "Watch").info
    assert train.selectbox(key="run").value == watched(train) == "done"


def test_the_run_that_is_watched_stays_though_another_comes_to_be_called_alike(
    watch: AppTest, root: Path, add_run: Callable[..., None]
) -> None:
    for name in ("second", "third"):
        add_run(name)
    watch.run().selectbox(key="run").select("second").run()
    assert watched(watch) == "second"
    rename(root, "third", "second")
    for _ in range(2):
        assert watch.run().selectbox(key="run").value == "second"
    assert not watched(choose(watch, "view", "Runs"))
    assert choose(watch, "view", "Watch").selectbox(key="run").value == "second"


def test_a_model_whose_run_was_deleted_is_said_to_be_gone_once(train: AppTest, root: Path) -> None:
    click(choose(train, "view", "Runs"), "Use in the app")
    folders.delete(root, "done")
    train.switch_page("ui/map/page.py").run()
    assert [each.value for each in train.info] == [
        "“first, your run” is not there any more. Shown now is “studio”."
    ]
    assert train.selectbox(key="model").value == "studio"
    assert "model" not in train.query_params
    assert not open_page(train, "xray").info


@pytest.mark.parametrize(("place", "training"), [("Watch", "on"), ("Runs", "on"), ("Runs", "off")])
def test_a_run_becomes_the_model_of_the_app(
    train: AppTest, monkeypatch: pytest.MonkeyPatch, place: str, training: str
) -> None:
    monkeypatch.setenv("VAE_TRAINING", training)
    click(choose(train.run(), "view", place), "Use in the app")
    assert not train.warning
    assert "The app now uses “first”" in train.toast[0].value
    assert train.title[0].value == "Explore"
    assert train.selectbox(key="model").value == "run-done"
    assert train.query_params["model"] == "first, your run"


@pytest.mark.parametrize("place", ["Watch", "Runs"])
def test_a_model_that_cannot_be_loaded_is_not_used_and_it_is_said_why(
    train: AppTest, root: Path, place: str
) -> None:
    weights = root / "done" / "checkpoint" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-9])
    click(choose(train, "view", place), "Use in the app")
    (toast,) = train.toast
    reason = toast.value.replace("\\", "")
    assert reason.startswith("Its model cannot be loaded: ") and str(root) not in reason
    assert train.title[0].value == "Train" and train.selectbox(key="model").value == "studio"


@pytest.mark.parametrize("key", ["use-done", "open-done"])
def test_a_run_that_another_visitor_deleted_meanwhile_is_said_not_to_be_there(
    train: AppTest, root: Path, add_run: Callable[..., None], key: str
) -> None:
    add_run()
    choose(train, "view", "Runs")
    folders.delete(root, "done")
    train.button(key=key).click().run()
    assert [each.value for each in train.toast] == ["There is no run done"]
    assert train.segmented_control(key="view").value == "Runs"
    assert train.selectbox(key="model").value == "studio"


def test_a_page_at_rest_comes_anew_once_another_visitor_has_begun_something(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_RUNS_DIR", str(root))
    monkeypatch.setattr(watch_view.st, "rerun", rerun := Mock())
    for run_id in ("done", "deleted"):
        watch_view._await_job(run_id)
    rerun.assert_not_called()
    with working(root):
        watch_view._await_job("done")
    rerun.assert_called_once()
