import dataclasses
import hashlib
import io
import json
import os
import random
import shutil
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vae_model.model import marked
from vae_model.model.checkpoint import load, save
from vae_model.model.config import ModelConfig
from vae_model.runs import archive, worker
from vae_model.runs import run as runs
from vae_model.runs.archive import MANIFEST_FILE, export_run, import_run
from vae_model.runs.folders import RunsError
from vae_model.runs.lock import acquire

Files = dict[str, bytes]


@pytest.fixture
def exported(root: Path) -> bytes:
    target = io.BytesIO()
    export_run(root, "done", target)
    return target.getvalue()


@pytest.fixture
def files(exported: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(exported)) as source:
        return {name: source.read(name) for name in source.namelist()}


def packed(
    files: Files, honest: bool = True, compression: int = zipfile.ZIP_DEFLATED
) -> io.BytesIO:
    """A .zip of these files; `honest` gives it a manifest of hashes that fit them."""
    if honest:
        hashes = {n: hashlib.sha256(c).hexdigest() for n, c in files.items() if n != MANIFEST_FILE}
        manifest = json.loads(files[MANIFEST_FILE]) | {"sha256": hashes}
        files = files | {MANIFEST_FILE: json.dumps(manifest).encode()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as out:
        for name, content in files.items():
            out.writestr(name, content)
    target.seek(0)
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
    old, new = runs.load(root, "done"), runs.load(root, run_id)
    assert run_id != "done"
    for field in ("name", "setup", "created", "state", "epochs", "data", "metrics"):
        assert getattr(new, field) == getattr(old, field), field
    assert new.model and old.model
    for name, weight in load(old.model).weights.items():
        np.testing.assert_array_equal(load(new.model).weights[name], weight)
    for epoch in new.epochs:
        load(new.epoch_model(epoch.number))
    assert not (new.path / MANIFEST_FILE).exists()
    assert len(runs.list_runs(root).runs) == 2


def test_an_unfinished_run_can_go_on_where_it_came_to(root: Path, tmp_path: Path) -> None:
    run = runs.create(root, runs.load(root, "done").setup, run_id="cut")
    asked = iter([False] * 8 + [True])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker.Desk, "waits_to_stop", lambda _: next(asked))
        assert not worker.train_run(run)
    export_run(root, "cut", tmp_path / "run.zip")
    new = runs.load(root, import_run(root, tmp_path / "run.zip"))
    assert new.state == "stopped" and new.can_resume
    assert worker.train_run(new)
    assert runs.load(root, new.id).epochs[-1].test == runs.load(root, "done").epochs[-1].test


def test_what_is_too_much_for_a_page_goes_without_some_epochs(root: Path, tmp_path: Path) -> None:
    run = runs.load(root, "done")
    each = archive._packed_bytes(run, archive._epoch_files(run, 1))
    most = archive._packed_bytes(run, archive._ALWAYS) + 3 * each + 2000
    for fewer, kept in ((0, [1, 2, 3]), (1, [1, 3]), (2, [3]), (9, [3])):
        target = tmp_path / f"{fewer}.zip"
        assert export_run(root, "done", target, most - fewer * each) == 3 - len(kept)
        assert fewer == 9 or target.stat().st_size <= most - fewer * each
        new = runs.load(root, import_run(root, target))
        assert new.kept_epochs == kept
        assert len(new.epochs) == 3 and new.model
        # And out again, with what there is.
        again = io.BytesIO()
        assert export_run(root, new.id, again) == 0
        assert runs.load(root, import_run(root, again)).kept_epochs == kept


