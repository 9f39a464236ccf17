"""A run as one .zip, and back again.

What comes in is taken for hostile: only the names that a run has, no more bytes than there is room
for, nothing that is damaged or not a run (`check`), and never anything that would be unpickled. An
archive that somebody unpacked and packed again is one still: what file managers add is left out,
and so is the manifest of hashes that earlier exports hold.
"""

import io
import re
import shutil
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from vae_model.model import marked
from vae_model.model.checkpoint import CONFIG_FILE, TRAINING_STATE_FILE, WEIGHTS_FILE
from vae_model.model.config import MAX_EPOCHS
from vae_model.runs import check, events, folders
from vae_model.runs.folders import RunsError
from vae_model.runs.run import MAX_RUN_FILE_BYTES, Run, load

MAX_ENTRIES = 25_000
"""Three files for each of the most epochs there can be would be more; nobody keeps so many."""
MAX_PAGE_MB = 100
"""What an archive may hold to be taken in by a page; .streamlit/config.toml names the same."""
MAX_PAGE_BYTES = MAX_PAGE_MB * 1_000_000

_PACKING_BYTES = 512
"""For every file, at most: its name, twice over."""
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OverflowError, ValueError, RuntimeError)
"""What the zip reader raises."""
_MODEL = rf"({folders.CHECKPOINT_FOLDER}|{folders.EPOCHS_FOLDER}/[0-9]{{4,5}})/"
_LIMITS = {
    re.escape(folders.RUN_FILE): MAX_RUN_FILE_BYTES,
    re.escape(folders.EVENTS_FILE): events.max_bytes(MAX_EPOCHS),
    _MODEL + re.escape(CONFIG_FILE): 16 * 2**20,
    _MODEL + re.escape(WEIGHTS_FILE): 512 * 2**20,
    f"{folders.CHECKPOINT_FOLDER}/{re.escape(TRAINING_STATE_FILE)}": 512 * 2**20,
}
"""The names that an archive may hold, and how large each may be."""
_ALWAYS = (
    *(folders.RUN_FILE, folders.EVENTS_FILE),
    *(f"{folders.CHECKPOINT_FOLDER}/{n}" for n in (CONFIG_FILE, WEIGHTS_FILE, TRAINING_STATE_FILE)),
)
"""What of a run goes along in any case, as far as it is there."""


def export_run(root: Path, run_id: str) -> bytes:
    """A run as a .zip that a page takes in, so perhaps without the weights of some epochs
    (`kept_epochs`). Weights hardly shrink, so only the rest is compressed.

    Raises RunsError where there is no such run, it is being trained, or it cannot be read.
    """
    run = load(root, run_id)
    # An evaluation changes figures alone, in one step.
    if run.job == "training":
        raise RunsError("this run is being trained: export it when that is over")
    target = io.BytesIO()
    try:
        with zipfile.ZipFile(target, "w", strict_timestamps=False) as archive:
            for name in _exported(run):
                small = name.endswith((".json", ".jsonl"))
                if (path := _path(run, name)).is_file():
                    packing = zipfile.ZIP_DEFLATED if small else zipfile.ZIP_STORED
                    archive.write(path, name, packing)
                elif name == folders.EVENTS_FILE:
                    archive.writestr(name, b"")  # Its job never began, and told nothing.
    except OSError as error:
        raise RunsError(f"cannot export {run.name!r}: {error.strerror or error}") from error
    return target.getvalue()


def exported_bytes(run: Run) -> int:
    """How large the .zip of a run is, at most."""
    return _packed_bytes(run, _exported(run))


