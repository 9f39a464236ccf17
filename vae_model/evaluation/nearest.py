"""The training image nearest to each of some others: whether a model copies what it learned from.

Knows images alone; nothing of models, data sets or files.
"""

import torch
from torch import Tensor

_CHUNK = 250  # images at once; their distances to 60,000 others take 60 MB


@torch.no_grad()
def nearest(images: Tensor, among: Tensor) -> tuple[Tensor, Tensor]:
    """The Euclidean distance of each of `images` (n, d) to its nearest in `among` (m, d), and
    which one that is: (n,) float32 and (n,) int64.

    For ink in [0, 1], the distance is the root of the number of pixels that would have to turn
    from paper to full ink. Raises ValueError where there is nothing to be near to.
    """
    if not len(among):
        raise ValueError("there are no images to look among")
    squares = torch.linalg.vector_norm(among, dim=1).square()
    found = []
    for part in images.split(_CHUNK):
        # |a|² − 2ab orders as |a − b|² does, and is one matrix product.
        found.append(torch.addmm(squares, part, among.T, alpha=-2).argmin(dim=1))
    places = torch.cat(found) if found else torch.zeros(0, dtype=torch.int64)
    # From the difference itself: the product would not leave 0 of a copy.
    return torch.linalg.vector_norm(images - among[places], dim=1), places
