import dataclasses
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from vae_model.engine import forward
from vae_model.engine.digit_engine import DigitEngine, one_hot
from vae_model.model.calibration import TERMS, Calibration
from vae_model.model.checkpoint import Checkpoint, save, weight_shapes
from vae_model.model.config import Activation, ModelConfig, TrainConfig, preset
from vae_model.model.networks import ConditionalVAE

SHIPPED = Path(__file__).parents[2] / "checkpoints"


def engine_and_model(config: ModelConfig) -> tuple[DigitEngine, ConditionalVAE]:
    torch.manual_seed(0)
    model = ConditionalVAE(config)
    return DigitEngine(Checkpoint(config, TrainConfig(), model.weights(), name="x")), model


CONFIGS = [
    preset("article").model,
    preset("studio").model,
    *(ModelConfig(z_dim=1, activation=activation) for activation in get_args(Activation)),
    ModelConfig(z_dim=64, decoder_hidden=(8, 8, 8, 8), likelihood="bernoulli"),
]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: f"{c.activation}-{c.z_dim}")
def test_numpy_computes_what_the_torch_networks_compute(config: ModelConfig) -> None:
    engine, model = engine_and_model(config)
    image = np.random.default_rng(0).random((28, 28), dtype=np.float32)
    reading = engine.read(image)
    x = torch.tensor(image).reshape(1, 784)
    with torch.no_grad():
        posterior, probs = model.encode(x), model.classify(x)
        digit = torch.eye(10)[probs.argmax(1)]
        reconstruction = model.decode(posterior.mean, digit).reshape(28, 28)
    for ours, theirs in (
        (reading.digit_probs, probs[0]),
        (reading.style_mean, posterior.mean[0]),
        (reading.style_std, posterior.std[0]),
        (reading.reconstruction, reconstruction),
    ):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, theirs.numpy(), atol=5e-6)
    assert reading.digit == int(probs.argmax())


@pytest.mark.parametrize("name", ["article", "studio"])
def test_shipped_checkpoint_computes_the_same_in_numpy_and_torch(name: str) -> None:
    engine = DigitEngine.load(SHIPPED / name)
    model = ConditionalVAE.from_weights(engine.checkpoint.model, engine.checkpoint.weights)
    styles = np.random.default_rng(0).standard_normal((200, engine.z_dim), dtype=np.float32)
    digits = one_hot(np.arange(200) % 10)
    with torch.no_grad():
        expected = model.decode(torch.tensor(styles), torch.tensor(digits)).reshape(-1, 28, 28)
    np.testing.assert_allclose(engine.decode(styles, digits), expected.numpy(), atol=1e-5)


def test_engine_is_named_after_the_folder(tmp_path: Path) -> None:
    engine, _ = engine_and_model(ModelConfig())
    save(tmp_path / "mine", engine.checkpoint)
    loaded = DigitEngine.load(str(tmp_path / "mine"))
    assert (loaded.name, loaded.z_dim) == ("mine", 10)


def test_extreme_styles_stay_images() -> None:
    engine, _ = engine_and_model(dataclasses.replace(preset("studio").model))
    styles = np.full((2, engine.z_dim), 1e4, np.float32) * [[1], [-1]]
    images = engine.decode(styles.astype(np.float32), one_hot([1, 2]))
    assert np.isfinite(images).all() and images.min() >= 0 and images.max() <= 1