def kept_epochs(run: Run) -> list[int]:
    """The epochs whose weights go along in an archive that a page takes in: evenly chosen among
    those that the run has, the last one always. Figures and digits of all epochs go along anyway.
    """
    have = run.kept_epochs
    each = max((_packed_bytes(run, _epoch_files(number)) for number in have), default=1)
    room = MAX_PAGE_BYTES - _packed_bytes(run, _ALWAYS)
    count = min(room // each, len(have))
    if count < 2:
        return have[-1:]
    return [have[round(place * (len(have) - 1) / (count - 1))] for place in range(count)]


def import_run(root: Path, source: Path | IO[bytes]) -> str:
    """Take in a run that was exported, under a fresh id, which is returned.

    Raises RunsError, saying what is wrong, for a file that is no such archive, or one that holds
    anything but a whole run; the runs folder is then as it was.
    """
    root, run_id = root.absolute(), folders.fresh_id()
    with folders.writing(root):
        root.mkdir(parents=True, exist_ok=True)
        with marked.temporary(root) as place:
            new = place / "run"
            new.mkdir()
            try:
                with zipfile.ZipFile(source) as archive:
                    entries = _checked_entries(archive)
                    folders.check_room(root, sum(entry.file_size for entry in entries.values()))
                    _unpack(archive, entries, new)
                check.check(new)
            except RunsError as error:
                # Without the path that it was unpacked to.
                raise RunsError(folders.within(new, error.reason), error.advice) from error
            except _UNREADABLE as error:
                raise RunsError(f"this is no readable .zip: {error}") from error
            new.rename(root / run_id)
    return run_id


def _exported(run: Run) -> list[str]:
    return [*_ALWAYS, *(name for number in kept_epochs(run) for name in _epoch_files(number))]


def _epoch_files(number: int) -> list[str]:
    folder = folders.epoch_folder(Path(), number).as_posix()
    return [f"{folder}/{name}" for name in (CONFIG_FILE, WEIGHTS_FILE)]


def _path(run: Run, name: str) -> Path:
    path = run.path / name
    return folders.place(path.parent) / path.name


def _packed_bytes(run: Run, names: Sequence[str]) -> int:
    """What these files take in an archive, at most; one that is not there takes nothing."""
    paths = [_path(run, name) for name in names]
    return sum(path.stat().st_size + _PACKING_BYTES for path in paths if path.is_file())


def _checked_entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """By the name that each has in a run."""
    if len(archive.infolist()) > MAX_ENTRIES:
        raise RunsError(f"this .zip holds more than {MAX_ENTRIES:,} files")
    named = [(_parts(entry.filename), entry) for entry in archive.infolist()]
    files = [(parts, entry) for parts, entry in named if not _is_extra(parts)]
    within = {parts[0] for parts, _ in files}
    if len(within) == 1 and all(len(parts) > 1 for parts, _ in files):
        # Packed with the folder that it was unpacked to.
        files = [(parts[1:], entry) for parts, entry in files]
    entries: dict[str, zipfile.ZipInfo] = {}
    for parts, entry in files:
        name = "/".join(parts)
        limit = next((size for form, size in _LIMITS.items() if re.fullmatch(form, name)), None)
        if limit is None:
            raise RunsError(f"this .zip holds {name[:80]!r}, which is no part of a run")
        if name in entries:
            raise RunsError(f"this .zip holds {name} twice")
        if entry.file_size > limit:
            raise RunsError(f"{name} is larger than {limit >> 20} MiB")
        if entry.flag_bits & 1:
            raise RunsError(f"{name} is encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise RunsError(f"{name} is packed in a way that runs are not")
        entries[name] = entry
    for name in (folders.RUN_FILE, folders.EVENTS_FILE):
        if name not in entries:
            raise RunsError(f"this .zip lacks {name}: it is no exported run")
    return entries


def _parts(name: str) -> list[str]:
    """The folders of an entry and its own name, which is empty for a folder; some programs write
    them with backslashes. Raises RunsError for one that points elsewhere."""
    parts = name.replace("\\", "/").split("/")
    if any(part in ("", ".", "..") for part in parts[:-1]) or parts[-1] in (".", ".."):
        raise RunsError(f"this .zip holds {name[:80]!r}, which is no part of a run")
    return parts


def _is_extra(parts: Sequence[str]) -> bool:
    """Whether an entry is a folder, an earlier export's manifest, or what Finder or Explorer put
    beside people's files."""
    own = parts[-1].lower()
    return (
        own in ("", "manifest.json", ".ds_store", "thumbs.db", "desktop.ini")
        or own.startswith("._")
        or parts[0] == "__MACOSX"
    )


def _unpack(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], target: Path) -> None:
    """The zip reader takes no more bytes out of a file than it claims to have, and checks them."""
    for name, entry in entries.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as packed, marked.synced(path) as file:
            shutil.copyfileobj(packed, file)
