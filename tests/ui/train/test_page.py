"""The Train page without a browser: setting up, watching, keeping, comparing."""

import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from streamlit import config
from streamlit.testing.v1 import AppTest

from ui.shared import access, mnist_sample
from ui.shared.drawing import Source
from ui.train import own_digit
from vae_model.engine.digit_engine import DigitEngine
from vae_model.runs import archive, events, folders, jobs
from vae_model.runs import run as runs
from vae_model.runs.events import Progress
from vae_model.runs.folders import RunsError
from vae_model.runs.lock import Job, acquire
from vae_model.runs.spec import TrainingSpec

AddModel = Callable[..., object]
PAGE = "ui/train/page.py"


@pytest.fixture
def train(
    add_model: AddModel, app: AppTest, root: Path, monkeypatch: pytest.MonkeyPatch
) -> AppTest:
    """The page, with one finished run called `first`."""
    monkeypatch.setenv("VAE_RUNS_DIR", str(root))
    add_model()
    app.run()
    app.switch_page(PAGE).run()
    assert not app.exception
    return app


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def view(app: AppTest, name: str) -> AppTest:
    app.segmented_control(key="view").set_value(name).run()
    assert not app.exception
    return app


def button(app: AppTest, label: str) -> Any:
    found = [each for each in app.button if each.label == label]
    assert found, [each.label for each in app.button]
    return found[0]


def second_run(root: Path, name: str = "second") -> Path:
    path = root / name
    shutil.copytree(root / "done", path)
    file = path / "run.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"id": name, "name": name}))
    return path


def test_the_form_holds_every_field_of_the_preset(train: AppTest) -> None:
    from vae_model.model.fields import FIELDS

    assert train.selectbox(key="train_preset").value == "quick"
    keys = {each.key for kind in ("number_input", "text_input", "selectbox", "toggle")
            for each in train.get(kind)}  # fmt: skip
    assert {f"quick.{name}" for name in FIELDS} <= keys
    train.selectbox(key="train_preset").set_value("article").run()
    assert not train.exception
    assert train.number_input(key="article.epochs").value == 20
    assert any("308,654 parameters" in each.value for each in train.markdown)