def test_a_run_of_the_studio_preset_fits_a_page(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the sizes alone: 28 epochs of 11.7 MB."""
    monkeypatch.setattr(runs.Run, "kept_epochs", list(range(1, 29)))
    monkeypatch.setattr(archive, "_packed_bytes", lambda *_: 11_700_000)
    run = runs.load(root, "done")
    assert archive.kept_epochs(run) == [1, 5, 10, 15, 19, 23, 28]
    assert archive.kept_epochs(run, None) == run.kept_epochs


def test_a_page_takes_what_fits_it() -> None:
    config = tomllib.loads(Path(".streamlit/config.toml").read_text())
    assert config["server"]["maxUploadSize"] == archive.MAX_PAGE_MB


def test_a_run_at_work_is_not_exported(root: Path) -> None:
    handle = acquire(root, "done", "training")
    with pytest.raises(RunsError, match="being worked on"):
        export_run(root, "done", io.BytesIO())
    os.close(handle)


def test_an_export_that_fails_leaves_no_file(root: Path, tmp_path: Path) -> None:
    with pytest.raises(RunsError, match="cannot export 'first'"):
        export_run(root, "done", tmp_path / "nowhere" / "run.zip")
    (root / "done" / "epochs" / "0002" / "weights.safetensors").chmod(0)
    if os.geteuid() != 0:  # root reads everything
        with pytest.raises(RunsError, match="cannot export"):
            export_run(root, "done", tmp_path / "run.zip")
        assert not (tmp_path / "run.zip").exists()


@pytest.mark.parametrize(
    "name",
    [
        "../evil.json",
        "/etc/passwd",
        "epochs/../run.json",
        "epochs/0001/../../run.json",
        "C:\\evil",
        "..\\evil",
        "\\evil",
        "epochs/0001/evil.py",
        "epochs/1/config.json",
        "epochs/٠٠٠١/config.json",
        "__MACOSX/../evil",
        "/.DS_Store",
        "log.txt",
        "run.json\n",
        "Run.json",
        ".lock",
    ],
)
def test_names_that_no_run_has_are_refused(root: Path, files: Files, name: str) -> None:
    refused(root, packed(files | {name: b"{}"}), "no part of a run")


def test_two_files_of_one_name_are_refused(root: Path, files: Files) -> None:
    source = packed(files)
    with (
        zipfile.ZipFile(source, "a") as more,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        more.writestr("run.json", b"{}")
    source.seek(0)
    refused(root, source, r"holds run\.json twice")


def test_two_names_of_one_file_are_refused(root: Path, files: Files) -> None:
    refused(root, packed(files | {"checkpoint\\config.json": b"{}"}), "config.json twice")


FOLDERS = ("", "checkpoint/", "epochs/", "epochs/0001/", "epochs/0002/", "epochs/0003/")


def by_finder(files: Files) -> Files:
    """Compressed with the folder around it, beside what only a Mac can use."""
    for_macs = {f"__MACOSX/my run/{folder}._.DS_Store": b"Mac" for folder in FOLDERS}
    for_macs |= {f"__MACOSX/my run/{name}": b"Mac" for name in ("._run.json", "checkpoint/._x")}
    return (
        {f"my run/{name}": content for name, content in files.items()}
        | {f"my run/{folder}": b"" for folder in FOLDERS}
        | {f"my run/{folder}.DS_Store": b"Mac" for folder in FOLDERS}
        | for_macs
    )


def by_explorer(files: Files) -> Files:
    shown = {"epochs\\Thumbs.db": b"pictures", "desktop.ini": b"[.ShellClassInfo]"}
    return {name.replace("/", "\\"): content for name, content in files.items()} | shown


def by_zip(files: Files) -> Files:
    """`zip -r`, in the folder or around it."""
    return {folder: b"" for folder in FOLDERS if folder} | files


def around(files: Files) -> Files:
    return {f"run/{name}": content for name, content in by_zip(files).items()} | {"run/": b""}


@pytest.mark.parametrize("again", [by_finder, by_explorer, by_zip, around])
def test_a_run_that_was_packed_again_comes_in(
    root: Path, files: Files, again: Callable[[Files], Files]
) -> None:
    class Pipe(io.BytesIO):
        """What cannot be gone back in gets the sizes behind each file, as Finder writes them."""

        def seekable(self) -> bool:
            return False

        def seek(self, *_: object) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    target = Pipe()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in again(files).items():
            out.writestr(name, content)
    new = runs.load(root, import_run(root, io.BytesIO(target.getvalue())))
    assert new.epochs == runs.load(root, "done").epochs
    assert not [path for path in new.path.rglob("*") if path.name.lower() in (".ds_store", "x")]


@pytest.mark.parametrize("name", [MANIFEST_FILE, "run.json", "events.jsonl"])
def test_what_every_run_has_must_be_there(root: Path, files: Files, name: str) -> None:
    honest = name != MANIFEST_FILE
    del files[name]
    refused(root, packed(files, honest), f"lacks {name}")


@pytest.mark.parametrize(
    "name",
    ["run.json", "events.jsonl", "checkpoint/weights.safetensors", "epochs/0002/config.json"],
)
def test_a_changed_file_is_found_by_its_hash(root: Path, files: Files, name: str) -> None:
    files[name] = files[name][:-1] + b"\0"
    refused(root, packed(files, honest=False), "sha256")


def test_a_file_that_the_manifest_does_not_list_is_refused(root: Path, files: Files) -> None:
    del files["epochs/0003/config.json"]
    refused(root, packed(files, honest=False), "lists other files")


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (b"", "not readable"),
        (b"[" * 100_000, "not readable"),
        (b"[]", "describes no run"),
        (b'{"kind": "judge"}', "describes no run"),
        (b'{"kind": "run", "format_version": 99}', "another version"),
        (b'{"kind": "run", "format_version": 1}', "no sha256"),
        (b'{"kind": "run", "format_version": 1, "sha256": {"a": 1}}', "lists other files"),
    ],
)
def test_a_manifest_that_is_none_is_refused(
    root: Path, files: Files, manifest: bytes, said: str
) -> None:
    refused(root, packed(files | {MANIFEST_FILE: manifest}, honest=False), said)


def test_what_has_no_room_is_refused_before_it_is_unpacked(
    root: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_RUNS_MAX_MB", "20")
    files["checkpoint/training_state.safetensors"] = bytes(40_000_000)
    bomb = packed(files)
    assert len(bomb.getvalue()) < 1_500_000
    monkeypatch.setattr(archive, "_unpack", lambda *_: pytest.fail("it was unpacked"))
    refused(root, bomb, "needs up to 4. MB")


def test_a_file_beyond_its_own_limit_is_refused(root: Path, files: Files) -> None:
    files["run.json"] = files["run.json"] + b" " * 100_000
    refused(root, packed(files), "run.json is larger than")


def test_a_file_larger_than_it_claims_is_refused(root: Path, files: Files) -> None:
    """A zip bomb lies about its size: no more than claimed is ever taken out of it."""
    source = packed(files).getvalue()
    with zipfile.ZipFile(io.BytesIO(source)) as honest:
        claimed = honest.getinfo("events.jsonl").file_size.to_bytes(4, "little")
    # The size stands in the file's own header and in the directory at the end.
    liar = source.replace(claimed, (100).to_bytes(4, "little"))
    refused(root, io.BytesIO(liar), r"no readable \.zip|sha256|larger than it claims")


def test_too_many_files_are_refused(
    root: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_ENTRIES", 5)
    refused(root, packed(files), "more than 5 files")


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(root: Path, files: Files, compression: int) -> None:
    refused(root, packed(files, compression=compression), "packed in a way")


def changed_json(name: str, /, **changes: object) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        files[name] = json.dumps(json.loads(files[name]) | changes).encode()

    return change


def without(*names: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        for name in names:
            del files[name]

    return change


def pickled_weights(files: Files) -> None:
    """A pickle with a hash that fits: it is never loaded as one."""
    content = b"cos\nsystem\n(S'touch /tmp/owned'\ntR."
    files["checkpoint/weights.safetensors"] = content
    hashes = {"weights.safetensors": hashlib.sha256(content).hexdigest()}
    changed_json("checkpoint/config.json", sha256=hashes)(files)


def digits_that_unpack_to_much(files: Files) -> None:
    lines = [json.loads(line) for line in files["events.jsonl"].splitlines()]
    for line in lines:
        if line["event"] == "epoch":
            line["digits"] = "AAAA"
    files["events.jsonl"] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (changed_json("run.json", name="a\nb"), "a name must"),
        (changed_json("run.json", format_version=2), "newer program"),
        (changed_json("run.json", model={"z_dim": 10**9}), "run.json"),
        (changed_json("run.json", data="cifar"), "data"),
        (changed_json("run.json", held_out=0, train={"epochs": 2}), "more epochs|not the model"),
        (changed_json("checkpoint/config.json", kind="judge"), "'judge'"),
        (changed_json("checkpoint/config.json", history=None), "history"),
        (changed_json("epochs/0002/config.json", train={}), "not the model"),
        (without("checkpoint/config.json"), "checkpoint"),
        (without("epochs/0002/weights.safetensors"), "weights"),
        (without("epochs/0003/weights.safetensors", "epochs/0003/config.json"), "epochs"),
        (pickled_weights, "no safetensors"),
        (digits_that_unpack_to_much, "no ten digits"),
        (lambda files: files.update({"events.jsonl": b""}), "epochs"),
        (lambda files: files.update({"run.json": b"\xff\xfe"}), "not readable"),
    ],
)
def test_a_run_that_cannot_be_is_refused_though_its_hashes_fit(
    root: Path, files: Files, change: Callable[[Files], None], said: str
) -> None:
    change(files)
    refused(root, packed(files), said)


def test_another_runs_model_is_refused(root: Path, files: Files, tmp_path: Path) -> None:
    checkpoint = load(root / "done" / "checkpoint")
    other = dataclasses.replace(checkpoint.train, epochs=4)
    save(tmp_path / "other", dataclasses.replace(checkpoint, train=other))
    for name in ("config.json", "weights.safetensors"):
        files[f"checkpoint/{name}"] = (tmp_path / "other" / name).read_bytes()
    refused(root, packed(files), "not the model that run.json describes")
    assert ModelConfig() != checkpoint.model


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" * 50])
def test_what_is_no_archive_is_refused(root: Path, content: bytes) -> None:
    refused(root, io.BytesIO(content), r"no readable \.zip|lacks manifest")


def test_damaged_archives_never_get_in_and_never_crash(root: Path, exported: bytes) -> None:
    chance = random.Random(0)
    before = shutil.copytree(root, root.parent / "before")
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
    assert [p.name for p in root.iterdir()] == [p.name for p in before.iterdir()]
