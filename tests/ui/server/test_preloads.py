"""What a browser may fetch before a page asks for it."""

import re

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit import config

from tests.support.asgi import ask
from tests.support.models import AddModel
from ui.server import assets
from ui.server.preloads import Preloads
from ui.shared.browser import tensors
from vae_model.engine.digit_engine import DigitEngine


def told(path: str) -> list[str]:
    """Addresses that come with the answer for a page."""
    page = Route("/{any:path}", lambda request: PlainTextResponse("a page"))
    status, headers, content = ask(Preloads(Starlette(routes=[page])), path)
    assert (status, content) == (200, b"a page")
    return re.findall(r"<([^>]+)>", headers.get("link", ""))


@pytest.mark.parametrize(("page", "parts"), [("/", ["decoder"]), ("/draw", ["reader", "decoder"])])
def test_a_page_tells_of_its_script_its_kernel_and_the_weights_of_its_model(
    add_model: AddModel, page: str, parts: list[str]
) -> None:
    engines = {name: DigitEngine.load(add_model(name, seed=seed)) for seed, name in enumerate("ab")}
    for query, name in (("", "a"), ("?model=b", "b")):
        weights = tensors.facts(engines[name])["weights"]
        script, kernel, *others = told(f"{page}{query}")
        assert others == [weights[part] for part in parts]
        for path in (script, kernel, *others):
            assert ask(Starlette(routes=assets.routes()), f"/{path}")[0] == 200
    assert len(told(f"{page}?model=mine, your run")) == 2


@pytest.mark.parametrize("path", ["/models", "/static/js/index.js", "/_stcore/health"])
def test_other_answers_tell_nothing(path: str) -> None:
    assert told(path) == []


@pytest.mark.usefixtures("checkpoints")
def test_without_a_model_and_below_a_base_path_a_page_tells_of_its_script(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(config, "get_option", {"server.baseUrlPath": "/demo/"}.__getitem__)
    assert len(told("/demo/draw")) == len(told("/demo/")) == 2
