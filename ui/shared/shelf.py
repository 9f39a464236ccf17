"""The models that the visitor can choose from, and what their checkpoints say about them.

Reads folders and metrics, draws nothing.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ui.shared import loading
from vae_model.engine.digit_engine import DigitEngine, Floats
from vae_model.engine.style_names import FEATURES, Trait
from vae_model.engine.umap_layout import LAYOUT_FILE
from vae_model.model.checkpoint import CONFIG_FILE, KIND, WEIGHTS_FILE
from vae_model.model.numbers import number
from vae_model.runs import folders
from vae_model.runs.folders import RunsError
from vae_model.runs.run import list_runs
from vae_model.runs.run import load as load_run

FOLDER_VARIABLE = "VAE_CHECKPOINTS_DIR"
DEFAULT_FOLDER = Path(__file__).resolve().parent.parent / "checkpoints"
EXPERIMENTS = "experiments"
"""Of that folder: it holds the small models of the Experiments page, which nobody chooses."""
EXPERIMENTS_FOLDER = DEFAULT_FOLDER / EXPERIMENTS
DEFAULT_MODEL = "studio"
RUN_PREFIX = "run-"
"""Of the name that a run's model has among the models: its id follows."""
RUN_SUFFIX = ", your run"
"""Of what such a model is called on the page and in the address: the run's name goes before."""

ASLEEP_KL = 0.02
"""Nats: a style dim that costs less tells next to nothing about the image."""


@dataclass(frozen=True)
class Shelf:
    """The models there are to choose from."""

    engines: dict[str, DigitEngine]
    """By name, the default first."""
    broken: dict[str, str]
    """Name of a checkpoint that cannot be loaded -> the reason."""
    labels: dict[str, str]
    """What to call those whose name is not fit for people."""


@dataclass(frozen=True)
class Figure:
    """One measured number, ready to be shown."""

    label: str
    value: str
    meaning: str


@dataclass(frozen=True)
class StyleDim:
    """A style dim as people see it."""

    dim: int
    """Counted from 0."""
    name: str
    """What it was measured to do, or "style 4" where nothing is clear."""
    low: str
    """What its digits look like at −3 and at +3; empty where it has no name of its own."""
    high: str
    note: str
    """How that was measured, in a line."""


def folder() -> Path:
    """The checkpoints folder: the repository's own, or the one that the environment names."""
    return Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER)


def shelf(runs: Iterable[str] = ()) -> Shelf:
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
            broken[path.name] = _without_folder(loaded)
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
    for engine in shelf().engines.values():
        loading.packed(engine)
        loading.traits(engine)


def warm_map() -> None:
    """Prepare what the map shows, a second or two for each model; no page but the map needs it."""
    for engine in shelf().engines.values():
        loading.pictures(engine)
        layout(engine)


def layout(engine: DigitEngine) -> Floats | str | None:
    """Where UMAP puts the test digits, (2000, 2) within ±1; the reason why it cannot be shown; None
    where there is none. Runs have none."""
    found = loading.layout(folder() / engine.checkpoint.name, engine)
    return _without_folder(found) if isinstance(found, str) else found


def figures(engine: DigitEngine) -> list[Figure]:
    """The model's measured figures; one that was not measured, or is no number, is left out."""
    shares = (
        ("test_accuracy", "Test accuracy", "Unseen handwritten digits read rightly."),
        (
            "generation_accuracy",
            "Generation accuracy",
            "Generated digits that an independent judge reads as the digit asked for.",
        ),
    )
    found = [
        Figure(label, f"{100 * value:.1f} %", meaning)
        for key, label, meaning in shares
        if (value := number(engine.checkpoint.metrics.get(key))) is not None
    ]
    nelbo = number(engine.checkpoint.metrics.get("nelbo_bernoulli"))
    if nelbo is not None:
        meaning = "Bound on what an unseen image costs the model, in nats: lower is better."
        found.append(Figure("NELBO", f"{nelbo:.1f} nats", meaning))
    return found


def style_dims(engine: DigitEngine) -> tuple[list[StyleDim], list[StyleDim]]:
    """Style dims that are awake, the one that says most about an image first, and those asleep."""
    awake, asleep = style_order(engine)
    traits = loading.traits(engine)
    dims = [_style_dim(traits[dim], place) for place, dim in enumerate([*awake, *asleep], start=1)]
    return dims[: len(awake)], dims[len(awake) :]


def style_order(engine: DigitEngine) -> tuple[list[int], list[int]]:
    """Style dims that are awake, from the one that says most about an image to the one that says
    least, and those that are asleep. All are awake, in their own order, where nothing is known."""
    dims = list(range(engine.z_dim))
    listed = engine.checkpoint.metrics.get("kl_per_dim")
    costs = [number(value) for value in listed] if isinstance(listed, list) else []
    known = [cost for cost in costs if cost is not None]
    if len(costs) != engine.z_dim or len(known) != engine.z_dim:
        return dims, []
    dims.sort(key=lambda dim: -known[dim])
    awake = [dim for dim in dims if known[dim] >= ASLEEP_KL]
    return awake, [dim for dim in dims if known[dim] < ASLEEP_KL]


def _style_dim(trait: Trait, place: int) -> StyleDim:
    features = list(FEATURES)
    strongest = max(range(len(features)), key=lambda index: abs(trait.correlations[index]))
    note = (
        f"Dim {trait.dim + 1}. Of what was measured it moves {features[strongest]} most: "
        f"correlation {trait.correlations[strongest]:+.2f}".replace("-", "−")
    )
    return StyleDim(trait.dim, trait.name or f"style {place}", trait.low, trait.high, note)


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


def stamp(path: Path) -> loading.Stamp:
    """Another one means that the files of a checkpoint folder have changed."""
    stamps = []
    for name in (CONFIG_FILE, WEIGHTS_FILE, LAYOUT_FILE):
        try:
            status = (path / name).stat()
        except OSError:
            stamps.append((0, 0))
        else:
            stamps.append((status.st_mtime_ns, status.st_size))
    return tuple(stamps)


def _without_folder(reason: str) -> str:
    """The reason without the path of the checkpoints folder, which tells the visitor nothing."""
    return reason.replace(f"{folder()}{os.sep}", "")
