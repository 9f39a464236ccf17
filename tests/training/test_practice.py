from unittest.mock import Mock

import pytest
import torch

from tests.support.planted import planted_digits
from tests.support.small_training import SMALL_STUDIO
from vae_model.data.mnist import Digits
from vae_model.model.networks import ConditionalVAE
from vae_model.training import practice
from vae_model.training.practice import practice_digits, practice_loss


@pytest.fixture
def model() -> ConditionalVAE:
    torch.manual_seed(0)
    return ConditionalVAE(SMALL_STUDIO)


@pytest.fixture
def batch() -> Digits:
    return planted_digits(20)


def test_only_the_encoder_learns_from_practice(model: ConditionalVAE, batch: Digits) -> None:
    generator = torch.Generator().manual_seed(1)
    digits = practice_digits(model, batch, 1.0, generator)
    costs = practice_loss(model, digits, 1.0, generator)
    assert costs.shape == (40,)
    costs.sum().backward()
    taught = {name for name, p in model.named_parameters() if p.grad is not None and p.grad.any()}
    assert taught == {name for name, _ in model.named_parameters() if name.startswith("encoder")}
    assert all(p.requires_grad for p in model.parameters())


@pytest.mark.parametrize(("fraction", "written", "bent"), [(0.5, 10, 10), (1, 20, 20), (4, 80, 20)])
def test_the_digits_are_what_the_decoder_wrote_and_bent_ones_with_their_labels(
    model: ConditionalVAE, batch: Digits, fraction: float, written: int, bent: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    decode = Mock(wraps=model.decode)
    monkeypatch.setattr(model, "decode", decode)
    monkeypatch.setattr(practice, "augment", lambda images, *_: images)
    digits = practice_digits(model, batch, fraction, torch.Generator().manual_seed(1))
    asked = decode.call_args_list[0].args[1].argmax(dim=1)
    assert len(digits) == written + bent
    assert torch.equal(digits.labels[:written], asked) and len(asked.unique()) > 1
    assert len(digits.images[:written].unique(dim=0)) == written
    assert torch.equal(digits.images[written:], batch.images[:bent])
    assert torch.equal(digits.labels[written:], batch.labels[:bent])


def test_less_than_one_digit_of_a_batch_is_no_practice(
    model: ConditionalVAE, batch: Digits, generator: torch.Generator
) -> None:
    digits = practice_digits(model, batch, 0.02, generator)
    assert len(digits) == 0
    assert practice_loss(model, digits, 1.0, generator).sum() == 0
