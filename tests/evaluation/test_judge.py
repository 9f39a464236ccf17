"""The judge: what it learns, what it must not see, and its checkpoint folder."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.support.app import ROOT
from tests.support.planted import planted_digits
from vae_model.data.mnist import DigitData, Digits, load_sample
from vae_model.evaluation.judge import FEATURES, KIND, Judge, build_judge, load_judge, train_judge
from vae_model.model.checkpoint import CheckpointError, write_folder
from vae_model.model.config import DIGITS, PIXELS

SHIPPED = ROOT / "checkpoints" / "judge"


DATA = DigitData("sample", planted_digits(1024, 0), planted_digits(200, 1), "abc")
FEW = DigitData("sample", DATA.train.part(0, 256), DATA.test, "abc")


@pytest.fixture(scope="module")
def judge() -> Judge:
    return train_judge(DATA, seed=0, epochs=4)


def test_training_learns_to_read_and_accuracy_is_the_share_read_as_labelled(judge: Judge) -> None:
    assert judge.accuracy(DATA.test) > 0.95
    assert not judge.training
    right = judge.classify(DATA.test.images).argmax(dim=1)
    right[:50] = (right[:50] + 1) % DIGITS
    assert judge.accuracy(Digits(DATA.test.images, right)) == 0.75


def test_probabilities_come_from_the_features_of_lines_or_squares(judge: Judge) -> None:
    images = DATA.test.images.repeat(6, 1)  # more than it takes at once
    features, probs = judge.features(DATA.test.images.reshape(-1, 28, 28)), judge.classify(images)
    assert features.shape == (200, FEATURES)
    assert features.min() >= 0
    torch.testing.assert_close(judge.output(features).softmax(dim=1).repeat(6, 1), probs)


def test_seed_and_training_set_alone_decide_and_each_epoch_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    random_state = torch.get_rng_state()
    poison = Digits(torch.full((9, PIXELS), torch.nan), torch.zeros(9, dtype=torch.int64))
    first = train_judge(FEW, 3, 2)
    lines = capsys.readouterr().out.splitlines()
    assert torch.equal(torch.get_rng_state(), random_state)
    torch.rand(5)  # what others draw makes no difference
    second = train_judge(DigitData("sample", FEW.train, poison, ""), 3, 2)
    torch.testing.assert_close(first.state_dict(), second.state_dict(), rtol=0, atol=0)
    assert not torch.equal(first.output.weight, train_judge(FEW, 4, 2).output.weight)
    assert [line.split(",")[0] for line in lines] == ["judge: epoch 1/2", "judge: epoch 2/2"]


def test_built_and_loaded_it_is_the_same_judge_with_its_origin(tmp_path: Path) -> None:
    judge = build_judge(tmp_path / "judge", FEW, seed=2, epochs=1)
    loaded = load_judge(tmp_path / "judge")
    assert torch.equal(loaded.features(DATA.test.images), judge.features(DATA.test.images))
    assert not loaded.training
    config = json.loads((tmp_path / "judge" / "config.json").read_text())
    assert config["kind"] == KIND
    assert config["metrics"] == {"test_accuracy": judge.accuracy(DATA.test)}
    origin = config["provenance"]
    assert (origin["data"], origin["data_checksum"], origin["seed"]) == ("sample", "abc", 2)
    assert {"epochs", "torch", "date"} < origin.keys()


def test_refuses_what_is_no_judge(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="conditional-vae"):
        load_judge(SHIPPED.parent / "article")
    weights = {key: tensor.numpy().copy() for key, tensor in Judge().state_dict().items()}
    weights["output.weight"][0, 0] = np.nan
    write_folder(tmp_path / "judge", KIND, {}, {"weights.safetensors": weights})
    with pytest.raises(CheckpointError, match="weight holds numbers that are not finite"):
        load_judge(tmp_path / "judge")


def test_the_shipped_judge_reads_real_digits() -> None:
    assert load_judge(SHIPPED).accuracy(load_sample().test) > 0.99
