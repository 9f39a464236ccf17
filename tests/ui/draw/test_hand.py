"""One hand from several digits, what can be taken home of it, and the words about a reading."""

import dataclasses
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ui.draw import hand, photo, take_home, verdict, views
from ui.draw.pad.strokes import EXAMPLES, Drawing, rasterize
from ui.shared.dims import StyleDim
from vae_model.engine.digit_engine import DigitEngine, Reading, one_hot
from vae_model.engine.writer_style import Style, combine
from vae_model.preprocessing import normalize

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def engine(add_model: Callable[..., Path]) -> DigitEngine:
    return DigitEngine.load(add_model())


SHARE = (0.9, 0.5, 0.0, 1.0)


@pytest.fixture
def sharing(engine: DigitEngine) -> DigitEngine:
    """The same, and what a hand keeps from digit to digit was measured."""
    calibration = dataclasses.replace(
        DigitEngine.load(ROOT / "checkpoints" / "studio").checkpoint.calibration, hand_share=SHARE
    )
    return DigitEngine(dataclasses.replace(engine.checkpoint, calibration=calibration))


def example(digit: int) -> np.ndarray:
    return normalize(rasterize(Drawing(example=digit)))


def reading(*shares: float) -> Reading:
    probs = np.zeros(10, np.float32)
    probs[: len(shares)] = shares
    blank = np.zeros((28, 28), np.float32)
    return Reading(int(probs.argmax()), probs, np.zeros(4), np.ones(4), blank)


def test_one_digit_is_a_hand_of_its_own_style(engine: DigitEngine) -> None:
    mine = hand.of(engine, [example(2)])
    read = engine.read(example(2))
    assert np.array_equal(mine.style.mean, read.style_mean)
    assert np.array_equal(mine.style.std, read.style_std)
    assert mine.digits == (read.digit,)


def test_two_digits_are_one_hand(engine: DigitEngine) -> None:
    alone = [hand.of(engine, [example(digit)]) for digit in (2, 5)]
    both = hand.of(engine, [example(2), example(5)])
    expected = combine([each.style for each in alone])
    assert np.array_equal(both.style.mean, expected.mean)
    assert np.array_equal(both.style.std, expected.std)
    assert both.digits == (alone[0].digits[0], alone[1].digits[0])


@pytest.mark.parametrize("digits", [(2,), (2, 5, 7)])
def test_a_hand_keeps_of_each_dim_what_hands_keep(
    sharing: DigitEngine, digits: tuple[int, ...]
) -> None:
    mine = hand.of(sharing, [example(digit) for digit in digits])
    read = [sharing.read(example(digit)) for digit in digits]
    styles = [Style(each.style_mean, each.style_std) for each in read]
    expected = combine(styles, np.array(SHARE, np.float32))
    assert np.array_equal(mine.style.mean, expected.mean)
    assert np.array_equal(mine.style.std, expected.std)
    # A dim of which a hand keeps nothing stays as the prior has it.
    assert (mine.style.mean[2], mine.style.std[2]) == (0, 1)
    # What is shown of the drawing itself is its own.
    assert np.array_equal(mine.readings[0].reconstruction, read[0].reconstruction)


def test_samples_follow_their_seed_and_their_digit(engine: DigitEngine) -> None:
    read = engine.read(example(2))
    first = hand.samples(engine, read, one_hot([2])[0], 3, seed=0)
    assert first.shape == (3, 28, 28)
    assert np.array_equal(first, hand.samples(engine, read, one_hot([2])[0], 3, seed=0))
    assert not np.array_equal(first, hand.samples(engine, read, one_hot([2])[0], 3, seed=1))
    assert not np.array_equal(first, hand.samples(engine, read, one_hot([7])[0], 3, seed=0))


