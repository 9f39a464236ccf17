import ctypes

import pytest

from tests.support.processes import python

HOLES = """
from vae_model.training.memory import give_back

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

parts = [bytearray(60_000) for _ in range(2_000)]
del parts[::2], parts[:-1]  # what is left lies behind all the others
before = resident()
give_back()
print(before - resident())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="not glibc")
def test_what_was_freed_is_given_back() -> None:
    assert int(python(HOLES)) > 80_000_000
