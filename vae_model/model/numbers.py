"""Numbers out of JSON, which may be anybody's."""

import math


def number(value: object) -> float | None:
    """The value where it is a finite number, as a float; None where it is anything else, such as a
    boolean, a text, or a whole number beyond what a float can hold."""
    if type(value) is int or type(value) is float:
        try:
            return float(value) if math.isfinite(value) else None
        except OverflowError:
            return None
    return None
