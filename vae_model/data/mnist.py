"""MNIST in memory: the full set, or the sample that comes with this package.

A whole set is one tensor; batches are rows of it, so there is no DataLoader. torchvision, which
fetches the full set, is imported only for that, because its import takes seconds.
"""

import errno
import hashlib
import zipfile
import zlib
from dataclasses import dataclass, replace
from http.client import HTTPException
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from vae_model.data import folder
from vae_model.data.folder import DataError
from vae_model.model.atomic import replacing
from vae_model.model.config import (
    DIGITS,
    IMAGE_SIZE,
    PIXELS,
    TRAINING_IMAGES,
    ConfigError,
    DataName,
)
from vae_model.model.marked import can_begin

SAMPLE_FILE = Path(__file__).parent / "mnist_sample.npz"
SAMPLE_TRAIN, SAMPLE_TEST, SAMPLE_SEED = TRAINING_IMAGES["sample"], 2_000, 0


@dataclass(frozen=True)
class Digits:
    """Images and their labels."""

    images: Tensor  # (n, 784) float32, ink in [0, 1] on 0
    labels: Tensor  # (n,) int64, 0-9

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, start: int, stop: int) -> "Digits":
        """The digits from `start` up to `stop`, sharing memory with these."""
        return Digits(self.images[start:stop], self.labels[start:stop])


@dataclass(frozen=True)
class DigitData:
    """A training and a test set."""

    name: Literal["mnist", "sample"]
    train: Digits
    test: Digits
    checksum: str
    """sha256 over every pixel and label, so that a checkpoint can say what it was trained on."""


def load(name: str, held_out: int = 0) -> DigitData:
    """The data of that name: `mnist` (fetched where it is missing), `sample` (always there) or
    `auto` (`mnist` where it is already on disk, otherwise `sample`); with its last `held_out`
    training digits as the test set, for choosing between models without a look at the real one.

    Raises DataError for an unknown name, damaged files or a download that does not work, and
    ConfigError for too many held out.
    """
    if name not in (names := get_args(DataName)):
        raise DataError(f"there is no data {name!r}; there are: {', '.join(names)}")
    data = load_mnist() if folder.which(name) == "mnist" else load_sample()
    count = len(data.train)
    if not 0 <= held_out < count:
        raise ConfigError(f"--hold-out must be from 0 to {count - 1}, not {held_out}")
    if not held_out:
        return data
    cut = count - held_out
    return replace(data, train=data.train.part(0, cut), test=data.train.part(cut, count))


def load_mnist() -> DigitData:
    """All 60,000 training and 10,000 test digits, fetched with a progress bar if need be."""
    if not folder.is_downloaded():
        _download()
    parts = []
    for file, expected in folder.FILES.items():
        path = folder.raw_folder() / file
        try:
            content = path.read_bytes()
        except OSError as error:
            raise DataError(f"cannot read {path}: {error.strerror or error}") from error
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != expected:
            raise DataError(
                f"{path} is damaged or incomplete: delete it, and MNIST is fetched anew.",
                "On the command line: `python -m vae_model data`.",
            )
        # IDX: before the bytes of the array comes how many dims it has, and the size of each.
        header = 4 + 4 * content[3]
        parts.append(torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=header))
    return _assemble("mnist", *parts)


def load_sample(path: Path = SAMPLE_FILE) -> DigitData:
    """The 10,000 training and 2,000 test digits that come with this package: real MNIST digits,
    as many of each kind, drawn at random by `write_sample`."""
    try:
        with path.open("rb") as file, np.load(file) as arrays:
            parts = [
                torch.from_numpy(arrays[key])
                for key in ("train_images", "train_labels", "test_images", "test_labels")
            ]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path} is missing or damaged: install the program again") from error
    return _assemble("sample", *parts)


def write_sample(data: DigitData, path: Path = SAMPLE_FILE) -> None:
    """Make the sample file from the full MNIST."""
    generator = torch.Generator().manual_seed(SAMPLE_SEED)
    arrays = {}
    splits = ("train", data.train, SAMPLE_TRAIN), ("test", data.test, SAMPLE_TEST)
    for split, digits, count in splits:
        order = torch.randperm(len(digits), generator=generator)
        labels = digits.labels[order]
        chosen = torch.cat([order[labels == digit][: count // DIGITS] for digit in range(DIGITS)])
        chosen = chosen[torch.randperm(count, generator=generator)]
        pixels = (digits.images[chosen] * 255).round().to(torch.uint8)
        arrays[f"{split}_images"] = pixels.reshape(-1, IMAGE_SIZE, IMAGE_SIZE).numpy()
        arrays[f"{split}_labels"] = digits.labels[chosen].to(torch.uint8).numpy()
    with replacing(path) as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def _download() -> None:
    root = folder.folder()
    if not can_begin(folder.raw_folder()):
        raise DataError(
            f"MNIST is not in {root}, and cannot be put there: the folder cannot be written. "
            f"Name another one by {folder.FOLDER_VARIABLE}, or use the sample.",
            "Commands that take `--data` read the sample by `--data sample`.",
        )
    from torchvision.datasets import MNIST

    # An old torchvision's files are no reason to fetch none. Folders are named after the class.
    fresh = type("MNIST", (MNIST,), {"processed_folder": ""})
    try:
        fresh(root, download=True)
    except (OSError, HTTPException, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise DataError(f"MNIST could not be put into {root}: {error.strerror}") from error
        # urllib's errors are OSErrors, and HTTP's own of what is no answer; torchvision adds
        # RuntimeErrors when every mirror fails.
        raise DataError(
            "MNIST could not be downloaded. Without a network, use the sample, or copy the four "
            f"unpacked MNIST files into {folder.raw_folder()}. ({' '.join(str(error).split())})",
            "Commands that take `--data` read the sample by `--data sample`.",
        ) from error


def _assemble(name: Literal["mnist", "sample"], *parts: Tensor) -> DigitData:
    """`parts`: images and labels to train on, images and labels to test on."""
    checksum = hashlib.sha256()
    for part in parts:
        checksum.update(part.to(torch.uint8).contiguous().numpy().tobytes())
    train, test = (
        Digits(images.reshape(-1, PIXELS).float() / 255, labels.long())
        for images, labels in (parts[:2], parts[2:])
    )
    return DigitData(name, train, test, checksum.hexdigest())
