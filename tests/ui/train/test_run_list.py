"""All runs on the Train page: renamed, deleted, brought in, compared."""

import contextlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.app import ROOT
from tests.support.runs import working
from tests.support.seen import (
    choose,
    click,
    component,
    html,
    labels,
    open_page,
    pictures,
    said,
    text,
)
from ui.shared import access, shelf
from ui.train import run_list, watch
from vae_model.runs import archive, folders
from vae_model.runs import run as runs

AddRun = Callable[..., None]
HOSTILE = "a <b>bold</b> one"


@pytest.fixture
def listed(train: AppTest) -> AppTest:
    return choose(train, "view", "Runs")


def test_runs_are_listed_with_what_they_were_and_a_damaged_one_is_named(
    listed: AppTest, root: Path, add_run: AddRun
) -> None:
    add_run()
    (root / "second" / "run.json").write_text("{")
    shown = text(listed.run())
    assert "first finished · 3 of 3 epochs · quick" in shown
    assert '<div role="heading" aria-level="2"><b>first</b>' in html(listed)
    assert len(pictures(listed)) == 10
    (root / "done").rename(root / "done $copy$")
    reasons = [each.value.replace("\\", "") for each in listed.run().warning]
    assert "“done $copy$” cannot be read: a run's folder has a name of up to 64" in reasons[0]
    assert "“second” cannot be read" in reasons[1] and str(root) not in reasons[1]
    try:
        (root / "done $copy$").rename(root / os.fsdecode(b"mod\xe8le"))
    except OSError:
        return  # this file system takes UTF-8 alone
    assert not listed.run().exception
    assert r"“mod\xe8le” cannot be read" in listed.warning[0].value.replace("\\\\", "\\")


@pytest.mark.usefixtures("unfinished")
def test_a_row_follows_its_run_until_nothing_works_on_it(
    listed: AppTest, root: Path, monkeypatch: pytest.MonkeyPatch, intervals: list[float | None]
) -> None:
    with contextlib.ExitStack() as job:
        job.enter_context(working(root))

        def load(folder: Path, run_id: str) -> runs.Run:
            job.close()
            return runs.load(folder, run_id)

        monkeypatch.setattr(run_list, "load", load)
        listed.run()
    assert "first interrupted" in text(listed)
    assert intervals == [watch.EVERY_SECONDS, None]


def test_a_run_gets_another_name_which_is_shown_as_text(listed: AppTest, root: Path) -> None:
    listed.text_input(key="name-done").set_value("half a").run()
    # The rest of the name, and at once the button.
    listed.text_input(key="name-done").set_value(HOSTILE)
    click(listed, "Rename")
    assert runs.load(root, "done").name == HOSTILE
    assert HOSTILE in text(listed)


def test_what_is_deleted_comes_back_once_it_can(listed: AppTest, root: Path) -> None:
    click(listed, "Delete")
    assert not (root / "done").exists()
    assert "Deleted “first”" in said(listed)
    shutil.copytree(next(root.glob(f"{folders.TRASH_PREFIX}*")) / "done", root / "done")
    click(listed, "Undo")
    assert "There is another done by now" in listed.toast[0].value
    shutil.rmtree(root / "done")
    click(listed, "Undo")
    assert (root / "done").exists() and "Undo" not in labels(listed)
    assert "first" in text(listed)


def test_an_undo_is_of_the_visit_that_deleted(listed: AppTest, root: Path, add_run: AddRun) -> None:
    add_run()
    listed.run().button(key="delete-second").click().run()
    # Somebody else deletes the other one, and does not take it back.
    folders.delete(root, "done")
    assert "Deleted “second”" in said(listed.run())
    click(listed, "Undo")
    assert [run.id for run in runs.list_runs(root).runs] == ["second"]
    assert "Undo" not in labels(listed)


def test_nothing_is_said_to_be_deleted_that_was_not(listed: AppTest, root: Path) -> None:
    with working(root):
        click(listed, "Delete")
    assert "stop it first" in listed.toast[0].value
    assert "Deleted" not in said(listed)
    assert (root / "done").exists()


def test_a_run_comes_in_by_the_page(listed: AppTest, root: Path) -> None:
    uploader = listed.file_uploader(key="train_import")
    assert uploader.proto.max_upload_size_mb == archive.MAX_PAGE_MB
    uploader.set_value(("run.zip", b"hello", "application/zip")).run()
    click(listed, "Import")
    assert "no readable .zip" in listed.error[0].value
    assert [each.type for each in listed.main][-2:] == ["error", "button"], "in sight"
    # Given in the moment of the click.
    run = ("run.zip", archive.export_run(root, "done"), "application/zip")
    listed.file_uploader(key="train_import").set_value(run)
    click(listed, "Import")
    assert len(runs.list_runs(root).runs) == 2
    assert listed.segmented_control(key="view").value == "Watch"


