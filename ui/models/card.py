"""What a checkpoint says of its model in words: weaknesses, how it was made, how to make it again.
Its JSON may be anybody's: what is missing, or is no number, is left out."""

import math

import numpy as np

from ui.models.plots import confusion_counts
from ui.shared.stored import leak_chance, metric, samples
from ui.shared.words import counted, duration, grouped, with_article
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.config import DIGITS
from vae_model.model.fields import FIELDS, changed
from vae_model.model.numbers import number
from vae_model.model.presets import PRESETS

DATA_NAMES = {"mnist": "MNIST", "sample": "the sample"}
AGAIN = "build/again"
HELD_OUT = "build/again-held-out"


def weaknesses(engine: DigitEngine) -> list[str]:
    """What to know before trusting the model, in sentences; from its figures alone."""

    def told(key: str) -> float:
        # With nan no comparison holds.
        return math.nan if (value := metric(engine, key)) is None else value

    asked, read, share, right = _worst_confusion(engine)
    lost = told("test_accuracy") - told("augmented_accuracy")
    leak, distance, floor = map(told, ("digit_leak_sampled", "frechet_distance", "frechet_real"))
    guessed = leak_chance(engine.checkpoint.metrics)
    tried = samples(engine, "digit_leak_sampled") or 10_000
    noise = math.sqrt(guessed * (1 - guessed) / max(tried, 1))  # by which guessing itself is off
    nearer = told("nearest_distance") < 0.75 * told("nearest_distance_rewritten")
    copied, chance = map(told, ("nearest_is_training", "nearest_is_training_chance"))
    found = [
        (share >= 0.005,
         f"Asked for {with_article(asked)}, it writes one that is read as {read} in "
         f"{100 * share:.1f} % of random styles, and as {asked} in {100 * right:.1f} %."),
        (lost > 0.02,
         f"It reads {100 * lost:.1f} points less of digits that are turned, moved or bent than of "
         "MNIST's own."),
        (leak > guessed + 2 * noise,
         f"The digit can be read from its style with {100 * leak:.1f} %; {100 * guessed:.2f} % is "
         "chance."),
        (distance > 1.5 * floor,
         "Its digits are further from real ones than real ones from one another: Fréchet distance "
         f"{distance:.0f}, where those have {floor:.0f}."),
        (nearer or copied - chance > 0.5 * (1 - chance),
         "What it writes is nearer to digits that it learned from than to others: it may copy."),
        (engine.checkpoint.train.style_consistency_weight > 0,
         "Slant and thickness were trained to be shared by the ten digits: those two figures show "
         "that training worked, and no more."),
    ]  # fmt: skip
    return [sentence for holds, sentence in found if holds]


