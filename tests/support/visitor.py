"""A visitor without a browser: a real websocket session that speaks Streamlit's own messages.

Much lighter than a browser, so that hundreds fit beside the server they measure.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PATIENCE_SECONDS = 60


@dataclass
class Component:
    """A custom component on the page."""

    id: str
    fragment: str
    data: dict[str, Any]


@dataclass
class Visitor:
    """One open page. Use as an async context manager; `open` first.

    Raises ConnectionError where the server hangs up, TimeoutError where it does not answer.
    """

    address: str
    """Of the server, with http://"""
    components: dict[str, Component] = field(default_factory=dict)
    """By name, as the last run left them."""
    exceptions: int = 0
    """Errors that the page showed, in all."""
    _socket: ClientConnection = field(init=False)
    _reader: "asyncio.Task[None]" = field(init=False)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    finished: int = 0
    """Runs that came to their end, in all."""
    _page: str = ""
    _name: str | None = None
    """Of the page that runs, in the address."""
    _shown: str | None = None
    """Of the page whose run came to its end."""
    _values: dict[str, str] = field(default_factory=dict)
    """What components last said, by their id."""
    choices: dict[str, str] = field(default_factory=dict)
    """What select boxes stand at, by their id: a browser tells it with each message."""

    async def __aenter__(self) -> Self:
        url = self.address.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = await connect(
            url,
            subprotocols=["streamlit"],
            max_size=None,
            ping_interval=None,  # type: ignore[list-item]
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()
        self._reader.cancel()
        with suppress(asyncio.CancelledError):
            await self._reader

    async def open(self, page: str = "") -> int:
        """Load a page by its name in the address, or go there; the first one is Explore. How many
        errors it showed."""
        self.components.clear()
        self._values.clear()
        self.choices.clear()
        self._name = self._shown = None
        message = BackMsg()
        message.rerun_script.page_name = page
        # A run of the page before may still be on its way.
        return await self._ask(message, lambda: self._shown == page)

    def take_over(self, page: "Visitor") -> None:
        """Go on with another's page, as a browser does whose server was started again."""
        self.components, self._page, self.choices = page.components, page._page, page.choices

    async def greet(self) -> None:
        """Ask for the page that was taken over, as a browser does first; its answer may be late."""
        await self._socket.send(self._rerun("").SerializeToString())

    async def say(
        self, component: str, state: dict[str, Any], until: Callable[[], bool] | None = None
    ) -> int:
        """Let a component report its state, as it does when a hand lets go of something; how many
        errors the page then showed.

        The answer is whole with the end of the next run; where a run may still be on its way,
        `until` says what to wait for instead.
        """
        spoken = self.components[component]
        self._values[spoken.id] = json.dumps(state)
        return await self._ask(self._rerun(spoken.fragment), until)

    def _rerun(self, fragment: str) -> BackMsg:
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.fragment_id = fragment
        message.rerun_script.widget_states.widgets.extend(
            [
                *(WidgetState(id=name, json_value=value) for name, value in self._values.items()),
                *(WidgetState(id=name, string_value=text) for name, text in self.choices.items()),
            ]
        )
        return message

    async def _ask(self, message: BackMsg, until: Callable[[], bool] | None) -> int:
        finished, exceptions = self.finished, self.exceptions
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (until() if until else self.finished > finished):
                if self._reader.done():
                    raise ConnectionError("the server hung up")
                self._news.clear()
                await self._news.wait()
        return self.exceptions - exceptions

    async def _read(self) -> None:
        try:
            async for data in self._socket:
                self._take(ForwardMsg.FromString(data))
                self._news.set()
        except ConnectionClosed:
            pass
        finally:
            self._news.set()

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self._page = message.navigation.page_script_hash
            pages = {page.page_script_hash: page for page in message.navigation.app_pages}
            self._name = pages[self._page].url_pathname
        elif kind == "delta":
            element = message.delta.new_element
            self.exceptions += element.WhichOneof("type") == "exception"
            if element.WhichOneof("type") == "selectbox":
                box = element.selectbox
                self.choices[box.id] = box.options[box.default]
            elif element.WhichOneof("type") == "bidi_component":
                self._remember(element.bidi_component, message.delta.fragment_id)
        elif kind == "script_finished":
            self.finished += 1
            self._shown = self._name

    def _remember(self, component: Any, fragment: str) -> None:
        data = json.loads(component.json) if component.json else {}
        name = component.component_name.rpartition(".")[2]
        self.components[name] = Component(component.id, fragment, data)
