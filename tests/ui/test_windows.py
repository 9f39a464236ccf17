"""The app and the command line on a system without the calls that Windows lacks.

Windows itself is not at hand: its gaps are made here, in a process of their own.
"""

import json
from pathlib import Path
from typing import Any

from tests.support.models import AddModel
from tests.support.processes import python
from ui.shared.pages import PAGES

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
    return json.loads(python(WITHOUT + code, *arguments, **environment).splitlines()[-1])


def test_every_page_is_served_and_train_says_what_it_needs(add_model: AddModel, root: Path) -> None:
    add_model()
    code = """
import json
import app  # as the server imports it
test = AppTest.from_file("app.py", default_timeout=90).run()
problems = []
for page in sys.argv[1:]:
    test.switch_page(page).run()
    problems += [each.message for each in test.exception]
test.switch_page("ui/train/page.py").run()
info = [each.value for each in test.info]
views = {}
for view in test.segmented_control[0].options:
    test.segmented_control(key="view").set_value(view).run()
    views[view] = [each.label for each in [*test.button, *test.get("file_uploader")]]
    problems += [each.message for each in test.exception]
print(json.dumps([problems, info, views]))
"""
    pages = [page.file for page in PAGES]
    problems, info, views = without(code, *pages, VAE_RUNS_DIR=str(root))
    assert problems == []
    assert info == [f"{TRAINING} Everything else works here too."]
    assert [*views] == ["Watch", "Runs", "Compare"]
    wanted = {"Use in the app", "Delete", "Import a run that was exported as .zip"}
    assert wanted <= {*views["Runs"]}
    offered = {*views["Watch"], *views["Runs"]}
    assert not offered & {"Evaluate", "Go on", "Start training"}


def test_runs_are_kept_and_used_and_none_is_trained(root: Path, tmp_path: Path) -> None:
    code = """
import contextlib, io, json
from pathlib import Path
from vae_model.runs import archive, folders, jobs, run
from vae_model.__main__ import main
from vae_model.model.checkpoint import load, save
from vae_model.runs.folders import RunsError
from vae_model.runs.lock import holder
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
archive.import_run(root, io.BytesIO(archive.export_run(root, "done")))
names = sorted(each.name for each in run.list_runs(root).runs)
print(json.dumps([told, refused, names, holder(root)]))
"""
    told, refused, names, current = without(code, root, tmp_path, VAE_RUNS_DIR=str(root))
    assert [code for code, _ in told] == [0, 1, 1, 1, 1]
    assert all(TRAINING in error and "Traceback" not in error for code, error in told if code)
    assert (refused, names, current) == ([], ["renamed", "renamed"], None)


def test_a_name_that_the_terminal_cannot_show_is_printed_all_the_same(tmp_path: Path) -> None:
    code = """
import json
from vae_model.__main__ import main
assert main(["sample", "checkpoints/studio", "--out", sys.argv[1]]) == 0
print(json.dumps("whole"))
"""
    assert without(code, tmp_path / "手書き.png", PYTHONIOENCODING="cp1252") == "whole"
