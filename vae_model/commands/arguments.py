"""What may be typed on the command line."""

import argparse
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from vae_model.data.folder import which
from vae_model.model.config import TRAINING_IMAGES, ConfigError, DataName
from vae_model.model.fields import FIELDS
from vae_model.model.presets import PRESETS
from vae_model.runs.spec import TrainingSpec

DATA_HELP = "mnist (fetched if need be), sample (10,000 digits, always there) or auto"
HOLD_OUT_HELP = "test on the last N training digits instead of the test set: for choosing models"
PLACE_HELP = "a new or empty one, or an older one of the kind, which it replaces"
BY_HELP = "its held-out model: the same training but with --hold-out, whose digits it is fitted on"
DEFAULT_PRESET = "studio"


def _whole(low: int, high: int) -> Callable[[str], int]:
    """Reads a whole number within these bounds."""

    def parse(text: str) -> int:
        with contextlib.suppress(ValueError):
            if low <= int(text) <= high:
                return int(text)
        raise argparse.ArgumentTypeError(f"must be a whole number from {low} to {high}")

    return parse


_SEED = _whole(0, 2**31 - 1)


def parser(description: str | None) -> argparse.ArgumentParser:
    """Parses into a namespace whose `command` is the name of the command."""
    top = argparse.ArgumentParser(prog="python -m vae_model", description=description)
    commands = top.add_subparsers(required=True, metavar="COMMAND", dest="command")

    train = commands.add_parser("train", help="train a model, as a run in the runs folder")
    place = train.add_mutually_exclusive_group()
    place.add_argument("--run", type=Path, help="the new run's folder; default: a fresh one")
    place.add_argument(
        "--out", type=Path, help=f"write a checkpoint folder alone, no run; {PLACE_HELP}"
    )
    place.add_argument("--resume", type=Path, help="go on with an unfinished run or checkpoint")
    train.add_argument("--preset", help=f"one of {', '.join(PRESETS)}; default {DEFAULT_PRESET}")
    groups: dict[str, Any] = {}
    for field in FIELDS.values():
        if field.group not in groups:
            title = f"{field.group} (the preset's where not given)"
            groups[field.group] = train.add_argument_group(title)
        bounds = f" ({field.bounds})" if field.bounds else ""
        groups[field.group].add_argument(field.flag, metavar=field.form, help=field.help + bounds)

    model = argparse.ArgumentParser(add_help=False)
    model.add_argument("checkpoint", type=Path, help="a checkpoint's folder, or a run's")

    about = "measure a checkpoint on the test set"
    evaluate = commands.add_parser("evaluate", parents=[model], help=about)
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")
    evaluate.add_argument("--save", action="store_true", help="store the figures with it")
    evaluate.add_argument("--seed", type=_SEED, default=0, help="of what is drawn; default 0")

    about = "fit a checkpoint's confidence, and what is unlike a digit"
    calibrate = commands.add_parser("calibrate", parents=[model], help=about)
    calibrate.add_argument("--by", type=Path, required=True, help=BY_HELP)

    about = "lay the test digits out by UMAP, for the Map page (needs umap-learn)"
    commands.add_parser("layout", parents=[model], help=about)

    sample = commands.add_parser("sample", parents=[model], help="write random digits as a PNG")
    sample.add_argument("--digit", type=int, choices=range(10), help="default: all ten")
    sample.add_argument(
        "--styles", type=_whole(1, 1000), default=10, help="rows, one random style each"
    )
    sample.add_argument("--seed", type=_SEED, default=0)
    sample.add_argument("--out", type=Path, required=True, help="the PNG to write")

    about = "read the digits in a drawing or photo"
    read = commands.add_parser("read", parents=[model], help=about)
    read.add_argument("image", type=Path, help="PNG, JPEG, WebP, AVIF, TIFF, GIF or BMP")
    read.add_argument("--json", action="store_true", help="print one JSON object")
    read.add_argument("--sheet", type=Path, help="the PNG to write all ten digits in that hand to")

    data = commands.add_parser("data", help="fetch and check the full MNIST")
    data.add_argument(
        "--write-sample", action="store_true", help="make the bundled sample from it again"
    )

    judge = commands.add_parser("judge", help="train the CNN that evaluation relies on")
    judge.add_argument("--out", type=Path, required=True, help=f"its folder; {PLACE_HELP}")

    for command in (train, evaluate, calibrate, judge):
        command.add_argument("--data", default="auto", choices=get_args(DataName), help=DATA_HELP)
    for command in (train, evaluate):
        held_out = _whole(0, TRAINING_IMAGES["mnist"] - 1)
        command.add_argument(
            "--hold-out", type=held_out, default=0, metavar="N", help=HOLD_OUT_HELP
        )
    return top


def chosen(options: argparse.Namespace) -> TrainingSpec:
    """What the options of `train` come to. Raises ConfigError."""
    most = TRAINING_IMAGES[which(options.data)] - 1
    if options.hold_out > most:
        raise ConfigError(f"--hold-out must be from 0 to {most}, not {options.hold_out}")
    preset = options.preset or DEFAULT_PRESET
    texts = {name: getattr(options, name) for name in FIELDS}
    changes = {name: FIELDS[name].parse(text) for name, text in texts.items() if text is not None}
    return TrainingSpec.of(preset, changes, options.data, options.hold_out)


def chooses(options: argparse.Namespace) -> bool:
    """Whether the options name a preset, data or a hyperparameter."""
    return (
        options.data != "auto"
        or options.hold_out > 0
        or any(getattr(options, name) is not None for name in ("preset", *FIELDS))
    )
