"""How fast the article's network trains: a naive DataLoader loop, ours, and the machine's floor.

python -m benchmarks.training_speed [--rounds N] [--images N]

The three run in turns within one process, on one thread, so that whatever else the machine does
hits all of them. The floor is the 14 matrix products of a batch (per layer: forward, weight
gradient, input gradient where it is needed; the first layers of encoder and classifier, which see
the same images, as one) and nothing else: what no loop that multiplies whole images can beat. Ours
multiplies only pixels that are not blank. The learning curves of both loops are printed beside the
times: faster must not mean worse.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from torch.distributions import Normal, kl_divergence
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import ToTensor

from vae_model.data.mnist import DigitData, Digits, load
from vae_model.model.config import DIGITS, PIXELS, TrainConfig
from vae_model.model.networks import ConditionalVAE
from vae_model.model.presets import preset
from vae_model.training.trainer import Training


class ImageDataset(Dataset[tuple[Tensor, int]]):
    """What `torchvision.datasets.MNIST(transform=ToTensor())` does for each image."""

    def __init__(self, digits: Digits) -> None:
        self.pixels = (digits.images * 255).round().to(torch.uint8).reshape(-1, 28, 28)
        self.labels = digits.labels
        self.transform = ToTensor()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = Image.fromarray(self.pixels[index].numpy())
        return self.transform(image), int(self.labels[index])


class NaiveLoop:
    """The article's training as a tutorial would write it: torchvision's dataset through a
    DataLoader, torch.distributions for the loss, Adam as it comes."""

    def __init__(self, data: DigitData, config: TrainConfig) -> None:
        torch.manual_seed(config.seed)
        self.model = ConditionalVAE(preset("article").model)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=config.learning_rate)
        dataset = ImageDataset(data.train)
        self.loader = DataLoader(dataset, batch_size=config.batch_size, shuffle=True)
        self.count = len(dataset)
        self.weight = config.classification_weight

    def epoch(self) -> float:
        """Train one epoch; its mean VAE loss in nats per image."""
        total = 0.0
        for images, labels in self.loader:
            x = images.reshape(-1, PIXELS)
            self.optimizer.zero_grad()
            logits = self.model.classifier(x)
            posterior = self.model.encoder(x, logits)
            style = Normal(posterior.mean, posterior.std)
            image = self.model.decoder(style.rsample(), logits.softmax(1)).sigmoid()
            recon_nll = -Normal(image, 0.5).log_prob(x).sum(1)
            vae = (recon_nll + kl_divergence(style, Normal(0.0, 1.0)).sum(1)).mean()
            loss = vae + self.weight * F.cross_entropy(logits, labels)
            loss.backward()
            self.optimizer.step()
            total += vae.item() * len(x)
        return total / self.count


def gemm_floor(batches: int, size: int) -> Callable[[], None]:
    """One epoch's matrix products of the article's network, of whole images."""
    # (inputs, outputs, whether the gradient of the inputs is needed)
    layers = [
        (PIXELS, 128 + 128, False),  # encoder and classifier
        (128, 20, True),  # encoder
        (128, DIGITS, True),  # classifier
        (20, 128, True),  # decoder
        (128, PIXELS, True),
    ]
    pairs: list[tuple[Tensor, Tensor]] = []
    for inputs, outputs, needs_input_gradient in layers:
        x, w = torch.randn(size, inputs), torch.randn(outputs, inputs)
        gradient = torch.randn(size, outputs)
        pairs += [(x, w.t()), (gradient.t(), x)]
        if needs_input_gradient:
            pairs.append((gradient, w))
    outputs_of = [torch.empty(len(a), b.shape[1]) for a, b in pairs]

    def epoch() -> None:
        for _ in range(batches):
            for (a, b), out in zip(pairs, outputs_of, strict=True):
                torch.mm(a, b, out=out)

    return epoch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="epochs of each")
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--data", default="auto")
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = load(options.data)
    images = min(options.images, len(data.train))
    data = DigitData(data.name, data.train.part(0, images), data.test, data.checksum)
    config = TrainConfig(epochs=options.rounds)
    naive = NaiveLoop(data, config)
    ours = Training(preset("article").model, config, data)
    reports = ours.epochs()
    floor = gemm_floor(ours.batches, config.batch_size)

    seconds: dict[str, list[float]] = {"naive": [], "ours": [], "floor": []}
    for number in range(1, options.rounds + 1):
        torch.set_flush_denormal(False)  # what a program gets that does not ask for it
        start = time.perf_counter()
        naive_loss = naive.epoch()
        seconds["naive"].append(time.perf_counter() - start)
        torch.set_flush_denormal(True)
        report = next(reports)
        seconds["ours"].append(report.seconds)
        start = time.perf_counter()
        floor()
        seconds["floor"].append(time.perf_counter() - start)
        times = ", ".join(f"{name} {values[-1]:.2f} s" for name, values in seconds.items())
        losses = f"VAE loss naive {naive_loss:.2f}, ours {report.train.vae_loss:.2f}"
        print(f"epoch {number}: {times}; {losses}", flush=True)

    middle = {name: statistics.median(values) for name, values in seconds.items()}
    result = {
        "benchmark": "training_speed",
        "ratio_vs_naive": round(middle["naive"] / middle["ours"], 2),
        "ratio_vs_gemm_floor": round(middle["ours"] / middle["floor"], 2),
        "batch": config.batch_size,
        "images": images,
        "seconds_per_epoch": {name: round(value, 3) for name, value in middle.items()},
        "vae_loss": {"naive": round(naive_loss, 2), "ours": round(report.train.vae_loss, 2)},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
