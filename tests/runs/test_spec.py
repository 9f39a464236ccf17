from pathlib import Path

import pytest

from vae_model.data import mnist
from vae_model.model.checkpoint import MAX_FILE_BYTES, Checkpoint, save
from vae_model.runs.spec import TrainingSpec
from vae_model.training.resumable import ResumableTraining


@pytest.mark.parametrize("preset", ["quick", "studio"])
def test_a_checkpoint_needs_no_more_room_than_foretold(preset: str, tmp_path: Path) -> None:
    setup = TrainingSpec.of(preset, {"epochs": 1}, "sample")
    data = mnist.load("sample", held_out=9700)
    fit = ResumableTraining.begin(tmp_path / "cut", setup.preset, setup.model, setup.train, data)
    seen = iter(range(3))
    assert not fit.run(lambda: next(seen) == 2, lambda: None, lambda *_: None)
    unfinished = sum(path.stat().st_size for path in fit.out.iterdir())
    model = Checkpoint(setup.model, setup.train, fit.training.model.weights())
    save(tmp_path / "model", model)
    kept = sum(path.stat().st_size for path in (tmp_path / "model").iterdir())
    assert 0.7 * setup.bytes_needed < kept + 2 * unfinished <= setup.bytes_needed


def test_the_widest_training_can_be_read_again() -> None:
    networks = ("encoder_hidden", "decoder_hidden", "classifier_hidden")
    widest = dict.fromkeys(networks, (4096,) * 4) | {"epochs": 1}
    assert TrainingSpec.of("studio", widest).bytes_needed / 2 < MAX_FILE_BYTES
