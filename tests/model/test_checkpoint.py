import errno
import hashlib
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import numpy as safetensors

from tests.support.models import random_checkpoint
from tests.support.runs import fill_disk
from vae_model.model import checkpoint
from vae_model.model.calibration import TERMS, Calibration, Habits
from vae_model.model.checkpoint import (
    CONFIG_FILE,
    WEIGHTS_FILE,
    Checkpoint,
    CheckpointError,
    check_place,
    load,
    save,
    update,
    write_folder,
)
from vae_model.model.config import ModelConfig, TrainConfig

SMALL = {"encoder_hidden": (4,), "decoder_hidden": (4,), "classifier_hidden": (4,), "z_dim": 2}
CALIBRATION = Calibration(
    temperature=1.5,
    mean=(1, 2, 3, 4),
    std=(1, 1, 1, 1),
    weights=(0.5,) * TERMS,
    limit=2,
    about={"by": "held-out"},
    habits=Habits(share=(0.5,), reading=((1, 0.5),), writing=((1, 0),)),
)


def small_checkpoint(seed: int = 0, **fields: object) -> Checkpoint:
    return replace(random_checkpoint(seed, **SMALL), train=TrainConfig(epochs=1), **fields)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "model"
    save(path, small_checkpoint(metrics={"test_accuracy": 0.5}))
    return path


def change_config(folder: Path, **changes: object) -> None:
    path = folder / CONFIG_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def assert_same_weights(first: Checkpoint, second: Checkpoint) -> None:
    np.testing.assert_equal(first.weights, second.weights)


def test_round_trip_keeps_everything(tmp_path: Path) -> None:
    written = small_checkpoint(
        metrics={"a": 1},
        history=[{"epoch": 1}],
        provenance={"b": "c"},
        training_state={"position": np.array([1, 2])},
        calibration=CALIBRATION,
    )
    save(tmp_path / "model", written)
    read = load(tmp_path / "model")
    assert read.name == "model"
    np.testing.assert_array_equal(read.training_state["position"], [1, 2])
    assert_same_weights(read, written)
    plain = {"weights": {}, "training_state": {}, "name": ""}
    assert replace(read, **plain) == replace(written, **plain)


def test_metrics_and_calibration_can_be_added_without_touching_the_rest(folder: Path) -> None:
    update(folder, of=load(folder), calibration=asdict(CALIBRATION))
    read = load(folder)
    assert (read.calibration, read.metrics) == (CALIBRATION, {"test_accuracy": 0.5})
    update(folder, of=load(folder), metrics={"kl": 2.5})
    read = load(folder)
    assert (read.calibration, read.metrics) == (CALIBRATION, {"kl": 2.5})
    assert_same_weights(read, small_checkpoint())
    assert sorted(entry.name for entry in folder.iterdir()) == [CONFIG_FILE, WEIGHTS_FILE]


@pytest.mark.parametrize("change", [{"seed": 1}, {"calibration": CALIBRATION}])
def test_what_was_measured_is_stored_with_no_other_model_or_calibration(
    folder: Path, change: dict[str, Any]
) -> None:
    measured = load(folder)
    save(folder, small_checkpoint(**change))
    with pytest.raises(CheckpointError, match="another model by now"):
        update(folder, of=measured, metrics={"kl": 1})
    assert load(folder).metrics == {}


def test_what_is_no_text_is_read_as_question_marks(folder: Path) -> None:
    change_config(folder, provenance={"date": "2026\ud83d"}, metrics={"\udce9": ["\U0001f4c5"]})
    read = load(folder)
    assert (read.provenance, read.metrics) == ({"date": "2026?"}, {"?": ["\U0001f4c5"]})


def test_missing_folder_and_files_are_named(folder: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no checkpoint folder .*nothing"):
        load(folder.with_name("nothing"))
    for name in (WEIGHTS_FILE, CONFIG_FILE):
        (folder / name).unlink()
        with pytest.raises(CheckpointError, match=name):
            load(folder)
    with pytest.raises(CheckpointError, match="no checkpoint folder"):
        load(folder)


def test_half_written_weights_are_found_by_their_hash(folder: Path) -> None:
    path = folder / WEIGHTS_FILE
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(CheckpointError, match=r"weights\.safetensors: is damaged or incomplete"):
        load(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "[" * 100_000, '{"kind": 1}'])
