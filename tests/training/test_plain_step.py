import dataclasses

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from vae_model.data.mnist import DigitData, Digits, load_sample
from vae_model.model.config import ModelConfig, TrainConfig, is_plain, preset
from vae_model.model.losses import recon_nll
from vae_model.model.networks import ConditionalVAE
from vae_model.training import trainer
from vae_model.training.plain_step import PlainStep, SparseMatrix, pack
from vae_model.training.trainer import Training

SMALL = ModelConfig(z_dim=3, encoder_hidden=(16,), decoder_hidden=(16,), classifier_hidden=(12,))
DEEP = dataclasses.replace(
    SMALL, encoder_hidden=(12, 9, 8), decoder_hidden=(7, 11), classifier_hidden=(10, 6)
)
STUDIO = dataclasses.replace(
    DEEP, activation="gelu", likelihood="bernoulli", encoder_sees_digit=True, digit_init_gain=4.0
)
PLAIN = TrainConfig(batch_size=64)
LABEL = dataclasses.replace(PLAIN, decoder_condition="label")

CASES = {
    "article": (SMALL, PLAIN),
    "deep": (DEEP, PLAIN),
    "tanh": (dataclasses.replace(DEEP, activation="tanh"), PLAIN),
    "relu": (dataclasses.replace(DEEP, activation="relu"), PLAIN),
    "silu": (dataclasses.replace(DEEP, activation="silu"), PLAIN),
    "gelu": (dataclasses.replace(DEEP, activation="gelu"), PLAIN),
    "bernoulli": (dataclasses.replace(SMALL, likelihood="bernoulli"), PLAIN),
    "other std and variance": (
        dataclasses.replace(SMALL, likelihood_std=0.2, min_variance=0.1),
        PLAIN,
    ),
    "label": (DEEP, LABEL),
    "encoder sees the digit": (dataclasses.replace(SMALL, encoder_sees_digit=True), PLAIN),
    "studio": (STUDIO, LABEL),
    "smoothed labels": (STUDIO, dataclasses.replace(LABEL, label_smoothing=0.1)),
    "smoothed labels and softmax": (SMALL, dataclasses.replace(PLAIN, label_smoothing=0.2)),
    "no classification": (SMALL, dataclasses.replace(PLAIN, classification_weight=0.0)),
}


@pytest.fixture(scope="module")
def digits() -> DigitData:
    sample = load_sample()
    return dataclasses.replace(
        sample, train=sample.train.part(0, 300), test=sample.test.part(0, 100)
    )


