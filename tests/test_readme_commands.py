"""Every command that the README and the docs tell people to type, typed."""

import contextlib
import importlib.util
import io
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from torchvision.datasets import MNIST

from tests.support.app import free_port
from tests.support.waiting import PATIENCE_S, until
from vae_model.__main__ import main
from vae_model.commands import arguments
from vae_model.data.folder import is_downloaded
from vae_model.data.mnist import MNIST_MD5, SAMPLE_FILE
from vae_model.evaluation import metrics, probes
from vae_model.model.checkpoint import load
from vae_model.model.fields import FIELDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MEASURED = (ROOT / "docs" / "measured.md").read_text(encoding="utf-8")
DOCS = "\n".join(
    path.read_text(encoding="utf-8") for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
)
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

OURS, BENCHMARKS = ["python", "-m", "vae_model"], ["python", "-m", "benchmarks"]
NOWHERE = "http://127.0.0.1:9/"
"""Nobody listens there. `data` would fetch 12 MB from elsewhere."""


def fenced(text: str) -> list[str]:
    """The lines of its sh blocks, comments cut off."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).splitlines()
    return [" ".join(words) for line in lines if (words := shlex.split(line, comments=True))]


def inline(text: str) -> list[str]:
    """What stands in backquotes within a sentence and begins as one of our programs does."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose))
    return [
        span
        for span in spans
        if re.match(r"([A-Z]+=\S+ )*(make|docker|python -m \w+(\.\w+)?)( |$)", span)
    ]


def parts(command: str) -> tuple[dict[str, str], list[str]]:
    """What it sets in the environment, and its words."""
    words = shlex.split(command)
    settings = {}
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        name, _, value = words.pop(0).partition("=")
        settings[name] = value
    return settings, words


def kind(command: str) -> str:
    """Which of the tests below types it; empty where none knows it."""
    _, words = parts(command)
    if words[:3] == OURS:
        return "ours"
    if words[:2] == BENCHMARKS[:2] and words[2].partition(".")[0] == BENCHMARKS[2]:
        return "benchmarks"
    return words[0] if words[0] in ("make", "docker") else ""


def of_kind(name: str, commands: list[str]) -> list[str]:
    found = [command for command in dict.fromkeys(commands) if kind(command) == name]
    assert found
    return found


TYPED = fenced(DOCS)
EVERYWHERE = TYPED + inline(DOCS)


@pytest.mark.parametrize("command", dict.fromkeys(EVERYWHERE))
def test_some_test_here_types_the_command(command: str) -> None:
    assert kind(command)


def test_a_command_of_another_program_would_be_missed() -> None:
    assert [kind(each) for each in fenced("```sh\npip install x  # no\n\nmake run\n```\n")] == [
        "",
        "make",
    ]


# python -m vae_model


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder like the repository's, but with nothing in it that a command could harm."""
    (tmp_path / "checkpoints").symlink_to(ROOT / "checkpoints")
    with np.load(SAMPLE_FILE) as sample:
        digit, label = sample["test_images"][0], sample["test_labels"][0]
    ImageOps.invert(Image.fromarray(digit).resize((280, 280))).save(tmp_path / "photo.jpg")
    (tmp_path / "label").write_text(str(label))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(MNIST, "mirrors", [NOWHERE])
    few = metrics.Sizes(generated=100, shared=20, probed=1000, compared=50)
    monkeypatch.setattr(metrics, "evaluate", partial(metrics.evaluate, sizes=few))
    monkeypatch.setattr(probes, "MLP_STEPS", 20)
    return tmp_path


