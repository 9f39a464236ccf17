"""What the server answers beside Streamlit."""

import pytest
from safetensors.numpy import load
from starlette.applications import Starlette
from streamlit import config

from tests.support.asgi import ask
from tests.support.models import AddModel
from ui.server import assets
from ui.shared.browser import tensors
from ui.shared.browser.bundles import VERSION
from vae_model.engine.digit_engine import DigitEngine


def get(path: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and content of what the routes answer."""
    return ask(Starlette(routes=assets.routes()), path)


def test_a_script_is_fetched_once_for_each_version_of_the_app() -> None:
    status, headers, content = get(f"/assets/{VERSION}/desk.js")
    assert status == 200 and "javascript" in headers["content-type"]
    assert b"export default" in content and "immutable" in headers["cache-control"]
    kernel = get(f"/assets/{VERSION}/affine.wasm")
    assert kernel[1]["content-type"] == "application/wasm"
    # A page of another version gets what there is, and does not keep it.
    status, headers, other = get("/assets/older/desk.js")
    assert (status, headers["cache-control"], other) == (200, "no-store", content)


@pytest.mark.parametrize(
    "path", ["page.py", "draw/desk/desk.html", "../app.py", "..%2fapp.py", "", "draw"]
)
def test_nothing_but_scripts_is_given_away(path: str) -> None:
    assert get(f"/assets/{VERSION}/{path}")[0] == 404


def test_weights_of_models_on_the_shelf_are_given_part_by_part(add_model: AddModel) -> None:
    engine = DigitEngine.load(add_model())
    digest = tensors.digest(engine)
    status, headers, content = get(f"/weights/{digest}/reader.safetensors")
    assert status == 200 and "immutable" in headers["cache-control"]
    assert {name.partition(".")[0] for name in load(content)} == {"classifier", "encoder"}
    content = get(f"/weights/{digest}/decoder.safetensors")[2]
    assert {name.partition(".")[0] for name in load(content)} == {"decoder"}
    for path in (f"{digest}/judge", f"{digest[:-1]}x/reader", "studio/reader"):
        assert get(f"/weights/{path}.safetensors")[0] == 404


def test_below_a_base_path_all_addresses_lie_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "get_option", {"server.baseUrlPath": "/demo/"}.__getitem__)
    assert get(f"/demo/assets/{VERSION}/desk.js")[0] == 200
    assert get(f"/assets/{VERSION}/desk.js")[0] == 404


@pytest.mark.parametrize(
    ("base", "path", "leads_to"),
    [
        *(("", "/explore", "./"), ("/a/b/", "/a/b/explore", "./")),
        *(("demo", "/demo", "./demo/"), ("/a/b/", "/a/b", "./b/")),
    ],
)
def test_the_first_page_is_found_by_its_name_and_without_a_slash_wherever_a_proxy_put_it(
    base: str, path: str, leads_to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "get_option", {"server.baseUrlPath": base}.__getitem__)
    for query in ("", "?digit=8&text=20+26&hide=pad%2Csave"):
        status, headers, _ = get(f"{path}{query}")
        assert (status, headers["location"]) == (307, f"{leads_to}{query}")
