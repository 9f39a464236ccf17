import dataclasses
from typing import get_args

import numpy as np
import pytest
import torch

from tests.support.app import ROOT
from vae_model.data.mnist import load_sample
from vae_model.engine.digit_engine import DigitEngine, one_hot
from vae_model.engine.forward import kl_per_dim
from vae_model.model import losses
from vae_model.model.calibration import TERMS, Calibration
from vae_model.model.checkpoint import Checkpoint, weight_shapes
from vae_model.model.config import Activation, ModelConfig, TrainConfig
from vae_model.model.networks import ConditionalVAE
from vae_model.model.presets import preset

SHIPPED = ROOT / "checkpoints"
IMAGES = np.random.default_rng(0).random((5, 28, 28), dtype=np.float32)


def engine_and_model(config: ModelConfig) -> tuple[DigitEngine, ConditionalVAE]:
    torch.manual_seed(0)
    model = ConditionalVAE(config)
    return DigitEngine(Checkpoint(config, TrainConfig(), model.weights(), name="x")), model


@pytest.fixture
def engine() -> DigitEngine:
    return engine_and_model(ModelConfig())[0]


CONFIGS = [
    preset("article").model,
    preset("studio").model,
    *(ModelConfig(z_dim=1, activation=activation) for activation in get_args(Activation)),
    ModelConfig(z_dim=64, decoder_hidden=(8, 8, 8, 8), likelihood="bernoulli"),
]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: f"{c.activation}-{c.z_dim}")
def test_numpy_computes_what_the_torch_networks_compute(config: ModelConfig) -> None:
    engine, model = engine_and_model(config)
    seen = engine.see(IMAGES)
    digits = one_hot(seen.digit_probs.argmax(axis=1))
    written = engine.write(seen.style_mean, digits)
    x, y = torch.tensor(IMAGES).reshape(-1, 784), torch.tensor(digits)

    def hidden(network: torch.nn.Module, x: torch.Tensor) -> list[torch.Tensor]:
        return [x := layer(x) for layer in network.layers[:-1]][1::2]

    with torch.no_grad():
        probs, posterior = model.classify(x), model.encode(x)
        z = posterior.mean
        logits = model.decoder(z, y)
        by_encoder = torch.cat([x, probs], dim=1) if config.encoder_sees_digit else x
        expected = [
            (seen.digit_probs, probs),
            (seen.style_mean, z),
            (seen.style_std, posterior.std),
            (written.images.reshape(-1, 784), logits.sigmoid()),
            *zip(seen.digit_hidden, hidden(model.classifier, x), strict=True),
            *zip(seen.style_hidden, hidden(model.encoder, by_encoder), strict=True),
            *zip(written.hidden, hidden(model.decoder, torch.cat([z, y], dim=1)), strict=True),
        ]
        nll = losses.recon_nll(config, logits, x)
    for ours, theirs in expected:
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, theirs.numpy(), atol=5e-6)
    assert engine.recon_nll(written, IMAGES) == pytest.approx(nll.numpy(), rel=1e-5)
    kl = kl_per_dim(seen.style_mean, seen.style_std)
    assert kl == pytest.approx(posterior.kl_per_dim().numpy(), abs=1e-5)

    reading = engine.read(IMAGES[3])
    assert reading.digit == int(probs[3].argmax())
    for ours, all_of_them in (
        (reading.digit_probs, seen.digit_probs),
        (reading.style_mean, seen.style_mean),
        (reading.style_std, seen.style_std),
        (reading.reconstruction, written.images),
    ):
        np.testing.assert_allclose(ours, all_of_them[3], atol=5e-6)


