import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tests.support import fuzz
from tests.support.pictures import encoded
from ui.draw.desk.starters import EXAMPLES
from vae_model.preprocessing import BadImage, EmptyDrawing, flat, normalize, open_image
from vae_model.preprocessing.picture import WORK_SIDE, reduced

Pixels = NDArray[np.uint8]


def two(pen: int = 20, at: tuple[int, int] = (0, 0)) -> Pixels:
    """A 2 drawn with a round pen, white on black, in a square canvas."""
    image = Image.new("L", (280, 280))
    points = [(80, 90), (95, 60), (140, 50), (180, 75), (175, 120), (85, 215), (195, 215)]
    points = [(x + at[0], y + at[1]) for x, y in points]
    draw = ImageDraw.Draw(image)
    draw.line(points, fill=255, width=pen, joint="curve")
    for x, y in (points[0], points[-1]):
        draw.ellipse((x - pen // 2, y - pen // 2, x + pen // 2, y + pen // 2), fill=255)
    return np.asarray(image)


def likeness(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def shape_likeness(first: np.ndarray, second: np.ndarray) -> float:
    """Likeness up to one pixel: a centre of mass half-way between two may be rounded to either."""
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return max(likeness(np.roll(first, shift, (0, 1)), second) for shift in shifts)


@pytest.fixture(scope="module")
def clean() -> np.ndarray:
    return normalize(two())


@pytest.mark.parametrize("at", [(0, 0), (60, 40), (-60, -30)])
def test_result_is_framed_like_mnist_its_centre_of_mass_at_pixel_14(at: tuple[int, int]) -> None:
    image = normalize(two(at=at))
    assert (image.shape, image.dtype) == ((28, 28), np.float32)
    assert image.min() == 0 and 0.95 < image.max() <= 1
    for axis in (0, 1):
        centre = image.sum(axis=axis) @ np.arange(28) / image.sum()
        assert centre == pytest.approx(14, abs=0.51)
    spans = [np.ptp(np.flatnonzero(image.max(axis=axis) > 0.1)) for axis in (0, 1)]
    assert max(spans) + 1 in (19, 20)


def alike(pixels: Pixels) -> dict[str, Pixels]:
    """The same drawing in other clothes."""
    full, none, share = np.full_like(pixels, 255), np.zeros_like(pixels), pixels[..., None] / 255
    paper, blue = np.array([[250, 240, 200], [30, 40, 160]], np.float32)
    return {
        "inverted": 255 - pixels,
        "rgb": np.dstack([pixels] * 3),
        "rgba opaque": np.dstack([pixels] * 3 + [full]),
        "black on transparency": np.dstack([none] * 3 + [pixels]),
        "white on transparency": np.dstack([full] * 3 + [pixels]),
        "grey and alpha": np.dstack([none, pixels]),
        "blue on yellow paper": (paper * (1 - share) + blue * share).astype(np.uint8),
        "faint": (pixels // 4 + 20).astype(np.uint8),
        "moved": np.pad(pixels, ((300, 20), (10, 400))),
        "shrunk": np.asarray(Image.fromarray(pixels).resize((70, 70), Image.Resampling.BOX)),
        "enlarged": np.asarray(Image.fromarray(pixels).resize((1400, 1400))),
        "not square": np.pad(pixels, ((0, 0), (500, 0))),
    }


@pytest.mark.parametrize("kind", alike(two()))
def test_same_drawing_gives_the_same_image(kind: str, clean: np.ndarray) -> None:
    assert likeness(normalize(alike(two())[kind]), clean) > 0.97


@pytest.mark.parametrize("pen", [4, 12, 22, 34])
def test_any_pen_leaves_full_ink(pen: int, clean: np.ndarray) -> None:
    image = normalize(two(pen=pen))
    assert image.max() > 0.95
    assert likeness(image, clean) > 0.6


def photo(ink: Pixels, shadow: float = 0) -> Pixels:
    """Dark ink on paper under light from one side, in the corner shade, with sensor noise; with
    a shadow that takes that share of the light from one corner."""
    share = np.pad(ink, ((120, 200), (200, 160))) / 255
    y, x = np.mgrid[-1 : 1 : share.shape[0] * 1j, -1 : 1 : share.shape[1] * 1j]
    light = 190 - 45 * x + 20 * y - 25 * (x * x + y * y)
    light = light * (1 - shadow / (1 + np.exp(20 * (x + y + 0.9))))
    grey = light * (1 - 0.7 * share) + np.random.default_rng(0).normal(0, 4, share.shape)
    return grey.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize("shadow", [0, 0.4])
def test_uneven_light_and_noise_are_taken_away(size: int, shadow: float, clean: np.ndarray) -> None:
    # A small digit is little ink: it must not drown in what is left of the light.
    ink = np.zeros((280, 280), np.uint8)
    ink[: 280 // size, : 280 // size] = two()[::size, ::size]
    pixels = photo(ink, shadow)
    for picture in (pixels, 255 - pixels, np.dstack([pixels, pixels * 0.8, pixels * 0.6])):
        image = normalize(picture.astype(np.uint8))
        assert shape_likeness(image, clean) > 0.9
        assert image[[0, -1]].max() == 0


def test_specks_beside_the_digit_are_left_out_and_its_parts_kept(clean: np.ndarray) -> None:
    specked = np.pad(two(), 200)
    specked[20:28, 30:38] = 255
    assert likeness(normalize(specked), clean) > 0.97
    five = np.zeros((280, 280), np.uint8)
    five[95:220, 90:110] = 255
    five[200:220, 90:190] = 255
    without_bar = normalize(five)
    five[65:80, 120:150] = 255  # apart, and small
    assert not np.array_equal(normalize(five), without_bar), "the bar is part of the digit"


@pytest.mark.parametrize("side", [8, 16, 28])
def test_small_scans_are_read_smoothly(side: int, clean: np.ndarray) -> None:
    ink = Image.fromarray(two()[36:236, 36:236])
    scan = np.asarray(ink.resize((side, side), Image.Resampling.BOX))
    assert likeness(normalize(scan), clean) > (0.65 if side == 8 else 0.75)


def test_every_format_and_mode_is_read_and_turned_as_exif_asks() -> None:
    upright, clockwise = (normalize(np.rot90(EXAMPLES[3], turns)) for turns in (0, -1))
    for data in fuzz.pictures():
        expected = clockwise if Image.open(io.BytesIO(data)).getexif().get(0x0112) else upright
        assert likeness(normalize(open_image(data)), expected) > 0.9


@pytest.mark.parametrize(
    ("pixels", "said"),
    [
        (np.zeros((280, 280), np.uint8), "no ink"),
        (np.full((280, 280), 255, np.uint8), "no ink"),
        (np.full((100, 100, 4), 0, np.uint8), "no ink"),
        (np.random.default_rng(0).integers(120, 128, (280, 280), dtype=np.uint8), "no ink"),
        (np.random.default_rng(0).normal(128, 45, (280, 280)).clip(0, 255).astype("u1"), "no ink"),
        (photo(np.zeros((280, 280), np.uint8)), "no ink"),
        (np.pad(np.full((6, 6), 255, np.uint8), 130), "only a speck"),
        (np.pad(np.full((240, 240), 255, np.uint8), 20), "solid patch"),
    ],
    ids=["black", "white", "transparent", "noise", "grain", "bare paper", "dot", "filled"],
)
def test_nothing_drawn_is_an_empty_drawing(pixels: Pixels, said: str) -> None:
    with pytest.raises(EmptyDrawing, match=f"{said}.*draw a digit"):
        normalize(pixels)


@pytest.mark.parametrize(
    "array",
    [
        *(np.zeros((28, 28), kind) for kind in (np.float64, np.int64)),
        *(np.zeros(shape, np.uint8) for shape in (784, (28, 28, 5), (2, 28, 28, 3))),
        *(np.zeros(shape, np.uint8) for shape in ((0, 28), (1, 1), (7, 100))),
        *([[0, 255]], None, Image.new("F", (28, 28))),
    ],
)
def test_arrays_that_are_no_image_are_refused(array: object) -> None:
    with pytest.raises(BadImage):
        normalize(array)


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        *((data, "PNG or JPEG") for data in (b"", b"hello", b"\x89PNG\r\n\x1a\n", b"GIF89a")),
        *((data, "PNG or JPEG") for data in (b"%PDF-1.7", b"<svg/>", encoded(two())[:200])),
        (b"\0\0\0\x18ftypheic" + bytes(100), "Most Compatible"),  # the phone's setting
    ],
)
def test_files_that_are_no_image_are_refused_with_advice(data: bytes, advice: str) -> None:
    with pytest.raises(BadImage, match=advice):
        normalize(open_image(data))


@pytest.mark.parametrize(
    ("kind", "side", "limit"),
    [
        ("PNG", 6400, None),
        ("PNG", 64, "PIL.Image.MAX_IMAGE_PIXELS"),
        *((kind, 64, "vae_model.preprocessing.picture.MAX_PIXELS") for kind in ("AVIF", "TIFF")),
    ],
)
def test_too_many_pixels_are_refused_undecoded(
    kind: str, side: int, limit: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encoded(Image.new("L", (side, side)), kind)
    if limit:
        monkeypatch.setattr(limit, 2000)
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("decoded"))
    with pytest.raises(BadImage, match=r"too large.*at most 40 megapixels"):
        open_image(data)


def test_a_large_photo_is_reduced_before_it_is_measured() -> None:
    picture = flat(alike(two())["enlarged"])
    pixels, times = reduced(picture, (0, 0, *picture.size))
    assert max(pixels.shape) <= WORK_SIDE and times == 2
