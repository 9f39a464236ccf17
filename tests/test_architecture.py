"""The dependency directions of the house, and that the check of them can fail."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UI_MAY_USE = {
    *("engine", "checkpoint", "config", "forward", "handwriting", "layout"),
    *("numbers", "preprocessing", "strokes", "traits"),
    *("archive", "compare", "data_folder", "events", "fields", "job", "lock", "run_folders"),
    *("runs", "setup"),
}
HEAVY = {"torch", "torchvision"}

# What each module of vae_model may import of vae_model. Three pillars (engine serves, training
# learns, evaluation judges) do not import one another; only __main__, worker and
# the commands stand on several.
ALLOWED: dict[str, set[str]] = {
    "numbers": set(),
    "config": {"numbers"},
    "losses": {"config"},
    "networks": {"config"},
    "calibration": {"numbers"},
    "marked": set(),
    "atomic": {"marked"},
    "swap": {"marked"},
    "checkpoint": {"atomic", "config", "calibration", "marked", "swap"},
    "fields": {"config"},
    "setup": {"config", "checkpoint", "fields"},
    "training_state": {"checkpoint", "config"},
    "lock": set(),
    "events": {"config", "numbers"},
    "run_folders": {"checkpoint", "lock", "marked"},
    "runs": {
        *("atomic", "config", "checkpoint", "events", "lock", "marked", "run_folders", "setup")
    },
    "compare": {"fields", "numbers", "runs"},
    "run_check": {
        *("checkpoint", "config", "events", "run_folders", "runs", "setup", "training_state")
    },
    "archive": {*("atomic", "checkpoint", "events", "marked", "run_check", "run_folders", "runs")},
    "job": {"atomic", "fields", "lock", "run_folders", "runs", "setup"},
    "preprocessing": set(),
    "engine": {"config", "calibration", "checkpoint"},
    "nondigits": set(),
    "calibrate": {"calibration", "engine", "nondigits", "preprocessing"},
    "handwriting": {"config", "engine"},
    "forward": {"config", "engine"},
    "layout": {"checkpoint", "engine", "forward"},
    "data_folder": set(),
    "data": {"atomic", "config", "data_folder"},
    "augment": {"config"},
    "allographs": set(),
    "pen": {"config", "allographs"},
    "schedules": {"config"},
    "reports": {"config", "networks", "losses", "data"},
    "penalties": {"config", "networks", "losses"},
    "lit": set(),
    "plain_step": {"config", "networks", "lit", "reports"},
    "training": {
        *("config", "networks", "losses", "data", "augment", "pen", "schedules", "reports"),
        *("penalties", "plain_step", "training_state"),
    },
    "fit": {"config", "checkpoint", "data", "reports", "training"},
    "estimate": {"config", "data", "training"},
    "desk": {"data_folder", "events", "run_folders"},
    # The process of a run: what it trains it also lets the engine draw, as every reader will.
    "worker": {
        *("config", "checkpoint", "desk", "events", "run_folders", "runs"),
        *("fit", "reports", "engine", "data", "training"),
    },
    "arguments": {"config", "fields"},
    "console": {"config", "data", "fit", "job", "lock", "run_folders", "runs"},
    "train_command": {
        *("arguments", "checkpoint", "config", "console", "data", "data_folder", "desk"),
        *("estimate", "fit", "job", "lock", "reports", "run_folders", "runs", "setup"),
        *("training", "worker"),
    },
    "strokes": {"config"},
    "traits": {"config", "engine", "strokes"},
    "probes": {"config", "networks"},
    "nearest": set(),
    "judge": {"config", "checkpoint", "data", "augment"},
    "evaluation": {
        *("config", "networks", "losses", "data", "augment", "judge", "probes", "strokes"),
        "nearest",
    },
}


def imports(source: str) -> set[str]:
    """Full names of all that a module imports, wherever in it, type checking included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def own_modules(names: set[str]) -> set[str]:
    """The modules of vae_model among imported names."""
    parts = [name.split(".") for name in names]
    found = {part[1] for part in parts if part[0] == "vae_model" and len(part) > 1}
    return {name for name in found if (ROOT / "vae_model" / f"{name}.py").exists()}


def violations(module: str, source: str) -> list[str]:
    names = imports(source)
    tops = {name.split(".")[0] for name in names}
    found = [f"{module} imports {name}" for name in tops & {"streamlit", "plotly", "ui"}]
    if module != "__main__":
        found += [f"{module} imports {name}" for name in own_modules(names) - ALLOWED[module]]
    if module in UI_MAY_USE:
        found += [f"{module} imports {name}" for name in tops & HEAVY]
    return found


MODULES = sorted(path for path in (ROOT / "vae_model").glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_dependencies_point_one_way(path: Path) -> None:
    assert violations(path.stem, path.read_text()) == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("engine", "from vae_model.training.trainer import Training"),
        ("engine", "import torch"),
        ("training", "from vae_model import engine"),
        ("losses", "import streamlit as st"),
        ("evaluation", "def f():\n    from vae_model.training.trainer import measure"),
    ],
)
def test_the_check_of_dependencies_can_fail(module: str, line: str) -> None:
    assert violations(module, line)


@pytest.mark.parametrize(
    "path", [ROOT / "app.py", *sorted((ROOT / "ui").rglob("*.py"))], ids=lambda path: path.name
)
def test_the_app_stands_on_serving_alone(path: Path) -> None:
    names = imports(path.read_text())
    assert own_modules(names) <= UI_MAY_USE
    assert not {name.split(".")[0] for name in names} & HEAVY


def test_nothing_unpickles() -> None:
    for path in [ROOT / "app.py", *MODULES, *(ROOT / "ui").rglob("*.py")]:
        names = imports(path.read_text())
        assert not names & {"pickle", "marshal", "shelve", "dill", "joblib"}, path
        assert "torch.load" not in path.read_text(), path


def test_serving_a_digit_imports_no_torch() -> None:
    code = (
        "import sys, numpy as np; from vae_model.engine.digit_engine import DigitEngine, one_hot; "
        "e = DigitEngine.load('checkpoints/studio'); e.read(np.eye(28, dtype='f')); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_listing_and_steering_trainings_imports_no_torch() -> None:
    modules = "archive, compare, job, runs, worker, __main__"
    code = f"import sys; from vae_model import {modules}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
