"""Where a map puts images so that those of like style are neighbours: UMAP of their posterior means
(McInnes, Healy, Melville 2018), made once and kept beside the checkpoint. Only `compute` needs
umap-learn."""

import hashlib
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as save_tensors

from vae_model.engine.digit_engine import DigitEngine, Floats
from vae_model.model.checkpoint import Arrays, CheckpointError, replace_file

LAYOUT_FILE = "layout.safetensors"
_PLACES, _BELONGS_TO = "places", "belongs_to"


def compute(engine: DigitEngine, images: Floats, seed: int = 0) -> Floats:
    """Places (n, 2) of images (n, 28, 28), the middle of their extent at 0 and the farthest
    coordinate at ±1; the same for the same seed. Raises ModuleNotFoundError without umap-learn."""
    from umap import UMAP

    # As they are, unscaled: dims in use spread about alike, and those asleep do not move.
    means = engine.see(images).style_mean
    umap = UMAP(n_neighbors=15, min_dist=0.1, random_state=seed, n_jobs=1)
    places = np.asarray(umap.fit_transform(means), np.float64)
    places -= (places.min(axis=0) + places.max(axis=0)) / 2
    return np.asarray(places / np.abs(places).max(), np.float32)


def save(path: Path, places: Floats, weights: Arrays, images: Floats) -> None:
    """Put the places of these images under these weights into the checkpoint folder at `path`,
    whole or not at all; float16 is finer than a screen. Raises CheckpointError."""
    content = save_tensors(
        {_PLACES: places.astype(np.float16)}, {_BELONGS_TO: _digest(weights, images)}
    )
    replace_file(path / LAYOUT_FILE, content)


def load(path: Path, weights: Arrays, images: Floats) -> Floats | None:
    """The places (n, 2), all within ±1, of the layout in a checkpoint folder; None where there is
    none, or one of other weights or images. Raises CheckpointError for a damaged file."""
    source = path / LAYOUT_FILE
    try:
        with safe_open(source, "numpy") as file:
            belongs_to = (file.metadata() or {}).get(_BELONGS_TO)
            if belongs_to is not None and belongs_to != _digest(weights, images):
                return None
            places = file.get_tensor(_PLACES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CheckpointError(f"cannot read {source}: {error.strerror or error}") from error
    except (SafetensorError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(f"{source}: is no layout: {error}") from error
    if belongs_to is None:
        raise CheckpointError(f"{source}: does not say to which weights it belongs")
    if places.shape != (len(images), 2) or places.dtype != np.float16:
        raise CheckpointError(
            f"{source}: is {places.dtype} {places.shape} and should be float16 {(len(images), 2)}"
        )
    # Written so that it also refuses what is not a number.
    if not (np.abs(places) <= 1).all():
        raise CheckpointError(f"{source}: holds places off the map")
    return np.asarray(places, np.float32)


def _digest(weights: Arrays, images: Floats) -> str:
    """What a layout belongs to. The images by their 256 shades, whoever scaled them."""
    digest = hashlib.sha256(np.round(255 * images).astype(np.uint8).tobytes())
    for name in sorted(weights):
        digest.update(name.encode())
        digest.update(weights[name].tobytes())
    return digest.hexdigest()
