import io
import json
import random
import shutil
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from tests.support.runs import working
from vae_model.model import marked
from vae_model.model.checkpoint import load as load_checkpoint
from vae_model.runs import archive, worker
from vae_model.runs.archive import export_run, import_run
from vae_model.runs.folders import RunsError
from vae_model.runs.run import Run, create, list_runs, load
from vae_model.runs.spec import TrainingSpec

Files = dict[str, bytes]


def export(root: Path, run_id: str = "done") -> io.BytesIO:
    return io.BytesIO(export_run(root, run_id))


@pytest.fixture
def exported(root: Path) -> bytes:
    return export_run(root, "done")


@pytest.fixture
def files(exported: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(exported)) as source:
        return {name: source.read(name) for name in source.namelist()}


def packed(files: Files, compression: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    """A .zip of these files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return target


def refused(root: Path, source: io.BytesIO, said: str) -> None:
    """The reason is told, and the runs folder is as it was."""
    before = sorted(root.rglob("*"))
    with pytest.raises(RunsError, match=said) as error:
        import_run(root, source)
    assert marked.PREFIX not in str(error.value)
    assert sorted(root.rglob("*")) == before


def test_a_run_comes_back_whole_under_a_fresh_id(root: Path, exported: bytes) -> None:
    run_id = import_run(root, io.BytesIO(exported))
    old, new = load(root, "done"), load(root, run_id)
    assert run_id != "done"
    for field in ("name", "setup", "created", "state", "epochs", "data", "metrics"):
        assert getattr(new, field) == getattr(old, field), field
    assert new.model and old.model
    for name, weight in load_checkpoint(old.model).weights.items():
        np.testing.assert_array_equal(load_checkpoint(new.model).weights[name], weight)
    for epoch in new.epochs:
        load_checkpoint(new.epoch_model(epoch.number))
    assert len(list_runs(root).runs) == 2


@pytest.mark.parametrize("model", ["checkpoint", "epochs/0003"])
def test_a_run_killed_as_a_model_took_anothers_place_comes_back_whole(
    root: Path, model: str
) -> None:
    path = root / "done" / model
    path.rename(path.with_name(f".{path.name}.previous"))
    run = load(root, "done")
    assert run.checkpoint and run.kept_epochs == [1, 2, 3]
    new = load(root, import_run(root, export(root)))
    assert new.checkpoint and new.kept_epochs == [1, 2, 3]
    assert new.metrics == run.metrics


def test_an_unfinished_run_can_go_on_where_it_came_to(root: Path, cut: Run) -> None:
    new = load(root, import_run(root, export(root, cut.id)))
    assert new.state == "stopped" and new.can_resume
    assert worker.train_run(new)
    assert load(root, new.id).epochs[-1].test == load(root, "done").epochs[-1].test


def test_a_run_whose_job_never_began_comes_back_too(root: Path, tiny: TrainingSpec) -> None:
    unbegun = create(root, tiny)
    new = load(root, import_run(root, export(root, unbegun.id)))
    assert (new.name, new.state, new.can_resume) == (unbegun.name, "interrupted", True)


@pytest.mark.parametrize(("fewer", "kept"), [(0, [1, 2, 3]), (1, [1, 3]), (2, [3]), (9, [3])])
def test_what_is_too_much_for_a_page_goes_without_some_epochs(
    root: Path, fewer: int, kept: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = load(root, "done")
    each = archive._packed_bytes(run, archive._epoch_files(1))
    most = archive._packed_bytes(run, archive._ALWAYS) + (3 - fewer) * each + 1000
    monkeypatch.setattr(archive, "MAX_PAGE_BYTES", most)
    target = export(root)
    assert fewer == 9 or len(target.getvalue()) <= most
    assert (archive.exported_bytes(run) > most) == (fewer == 9)
    new = load(root, import_run(root, target))
    assert new.kept_epochs == kept
    assert len(new.epochs) == 3 and new.model
    # And out again, with what there is.
    assert load(root, import_run(root, export(root, new.id))).kept_epochs == kept


def test_epochs_that_are_left_out_are_spread_evenly(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "kept_epochs", list(range(1, 29)))
    monkeypatch.setattr(archive, "_packed_bytes", lambda *_: 11_700_000)
    assert archive.kept_epochs(load(root, "done")) == [1, 5, 10, 15, 19, 23, 28]


def test_a_page_takes_what_fits_it() -> None:
    config = tomllib.loads(Path(".streamlit/config.toml").read_text())
    assert config["server"]["maxUploadSize"] == archive.MAX_PAGE_MB


def test_a_run_that_is_trained_or_cannot_be_read_is_not_exported(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with working(root, kind="evaluation"):
        assert export_run(root, "done")
    with working(root), pytest.raises(RunsError, match="being trained"):
        export(root)
    refuse = Mock(side_effect=PermissionError(13, "Permission denied"))
    monkeypatch.setattr(zipfile.ZipFile, "write", refuse)
    with pytest.raises(RunsError, match="cannot export 'first': Permission denied"):
        export(root)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["checkpoint/config.json", "checkpoint\\config.json"])
def test_a_file_that_is_there_twice_is_refused(root: Path, files: Files, name: str) -> None:
    source = packed(files)
    with zipfile.ZipFile(source, "a") as more:
        more.writestr(name, b"{}")
    refused(root, source, r"holds checkpoint/config\.json twice")


FOLDERS = ("", "checkpoint/", "epochs/", "epochs/0001/", "epochs/0002/", "epochs/0003/")


def by_finder(files: Files) -> Files:
    """Compressed with the folder around it, beside what only a Mac can use."""
    for_macs = {f"{folder}{name}": b"" for folder in FOLDERS for name in ("", ".DS_Store", "._x")}
    packed = {f"my run/{name}": content for name, content in (files | for_macs).items()}
    return packed | {f"__MACOSX/{name}": b"Mac" for name in packed}


def by_explorer(files: Files) -> Files:
    """In the folder, with entries for those within."""
    shown = {"epochs\\Thumbs.db": b"pictures", "desktop.ini": b"[.ShellClassInfo]"}
    folders = {folder: b"" for folder in FOLDERS if folder}
    return shown | {n.replace("/", "\\"): content for n, content in (folders | files).items()}


class Pipe(io.BytesIO):
    """What cannot be gone back in gets the sizes behind each file, as Finder writes them."""

    def tell(self) -> int:
        raise io.UnsupportedOperation


@pytest.mark.parametrize("again", [by_finder, by_explorer])
def test_a_run_that_was_packed_again_comes_in(
    root: Path, files: Files, again: Callable[[Files], Files]
) -> None:
    target = Pipe()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in again(files).items():
            out.writestr(name, content)
    new = root / import_run(root, io.BytesIO(target.getvalue()))
    there = [path for path in new.rglob("*") if path.is_file()]
    assert {path.relative_to(new).as_posix(): path.read_bytes() for path in there} == files


def test_what_has_no_room_is_refused_before_it_is_unpacked(
    root: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_RUNS_MAX_MB", "20")
    files["checkpoint/training_state.safetensors"] = bytes(40_000_000)
    bomb = packed(files)
    assert len(bomb.getvalue()) < 1_500_000
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was unpacked"))
    refused(root, bomb, "needs up to 4. MB")


def test_a_file_larger_than_it_claims_is_refused(root: Path, files: Files) -> None:
    """A zip bomb lies about its size: no more than claimed is ever taken out of it."""
    source = packed(files).getvalue()
    with zipfile.ZipFile(io.BytesIO(source)) as honest:
        claimed = honest.getinfo("events.jsonl").file_size.to_bytes(4, "little")
    # The size stands in the file's own header and in the directory at the end.
    liar = source.replace(claimed, (100).to_bytes(4, "little"))
    refused(root, io.BytesIO(liar), r"no readable \.zip: Bad CRC-32 for file 'events\.jsonl'")


def test_too_many_files_are_refused(
    root: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_ENTRIES", 5)
    refused(root, packed(files), "more than 5 files")


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(root: Path, files: Files, compression: int) -> None:
    refused(root, packed(files, compression), "packed in a way")


Change = Callable[[Files], Files]


def added(name: str) -> Change:
    return lambda files: files | {name: b"{}"}


def without(*names: str) -> Change:
    return lambda files: {name: files[name] for name in files.keys() - set(names)}


def changed_json(name: str, /, **changes: object) -> Change:
    return lambda files: files | {name: json.dumps(json.loads(files[name]) | changes).encode()}


def digits_that_are_none(files: Files) -> Files:
    lines = [json.loads(line) for line in files["events.jsonl"].splitlines()]
    lines = [line | {"digits": "AAAA"} if line["event"] == "epoch" else line for line in lines]
    return files | {"events.jsonl": b"".join(json.dumps(line).encode() + b"\n" for line in lines)}


NAMES = [
    *("../evil.json", "/etc/passwd", "epochs/../run.json", "epochs/0001/../../run.json"),
    *("C:\\evil", "..\\evil", "\\evil", "__MACOSX/../evil", "/.DS_Store", "../manifest.json"),
    *("epochs/0001/evil.py", "epochs/1/config.json", "epochs/٠٠٠١/config.json"),
    *("log.txt", "run.json\n", "Run.json", ".lock"),
]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        *((added(name), "no part of a run") for name in NAMES),
        (without("run.json"), "lacks run.json"),
        (without("events.jsonl"), "lacks events.jsonl"),
        (lambda files: files | {"run.json": b" " * 100_000}, "run.json is larger than"),
        (changed_json("run.json", model={"z_dim": 10**9}), "run.json"),
        (changed_json("run.json", held_out=0, train={"epochs": 2}), "not the model"),
        (changed_json("checkpoint/config.json", history=None), "history"),
        (changed_json("checkpoint/config.json", train={}), "not the model that run.json"),
        (changed_json("epochs/0002/config.json", train={}), "not the model"),
        (without("checkpoint/config.json"), "no checkpoint folder checkpoint "),
        (without("epochs/0002/weights.safetensors"), "weights"),
        (without("epochs/0003/weights.safetensors", "epochs/0003/config.json"), "epochs"),
        (digits_that_are_none, "no ten digits"),
        (lambda files: files | {"events.jsonl": b""}, "epochs"),
    ],
)
def test_what_cannot_be_a_run_is_refused(
    root: Path, files: Files, change: Change, said: str
) -> None:
    refused(root, packed(change(files)), said)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" * 50])
def test_what_is_no_archive_is_refused(root: Path, content: bytes) -> None:
    refused(root, io.BytesIO(content), r"no readable \.zip|lacks run\.json")


@pytest.mark.parametrize("place", [2**62, 2**63, 2**64 - 1])
def test_an_archive_that_points_beyond_its_end_is_refused(
    root: Path, files: Files, place: int
) -> None:
    with zipfile.ZipFile(target := packed(files), "a") as out:
        out.getinfo("events.jsonl").header_offset = place
        out.comment = b"writes the directory anew"
    refused(root, target, r"no readable \.zip")


def test_damaged_archives_never_get_in_and_never_crash(root: Path, exported: bytes) -> None:
    chance = random.Random(0)
    before = sorted(root.iterdir())
    let_in = 0
    for _ in range(200):
        damaged = bytearray(exported)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        if chance.random() < 0.3:
            del damaged[chance.randrange(len(damaged)) :]
        try:
            run_id = import_run(root, io.BytesIO(bytes(damaged)))
        except RunsError:
            continue
        # What was hit is of no account, such as a date in the directory.
        let_in += 1
        shutil.rmtree(root / run_id)
    assert let_in < 20
    assert sorted(root.iterdir()) == before
