"""Memory that a training no longer uses."""

import ctypes


def give_back() -> None:
    """Lets the system have what was freed. glibc keeps it where something in use lies behind, more
    with each epoch of `studio`; elsewhere nothing is done."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)
