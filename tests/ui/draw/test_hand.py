"""One hand from several digits, what can be taken home of it, and the words about a reading."""

import dataclasses
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ui.draw import hand, take_home, verdict, views
from ui.draw.pad.strokes import EXAMPLES, Drawing, rasterize
from ui.shared.dims import StyleDim
from ui.shared.drawing import Source
from vae_model.engine.digit_engine import DigitEngine, Reading
from vae_model.engine.writer_style import Style, combine
from vae_model.preprocessing import normalize

ROOT = Path(__file__).resolve().parents[3]
SHARE = (0.9, 0.5, 0.0, 1.0)
TWO, FIVE = (normalize(rasterize(Drawing(example=digit))) for digit in (2, 5))


@pytest.fixture
def engine(add_model: Callable[..., Path]) -> DigitEngine:
    return DigitEngine.load(add_model())


@pytest.fixture
def sharing(engine: DigitEngine) -> DigitEngine:
    """The same, and what a hand keeps from digit to digit was measured."""
    calibration = dataclasses.replace(
        DigitEngine.load(ROOT / "checkpoints" / "studio").checkpoint.calibration, hand_share=SHARE
    )
    return DigitEngine(dataclasses.replace(engine.checkpoint, calibration=calibration))


def reading(*shares: float, is_familiar: bool = True) -> Reading:
    probs = np.zeros(10, np.float32)
    probs[: len(shares)] = shares
    blank = np.zeros((28, 28), np.float32)
    return Reading(
        int(probs.argmax()), probs, np.zeros(4), np.ones(4), blank, is_familiar=is_familiar
    )


@pytest.mark.parametrize("images", [[TWO], [TWO, FIVE]])
@pytest.mark.parametrize("share", [None, SHARE])
def test_a_hand_is_made_of_all_its_digits(
    engine: DigitEngine, sharing: DigitEngine, images: list[np.ndarray], share: object
) -> None:
    model = sharing if share else engine
    mine = hand.of(model, images)
    read = [model.read(image) for image in images]
    styles = [Style(each.style_mean, each.style_std) for each in read]
    expected = combine(styles, np.array(SHARE, np.float32) if share else None)
    assert np.array_equal(mine.style.mean, expected.mean)
    assert np.array_equal(mine.style.std, expected.std)
    # A dim of which a hand keeps nothing stays as the prior has it.
    assert ((mine.style.mean[2], mine.style.std[2]) == (0, 1)) == bool(share)
    # What is shown of each drawing is its own.
    assert np.array_equal(mine.readings[0].reconstruction, read[0].reconstruction)
    assert mine.digits == tuple(each.digit for each in read)


def test_the_digit_at_hand_counts_once_and_is_read_for_itself(engine: DigitEngine) -> None:
    assert hand.consider(engine, None, []) == (None, None)
    read, mine = hand.consider(engine, None, [TWO])
    assert read is None and mine is not None and len(mine.digits) == 1
    for kept, count in (([], 1), ([FIVE], 2), ([TWO, FIVE], 2)):
        read, mine = hand.consider(engine, Source(TWO, "Draw"), kept)
        assert read is not None and mine is not None and len(mine.digits) == count
        assert np.array_equal(read.reconstruction, engine.read(TWO).reconstruction)


def test_samples_follow_their_seed_and_their_digit(engine: DigitEngine) -> None:
    read = engine.read(TWO)
    first = hand.samples(engine, read, hand.AS_READ, 3, seed=0)
    assert first.shape == (3, 28, 28)
    assert np.array_equal(first, hand.samples(engine, read, str(read.digit), 3, seed=0))
    other = str((read.digit + 1) % 10)
    for decode_as, seed in ((hand.AS_READ, 1), (hand.SOFT, 0), (other, 0)):
        assert not np.array_equal(first, hand.samples(engine, read, decode_as, 3, seed))


def test_the_sheet_shows_ten_digits_as_black_on_white() -> None:
    images = EXAMPLES.astype(np.float32) / 255
    sheet = Image.open(io.BytesIO(take_home.sheet(images)))
    pixels = np.asarray(sheet.convert("L"))
    assert pixels.shape == (28 * take_home.SCALE, 280 * take_home.SCALE)
    for cell in np.split(pixels, 10, axis=1):
        assert cell[0, 0] == 255 and cell.min() == 0


def test_the_json_says_what_the_page_says(engine: DigitEngine) -> None:
    read, mine = engine.read(TWO), hand.of(engine, [TWO, FIVE])
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
    said = verdict.how_sure(reading(0.0, 1.0, is_familiar=False))
    assert "unlike the digits" in said and "sure" not in said


def test_a_style_is_said_dim_by_dim() -> None:
    dims = [StyleDim(0, "slant", "left", "right", "note"), StyleDim(1, "x<y", "", "", "")]
    style = Style(np.array([0.5, -0.004], np.float32), np.array([0.6, 1.0], np.float32))
    rows = views.style(dims, [], style)
    assert "+0.50 ± 0.60" in rows and "0.00 ± 1.00" in rows and "−" not in rows.striptags()
    assert "x&lt;y" in rows
