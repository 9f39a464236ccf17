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

from ui import hosting, logs, models, shell


def main() -> None:
    """Render the page that the visitor is on."""
    shell.configure()
    page = st.navigation(
        [
            st.Page("ui/pages/explore.py", title="Explore", default=True),
            st.Page("ui/pages/draw.py", title="Draw"),
            st.Page("ui/pages/train.py", title="Train"),
            st.Page("ui/pages/inside.py", title="Inside"),
            st.Page("ui/pages/xray.py", title="X-ray"),
            st.Page("ui/pages/map.py", title="Map"),
            st.Page("ui/pages/experiments.py", title="Experiments"),
            st.Page("ui/pages/models.py", title="Models"),
        ]
    )
    shell.render_sidebar()
    page.run()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Load the models before the first visitor comes, and keep them out of later collections."""
    logs.configure()
    hosting.prepare()
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