def test_where_training_is_off_a_run_is_used_and_taken_home_but_not_changed(
    listed: AppTest, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for label in ("Rename", "Delete"):
        monkeypatch.delenv("VAE_TRAINING", raising=False)
        listed.run().text_input(key="name-done").set_value("another").run()
        monkeypatch.setenv("VAE_TRAINING", "off")
        # On a page from before.
        assert "turned off" in click(listed, label).toast[0].value
    assert runs.load(root, "done").name == "first"
    assert labels(listed) == ["Open", "Use in the app"] and not listed.text_input


def test_what_an_export_lacks_is_said(listed: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "leaves" not in said(listed)
    monkeypatch.setattr(archive, "kept_epochs", lambda run: [3])
    assert "leaves those of 2 out" in said(listed.run())
    monkeypatch.setattr(archive, "exported_bytes", lambda run: 140_400_000)
    shown = said(listed.run())
    assert "about 140 MB: too large to be imported here again, where 100 MB are" in shown
    assert "To stay within" not in shown


def test_where_uploads_would_be_refused_an_import_is_not_tried(
    listed: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "can_upload", lambda: False)
    assert not listed.run().get("file_uploader")
    assert "cookie that protects uploads" in listed.info[0].value


def test_two_runs_compared_and_told_apart(train: AppTest, root: Path, add_run: AddRun) -> None:
    assert "two runs" in choose(train, "view", "Compare").info[0].value
    runs.rename(root, "done", HOSTILE)
    add_run("copy", HOSTILE)
    shown = text(train.run())
    names = [f"{HOSTILE} (1)", f"{HOSTILE} (2)"]
    assert set(train.multiselect(key="train_compared").options) == set(names)
    assert all(name in shown for name in names)
    assert "They were set up alike" in shown and "accuracy" in shown
    assert len(train.get("plotly_chart")) == 3
    # Plotly takes names for HTML.
    for trace in json.loads(train.get("plotly_chart")[0].proto.spec)["data"]:
        assert trace["name"].startswith("a &lt;b&gt;bold")
    runs.rename(root, "done", "m" * runs.MAX_NAME)
    runs.rename(root, "copy", "m" * runs.MAX_NAME)
    traces = json.loads(train.run().get("plotly_chart")[0].proto.spec)["data"]
    assert {trace["name"] for trace in traces} == {f"{'m' * 12}…{'m' * 9} ({n})" for n in (1, 2)}


def test_runs_of_one_name_are_told_apart(listed: AppTest, root: Path, add_run: AddRun) -> None:
    listed.button(key="use-done").click().run()
    add_run("copy", "first")
    # The model in use stays what it was, under the name that it has now.
    assert open_page(listed, "train").selectbox(key="model").value == "run-done"
    choose(listed, "view", "Runs")
    numbers = {run.id: n for n, run in enumerate(runs.list_runs(root).runs[::-1], start=1)}
    assert all(f"first ({n}) finished" in text(listed) for n in (1, 2))
    listed.button(key="use-copy").click().run()
    assert f"“first ({numbers['copy']})”" in listed.toast[0].value.replace("\\", "")
    options = listed.selectbox(key="model").options
    assert set(options) == {"studio", "first (1), your run", "first (2), your run"}
    assert listed.query_params["model"] == f"first ({numbers['copy']}), your run"
    open_page(listed, "xray")
    assert all(f"first ({n}), your run" in text(listed) for n in (1, 2))


def test_no_number_makes_a_run_one_that_is_named_so(root: Path, add_run: AddRun) -> None:
    for run_id, name in (("copy", "first"), ("third", "first (2)"), ("fourth", "first (3)")):
        add_run(run_id, name)
    called = shelf.labels_of(runs.list_runs(root).runs)
    assert set(called.values()) == {"first (1)", "first (2)", "first (3)", "first (4)"}
    assert (called["third"], called["fourth"]) == ("first (2)", "first (3)")


@pytest.mark.parametrize(
    ("query", "run_id", "called"),
    [
        ({"model": "run-copy"}, "copy", "first (1), your run"),
        ({"model": "first (3), your run", "run_id": "copy"}, "copy", "first (1), your run"),
        ({"model": "first, your run"}, "third", "first (3), your run"),
        ({"model": "first (1), your run", "run_id": "done"}, "", "studio"),
    ],
    ids=["with its id alone", "with its id", "from before there were two", "of a deleted run"],
)
def test_an_older_address_opens_its_run_whatever_that_is_called_now_or_else_the_newest(
    train: AppTest, root: Path, add_run: AddRun, query: dict[str, str], run_id: str, called: str
) -> None:
    for another in ("copy", "fourth", "third"):
        add_run(another, "first")
    folders.delete(root, "done")
    later = AppTest.from_file(ROOT / "app.py", default_timeout=90)
    later.query_params.update(query)
    assert not later.run().exception
    data = component(later, "style_board")
    assert (data["run"], data["modelName"]) == (run_id, called)
    problems = [each.value for each in later.info]
    assert bool(run_id) == (not problems) and all("is no model “first" in p for p in problems)


def test_runs_are_numbered_as_elsewhere_though_one_has_no_epoch_to_compare(
    train: AppTest, root: Path, add_run: AddRun
) -> None:
    for run_id in ("second", "third"):
        add_run(run_id, "first")
    (root / "second" / "events.jsonl").unlink()
    watched = choose(train, "view", "Watch").selectbox(key="run").options
    compared = choose(train, "view", "Compare").multiselect(key="train_compared").options
    assert set(watched) - set(compared) == {"first (2)"}


def test_the_choice_of_runs_to_compare_stays(
    train: AppTest, root: Path, add_run: AddRun, look_elsewhere: Callable[[], object]
) -> None:
    def chosen() -> object:
        look_elsewhere()
        return choose(train, "view", "Compare").multiselect(key="train_compared").value

    for run_id in ("second", "third", "fourth"):
        add_run(run_id)
    three = ["done", "second", "third"]
    choose(train, "view", "Compare").multiselect(key="train_compared").set_value(three).run()
    assert chosen() == three
    # One is gone when the visitor comes back, and one has another name.
    shutil.rmtree(root / "second")
    runs.rename(root, "third", "renamed")
    assert chosen() == ["done", "third"]
    assert "renamed" in text(train)
    shutil.rmtree(root / "third")
    assert chosen() == ["done"]
    assert "Choose two to four" in train.info[0].value
