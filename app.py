"""Entry of the demo: `streamlit run app.py`.

Streamlit imports this file once as the server's application, and runs it as a script for every
visit and every change of a control.
"""

import asyncio
import gc
import importlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

# Before numpy is imported: a second thread waits for work at full speed, which triples what a
# reading costs the server.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import streamlit as st

from ui.map import data
from ui.server import app_session, assets, logs, middleware
from ui.shared import frame, shelf
from ui.shared.pages import EXPLORE, PAGES

# By Streamlit, in the first visit to any page: half a second.
_IMPORTED_LATE = ("pandas", "streamlit.emojis")
_FIRST_VISIT_S = 10


def main() -> None:
    """Render the page that the visitor is on."""
    page = st.navigation(
        [
            st.Page(page.file, title=page.title, url_path=page.address, default=page is EXPLORE)
            for page in PAGES
        ]
    )
    frame.configure(page.title)
    frame.render_sidebar()
    page.run()


async def _prepare_the_map() -> None:
    """Seconds of work, after the first visit: who starts a server opens its page at once."""
    await asyncio.sleep(_FIRST_VISIT_S)
    await asyncio.to_thread(data.warm)


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Load the models before the first visitor comes, and keep them out of later collections."""
    logs.configure()
    app_session.use()
    for late in _IMPORTED_LATE:
        importlib.import_module(late)
    middleware.keep_uploads_in_memory()
    await asyncio.to_thread(shelf.warm)
    gc.collect()
    gc.freeze()
    found = shelf.models()
    logs.log.info("ready", extra={"facts": {"models": [*found.engines], "broken": found.broken}})
    later = asyncio.create_task(_prepare_the_map())
    yield
    later.cancel()
    logs.log.info("stopped")


if __name__ == "__main__":
    main()
else:
    app = st.App(
        __file__,
        lifespan=lifespan,
        routes=assets.routes(),
        middleware=middleware.middleware(),
    )
