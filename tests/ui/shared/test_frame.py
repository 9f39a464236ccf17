"""What all pages share."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ui.shared.pages import PAGES, TRAIN, Page


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page is not TRAIN], ids=lambda page: page.title
)
def test_without_a_model_every_page_says_so_under_its_title(
    checkpoints: Path, app: AppTest, page: Page
) -> None:
    app.run().switch_page(page.file).run()
    assert (app.title[0].value, app.markdown[0].value) == (page.title, page.sentence)
    assert "no model" in app.info[0].value
