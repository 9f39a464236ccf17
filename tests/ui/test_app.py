"""The app as the server sees it."""

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path

from streamlit.web.server.app_discovery import discover_asgi_app

import app
from ui.shared import shelf

ROOT = Path(__file__).resolve().parents[2]


def test_streamlit_run_finds_the_application() -> None:
    assert discover_asgi_app(ROOT / "app.py").import_string == "app:app"


def test_the_server_starts_with_models_loaded_and_frozen(add_model: Callable[..., object]) -> None:
    add_model()

    async def start() -> None:
        async with app.lifespan(app.app):
            assert gc.get_freeze_count() > 0

    try:
        asyncio.run(start())
    finally:
        gc.unfreeze()
    assert list(shelf.models().engines) == ["studio"]


def test_the_server_starts_without_any_model(checkpoints: Path) -> None:
    async def start() -> None:
        async with app.lifespan(app.app):
            pass

    try:
        asyncio.run(start())
    finally:
        gc.unfreeze()
    assert not shelf.models().engines
