"""A run as one .zip, and back again.

What comes in is taken for hostile: only the names that a run has, no more bytes than there is room
for, nothing that is not as its hash says or not a run (`check`), and never anything that would be
unpickled. An archive that somebody unpacked and packed again is one still: what file managers add
is left out.
"""

import contextlib
import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

from vae_model.model import marked
from vae_model.model.atomic import replacing
from vae_model.model.checkpoint import (
    CONFIG_FILE,
    MAX_FILE_BYTES,
    TRAINING_STATE_FILE,
    WEIGHTS_FILE,
)
from vae_model.model.config import MAX_EPOCHS
from vae_model.runs import check, events
from vae_model.runs.folders import (
    CHECKPOINT_FOLDER,
    EPOCHS_FOLDER,
    EVENTS_FILE,
    RUN_FILE,
    RunsError,
    check_room,
    epoch_folder,
    fresh_id,
    run_folder,
    unwritable,
)
from vae_model.runs.run import MAX_RUN_FILE_BYTES, Run, load

MANIFEST_FILE = "manifest.json"
FORMAT_VERSION = 1
MAX_ENTRIES = 25_000
"""Three files for each of the most epochs there can be would be more; nobody keeps so many."""
MAX_JSON_BYTES = 16 * 2**20
MAX_PAGE_MB = 100
"""What an archive may hold to be taken in by a page; .streamlit/config.toml names the same."""
MAX_PAGE_BYTES = MAX_PAGE_MB * 1_000_000

_PACKING_BYTES = 1024
"""For every file, at most: its name and hash, three times over."""
_CHUNK = 2**20
_MODEL = rf"({CHECKPOINT_FOLDER}|{EPOCHS_FOLDER}/[0-9]{{4,5}})/"
_LIMITS = {
    re.escape(MANIFEST_FILE): MAX_JSON_BYTES,
    re.escape(RUN_FILE): MAX_RUN_FILE_BYTES,
    re.escape(EVENTS_FILE): events.max_bytes(MAX_EPOCHS),
    _MODEL + re.escape(CONFIG_FILE): MAX_JSON_BYTES,
    _MODEL + re.escape(WEIGHTS_FILE): MAX_FILE_BYTES,
    f"{CHECKPOINT_FOLDER}/{re.escape(TRAINING_STATE_FILE)}": MAX_FILE_BYTES,
}
"""The names that an archive may hold, and how large each may be."""
_ALWAYS = (
    *(RUN_FILE, EVENTS_FILE),
    *(f"{CHECKPOINT_FOLDER}/{n}" for n in (CONFIG_FILE, WEIGHTS_FILE, TRAINING_STATE_FILE)),
)
"""What of a run goes along in any case, as far as it is there."""


def export_run(
    root: Path, run_id: str, target: Path | IO[bytes], max_bytes: int | None = MAX_PAGE_BYTES
) -> int:
    """Write a run as a .zip with the hash of every file in it, and return how many epochs'
    weights were left out to stay within max_bytes; None leaves out none. Weights hardly shrink,
    so only the rest is compressed.

    Raises RunsError where there is no such run, it is being worked on, or the disk is full; a
    file that was there before is then as it was.
    """
    run = load(root, run_id)
    if run.job:
        raise RunsError("this run is being worked on: export it when that is over")
    kept = kept_epochs(run, max_bytes)
    names = [*_ALWAYS, *(name for number in kept for name in _epoch_files(run, number))]
    try:
        with (
            replacing(target) if isinstance(target, Path) else nullcontext(target) as file,
            zipfile.ZipFile(file, "w") as archive,
        ):
            hashes = {}
            for name in names:
                if (run.path / name).is_file():
                    hashes[name] = _add(archive, name, run.path / name)
            manifest = {"kind": "run", "format_version": FORMAT_VERSION, "sha256": hashes}
            archive.writestr(MANIFEST_FILE, json.dumps(manifest, indent=1))
    except OSError as error:
        raise RunsError(f"cannot export {run.name!r}: {error.strerror or error}") from error
    return len(run.kept_epochs) - len(kept)


