"""The app and the command line on a system without the calls that Windows lacks.

Windows itself is not at hand: its gaps are made here, in a process of their own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.parent.name for path in (ROOT / "ui").glob("*/page.py"))

WITHOUT = """
import asyncio, os, shutil, sys, tempfile
from streamlit.testing.v1 import AppTest

sys.modules["fcntl"] = None
for name in ("pread", "pwrite", "nice", "geteuid", "getsid", "fork", "O_CLOEXEC", "O_DIRECTORY"):
    delattr(os, name)
opened = os.open

def open_no_folder(path, *arguments, **values):
    if os.path.isdir(path):
        raise PermissionError(13, "Permission denied")
    return opened(path, *arguments, **values)

os.open = open_no_folder
shutil._use_fd_functions = False
"""
TRAINING = "Training, and the evaluation of a run, need Linux or macOS."


def without(code: str, *arguments: object, **environment: str) -> Any:
    """What some lines print as JSON there."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT + code, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_every_page_is_served_and_train_says_what_it_needs(
    add_model: Callable[..., object], root: Path
) -> None:
    add_model()
    code = """
import json
import app  # as the server imports it
shown = {}
test = AppTest.from_file("app.py", default_timeout=90).run()
for page in sys.argv[1:]:
    test.switch_page(f"ui/{page}/page.py").run()
    shown[page] = [each.message for each in test.exception]
test.switch_page("ui/train/page.py").run()
views = {"info": [each.value for each in test.info], "views": test.segmented_control[0].options}
for view in ("Watch", "Runs", "Compare"):
    test.segmented_control(key="view").set_value(view).run()
    views[view] = [each.label for each in test.button]
    views[view] += [each.label for each in test.get("file_uploader")]
    shown[view] = [each.message for each in test.exception]
print(json.dumps([shown, views]))
"""
    shown, views = without(code, *PAGES, VAE_RUNS_DIR=str(root))
    assert shown == {page: [] for page in [*PAGES, "Watch", "Runs", "Compare"]}
    assert views["info"] == [f"{TRAINING} Everything else works here too."]
    assert views["views"] == ["Watch", "Runs", "Compare"]
    assert {"Use in the app", "Delete", "Import a run that was exported as .zip"} <= {
        *views["Runs"]
    }
    offered = {label for view in ("Watch", "Runs") for label in views[view]}
    assert not offered & {"Evaluate", "Go on", "Start training"}


def test_runs_are_kept_and_used_and_none_is_trained(root: Path, tmp_path: Path) -> None:
    code = """
import contextlib, io, json
from pathlib import Path
from vae_model.runs import archive, folders, jobs, run
from vae_model.__main__ import main
from vae_model.model.checkpoint import load, save
from vae_model.runs.folders import RunsError
from vae_model.runs.spec import TrainingSpec

root, place = map(Path, sys.argv[1:])
commands = [
    ["sample", root / "done", "--out", place / "sheet.png"],
    ["train", "--preset", "quick", "--data", "sample"],
    ["train", "--out", place / "model"],
    ["train", "--resume", root / "done"],
    ["evaluate", root / "done"],
]
told = []
for command in commands:
    with contextlib.redirect_stderr(io.StringIO()) as error, contextlib.redirect_stdout(None):
        told.append([main([str(word) for word in command]), error.getvalue()])
refused = []
spec = TrainingSpec.of("quick", {})
for act in (lambda: jobs.start(root, spec), lambda: jobs.evaluate(root, "done")):
    with contextlib.suppress(RunsError):
        act()
        refused.append("it began")
run.rename(root, "done", "renamed")
folders.undo_delete(root, folders.delete(root, "done"))
save(place / "model", load(root / "done" / "checkpoint"))
exported = io.BytesIO()
archive.export_run(root, "done", exported)
archive.import_run(root, exported)
names = sorted(each.name for each in run.list_runs(root).runs)
print(json.dumps([told, refused, names, jobs.current(root)]))
"""
    told, refused, names, current = without(code, root, tmp_path, VAE_RUNS_DIR=str(root))
    assert [code for code, _ in told] == [0, 1, 1, 1, 1]
    assert all(TRAINING in error and "Traceback" not in error for code, error in told if code)
    assert (refused, names, current) == ([], ["renamed", "renamed"], None)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_name_that_the_terminal_cannot_show_is_printed_all_the_same(
    tmp_path: Path, encoding: str
) -> None:
    code = """
import json
from vae_model.__main__ import main
assert main(["sample", "checkpoints/studio", "--out", sys.argv[1]]) == 0
print(json.dumps("whole"))
"""
    assert without(code, tmp_path / "手書き.png", PYTHONIOENCODING=encoding) == "whole"
