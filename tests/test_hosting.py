"""What a host relies on: the image, the compose file, the settings in docs/hosting.md."""

import json
import re
import shutil
import sys
import urllib.request
from pathlib import Path

import pytest
from streamlit import config

from tests.support.app import ROOT
from tests.support.processes import output

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
HOSTING = (ROOT / "docs" / "hosting.md").read_text("utf-8")


def instructions(name: str) -> list[str]:
    """What follows each instruction of this name, continued lines joined."""
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    return re.findall(rf"^(?:HEALTHCHECK.*?\s)?{name} (.*)$", joined, re.MULTILINE)


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    beside_python = Path(sys.executable).parent / "hadolint"
    program = str(beside_python) if beside_python.exists() else shutil.which("hadolint")
    if program is None:
        pytest.skip("hadolint is not installed")
    output(program, "--failure-threshold", "warning", ROOT / "Dockerfile")


def test_all_that_the_image_takes_is_there_and_let_through_to_the_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    copied = {
        name
        for words in instructions("COPY")
        if "--from" not in words
        for name in words.split()[:-1]
    }
    assert ignored[0] == "*"
    assert copied == {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert all((ROOT / name).exists() for name in copied)


def test_the_image_serves_without_root_and_without_a_shell() -> None:
    assert instructions("USER") == ["10001:10001"]
    assert json.loads(instructions("CMD")[-1])[:4] == ["python", "-m", "streamlit", "run"]


def test_the_small_image_is_the_usual_one_without_pytorch() -> None:
    code = re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE)
    stages = re.split(r"^FROM ", code, flags=re.MULTILINE)[1:]
    by_name = dict(re.findall(r"^\S+ AS (\S+)\n(.*)", stage, re.DOTALL)[0] for stage in stages[:-1])
    # The last stage is the one that is built unless another is named.
    small = by_name["serve"].strip().replace("--from=serve-packages", "--from=packages")
    assert stages[-1].removeprefix("base\n").strip() == small
    assert "-r /requirements.txt" in by_name["packages"]
    assert "requirements.txt" not in by_name["serve-packages"]


@pytest.mark.parametrize("base_path", ["", "digits", "/a/b/"])
def test_the_health_check_asks_the_port_and_path_that_are_set(
    base_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: asked.append(url))
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", "8600")
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", base_path)
    exec(json.loads(instructions("CMD")[0])[2], {})
    path = f"{base_path.strip('/')}/" if base_path else ""
    assert asked == [f"http://127.0.0.1:8600/{path}_stcore/health"]


def test_the_proxy_knows_every_replica_and_keeps_visitors_on_theirs() -> None:
    proxy = (ROOT / "Caddyfile").read_text("utf-8")
    replicas = re.findall(r"^  (app-\d+): \*app$", COMPOSE, re.MULTILINE)
    upstream = " ".join(f"{name}:{instructions('EXPOSE')[0]}" for name in replicas)
    assert len(replicas) > 1 and f"reverse_proxy {upstream} {{" in proxy
    assert "lb_policy cookie" in proxy and "/_stcore/health" in proxy


def test_trainings_survive_a_container_and_are_all_it_can_write() -> None:
    runs, data = (re.findall(rf"VAE_{name}_DIR=(\S+)", DOCKERFILE)[0] for name in ("RUNS", "DATA"))
    assert f'volumes: ["runs:{runs}", "data:{data}"]' in COMPOSE
    assert f"RUN install -d -o 10001 -g 10001 {runs} {data} " in DOCKERFILE
    assert "read_only: true" in COMPOSE and "tmpfs: /tmp" in COMPOSE


def test_the_settings_told_to_hosts_are_those_that_the_app_and_streamlit_know() -> None:
    sources = [*(ROOT / "ui").rglob("*.py"), *(ROOT / "vae_model").rglob("*.py")]
    read = {name for path in sources for name in re.findall(r'"(VAE_[A-Z_]+)"', path.read_text())}
    assert read == set(re.findall(r"`(VAE_[A-Z_]+)", HOSTING))
    known = {
        re.sub(r"([a-z])([A-Z])", r"\1_\2", key).replace(".", "_").upper()
        for key in config._config_options_template
    }
    told = set(re.findall(r"`STREAMLIT_([A-Z_]+)", HOSTING))
    assert told and told <= known
