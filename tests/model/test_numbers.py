import pytest

from vae_model.model.numbers import number


@pytest.mark.parametrize("value", [0, -3, 0.25, 1e308, 2**1000])
def test_finite_numbers_are_floats(value: float) -> None:
    assert number(value) == value
    assert type(number(value)) is float
