"""The proxy's configuration, as far as it can be tested without two servers."""

import shutil
from pathlib import Path

import pytest

from benchmarks.servers import caddyfile
from tests.support.app import ROOT
from tests.support.processes import output

CADDYFILE = ROOT / "Caddyfile"


def test_other_servers_can_stand_behind_the_same_proxy() -> None:
    before = CADDYFILE.read_text()
    after = caddyfile(before, ["one:1", "two:2"])
    assert "reverse_proxy one:1 two:2 {" in after
    assert after.count("\n") == before.count("\n") and "lb_policy cookie" in after


def test_a_server_too_few_is_told() -> None:
    with pytest.raises(ValueError, match="1 servers"):
        caddyfile(CADDYFILE.read_text(), ["one:1"])


def test_caddy_takes_the_configuration(tmp_path: Path) -> None:
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("Caddy is not installed")
    own = dict.fromkeys(("XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(tmp_path))
    output(caddy, "validate", "--adapter", "caddyfile", "--config", CADDYFILE, **own)