def test_the_full_mnist_is_offered_where_it_is_or_could_be_put(
    train: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_DATA_DIR", str(tmp_path / "data"))
    train.run()
    assert "mnist" in train.selectbox(key="train_data").options
    (tmp_path / "data").touch()
    train.selectbox(key="train_data").set_value("mnist").run()
    assert not train.exception
    assert train.selectbox(key="train_data").options == ["sample", "auto"]
    assert train.selectbox(key="train_data").value == "sample"


def test_changes_are_counted_and_started(train: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[TrainingSpec] = []

    def start(root: Path, setup: TrainingSpec, name: str = "") -> str:
        started.append(setup)
        return "done"

    monkeypatch.setattr(jobs, "start", start)
    train.number_input(key="quick.epochs").set_value(2)
    train.text_input(key="quick.learning_rate").set_value("0.002")
    train.text_input(key="quick.decoder_hidden").set_value("64, 32").run()
    assert any("3 changed from quick" in each.value for each in train.markdown)
    button(train, "Start training").click().run()
    assert not train.exception
    (setup,) = started
    assert (setup.train.epochs, setup.train.learning_rate) == (2, 0.002)
    assert setup.model.decoder_hidden == (64, 32)
    assert train.segmented_control(key="view").value == "Watch"


def look_elsewhere(train: AppTest, place: str) -> None:
    """Leave the view that is open, and come back to the page."""
    if place == "another view":
        view(train, "Runs")
    else:
        train.switch_page("ui/explore/page.py").run()
        train.switch_page(PAGE).run()
    assert not train.exception


ELSEWHERE = pytest.mark.parametrize("place", ["another view", "another page"])


@ELSEWHERE
def test_what_was_set_up_stays(train: AppTest, place: str) -> None:
    train.selectbox(key="train_preset").set_value("article").run()
    train.selectbox(key="train_data").set_value("auto")
    train.text_input(key="train_name").set_value("mine")
    train.number_input(key="article.epochs").set_value(3)
    train.text_input(key="article.learning_rate").set_value("0.002")
    train.selectbox(key="article.optimizer").set_value("sgd")
    train.toggle(key="article.augment").set_value(True).run()
    train.selectbox(key="train_preset").set_value("quick").run()
    train.text_input(key="quick.beta").set_value("2").run()
    look_elsewhere(train, place)
    view(train, "Set up")
    assert train.text_input(key="quick.beta").value == "2"
    assert any("1 changed from quick" in each.value for each in train.markdown)
    train.selectbox(key="train_preset").set_value("article").run()
    assert not train.exception
    assert train.selectbox(key="train_data").value == "auto"
    assert train.text_input(key="train_name").value == "mine"
    assert train.number_input(key="article.epochs").value == 3
    assert train.text_input(key="article.learning_rate").value == "0.002"
    assert train.selectbox(key="article.optimizer").value == "sgd"
    assert train.toggle(key="article.augment").value
    assert any("4 changed from article" in each.value for each in train.markdown)


def test_a_name_is_given_once(train: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "start", lambda root, setup, name: "done")
    train.number_input(key="quick.epochs").set_value(2)
    train.text_input(key="train_name").set_value("mine").run()
    button(train, "Start training").click().run()
    view(train, "Set up")
    assert train.text_input(key="train_name").value == ""
    assert train.number_input(key="quick.epochs").value == 2


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("learning_rate", "fast", "a number"),
        ("learning_rate", "-1", "learning rate must be"),
        ("decoder_hidden", "10,ten", "whole numbers with commas"),
        ("decoder_hidden", "99999", "decoder hidden must be"),
        ("decoder_hidden", "1,1,1,1,1", "1 to 4"),
        ("beta", "nan", "beta must be"),
        ("synthetic_fraction", "0.5", "augment"),
    ],
)
def test_what_cannot_be_is_said_and_cannot_be_started(
    train: AppTest, field: str, text: str, said: str
) -> None:
    train.text_input(key=f"quick.{field}").set_value(text).run()
    assert not train.exception
    assert said in train.warning[0].value.lower()
    assert "Start training" not in [each.label for each in train.button]


