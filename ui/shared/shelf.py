"""The models that the visitor can choose from: those that come with the app, and runs of theirs."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from ui.shared.browser.tensors import digest
from ui.shared.dims import traits_of
from vae_model.engine.digit_engine import DigitEngine
from vae_model.engine.umap_layout import LAYOUT_FILE
from vae_model.model.checkpoint import CONFIG_FILE, KIND, WEIGHTS_FILE, CheckpointError
from vae_model.model.numbers import number
from vae_model.runs import folders
from vae_model.runs.run import Run, list_runs

FOLDER_VARIABLE = "VAE_CHECKPOINTS_DIR"
DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "checkpoints"
EXPERIMENTS_FOLDER = DEFAULT_FOLDER / "experiments"
"""Of the small models of the Experiments page, which nobody chooses."""
_NO_MODELS = (EXPERIMENTS_FOLDER.name, "lost+found")
"""Folders among the models: also what a file system keeps on a volume, which few may look into."""
DEFAULT_MODEL = "studio"
RUN_PREFIX = "run-"
"""Of the name that a run's model has among the models: its id follows."""
RUN_SUFFIX = ", your run"
"""Of what such a model is called on the page and in the address: the run's name goes before."""

Stamp = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Shelf:
    """The models there are to choose from."""

    engines: dict[str, DigitEngine]
    """By name, the default first."""
    broken: dict[str, str]
    """Name of a checkpoint that cannot be loaded -> the reason."""
    labels: dict[str, str]
    """What to call those whose name is not fit for people."""

    def called(self, name: str) -> str:
        return self.labels.get(name, name)


def folder() -> Path:
    """The checkpoints folder: the repository's own, or the one that the environment names."""
    return Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER)


def models(runs: Iterable[str] = ()) -> Shelf:
    """Every model in the checkpoints folder as it is now, and those of the runs with these ids."""
    engines: dict[str, DigitEngine] = {}
    broken: dict[str, str] = {}
    labels: dict[str, str] = {}
    for path in _candidates(folder()):
        name = folders.readable(path.name)
        # No page can show another name, and no address bear it.
        loaded = engine_at(path) if name == path.name else "Its name is not UTF-8"
        if isinstance(loaded, DigitEngine):
            engines[name] = loaded
        else:
            broken[name] = folders.within(folder(), loaded)
    engines = dict(sorted(engines.items(), key=lambda item: (item[0] != DEFAULT_MODEL, item[0])))
    wanted = list(runs)
    there = list_runs(runs_folder()).runs if wanted else []
    called, by_id = labels_of(there), {run.id: run for run in there}
    for run_id in filter(by_id.get, wanted):
        model = by_id[run_id].model
        if model and isinstance(loaded := engine_at(model), DigitEngine):
            engines[RUN_PREFIX + run_id] = loaded
            labels[RUN_PREFIX + run_id] = called[run_id] + RUN_SUFFIX
    return Shelf(engines, broken, labels)


def runs_called(label: str) -> list[str]:
    """Ids of the runs whose models are called so, the newest last; of those without a number, where
    it is an older link that has none. An id with the prefix, which a link may bear too, names its
    own run."""
    if label.startswith(RUN_PREFIX) and not label.endswith(RUN_SUFFIX):
        return [run.id for run in list_runs(runs_folder()).runs if RUN_PREFIX + run.id == label]
    if not label.endswith(RUN_SUFFIX):
        return []
    name = label.removesuffix(RUN_SUFFIX)
    runs = list_runs(runs_folder()).runs[::-1]
    called = labels_of(runs)
    exactly = [run.id for run in runs if called[run.id] == name]
    return exactly or [run.id for run in runs if run.name == name]


def labels_of(runs: Iterable[Run]) -> dict[str, str]:
    """What to call the runs, by id; those of the same name are numbered, the first one first, but
    not so that one would be called as another is named."""
    named: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: (run.created, run.id)):
        named.setdefault(run.name, []).append(run)
    called: dict[str, str] = {}
    for name, alike in named.items():
        free = (label for n in count(1) if (label := f"{name} ({n})") not in named)
        called |= {run.id: name if len(alike) == 1 else next(free) for run in alike}
    return called


def engine_at(path: Path) -> DigitEngine | str:
    """The engine of a checkpoint folder as it is now, or the reason why there is none."""
    return _engine(path, stamp(path))


@lru_cache(maxsize=32)
def _engine(path: Path, written: Stamp) -> DigitEngine | str:
    """For all visitors, and loaded once while its stamp is the same. A reason is kept like an
    engine, so that a damaged checkpoint is not read again on every run."""
    try:
        return DigitEngine.load(path)
    except CheckpointError as error:
        return str(error)


def stamp(path: Path) -> Stamp:
    """Another one means that the files of a checkpoint folder have changed."""
    return tuple(folders.stamp(path / name) for name in (CONFIG_FILE, WEIGHTS_FILE, LAYOUT_FILE))


def experiment(name: str) -> DigitEngine | str:
    """A small model of the Experiments page, which comes with the app, or why there is none."""
    loaded = engine_at(EXPERIMENTS_FOLDER / name)
    return loaded if isinstance(loaded, DigitEngine) else folders.within(EXPERIMENTS_FOLDER, loaded)


def judge_accuracy() -> float | None:
    """The share of real test digits that the judge of generated digits reads rightly, by its own
    JSON; None where that is missing. It comes with the app, wherever the models lie."""
    metrics = _config(DEFAULT_FOLDER / "judge" / CONFIG_FILE).get("metrics")
    return number(metrics.get("test_accuracy")) if isinstance(metrics, dict) else None


def runs_folder() -> Path:
    return folders.folder()


def warm() -> None:
    """Load every model and what its pages need of it, so that no visitor waits for that."""
    for engine in models().engines.values():
        digest(engine)
        traits_of(engine)


def _candidates(root: Path) -> list[Path]:
    """Folders that hold, or should hold, a model: not half-written ones, which begin with a dot,
    nor those of another kind, such as the judge, nor those without a file of a model."""
    return [
        path
        for path in sorted(root.glob("[!.]*/"))
        if path.name not in _NO_MODELS
        and _config(path / CONFIG_FILE).get("kind", KIND) == KIND
        # Of a folder that may not be looked into, the reading says so.
        and (any(map(any, stamp(path))) or not os.access(path, os.X_OK))
    ]


def _config(file: Path) -> dict[str, Any]:
    """What a config.json holds, unchecked; empty where it is missing or damaged."""
    return _read(file, folders.stamp(file))


@lru_cache(maxsize=32)
def _read(file: Path, written: tuple[int, int]) -> dict[str, Any]:
    """Once while its stamp is the same."""
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
