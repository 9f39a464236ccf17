"""python -m vae_model train | evaluate | sample | read | data | judge

Exit codes: 0 done, 1 it failed (one line says why), 2 the command line is wrong, 130 interrupted
(training then has saved where it was).
"""

import argparse
import dataclasses
import json
import signal
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from vae_model.checkpoint import Checkpoint, CheckpointError, load, save, save_metrics
from vae_model.config import PRESETS, ConfigError, ModelConfig, TrainConfig, preset

# torch is imported where a command needs it: --help and usage errors answer at once.
if TYPE_CHECKING:
    from vae_model.data import DigitData
    from vae_model.training import Training

DATA_HELP = "mnist (fetched if need be), sample (10,000 digits, always there) or auto"
JUDGE_FOLDER = Path("checkpoints/judge")


class Failure(Exception):
    """Ends the command with exit code 1 and this line."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except ConfigError as error:
        return _say_error(str(error), 2)
    except (Failure, CheckpointError) as error:
        return _say_error(str(error), 1)
    except KeyboardInterrupt:
        return _say_error("interrupted", 130)
    except BrokenPipeError:
        return 1
    return code


def _say_error(message: str, code: int) -> int:
    print(f"vae_model: {message}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m vae_model", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    train = commands.add_parser("train", help="train a model and write its checkpoint folder")
    train.add_argument("--preset", help=f"one of {', '.join(PRESETS)}; default studio")
    train.add_argument("--out", type=Path, help="the checkpoint folder to write")
    train.add_argument("--resume", type=Path, help="go on with an unfinished training's folder")
    train.add_argument("--hold-out", type=int, default=0, metavar="N", help=HOLD_OUT_HELP)
    _add_common(train)
    fields = train.add_argument_group("hyperparameters (the preset's where not given)")
    for name, kind in _hyperparameters().items():
        fields.add_argument(f"--{name.replace('_', '-')}", metavar=_metavar(kind))
    train.set_defaults(run=_train)

    evaluate = commands.add_parser("evaluate", help="measure a checkpoint on the test set")
    evaluate.add_argument("checkpoint", type=Path)
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")
    evaluate.add_argument("--save", action="store_true", help="store the figures with it")
    evaluate.add_argument("--seed", type=int, default=0)
    evaluate.add_argument("--judge", type=Path, default=JUDGE_FOLDER)
    evaluate.add_argument("--hold-out", type=int, default=0, metavar="N", help=HOLD_OUT_HELP)
    _add_common(evaluate)
    evaluate.set_defaults(run=_evaluate)

    sample = commands.add_parser("sample", help="write random digits as a PNG")
    sample.add_argument("checkpoint", type=Path)
    sample.add_argument("--digit", type=int, choices=range(10), help="default: all ten")
    sample.add_argument("--styles", type=int, default=10, help="rows, one random style each")
    sample.add_argument("--seed", type=int, default=0)
    sample.add_argument("--out", type=Path, required=True, help="the PNG to write")
    sample.set_defaults(run=_sample)

    read = commands.add_parser("read", help="read a drawn or photographed digit")
    read.add_argument("checkpoint", type=Path)
    read.add_argument("image", type=Path, help="PNG, JPEG, WebP, GIF or BMP")
    read.add_argument("--json", action="store_true", help="print one JSON object")
    read.set_defaults(run=_read)

    data = commands.add_parser("data", help="fetch and check the full MNIST")
    data.add_argument(
        "--write-sample", action="store_true", help="make the bundled sample from it again"
    )
    data.set_defaults(run=_data)

    judge = commands.add_parser("judge", help="train the CNN that evaluation relies on")
    judge.add_argument("--out", type=Path, required=True)
    judge.add_argument("--seed", type=int, default=0)
    _add_common(judge)
    judge.set_defaults(run=_judge)
    return parser


HOLD_OUT_HELP = "test on the last N training digits instead of the test set: for choosing models"


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", default="auto", help=DATA_HELP)
    parser.add_argument("--threads", type=int, default=1, help="of torch; default 1")


def _hyperparameters() -> dict[str, Any]:
    """Name and type of each field of the two configurations."""
    return get_type_hints(ModelConfig) | get_type_hints(TrainConfig)


def _metavar(kind: Any) -> str:
    if get_origin(kind) is tuple:
        return "W[,W...]"
    if choices := get_args(kind):
        return "{" + ",".join(choices) + "}"
    return {int: "N", float: "X", bool: "{on,off}"}[kind]


def _parse_value(name: str, kind: Any, text: str) -> object:
    """What the text on the command line means for a field. Raises ConfigError."""
    try:
        if get_origin(kind) is tuple:
            return tuple(int(part) for part in text.split(","))
        if kind is bool:
            return {"on": True, "off": False}[text]
        return kind(text) if kind in (int, float) else text
    except (ValueError, KeyError):
        flag = "--" + name.replace("_", "-")
        raise ConfigError(f"{flag} must be {_metavar(kind)}, not {text!r}") from None


def _configured(options: argparse.Namespace) -> tuple[str, ModelConfig, TrainConfig]:
    chosen = preset(options.preset or "studio")
    given = {
        name: _parse_value(name, kind, getattr(options, name))
        for name, kind in _hyperparameters().items()
        if getattr(options, name) is not None
    }
    changes: list[dict[str, Any]] = [
        {name: value for name, value in given.items() if name in get_type_hints(config)}
        for config in (ModelConfig, TrainConfig)
    ]
    model = dataclasses.replace(chosen.model, **changes[0])
    return chosen.name, model, dataclasses.replace(chosen.train, **changes[1])


def _train(options: argparse.Namespace) -> int:
    if (options.resume is None) == (options.out is None):
        raise ConfigError("train needs either --out DIR or --resume DIR")
    if options.resume is None:
        name, model, config = _configured(options)
        data = _load_data(options.data, options.threads, options.hold_out)
        from vae_model.training import Training

        training = Training(model, config, data)
        provenance = _provenance(name, data, options.hold_out)
        return _run_training(training, options.out, provenance, [])
    return _resume(options)


def _resume(options: argparse.Namespace) -> int:
    if options.preset or any(getattr(options, name) is not None for name in _hyperparameters()):
        raise ConfigError("--resume goes on as it was begun: give no preset or hyperparameters")
    checkpoint = load(options.resume)
    if not checkpoint.training_state:
        raise Failure(f"{options.resume} holds no unfinished training")
    began = checkpoint.provenance
    data = _load_data(
        str(began.get("data")), options.threads, int(began.get("held_out_training_images", 0))
    )
    if data.checksum != began.get("data_checksum"):
        raise Failure(f"{options.resume} was begun on other data than {data.name!r} is now")
    from vae_model.training import Training

    try:
        training = Training.resume(
            checkpoint.model, checkpoint.train, data, checkpoint.training_state
        )
    except ValueError as error:
        raise Failure(f"{options.resume}: {error}") from error
    return _run_training(training, options.resume, began, checkpoint.history)


def _run_training(
    training: "Training", out: Path, provenance: dict[str, Any], history: list[dict[str, Any]]
) -> int:
    """Train to the end or to an interrupt, saving after each epoch and when stopped."""
    from tqdm import tqdm

    from vae_model.training import Diverged

    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    def save_now(finished: bool) -> None:
        state = {} if finished else training.state()
        weights = training.averaged_model().weights()
        model, config = training.model.config, training.config
        save(out, Checkpoint(model, config, weights, {}, history, provenance, state))

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    total = training.config.epochs * training.batches
    done = training.epoch * training.batches + training.batch
    try:
        with tqdm(total=total, initial=done, unit="batch", mininterval=0.5) as bar:

            def advance() -> None:
                bar.update()

            for report in training.epochs(lambda: stopped, advance):
                history.append(report.figures())
                bar.write(_epoch_line(report.figures()), file=sys.stdout)
                save_now(finished=training.epoch == training.config.epochs)
    except Diverged as error:
        kept = f"{out} keeps the last whole epoch" if history else "nothing was saved"
        raise Failure(f"{error} ({kept})") from error
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    if training.epoch < training.config.epochs:
        save_now(finished=False)
        return _say_error(f"stopped; go on with: python -m vae_model train --resume {out}", 130)
    print(f"wrote {out}")
    return 0


def _epoch_line(figures: dict[str, Any]) -> str:
    train, test = figures["train"], figures["test"]
    return (
        f"epoch {figures['epoch']:3d}  VAE loss {train['vae_loss']:7.2f} (test "
        f"{test['vae_loss']:7.2f} = {test['recon_nll']:.2f} + KL {test['kl']:.2f})  "
        f"classification {train['classification_loss']:.4f} (test "
        f"{test['classification_loss']:.4f})  accuracy {test['accuracy']:.4f}  "
        f"{figures['images_per_second']:.0f} images/s"
    )


def _provenance(preset_name: str, data: "DigitData", held_out: int) -> dict[str, Any]:
    import numpy
    import torch

    return {
        "preset": preset_name,
        "data": data.name,
        "data_checksum": data.checksum,
        "training_images": len(data.train),
        "held_out_training_images": held_out,
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "date": date.today().isoformat(),
    }


def _load_data(name: str, threads: int, held_out: int = 0) -> "DigitData":
    import torch

    from vae_model.data import DataError, load

    torch.set_num_threads(max(1, threads))
    try:
        data = load(name)
    except DataError as error:
        if name in ("mnist", "sample", "auto"):
            raise Failure(str(error)) from error
        raise ConfigError(str(error)) from error
    if not 0 <= held_out < len(data.train):
        raise ConfigError(f"--hold-out must be less than {len(data.train)}, not {held_out}")
    if held_out:
        data = data.holding_out(held_out)
    print(
        f"data: {data.name}, {len(data.train):,} training and {len(data.test):,} test digits",
        file=sys.stderr,
    )
    return data


def _evaluate(options: argparse.Namespace) -> int:
    checkpoint = load(options.checkpoint)
    data = _load_data(options.data, options.threads, options.hold_out)
    from vae_model.evaluation import evaluate
    from vae_model.judge import load_judge
    from vae_model.networks import ConditionalVAE

    judge = load_judge(options.judge)
    model = ConditionalVAE.from_weights(checkpoint.model, checkpoint.weights)
    try:
        figures = evaluate(
            model, data, judge, options.seed, lambda text: print(text, file=sys.stderr)
        )
    except ValueError as error:
        raise Failure(f"{options.checkpoint}: {error}") from error
    figures = {"checkpoint": checkpoint.name} | figures
    if options.hold_out:
        figures["data"] = f"{data.name}, {options.hold_out} held-out training digits"
    if options.save:
        save_metrics(options.checkpoint, figures)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            if isinstance(value, str | int | float):
                print(
                    f"{name:32} {value:.4f}" if isinstance(value, float) else f"{name:32} {value}"
                )
    return 0


def _sample(options: argparse.Namespace) -> int:
    import numpy as np
    from PIL import Image

    from vae_model.engine import DigitEngine, one_hot

    if not 1 <= options.styles <= 1000:
        raise ConfigError(f"--styles must be 1 to 1000, not {options.styles}")
    engine = DigitEngine.load(options.checkpoint)
    columns = list(range(10)) if options.digit is None else [options.digit] * 10
    # A row is one style in all ten digits, or ten styles of the one digit asked for.
    draws = (options.styles, 1 if options.digit is None else 10, engine.z_dim)
    styles = np.random.default_rng(options.seed).standard_normal(draws, dtype=np.float32)
    styles = np.broadcast_to(styles, (options.styles, 10, engine.z_dim)).reshape(-1, engine.z_dim)
    images = engine.decode(styles, one_hot(columns * options.styles))
    sheet = images.reshape(options.styles, 10, 28, 28).swapaxes(1, 2).reshape(-1, 280)
    try:
        Image.fromarray((sheet * 255).round().astype(np.uint8)).save(options.out, "PNG")
    except OSError as error:
        raise Failure(f"cannot write {options.out}: {error.strerror or error}") from error
    print(f"wrote {options.out}")
    return 0


def _read(options: argparse.Namespace) -> int:
    from vae_model.engine import DigitEngine
    from vae_model.preprocessing import BadImage, EmptyDrawing, normalize, open_image

    engine = DigitEngine.load(options.checkpoint)
    start = time.perf_counter()
    try:
        reading = engine.read(normalize(open_image(options.image.read_bytes())))
    except (BadImage, EmptyDrawing) as error:
        raise Failure(f"{options.image}: {error}") from error
    except OSError as error:
        raise Failure(f"cannot read {options.image}: {error.strerror}") from error
    milliseconds = 1000 * (time.perf_counter() - start)
    if options.json:
        values = {
            "digit": reading.digit,
            "digit_probs": reading.digit_probs.tolist(),
            "style_mean": reading.style_mean.tolist(),
            "style_std": reading.style_std.tolist(),
        }
        print(json.dumps(values))
    else:
        share = 100 * reading.digit_probs[reading.digit]
        print(f"{reading.digit} ({share:.1f} % sure, {milliseconds:.0f} ms)")
    return 0


def _data(options: argparse.Namespace) -> int:
    from vae_model.data import SAMPLE_FILE, write_sample

    data = _load_data("mnist", threads=1)
    if options.write_sample:
        write_sample(data)
        print(f"wrote {SAMPLE_FILE} ({SAMPLE_FILE.stat().st_size / 1e6:.2f} MB)")
    return 0


def _judge(options: argparse.Namespace) -> int:
    data = _load_data(options.data, options.threads)
    from vae_model.judge import build_judge

    build_judge(options.out, data, options.seed, progress=print)
    print(f"wrote {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
