"""The desk of the Draw page, as tests find it."""

from playwright.sync_api import Locator, Page

from tests.browser.waiting import settled


def pad(page: Page) -> Locator:
    return page.get_by_label("Drawing pad")


def reading(page: Page) -> Locator:
    return page.locator(".headline b")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def shown(page: Page) -> None:
    """The desk shows all that was drawn."""
    settled(page.locator(".desk"))


def picture(place: Locator) -> str:
    """What a canvas shows."""
    return str(place.evaluate("canvas => canvas.toDataURL()"))
