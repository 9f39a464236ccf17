import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from vae_model.runs import lock
from vae_model.runs.lock import LOCK_FILE, Busy, Job, acquire, holder


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE_S", 0.02)


def test_a_second_job_is_told_of_the_first(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    handle = acquire(tmp_path, "one", "training")
    with pytest.raises(Busy) as busy:
        acquire(tmp_path, "two", "evaluation")
    assert busy.value.job == holder(tmp_path) == Job("one", "training")
    os.close(handle)
    # A reader holds it for a moment too.
    for _ in range(20):
        assert holder(tmp_path) is None
    os.close(acquire(tmp_path, "two", "evaluation"))


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    handle = acquire(tmp_path, "one", "training")
    child = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=(handle,)
    )
    os.close(handle)
    assert holder(tmp_path) is not None, "the child holds it"
    child.kill()
    child.wait()
    assert json.loads((tmp_path / LOCK_FILE).read_text())["run"] == "one"
    assert holder(tmp_path) is None


def test_no_process_id_is_written_and_none_is_read(tmp_path: Path) -> None:
    handle = acquire(tmp_path, "one", "training")
    assert json.loads((tmp_path / LOCK_FILE).read_text()).keys() == {"run", "kind"}
    # As a training wrote it that was begun before an update and still runs.
    (tmp_path / LOCK_FILE).write_text('{"run": "one", "kind": "training", "pid": 1}'.ljust(256))
    assert holder(tmp_path) == Job("one", "training")
    os.close(handle)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"run": "x"}', b"\xff" * 300])
def test_a_lock_that_says_nonsense_is_still_a_lock(tmp_path: Path, content: bytes) -> None:
    handle = acquire(tmp_path, "one", "training")
    (tmp_path / LOCK_FILE).write_bytes(content)
    with pytest.raises(Busy):
        acquire(tmp_path, "two", "training")
    assert holder(tmp_path) is None
    os.close(handle)


def test_a_lock_file_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / lock.LOCK_FILE).write_text("somebody's own")
    with pytest.raises(OSError, match="move it away"):
        acquire(tmp_path, "run", "training")
    assert (tmp_path / lock.LOCK_FILE).read_text() == "somebody's own"


def test_where_the_disk_has_no_locks_there_is_no_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
    monkeypatch.setattr(lock.fcntl, "flock", Mock(side_effect=without))
    with pytest.raises(OSError, match="No locks available"):
        acquire(tmp_path, "one", "training")
    assert holder(tmp_path) is None
