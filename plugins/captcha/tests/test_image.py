"""The letters of a challenge, and images of them."""

import collections
import dataclasses
import functools
import io
import secrets
from pathlib import Path

import pytest
from captcha.image import DEFAULT_FONTS
from comments_service.plugins.captcha import image
from comments_service.plugins.captcha.image import LEVELS, HardImage, Level
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

LOOK_ALIKES = ("0O", "0D", "0Q", "1I", "1L", "2Z", "5S", "6G", "8B", "UV", "VW")

each_level = pytest.mark.parametrize("level", LEVELS.values(), ids=LEVELS)


@functools.cache
def drawer(level: Level) -> HardImage:
    return HardImage(level)


def draw(text: str, level: Level) -> bytes:
    """Return a new PNG image of `text`, in the font that is always there."""
    return drawer(level).generate(text).getvalue()


def decoded(png: bytes) -> Image.Image:
    drawn = Image.open(io.BytesIO(png))
    drawn.load()
    return drawn


def darkest_and_lightest(drawn: Image.Image) -> tuple[int, int]:
    lowest, highest = drawn.convert("L").getextrema()
    assert isinstance(lowest, int)
    assert isinstance(highest, int)
    return lowest, highest


@each_level
def test_the_alphabet_has_no_look_alikes(level: Level) -> None:
    assert len(set(level.alphabet)) == len(level.alphabet)
    assert [pair for pair in LOOK_ALIKES if set(pair) <= set(level.alphabet)] == []


@each_level
def test_a_guess_is_hopeless(level: Level) -> None:
    assert len(level.alphabet) ** level.length > 5_000_000


@each_level
@given(secret=st.binary(min_size=32, max_size=32))
def test_a_secret_stands_for_the_same_letters_every_time(level: Level, secret: bytes) -> None:
    text = image.letters(secret, level)

    assert text == image.letters(secret, level)
    assert len(text) == level.length
    assert set(text) <= set(level.alphabet)


@each_level
def test_letters_are_equally_likely(level: Level) -> None:
    counts: collections.Counter[str] = collections.Counter()
    for number in range(5000):
        counts.update(image.letters(number.to_bytes(32), level))

    expected = 5000 * level.length / len(level.alphabet)
    assert set(counts) == set(level.alphabet)
    # The texts are the same in every run, so this never fails by chance.
    assert all(0.9 * expected < count < 1.1 * expected for count in counts.values())


@each_level
def test_images_are_small_pngs_of_16_colours(level: Level) -> None:
    for _ in range(50):
        png = draw(image.letters(secrets.token_bytes(32), level), level)

        drawn = decoded(png)
        assert (drawn.format, drawn.size) == ("PNG", (320, 180))
        assert len(drawn.getcolors() or ()) in range(2, 17)
        assert len(png) <= 8000


@each_level
def test_light_and_dark_are_far_apart(level: Level) -> None:
    for _ in range(10):
        darkest, lightest = darkest_and_lightest(decoded(draw("AHKMNP", level)))

        assert darkest < 90
        assert lightest > 190


@each_level
def test_no_two_drawings_of_a_text_are_alike(level: Level) -> None:
    assert len({draw("AHKMNP", level) for _ in range(5)}) == 5


@settings(max_examples=25)
@given(
    text=st.text("AEHJKMNPRT39", min_size=1, max_size=8),
    width=st.integers(160, 320),
    height=st.integers(90, 180),
    lines=st.integers(0, 3),
    blobs=st.integers(0, 5),
    hollow=st.floats(0, 1),
)
def test_an_operator_may_change_every_number(
    text: str, width: int, height: int, lines: int, blobs: int, hollow: float
) -> None:
    level = dataclasses.replace(
        LEVELS["hard"], width=width, height=height, lines=lines, blobs=blobs, hollow=hollow
    )

    drawn = decoded(HardImage(level).generate(text).getvalue())

    assert drawn.size == (width, height)
    darkest, lightest = darkest_and_lightest(drawn)
    assert darkest < lightest


def test_colours_and_format_may_be_given() -> None:
    normal = drawer(LEVELS["normal"])

    black_on_white = normal.generate_image("AHKMNP", (255, 255, 255), (0, 0, 0))
    gif = Image.open(normal.generate("AHKMNP", format="gif"))

    assert darkest_and_lightest(black_on_white) == (0, 255)
    assert gif.format == "GIF"


def test_fonts_are_added_to_the_bundled_one() -> None:
    two_fonts = HardImage(LEVELS["hard"], fonts=[DEFAULT_FONTS[0]])

    assert len(two_fonts.truefonts) == 2 * len(LEVELS["hard"].font_sizes)


def test_a_font_that_is_not_there_is_refused_at_once() -> None:
    with pytest.raises(OSError, match="cannot open"):
        HardImage(LEVELS["hard"], fonts=[str(Path("nowhere", "font.ttf"))])


def test_a_font_that_lacks_letters_is_refused_at_once() -> None:
    level = dataclasses.replace(LEVELS["hard"], alphabet="AH字")

    with pytest.raises(ValueError, match="has no 字"):
        HardImage(level)
