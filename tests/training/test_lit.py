import numpy as np
import pytest
import torch

from vae_model.training.lit import Lit


def matrix(rows: int, columns: int, lit: float) -> torch.Tensor:
    random = np.random.default_rng(0)
    return torch.tensor(random.random((rows, columns)) * (random.random((rows, columns)) < lit))


@pytest.mark.parametrize("lit", [0.0, 0.01, 0.3, 1.0])
@pytest.mark.parametrize(("rows", "columns"), [(1, 5), (7, 1), (20, 30)])
def test_products_are_those_of_the_whole_matrix(rows: int, columns: int, lit: float) -> None:
    images = matrix(rows, columns, lit)
    table, gradient = matrix(columns, 6, 1.0), matrix(rows, 6, 1.0)
    torch.testing.assert_close(Lit(images).times(table), images @ table)
    torch.testing.assert_close(Lit(images).transposed_times(gradient), images.T @ gradient)


def test_blank_rows_and_columns_give_zeros_between_others() -> None:
    images = matrix(20, 30, 0.5)
    images[[0, 7, 8, 19]] = 0
    images[:, [0, 12, 13, 29]] = 0
    assert not Lit(images).times(torch.ones(30, 4).double())[[0, 7, 8, 19]].any()
    assert not Lit(images).transposed_times(torch.ones(20, 4).double())[[0, 12, 13, 29]].any()
    torch.testing.assert_close(Lit(images).times(torch.eye(30).double()), images, rtol=0, atol=0)


def test_more_columns_than_16_bits_can_count() -> None:
    images = torch.zeros(2, 70_000)
    images[0, 1], images[1, 66_000] = 2.0, 3.0
    gradient = torch.tensor([[5.0], [7.0]])
    torch.testing.assert_close(Lit(images).transposed_times(gradient), images.T @ gradient)
