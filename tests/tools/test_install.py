"""The installer, with the real pip and small packages of the same names on indexes of our own."""

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.app import ROOT
from tools import install

SCRIPT, LAYOUT = "tools/install.py", "requirements-layout.txt"
FILES = {
    "requirements-serve.txt": "streamlit==1",
    "requirements.txt": "-r requirements-serve.txt\ntorch==2\ntorchvision==3\ntqdm==4",
    LAYOUT: "-r requirements.txt\numap-learn==5",
}
TORCH = ("torch", "torchvision")
Done = subprocess.CompletedProcess[str]


def pinned(file: str) -> dict[str, str]:
    """The packages of a file, and their versions."""
    return dict(re.findall(r"^([\w-]+)==(\d)", FILES[file], re.MULTILINE))


def add_package(folder: Path, name: str, version: str, python: str = "py3") -> None:
    """Put an empty package onto an index: a folder that is served as it is."""
    module = name.replace("-", "_")
    about = f"{module}-{version}.dist-info"
    place = folder / name / f"{module}-{version}-{python}-none-any.whl"
    place.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(place, "w") as wheel:
        wheel.writestr(f"{module}.py", "")
        wheel.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"
        )
        wheel.writestr(f"{about}/WHEEL", f"Wheel-Version: 1.0\nTag: {python}-none-any")
        wheel.writestr(f"{about}/RECORD", "")


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of several indexes: `all`, with every package; `cpu`, with builds of torch and
    torchvision that are marked as its own; `others`, where those two are for another Python; and
    `served`, with what serving needs."""
    root = tmp_path_factory.mktemp("indexes")
    for file in FILES:
        for name, version in pinned(file).items():
            add_package(root / "all", name, version)
            add_package(root / "others", name, version, python="cp27" if name in TORCH else "py3")
            if name in TORCH:
                add_package(root / "cpu", name, f"{version}+cpu")
    for name, version in pinned("requirements-serve.txt").items():
        add_package(root / "served", name, version)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@dataclass
class Project:
    """A project of nothing but the script and requirements, with a virtual environment."""

    folder: Path
    indexes: str

    def install(
        self, named: str = "", pypi: str = "all", cpu: str = "cpu", file: str = "requirements.txt"
    ) -> Done:
        """Run the script with two of the indexes in place of the public ones, and a named one."""
        code = (
            "import sys; sys.path.insert(0, 'tools'); import install; "
            f"install.CPU_INDEX, install.ON_LINUX = {self.address(cpu)!r}, True; "
            "install.main(sys.argv[1:])"
        )
        words = [self.address(named)] if named else []
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
        ours = {"PIP_INDEX_URL": self.address(pypi), "PIP_CONFIG_FILE": os.devnull}
        ours |= {"PIP_RETRIES": "1", "PIP_NO_COMPILE": "1"}
        return subprocess.run(
            [".venv/bin/python", "-c", code, file, *words],
            cwd=self.folder,
            env=kept | ours | {"PYTHONPATH": str(self.folder / "borrowed")},
            capture_output=True,
            text=True,
            check=False,
        )

    def address(self, index: str) -> str:
        """Of one of the indexes; nobody listens at that of `nowhere`."""
        return "http://127.0.0.1:9" if index == "nowhere" else f"{self.indexes}/{index}"

    @property
    def packages(self) -> dict[str, str]:
        """What is installed, and the versions."""
        folders = self.folder.glob(".venv/lib/*/site-packages/*.dist-info")
        names = (folder.name.removesuffix(".dist-info").rpartition("-") for folder in folders)
        return {name: version for name, _, version in names}

    def about(self, name: str) -> Path:
        """What pip wrote about an installed package."""
        (folder,) = self.folder.glob(f".venv/lib/*/site-packages/{name}-*.dist-info")
        return folder


def new_project(place: Path, indexes: str) -> Project:
    """In a folder with a space and an umlaut; it borrows pip, and has nothing else installed."""
    folder = place / "Jörg Müller"
    (folder / "tools").mkdir(parents=True)
    shutil.copy(ROOT / SCRIPT, folder / SCRIPT)
    for name, lines in FILES.items():
        (folder / name).write_text(lines)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    spec = find_spec("pip")
    assert spec and spec.origin
    (folder / "borrowed").mkdir()
    (folder / "borrowed/pip").symlink_to(Path(spec.origin).parent)
    return Project(folder, indexes)


@pytest.fixture
def project(tmp_path: Path, indexes: str) -> Project:
    return new_project(tmp_path, indexes)


@pytest.fixture(scope="module")
def installed_once(tmp_path_factory: pytest.TempPathFactory, indexes: str) -> tuple[Path, Done]:
    made = new_project(tmp_path_factory.mktemp("project"), indexes)
    return made.folder, made.install()


@pytest.fixture
def complete(installed_once: tuple[Path, Done], tmp_path: Path, indexes: str) -> Project:
    """A project with everything installed, torch and torchvision from the index of CPU builds."""
    folder = shutil.copytree(installed_once[0], tmp_path / "project", symlinks=True)
    return Project(folder, indexes)


SERVED = pinned("requirements-serve.txt")


def all_with(mark: str) -> dict[str, str]:
    """All packages, with such builds of torch and torchvision."""
    rest = SERVED | pinned("requirements.txt")
    return rest | {name: rest[name] + mark for name in TORCH}


def test_pytorch_comes_from_its_cpu_index_on_linux(
    installed_once: tuple[Path, Done], complete: Project
) -> None:
    done = installed_once[1]
    assert done.returncode == 0, done.stderr
    assert complete.packages == all_with("+cpu")
    assert "/cpu, without CUDA" in done.stdout


def test_elsewhere_than_on_linux_that_index_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "ON_LINUX", False)
    monkeypatch.setattr(install, "is_reached", lambda _: pytest.fail("asked"))
    assert install.indexes() == [""]


def test_the_torch_that_is_there_stays_and_nobody_is_asked(complete: Project) -> None:
    done = complete.install(pypi="nowhere", cpu="nowhere")
    assert (done.returncode, done.stdout) == (0, "")
    assert complete.packages == all_with("+cpu")


@pytest.mark.parametrize(
    ("asked", "code", "packages", "said"),
    [
        ({}, 0, all_with(""), "comes from PyPI, with CUDA, for .* is not reached;"),
        ({"named": "cpu"}, 0, all_with("+cpu"), "^$"),
        ({"pypi": "others", "cpu": "others"}, 0, SERVED, "has no .* Python 3.*: the app serves "),
        ({"named": "others"}, 1, SERVED, "No matching distribution found for torch=="),
        ({"pypi": "others", "file": LAYOUT}, 1, SERVED, f"^{LAYOUT} needs PyTorch, "),
        ({"pypi": "served"}, 1, SERVED, r"^No index of packages is reached\. What is "),
        ({"pypi": "nowhere"}, 1, {}, "^No index of .*: .*Connection refused.* is kept;"),
    ],
)
def test_the_app_is_installed_with_the_pytorch_that_there_is_or_a_line_says_why_not(
    project: Project, asked: dict[str, str], code: int, packages: dict[str, str], said: str
) -> None:
    done = project.install(**{"cpu": "nowhere"} | asked)
    assert (done.returncode, len(done.stderr.splitlines())) == (code, code), done.stderr
    assert project.packages == packages
    last = (done.stderr if code else done.stdout).splitlines()[-1:]
    assert re.search(said, "".join(last))


def test_two_halves_never_come_from_two_indexes(complete: Project) -> None:
    shutil.rmtree(complete.about("torchvision"))
    assert complete.install(cpu="nowhere").returncode == 0
    assert complete.packages == all_with("")


def test_what_an_interrupt_left_half_installed_is_installed_again(complete: Project) -> None:
    about = complete.about("streamlit")
    (about / "RECORD").unlink()
    (about.parent / "streamlit.py").unlink()
    assert complete.install().returncode == 0
    assert (about.parent / "streamlit.py").exists() and (about / "RECORD").exists()


def test_nothing_goes_outside_of_a_virtual_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.setattr(install, "pip", lambda *_: pytest.fail("installed"))
    with pytest.raises(SystemExit, match="not the Python of a virtual environment"):
        install.main(["requirements.txt"])
