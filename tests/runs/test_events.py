import zlib
from base64 import b64encode
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from tests.support.runs import fill_disk, no_file_beyond
from vae_model.runs import events
from vae_model.runs.events import LossName, Progress

INK = np.linspace(0, 1, 7840)
LOSSES = {name: 0.1 * place for place, name in enumerate(get_args(LossName))}


def epoch_values(number: int = 1, **changes: object) -> dict[str, object]:
    figures = {"epoch": number, "train": LOSSES, "test": LOSSES, "kl_per_dim": [0.5, 0.5]}
    digits, fixed = (events.encode_digits(ink) for ink in (INK, 1 - INK))
    return {"figures": figures | changes, "digits": digits, "fixed_digits": fixed}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    events.append(path, "started", data="sample")
    events.append(path, "epoch", **epoch_values())
    return path


def test_events_are_read_as_they_were_written(log: Path) -> None:
    started, epoch = events.read(log)
    assert (started["event"], started["data"], epoch["event"]) == ("started", "sample", "epoch")
    (read,) = events.epochs([started, epoch], z_dim=2)
    assert (read.number, read.test, read.kl_per_dim) == (1, LOSSES, (0.5, 0.5))
    ink = (255 * INK).round().reshape(10, 28, 28)
    np.testing.assert_array_equal(read.digits(), ink)
    np.testing.assert_allclose(read.digits(fixed_style=True), 255 - ink, atol=1)


def test_a_cut_last_line_is_ignored_then_mended(log: Path) -> None:
    whole = log.read_bytes()
    for keep in (len(whole) - 1, len(whole) - 1000, whole.index(b"\n") + 5):
        log.write_bytes(whole[:keep])
        assert [event["event"] for event in events.read(log)] == ["started"]
    events.mend(log)
    events.append(log, "stopped")
    assert [event["event"] for event in events.read(log)] == ["started", "stopped"]


def test_the_longest_line_of_an_epoch_can_be_read(log: Path) -> None:
    noise = [events.encode_digits(row) for row in np.random.default_rng(0).random((2, 7840))]
    values = epoch_values(2, kl_per_dim=[-1.2345678901234567e-100] * 64)
    events.append(log, "epoch", **values | {"digits": noise[0], "fixed_digits": noise[1]})
    assert events.read(log)[-1]["figures"]["epoch"] == 2


@pytest.mark.parametrize(
    ("told", "read"), [("caf\udce9", "caf?"), ("\U0001f635" * 10**6, "\U0001f635" * 500)]
)
def test_a_message_is_cut_and_what_is_no_text_in_it_read_as_question_marks(
    log: Path, told: str, read: str
) -> None:
    events.append(log, "failed", message=told)
    assert events.message(events.read(log)[-1]) == read
    assert log.stat().st_size < 2 * events.MAX_LINE_BYTES


@pytest.mark.parametrize(
    "line",
    [
        *("", "{", "[]", "null", '"started"', '{"event": "exploded"}', "[" * 100_000, "\xff"),
        '{"event": "started", "data": "' + "x" * events.MAX_LINE_BYTES + '"}',
    ],
    ids=lambda line: repr(line[:25]),
)
def test_lines_that_are_no_events_are_left_out(log: Path, line: str) -> None:
    with log.open("a", encoding="latin-1") as file:
        file.write(line + "\n")
    events.append(log, "finished")
    assert [event["event"] for event in events.read(log)] == ["started", "epoch", "finished"]


@pytest.mark.parametrize(
    "changes",
    [
        *({"epoch": 1.0}, {"epoch": True}, {"train": {}}),
        *({"kl_per_dim": dims} for dims in ([1.0], None, [1.0, 10**400])),
        *({"test": LOSSES | {"kl": kl}} for kl in (float("inf"), "1")),
    ],
)
def test_an_epoch_that_cannot_be_is_left_out(changes: dict[str, object]) -> None:
    event = {"event": "epoch"} | epoch_values(**changes)
    assert events.epochs([event], z_dim=2) == []
    no_text = {"event": "epoch"} | epoch_values() | {"fixed_digits": 3}
    assert events.epochs([no_text], z_dim=2) == []


def test_epochs_go_on_without_a_gap_and_the_last_telling_counts() -> None:
    told = [{"event": "epoch"} | epoch_values(number) for number in (1, 2, 4)]
    told.append({"event": "epoch"} | epoch_values(2, kl_per_dim=[7.0, 0.0]))
    read = events.epochs(told, z_dim=2)
    assert [(epoch.number, epoch.kl_per_dim[0]) for epoch in read] == [(1, 0.5), (2, 7.0)]


def test_digits_that_are_none_are_refused() -> None:
    # The last would unpack to 100 MB.
    packed = (b"no zlib", *(zlib.compress(bytes(count)) for count in (100, 10**8)))
    for text in ("no base64!", *(b64encode(each).decode() for each in packed)):
        with pytest.raises(ValueError, match="no ten digits"):
            events.decode_digits(text)


def test_a_full_disk_leaves_the_events_whole(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = log.read_bytes()
    fill_disk(monkeypatch)
    with pytest.raises(OSError, match="No space"):
        events.append(log, "epoch", **epoch_values(2))
    assert log.read_bytes() == before


@pytest.mark.parametrize("room", [150, 12_000])
def test_a_disk_that_fills_within_a_line_leaves_the_events_whole(log: Path, room: int) -> None:
    before = log.read_bytes()
    with no_file_beyond(len(before) + room), pytest.raises(OSError, match="File too large"):
        events.append(log, "epoch", figures="x" * 2 * room)
    events.append(log, "failed", message="no room")
    assert log.read_bytes().startswith(before + b'{"event": "failed"')


def test_progress_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    for batch in (1, 2):
        events.write_progress(path, Progress("training", batch=batch))
    assert events.read_progress(path) == Progress("training", batch=2)
    assert [entry.name for entry in tmp_path.iterdir()] == ["progress.json"]


@pytest.mark.parametrize("content", ["", "[]", '{"phase": "flying"}', '{"wings": 2}'])
def test_progress_that_is_none_is_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "progress.json"
    path.write_text(content)
    assert events.read_progress(path) is None
