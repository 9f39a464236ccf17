from pathlib import Path

import numpy as np
import pytest
import torch

from vae_model.engine import forward
from vae_model.engine.digit_engine import DigitEngine, one_hot
from vae_model.model import losses
from vae_model.model.checkpoint import Checkpoint, weight_shapes
from vae_model.model.config import ModelConfig, TrainConfig
from vae_model.model.networks import ConditionalVAE, Posterior

CONFIGS = [
    ModelConfig(z_dim=4, encoder_hidden=(12, 7), decoder_hidden=(9,), classifier_hidden=(8, 6, 5)),
    ModelConfig(
        z_dim=3,
        encoder_hidden=(10,),
        decoder_hidden=(9, 11),
        classifier_hidden=(8,),
        activation="gelu",
        likelihood="bernoulli",
        encoder_sees_digit=True,
    ),
]


def engine_of(config: ModelConfig) -> DigitEngine:
    rng = np.random.default_rng(0)
    weights = {
        name: (rng.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32)
        for name, shape in weight_shapes(config).items()
    }
    return DigitEngine(Checkpoint(config, TrainConfig(), weights))


@pytest.fixture(params=CONFIGS, ids=lambda config: config.likelihood)
def engine(request: pytest.FixtureRequest) -> DigitEngine:
    return engine_of(request.param)


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(1).random((5, 28, 28), dtype=np.float32)


def test_each_number_is_the_engines(engine: DigitEngine, images: np.ndarray) -> None:
    seen = engine.see(images)
    written = engine.write(seen.style_mean, one_hot(seen.digit_probs.argmax(axis=1)))
    for row, image in enumerate(images):
        reading = engine.read(image)
        assert seen.digit_probs[row] == pytest.approx(reading.digit_probs, abs=1e-6)
        assert seen.style_mean[row] == pytest.approx(reading.style_mean, abs=1e-5)
        assert seen.style_std[row] == pytest.approx(reading.style_std, rel=1e-5)
        assert written.images[row] == pytest.approx(reading.reconstruction, abs=1e-5)


def test_hidden_layers_are_those_of_the_torch_networks(
    engine: DigitEngine, images: np.ndarray
) -> None:
    model = ConditionalVAE.from_weights(engine.checkpoint.model, engine.checkpoint.weights)
    seen = engine.see(images)
    written = engine.write(seen.style_mean, seen.digit_probs)
    inputs = images.reshape(5, -1)
    seen_by_encoder = (
        np.concatenate([inputs, seen.digit_probs], axis=1)
        if engine.checkpoint.model.encoder_sees_digit
        else inputs
    )
    joined = np.concatenate([seen.style_mean, seen.digit_probs], axis=1)
    for network, x, hidden in (
        (model.classifier, inputs, seen.digit_hidden),
        (model.encoder, seen_by_encoder, seen.style_hidden),
        (model.decoder, joined, written.hidden),
    ):
        with torch.no_grad():
            values = torch.from_numpy(x)
            expected = [values := layer(values) for layer in network.layers[:-1]][1::2]
        assert len(hidden) == len(expected)
        for ours, theirs in zip(hidden, expected, strict=True):
            assert ours == pytest.approx(theirs.numpy(), abs=1e-5)


def test_prices_are_those_of_training(engine: DigitEngine, images: np.ndarray) -> None:
    seen = engine.see(images)
    written = engine.write(seen.style_mean, seen.digit_probs)
    x = torch.from_numpy(images.reshape(5, -1))
    expected = losses.recon_nll(engine.checkpoint.model, torch.from_numpy(written.logits), x)
    assert engine.recon_nll(written, images) == pytest.approx(expected.numpy(), rel=1e-5)
    posterior = Posterior(torch.from_numpy(seen.style_mean), torch.from_numpy(seen.style_std))
    kl = forward.kl_per_dim(seen.style_mean, seen.style_std)
    assert kl == pytest.approx(posterior.kl_per_dim().numpy(), abs=1e-5)


def test_one_image_is_priced_against_many(engine: DigitEngine, images: np.ndarray) -> None:
    styles = np.zeros((10, engine.z_dim), np.float32)
    written = engine.write(styles, one_hot(list(range(10))))
    prices = engine.recon_nll(written, images[:1])
    alone = engine.write(styles[:1], one_hot([7]))
    assert prices.shape == (10,)
    assert prices[7] == pytest.approx(engine.recon_nll(alone, images[:1])[0])


@pytest.mark.parametrize("shape", [(28, 28), (2, 27, 28), (0, 784)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="images must be"):
        engine_of(CONFIGS[0]).see(np.zeros(shape, np.float32))


def test_styles_of_another_model_are_refused() -> None:
    with pytest.raises(ValueError, match="styles must be"):
        engine_of(CONFIGS[0]).write(np.zeros((1, 3)), one_hot([0]))


@pytest.mark.parametrize("name", ["studio", "article"])
def test_shipped_models_explain_test_digits_as_well_as_they_were_measured(name: str) -> None:
    from ui.shared import mnist_sample

    engine = DigitEngine.load(Path(__file__).parents[2] / "checkpoints" / name)
    images, _ = mnist_sample.test_digits()
    seen = engine.see(images)
    kl = forward.kl_per_dim(seen.style_mean, seen.style_std).sum(axis=1).mean()
    assert kl == pytest.approx(engine.checkpoint.metrics["kl"], rel=0.03)
