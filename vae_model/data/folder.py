"""Where the full MNIST lies on disk: torchvision's four files, and whether they can be fetched."""

import os
from pathlib import Path

FOLDER_VARIABLE = "VAE_DATA_DIR"
FILES = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
"""The unpacked files and their MD5, as Y. LeCun, C. Cortes and C. J. C. Burges published them."""
DOWNLOAD_BYTES = 11_594_722
"""Of the four packed files."""


class DataError(Exception):
    """Data that is missing or damaged; the message says what to do. A second argument, which is no
    part of it, says how on the command line."""

    def __str__(self) -> str:
        return str(self.args[0])


def folder() -> Path:
    """The data folder: `data` where the program is started, or what the environment names."""
    return Path(os.environ.get(FOLDER_VARIABLE) or "data")


def which(name: str) -> str:
    """mnist or sample: what the data of this name is now, which may be auto."""
    return ("mnist" if is_downloaded() else "sample") if name == "auto" else name


def raw_folder() -> Path:
    """Where torchvision keeps the files in the data folder."""
    return folder() / "MNIST" / "raw"


def is_downloaded() -> bool:
    """Whether the four unpacked files are there (their content unchecked)."""
    # Unlike Path's own questions, this one fails on no folder that may not be looked into.
    return all(os.access(raw_folder() / file, os.R_OK) for file in FILES)
