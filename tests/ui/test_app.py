"""The app as the server sees it."""

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.web.server.app_discovery import discover_asgi_app

import app
from tests.support.models import AddModel
from ui.shared import frame, shelf


@pytest.fixture(autouse=True)
def _unfrozen() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_a_page_that_fails_would_be_seen(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "configure", lambda: 1 / 0)
    with pytest.raises(AssertionError):
        app.run()


def test_streamlit_run_finds_the_application() -> None:
    assert discover_asgi_app(Path(app.__file__)).import_string == "app:app"


@pytest.mark.parametrize("names", [["studio"], []])
def test_the_server_starts_with_what_models_there_are_loaded_and_frozen(
    add_model: AddModel, names: list[str]
) -> None:
    for name in names:
        add_model(name)

    async def start() -> None:
        async with app.lifespan(app.app):
            assert gc.get_freeze_count() > 0

    asyncio.run(start())
    assert list(shelf.models().engines) == names
