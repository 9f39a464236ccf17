"""python -m vae_model COMMAND ...   (--help lists the commands, COMMAND --help what each takes)

Exit codes: 0 done, 1 it failed (one line says why), 2 the command line is wrong, 130 interrupted
(training then has saved where it was, but where a second Ctrl-C gave up a slow batch).
"""

# ruff: noqa: E402
import signal

# Ctrl-C while the rest is imported, which may take seconds, ends it without a traceback; who starts
# it in the background may have it ignored.
HEARS_CTRL_C = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if __name__ == "__main__" and HEARS_CTRL_C:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import dataclasses
import io
import json
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from PIL import Image

from vae_model.commands.arguments import parser
from vae_model.commands.console import (
    Failure,
    check_unseen,
    load_data,
    load_model,
    model_folder,
    say_error,
)
from vae_model.commands.evaluate import evaluate
from vae_model.commands.train import train
from vae_model.data.folder import DataError
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
from vae_model.model.atomic import replacing
from vae_model.model.checkpoint import CheckpointError, check_place, load, update
from vae_model.model.config import ConfigError
from vae_model.preprocessing import BadImage, EmptyDrawing, find_digits, open_image
from vae_model.runs import jobs
from vae_model.runs.folders import RunsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A path that a terminal's encoding lacks is no reason to fail.
        sys.stdout.reconfigure(errors="backslashreplace")
    options = parser(__doc__).parse_args(arguments)
    if options.command not in WITHOUT_TORCH:
        if not jobs.has_torch():
            install = "pip install -r requirements.txt"
            needed = f"{options.command} needs PyTorch, which is not installed: {install}"
            return say_error(needed, 1)
        # Before torch is imported: at these sizes a second thread costs more than it gives.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    code = _run(options)
    try:
        print(end="", flush=True)
    except OSError as error:
        # What is left goes nowhere: at its exit Python would try again, and end in a traceback.
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return code or _say_oserror(error)
    return code


def _run(options: argparse.Namespace) -> int:
    stores = options.command in STORING
    try:
        with jobs.measuring(options.checkpoint) if stores else nullcontext():
            return COMMANDS[options.command](options)
    except ConfigError as error:
        return say_error(str(error), 2)
    except DataError as error:
        return say_error(" ".join(error.args), 1)
    except (Failure, CheckpointError, RunsError) as error:
        return say_error(str(error), 1)
    except KeyboardInterrupt:
        return say_error("interrupted", 130)
    except OSError as error:
        return _say_oserror(error)


def _say_oserror(error: OSError) -> int:
    """Of a disk that is full, say; that nobody listens any more is nothing to tell."""
    if isinstance(error, BrokenPipeError):
        return 1
    where = f"{error.filename}: " if error.filename else ""
    return say_error(f"{where}{error.strerror or error}", 1)


def _calibrate(options: argparse.Namespace) -> int:
    checkpoint, fitted_on = load_model(options.checkpoint), load_model(options.by)
    held_out = fitted_on.provenance.get("held_out_training_images")
    if type(held_out) is not int or held_out <= 0:
        raise Failure(f"{options.by} was not trained with --hold-out: it has seen every digit")
    if fitted_on.model != checkpoint.model:
        raise Failure(f"{options.by} is no model of the same form as {options.checkpoint}")
    data = load_data(options.data, held_out)
    check_unseen(fitted_on, data.name, held_out)
    from vae_model.evaluation.fit_calibration import fit, hand_habits, in_order_of_writers

    about = {"by": fitted_on.name, "held_out_training_images": held_out, "data": data.name}
    images = data.test.images.numpy().reshape(-1, 28, 28)
    calibration = fit(DigitEngine(fitted_on), images, data.test.labels.numpy(), about)
    if data.name == "mnist":  # the sample is shuffled
        # The held-out model's dims are not the checkpoint's, and covariances need no unseen digits.
        parts = (data.train.images.numpy().reshape(-1, 28, 28), data.train.labels.numpy())
        habits = hand_habits(DigitEngine(checkpoint), *map(in_order_of_writers, parts))
        calibration = dataclasses.replace(calibration, habits=habits)
    told = dataclasses.asdict(calibration)
    # Loaded again, for they may have been measured meanwhile.
    target = model_folder(options.checkpoint)
    metrics = load(target).metrics
    for untrue in ("calibration_error", "calibration_bins"):
        metrics.pop(untrue, None)
    update(target, of=checkpoint, calibration=told, metrics=metrics)
    print(f"temperature {calibration.temperature:.3f}, saved in {options.checkpoint}")
    return 0


def _layout(options: argparse.Namespace) -> int:
    from vae_model.engine import umap_layout

    target = model_folder(options.checkpoint)
    engine = DigitEngine.load(target)
    images = load_data("sample").test.images.numpy().reshape(-1, 28, 28)
    try:
        places = umap_layout.compute(engine, images)
    except ModuleNotFoundError as error:
        if error.name != "umap":
            raise
        raise Failure(
            "umap-learn is not installed: `make layout` installs it, and so does "
            "pip install -r requirements-layout.txt"
        ) from error
    umap_layout.save(target, places, engine.checkpoint.weights, images)
    print(f"wrote {target / umap_layout.LAYOUT_FILE}")
    return 0