def test_config_that_is_no_config_is_said(folder: Path, content: str) -> None:
    (folder / CONFIG_FILE).write_text(content)
    with pytest.raises(CheckpointError, match=r"config\.json"):
        load(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format_version": checkpoint.FORMAT_VERSION + 1}, "update the program"),
        *(({"format_version": version}, "format version") for version in (None, "1", 0, 1.0e300)),
        ({"kind": "judge"}, "'judge'"),
        ({"model": asdict(ModelConfig(**SMALL)) | {"z_dim": -3}}, "z_dim"),
        ({"metrics": None}, "metrics"),
        ({"calibration": []}, "calibration.*no object"),
        ({"calibration": {"temperature": 1}}, "calibration.*mean"),
        ({"calibration": asdict(CALIBRATION) | {"mean": [1]}}, "calibration.*mean"),
        ({"sha256": {}}, "sha256"),
    ],
)
def test_a_wrong_config_is_named(folder: Path, change: dict[str, object], said: str) -> None:
    change_config(folder, **change)
    with pytest.raises(CheckpointError, match=rf"config\.json.*{said}"):
        load(folder)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda w: {k: v for k, v in w.items() if k != "encoder.layers.0.bias"}, "lacks encoder"),
        (lambda w: w | {"extra": np.zeros(1, np.float32)}, "holds extra"),
        (lambda w: w | {"decoder.layers.0.bias": np.zeros(5, np.float32)}, r"\(5,\).*\(4,\)"),
        (lambda w: w | {"decoder.layers.0.bias": np.zeros(4)}, "float64"),
        (lambda w: w | {"decoder.layers.0.bias": np.full(4, np.nan, np.float32)}, "not finite"),
        (None, "no safetensors file"),
    ],
)
def test_wrong_weights_whose_hash_fits_are_named(folder: Path, spoil: object, said: str) -> None:
    pickled = b"\x80\x04K\x01."
    content = safetensors.save(spoil(small_checkpoint().weights)) if spoil else pickled
    (folder / WEIGHTS_FILE).write_bytes(content)
    change_config(folder, sha256={WEIGHTS_FILE: hashlib.sha256(content).hexdigest()})
    with pytest.raises(CheckpointError, match=said):
        load(folder)


@pytest.mark.parametrize("step", ["write", "rename", "metrics"])
def test_full_disk_leaves_the_old_checkpoint_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    rename = Path.rename

    def rename_unless_new(self: Path, target: Path) -> Path:
        if target == folder and "previous" not in self.name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return rename(self, target)

    if step == "rename":
        monkeypatch.setattr(Path, "rename", rename_unless_new)
    else:
        fill_disk(monkeypatch)
    with pytest.raises(CheckpointError, match="No space left"):
        if step == "metrics":
            update(folder, of=load(folder), metrics={"kl": 1})
        save(folder, small_checkpoint(1))
    monkeypatch.undo()
    assert load(folder).metrics == {"test_accuracy": 0.5}
    assert_same_weights(load(folder), small_checkpoint())
    assert [entry.name for entry in folder.parent.iterdir()] == ["model"]
    assert sorted(entry.name for entry in folder.iterdir()) == [CONFIG_FILE, WEIGHTS_FILE]


def killed_between_the_two_renames(folder: Path) -> Path:
    """The checkpoint where it has stepped aside to."""
    return folder.rename(folder.with_name(".model.previous"))


def test_a_checkpoint_that_a_killed_save_put_aside_is_read_and_added_to(folder: Path) -> None:
    aside = killed_between_the_two_renames(folder)
    assert_same_weights(load(folder), small_checkpoint())
    assert load(folder).name == "model"
    assert list(folder.parent.iterdir()) == [aside]
    update(folder, of=load(folder), metrics={"kl": 1})
    assert load(folder).metrics == {"kl": 1}
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize("killed_later", [False, True])
def test_the_next_save_mends_what_a_killed_one_left(folder: Path, killed_later: bool) -> None:
    aside = killed_between_the_two_renames(folder)
    (aside / "notes.txt").write_text("mine")
    if killed_later:
        save(folder.with_name("new"), small_checkpoint(seed=1))
        folder.with_name("new").rename(folder)
    save(folder, small_checkpoint(seed=2))
    assert_same_weights(load(folder), small_checkpoint(seed=2))
    assert list(folder.parent.iterdir()) == [folder]
    assert (folder / "notes.txt").read_text() == "mine"


