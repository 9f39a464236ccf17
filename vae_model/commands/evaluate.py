"""The command `evaluate`, which the app runs in the background too (`job`)."""

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vae_model.commands.console import Failure, check_unseen, load_data, load_model
from vae_model.model.checkpoint import Checkpoint, update
from vae_model.runs.desk import Desk
from vae_model.runs.events import Progress
from vae_model.runs.folders import CHECKPOINT_FOLDER, holds_run, within
from vae_model.runs.jobs import measuring

if TYPE_CHECKING:
    from vae_model.data.mnist import DigitData, Digits

JUDGE_FOLDER = Path(__file__).parents[2] / "checkpoints" / "judge"


def evaluate(options: argparse.Namespace) -> int:
    """Print every figure of a checkpoint, or of a run's; the exit code."""
    path = options.checkpoint
    figures: dict[str, Any] = {}
    asked = (options.data, options.hold_out, options.save, options.seed, figures.update)
    try:
        # To look at the checkpoint within a run needs no lock.
        with measuring(path) if options.save or holds_run(path) else nullcontext() as run:
            if run:
                measure_run(run, *asked)
            else:
                measure(path, *asked)
    finally:
        # What took minutes is told where it cannot be stored, and stored where it cannot be told.
        if options.json and figures:
            print(json.dumps(figures))
        elif not options.json:
            for name, value in figures.items():
                if isinstance(value, str | int | float):
                    print(f"{name:32} {f'{value:.4f}' if isinstance(value, float) else value}")
    return 0


def measure_run(
    path: Path,
    data: str = "auto",
    hold_out: int = 0,
    save: bool = True,
    seed: int = 0,
    tell: Callable[[dict[str, Any]], None] = lambda figures: None,
) -> None:
    """Every figure of a run's model, told of in its folder. For the holder of the lock; raises as
    `measure` does."""
    desk = Desk(path)
    desk.show(Progress("evaluating", message="starting"))
    with desk.obeying():
        try:
            measure(path / CHECKPOINT_FOLDER, data, hold_out, save, seed, tell, desk.show)
        except Exception as error:
            desk.tell("unevaluated", message=within(path, str(error)))
            raise
        desk.tell("evaluated")


def measure(
    path: Path,
    data_name: str,
    hold_out: int,
    save: bool,
    seed: int,
    tell: Callable[[dict[str, Any]], None],
    show: Callable[[Progress], None] = lambda progress: None,
) -> None:
    """Every figure of a checkpoint: told, then stored with it where `save` says so.

    Raises Failure, DataError, CheckpointError and ConfigError.
    """
    checkpoint = load_model(path)
    data = load_data(data_name, hold_out)
    if hold_out:
        check_unseen(checkpoint, data.name, hold_out)
    from vae_model.evaluation.judge import load_judge
    from vae_model.evaluation.metrics import evaluate
    from vae_model.model.networks import ConditionalVAE

    def say(step: int, steps: int, doing: str) -> None:
        print(f"evaluate {step}/{steps}: {doing}", file=sys.stderr)
        show(Progress("evaluating", share=(step - 1) / steps, message=doing))

    judge = load_judge(JUDGE_FOLDER)
    model = ConditionalVAE.from_weights(checkpoint.model, checkpoint.weights)
    temperature = checkpoint.calibration.temperature if checkpoint.calibration else 1.0
    try:
        learned = _learned_from(checkpoint, data)
        figures = evaluate(model, data, judge, seed, say, temperature=temperature, learned=learned)
    except ValueError as error:
        raise Failure(f"{path}: {error}") from error
    figures = {"checkpoint": checkpoint.name} | figures
    if hold_out:
        figures["data"] = f"{data.name}, {hold_out} held-out training digits"
    tell(figures)
    show(Progress("saving", share=1.0, message="saving"))
    if save:
        update(path, of=checkpoint, metrics=figures)


def _learned_from(checkpoint: Checkpoint, data: "DigitData") -> "Digits":
    """The training digits that a checkpoint learned from; none where they are neither among this
    data nor the sample's."""
    from vae_model.data import mnist

    origin = checkpoint.provenance
    count = origin.get("training_images")
    for known in (data, mnist.load_sample()):
        if known.checksum == origin.get("data_checksum") and type(count) is int and count > 0:
            return known.train.part(0, count)
    return data.train.part(0, 0)