def facts(engine: DigitEngine) -> dict[str, str]:
    """How the model is built and where it comes from, by name."""
    checkpoint = engine.checkpoint
    model, train, origin = checkpoint.model, checkpoint.train, checkpoint.provenance
    epochs = (epoch for epoch in checkpoint.history if isinstance(epoch, dict))
    seconds = sum(number(epoch.get("seconds")) or 0.0 for epoch in epochs)
    images = number(origin.get("training_images"))
    calibration = checkpoint.calibration
    found = {
        "encoder": _wide("784 + 10" if model.encoder_sees_digit else 784, *model.encoder_hidden,
                         f"2 × {model.z_dim}"),
        "decoder": _wide(f"{model.z_dim} + 10", *model.decoder_hidden, 784),
        "classifier": _wide(784, *model.classifier_hidden, 10),
        "activation": model.activation,
        "likelihood": "Bernoulli" if model.likelihood == "bernoulli"
            else f"Gaussian, std {model.likelihood_std:g}",
        "decoder learns with": "the true digit" if train.decoder_condition == "label"
            else "the classifier's softmax",
        "training": f"{_done(engine)} of batches of {train.batch_size}, {train.optimizer}, "
            f"rate {train.learning_rate:g}, {train.schedule}, seed {train.seed}",
        "training time": duration(seconds) if 0 < seconds < math.inf else "",
        "data": f"{images:,.0f} training digits of {_data(origin.get('data'))}" if images else "",
        "checksum of the data": _text(origin.get("data_checksum")),
        "trained on": _text(origin.get("date")),
        "with torch": _text(origin.get("torch")),
        "temperature of the reading": f"{calibration.temperature:.3f}" if calibration else "",
        "measured on": measured_on(engine),
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


def _done(engine: DigitEngine) -> str:
    """How long it learned; a run may have been stopped, and an epoch's model has no history."""
    done, planned = len(engine.checkpoint.history), engine.checkpoint.train.epochs
    if 0 < done < planned:
        return f"stopped after {done} of {planned} epochs"
    return ("" if done else "at most ") + counted(planned, "epoch")


def measured_on(engine: DigitEngine) -> str:
    """The data and the seed of its figures; empty where it has none."""
    data = grouped(_data(engine.checkpoint.metrics.get("data")))
    images, seed = samples(engine, "test_accuracy"), metric(engine, "seed")
    digits = "" if images is None else f"{images:,} test digits of "
    return data and digits + data + ("" if seed is None else f", seed {seed:.0f}")


def recipe(engine: DigitEngine) -> str:
    """The commands that train and measure it again, by the preset that comes nearest to it."""
    checkpoint = engine.checkpoint
    origin, metrics = checkpoint.provenance, checkpoint.metrics
    name = origin.get("preset")
    name = name if isinstance(name, str) and name in PRESETS else "article"
    differing = changed(name, checkpoint.model, checkpoint.train)
    train = f"python -m vae_model train --preset {name}{_on(origin.get('data'))}" + "".join(
        f" {FIELDS[field].flag} {FIELDS[field].text(value)}" for field, value in differing.items()
    )
    lines = [f"{train}{_hold_out(origin.get('held_out_training_images'))} --out {AGAIN}"]
    if checkpoint.calibration:
        about = checkpoint.calibration.about
        held_out = _hold_out(about.get("held_out_training_images"))
        lines += [
            f"{train}{held_out} --out {HELD_OUT}",
            f"python -m vae_model calibrate {AGAIN} --by {HELD_OUT}{_on(about.get('data'))}",
        ]
    data, _, held_out = _text(metrics.get("data")).partition(", ")
    count = held_out.partition(" ")[0]
    seed = metrics.get("seed")
    lines.append(
        f"python -m vae_model evaluate {AGAIN}{_on(data or origin.get('data'))}"
        f"{_hold_out(int(count) if count.isdecimal() else 0)}"
        f"{f' --seed {seed}' if type(seed) is int and 0 < seed < 2**31 else ''} --save"
    )
    return "\n".join(lines)


def _worst_confusion(engine: DigitEngine) -> tuple[int, int, float, float]:
    """The digit asked for and read that go together wrongly most often, the share of that, and the
    share of the asked one that is read rightly; shares are NaN where they are unknown."""
    counts = confusion_counts(engine)
    if counts is None:
        return 0, 0, math.nan, math.nan
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    wrong = np.where(np.eye(DIGITS, dtype=bool), 0, shares)
    asked, read = divmod(int(wrong.argmax()), DIGITS)
    return asked, read, float(wrong[asked, read]), float(shares[asked, asked])


def _text(value: object) -> str:
    return value[:64] if isinstance(value, str) else ""


def _data(name: object) -> str:
    """The name of data for people."""
    text = _text(name)
    for known, said in DATA_NAMES.items():
        text = text.replace(known, said)
    return text


def _on(data: object) -> str:
    """The option that names the data a model was trained or measured on."""
    return f" --data {data if isinstance(data, str) and data in DATA_NAMES else 'auto'}"


def _hold_out(count: object) -> str:
    """The option that keeps so many training digits back."""
    return f" --hold-out {count}" if type(count) is int and 0 < count < 60_000 else ""


def _wide(*widths: int | str) -> str:
    return " → ".join(map(str, widths))