def test_what_was_put_aside_stays_where_something_else_came_since(folder: Path) -> None:
    measured = load(folder)
    aside = killed_between_the_two_renames(folder)
    (folder / "letters").mkdir(parents=True)
    with pytest.raises(CheckpointError, match=r"model/config\.json"):
        update(folder, of=measured, metrics={"kl": 1})
    assert_same_weights(load(aside), small_checkpoint())


def test_what_is_no_part_of_a_checkpoint_stays_in_its_folder(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("ref")
    (folder / "layout.safetensors").write_bytes(b"places")
    save(folder, small_checkpoint(seed=1, training_state={"position": np.array([1])}))
    save(folder, small_checkpoint(seed=2))
    assert (folder / ".git" / "HEAD").read_text() == "ref"
    assert sorted(entry.name for entry in folder.iterdir()) == [
        *(".git", CONFIG_FILE, "layout.safetensors", WEIGHTS_FILE)
    ]
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model/notes.txt", "mine"),
        ("model/.env", "SECRET=1"),
        ("model/config.json", "{}"),
        ("model/config.json", '{"format_version": 1, "kind": "conditional-vae"}'),
        ("model", "a file"),
        (".model.previous/notes.txt", "mine"),
    ],
)
def test_a_folder_of_others_is_never_replaced(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(content)
    with pytest.raises(CheckpointError, match="choose a folder"):
        check_place(tmp_path / "model")
    with pytest.raises(CheckpointError, match="choose a folder"):
        save(tmp_path / "model", small_checkpoint())
    assert (tmp_path / name).read_text() == content
    assert [path.name for path in tmp_path.iterdir()] == [name.partition("/")[0]]


def test_a_place_that_may_not_be_written_read_or_moved_is_said_before_there_is_anything_to_write(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CheckpointError, match=r"config\.json cannot be written to"):
        check_place(folder / CONFIG_FILE / "model")
    check_place(folder.parent / "not" / "yet" / "there")
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda path, _: path != folder)
        with pytest.raises(CheckpointError, match=r"model may not be read or replaced"):
            check_place(folder)
    folder.parent.chmod(0o1777)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(CheckpointError, match=r"model may not be read or replaced"):
        check_place(folder)
    folder.parent.chmod(0o777)
    check_place(folder)


def test_a_checkpoint_of_another_kind_is_never_replaced(folder: Path) -> None:
    with pytest.raises(CheckpointError, match="checkpoint of kind 'judge'"):
        write_folder(folder, "judge", {}, {WEIGHTS_FILE: small_checkpoint().weights})
    killed_between_the_two_renames(folder)
    with pytest.raises(CheckpointError, match="checkpoint of kind 'judge'"):
        write_folder(folder, "judge", {}, {WEIGHTS_FILE: small_checkpoint().weights})
    assert load(folder).metrics == {"test_accuracy": 0.5}


def test_an_empty_folder_and_a_link_to_one_are_written_to(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    for seed in (0, 1):
        save(tmp_path / "link", small_checkpoint(seed))
        assert_same_weights(load(tmp_path / "there"), small_checkpoint(seed))
        assert (tmp_path / "link").is_symlink()


def test_readers_and_a_writer_are_in_nobodys_way(folder: Path) -> None:
    """Each read is that of one whole save, however many are going on."""
    versions = [small_checkpoint(seed, metrics={"seed": seed}) for seed in range(5)]
    save(folder, versions[0])
    over = threading.Event()

    def read_until_over() -> int:
        reads = 0
        while not over.is_set():
            read = load(folder)
            assert_same_weights(read, versions[read.metrics["seed"]])
            reads += 1
        return reads

    with ThreadPoolExecutor() as pool:
        reading = [pool.submit(read_until_over) for _ in range(3)]
        try:
            for number in range(30):
                save(folder, versions[number % len(versions)])
        finally:
            over.set()
        assert all(each.result() for each in reading)
    assert list(folder.parent.iterdir()) == [folder]
