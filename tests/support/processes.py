"""Programs in a process of their own, for what must not happen in this one."""

import os
import subprocess
import sys

from tests.support.app import ROOT


def output(*command: object, **environment: str) -> str:
    """What a program prints, run from the repository; fails where it does."""
    done = subprocess.run(
        [*map(str, command)],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def python(code: str, *arguments: object, **environment: str) -> str:
    """What some lines print."""
    return output(sys.executable, "-c", code, *arguments, **environment)
