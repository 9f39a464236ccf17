"""What an unfinished training saves to go on with: its names, shapes and bounds.

An imported run is held to the same rules as a training that goes on, so that neither is led astray
by numbers that no training gives.
"""

import math

from vae_model.model.checkpoint import Arrays, Shape, check_arrays, layer_shapes, weight_shapes
from vae_model.model.config import PIXELS, ModelConfig, TrainConfig, adversary_widths, is_plain

GENERATOR_BYTES = 5056
"""Of the state of torch's own generator of random numbers."""
SUMS = 6
"""Of the current epoch's losses, and of its images."""


def check(state: Arrays, model: ModelConfig, train: TrainConfig, images: int) -> Arrays:
    """The state, under the names of today. Raises ValueError, naming what is wrong, unless a
    training of these configurations on so many images could have saved it."""
    # The adversaries' optimiser had another name once.
    state = {name.replace("rival_", "adversary_"): array for name, array in state.items()}
    needed, moments = _needed(model, train), _moments(model, train)
    # Of a tensor that an optimiser has moved, it keeps all moments; of others none.
    moved = {name.rpartition(".")[0] for name in state.keys() & moments.keys()}
    needed |= {name: of for name, of in moments.items() if name.rpartition(".")[0] in moved}
    check_arrays(state, needed)
    for name, array in state.items():
        if name.rpartition(".")[2] in ("step", "exp_avg_sq", "seconds") and (array < 0).any():
            raise ValueError(f"{name} is less than 0")
    epoch, batch = state["position"].tolist()
    batches = math.ceil(images / train.batch_size)
    if not 0 <= epoch < train.epochs or not 0 <= batch < batches:
        raise ValueError(
            f"it stands at epoch {epoch}, batch {batch}, and there are {train.epochs} epochs of "
            f"{batches} batches"
        )
    if state["sums"][-1] != batch * train.batch_size:
        raise ValueError("sums is not that of the images of its batches")
    return state


def _needed(model: ModelConfig, train: TrainConfig) -> dict[str, tuple[Shape, str]]:
    networks = {f"model.{name}": shape for name, shape in weight_shapes(model).items()}
    if not is_plain(train):
        networks |= layer_shapes(adversary_widths(model, train))
    averages = _parameters(model, train) if train.ema_decay else []
    networks |= {f"average.{index}": shape for index, shape in enumerate(averages)}
    return {name: (shape, "float32") for name, shape in networks.items()} | {
        "generator": ((GENERATOR_BYTES,), "uint8"),
        "sums": ((SUMS,), "float64"),
        "position": ((2,), "int64"),
        "seconds": ((), "float64"),
    }


def _moments(model: ModelConfig, train: TrainConfig) -> dict[str, tuple[Shape, str]]:
    """What the optimisers keep of each tensor from their first step on."""
    optimizers = {"optimizer": (train.optimizer, _parameters(model, train))}
    if not is_plain(train):
        adversaries = layer_shapes(adversary_widths(model, train))
        optimizers["adversary_optimizer"] = ("adam", list(adversaries.values()))
    found: dict[str, tuple[Shape, str]] = {}
    for prefix, (kind, shapes) in optimizers.items():
        for index, shape in enumerate(shapes):
            place = f"{prefix}.{index}"
            if kind == "sgd":
                found[f"{place}.momentum_buffer"] = (shape, "float32")
                continue
            found[f"{place}.step"] = ((), "float32")
            found[f"{place}.exp_avg"] = found[f"{place}.exp_avg_sq"] = (shape, "float32")
    return found


def _parameters(model: ModelConfig, train: TrainConfig) -> list[Shape]:
    """Of the tensors that the optimiser moves: one for each weight, or the two that a plain
    training packs them all into (see `plain_step.pack`)."""
    shapes = weight_shapes(model)
    if not is_plain(train):
        return list(shapes.values())
    encoder, inputs = shapes["encoder.layers.0.weight"]
    classifier, _ = shapes["classifier.layers.0.weight"]
    packed = encoder * inputs + classifier * PIXELS
    return [(inputs, encoder + classifier), (sum(map(math.prod, shapes.values())) - packed,)]
