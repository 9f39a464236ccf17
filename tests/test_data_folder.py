from pathlib import Path

import pytest

from vae_model import data_folder


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("VAE_DATA_DIR", raising=False)
    assert data_folder.raw_folder() == Path("data/MNIST/raw")
    monkeypatch.setenv("VAE_DATA_DIR", str(tmp_path))
    assert data_folder.raw_folder() == tmp_path / "MNIST" / "raw"
    assert not data_folder.is_downloaded()
    data_folder.raw_folder().mkdir(parents=True)
    for name in data_folder.FILES:
        (data_folder.raw_folder() / name).touch()
    assert data_folder.is_downloaded()


def test_a_folder_can_be_written_where_the_nearest_one_that_there_is_can(tmp_path: Path) -> None:
    assert data_folder.is_writable(tmp_path / "not" / "yet" / "there")
    (tmp_path / "file").touch()
    assert not data_folder.is_writable(tmp_path / "file" / "below")
