"""Entry of the demo: `streamlit run app.py`.

Streamlit imports this file once as the server's application, and runs it as a script for every
visit and every change of a control.
"""

import asyncio
import gc
import importlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

# Before numpy is imported: a second thread waits for work at full speed, which triples what a
# reading costs the server.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import streamlit as st

from ui.draw import session as draw
from ui.draw.desk import BadDesk
from ui.explore import session as explore
from ui.explore.address import BadBoard
from ui.map import data
from ui.server import app_session, assets, logs, middleware, theme
from ui.shared import frame, shelf
from ui.shared.pages import EXPLORE, PAGES
from vae_model.runs import folders


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
    _hear_the_page_before()
    page.run()


def _hear_the_page_before() -> None:
    """What a visitor did there on their way to this one, where its own run had no time for it."""
    with suppress(BadDesk):
        draw.hear()
    if (engine := frame.engine()) is not None:
        with suppress(BadBoard):
            explore.hear(engine)


async def _prepare_the_map() -> None:
    """Seconds of work, after the first visit: who starts a server opens its page at once."""
    await asyncio.sleep(10)
    await asyncio.to_thread(data.warm)


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Load the models before the first visitor comes, and keep them out of later collections."""
    logs.configure()
    app_session.use()
    theme.settle()
    for late in ("pandas", "streamlit.emojis"):  # half a second of the first visit
        importlib.import_module(late)
    middleware.keep_uploads_in_memory()
    await asyncio.to_thread(shelf.warm)
    gc.collect()
    gc.freeze()
    found = shelf.models()
    logs.log.info("ready", extra={"facts": {"models": [*found.engines], "broken": found.broken}})
    try:
        folders.cap_bytes()
    except folders.RunsError as error:  # of which no visitor would tell the host
        logs.log.warning(str(error))
    later = asyncio.create_task(_prepare_the_map())
    yield
    later.cancel()
    logs.log.info("stopped")


if __name__ == "__main__":
    main()
else:
    app = st.App(
        __file__, lifespan=lifespan, routes=assets.routes(), middleware=middleware.middleware()
    )
