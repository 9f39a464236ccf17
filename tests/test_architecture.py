"""Who may import whom, by wing of the house and by page; and how long a file may grow."""

import ast
from pathlib import Path

import pytest

from tests.support.app import ROOT
from tests.support.processes import python

WINGS = ("preprocessing", "model", "data", "engine", "training", "evaluation", "runs", "commands")
"""Of vae_model: each may import those before it, but for these two."""
STRANGERS = {("model", "preprocessing"), ("runs", "evaluation")}
PAGES = {path.parent.name for path in (ROOT / "ui").glob("*/page.py")}
# Elsewhere in ui values come in and HTML or figures go out: no page is needed to test them.
STREAMLIT = {"page", "session", "__init__"} | {
    *("shared.access", "shared.aloud", "shared.board", "shared.choice", "shared.drawing"),
    *("shared.frame", "shared.shelf", "shared.visit", "server.assets", "server.logs"),
    *("server.middleware", "server.app_session", "server.preloads", "server.theme"),
    *("train.compare", "train.own_digit", "train.run_list", "train.setup_form", "train.watch"),
}
# These serve; whoever trains imports the rest.
HEAVY = {"torch", "torchvision"}
MOST_LINES = {".py": 350, ".js": 300, ".mjs": 300, ".css": 350}
SOURCES = [ROOT / "app.py", *(ROOT / "ui").rglob("*.py"), *(ROOT / "vae_model").rglob("*.py")]


def violations(path: Path) -> list[str]:
    """What a module imports and may not."""
    top, wing, *rest = [*path.relative_to(ROOT).with_suffix("").parts, ""]
    names = {
        f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    return sorted(name for name in names if not may_import(top, wing, rest, name.split(".")))


def may_import(top: str, wing: str, rest: list[str], name: list[str]) -> bool:
    if top == "vae_model":
        if name[0] == "vae_model" and wing in WINGS:
            before = WINGS.index(name[1]) <= WINGS.index(wing)
            return before and (wing, name[1]) not in STRANGERS
        serves = wing in ("preprocessing", "engine")
        return name[0] not in {"streamlit", "plotly", "ui"} | (HEAVY if serves else set())
    if name[0] == "streamlit":
        place = ".".join([wing, *rest]).rstrip(".")
        return top == "app" or place in STREAMLIT or place.split(".")[-1] in STREAMLIT
    if name[0] == "ui" and top == "ui":
        return name[1] == wing or (name[1] == "shared" and wing in PAGES | {"server"})
    return name[0] not in HEAVY


def test_dependencies_point_one_way() -> None:
    assert not {path: found for path in SOURCES if (found := violations(path))}


@pytest.mark.parametrize("folder", ["ui", "vae_model", "tests", "benchmarks", "tools"])
def test_files_are_short_enough_to_be_read_at_once(folder: str) -> None:
    files = [path for path in (ROOT / folder).rglob("*") if path.suffix in MOST_LINES]
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in files}
    assert files and not [path for path in files if lines[path] > MOST_LINES[path.suffix]]


def test_serving_and_steering_import_no_torch() -> None:
    code = """
import sys
import numpy as np
import app
from ui.train import compare, watch
from vae_model import __main__
from vae_model.engine.digit_engine import DigitEngine
from vae_model.runs import archive, jobs, run, worker
DigitEngine.load("checkpoints/studio").read(np.eye(28, dtype="f"))
print("torch" in sys.modules)
"""
    assert python(code) == "False\n"
