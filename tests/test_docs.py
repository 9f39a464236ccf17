"""What the README and the docs tell people to type is there, and what they name too."""

import importlib.util
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.app import ROOT, free_port
from vae_model.commands import arguments

README = (ROOT / "README.md").read_text("utf-8")
DOCS = "\n".join(
    path.read_text("utf-8") for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
)
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
GNU_MAKE = shutil.which("make")


def commands(text: str) -> list[str]:
    """The lines of its sh blocks, and what in backquotes begins as one of our programs does."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [shlex.split(line, comments=True) for line in "".join(blocks).splitlines()]
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = [span.split() for span in re.findall(r"`([^`]+)`", prose)]
    ours = re.compile(r"([A-Z]+=\S+ )*(make|docker|python -m \w+(\.\w+)?)( |$)")
    inline = [words for words in spans if ours.match(" ".join(words))]
    return list(dict.fromkeys(" ".join(words) for words in lines + inline if words))


@pytest.mark.parametrize("command", commands(DOCS))
def test_a_command_in_the_docs_can_be_typed(command: str) -> None:
    words = shlex.split(command)
    while "=" in words[0]:
        words.pop(0)
    match words:
        case ["python", "-m", "vae_model", *given]:
            parsed(["evaluate", "a/folder"] if given == ["evaluate"] else given)
        case ["python", "-m", module, *given] if module.startswith("benchmarks"):
            found = importlib.util.find_spec(module)
            assert found and found.origin
            source = Path(found.origin).read_text("utf-8")
            assert all(f'"{flag}"' in source for flag in given if flag.startswith("--"))
        case ["make", *given]:
            recipe_works(given)
        case ["docker", *given]:
            for flag, value in pairwise(given):
                if flag in DOCKER:
                    assert re.search(DOCKER[flag].format(re.split("[:=]", value)[-1]), DOCKERFILE)
        case _:
            pytest.fail("no test knows this program")


DOCKER = {
    "--target": " AS {}\n",
    "--build-arg": "ARG TORCH_INDEX_URL=",
    "--tmpfs": "HOME={} ",
    "-v": r"VAE_\w+_DIR={}\b",
    "-p": "STREAMLIT_SERVER_PORT={}\\b",
}
"""Options, and what the Dockerfile has to hold for their values."""


def parsed(words: list[str]) -> None:
    """Fails where our command line would not take these arguments."""
    options = arguments.parser(None).parse_args(words)
    if "preset" in options and not getattr(options, "resume", None):
        arguments.chosen(options)


def recipe_works(words: list[str]) -> None:
    """Fails where make would run what there is not."""
    recipe = make("-n", *words).replace("\\\n", " ")
    assert recipe.strip()
    for given in re.findall(r"/bin/python -m vae_model ([^;|&\n]+)", recipe):
        parsed(shlex.split(given))
    for module in re.findall(r"/bin/python -m ([\w.]+)", recipe):
        assert importlib.util.find_spec(module), module


def make(*words: str, code: int = 0) -> str:
    """What make prints, with what it installs there already, unless told of another place, and
    without the flags of a make around us."""
    if GNU_MAKE is None:
        pytest.skip("make is not installed")
    # Told from the project, whose path may have spaces.
    venv = os.path.relpath(sys.prefix, ROOT)
    placed = [f"VENV={venv}", "-o", f"{venv}/.installed", "-o", f"{venv}/.installed-dev"]
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    done = subprocess.run(
        [GNU_MAKE, *placed, *words],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert bool(done.returncode) == bool(code), done.stderr
    return done.stdout + done.stderr


def test_the_first_make_installs_from_the_index_and_with_the_python_that_are_named() -> None:
    fresh = make("-n", "run", "TORCH_INDEX_URL=https://x.test/cpu", "VENV=none")
    installs = fresh.index("tools/install.py requirements.txt https://x.test/cpu\n")
    assert fresh.index("-m venv none") < installs < fresh.index("streamlit run")
    other = make("-n", "run", "PYTHON=python3.12", "VENV=none")
    assert "python3.12 -c 'import sys; print(sys._base_executable)'" in other
    assert re.search(r"tools/install.py requirements.txt *\n", other)


def test_a_virtual_environment_that_lacks_pip_or_its_python_is_made_again(tmp_path: Path) -> None:
    pip, python = tmp_path / "bin/pip", tmp_path / "bin/python"
    pip.parent.mkdir()
    python.symlink_to(sys.executable)
    assert f"-m venv {tmp_path}" in make("-n", "run", f"VENV={tmp_path}")
    pip.touch()
    assert "-m venv" not in make("-n", "run", f"VENV={tmp_path}")
    (tmp_path / ".installed").touch()
    python.unlink()
    python.symlink_to(tmp_path / "gone")
    assert "install.py requirements.txt" in make("-n", "run", f"VENV={tmp_path}")
    make(f"{pip}", f"VENV={tmp_path}", f"PYTHON={sys.executable}")
    assert python.exists()


def test_make_run_serves_on_the_port_that_is_named_unless_it_is_taken(tmp_path: Path) -> None:
    python = tmp_path / "bin/python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\n[ "$1" = -c ] && exec {sys.executable} "$@"\necho "$@"\n')
    python.chmod(0o755)
    run = ("run", f"VENV={tmp_path}", "-o", f"{tmp_path}/.installed")
    port = free_port()
    assert f"-m streamlit run app.py --server.port {port}\n" in make(*run, f"PORT={port}")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port} is taken" in make(*run, f"PORT={port}", code=2)
    assert "or is no port" in make(*run, "PORT=99999", code=2)


def test_every_folder_stands_in_the_map_of_files() -> None:
    for path in [*(ROOT / "vae_model").glob("*/"), *(ROOT / "ui").glob("*/")]:
        assert path.name == "__pycache__" or f"{path.name}/`" in README, path


def test_what_the_docs_link_to_is_there() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), (page, target)
    tests = re.findall(r"`(tests/[\w/]+\.py)`", (ROOT / "SECURITY.md").read_text("utf-8"))
    assert tests
    assert all((ROOT / name).is_file() for name in tests)
