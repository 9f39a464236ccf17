"""The models that the visitor can choose from: those that come with the app, and runs of theirs."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ui.shared import loading
from ui.shared.browser.tensors import digest
from ui.shared.dims import traits_of
from ui.shared.loading import stamp
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.checkpoint import CONFIG_FILE, KIND
from vae_model.runs import folders
from vae_model.runs.folders import RunsError
from vae_model.runs.run import list_runs
from vae_model.runs.run import load as load_run

FOLDER_VARIABLE = "VAE_CHECKPOINTS_DIR"
DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "checkpoints"
EXPERIMENTS = "experiments"
"""Of that folder: it holds the small models of the Experiments page, which nobody chooses."""
EXPERIMENTS_FOLDER = DEFAULT_FOLDER / EXPERIMENTS
DEFAULT_MODEL = "studio"
RUN_PREFIX = "run-"
"""Of the name that a run's model has among the models: its id follows."""
RUN_SUFFIX = ", your run"
"""Of what such a model is called on the page and in the address: the run's name goes before."""


@dataclass(frozen=True)
class Shelf:
    """The models there are to choose from."""

    engines: dict[str, DigitEngine]
    """By name, the default first."""
    broken: dict[str, str]
    """Name of a checkpoint that cannot be loaded -> the reason."""
    labels: dict[str, str]
    """What to call those whose name is not fit for people."""


def folder() -> Path:
    """The checkpoints folder: the repository's own, or the one that the environment names."""
    return Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER)


def models(runs: Iterable[str] = ()) -> Shelf:
    """Every model in the checkpoints folder as it is now, and those of the runs with these ids; a
    model already loaded costs a stat."""
    engines: dict[str, DigitEngine] = {}
    broken: dict[str, str] = {}
    labels: dict[str, str] = {}
    for path in _candidates(folder()):
        loaded = engine_at(path)
        if isinstance(loaded, DigitEngine):
            engines[path.name] = loaded
        else:
            broken[path.name] = without_folder(loaded)
    names = sorted(engines, key=lambda name: (name != DEFAULT_MODEL, name))
    engines = {name: engines[name] for name in names}
    for run_id in dict.fromkeys(runs):
        try:
            run = load_run(runs_folder(), run_id)
        except RunsError:
            continue
        if run.model and isinstance(loaded := engine_at(run.model), DigitEngine):
            engines[RUN_PREFIX + run_id] = loaded
            labels[RUN_PREFIX + run_id] = run.name + RUN_SUFFIX
    return Shelf(engines, broken, labels)


def runs_called(label: str) -> list[str]:
    """Ids of the runs whose models are called so, the newest last."""
    if not label.endswith(RUN_SUFFIX):
        return []
    name = label.removesuffix(RUN_SUFFIX)
    return [run.id for run in list_runs(runs_folder()).runs[::-1] if run.name == name]


def of_digest(wanted: str) -> DigitEngine | None:
    """The engine whose weights have this digest; None where no model here has."""
    for run_ids in ([], [run.id for run in list_runs(runs_folder()).runs if run.model]):
        for engine in models(run_ids).engines.values():
            if digest(engine) == wanted:
                return engine
    return None


def engine_at(path: Path) -> DigitEngine | str:
    """The engine of a checkpoint folder as it is now, or the reason why there is none."""
    return loading.engine(path, stamp(path))


def experiment(name: str) -> DigitEngine | str:
    """A small model of the Experiments page, or the reason why there is none. They come with the
    app, wherever its other checkpoints lie."""
    loaded = engine_at(EXPERIMENTS_FOLDER / name)
    if isinstance(loaded, DigitEngine):
        return loaded
    return loaded.replace(f"{EXPERIMENTS_FOLDER}{os.sep}", "")


def runs_folder() -> Path:
    """Where trainings live."""
    return folders.folder()


def warm() -> None:
    """Load every model and what its pages need of it, so that no visitor waits for that."""
    for engine in models().engines.values():
        digest(engine)
        traits_of(engine)


def _candidates(root: Path) -> list[Path]:
    """Folders that hold, or should hold, a model. Half-written ones begin with a dot."""
    try:
        paths = sorted(path for path in root.iterdir() if path.is_dir())
    except OSError:
        return []
    return [
        path
        for path in paths
        if not path.name.startswith(".") and path.name != EXPERIMENTS and not _is_other(path)
    ]


def _is_other(path: Path) -> bool:
    """Whether this is a whole folder of another kind, such as the judge of generated digits."""
    try:
        config = json.loads((path / CONFIG_FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    kind = config.get("kind") if isinstance(config, dict) else None
    return isinstance(kind, str) and kind != KIND


def without_folder(reason: str) -> str:
    """The reason without the path of the checkpoints folder, which tells the visitor nothing."""
    return reason.replace(f"{folder()}{os.sep}", "")