def kept_epochs(run: Run, max_bytes: int | None = MAX_PAGE_BYTES) -> list[int]:
    """The epochs whose weights go along in an archive of so many bytes: evenly chosen among those
    that the run has, the last one always. Figures and digits of all epochs go along anyway."""
    have = run.kept_epochs
    if max_bytes is None or len(have) < 2:
        return have
    each = max(_packed_bytes(run, _epoch_files(run, number)) for number in have)
    room = max_bytes - _packed_bytes(run, _ALWAYS) - _PACKING_BYTES
    count = min(max(room // each, 1), len(have))
    places = {round(place * (len(have) - 1) / max(count - 1, 1)) for place in range(count)}
    return [have[place] for place in sorted(places)] if count > 1 else have[-1:]


def import_run(root: Path, source: Path | IO[bytes]) -> str:
    """Take in a run that was exported, under a fresh id, which is returned.

    Raises RunsError, saying what is wrong, for a file that is no such archive, or one that holds
    anything but a whole run; the runs folder is then as it was.
    """
    root = root.absolute()
    try:
        root.mkdir(parents=True, exist_ok=True)
        place = marked.begin(root)
    except OSError as error:
        raise unwritable(root, error) from error
    temporary = place / "run"
    try:
        temporary.mkdir()
        with _opened(source) as archive:
            entries = _checked_entries(archive)
            check_room(root, sum(entry.file_size for entry in entries.values()))
            _unpack(archive, entries, temporary)
        check.check(temporary)
        (temporary / MANIFEST_FILE).unlink()
        run_id = fresh_id()
        temporary.rename(run_folder(root, run_id, exists=False))
        return run_id
    except RunsError as error:
        # Where it was unpacked is of no account.
        raise RunsError(str(error).replace(f"{temporary}{os.sep}", "")) from error
    except OSError as error:
        raise RunsError(f"cannot import this: {error.strerror or error}") from error
    finally:
        marked.discard(place)


def _epoch_files(run: Run, number: int) -> list[str]:
    folder = f"{EPOCHS_FOLDER}/{epoch_folder(run.path, number).name}"
    return [f"{folder}/{name}" for name in (CONFIG_FILE, WEIGHTS_FILE)]


def _packed_bytes(run: Run, names: Sequence[str]) -> int:
    """What these files take in an archive, at most; one that is not there takes nothing."""
    paths = [run.path / name for name in names]
    return sum(path.stat().st_size + _PACKING_BYTES for path in paths if path.is_file())


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    digest = hashlib.sha256()
    entry = zipfile.ZipInfo(name)
    small = name.endswith((".json", ".jsonl"))
    entry.compress_type = zipfile.ZIP_DEFLATED if small else zipfile.ZIP_STORED
    entry.external_attr = 0o644 << 16
    entry.file_size = path.stat().st_size
    with path.open("rb") as file, archive.open(entry, "w") as target:
        while part := file.read(_CHUNK):
            digest.update(part)
            target.write(part)
    return digest.hexdigest()


@contextlib.contextmanager
def _opened(source: Path | IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """Whatever the zip reader stumbles over is said as RunsError."""
    try:
        with zipfile.ZipFile(source) as archive:
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError) as error:
        raise RunsError(f"this is no readable .zip: {error}") from error
    except zlib.error as error:
        raise RunsError(f"this .zip is damaged: {error}") from error


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
    for name in (MANIFEST_FILE, RUN_FILE, EVENTS_FILE):
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
    """Whether an entry is a folder, or what Finder or Explorer put beside people's files."""
    own = parts[-1].lower()
    return (
        own in ("", ".ds_store", "thumbs.db", "desktop.ini")
        or own.startswith("._")
        or parts[0] == "__MACOSX"
    )


def _unpack(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], target: Path) -> None:
    """Every file as its hash says, none larger than it claimed to be."""
    hashes = _manifest(archive.read(entries[MANIFEST_FILE]))
    if hashes.keys() != entries.keys() - {MANIFEST_FILE}:
        raise RunsError(f"{MANIFEST_FILE} lists other files than there are")
    for name, entry in entries.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with archive.open(entry) as packed, path.open("wb") as file:
            while part := packed.read(_CHUNK):
                size += len(part)
                if size > entry.file_size:
                    raise RunsError(f"{name} is larger than it claims to be")
                digest.update(part)
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        if name != MANIFEST_FILE and digest.hexdigest() != hashes[name]:
            raise RunsError(f"{name} is damaged (its sha256 is not the one in {MANIFEST_FILE})")


def _manifest(content: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RunsError(f"{MANIFEST_FILE} is not readable: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("kind") != "run":
        raise RunsError(f"{MANIFEST_FILE} describes no run")
    if manifest.get("format_version") != FORMAT_VERSION:
        raise RunsError("this run was exported by another version of the program")
    hashes = manifest.get("sha256")
    if not isinstance(hashes, dict):
        raise RunsError(f"{MANIFEST_FILE} names no sha256")
    return hashes