@pytest.mark.parametrize("size", [1e3, 1e30, 3.4e38])
@pytest.mark.parametrize("activation", get_args(Activation))
def test_any_finite_weights_give_finite_numbers(activation: Activation, size: float) -> None:
    """And any least variance that a checkpoint may have."""
    config = ModelConfig(
        z_dim=4,
        encoder_hidden=(8, 8),
        decoder_hidden=(8, 8),
        classifier_hidden=(8, 8),
        activation=activation,
        likelihood="bernoulli",
        min_variance=0,
        encoder_sees_digit=True,
    )
    random = np.random.default_rng(0)
    images = random.random((6, 28, 28), dtype=np.float32)
    for signs in ((1,), (-1,), (-1, 1)):
        weights = {
            name: np.full(shape, size, np.float32) * random.choice(signs, shape).astype(np.float32)
            for name, shape in weight_shapes(config).items()
        }
        engine = calibrated(DigitEngine(Checkpoint(config, TrainConfig(), weights)), 1, 0)
        reading = engine.read(images[0])
        seen = engine.see(images)
        written = engine.write(seen.style_mean, one_hot(list(range(6))))
        assert (reading.style_std > 0).all()
        look = engine.look(images)
        for found in (
            *(look.logits, look.style_mean, look.style_std, look.reconstructions, *look.measures),
            *(reading.digit_probs, reading.style_mean, reading.style_std, reading.reconstruction),
            *(seen.digit_probs, seen.style_mean, seen.style_std, seen.log_variance),
            *(*written.hidden, written.images, engine.recon_nll(written, images)),
            forward.kl_per_dim(seen.style_mean, seen.style_std),
            reading.ood_score,
        ):
            assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("styles", "probs"),
    [
        (np.zeros((2, 9)), np.zeros((2, 10))),
        (np.zeros((2, 10)), np.zeros((3, 10))),
        (np.zeros((2, 10)), np.zeros((2, 9))),
        (np.full((1, 10), np.nan), np.zeros((1, 10))),
        (np.zeros((1, 10)), np.full((1, 10), np.inf)),
    ],
)
def test_styles_that_cannot_be_decoded_are_refused(styles: np.ndarray, probs: np.ndarray) -> None:
    engine, _ = engine_and_model(ModelConfig())
    with pytest.raises(ValueError, match="styles"):
        engine.decode(styles, probs)


@pytest.mark.parametrize("image", [np.zeros(784), np.zeros((28, 27)), np.full((28, 28), np.nan)])
def test_images_that_cannot_be_read_are_refused(image: np.ndarray) -> None:
    engine, _ = engine_and_model(ModelConfig())
    with pytest.raises(ValueError, match=r"\(28, 28\)"):
        engine.read(image)


def calibrated(engine: DigitEngine, temperature: float, limit: float) -> DigitEngine:
    """The same with this temperature, and with `excess` above `limit` for the OOD score."""
    calibration = Calibration(
        temperature, (0,) * 4, (1,) * 4, (1.0,) + (0.0,) * (TERMS - 1), limit, {}
    )
    return DigitEngine(dataclasses.replace(engine.checkpoint, calibration=calibration))


@pytest.mark.parametrize("temperature", [0.3, 4.0])
def test_calibration_changes_how_sure_a_reading_is_and_nothing_else(temperature: float) -> None:
    plain, _ = engine_and_model(dataclasses.replace(preset("studio").model))
    tempered = calibrated(plain, temperature, 0)
    image = np.random.default_rng(0).random((28, 28), dtype=np.float32)
    before, after = plain.read(image), tempered.read(image)
    assert after.digit == before.digit == after.digit_probs.argmax()
    assert (after.digit_probs.max() > before.digit_probs.max()) == (temperature < 1)
    expected = before.digit_probs.astype(np.float64) ** (1 / temperature)
    np.testing.assert_allclose(after.digit_probs, expected / expected.sum(), rtol=1e-4)
    # The encoder sees the probabilities it was trained beside.
    np.testing.assert_array_equal(after.style_mean, before.style_mean)
    np.testing.assert_array_equal(after.reconstruction, before.reconstruction)


def test_familiar_is_what_scores_less_than_the_limit() -> None:
    plain, _ = engine_and_model(ModelConfig())
    image = np.random.default_rng(0).random((28, 28), dtype=np.float32)
    assert (plain.read(image).is_familiar, plain.read(image).ood_score) == (None, 0)
    ood_score = calibrated(plain, 1, 0).read(image).ood_score
    assert 0 < ood_score < 8
    for limit, familiar in ((ood_score - 0.1, False), (ood_score + 0.1, True)):
        reading = calibrated(plain, 1, limit).read(image)
        assert reading.is_familiar is familiar
        assert (reading.ood_score <= 0) is familiar


def test_shipped_studio_knows_its_digits_and_no_noise() -> None:
    engine = DigitEngine.load(SHIPPED / "studio")
    with np.load(SHIPPED.parent / "vae_model/data/mnist_sample.npz", allow_pickle=False) as sample:
        images = sample["test_images"][:200].reshape(-1, 28, 28).astype(np.float32) / 255
    familiar = [engine.read(image).is_familiar for image in images]
    assert sum(map(bool, familiar)) >= 195
    noise = np.random.default_rng(0).random((20, 28, 28), dtype=np.float32)
    assert not any(engine.read(image).is_familiar for image in noise)
