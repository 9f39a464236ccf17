"""What is chosen reaches the whole page, whatever else is told with it."""

import asyncio
from typing import Any

import pytest

from tests.support.app import serve
from tests.support.visitor import Visitor
from tests.support.visits import DRAWN
from ui.shared.pages import DRAW

MOVED = {"state": {"style": [0.5, 0, 0, 0], "digit": 3, "text": ""}}


@pytest.mark.parametrize(
    ("page", "component", "said"),
    [("", "style_board", MOVED), (DRAW.address, "draw_desk", {"desk": DRAWN})],
)
def test_a_model_chosen_in_the_moment_in_which_a_component_speaks_is_shown(
    page: str, component: str, said: dict[str, Any]
) -> None:
    """The browser makes one request of both, for the component's fragment alone."""

    async def visit(address: str) -> None:
        async with Visitor(address) as visitor:
            await visitor.open(page)
            (box,) = (name for name, text in visitor.choices.items() if text == "studio")
            first = visitor.components[component].data["model"]
            visitor.choices[box] = "article"
            await visitor.say(
                component, said, lambda: visitor.components[component].data["model"] != first
            )

    with serve() as address:
        asyncio.run(visit(address))
