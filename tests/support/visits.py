"""Visits to the running app; on Draw a line is drawn, as the pad tells of it."""

from benchmarks.visitor import Visitor
from ui.shared.pages import DRAW, PAGES

TURN = 7
DRAWING = {
    "strokes": [{"points": [500, 150, 500, 850], "width": 72, "erases": False}],
    "example": None,
    "penDown": False,
    "turn": TURN,
}


async def draw(visitor: Visitor) -> None:
    """Draw it, and return once it has been read."""
    answer = lambda: visitor.components["draw_pad_answered"].data["turn"] == TURN  # noqa: E731
    await visitor.say("draw_pad", {"drawing": DRAWING}, until=answer)


def sees_a_reading(visitor: Visitor) -> bool:
    return any('class="headline' in body for body in visitor.html)


async def errors_on_pages(address: str) -> int:
    """How many errors a visit to every page shows, after which a line is drawn."""
    async with Visitor(address) as visitor:
        await visitor.open()
        for page in PAGES[1:]:
            await visitor.open(page.address)
        await visitor.open(DRAW.address)
        await draw(visitor)
        assert sees_a_reading(visitor)
        return visitor.exceptions
