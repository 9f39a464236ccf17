from pathlib import Path

import pytest

from vae_model.data import folder


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("VAE_DATA_DIR", raising=False)
    assert folder.raw_folder() == Path("data/MNIST/raw")
    monkeypatch.setenv("VAE_DATA_DIR", str(tmp_path))
    assert folder.raw_folder() == tmp_path / "MNIST" / "raw"
    assert not folder.is_downloaded()
    folder.raw_folder().mkdir(parents=True)
    for name in folder.FILES:
        (folder.raw_folder() / name).touch()
    assert folder.is_downloaded()
