"""The Train page without a browser: setting up, watching, keeping, comparing."""

import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from streamlit import config
from streamlit.testing.v1 import AppTest

from tests.support.seen import open_page, pictures, text
from ui.shared import access, mnist_sample
from ui.shared.drawing import Source
from ui.train import own_digit
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.config import PRESETS
from vae_model.model.fields import FIELDS
from vae_model.runs import archive, events, folders, jobs
from vae_model.runs import run as runs
from vae_model.runs.events import Progress
from vae_model.runs.folders import RunsError
from vae_model.runs.lock import JobKind, acquire
from vae_model.runs.spec import TrainingSpec

HOSTILE = "a <b>bold</b> one"


@pytest.fixture
def train(
    add_model: Callable[..., object], app: AppTest, root: Path, monkeypatch: pytest.MonkeyPatch
) -> AppTest:
    """The page, with one finished run called `first`."""
    monkeypatch.setenv("VAE_RUNS_DIR", str(root))
    add_model()
    return open_page(app, "train")


def rerun(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def view(app: AppTest, name: str) -> AppTest:
    app.segmented_control(key="view").set_value(name)
    return rerun(app)


def viewed(app: AppTest) -> object:
    return app.segmented_control(key="view").value


def labels(app: AppTest) -> list[str]:
    return [each.label for each in app.button]


def click(app: AppTest, label: str) -> AppTest:
    app.button[labels(app).index(label)].click()
    return rerun(app)


def said(app: AppTest) -> str:
    """What stands on the page as Markdown."""
    return "\n".join(each.value for each in [*app.markdown, *app.subheader, *app.caption])


def second_run(root: Path, run_id: str = "second", name: str = "") -> None:
    path = root / run_id
    shutil.copytree(root / "done", path)
    file = path / "run.json"
    changed = {"id": run_id, "name": name or run_id}
    file.write_text(json.dumps(json.loads(file.read_text()) | changed))


def refuse(*_: object, **__: object) -> str:
    raise RunsError("the disk is full")


def unfinish(run: Path) -> None:
    """Takes the last event away, which says that it is finished."""
    events = run / "events.jsonl"
    events.write_text("".join(events.read_text().splitlines(keepends=True)[:-1]))


@contextmanager
def working(root: Path, kind: JobKind) -> Iterator[None]:
    """The run `done` is being trained or evaluated."""
    handle = acquire(root, "done", kind)
    yield
    os.close(handle)


def test_the_form_holds_every_field_of_the_preset(train: AppTest) -> None:
    preset = train.selectbox(key="train_preset")
    assert preset.value == "quick" and set(preset.options) == set(PRESETS)
    kinds = ("number_input", "text_input", "selectbox", "toggle")
    assert {f"quick.{name}" for name in FIELDS} <= {
        each.key for kind in kinds for each in train.get(kind)
    }
    preset.set_value("article")
    rerun(train)
    assert train.number_input(key="article.epochs").value == 20
    assert "308,654 parameters" in said(train)


def test_the_full_mnist_is_offered_where_it_is_or_could_be_put(
    train: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_DATA_DIR", str(tmp_path / "data"))
    assert "mnist" in rerun(train).selectbox(key="train_data").options
    (tmp_path / "data").touch()
    train.selectbox(key="train_data").set_value("mnist")
    rerun(train)
    assert train.selectbox(key="train_data").options == ["sample", "auto"]
    assert train.selectbox(key="train_data").value == "sample"


def test_what_is_started_is_what_was_set_up_and_its_name_is_given_away(
    train: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[TrainingSpec, str]] = []

    def start(root: Path, setup: TrainingSpec, name: str = "") -> str:
        started.append((setup, name))
        return "done"

    monkeypatch.setattr(jobs, "start", start)
    train.text_input(key="train_name").set_value("mine")
    train.number_input(key="quick.epochs").set_value(2)
    train.text_input(key="quick.learning_rate").set_value("0.002")
    train.text_input(key="quick.decoder_hidden").set_value("64, 32")
    assert "3 changed from quick" in said(rerun(train))
    click(train, "Start training")
    ((setup, name),) = started
    assert (setup.train.epochs, setup.train.learning_rate) == (2, 0.002)
    assert (setup.model.decoder_hidden, name) == ((64, 32), "mine")
    assert viewed(train) == "Watch"
    view(train, "Set up")
    assert train.text_input(key="train_name").value == ""
    assert train.number_input(key="quick.epochs").value == 2


@pytest.fixture(params=["another view", "another page"])
def look_elsewhere(request: pytest.FixtureRequest, train: AppTest) -> Callable[[], None]:
    """Leaves the view that is open, and comes back to the page."""

    def look() -> None:
        if request.param == "another view":
            view(train, "Runs")
        else:
            train.switch_page("ui/explore/page.py").run()
            train.switch_page("ui/train/page.py").run()
        assert not train.exception

    return look


def test_what_was_set_up_stays(train: AppTest, look_elsewhere: Callable[[], None]) -> None:
    train.selectbox(key="train_preset").set_value("article").run()
    train.selectbox(key="train_data").set_value("auto")
    train.text_input(key="train_name").set_value("mine")
    train.number_input(key="article.epochs").set_value(3)
    train.text_input(key="article.learning_rate").set_value("0.002")
    train.selectbox(key="article.optimizer").set_value("sgd")
    train.toggle(key="article.augment").set_value(True).run()
    train.selectbox(key="train_preset").set_value("quick").run()
    train.text_input(key="quick.beta").set_value("2").run()
    look_elsewhere()
    assert "1 changed from quick" in said(view(train, "Set up"))
    assert train.text_input(key="quick.beta").value == "2"
    train.selectbox(key="train_preset").set_value("article")
    assert "4 changed from article" in said(rerun(train))
    assert train.selectbox(key="train_data").value == "auto"
    assert train.text_input(key="train_name").value == "mine"
    assert train.number_input(key="article.epochs").value == 3
    assert train.text_input(key="article.learning_rate").value == "0.002"
    assert train.selectbox(key="article.optimizer").value == "sgd"
    assert train.toggle(key="article.augment").value


def test_what_cannot_be_is_said_and_cannot_be_started(train: AppTest) -> None:
    for name, value, reason in (
        ("learning_rate", "fast", "a number"),
        ("learning_rate", "-1", "learning rate must be"),
        ("decoder_hidden", "10,ten", "whole numbers with commas"),
        ("decoder_hidden", "99999", "decoder hidden must be"),
        ("decoder_hidden", "1,1,1,1,1", "1 to 4"),
        ("beta", "nan", "beta must be"),
        ("synthetic_fraction", "0.5", "augment"),
    ):
        field = train.text_input(key=f"quick.{name}")
        usual = field.value
        field.set_value(value)
        assert reason in rerun(train).warning[0].value.lower()
        assert "Start training" not in labels(train)
        train.text_input(key=f"quick.{name}").set_value(usual)
        assert "Start training" in labels(rerun(train))


@pytest.mark.parametrize(
    ("place", "label", "action"),
    [
        ("Set up", "Start training", "start"),
        ("Runs", "Evaluate", "evaluate"),
        ("Watch", "Evaluate", "evaluate"),
    ],
)
def test_what_is_refused_says_why_where_it_was_asked_for(
    train: AppTest, monkeypatch: pytest.MonkeyPatch, place: str, label: str, action: str
) -> None:
    monkeypatch.setattr(jobs, action, refuse)
    click(view(train, place), label)
    assert [each.value for each in train.toast] == ["the disk is full"]
    assert viewed(train) == place


def test_nobody_starts_beside_a_running_job(train: AppTest, root: Path) -> None:
    with working(root, "training"):
        rerun(train)
    assert train.button[labels(train).index("Start training")].disabled


def test_a_run_is_watched_and_its_loss_in_parts_stays_open(
    train: AppTest, look_elsewhere: Callable[[], None]
) -> None:
    assert "Finished" in said(view(train, "Watch"))
    (board,) = train.main.get("bidi_component")
    assert board.proto.component_name.endswith("epoch_board")
    assert len(train.get("plotly_chart")) == 3
    train.toggle(key="train_parts").set_value(True)
    assert len(rerun(train).get("plotly_chart")) == 6
    look_elsewhere()
    assert len(view(train, "Watch").get("plotly_chart")) == 6


def test_without_a_drawing_the_page_says_where_to_draw(train: AppTest) -> None:
    assert view(train, "Watch").get("page_link")
    assert not any("redrawn" in name for name in pictures(train))


def test_the_own_drawing_goes_through_all_epochs(train: AppTest, root: Path) -> None:
    image = mnist_sample.of_digit(7)
    train.session_state["sources"] = {"Draw": Source(image, "Draw")}
    assert "Your drawing after epoch 3" in said(view(train, "Watch"))
    last = pictures(train)
    assert {f"Your drawing redrawn after epoch {number}" for number in (1, 2, 3)} <= set(last)
    train.session_state["board-done"] = {"epoch": 1}
    assert "Your drawing after epoch 1" in said(rerun(train))
    reading = DigitEngine.load(root / "done" / "epochs" / "0001").read(image)
    assert f"Read as {reading.digit} " in " ".join(text(train).split())
    assert pictures(train)["This epoch's redrawing"] != last["This epoch's redrawing"]
    # Those of a run that was imported without some.
    shutil.rmtree(root / "done" / "epochs" / "0001")
    assert "shown is epoch 2" in said(rerun(train))
    shutil.rmtree(root / "done" / "epochs")
    assert "not there any more" in said(rerun(train))


def test_the_film_of_the_own_drawing(root: Path) -> None:
    image = mnist_sample.of_digit(7)
    epochs = root / "done" / "epochs"
    readings = {n: DigitEngine.load(epochs / f"{n:04}").read(image) for n in (1, 2, 3)}
    with Image.open(io.BytesIO(own_digit.film(image, readings))) as film:
        assert (film.format, getattr(film, "n_frames", 1)) == ("GIF", 3)
        assert film.size == (448, 260)
        assert film.info["loop"] == 0


def test_what_was_evaluated_is_shown(train: AppTest, root: Path) -> None:
    assert "Evaluate" in labels(view(train, "Watch"))
    file = root / "done" / "checkpoint" / "config.json"
    metrics = {"test_accuracy": 0.9871, "frechet_distance": "far", "data": HOSTILE}
    file.write_text(json.dumps(json.loads(file.read_text()) | {"metrics": metrics}))
    shown = text(rerun(train))
    assert "Test digits read rightly 0.9871" in shown and HOSTILE in shown
    assert "Fréchet" not in shown
    assert "Evaluate again" in labels(train)


def test_an_evaluation_shows_how_far_it_is(train: AppTest, root: Path) -> None:
    progress = Progress("evaluating", share=0.5, message="probing styles")
    events.write_progress(root / "done" / "progress.json", progress)
    with working(root, "evaluation"):
        view(train, "Watch")
    bars = train.get("progress")
    assert [bar.proto.text for bar in bars] == ["Evaluating: probing styles"] * 2
    assert {bar.proto.value for bar in bars} == {50}
    assert "Evaluate" not in labels(train) and "Stop" in labels(train)


def test_a_training_shows_how_far_it_is_and_is_no_model_yet(train: AppTest, root: Path) -> None:
    unfinish(root / "done")
    progress = Progress("training", 1, 3, 30, 60, images_per_second=2000, seconds_left=200)
    events.write_progress(root / "done" / "progress.json", progress)
    with working(root, "training"):
        view(train, "Watch")
    (bar,) = train.get("progress")
    assert bar.proto.text == (
        "Training, epoch 2 of 3, batch 30 of 60, 2,000 images a second, 3 minutes left"
    )
    assert bar.proto.value == 50
    assert "Use in the app" not in labels(train)
    assert {"Pause", "Stop"} <= set(labels(train))


def test_an_interrupted_run_can_go_on(
    train: AppTest, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resumed: list[str] = []
    monkeypatch.setattr(jobs, "resume", lambda root, run_id: resumed.append(run_id))
    unfinish(root / "done")
    assert "Interrupted" in said(view(train, "Watch"))
    click(train, "Go on")
    assert resumed == ["done"]


def test_an_address_that_names_no_run_shows_another(train: AppTest) -> None:
    train.query_params.update({"view": "Watch", "run": "../../etc"})
    view(train, "Watch")
    assert train.selectbox(key="run").value == "done"


@pytest.mark.parametrize(("place", "training"), [("Watch", "on"), ("Runs", "on"), ("Runs", "off")])
def test_a_run_becomes_the_model_of_the_app(
    train: AppTest, monkeypatch: pytest.MonkeyPatch, place: str, training: str
) -> None:
    monkeypatch.setenv("VAE_TRAINING", training)
    click(view(rerun(train), place), "Use in the app")
    assert not train.warning
    assert "The app now uses “first”" in train.toast[0].value
    assert train.title[0].value == "Explore"
    assert train.selectbox(key="model").value == "run-done"
    assert train.query_params["model"] == "first, your run"


def test_runs_are_listed_with_what_they_were_and_a_damaged_one_is_named(
    train: AppTest, root: Path
) -> None:
    second_run(root)
    (root / "second" / "run.json").write_text("{")
    shown = text(view(train, "Runs"))
    assert "first finished · 3 of 3 epochs · quick" in shown
    assert len(pictures(train)) == 10
    reason = train.warning[0].value.replace("\\", "")
    assert "`second` cannot be read" in reason and str(root) not in reason


def test_a_run_gets_another_name_which_is_shown_as_text(train: AppTest, root: Path) -> None:
    view(train, "Runs").text_input(key="name-done").set_value(HOSTILE)
    click(rerun(train), "Rename")
    assert runs.load(root, "done").name == HOSTILE
    assert HOSTILE in text(train)


def test_what_is_deleted_comes_back_once_it_can(train: AppTest, root: Path) -> None:
    click(view(train, "Runs"), "Delete")
    assert not (root / "done").exists()
    assert "Deleted “first”" in said(train)
    shutil.copytree(next(root.glob(f"{folders.TRASH_PREFIX}*")) / "done", root / "done")
    click(train, "Undo")
    assert "there is another done by now" in train.toast[0].value
    shutil.rmtree(root / "done")
    click(train, "Undo")
    assert (root / "done").exists() and "Undo" not in labels(train)
    assert "first" in text(train)


def test_an_undo_is_that_of_the_visit_that_deleted(train: AppTest, root: Path) -> None:
    second_run(root)
    view(train, "Runs").button(key="delete-second").click()
    rerun(train)
    # Somebody else deletes the other one, and does not take it back.
    folders.delete(root, "done")
    assert "Deleted “second”" in said(rerun(train))
    click(train, "Undo")
    assert [run.id for run in runs.list_runs(root).runs] == ["second"]
    assert "Undo" not in labels(train)


def test_nothing_is_said_to_be_deleted_that_was_not(train: AppTest, root: Path) -> None:
    view(train, "Runs")
    with working(root, "training"):
        click(train, "Delete")
    assert "stop it first" in train.toast[0].value
    assert "Deleted" not in said(train)
    assert (root / "done").exists()


def test_a_run_comes_in_by_the_page(train: AppTest, root: Path) -> None:
    uploader = view(train, "Runs").file_uploader(key="train_import")
    limit = min(archive.MAX_PAGE_MB, config.get_option("server.maxUploadSize"))
    assert uploader.proto.max_upload_size_mb == limit
    exported = io.BytesIO()
    archive.export_run(root, "done", exported)
    for content in (b"hello", exported.getvalue()):
        train.file_uploader(key="train_import").set_value(("run.zip", content, "application/zip"))
        click(rerun(train), "Import")
        if content == b"hello":
            assert "no readable .zip" in train.error[0].value
    assert len(runs.list_runs(root).runs) == 2
    assert viewed(train) == "Watch"


def test_what_an_export_leaves_out_is_said(train: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "leaves" not in said(view(train, "Runs"))
    monkeypatch.setattr(archive, "kept_epochs", lambda run: [3])
    assert "leaves those of 2 out" in said(rerun(train))


def test_where_uploads_would_be_refused_an_import_is_not_tried(
    train: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "can_upload", lambda: False)
    assert not view(train, "Runs").get("file_uploader")
    assert "cookie that protects uploads" in train.info[0].value


def test_two_runs_compared_and_told_apart(train: AppTest, root: Path) -> None:
    assert "two runs" in view(train, "Compare").info[0].value
    runs.rename(root, "done", HOSTILE)
    second_run(root, "copy", HOSTILE)
    shown = text(rerun(train))
    names = [f"{HOSTILE} (1)", f"{HOSTILE} (2)"]
    assert set(train.multiselect(key="train_compared").options) == set(names)
    assert all(name in shown for name in names)
    assert "They were set up alike" in shown and "Accuracy" in shown
    assert len(train.get("plotly_chart")) == 3
    # Plotly takes names for HTML.
    for trace in json.loads(train.get("plotly_chart")[0].proto.spec)["data"]:
        assert trace["name"].startswith("a &lt;b&gt;bold")


def test_the_choice_of_runs_to_compare_stays(
    train: AppTest, root: Path, look_elsewhere: Callable[[], None]
) -> None:
    def chosen() -> Any:
        look_elsewhere()
        return view(train, "Compare").multiselect(key="train_compared").value

    for run_id in ("second", "third", "fourth"):
        second_run(root, run_id)
    view(train, "Compare").multiselect(key="train_compared").set_value(["done", "second", "third"])
    rerun(train)
    assert chosen() == ["done", "second", "third"]
    # One is gone when the visitor comes back, and one has another name.
    shutil.rmtree(root / "second")
    runs.rename(root, "third", "renamed")
    assert chosen() == ["done", "third"]
    assert "renamed" in text(train)
    shutil.rmtree(root / "third")
    assert chosen() == ["done"]
    assert "Choose two to four" in train.info[0].value


@pytest.mark.parametrize(
    ("switch", "url", "reason"),
    [
        ("off", None, "turned off on this server"),
        ("off", "http://localhost:8501/train", "VAE_TRAINING=off"),
        ("on", None, "needs PyTorch, which is not installed"),
    ],
)
def test_where_no_training_is_runs_can_still_be_seen(
    train: AppTest, monkeypatch: pytest.MonkeyPatch, switch: str, url: str | None, reason: str
) -> None:
    monkeypatch.setenv("VAE_TRAINING", switch)
    monkeypatch.setattr(jobs, "has_torch", lambda: False)
    train.context = {"url": url}
    (info,) = rerun(train).info
    assert reason in info.value and ("`" in info.value) == (url is not None)
    assert train.segmented_control(key="view").options == ["Watch", "Runs", "Compare"]
    view(train, "Runs")
    assert ("Delete" in labels(train)) == (switch == "on")
    assert not {"Evaluate", "Start training"} & set(labels(train))
