"""The procedural writer: framing as MNIST's, the same again from a seed, and real habits."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from vae_model.data import synthetic_digits
from vae_model.data.allographs import ALLOGRAPHS
from vae_model.data.stroke_templates import LOOKS, SAMPLES, templates

ONE_EACH = torch.arange(10)
SUMS = [12991, 8054, 10267, 11456, 9172, 10756, 10389, 8899, 12775, 11256]
"""Ink in a hundred of each digit."""


def _draw(digits: Tensor, seed: int = 0) -> Tensor:
    return synthetic_digits.draw(digits, torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def images() -> Tensor:
    """(10, 100, 28, 28): a hundred of each digit."""
    return _draw(ONE_EACH.repeat_interleave(100)).view(10, 100, 28, 28)


def test_images_are_float32_ink_between_0_and_1(images: Tensor) -> None:
    made = _draw(torch.tensor([3, 1, 4]))
    assert (made.shape, made.dtype) == ((3, 784), torch.float32)
    assert float(images.min()) == 0.0  # bare paper is exactly 0
    assert 0.9 < float(images.max()) <= 1.0
    assert images.isfinite().all()
    assert _draw(torch.zeros(0, dtype=torch.int64)).shape == (0, 784)


def test_the_given_generator_alone_decides_what_is_drawn() -> None:
    torch.manual_seed(0)
    state = torch.get_rng_state()
    first = _draw(ONE_EACH, 5)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(1)
    assert torch.equal(_draw(ONE_EACH, 5), first)
    generator = torch.Generator().manual_seed(5)
    one, other = (synthetic_digits.draw(ONE_EACH, generator) for _ in range(2))
    assert torch.equal(one, first) and not torch.equal(other, first)


def test_the_stream_that_shipped_models_learned_from_stays(images: Tensor) -> None:
    """Any other order of the random numbers changes these sums by far more."""
    sums = images.sum(dim=(1, 2, 3)).tolist()
    assert sums == pytest.approx(SUMS, rel=1e-3)


def test_many_digits_go_through_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic_digits, "_CHUNK", 4)
    made = _draw(ONE_EACH)
    assert made.shape == (10, 784)
    assert (made.sum(dim=1) > 15).all()


def test_centre_of_mass_is_that_of_mnist(images: Tensor) -> None:
    flat, places = images.reshape(-1, 28, 28), torch.arange(28.0)
    total = flat.sum(dim=(1, 2))
    for axis in (1, 2):
        centre = flat.sum(dim=axis) @ places / total
        assert float(centre.mean()) == pytest.approx(14.0, abs=0.05)
        # Lopsided digits stay inside the image, a little off the centre.
        assert float(((centre - 14.0).abs() < 0.3).float().mean()) > 0.97


def test_a_digit_resembles_its_own_kind_most(images: Tensor) -> None:
    """Means of the first half read most of the second half: the labels belong to the shapes."""
    means = images[:, :50].mean(dim=1).flatten(1)
    read = torch.cdist(images[:, 50:].reshape(-1, 784), means).argmin(dim=1)
    right = (read == ONE_EACH.repeat_interleave(50)).float().mean()
    assert float(right) > 0.6  # 0.1 by chance


def _widest_row(images: Tensor, rows: slice) -> Tensor:
    """Pixels of ink in the fullest of some rows, (n,)."""
    return (images[:, rows] > 0.3).sum(dim=2).amax(dim=1)


def test_every_digit_is_written_in_several_ways() -> None:
    ways = torch.tensor([sum(way.digit == digit for way in ALLOGRAPHS) for digit in range(10)])
    assert (ways >= 5).all()
    assert torch.equal((templates().weights > 0).sum(dim=1), ways)


def test_moving_the_control_points_moves_the_whole_path() -> None:
    table = templates()
    assert table.run.shape[1:3] == (LOOKS, SAMPLES)
    torch.testing.assert_close(table.run.sum(dim=3), torch.ones(len(ALLOGRAPHS), LOOKS, SAMPLES))


def test_the_pen_runs_through_the_points_that_the_table_lists() -> None:
    """Ends and corners in every look, all points in the smooth one; at a sample's precision."""
    table = templates()
    paths = torch.einsum("alsp,apd->alsd", table.run, table.points)
    for kind, way in enumerate(ALLOGRAPHS):
        tokens = [token for stroke in way.strokes for token in stroke.path.split()]
        firsts = {sum(len(s.path.split()) for s in way.strokes[:i]) for i in range(9)}
        for index, token in enumerate(tokens):
            pointed = token.endswith("!") or index in firsts or index + 1 in firsts
            looks = paths[kind] if pointed else paths[kind, :1]
            apart = (looks - table.points[kind, index]).norm(dim=2).amin(dim=1)
            assert float(apart.max()) < 0.035, (way.digit, way.strokes, token)


def test_a_smooth_path_has_no_corner_but_where_the_table_says_so() -> None:
    circle = next(k for k, way in enumerate(ALLOGRAPHS) if "!" not in str(way) and way.digit == 0)
    paths = templates().run[circle] @ templates().points[circle]
    steps = paths.diff(dim=1)
    turns = torch.cosine_similarity(steps[:, 1:], steps[:, :-1], dim=2).amin(dim=1)
    assert float(turns[0]) > 0.9
    assert float(turns[1:].max()) < float(turns[0])  # the captured looks are angular


def test_optional_strokes_can_be_left_out_and_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    based = next(k for k, way in enumerate(ALLOGRAPHS) if way.digit == 1 and len(way.strokes) > 1)
    table = templates()
    weights = torch.zeros_like(table.weights)
    weights[1, based] = 1

    def foot(*manner: float) -> float:
        """How wide the base is with this chance, trim_start, trim_end and wander."""
        changed = table.manner.clone()
        changed[based, 1] = torch.tensor(manner)
        made = replace(table, weights=weights, manner=changed)
        monkeypatch.setattr(synthetic_digits, "templates", lambda: made)
        drawn = _draw(torch.ones(200, dtype=torch.int64)).view(200, 28, 28)
        return float(_widest_row(drawn, slice(20, 27)).float().mean())

    whole, missing = foot(1, 0, 0, 0), foot(0, 0, 0, 0)
    assert missing < 0.6 * whole
    assert missing < foot(1, 0.9, 0, 0) < 0.9 * whole
    assert missing < foot(1, 0, 0.9, 0) < 0.9 * whole