@pytest.mark.parametrize("size", [1e3, 1e30, 3.4e38])
@pytest.mark.parametrize("activation", get_args(Activation))
def test_any_finite_weights_give_finite_numbers(activation: Activation, size: float) -> None:
    """And any least variance that a checkpoint may have."""
    widths = {f"{network}_hidden": (8, 8) for network in ("encoder", "decoder", "classifier")}
    rest = {"likelihood": "bernoulli", "min_variance": 0, "encoder_sees_digit": True}
    config = ModelConfig(z_dim=4, activation=activation, **widths, **rest)
    random = np.random.default_rng(0)
    for signs in ((1,), (-1,), (-1, 1)):
        weights = {
            name: np.full(shape, size, np.float32) * random.choice(signs, shape).astype(np.float32)
            for name, shape in weight_shapes(config).items()
        }
        engine = calibrated(DigitEngine(Checkpoint(config, TrainConfig(), weights)), 1, 0)
        reading, seen = engine.read(IMAGES[0]), engine.see(IMAGES)
        written = engine.write(seen.style_mean, one_hot(list(range(5))))
        assert (seen.style_std > 0).all()
        assert written.images.min() >= 0 and written.images.max() <= 1
        for found in (
            *(seen.digit_logits, seen.digit_probs),
            *(seen.style_mean, seen.style_std, seen.log_variance),
            *(*written.hidden, engine.recon_nll(written, IMAGES)),
            *(kl_per_dim(seen.style_mean, seen.style_std), engine.statistics(IMAGES)),
            *(reading.digit_probs, reading.reconstruction, reading.ood_score),
        ):
            assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("use", "arrays", "said"),
    [
        *(("decode", [np.zeros(shape) for shape in shapes], "styles must be")
          for shapes in (((2, 9), (2, 10)), ((2, 10), (3, 10)), ((2, 10), (2, 9)))),
        ("decode", [np.full((1, 10), np.nan), np.zeros((1, 10))], "finite"),
        ("decode", [np.zeros((1, 10)), np.full((1, 10), np.inf)], "finite"),
        *(("read", [np.zeros(shape)], r"\(28, 28\)") for shape in (784, (28, 27))),
        ("read", [np.full((28, 28), np.nan)], "finite"),
        *(("see", [np.zeros(shape)], "images must be")
          for shape in ((28, 28), (2, 27, 28), (0, 784))),
    ],
)  # fmt: skip
def test_other_shapes_and_what_is_not_finite_are_refused(
    engine: DigitEngine, use: str, arrays: list[np.ndarray], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        getattr(engine, use)(*arrays)


def test_no_digits_are_no_digit_dims_and_what_is_no_digit_is_refused(engine: DigitEngine) -> None:
    assert engine.decode(np.zeros((0, engine.z_dim)), one_hot([])).shape == (0, 28, 28)
    with pytest.raises(ValueError, match="at least one"):
        engine.hand(np.zeros((0, 28, 28)))
    for other in (-1, 10):
        with pytest.raises(ValueError, match="from 0 to 9"):
            engine.hand(np.zeros((1, 28, 28)), [other])


def calibrated(engine: DigitEngine, temperature: float, limit: float) -> DigitEngine:
    """The same with this temperature, and with `excess` above `limit` for the OOD score."""
    calibration = Calibration(
        temperature, (0,) * 4, (1,) * 4, (1.0,) + (0.0,) * (TERMS - 1), limit, {}
    )
    return DigitEngine(dataclasses.replace(engine.checkpoint, calibration=calibration))


@pytest.mark.parametrize("temperature", [0.3, 4.0])
def test_calibration_changes_how_sure_a_reading_is_and_nothing_else(temperature: float) -> None:
    plain, _ = engine_and_model(preset("studio").model)
    before, after = (
        engine.read(IMAGES[0]) for engine in (plain, calibrated(plain, temperature, 0))
    )
    assert after.digit == before.digit == after.digit_probs.argmax()
    assert (after.digit_probs.max() > before.digit_probs.max()) == (temperature < 1)
    expected = before.digit_probs.astype(np.float64) ** (1 / temperature)
    np.testing.assert_allclose(after.digit_probs, expected / expected.sum(), rtol=1e-4)
    # The encoder sees the probabilities it was trained beside.
    np.testing.assert_array_equal(after.style_mean, before.style_mean)
    np.testing.assert_array_equal(after.reconstruction, before.reconstruction)


def test_familiar_is_what_scores_less_than_the_limit(engine: DigitEngine) -> None:
    plain = engine.read(IMAGES[0])
    assert (plain.is_familiar, plain.ood_score) == (None, 0)
    ood_score = calibrated(engine, 1, 0).read(IMAGES[0]).ood_score
    assert 0 < ood_score < 8
    for limit, familiar in ((ood_score - 0.1, False), (ood_score + 0.1, True)):
        reading = calibrated(engine, 1, limit).read(IMAGES[0])
        assert reading.is_familiar is familiar
        assert (reading.ood_score <= 0) is familiar


@pytest.mark.parametrize("name", ["studio", "article"])
def test_shipped_models_know_digits_as_well_as_they_were_measured(name: str) -> None:
    engine = DigitEngine.load(SHIPPED / name)
    images = load_sample().test.images.numpy().reshape(-1, 28, 28)
    seen = engine.see(images)
    kl = kl_per_dim(seen.style_mean, seen.style_std).sum(axis=1).mean()
    assert kl == pytest.approx(engine.checkpoint.metrics["kl"], rel=0.03)
    calibration = engine.checkpoint.calibration
    assert calibration is not None
    assert (calibration.ood_score(engine.statistics(images)) > 0).mean() < 0.025
    noise = np.random.default_rng(0).random((20, 28, 28), dtype=np.float32)
    assert not any(engine.read(image).is_familiar for image in noise)
