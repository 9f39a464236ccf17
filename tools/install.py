"""Installs what a file of requirements lists into the virtual environment whose Python runs this.

    .venv/bin/python tools/install.py FILE [TORCH_INDEX_URL]        (`make` does)

The app comes first, for it serves without PyTorch. PyTorch is taken from its own index of CPU
wheels, on machines with a CUDA device too: no tensor of this project goes to one. Where that index
is not reached, and where PyPI's wheels are CPU ones anyway (macOS), it comes from PyPI. Where
nobody has it for this machine, the app is installed without.

Exit codes: 0 installed, 1 not (one line says why; what was there before is kept), 130 interrupted.
What was installed half-way is completed by the next call.
"""

import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVE, WHOLE = "requirements-serve.txt", "requirements.txt"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PATIENCE_S = 5
ON_LINUX = sys.platform == "linux"
"""Elsewhere PyPI's own wheels are those without CUDA."""
TORCH = r"torch(vision)?=="


class PipFailed(Exception):
    """All that pip said."""

    @property
    def finds_none(self) -> bool:
        """Whether it found no such package. It says the same where it reaches no index."""
        return bool(re.search("Could not find a version|conflicting dependencies", str(self)))

    @property
    def cause(self) -> str:
        """Why it reached none, after a colon."""
        found = re.search("connection broken by '(.*)': /", str(self))
        return f": {found[1]}" if found else ""

    @property
    def line(self) -> str:
        """The line that says the most."""
        lines = str(self).strip().splitlines() or ["pip failed, and said nothing"]
        errors = [line for line in lines if line.startswith("ERROR: ")]
        return lines[-1] if not errors or errors[-1] == "ERROR: Exception:" else errors[-1]


def main(arguments: list[str]) -> None:
    """Install, or exit with the reason why not."""
    if sys.prefix == sys.base_prefix:
        sys.exit("this is not the Python of a virtual environment: `make run` makes one")
    file, index = (*arguments, "")[:2]
    try:
        install(file, index)
    except PipFailed as error:
        lost = error.finds_none and not any_is_reached()
        reason = f"No index of packages is reached{error.cause}." if lost else error.line
        sys.exit(f"{reason} What is installed is kept; the same command goes on from there.")
    except KeyboardInterrupt:
        print("Interrupted; the same command goes on from here.", file=sys.stderr)
        sys.exit(130)


def install(file: str, torch_index: str) -> None:
    """Install what the file lists. Raises PipFailed; exits where it needs a PyTorch that nobody
    has for this machine."""
    forget_half_installed()
    pip("-r", SERVE)
    if all(map(is_installed, pins(TORCH))) or install_torch(torch_index):
        pip("-r", file)
        return
    machine = f"Python {platform.python_version()} on {platform.platform()}"
    if file != WHOLE:
        sys.exit(f"{file} needs PyTorch, which has no package for {machine}.")
    print(
        f"PyTorch has no package for {machine}: the app serves without it, but cannot train or "
        "measure models."
    )


def pip(*arguments: str) -> None:
    """Run `pip install`. Raises PipFailed."""
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    done = subprocess.run(
        [*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise PipFailed(done.stderr)


def any_is_reached() -> bool:
    """Whether pip reaches an index: it then finds tqdm, which runs on every machine."""
    try:
        pip("--dry-run", "--ignore-installed", "--no-deps", "--retries=1", *pins("tqdm=="))
    except PipFailed as error:
        return not error.finds_none
    return True


def forget_half_installed() -> None:
    """Let pip install again what an interrupt left without the list of its files, which pip writes
    last: it would take it for installed."""
    for about in Path(sysconfig.get_path("purelib")).glob("*.dist-info"):
        if not (about / "RECORD").is_file():
            shutil.rmtree(about)


def pins(pattern: str) -> list[str]:
    """The lines of the requirements that begin so."""
    return [line for line in (ROOT / WHOLE).read_text().splitlines() if re.match(pattern, line)]


def is_installed(pin: str) -> bool:
    """Whether a package is there in this version, of whatever build."""
    name, _, number = pin.partition("==")
    try:
        return version(name).partition("+")[0] == number
    except PackageNotFoundError:
        return False


def install_torch(chosen: str) -> bool:
    """Install both from one index, the chosen one if any; False where no index has them for this
    machine. Raises PipFailed."""
    both = pins(TORCH)
    for index in [chosen] if chosen else indexes():
        of = ("--index-url", index) if index else ()
        try:
            if any(map(is_installed, both)):
                # One that is there without the other may be of another index.
                pip("--force-reinstall", "--no-deps", *of, *both)
            pip(*of, *both)
        except PipFailed as error:
            if chosen or not error.finds_none or not any_is_reached():
                raise
        else:
            return True
    return False


def indexes() -> list[str]:
    """Where to look for PyTorch, in this order; "" is pip's own index."""
    if not ON_LINUX:
        return [""]
    if is_reached(CPU_INDEX):
        print(f"PyTorch comes from {CPU_INDEX}, without CUDA; this takes minutes.", flush=True)
        return [CPU_INDEX, ""]
    reason = f"{CPU_INDEX} is not reached; this takes minutes."
    print(f"PyTorch comes from PyPI, with CUDA, for {reason}", flush=True)
    return [""]


def is_reached(index: str) -> bool:
    """Whether an index answers."""
    try:
        with urllib.request.urlopen(f"{index}/torch/", timeout=PATIENCE_S):
            return True
    except (OSError, ValueError):
        return False


if __name__ == "__main__":
    main(sys.argv[1:])