def test_the_sheet_shows_ten_digits_as_black_on_white(engine: DigitEngine) -> None:
    images = EXAMPLES.astype(np.float32) / 255
    sheet = Image.open(io.BytesIO(take_home.sheet(images)))
    pixels = np.asarray(sheet.convert("L"))
    assert pixels.shape == (28 * take_home.SCALE, 280 * take_home.SCALE)
    for cell in np.split(pixels, 10, axis=1):
        assert cell[0, 0] == 255 and cell.min() == 0


def test_the_json_says_what_the_page_says(engine: DigitEngine) -> None:
    read, mine = engine.read(example(2)), hand.of(engine, [example(2), example(5)])
    content = json.loads(take_home.as_json(engine, read, mine, "Draw"))
    assert content["digit"] == read.digit and content["model"] == engine.name
    assert sum(content["digit_probs"]) == pytest.approx(1, abs=1e-4)
    assert [dim["dim"] for dim in content["style"]] == [1, 2, 3, 4]
    assert content["style"][0]["mean"] == pytest.approx(float(read.style_mean[0]), abs=1e-5)
    assert content["hand"]["digits"] == list(mine.digits)
    assert content["hand"]["style"][3]["std"] == pytest.approx(float(mine.style.std[3]), abs=1e-5)


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ((0.01, 0.99), "sure that this is a 1 (99 %)"),
        ((0.8, 0.2), "Most likely a 0 (80 %); a 1 comes next with 20 %"),
        ((0.4, 0.6), "Perhaps a 1 (60 %), but it might be a 0 (40 %)"),
        ((0.3, 0.4, 0.3), "cannot tell"),
        ((0, 0, 0, 0, 0, 0, 0, 0, 1.0), "sure that this is an 8 (> 99 %)"),
    ],
)
def test_how_sure_is_said_plainly(shares: tuple[float, ...], words: str) -> None:
    assert words in verdict.how_sure(reading(*shares))


def test_what_is_no_digit_gets_no_certainty() -> None:
    said = verdict.unlike(reading(0.0, 1.0))
    assert "unlike the digits" in said and "sure" not in said


def test_the_difference_has_two_signs() -> None:
    image, made = np.zeros((2, 28, 28), np.float32)
    image[:14], made[14:] = 1, 1
    base = reading(1.0)
    shown = views.comparison(
        image, Reading(0, base.digit_probs, base.style_mean, base.style_std, made)
    )
    added = views._pixels(np.clip(made - image, 0, 1), "Ink that only the redrawing has", "added")
    missed = views._pixels(np.clip(image - made, 0, 1), "Ink that only your digit has", "missed")
    assert added in shown and missed in shown


def test_a_style_stands_on_a_line_from_minus_three_to_three() -> None:
    dims = [StyleDim(0, "slant", "left", "right", "note"), StyleDim(1, "x<y", "", "", "")]
    style = Style(np.array([0.0, 9.0], np.float32), np.array([0.6, 1.0], np.float32))
    rows = views.style_rows(dims, style)
    assert 'class="range" style="left:40.0%;right:40.0%"' in rows
    assert 'class="mean" style="left:50.0%"' in rows and 'class="mean" style="left:100.0%"' in rows
    assert "+0.00 ± 0.60" in rows and "x&lt;y" in rows
    none = Style(np.array([-0.004, -0.006], np.float32), np.ones(2, np.float32))
    rows = views.style_rows(dims, none)
    assert "+0.00 ± 1.00" in rows and "−0.01 ± 1.00" in rows


def test_the_steps_of_a_photo_end_in_what_the_network_sees() -> None:
    pixels = np.full((300, 200, 3), 220, np.uint8)
    pixels[50:250, 90:110] = 30
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    found = photo.read(buffer.getvalue())
    assert found.image.shape == (28, 28)
    assert [step.is_ink for step in found.steps] == [False, False, True, True, True]
    assert all(step.url.startswith("data:image/") for step in found.steps)
    assert found.preview.startswith("data:image/jpeg")
    assert views.steps(found).count("<figure>") == 5
