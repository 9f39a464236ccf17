"""One file for each component's script."""

import re

import pytest

from ui.shared.browser.bundles import SCRIPTS

COMPONENTS = [name for name in SCRIPTS if name.endswith(".js")]
TAKEN = re.compile(r'^const \{ ([^}]+) \} = modules\["([^"]+)"\];$', re.MULTILINE)
MODULE = re.compile(
    r'^modules\["([^"]+)"\] \?\?= \(\(\) => \{$(.*?)^return \{ ([^}]*) \};\n\}\)\(\);$',
    re.MULTILINE | re.DOTALL,
)


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_comes_with_all_that_it_needs_and_before_it_is_needed(name: str) -> None:
    script = SCRIPTS[name].decode()
    *_, last = script.splitlines()
    assert re.findall(r"^(?:import|export)\b.*$", script, re.MULTILINE) == [last]
    given: dict[str, set[str]] = {}
    for path, body, names in MODULE.findall(script):
        for taken, source in TAKEN.findall(body):
            assert set(taken.split(", ")) <= given[source]
        given[path] = set(names.split(", "))
    assert "default: byDefault" in given[path]
    assert len(given) == script.count("] ??= (() =>")


def test_desk_and_board_share_the_models_that_they_have_loaded() -> None:
    registry, shared = (
        {re.search(pattern, SCRIPTS[name].decode())[0] for name in ("desk.js", "board.js")}
        for pattern in (r"globalThis\S+", r'modules\["shared/browser/loading.js"\] \?\?=')
    )
    assert len(registry) == len(shared) == 1
