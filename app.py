"""Entry of the demo: `streamlit run app.py`.

Streamlit imports this file once as the server's application, and runs it as a script for every
visit and every change of a control.
"""

import asyncio
import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

# Before numpy is imported: a second thread waits for work at full speed, which triples what a
# reading costs the server.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import streamlit as st

from ui.server import logs, streamlit_patches
from ui.shared import frame
from ui.shared import shelf as models


def main() -> None:
    """Render the page that the visitor is on."""
    frame.configure()
    page = st.navigation(
        [
            st.Page("ui/explore/page.py", title="Explore", default=True),
            st.Page("ui/draw/page.py", title="Draw"),
            st.Page("ui/train/page.py", title="Train"),
            st.Page("ui/inside/page.py", title="Inside"),
            st.Page("ui/xray/page.py", title="X-ray"),
            st.Page("ui/map/page.py", title="Map"),
            st.Page("ui/experiments/page.py", title="Experiments"),
            st.Page("ui/models/page.py", title="Models"),
        ]
    )
    frame.render_sidebar()
    page.run()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Load the models before the first visitor comes, and keep them out of later collections."""
    logs.configure()
    streamlit_patches.prepare()
    await asyncio.to_thread(models.warm)
    gc.collect()
    gc.freeze()
    shelf = models.shelf()
    logs.log.info("ready", extra={"facts": {"models": [*shelf.engines], "broken": shelf.broken}})
    later = asyncio.create_task(asyncio.to_thread(models.warm_map))
    yield
    later.cancel()
    logs.log.info("stopped")


if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, lifespan=lifespan)
