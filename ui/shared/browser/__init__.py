"""Scripts of the browser that several components need.

A component's scripts are joined as they stand: no build step, and no module that a browser would
have to fetch.
"""

from pathlib import Path

SHARED = Path(__file__).parent


def joined(folder: Path, *names: str) -> str:
    """The text of files of one folder, one after another."""
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)
