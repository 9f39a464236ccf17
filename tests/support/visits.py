"""Visits to the running app; on Draw something is drawn, as the desk tells of it."""

import base64

from tests.support.visitor import Visitor
from ui.shared.pages import DRAW, INSIDE, PAGES

DRAWN = {"v": 1, "turn": 7, "image": base64.b64encode(bytes(400) + bytes([255]) * 384).decode()}


async def draw(visitor: Visitor) -> None:
    """Draw it, and return once the server has heard; a desk says again what was not."""
    while visitor.components["draw_desk"].data["heard"] != DRAWN["turn"]:
        await visitor.say("draw_desk", {"desk": DRAWN})


async def has_drawn(visitor: Visitor) -> bool:
    """Whether other pages know of a drawing."""
    await visitor.open(INSIDE.address)
    return "your drawing" in visitor.choices.values()


async def errors_on_pages(address: str) -> int:
    """How many errors a visit to every page shows, and to one that knows of a drawing."""
    async with Visitor(address) as visitor:
        await visitor.open()
        for page in PAGES[1:]:
            await visitor.open(page.address)
        await visitor.open(DRAW.address)
        await draw(visitor)
        assert await has_drawn(visitor)
        return visitor.exceptions
