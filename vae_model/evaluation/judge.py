"""The judge: a small convolutional network that reads the digits of generated images.

It is trained on real training images alone, shares no weight with the model under judgement and
enters no loss, so a model cannot learn to please it.
"""

import math
from datetime import date
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vae_model.data.augment import Strength, augment
from vae_model.data.mnist import DigitData, Digits
from vae_model.evaluation.probes import accuracy
from vae_model.model.checkpoint import WEIGHTS_FILE, check_weights, read_folder, write_folder
from vae_model.model.config import DIGITS, IMAGE_SIZE

KIND = "judge"
FEATURES = 128
EPOCHS = 16
BATCH = 128
LEARNING_RATE = 2e-3
WARMUP = 0.1
"""Share of all batches in which the learning rate rises; after it falls as a cosine to 0."""
STRENGTH = Strength(
    rotation=10, shift=1.5, scale=0.1, shear=0.12, elastic=0.03, thicken=0.4, thin=0.4
)
"""Lighter than what the model's classifier sees: the judge reads plain images, and features that
ignore slant and stroke width would blind the Fréchet distance to them."""
_CHUNK = 500  # images at once; about 30 MB of activations


class Judge(nn.Module):
    """Strided convolutions, then one hidden layer whose activations are the features."""

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, 32, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, 64, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3, padding=1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.hidden = nn.Linear(64 * (IMAGE_SIZE // 4) ** 2, FEATURES)
        self.output = nn.Linear(FEATURES, DIGITS)

    def forward(self, images: Tensor) -> Tensor:
        """The features (n, 128), at least 0, of images (n, 784) or (n, 28, 28), ink in [0, 1]."""
        squares = images.reshape(-1, 1, IMAGE_SIZE, IMAGE_SIZE)
        # An eighth faster on a CPU than the usual layout.
        squares = squares.contiguous(memory_format=torch.channels_last)
        return F.relu(self.hidden(self.convolutions(squares)))

    @torch.no_grad()
    def features(self, images: Tensor) -> Tensor:
        """What `forward` gives, of any number of images."""
        return torch.cat([self(part) for part in images.split(_CHUNK)])

    @torch.no_grad()
    def classify(self, images: Tensor) -> Tensor:
        """Probabilities (n, 10) of the ten digits for images (n, 784) or (n, 28, 28)."""
        return self.output(self.features(images)).softmax(dim=1)

    def accuracy(self, digits: Digits) -> float:
        """The share of digits that it reads as labelled, 0-1."""
        return accuracy(self.classify(digits.images), digits.labels)


def train_judge(data: DigitData, seed: int = 0, epochs: int = EPOCHS) -> Judge:
    """A judge trained on `data.train` alone; the test set is not looked at. Each epoch is told.

    The same data, seed and thread count give the same judge. About 20 seconds of one core an
    epoch on all of MNIST.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # the layers' initialisation takes no generator
        judge = Judge().to(memory_format=torch.channels_last)
    generator = torch.Generator().manual_seed(seed)
    images, labels = data.train.images, data.train.labels
    batches = math.ceil(len(labels) / BATCH)
    optimizer = torch.optim.Adam(judge.parameters(), fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LEARNING_RATE, total_steps=epochs * batches, pct_start=WARMUP
    )
    judge.train()
    for epoch in range(epochs):
        losses = 0.0
        for rows in torch.randperm(len(labels), generator=generator).split(BATCH):
            logits = judge.output(judge(augment(images[rows], STRENGTH, generator)))
            loss = F.cross_entropy(logits, labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses += float(loss.detach())
        print(f"judge: epoch {epoch + 1}/{epochs}, loss {losses / batches:.4f}")
    return judge.eval()


def build_judge(path: Path, data: DigitData, seed: int = 0, epochs: int = EPOCHS) -> Judge:
    """Train a judge on `data`, measure it on the test set once and save it at `path`.

    Raises CheckpointError where it cannot be written.
    """
    judge = train_judge(data, seed, epochs)
    provenance = {
        "data": data.name,
        "data_checksum": data.checksum,
        "seed": seed,
        "epochs": epochs,
        "torch": torch.__version__,
        "date": date.today().isoformat(),
    }
    config = {"metrics": {"test_accuracy": judge.accuracy(data.test)}, "provenance": provenance}
    weights = {name: tensor.numpy().copy() for name, tensor in judge.state_dict().items()}
    write_folder(path, KIND, config, {WEIGHTS_FILE: weights})
    return judge


def load_judge(path: Path) -> Judge:
    """The judge of a checkpoint folder, its hash, names, shapes and numbers checked.

    Raises CheckpointError.
    """
    weights = read_folder(path, KIND)[1][WEIGHTS_FILE]
    judge = Judge()
    shapes = {name: tuple(tensor.shape) for name, tensor in judge.state_dict().items()}
    check_weights(path / WEIGHTS_FILE, weights, shapes)
    judge.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
    return judge.to(memory_format=torch.channels_last).eval()