def doubled(digits: Digits, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    return digits.images[:count].double(), digits.labels[:count]


def autograd_losses(
    model: ConditionalVAE, config: TrainConfig, x: torch.Tensor, labels: torch.Tensor, beta: float
) -> list[torch.Tensor]:
    """The whole loss, and its parts in the order of `Losses`."""
    true_digit = F.one_hot(labels, 10).to(x.dtype)
    logits = model.classifier(x)
    posterior = model.encoder(x, true_digit)
    condition = logits.softmax(1) if config.decoder_condition == "softmax" else true_digit
    z = posterior.sample(torch.Generator().manual_seed(7))
    recon = recon_nll(model.config, model.decoder(z, condition), x).mean()
    kl = posterior.kl_per_dim().sum(1).mean()
    classification = F.cross_entropy(logits, labels, label_smoothing=config.label_smoothing)
    vae_loss = recon + beta * kl
    accuracy = (logits.argmax(1) == labels).double().mean()
    loss = vae_loss + config.classification_weight * classification
    return [loss, vae_loss, recon, kl, classification, accuracy]


@pytest.mark.parametrize("count", [64, 5], ids=["whole batch", "part of a batch"])
@pytest.mark.parametrize(("model_config", "config"), CASES.values(), ids=CASES)
def test_losses_and_gradients_are_autograds(
    digits: DigitData, model_config: ModelConfig, config: TrainConfig, count: int
) -> None:
    torch.manual_seed(0)
    expected = ConditionalVAE(model_config).double()
    model = ConditionalVAE(model_config).double()
    model.load_state_dict(expected.state_dict())
    packed = pack(model)
    step = PlainStep(model, packed, config, torch.Generator().manual_seed(7))
    x, labels = doubled(digits.train, count)

    loss, losses = step(x, labels, 1.7)
    expected_loss, *expected_losses = autograd_losses(expected, config, x, labels, 1.7)
    assert loss == pytest.approx(expected_loss.item())
    assert list(vars(losses).values()) == pytest.approx([part.item() for part in expected_losses])

    # Where every weight has moved by its gradient, the views show which is which.
    expected_loss.backward()
    with torch.no_grad():
        for parameter in (*packed, *expected.parameters()):
            parameter -= parameter.grad
    for name, weights in model.state_dict().items():
        torch.testing.assert_close(weights, expected.state_dict()[name], rtol=1e-9, atol=1e-11)


def test_rows_of_the_table_that_belong_to_nobody_stay_zero(digits: DigitData) -> None:
    run = Training(STUDIO, dataclasses.replace(LABEL, epochs=1), digits)
    list(run.epochs())
    table = run.parameters[0]
    assert table[784:, :12].any()
    assert not table[784:, 12:].any()


def test_packing_changes_no_weight_and_loading_reaches_the_packed_ones() -> None:
    model, other = ConditionalVAE(STUDIO), ConditionalVAE(STUDIO)
    before = model.weights()
    packed = pack(model)
    assert sum(tensor.numel() for tensor in packed) == (
        sum(array.size for array in before.values()) + 10 * STUDIO.classifier_hidden[0]
    )
    for name, array in model.weights().items():
        assert (array == before[name]).all()
        assert array.flags.c_contiguous
    model.load_state_dict(other.state_dict())
    for first, second in zip(packed, pack(other), strict=True):
        assert torch.equal(first, second)


@pytest.mark.parametrize(
    "changes",
    [
        {"augment": True},
        {"density_ratio_weight": 1.0},
        {"adversarial_weight": 1.0},
        {"recognition_weight": 1.0},
        {"style_consistency_weight": 1.0},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_has_no_formula_here_is_left_to_autograd(
    digits: DigitData, changes: dict[str, object]
) -> None:
    config = dataclasses.replace(PLAIN, **changes)
    assert not is_plain(config)
    assert Training(SMALL, config, digits).plain_step is None


def test_the_article_is_plain_and_studio_is_not() -> None:
    assert is_plain(preset("article").train)
    assert not is_plain(preset("studio").train)


@pytest.mark.parametrize(
    ("model_config", "config"),
    [
        (SMALL, PLAIN),
        (SMALL, dataclasses.replace(PLAIN, optimizer="sgd", learning_rate=1e-4)),
        (
            STUDIO,
            dataclasses.replace(
                LABEL,
                ema_decay=0.9,
                schedule="cosine",
                warmup_epochs=0.5,
                beta_start=3.0,
                beta_epochs=2.0,
            ),
        ),
    ],
    ids=["adam", "sgd", "schedules and averaging"],
)
def test_a_plain_training_is_the_one_that_autograd_would_do(
    digits: DigitData,
    model_config: ModelConfig,
    config: TrainConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = dataclasses.replace(config, epochs=3)
    plain = Training(model_config, config, digits)
    assert plain.plain_step
    reports = list(plain.epochs())
    averaged = plain.averaged_model().state_dict()
    monkeypatch.setattr(trainer, "is_plain", lambda _: False)
    slow = Training(model_config, config, digits)
    assert not slow.plain_step
    for report, expected in zip(reports, slow.epochs(), strict=True):
        for part, value in vars(report.train).items():
            assert value == pytest.approx(getattr(expected.train, part), rel=1e-5), part
    for name, weights in slow.averaged_model().state_dict().items():
        torch.testing.assert_close(weights, averaged[name], rtol=1e-4, atol=2e-5)


def matrix(rows: int, columns: int, lit: float) -> torch.Tensor:
    random = np.random.default_rng(0)
    return torch.tensor(random.random((rows, columns)) * (random.random((rows, columns)) < lit))


@pytest.mark.parametrize("lit", [0.0, 0.01, 0.3, 1.0])
@pytest.mark.parametrize(("rows", "columns"), [(1, 5), (7, 1), (20, 30)])
def test_products_are_those_of_the_whole_matrix(rows: int, columns: int, lit: float) -> None:
    images = matrix(rows, columns, lit)
    table, gradient = matrix(columns, 6, 1.0), matrix(rows, 6, 1.0)
    torch.testing.assert_close(SparseMatrix(images).times(table), images @ table)
    torch.testing.assert_close(SparseMatrix(images).transposed_times(gradient), images.T @ gradient)


def test_blank_rows_and_columns_give_zeros_between_others() -> None:
    images = matrix(20, 30, 0.5)
    images[[0, 7, 8, 19]] = 0
    images[:, [0, 12, 13, 29]] = 0
    assert not SparseMatrix(images).times(torch.ones(30, 4).double())[[0, 7, 8, 19]].any()
    assert (
        not SparseMatrix(images).transposed_times(torch.ones(20, 4).double())[[0, 12, 13, 29]].any()
    )
    torch.testing.assert_close(
        SparseMatrix(images).times(torch.eye(30).double()), images, rtol=0, atol=0
    )


def test_more_columns_than_16_bits_can_count() -> None:
    images = torch.zeros(2, 70_000)
    images[0, 1], images[1, 66_000] = 2.0, 3.0
    gradient = torch.tensor([[5.0], [7.0]])
    torch.testing.assert_close(SparseMatrix(images).transposed_times(gradient), images.T @ gradient)
