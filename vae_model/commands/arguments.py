"""The command line: what may be typed, and what it means. Runs nothing."""

import argparse
from pathlib import Path
from typing import Any

from vae_model.model.config import PRESETS, ModelConfig, TrainConfig
from vae_model.model.fields import FIELDS, configured

DATA_HELP = "mnist (fetched if need be), sample (10,000 digits, always there) or auto"
HOLD_OUT_HELP = "test on the last N training digits instead of the test set: for choosing models"
CHECKPOINT_HELP = "a checkpoint's folder, or a run's"
PLACE_HELP = "a new or empty one, or an older one of the kind, which it replaces"
JUDGE_FOLDER = Path("checkpoints/judge")
DEFAULT_PRESET = "studio"


def parser(description: str | None) -> argparse.ArgumentParser:
    """Parses into a namespace whose `command` is the name of the command."""
    top = argparse.ArgumentParser(prog="python -m vae_model", description=description)
    commands = top.add_subparsers(required=True, metavar="COMMAND", dest="command")

    train = commands.add_parser("train", help="train a model, as a run in the runs folder")
    train.add_argument("--run", type=Path, help="the new run's folder; default: a fresh one")
    train.add_argument("--name", default="", help="of the new run; default: preset and a number")
    train.add_argument(
        "--out", type=Path, help=f"write a checkpoint folder alone, no run; {PLACE_HELP}"
    )
    train.add_argument("--resume", type=Path, help="go on with an unfinished run or checkpoint")
    _add_hyperparameters(train)
    _add_hold_out(train)
    _add_common(train)
    _add_background(train)

    estimate = commands.add_parser("estimate", help="say how long a training will take here")
    estimate.add_argument("--json", action="store_true", help="print one JSON object")
    _add_hyperparameters(estimate)
    _add_common(estimate)

    evaluate = commands.add_parser("evaluate", help="measure a checkpoint on the test set")
    evaluate.add_argument("checkpoint", type=Path, help=CHECKPOINT_HELP)
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")
    evaluate.add_argument("--save", action="store_true", help="store the figures with it")
    evaluate.add_argument("--seed", type=int, default=0)
    evaluate.add_argument("--judge", type=Path, default=JUDGE_FOLDER)
    _add_hold_out(evaluate)
    _add_common(evaluate)
    _add_background(evaluate)

    calibrate = commands.add_parser(
        "calibrate", help="fit a checkpoint's confidence, and what is unlike a digit"
    )
    calibrate.add_argument("checkpoint", type=Path)
    calibrate.add_argument(
        "--by",
        type=Path,
        required=True,
        help="the same training but with --hold-out: it is fitted on those digits",
    )
    _add_common(calibrate)

    layout = commands.add_parser(
        "layout", help="lay the test digits out by UMAP, for the Map page (needs umap-learn)"
    )
    layout.add_argument("checkpoint", type=Path, help="its folder, which the layout is put into")
    layout.add_argument("--seed", type=int, default=0)

    sample = commands.add_parser("sample", help="write random digits as a PNG")
    sample.add_argument("checkpoint", type=Path, help=CHECKPOINT_HELP)
    sample.add_argument("--digit", type=int, choices=range(10), help="default: all ten")
    sample.add_argument("--styles", type=int, default=10, help="rows, one random style each")
    sample.add_argument("--seed", type=int, default=0)
    sample.add_argument("--out", type=Path, required=True, help="the PNG to write")

    read = commands.add_parser("read", help="read a drawn or photographed digit")
    read.add_argument("checkpoint", type=Path, help=CHECKPOINT_HELP)
    read.add_argument("image", type=Path, help="PNG, JPEG, WebP, GIF or BMP")
    read.add_argument("--json", action="store_true", help="print one JSON object")

    commands.add_parser("runs", help="list the runs")

    export = commands.add_parser("export", help="write a run as one .zip")
    export.add_argument("run", type=Path, help="the run's folder")
    export.add_argument("--out", type=Path, required=True, help="the .zip to write")
    export.add_argument(
        "--whole",
        action="store_true",
        help="every epoch's weights, though pages may refuse so large a file",
    )

    imported = commands.add_parser("import", help="take in a run that was exported")
    imported.add_argument("archive", type=Path, help="the .zip")

    data = commands.add_parser("data", help="fetch and check the full MNIST")
    data.add_argument(
        "--write-sample", action="store_true", help="make the bundled sample from it again"
    )

    judge = commands.add_parser("judge", help="train the CNN that evaluation relies on")
    judge.add_argument("--out", type=Path, required=True, help=f"its folder; {PLACE_HELP}")
    judge.add_argument("--seed", type=int, default=0)
    _add_common(judge)
    return top


def chosen(options: argparse.Namespace) -> tuple[str, ModelConfig, TrainConfig]:
    """The preset's name, and the configurations that it and the options come to.

    Raises ConfigError.
    """
    changes: dict[str, Any] = {
        name: field.parse(getattr(options, name))
        for name, field in FIELDS.items()
        if getattr(options, name) is not None
    }
    name = options.preset or DEFAULT_PRESET
    return name, *configured(name, changes)


def chooses(options: argparse.Namespace) -> bool:
    """Whether the options name a preset or a hyperparameter."""
    return bool(options.preset) or any(getattr(options, name) is not None for name in FIELDS)


def _add_hyperparameters(command: argparse.ArgumentParser) -> None:
    command.add_argument("--preset", help=f"one of {', '.join(PRESETS)}; default {DEFAULT_PRESET}")
    groups: dict[str, Any] = {}
    for field in FIELDS.values():
        if field.group not in groups:
            title = f"{field.group} (the preset's where not given)"
            groups[field.group] = command.add_argument_group(title)
        bounds = f" ({field.bounds})" if field.bounds else ""
        groups[field.group].add_argument(field.flag, metavar=field.form, help=field.help + bounds)


def _add_hold_out(command: argparse.ArgumentParser) -> None:
    command.add_argument("--hold-out", type=int, default=0, metavar="N", help=HOLD_OUT_HELP)


def _add_common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data", default="auto", help=DATA_HELP)
    command.add_argument("--threads", type=int, default=1, help="of torch; default 1")


def _add_background(command: argparse.ArgumentParser) -> None:
    command.add_argument("--nice", type=int, default=0, metavar="N", help="give way to others")
    # For vae_model.runs.jobs, which holds the lock of the runs folder before this process begins.
    command.add_argument("--lock-fd", type=int, help=argparse.SUPPRESS)
