"""Whether what a model writes is copied from its training images: how near it comes to them."""

import base64

import torch
from torch import Tensor

from vae_model.data.mnist import Digits
from vae_model.evaluation.figures import Figures, prior_styles, resting_on
from vae_model.model.config import DIGITS
from vae_model.model.networks import ConditionalVAE, one_hot
from vae_model.model.streams import stream

QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)
_CHUNK = 250  # images at once; their distances to 60,000 others take 60 MB


@torch.no_grad()
def copying_figures(
    model: ConditionalVAE, train: Digits, test: Digits, count: int, seed: int
) -> Figures:
    """`nearest_distance`: the median distance to the nearest training image, of `count` images
    from prior styles. To read it by: `nearest_distance_unseen` of as many test images of the same
    digits (as in Meehan et al. 2020), and `nearest_distance_rewritten` of these once the model has
    redrawn them from their mean style, by their true one-hot: those are as smooth as what the model
    writes, and smoothness alone brings an image nearer to all others. `nearest_quantiles` has
    QUANTILES of all three.

    A copy is near to what it was copied from and to little else, however smooth it is. So
    `nearest_is_training` is how often the nearest of all real images is one of the training set;
    without copying that is `nearest_is_training_chance`, the training images' share of all.
    `nearest_pairs` holds the first generated image of each digit, as its style, and its nearest
    training image, as 784 bytes in base64. Without training images there are no figures.
    """
    if not len(train):
        return resting_on(0, {})
    chosen = torch.randperm(len(test), generator=stream("unseen images", 0))[:count]
    images, asked = test.images[chosen], test.labels[chosen]
    z = prior_styles(len(asked), model.config.z_dim, "images that may be copies", seed)
    z = z.round(decimals=4)  # such are the same in JSON
    truth = one_hot(asked)
    generated = model.decode(z, truth)
    rewritten = model.decode(model.encode(images, truth).mean, truth)
    distances, places = nearest(generated, train.images)
    quantiles = {
        name: part.quantile(torch.tensor(QUANTILES)).tolist()
        for name, part in (
            ("generated", distances),
            ("unseen", nearest(images, train.images)[0]),
            ("rewritten", nearest(rewritten, train.images)[0]),
        )
    }
    median = QUANTILES.index(0.5)
    nearer = distances < nearest(generated, test.images)[0]
    scalars = {
        "nearest_distance": quantiles["generated"][median],
        "nearest_distance_unseen": quantiles["unseen"][median],
        "nearest_distance_rewritten": quantiles["rewritten"][median],
        "nearest_is_training": float(nearer.double().mean()),
    }
    pairs = [
        {
            "digit": digit,
            "style": [round(value, 4) for value in z[row].tolist()],
            "label": int(train.labels[places[row]]),
            "distance": float(distances[row]),
            "image": _packed(train.images[places[row]]),
        }
        for digit in range(DIGITS)
        for row in (asked == digit).nonzero()[:1, 0].tolist()
    ]
    return resting_on(len(asked), scalars, nearest_among=len(train)) | {
        "nearest_is_training_chance": len(train) / (len(train) + len(test)),
        "nearest_quantiles": quantiles,
        "nearest_pairs": pairs,
    }


@torch.no_grad()
def nearest(images: Tensor, among: Tensor) -> tuple[Tensor, Tensor]:
    """The Euclidean distance of each of `images` (n, d) to its nearest in `among` (m, d), and
    which one that is: (n,) float32 and (n,) int64.

    For ink in [0, 1], the distance is the root of the number of pixels that would have to turn
    from paper to full ink. `among` must not be empty.
    """
    squares = torch.linalg.vector_norm(among, dim=1).square()
    # |a|² − 2ab orders as |a − b|² does, and is one matrix product.
    places = torch.cat(
        [
            torch.addmm(squares, part, among.T, alpha=-2).argmin(dim=1)
            for part in images.split(_CHUNK)
        ]
    )
    # From the difference itself: the product would not leave 0 of a copy.
    return torch.linalg.vector_norm(images - among[places], dim=1), places


def _packed(image: Tensor) -> str:
    """An image (784,) in [0, 1] as bytes in base64."""
    return base64.b64encode((image * 255).round().byte().numpy().tobytes()).decode()
