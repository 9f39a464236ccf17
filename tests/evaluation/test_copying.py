"""Decoders that copy their training images, and others that only come near."""

import base64

import pytest
import torch
from torch import Tensor

from tests.support.planted import TEMPLATES, Function, draws_label, planted, planted_data
from vae_model.data.mnist import DigitData, Digits
from vae_model.evaluation import copying
from vae_model.evaluation.copying import copying_figures, nearest
from vae_model.evaluation.figures import Figures
from vae_model.model.config import DIGITS, PIXELS
from vae_model.model.networks import one_hot

DATA = planted_data(600, 200)


def as_logits(images: Tensor) -> Tensor:
    return images.clamp(1e-7, 1 - 1e-7).logit()


def copies(z: Tensor, y: Tensor) -> Tensor:
    """A training image of the asked digit, which one by the style."""
    # The training digits stand in turn: every tenth is the same.
    rows = y.argmax(dim=1) + DIGITS * ((z[:, 0] * 1e4).long() % (len(DATA.train) // DIGITS))
    return as_logits(DATA.train.images[rows])


def writes_afresh(z: Tensor, y: Tensor) -> Tensor:
    """What the training images were drawn from, drawn again."""
    noise = torch.rand((len(z), PIXELS), generator=torch.Generator().manual_seed(99))
    return as_logits(0.8 * (y @ TEMPLATES) + 0.1 * noise)


def figures_of(decoder: Function, data: DigitData = DATA) -> Figures:
    return copying_figures(planted(decoder=decoder), data.train, data.test, 200, seed=0)


def test_a_decoder_that_copies_its_training_images_is_caught() -> None:
    figures = figures_of(copies)
    assert figures["nearest_distance"] < 1e-3 < 1 < figures["nearest_distance_unseen"]
    assert figures["nearest_is_training"] == 1.0
    assert figures["nearest_is_training_chance"] == 0.75
    assert max(figures["nearest_quantiles"]["generated"]) < 1e-3


def test_a_decoder_that_writes_as_people_do_is_not() -> None:
    figures = figures_of(writes_afresh)
    unseen = figures["nearest_distance_unseen"]
    assert figures["nearest_distance"] == pytest.approx(unseen, rel=0.02)
    assert figures["nearest_is_training"] == pytest.approx(0.75, abs=0.12)
    assert figures["nearest_quantiles"]["generated"][2] == figures["nearest_distance"]


def test_smooth_writing_is_nearer_and_so_is_what_was_rewritten() -> None:
    # Without the noise of any single image: no copy, yet nearer than unseen images are.
    figures = figures_of(lambda z, y: as_logits(0.8 * (y @ TEMPLATES) + 0.05))
    assert figures["nearest_distance"] < 0.9 * figures["nearest_distance_unseen"]
    assert figures["nearest_distance_rewritten"] == pytest.approx(figures["nearest_distance"])
    assert figures["nearest_is_training"] < 0.9


def test_pairs_hold_the_first_of_each_digit_and_its_nearest_training_image() -> None:
    seen: list[tuple[Tensor, Tensor]] = []

    def watched(z: Tensor, y: Tensor) -> Tensor:
        seen.append((z, y))
        return copies(z, y)

    pairs = figures_of(watched)["nearest_pairs"]
    styles, asked = seen[0][0], seen[0][1].argmax(dim=1).tolist()
    assert [pair["digit"] for pair in pairs] == list(range(DIGITS))
    for pair in pairs:
        assert pair["label"] == pair["digit"]
        style = torch.tensor([pair["style"]])
        assert torch.equal(style[0], styles[asked.index(pair["digit"])])
        stored = torch.tensor(list(base64.b64decode(pair["image"]))) / 255
        made = copies(style, one_hot(torch.tensor([pair["digit"]]))).sigmoid()[0]
        # To a 255th in each pixel, what the style decodes to.
        torch.testing.assert_close(stored, made, atol=0.5 / 255 + 1e-5, rtol=0)
        distance = torch.linalg.vector_norm(DATA.train.images - made, dim=1).min()
        assert pair["distance"] == pytest.approx(distance.item(), abs=1e-4)
    sevens = Digits(TEMPLATES[7].repeat(30, 1), torch.full((30,), 7))
    only = figures_of(draws_label, DigitData("sample", DATA.train, sevens, ""))["nearest_pairs"]
    assert [pair["digit"] for pair in only] == [7]


def test_where_it_is_not_known_what_was_learned_from_nothing_is_said_of_copies() -> None:
    nothing = DATA.train.part(0, 0)
    assert copying_figures(planted(decoder=copies), nothing, DATA.test, 200, 0) == {"samples": {}}


def test_the_nearest_is_that_of_a_search_through_all(generator: torch.Generator) -> None:
    # More than go through at once.
    images = torch.rand((2 * copying._CHUNK + 7, 50), generator=generator)
    among = torch.rand((300, 50), generator=generator)
    distances, places = nearest(images, among)
    all_of_them = torch.cdist(images.double(), among.double())
    assert torch.equal(places, all_of_them.argmin(dim=1))
    torch.testing.assert_close(distances, all_of_them.min(dim=1).values.float())


def test_a_copy_is_at_no_distance_and_others_at_the_root_of_the_pixels_that_differ() -> None:
    among = torch.eye(PIXELS)[:500]
    assert nearest(among[[3, 499, 3]], among)[0].tolist() == [0.0, 0.0, 0.0]
    inked = torch.zeros(1, PIXELS)
    inked[0, -9:] = 1
    assert nearest(inked, torch.zeros(1, PIXELS))[0].item() == 3.0
