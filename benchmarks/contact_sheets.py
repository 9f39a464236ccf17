"""Every page at every width on one sheet a page: to be looked at after a change of the layout.

    python -m benchmarks.contact_sheets FOLDER [PAGE ...]

Writes FOLDER/PAGE-{light,dark}.png of the pages named, or of all. Needs Playwright and a Chromium.
"""

import argparse
import io
import tempfile
from pathlib import Path

from PIL import Image

from tests.browser.conftest import FINISHED_RUN
from tests.browser.test_pages import PAGES, show
from tests.browser.test_widths import WIDTHS
from tests.browser.waiting import at_rest, layout_of
from tests.support.app import serve_process
from tests.support.browser import chromium
from vae_model.runs import archive

HEIGHT = 1000
"""Of each window, in pixels."""
SCALE = 0.5


def main() -> None:
    """Shoot what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("pages", nargs="*", metavar="page")
    options = parser.parse_args()
    if unknown := set(options.pages) - {view for views in PAGES.values() for view in views}:
        parser.error(f"no page is called {', '.join(sorted(unknown))}")
    options.folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as runs,
        serve_process(environment={"VAE_RUNS_DIR": runs}) as (address, _),
        chromium() as browser,
    ):
        for _ in range(2):  # to be compared
            archive.import_run(Path(runs), FINISHED_RUN)
        for theme in ("light", "dark"):
            page = browser.new_page(reduced_motion="reduce")
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            for path, views in PAGES.items():
                for view in views:
                    if options.pages and view not in options.pages:
                        continue
                    page.set_viewport_size({"width": 1280, "height": 800})
                    page.goto(address + path)
                    at_rest(page)
                    show(page, view)
                    shots = []
                    for width in sorted(WIDTHS):
                        layout_of(page, width, HEIGHT)
                        shots.append(Image.open(io.BytesIO(page.screenshot())))
                    sheet(shots).save(options.folder / f"{view}-{theme}.png")


def sheet(shots: list[Image.Image]) -> Image.Image:
    """All side by side."""
    small = [shot.reduce(round(1 / SCALE)) for shot in shots]
    whole = Image.new("RGB", (sum(each.width + 8 for each in small), HEIGHT // 2), "gray")
    left = 0
    for each in small:
        whole.paste(each, (left, 0))
        left += each.width + 8
    return whole


if __name__ == "__main__":
    main()