def test_a_refused_start_says_why(train: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise RunsError("the disk is full")

    monkeypatch.setattr(jobs, "start", refuse)
    button(train, "Start training").click().run()
    assert not train.exception
    assert "the disk is full" in train.toast[0].value


def test_nobody_starts_beside_a_running_job(
    train: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "current", lambda root: Job("done", "training"))
    train.run()
    assert button(train, "Start training").disabled


def test_a_run_is_watched(train: AppTest) -> None:
    view(train, "Watch")
    assert any("Finished" in each.value for each in train.markdown)
    board = [each for each in train.get("bidi_component")
             if each.proto.component_name.endswith("epoch_board")]  # fmt: skip
    assert len(board) == 1
    assert len(train.get("plotly_chart")) == 3
    train.toggle(key="train_parts").set_value(True).run()
    assert not train.exception
    assert len(train.get("plotly_chart")) == 6


@ELSEWHERE
def test_the_parts_of_the_loss_stay_open(train: AppTest, place: str) -> None:
    view(train, "Watch")
    train.toggle(key="train_parts").set_value(True).run()
    look_elsewhere(train, place)
    view(train, "Watch")
    assert train.toggle(key="train_parts").value
    assert len(train.get("plotly_chart")) == 6


@pytest.fixture
def drew(train: AppTest) -> AppTest:
    """The visitor has drawn a seven."""
    train.session_state["sources"] = {"Draw": Source(mnist_sample.of_digit(7), "Draw")}
    return train


def test_without_a_drawing_the_page_says_where_to_draw(train: AppTest) -> None:
    view(train, "Watch")
    assert train.get("page_link")
    assert "redrawn" not in html(train)


def test_the_own_drawing_goes_through_all_epochs(drew: AppTest, root: Path) -> None:
    view(drew, "Watch")
    assert any("Your drawing after epoch 3" in each.value for each in drew.subheader)
    for number in (1, 2, 3):
        assert f"Your drawing redrawn after epoch {number}" in html(drew)
    last = html(drew)
    drew.session_state["board-done"] = {"epoch": 1}
    drew.run()
    assert not drew.exception
    assert any("Your drawing after epoch 1" in each.value for each in drew.subheader)
    reading = DigitEngine.load(root / "done" / "epochs" / "0001").read(mnist_sample.of_digit(7))
    assert f"Read as <b>{reading.digit}</b>" in html(drew)
    assert html(drew) != last


def test_the_nearest_epoch_stands_in_for_one_that_was_left_out(drew: AppTest, root: Path) -> None:
    shutil.rmtree(root / "done" / "epochs" / "0001")
    drew.session_state["board-done"] = {"epoch": 1}
    view(drew, "Watch")
    assert any("shown is epoch 2" in each.value for each in drew.caption)
    shutil.rmtree(root / "done" / "epochs")
    drew.run()
    assert not drew.exception
    assert any("not there any more" in each.value for each in drew.caption)


def test_the_film_of_the_own_drawing(root: Path) -> None:
    image = mnist_sample.of_digit(7)
    shown = [own_digit.Frame(number, 7, 0.9, image * number / 3) for number in (1, 2, 3)]
    with Image.open(io.BytesIO(own_digit.film(image, shown))) as film:
        assert (film.format, getattr(film, "n_frames", 1)) == ("GIF", 3)
        assert film.size == (448, 260)
        assert film.info["loop"] == 0


def test_the_row_of_the_own_drawing_stays_short() -> None:
    assert own_digit.evenly([]) == []
    assert own_digit.evenly([4]) == [4]
    for count in (2, 16, 17, 28, 1000):
        numbers = list(range(1, count + 1))
        kept = own_digit.evenly(numbers)
        assert len(kept) <= own_digit.MAX_FRAMES
        assert (kept[0], kept[-1]) == (1, count)
        assert len(set(kept)) == len(kept)


def test_what_was_evaluated_is_shown(train: AppTest, root: Path) -> None:
    view(train, "Watch")
    assert button(train, "Evaluate")
    file = root / "done" / "checkpoint" / "config.json"
    metrics = {"test_accuracy": 0.9871, "frechet_distance": "far", "data": "<b>sample</b>"}
    file.write_text(json.dumps(json.loads(file.read_text()) | {"metrics": metrics}))
    train.run()
    assert not train.exception
    assert "<dt>Test digits read rightly</dt><dd>0.9871</dd>" in html(train)
    assert "Fréchet" not in html(train) and "<b>sample</b>" not in html(train)
    assert button(train, "Evaluate again")


def test_an_evaluation_shows_how_far_it_is(train: AppTest, root: Path) -> None:
    handle = acquire(root, "done", "evaluation")
    progress = Progress("evaluating", share=0.5, message="probing styles")
    events.write_progress(root / "done" / "progress.json", progress)
    try:
        view(train, "Watch")
    finally:
        os.close(handle)
    bars = train.get("progress")
    assert [bar.proto.text for bar in bars] == ["Evaluating: probing styles"] * 2
    assert {bar.proto.value for bar in bars} == {50}
    assert "Evaluate" not in [each.label for each in train.button]
    assert button(train, "Stop")


def test_an_evaluation_that_is_refused_says_why_where_it_was_asked_for(
    train: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RunsError("only one at a time")

    monkeypatch.setattr(jobs, "evaluate", refuse)
    view(train, "Runs")
    button(train, "Evaluate").click().run()
    assert [each.value for each in train.toast] == ["only one at a time"]
    assert train.segmented_control(key="view").value == "Runs"


def test_the_limit_of_an_import_is_that_of_the_server(train: AppTest) -> None:
    view(train, "Runs")
    limit = train.file_uploader(key="train_import").proto.max_upload_size_mb
    assert limit == min(archive.MAX_PAGE_MB, config.get_option("server.maxUploadSize"))


def test_a_run_comes_in_by_the_page(train: AppTest, root: Path) -> None:
    target = io.BytesIO()
    archive.export_run(root, "done", target)
    view(train, "Runs")
    train.file_uploader(key="train_import").set_value(
        ("run.zip", target.getvalue(), "application/zip")
    ).run()
    button(train, "Import").click().run()
    assert not train.exception
    assert len(runs.list_runs(root).runs) == 2
    assert train.segmented_control(key="view").value == "Watch"


def test_what_is_no_run_is_refused_in_words(train: AppTest, root: Path) -> None:
    view(train, "Runs")
    train.file_uploader(key="train_import").set_value(
        ("run.zip", b"hello", "application/zip")
    ).run()
    button(train, "Import").click().run()
    assert not train.exception
    assert "no readable .zip" in train.error[0].value


def test_what_an_export_leaves_out_is_said(train: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    view(train, "Runs")
    assert not any("leaves" in each.value for each in train.caption)
    monkeypatch.setattr(archive, "kept_epochs", lambda run: [3])
    train.run()
    assert any("leaves those of 2 out" in each.value for each in train.caption)


def test_an_interrupted_run_can_go_on(
    train: AppTest, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resumed: list[str] = []
    monkeypatch.setattr(jobs, "resume", lambda root, run_id: resumed.append(run_id))
    events = root / "done" / "events.jsonl"
    events.write_text("".join(events.read_text().splitlines(keepends=True)[:-1]))
    view(train, "Watch")
    assert any("Interrupted" in each.value for each in train.markdown)
    button(train, "Go on").click().run()
    assert resumed == ["done"]


def test_runs_are_listed_with_what_they_were(train: AppTest) -> None:
    view(train, "Runs")
    assert "<b>first</b>" in html(train)
    assert "finished · 3 of 3 epochs · quick" in html(train)
    assert html(train).count("after the last epoch") == 10


@pytest.mark.parametrize("place", ["Watch", "Runs"])
@pytest.mark.parametrize("training", ["on", "off"])
def test_a_run_becomes_the_model_of_the_app(
    train: AppTest, monkeypatch: pytest.MonkeyPatch, place: str, training: str
) -> None:
    monkeypatch.setenv("VAE_TRAINING", training)
    train.run()
    view(train, place)
    button(train, "Use in the app").click().run()
    assert not train.exception and not train.warning
    assert "The app now uses “first”" in train.toast[0].value
    assert train.title[0].value == "Explore"
    assert train.selectbox(key="model").value == "run-done"
    assert train.query_params["model"] == "first, your run"


def test_what_still_trains_is_watched_before_it_is_used(train: AppTest, root: Path) -> None:
    handle = acquire(root, "done", "training")
    try:
        view(train, "Watch")
    finally:
        os.close(handle)
    assert "Use in the app" not in [each.label for each in train.button]


def test_delete_and_undo(train: AppTest, root: Path) -> None:
    view(train, "Runs")
    button(train, "Delete").click().run()
    assert not (root / "done").exists()
    assert any("Deleted “first”" in each.value for each in train.markdown)
    button(train, "Undo").click().run()
    assert not train.exception
    assert (root / "done").exists()
    assert "<b>first</b>" in html(train)


def test_an_undo_is_that_of_the_visit_that_deleted(train: AppTest, root: Path) -> None:
    second_run(root)
    view(train, "Runs")
    train.button(key="delete-second").click().run()
    # Somebody else deletes the other one, and does not take it back.
    folders.delete(root, "done")
    train.run()
    assert any("Deleted “second”" in each.value for each in train.markdown)
    button(train, "Undo").click().run()
    assert not train.exception
    assert [run.id for run in runs.list_runs(root).runs] == ["second"]
    assert "Undo" not in [each.label for each in train.button]


def test_nothing_is_said_to_be_deleted_that_was_not(train: AppTest, root: Path) -> None:
    second_run(root)
    folders.delete(root, "second")
    view(train, "Runs")
    handle = acquire(root, "done", "training")
    train.button(key="delete-done").click().run()
    os.close(handle)
    assert "stop it first" in train.toast[0].value
    assert not any("Deleted" in each.value for each in train.markdown)
    assert (root / "done").exists()


def test_an_undo_that_cannot_be_is_said_and_stays(train: AppTest, root: Path) -> None:
    view(train, "Runs")
    button(train, "Delete").click().run()
    shutil.copytree(next(root.glob(f"{folders.TRASH_PREFIX}*")) / "done", root / "done")
    button(train, "Undo").click().run()
    assert "there is another done by now" in train.toast[0].value
    assert button(train, "Undo")


def test_rename(train: AppTest, root: Path) -> None:
    view(train, "Runs")
    train.text_input(key="name-done").set_value("a <b>bold</b> one").run()
    button(train, "Rename").click().run()
    assert not train.exception
    assert runs.load(root, "done").name == "a <b>bold</b> one"
    assert "a &lt;b&gt;bold&lt;/b&gt; one" in html(train)


def test_a_damaged_run_is_named(train: AppTest, root: Path) -> None:
    second_run(root)
    (root / "second" / "run.json").write_text("{")
    view(train, "Runs")
    assert "`second` cannot be read" in train.warning[0].value
    assert "<b>first</b>" in html(train)


def test_two_runs_compared(train: AppTest, root: Path) -> None:
    view(train, "Compare")
    assert "two runs" in train.info[0].value
    second_run(root)
    train.run()
    assert not train.exception
    assert len(train.get("plotly_chart")) == 3
    assert "They were set up alike" in html(train)
    assert "<th>Accuracy</th>" in html(train)


@ELSEWHERE
def test_the_choice_of_runs_to_compare_stays(train: AppTest, root: Path, place: str) -> None:
    for name in ("second", "third", "fourth"):
        second_run(root, name)
    view(train, "Compare")
    train.multiselect(key="train_compared").set_value(["done", "second", "third"]).run()
    look_elsewhere(train, place)
    view(train, "Compare")
    assert train.multiselect(key="train_compared").value == ["done", "second", "third"]
    # One is gone when the visitor comes back, and one has another name.
    shutil.rmtree(root / "second")
    runs.rename(root, "third", "renamed")
    look_elsewhere(train, place)
    view(train, "Compare")
    assert train.multiselect(key="train_compared").value == ["done", "third"]
    assert "<th>renamed</th>" in html(train)
    shutil.rmtree(root / "third")
    view(train, "Runs")
    view(train, "Compare")
    assert "Choose two to four" in train.info[0].value


def test_a_run_and_its_copy_are_told_apart(train: AppTest, root: Path) -> None:
    second_run(root, "copy")
    runs.rename(root, "copy", "first")
    view(train, "Compare")
    assert set(train.multiselect(key="train_compared").options) == {"first (1)", "first (2)"}
    assert "<th>first (1)</th>" in html(train) and "<th>first (2)</th>" in html(train)
    figure = json.loads(train.get("plotly_chart")[0].proto.spec)
    assert len(figure["data"]) == 2


def test_where_training_is_off_runs_can_still_be_seen(
    train: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_TRAINING", "off")
    train.run()
    assert not train.exception
    assert "turned off on this server" in train.info[0].value
    assert "`" not in train.info[0].value
    assert train.segmented_control(key="view").options == ["Watch", "Runs", "Compare"]
    view(train, "Runs")
    assert "Delete" not in [each.label for each in train.button]


def test_where_pytorch_is_not_installed_training_is_off_by_itself(
    train: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "has_torch", lambda: False)
    train.run()
    assert not train.exception
    assert [each.value for each in train.info] == [
        "Training needs PyTorch, which is not installed on this server."
    ]
    assert train.segmented_control(key="view").options == ["Watch", "Runs", "Compare"]


def test_who_turned_training_off_is_told_how_it_is_on(
    train: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_TRAINING", "off")
    train.context = {"url": "http://localhost:8501/train"}
    train.run()
    assert "VAE_TRAINING=off" in train.info[0].value


def test_where_uploads_would_be_refused_an_import_is_not_tried(
    train: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "can_upload", lambda: False)
    view(train, "Runs")
    assert not train.get("file_uploader")
    assert "cookie that protects uploads" in train.info[0].value


def test_an_address_that_names_no_run_shows_another(train: AppTest) -> None:
    train.query_params.update({"view": "Watch", "run": "../../etc"})
    view(train, "Watch")
    assert train.selectbox(key="run").value == "done"
