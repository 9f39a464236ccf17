"""The numbers that change while a model trains: β and the learning rate. Knows the clock alone."""

import math

from vae_model.model.config import TrainConfig


def beta(config: TrainConfig, progress: float) -> float:
    """β after `progress` epochs."""
    if progress >= config.beta_epochs:
        return config.beta
    return config.beta_start + (config.beta - config.beta_start) * progress / config.beta_epochs


def learning_rate(config: TrainConfig, progress: float) -> float:
    """The learning rate after `progress` epochs."""
    rate = config.learning_rate
    if progress < config.warmup_epochs:
        # Half a thousandth of an epoch ahead, so that the first batch moves the weights too.
        return rate * min(1.0, (progress + 5e-4) / config.warmup_epochs)
    if config.schedule == "constant":
        return rate
    length = max(config.epochs - config.warmup_epochs, 1e-9)
    falling = 0.5 * (1 + math.cos(math.pi * (progress - config.warmup_epochs) / length))
    return rate * (config.final_rate_fraction + (1 - config.final_rate_fraction) * falling)
