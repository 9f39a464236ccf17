"""More digits for the encoder to read than there are images: some that the decoder writes, and some
images gently bent.

On images that it has not seen the encoder misses more of the bound than the decoder does
(docs/model-notes.md). The decoder learns nothing from these digits: it would repeat itself, and
write what nobody wrote.
"""

import torch
from torch import Tensor

from vae_model.data.augment import GENTLE, augment
from vae_model.data.mnist import Digits
from vae_model.model.config import DIGITS
from vae_model.model.losses import recon_nll
from vae_model.model.networks import ConditionalVAE, frozen, one_hot


def practice_digits(
    model: ConditionalVAE, batch: Digits, fraction: float, generator: torch.Generator
) -> Digits:
    """Digits that the decoder writes in random styles, `fraction` times as many as the batch has,
    and as many of the batch, bent, at most all."""
    count = round(fraction * len(batch))
    asked = torch.randint(DIGITS, (count,), generator=generator)
    styles = torch.randn(count, model.config.z_dim, generator=generator)
    with torch.no_grad():
        written = model.decode(styles, one_hot(asked))
    plain = batch.part(0, count)
    bent = augment(plain.images, GENTLE, generator)
    return Digits(torch.cat([written, bent]), torch.cat([asked, plain.labels]))


def practice_loss(
    model: ConditionalVAE, digits: Digits, beta: float, generator: torch.Generator
) -> Tensor:
    """The VAE loss of each of these digits, (n,)."""
    true_digit = one_hot(digits.labels)
    posterior = model.encoder(digits.images, true_digit)
    with frozen(model.decoder):
        logits = model.decoder(posterior.sample(generator), true_digit)
    kl = posterior.kl_per_dim().sum(dim=1)
    return recon_nll(model.config, logits, digits.images) + beta * kl
