import hashlib
import io
from http.client import BadStatusLine
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import torch

from vae_model.data import folder
from vae_model.data import mnist as data
from vae_model.data.folder import DataError
from vae_model.data.mnist import DigitData
from vae_model.model.config import ConfigError


@pytest.fixture(scope="module")
def sample() -> DigitData:
    return data.load_sample()


def test_sample_holds_as_many_of_each_digit_in_a_small_file(sample: DigitData) -> None:
    assert sample.train.labels.bincount().tolist() == [1000] * 10
    assert sample.test.labels.bincount().tolist() == [200] * 10
    assert data.SAMPLE_FILE.stat().st_size <= 2_200_000


def test_images_are_ink_in_zero_to_one_in_mnists_frame(sample: DigitData) -> None:
    images = sample.train.images
    assert (images.shape, images.dtype) == ((10_000, 784), torch.float32)
    assert sample.train.labels.dtype == torch.int64
    assert images.min() == 0 and images.max() == 1
    # MNIST is centred by mass in a 28 x 28 field with four empty pixels around 20 x 20.
    mean_image = images.mean(0).reshape(28, 28)
    assert mean_image[0].max() < 0.01 and mean_image[14, 14] > 0.3


def test_training_and_test_digits_are_different_ones(sample: DigitData) -> None:
    seen = {row.numpy().tobytes() for row in sample.train.images}
    assert not any(row.numpy().tobytes() in seen for row in sample.test.images)


def test_auto_takes_the_sample_where_mnist_is_not_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VAE_DATA_DIR", raising=False)
    assert folder.raw_folder() == Path("data/MNIST/raw")
    monkeypatch.setenv("VAE_DATA_DIR", str(tmp_path))
    assert data.load("auto").name == "sample"


def test_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DataError, match=r"'cifar'.*mnist, sample, auto"):
        data.load("cifar")


def test_holding_out_never_touches_the_test_set(sample: DigitData) -> None:
    held = data.load("sample", 1_000)
    assert (len(held.train), len(held.test)) == (9_000, 1_000)
    assert torch.equal(held.test.images, sample.train.images[9_000:])


@pytest.mark.parametrize("count", [-1, 10_000])
def test_more_than_there_is_cannot_be_held_out(count: int) -> None:
    with pytest.raises(ConfigError, match=rf"from 0 to 9999, not {count}"):
        data.load("sample", count)


def damaged_sample() -> bytes:
    content = data.SAMPLE_FILE.read_bytes()
    return content[:100] + bytes(4000) + content[4100:]


def pickled_sample() -> bytes:
    np.savez(file := io.BytesIO(), train_images=np.array([{}], dtype=object))
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"not a zip", b"PK\x03\x04 cut off", damaged_sample(), pickled_sample()],
    ids=["empty", "no zip", "cut off", "damaged", "pickled"],
)
def test_damaged_sample_is_said_and_never_unpickled(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sample.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"sample\.npz is missing or damaged"):
        data.load_sample(path)


@pytest.fixture
def mnist_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny stand-in for MNIST in torchvision's own layout."""
    monkeypatch.setenv("VAE_DATA_DIR", str(tmp_path))
    raw = folder.raw_folder()
    raw.mkdir(parents=True)
    random = np.random.default_rng(0)
    sums = {}
    for split, count in (("train", 40), ("t10k", 20)):
        for kind, array in (
            ("images-idx3", random.integers(0, 256, (count, 28, 28), dtype=np.uint8)),
            ("labels-idx1", np.arange(count, dtype=np.uint8) % 10),
        ):
            shape = np.array(array.shape, ">u4").tobytes()
            content = bytes([0, 0, 8, array.ndim]) + shape + array.tobytes()
            (raw / f"{split}-{kind}-ubyte").write_bytes(content)
            sums[f"{split}-{kind}-ubyte"] = hashlib.md5(content).hexdigest()
    monkeypatch.setattr(folder, "FILES", sums)
    return tmp_path


@pytest.fixture
def older_files(tmp_path: Path) -> None:
    """What an old torchvision made of MNIST, here of other digits."""
    processed = tmp_path / "MNIST" / "processed"
    processed.mkdir(parents=True)
    for name in ("training.pt", "test.pt"):
        digits = (torch.zeros(5, 28, 28, dtype=torch.uint8), torch.zeros(5, dtype=torch.int64))
        torch.save(digits, processed / name)


@pytest.mark.usefixtures("mnist_root", "older_files")
def test_mnist_is_read_from_torchvisions_layout() -> None:
    mnist = data.load("auto")
    assert (mnist.name, len(mnist.train), len(mnist.test)) == ("mnist", 40, 20)
    assert mnist.train.labels.tolist() == [*range(10)] * 4


def test_damaged_mnist_file_is_named(mnist_root: Path) -> None:
    broken = mnist_root / "MNIST" / "raw" / "t10k-images-idx3-ubyte"
    broken.write_bytes(broken.read_bytes()[:-100])
    with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte is damaged.*delete it") as said:
        data.load("mnist")
    assert "python -m" not in str(said.value), "who visits the app has no command line"
    assert "python -m vae_model data" in said.value.args[1]


def test_an_mnist_file_that_cannot_be_read_is_named(mnist_root: Path) -> None:
    file = mnist_root / "MNIST" / "raw" / "t10k-images-idx3-ubyte"
    file.unlink()
    file.mkdir()
    with pytest.raises(DataError, match=r"cannot read .*t10k-images-idx3-ubyte: Is a directory"):
        data.load("mnist")


@pytest.mark.usefixtures("older_files")
@pytest.mark.parametrize(
    ("place", "error"),
    [("not/yet/there", OSError("no route\nto host")), (".", BadStatusLine("no\nHTTP"))],
)
def test_no_network_says_what_to_do_and_files_of_an_old_torchvision_are_no_mnist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, error: Exception
) -> None:
    monkeypatch.setenv("VAE_DATA_DIR", str(tmp_path / place))
    monkeypatch.setattr("urllib.request.urlopen", Mock(side_effect=error))
    with pytest.raises(DataError, match=r"could not be downloaded.*use the sample") as said:
        data.load("mnist")
    assert "--data sample" in said.value.args[1] and "\n" not in str(said.value)


def test_a_folder_that_cannot_be_written_is_told_from_a_missing_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("VAE_DATA_DIR", str(tmp_path / "file" / "data"))
    monkeypatch.setattr("urllib.request.urlopen", lambda *_: pytest.fail("it was fetched"))
    with pytest.raises(DataError, match=r"cannot be written.*VAE_DATA_DIR.*the sample") as said:
        data.load("mnist")
    assert "network" not in str(said.value)


def test_sample_file_is_reproducible_from_the_full_set(
    mnist_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "SAMPLE_TRAIN", 20)
    monkeypatch.setattr(data, "SAMPLE_TEST", 10)
    mnist = data.load_mnist()
    files = [mnist_root / "a.npz", mnist_root / "b.npz"]
    for file in files:
        data.write_sample(mnist, file)
    assert files[0].read_bytes() == files[1].read_bytes()
    made = data.load_sample(files[0])
    assert made.train.labels.bincount().tolist() == [2] * 10
    originals = {row.numpy().tobytes() for row in mnist.train.images}
    assert all(row.numpy().tobytes() in originals for row in made.train.images)
