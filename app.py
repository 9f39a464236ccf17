"""Entry of the demo: `streamlit run app.py`.

Streamlit imports this file once as the server's application, and runs it as a script for every
visit and every change of a control.
"""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from ui import models, shell


def main() -> None:
    """Render the page that the visitor is on."""
    shell.configure()
    page = st.navigation(
        [
            st.Page("ui/pages/explore.py", title="Explore", default=True),
            st.Page("ui/pages/draw.py", title="Draw"),
        ]
    )
    shell.render_sidebar()
    page.run()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Load the models before the first visitor comes, and keep them out of later collections."""
    await asyncio.to_thread(models.warm)
    gc.collect()
    gc.freeze()
    yield


if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, lifespan=lifespan)
