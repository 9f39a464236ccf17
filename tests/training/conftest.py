import pytest

from tests.support.small_training import part_of_sample
from vae_model.data.mnist import DigitData


@pytest.fixture(scope="session")
def digits() -> DigitData:
    """300 training digits, five batches of 64, and 100 test digits."""
    return part_of_sample(300, 100)