def _sample(options: argparse.Namespace) -> int:
    engine = DigitEngine.load(model_folder(options.checkpoint))
    columns = list(range(10)) if options.digit is None else [options.digit] * 10
    # A row is one style in all ten digits, or ten styles of the one digit asked for.
    draws = (options.styles, 1 if options.digit is None else 10, engine.z_dim)
    styles = np.random.default_rng(options.seed).standard_normal(draws, dtype=np.float32)
    styles = np.broadcast_to(styles, (options.styles, 10, engine.z_dim)).reshape(-1, engine.z_dim)
    images = engine.decode(styles, one_hot(columns * options.styles))
    _write_rows(images.reshape(options.styles, 10, 28, 28), options.out)
    print(f"wrote {options.out}")
    return 0


def _write_rows(images: Floats, path: Path) -> None:
    """Rows of ten digits (n, 10, 28, 28) as a PNG, in place of an older one if there is one. Raises
    Failure."""
    sheet = images.swapaxes(1, 2).reshape(-1, 280)
    try:
        if path.is_file():
            with path.open("rb") as there:
                if there.read(4) not in (b"\x89PNG", b""):
                    raise Failure(f"{path} is there already, and no PNG: choose another name")
        with replacing(path) as file:
            Image.fromarray((sheet * 255).round().astype(np.uint8)).save(file, "PNG")
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror or error}") from error


def _read(options: argparse.Namespace) -> int:
    engine = DigitEngine.load(model_folder(options.checkpoint))
    if options.sheet is not None and options.sheet.resolve() == options.image.resolve():
        raise ConfigError("--sheet would replace the picture that is read: choose another name")
    try:
        picture = open_image(options.image.read_bytes())
        found = find_digits(picture)
    except (BadImage, EmptyDrawing) as error:
        raise Failure(f"{options.image}: {error}") from error
    except OSError as error:
        raise Failure(f"cannot read {options.image}: {error.strerror}") from error
    scale = max(picture.info["size"]) / max(picture.size)
    frame, frames = picture.info["frame"]
    if frame > 1:
        note = f"{options.image}: its first frame is blank, so frame {frame} of {frames} is read"
        print(note, file=sys.stderr)
    readings = [engine.read(each.image) for each in found]
    number = "".join(str(reading.digit) for reading in readings)
    hand = engine.hand(np.stack([each.image for each in found]))
    digits = [
        {
            "digit": reading.digit,
            "digit_probs": reading.digit_probs.tolist(),
            "box": [round(scale * side) for side in each.box],
            "ink": round(each.ink, 4),
            "is_familiar": reading.is_familiar,
            "is_touching": each.is_touching,
            "style_mean": reading.style_mean.tolist(),
            "style_std": reading.style_std.tolist(),
        }
        for each, reading in zip(found, readings, strict=True)
    ]
    if options.json:
        hands = {"hand_mean": hand.mean.tolist(), "hand_std": hand.std.tolist()}
        # What one digit alone was told by stays, of the largest.
        largest = digits[max(range(len(found)), key=lambda index: found[index].size)]
        print(json.dumps({**largest, "number": number, "digits": digits, **hands}))
    else:
        if len(found) > 1:
            print(number)
        for each, reading, told in zip(found, readings, digits, strict=True):
            share = min(float(reading.digit_probs[reading.digit]), 0.999)  # nothing is certain
            sure = f"{reading.digit} ({100 * share:.1f} % sure)"
            left, top, right, bottom = told["box"]
            doubts = [
                *(["unlike any digit"] if reading.is_familiar is False else []),
                *(["perhaps several that touch"] if each.is_touching else []),
            ]
            print(f"{sure} at {left},{top}-{right},{bottom}", *doubts, sep=", ")
    if options.sheet is not None:
        styles = np.tile(hand.mean, (10, 1))
        _write_rows(engine.decode(styles, one_hot(list(range(10))))[None], options.sheet)
    return 0


def _data(options: argparse.Namespace) -> int:
    from vae_model.data.mnist import SAMPLE_FILE, write_sample

    data = load_data("mnist")
    if options.write_sample:
        write_sample(data)
        print(f"wrote {SAMPLE_FILE} ({SAMPLE_FILE.stat().st_size / 1e6:.2f} MB)")
    return 0


def _judge(options: argparse.Namespace) -> int:
    from vae_model.evaluation.judge import KIND, build_judge

    check_place(options.out, KIND)
    data = load_data(options.data)
    build_judge(options.out, data)
    print(f"wrote {options.out}")
    return 0


# Those that the app runs too are in commands/; what each takes, in commands/arguments.py.
COMMANDS = {
    "train": train,
    "evaluate": evaluate,
    "calibrate": _calibrate,
    "layout": _layout,
    "sample": _sample,
    "read": _read,
    "data": _data,
    "judge": _judge,
}
STORING = {"calibrate", "layout"}
"""What stores something with a model that may be a run's; `evaluate` sees to that itself."""
WITHOUT_TORCH = {"sample", "read"}
"""What serving's packages are enough for."""


if __name__ == "__main__":
    if HEARS_CTRL_C:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
