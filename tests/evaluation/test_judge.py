"""The judge: what it learns, what it must not see, and its checkpoint folder."""

import hashlib
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from vae_model.data.mnist import DigitData, Digits, load_sample
from vae_model.evaluation.judge import (
    FEATURES,
    KIND,
    Judge,
    build_judge,
    load_judge,
    save_judge,
    train_judge,
)
from vae_model.model.checkpoint import CheckpointError, Json, write_folder
from vae_model.model.config import DIGITS, PIXELS

torch.set_num_threads(1)

SHIPPED = Path(__file__).parents[2] / "checkpoints" / "judge"


def blobs(count: int, seed: int) -> Digits:
    """Easy stand-ins for digits: each has its own two of five places filled, with noise."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(DIGITS, (count,), generator=generator)
    places = [(5, 5), (5, 18), (12, 12), (18, 5), (18, 18)]
    pairs = [(a, b) for a in range(5) for b in range(a)]
    templates = torch.zeros(DIGITS, 28, 28)
    for digit, pair in enumerate(pairs):
        for y, x in (places[place] for place in pair):
            templates[digit, y : y + 5, x : x + 5] = 0.9
    noise = torch.rand((count, PIXELS), generator=generator) * 0.1
    return Digits(templates.reshape(DIGITS, -1)[labels] + noise, labels)


@pytest.fixture(scope="module")
def data() -> DigitData:
    return DigitData("sample", blobs(1024, 0), blobs(200, 1), "checksum")


@pytest.fixture(scope="module")
def judge(data: DigitData) -> Judge:
    return train_judge(data, seed=0, epochs=4)


def test_training_learns_to_read(judge: Judge, data: DigitData) -> None:
    assert judge.accuracy(data.test) > 0.95
    assert not judge.training


def test_accuracy_is_the_share_read_as_labelled(judge: Judge, data: DigitData) -> None:
    right = judge.classify(data.test.images).argmax(dim=1)
    wrong_quarter = right.clone()
    wrong_quarter[:50] = (right[:50] + 1) % DIGITS
    assert judge.accuracy(Digits(data.test.images, wrong_quarter)) == 0.75


def test_probabilities_come_from_the_features(judge: Judge, data: DigitData) -> None:
    features, probs = judge.features(data.test.images), judge.classify(data.test.images)
    assert features.shape == (200, FEATURES)
    assert features.min() >= 0
    assert probs.shape == (200, DIGITS)
    torch.testing.assert_close(probs.sum(dim=1), torch.ones(200))
    with torch.no_grad():
        torch.testing.assert_close(judge.output(features).softmax(dim=1), probs)
        torch.testing.assert_close(judge(data.test.images).softmax(dim=1), probs)


def test_takes_squares_many_images_and_none(judge: Judge, data: DigitData) -> None:
    squares = data.test.images.reshape(-1, 28, 28)
    torch.testing.assert_close(judge.features(squares), judge.features(data.test.images))
    many = judge.classify(data.test.images.repeat(6, 1))  # more than it takes at once
    torch.testing.assert_close(many[-200:], judge.classify(data.test.images))
    assert judge.classify(squares[:0]).shape == (0, DIGITS)


def test_one_seed_gives_one_judge_and_leaves_the_global_stream(data: DigitData) -> None:
    small = DigitData("sample", data.train.part(0, 256), data.test, "")
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, second, other = (train_judge(small, seed, epochs=1) for seed in (3, 3, 4))
    assert torch.equal(torch.rand(3), expected)
    for name, weight in first.state_dict().items():
        assert torch.equal(weight, second.state_dict()[name])
    assert not torch.equal(first.output.weight, other.output.weight)


def test_training_never_looks_at_the_test_set(data: DigitData) -> None:
    train = data.train.part(0, 256)
    poison = Digits(torch.full((9, PIXELS), torch.nan), torch.zeros(9, dtype=torch.int64))
    clean = train_judge(DigitData("sample", train, data.test, ""), epochs=1)
    blind = train_judge(DigitData("sample", train, poison, ""), epochs=1)
    assert torch.equal(clean.output.weight, blind.output.weight)


def test_reports_each_epoch(data: DigitData) -> None:
    lines: list[str] = []
    train_judge(DigitData("sample", data.train.part(0, 128), data.test, ""), 0, 2, lines.append)
    assert [line.split(",")[0] for line in lines] == ["judge: epoch 1/2", "judge: epoch 2/2"]


def test_refuses_to_train_on_nothing(data: DigitData) -> None:
    with pytest.raises(ValueError, match="0 epochs"):
        train_judge(data, epochs=0)
    with pytest.raises(ValueError, match="0 digits"):
        train_judge(DigitData("sample", data.train.part(0, 0), data.test, ""))


def test_saved_and_loaded_it_is_the_same_judge(
    judge: Judge, data: DigitData, tmp_path: Path
) -> None:
    save_judge(tmp_path / "judge", judge, {"seed": 0}, {"test_accuracy": 1.0})
    loaded = load_judge(tmp_path / "judge")
    assert torch.equal(loaded.features(data.test.images), judge.features(data.test.images))
    assert not loaded.training


def test_build_saves_with_its_origin(data: DigitData, tmp_path: Path) -> None:
    small = DigitData("sample", data.train.part(0, 256), data.test, "abc")
    judge = build_judge(tmp_path / "judge", small, seed=2, epochs=1)
    config = json.loads((tmp_path / "judge" / "config.json").read_text())
    assert config["kind"] == KIND
    assert config["metrics"] == {"test_accuracy": judge.accuracy(data.test)}
    origin = config["provenance"]
    assert (origin["data"], origin["data_checksum"], origin["seed"]) == ("sample", "abc", 2)
    assert {"epochs", "torch", "date"} < origin.keys()


def weights_of(judge: Judge) -> dict[str, np.ndarray]:
    return {name: tensor.numpy(force=True).copy() for name, tensor in judge.state_dict().items()}


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("output.weight", np.zeros((10, 3), np.float32), "should be"),
        ("output.weight", np.zeros((10, FEATURES), np.float64), "float64"),
        ("output.weight", np.full((10, FEATURES), np.nan, np.float32), "not finite"),
        ("output.more", np.zeros(1, np.float32), "output.more"),
    ],
)
def test_refuses_weights_that_cannot_be_a_judge(
    tmp_path: Path, name: str, array: np.ndarray, message: str
) -> None:
    weights = weights_of(Judge()) | {name: array}
    config: Json = {"metrics": {}, "provenance": {}}
    write_folder(tmp_path / "judge", KIND, config, {"weights.safetensors": weights})
    with pytest.raises(CheckpointError, match=message):
        load_judge(tmp_path / "judge")


def test_refuses_what_is_no_judge(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint folder"):
        load_judge(tmp_path / "nothing")
    files = {"weights.safetensors": weights_of(Judge())}
    write_folder(tmp_path / "vae", "conditional-vae", {"metrics": {}, "provenance": {}}, files)
    with pytest.raises(CheckpointError, match="conditional-vae"):
        load_judge(tmp_path / "vae")
    write_folder(tmp_path / "bare", KIND, {"metrics": {}}, files)
    with pytest.raises(CheckpointError, match="provenance"):
        load_judge(tmp_path / "bare")


class Trap:
    """Unpickling this would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def test_never_unpickles(tmp_path: Path) -> None:
    save_judge(tmp_path / "judge", Judge(), {})
    sprung = tmp_path / "sprung"
    pickled = pickle.dumps(Trap(sprung))
    (tmp_path / "judge" / "weights.safetensors").write_bytes(pickled)
    config = json.loads((tmp_path / "judge" / "config.json").read_text())
    config["sha256"]["weights.safetensors"] = hashlib.sha256(pickled).hexdigest()
    (tmp_path / "judge" / "config.json").write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match="no safetensors"):
        load_judge(tmp_path / "judge")
    assert not sprung.exists()


def test_the_shipped_judge_reads_real_digits() -> None:
    assert load_judge(SHIPPED).accuracy(load_sample().test) > 0.99
