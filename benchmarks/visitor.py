"""A visitor without a browser: a real websocket session that speaks Streamlit's own messages.

Much lighter than a browser, so that hundreds fit beside the server they measure.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect


@dataclass
class Answer:
    """What the server said to one message."""

    seconds: float
    """From sending it to the end of the run it caused."""
    received: int
    """Bytes."""
    exceptions: int
    """Errors that the page showed."""


@dataclass
class Component:
    """A custom component on the page."""

    id: str
    fragment: str
    data: dict[str, Any]


@dataclass
class Visitor:
    """One open page. Use as an async context manager; `open` first."""

    address: str
    """Of the server, with http://"""
    components: dict[str, Component] = field(default_factory=dict)
    """By name, as the last run left them."""
    _socket: ClientConnection | None = None
    _page: str = ""
    _values: dict[str, str] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        url = self.address.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = await connect(
            url,
            subprotocols=["streamlit"],
            max_size=None,
            ping_interval=None,  # type: ignore[list-item]
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._socket is not None
        await self._socket.close()

    async def open(self, page: str = "", query: str = "") -> Answer:
        """Load a page by its name in the address; the first one is Explore."""
        self.components.clear()
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page
        return await self._ask(message)

    async def say(self, component: str, state: dict[str, Any]) -> Answer:
        """Let a component report its state, as it does when a hand lets go of something."""
        spoken = self.components[component]
        self._values[spoken.id] = json.dumps(state)
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.fragment_id = spoken.fragment
        for identity, value in self._values.items():
            message.rerun_script.widget_states.widgets.append(
                WidgetState(id=identity, json_value=value)
            )
        return await self._ask(message)

    async def _ask(self, message: BackMsg) -> Answer:
        assert self._socket is not None
        start = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        received = exceptions = 0
        while True:
            data = await asyncio.wait_for(self._socket.recv(), timeout=60)
            assert isinstance(data, bytes)
            received += len(data)
            answer = ForwardMsg.FromString(data)
            kind = answer.WhichOneof("type")
            if kind == "new_session":
                self._page = answer.new_session.page_script_hash
            elif kind == "delta":
                element = answer.delta.new_element
                exceptions += element.WhichOneof("type") == "exception"
                if element.WhichOneof("type") == "bidi_component":
                    self._remember(element.bidi_component, answer.delta.fragment_id)
            elif kind == "script_finished":
                return Answer(time.perf_counter() - start, received, exceptions)

    def _remember(self, component: Any, fragment: str) -> None:
        data = json.loads(component.json) if component.json else {}
        name = component.component_name.rpartition(".")[2]
        self.components[name] = Component(component.id, fragment, data)
