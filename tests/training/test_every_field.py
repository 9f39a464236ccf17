"""Every hyperparameter has its part in the training: none that is set does nothing."""

from functools import lru_cache
from typing import Any

import pytest

from tests.support.small_training import SMALL, part_of_sample, trained
from vae_model.model.fields import FIELDS

ANOTHER: dict[str, Any] = {
    "epochs": 3, "batch_size": 50, "learning_rate": 1e-4, "optimizer": "sgd", "momentum": 0.1,
    "schedule": "cosine", "final_rate_fraction": 0.9, "restart_fraction": 0.5, "seed": 1,
    "ema_decay": 0.9, "decoder_condition": "label", "label_smoothing": 0.1,
    "beta_epochs": 1.0, "warmup_epochs": 1.0, "penalty_start_epoch": 0.0,
    "augment": True, "synthetic_fraction": 0.5, "views": 2, "practice_fraction": 0.5,
}  # fmt: skip
"""Values other than those of a small training; 2 for all others."""
NEEDS: dict[str, dict[str, Any]] = {
    "momentum": {"optimizer": "sgd", "learning_rate": 1e-4},
    "final_rate_fraction": {"schedule": "cosine"},
    "views": {"augment": True},
    "synthetic_fraction": {"augment": True},
    "beta_start": {"beta_epochs": 1.0},
    "beta_epochs": {"beta_start": 3.0},
    "penalty_start_epoch": {"adversarial_weight": 5.0},
}
"""What a field needs to matter."""


@lru_cache
def weights(**changes: Any) -> dict[str, bytes]:
    learned = trained(SMALL, part_of_sample(200, 50), **changes).averaged_model.weights()
    return {name: array.tobytes() for name, array in learned.items()}


@pytest.mark.parametrize("field", [name for name, each in FIELDS.items() if not each.of_model])
def test_a_field_changes_what_is_learned(field: str) -> None:
    penalties = {"penalty_start_epoch": 0.0} if field.endswith("_weight") else {}
    needs = NEEDS.get(field, penalties)
    assert weights(**needs) != weights(**needs | {field: ANOTHER.get(field, 2.0)})
