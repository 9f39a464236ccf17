from pathlib import Path

import pytest

from vae_model.model import marked


def test_what_is_begun_is_marked_and_goes_whole(tmp_path: Path) -> None:
    folder = marked.begin(tmp_path)
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "file").write_text("x")
    (folder / "link").symlink_to(tmp_path)
    assert marked.is_marked(folder)
    marked.discard(folder)
    assert list(tmp_path.iterdir()) == []


def test_what_a_kill_leaves_before_the_mark_is_known_by_being_empty(tmp_path: Path) -> None:
    folder = marked.begin(tmp_path)
    (folder / marked.MARK_FILE).unlink()
    assert marked.is_marked(folder)
    (folder / "letter").touch()
    assert not marked.is_marked(folder)
    (tmp_path / "empty").mkdir()
    assert not marked.is_marked(tmp_path / "empty")


def test_the_mark_stays_while_others_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = marked.begin(tmp_path)
    (folder / "busy").mkdir()
    monkeypatch.setattr(marked.shutil, "rmtree", lambda *_, **__: None)
    marked.discard(folder)
    assert marked.is_marked(folder)