def train_until_ctrl_c(words: list[str]) -> None:
    """Type it, and Ctrl-C after its first epoch."""
    process = subprocess.Popen(
        [sys.executable, *words[1:]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("epoch"):
            process.send_signal(signal.SIGINT)
            break
    _, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, error


def test_the_commands_on_our_program_work_in_their_order(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = [parts(command)[1] for command in of_kind("ours", fenced(README))]
    resumed = {words[-1] for words in commands if "--resume" in words}
    said = {}
    for words in commands:
        what = words[3]
        if what == "train" and "--resume" not in words and resumed & set(words):
            train_until_ctrl_c(words)
            assert load(home / "runs/mine").training_state
            continue
        code = main(words[3:])
        said[what] = capsys.readouterr()
        if what == "data":
            # The one that a network is needed for.
            assert code == 1
            assert "could not be downloaded" in said[what].err
            assert "--data sample" in said[what].err
        else:
            assert code == 0, said[what].err
    mine = load(home / "runs/mine")
    assert (mine.model.z_dim, len(mine.history), mine.training_state) == (4, 10, {})
    rows = set(re.findall(r"^\| [^|]*`(\w+)` \|", MEASURED, re.MULTILINE))
    assert rows and all(f'"{row}"' in said["evaluate"].out for row in rows)
    with Image.open(home / "sheet.png") as sheet:
        assert sheet.size == (280, 280)
    assert said["read"].out.startswith((home / "label").read_text())


@pytest.mark.skipif(not is_downloaded(ROOT / "data"), reason="the full MNIST is not on disk")
def test_data_that_is_there_is_checked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = home / "data/MNIST/raw"
    raw.mkdir(parents=True)
    for name in MNIST_MD5:
        (raw / name).symlink_to(ROOT / "data/MNIST/raw" / name)
    assert main(["data"]) == 0
    damaged = raw / next(iter(MNIST_MD5))
    damaged.unlink()
    damaged.write_bytes(b"not what was published")
    assert main(["data"]) == 1
    assert "is damaged or incomplete: delete it" in capsys.readouterr().err


def parsed(words: list[str]) -> None:
    """Fails where our program would not take these arguments."""
    with contextlib.redirect_stderr(io.StringIO()) as said:
        try:
            options = arguments.parser(None).parse_args(words)
            if "preset" in options and not getattr(options, "resume", None):
                arguments.chosen(options)
        except SystemExit:
            pytest.fail(f"{' '.join(words)}: {said.getvalue()}")


@pytest.mark.parametrize("command", of_kind("ours", EVERYWHERE))
def test_our_program_takes_every_argument_it_is_shown_with(command: str) -> None:
    words = parts(command)[1][3:]
    if words == ["evaluate"]:
        words.append("checkpoints/studio")
    parsed(words)


def test_train_help_lists_every_hyperparameter(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    shown = capsys.readouterr().out
    assert all(f"{field.flag} " in shown for field in FIELDS.values())


@pytest.mark.parametrize("command", of_kind("benchmarks", EVERYWHERE))
def test_a_benchmark_is_there_and_knows_its_arguments(command: str) -> None:
    name, *words = parts(command)[1][2:]
    found = importlib.util.find_spec(name)
    assert found is not None and found.origin
    for flag in (word for word in words if word.startswith("--")):
        assert f'"{flag}"' in Path(found.origin).read_text(encoding="utf-8")


# make

GNU_MAKE = shutil.which("make")
needs_make = pytest.mark.skipif(GNU_MAKE is None, reason="make is not installed")


def make(*words: str, installed: bool = True) -> list[str]:
    """Of make on the interpreter that runs the tests, and without the flags of a make around us."""
    assert GNU_MAKE
    stamps = [word for name in (".installed", ".installed-dev") for word in ("-o", here(name))]
    return [GNU_MAKE, *words, *([f"VENV={here()}", *stamps] if installed else [])]


def here(name: str = "") -> str:
    """A place in our environment, as make is told: from the project, whose path may have spaces."""
    return os.path.relpath(Path(sys.prefix, name), ROOT)


def own_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if "MAKE" not in name}


def printed(command: list[str]) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env=own_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_make
@pytest.mark.parametrize("command", of_kind("make", EVERYWHERE))
def test_a_make_target_is_made_of_commands_that_there_are(command: str) -> None:
    words = parts(command)[1][1:]
    recipe = printed(make("-n", *words)).replace("\\\n", " ")
    assert recipe.strip()
    for ours in re.findall(r"/bin/python -m vae_model ([^;|&\n]+)", recipe):
        parsed(shlex.split(ours.replace("$name", "beta-0")))
    for module in re.findall(r"/bin/python -m ([\w.]+)", recipe):
        assert importlib.util.find_spec(module), module
    for tool in re.findall(rf"^{re.escape(here())}/bin/(\w+) ", recipe, re.MULTILINE):
        assert Path(sys.prefix, "bin", tool).exists(), tool


@needs_make
def test_make_alone_lists_the_targets_that_the_readme_names() -> None:
    listed = set(re.findall(r"make ([a-z-]+)", printed(make())))
    sentence = re.search(r"`make` alone lists the other targets: (.*?)\.\n", README, re.DOTALL)
    assert sentence
    assert set(re.findall(r"`(\w+)`", sentence[1])) <= listed
    assert {"run", "test"} <= listed


@needs_make
def test_the_first_make_installs_from_the_index_and_with_the_python_that_are_named() -> None:
    fresh = printed(
        make("-n", "run", "TORCH_INDEX_URL=https://x.test/cpu", "VENV=none", installed=False)
    )
    installs = fresh.index("tools/install.py requirements.txt https://x.test/cpu\n")
    assert fresh.index("-m venv none") < installs < fresh.index("streamlit run")
    other = printed(make("-n", "run", "PYTHON=python3.12", "VENV=none", installed=False))
    assert "python3.12 -m venv none" in other
    assert re.search(r"tools/install.py requirements.txt *\n", other)
    assert re.search(r"^VENV := \.venv$", MAKEFILE, re.MULTILINE)


@needs_make
def test_a_virtual_environment_whose_making_was_broken_off_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").symlink_to(sys.executable)
    again = make("-n", "run", f"VENV={tmp_path}", installed=False)
    assert f"-m venv {tmp_path}" in printed(again)
    (tmp_path / "bin/pip").touch()
    assert "-m venv" not in printed(again)


@pytest.fixture
def made() -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Address and process of `make run` on a free port."""
    port = free_port()
    process = subprocess.Popen(
        make("run", f"PORT={port}"),
        cwd=ROOT,
        env=own_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def is_healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:
            return bool(answer.read() == b"ok")
    except OSError:
        return False


@needs_make
def test_make_run_serves_the_app_until_ctrl_c(
    made: tuple[str, "subprocess.Popen[bytes]"],
) -> None:
    address, process = made
    until(lambda: is_healthy(address), going=lambda: process.poll() is None)
    with urllib.request.urlopen(address, timeout=PATIENCE_S) as answer:
        assert b"<html" in answer.read()
    os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=PATIENCE_S)
    assert not is_healthy(address)


# docker


def after(flag: str, words: list[str]) -> str:
    return words[words.index(flag) + 1]


FLAGS = {
    "-t",
    "--target",
    "--build-arg",
    "--rm",
    "-p",
    "--read-only",
    "--tmpfs",
    "-v",
    "--build",
    "-f",
    "up",
}


@pytest.mark.parametrize("command", of_kind("docker", EVERYWHERE))
def test_a_docker_command_fits_the_dockerfile_and_the_compose_file(command: str) -> None:
    settings, words = parts(command)
    assert {word for word in words if word.startswith("-")} <= FLAGS, "a flag nobody checks"
    assert all(f"${{{name}" in COMPOSE for name in settings)
    image = re.search(r"^  image: (\S+)$", COMPOSE, re.MULTILINE)
    assert image
    # The small image has a name of its own.
    target = after("--target", words) if "--target" in words else ""
    names = {image[1], f"{image[1]}-serve"}
    if "-t" in words:
        assert after("-t", words) == (f"{image[1]}-{target}" if target else image[1])
    if target:
        assert re.search(rf"^FROM \S+ AS {target}$", DOCKERFILE, re.MULTILINE)
    if "--build-arg" in words:
        assert f"\nARG {after('--build-arg', words).partition('=')[0]}=" in DOCKERFILE
    if words[1] == "run":
        assert words[-1] in names
        port = re.search(r"STREAMLIT_SERVER_PORT=(\d+)", DOCKERFILE)
        assert port and after("-p", words) == f"8501:{port[1]}"
        assert f"HOME={after('--tmpfs', words)} " in DOCKERFILE
        volumes = [words[place + 1] for place, word in enumerate(words) if word == "-v"]
        assert bool(volumes) == (words[-1] == image[1])
        for volume in volumes:
            folder = volume.partition(":")[2]
            assert re.search(rf"VAE_[A-Z]+_DIR={folder}( \\)?$", DOCKERFILE, re.MULTILINE)
            assert f'"{volume}"' in COMPOSE
        # The same as the compose file promises.
        assert ("--read-only" in words) == ("read_only: true" in COMPOSE)


def test_the_lines_for_powershell_install_and_serve_what_there_is() -> None:
    (block,) = re.findall(r"^```powershell\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    environment, install, serve = re.split(r"; |\n", block.strip())
    assert environment == "py -m venv .venv"
    assert install == r".venv\Scripts\python -m pip install -r requirements-serve.txt"
    assert serve == r".venv\Scripts\python -m streamlit run app.py"
    assert (ROOT / "requirements-serve.txt").is_file() and (ROOT / "app.py").is_file()


def test_the_docker_commands_in_the_files_themselves_are_those_of_the_docs() -> None:
    told = [" ".join(line.split()) for line in re.findall(r"^# +(docker .+)$", DOCKERFILE, re.M)]
    assert told and set(told) <= set(fenced(DOCS))
