"""The configurations that have a name."""

from collections.abc import Mapping
from dataclasses import dataclass

from vae_model.model.config import ConfigError, ModelConfig, TrainConfig


@dataclass(frozen=True)
class Preset:
    model: ModelConfig
    train: TrainConfig


PRESETS: Mapping[str, Preset] = {
    "article": Preset(ModelConfig(), TrainConfig()),
    "studio": Preset(
        ModelConfig(
            z_dim=16,
            encoder_hidden=(768, 512),
            decoder_hidden=(256, 320, 448),
            classifier_hidden=(1024, 512),
            activation="gelu",
            likelihood="bernoulli",
            encoder_sees_digit=True,
            digit_init_gain=4.0,
        ),
        TrainConfig(
            epochs=54,
            batch_size=128,
            learning_rate=1.5e-3,
            schedule="cosine",
            warmup_epochs=0.5,
            restart_fraction=1 / 3,
            ema_decay=0.999,
            decoder_condition="label",
            beta_start=0.05,
            beta_epochs=8.0,
            augment=True,
            views=3,
            synthetic_fraction=1.0,
            practice_fraction=1.0,
            density_ratio_weight=4.0,
            adversarial_weight=15.0,
            recognition_weight=11.0,
            style_consistency_weight=15.0,
            image_discriminator_weight=1.5,
        ),
    ),
    # Seconds on the bundled sample: no penalty and nothing augmented, so that every gradient goes
    # by formula; a steep β and a loud digit make up for that.
    "quick": Preset(
        ModelConfig(
            z_dim=8,
            encoder_hidden=(256,),
            decoder_hidden=(256,),
            classifier_hidden=(256,),
            activation="gelu",
            likelihood="bernoulli",
            encoder_sees_digit=True,
            digit_init_gain=8.0,
        ),
        TrainConfig(
            epochs=5,
            batch_size=50,
            learning_rate=3e-3,
            schedule="cosine",
            warmup_epochs=0.5,
            decoder_condition="label",
            beta_start=6.0,
            beta_epochs=4.0,
        ),
    ),
}


def preset(name: str) -> Preset:
    """Raises ConfigError, naming the presets there are."""
    if name not in PRESETS:
        raise ConfigError(f"there is no preset {name!r}; there are: {', '.join(PRESETS)}")
    return PRESETS[name]
