"""The files that the Dockerfile takes into the image."""

import re
import shutil
from pathlib import Path


def image_files(root: Path) -> dict[Path, Path]:
    """What the Dockerfile copies from the project: by its place in the image's work folder, the
    file it comes from. Raises ValueError where .dockerignore lets more through than it can read."""
    rules = (root / ".dockerignore").read_text().splitlines()
    if rules[0] != "*" or any(rule[:1] != "!" and rule[:3] != "**/" for rule in rules[1:]):
        raise ValueError("expected '*', then what is let through, then '**/NAME' to leave out")
    through = [rule[1:] for rule in rules if rule.startswith("!")]
    left_out = {rule[3:] for rule in rules if rule.startswith("**/")}
    text = (root / "Dockerfile").read_text()
    stage = text.partition(" AS app\n")[2].partition("\nFROM ")[0]
    files: dict[Path, Path] = {}
    for source, target in re.findall(r"^COPY ([^\s-]\S*) (\S+)$", stage, re.MULTILINE):
        if source not in through:
            continue
        start = root / source
        found = [path for path in start.rglob("*") if path.is_file()] if start.is_dir() else [start]
        for path in found:
            if not left_out & {*path.relative_to(root).parts}:
                place = Path(target) / (path.relative_to(start) if start.is_dir() else path.name)
                files[place] = path
    return files


def lay_out(files: dict[Path, Path], folder: Path) -> None:
    """Copy the files to their places."""
    for place, path in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, folder / place)
