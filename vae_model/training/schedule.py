"""What changes with the epochs: β and the learning rate."""

import math

from vae_model.model.config import TrainConfig


def beta(config: TrainConfig, progress: float) -> float:
    """β after `progress` epochs."""
    if progress >= config.beta_epochs:
        return config.beta
    return config.beta_start + (config.beta - config.beta_start) * progress / config.beta_epochs


def restart_epoch(config: TrainConfig) -> int:
    """After how many epochs the learning rate rises once more; 0 where it does not."""
    last = round(config.epochs * config.restart_fraction)
    return config.epochs - last if last else 0


def learning_rate(config: TrainConfig, progress: float) -> float:
    """The learning rate after `progress` epochs."""
    rate, epochs = config.learning_rate, config.epochs
    if restart := restart_epoch(config):
        if progress >= restart:
            progress, epochs = progress - restart, epochs - restart
        else:
            epochs = restart
    if progress < config.warmup_epochs:
        # Half a thousandth of an epoch ahead, so that the first batch moves the weights too.
        return rate * min(1.0, (progress + 5e-4) / config.warmup_epochs)
    if config.schedule == "constant":
        return rate
    length = max(epochs - config.warmup_epochs, 1e-9)
    falling = 0.5 * (1 + math.cos(math.pi * (progress - config.warmup_epochs) / length))
    return rate * (config.final_rate_fraction + (1 - config.final_rate_fraction) * falling)
