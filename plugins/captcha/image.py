"""Images of letters that people read and ready-made solvers don't.

The letters stand on a strongly bent line, blobs swap ink and paper, and thin lines run across:
programs that look for one row of dark letters on light paper find neither. Nothing depends on
colour: light against dark is all there is to see.
"""

import colorsys
import dataclasses
import functools
import io
import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from captcha.image import DEFAULT_FONTS, ImageCaptcha
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from . import service

Colour = tuple[int, ...]
Point = tuple[float, float]
Span = tuple[float, float]

SHADES = 16
# From grey to shade. Steep: edges of one or two pixels make the file a third smaller.
_STEEP = [min(max((grey - 48) // 10, 0), SHADES - 1) for grey in range(256)]
_random = secrets.SystemRandom()


@dataclasses.dataclass(frozen=True)
class Level:
    """What is asked for, and how far it is distorted.

    A service whose numbers differ from these breaks a solver that was trained on them.
    """

    name: str
    alphabet: str
    length: int = 6
    width: int = 320
    height: int = 180
    """Room for the bend: who scales all of it to one row scales the letters down with it."""
    font_sizes: tuple[int, ...] = (48, 52, 56)
    stroke: Span = (0.6, 2.0)
    """Pixels that a letter grows by on every side: one font, many weights."""
    hollow: float = 0.25
    """Share of the letters that are mere outlines."""
    stretch: Span = (0.85, 1.15)
    shear: float = 0.20
    rotation: float = 20
    """Degrees, either way, besides the slope of the base line."""
    corner: float = 0.07
    """How far a letter's corners are moved, as a share of its tile."""
    bend: Span = (0.30, 0.36)
    """How far the base line leaves the middle, as a share of the height."""
    ripple: Span = (2, 4)
    """Pixels that all letters and lines are moved by, in waves."""
    lines: int = 2
    line_width: int = 2
    blobs: int = 3
    blob_width: Span = (0.10, 0.25)
    """Half of a blob's width, as a share of the image's."""
    blob_height: Span = (0.25, 0.50)


LEVELS: Mapping[str, Level] = MappingProxyType(
    {
        "normal": Level(
            "normal",
            # Without what people took for something else most often.
            alphabet="AEHJKMNPRTUX39",
            rotation=12,
            shear=0.12,
            corner=0.05,
            blob_width=(0.15, 0.25),
            blob_height=(0.36, 0.50),
        ),
        "hard": Level(
            "hard",
            alphabet="ACEFHJKMNPRTUY3479",
            blobs=4,
            blob_width=(0.09, 0.20),
            blob_height=(0.22, 0.45),
        ),
    }
)


def letters(secret: bytes, level: Level) -> str:
    """Return the letters that a challenge with this secret asks for."""
    return service.drawn(secret, level.alphabet, level.length)


class HardImage(ImageCaptcha):
    """Draws a level's images, in the bundled font and in those named besides it.

    `fonts` are paths, or names of files (`Lato-Black.ttf`) among the system's fonts.
    """

    def __init__(self, level: Level, fonts: Sequence[str] | None = None) -> None:
        super().__init__(
            level.width, level.height, [*DEFAULT_FONTS, *(fonts or ())], level.font_sizes
        )
        self._level = level
        # Now rather than in front of a reader: a font that is missing, or that lacks letters.
        for path in {str(font.path) for font in self.truefonts}:
            _check(path, level.alphabet)

    def generate(
        self,
        chars: str,
        format: str = "png",  # noqa: A002 (the library's name)
        bg_color: Colour | None = None,
        fg_color: Colour | None = None,
    ) -> io.BytesIO:
        out = io.BytesIO()
        self.generate_image(chars, bg_color, fg_color).save(out, format=format)
        out.seek(0)
        return out

    def generate_image(
        self, chars: str, bg_color: Colour | None = None, fg_color: Colour | None = None
    ) -> Image.Image:
        # Difference is what inverts: ink inside a blob turns to paper, paper to ink.
        ink = ImageChops.difference(self._ink(chars), self._blobs())
        shades = ink.filter(ImageFilter.SMOOTH).point(_STEEP)
        dark, light = _two_colours()
        image = Image.frombytes("P", shades.size, shades.tobytes())
        image.putpalette(_palette(bg_color or light, fg_color or dark))
        return image

    def _ink(self, chars: str) -> Image.Image:
        """Draw the letters along the base line, and the thin lines."""
        level = self._level
        ink = Image.new("L", (level.width, level.height))
        base_line = _base_line(level)
        margin = 0.09 * level.width
        step = (level.width - 2 * margin) / max(len(chars) - 1, 1)
        # So that no letter is cut off.
        top = 0.43 * max(level.font_sizes)
        for place, char in enumerate(chars):
            x = margin + step * (place + _random.uniform(-0.07, 0.07))
            y = min(max(base_line(x), top), level.height - top)
            slope = math.atan((base_line(x + 5) - base_line(x - 5)) / 10)
            tile = self._letter(char, 0.7 * slope)
            left, above = round(x) - tile.width // 2, round(y) - tile.height // 2
            box = (left, above, left + tile.width, above + tile.height)
            ink.paste(ImageChops.lighter(ink.crop(box), tile), box)
        for _ in range(level.lines):
            self._draw_line(ink)
        return _rippled(ink, level)

    def _letter(self, char: str, slope: float) -> Image.Image:
        """Draw one letter on a tile of its own: bold or hollow, stretched, sheared, turned."""
        level = self._level
        font = _random.choice(self.truefonts)
        side = round(1.7 * font.size)
        half = side / 2
        tile = Image.new("L", (side, side))
        pen = ImageDraw.Draw(tile)
        if _random.random() < level.hollow:
            pen.text((half, half), char, 255, font, "mm", stroke_width=3)
            pen.text((half, half), char, 0, font, "mm", stroke_width=0.6)
        else:
            pen.text(
                (half, half), char, 255, font, "mm", stroke_width=_random.uniform(*level.stroke)
            )
        turn = slope + math.radians(_random.uniform(-level.rotation, level.rotation))
        shear = _random.uniform(-level.shear, level.shear)
        across, down = _random.uniform(*level.stretch), _random.uniform(*level.stretch)
        away = level.corner * side
        # Pillow asks where the result's corners come from, so each is moved the other way round.
        corners: list[float] = []
        for right, below in ((-half, -half), (-half, half), (half, half), (half, -half)):
            y = below * math.cos(turn) - right * math.sin(turn)
            x = right * math.cos(turn) + below * math.sin(turn) + shear * y
            corners += (
                half + x / across + _random.uniform(-away, away),
                half + y / down + _random.uniform(-away, away),
            )
        return tile.transform(tile.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)

    def _draw_line(self, ink: Image.Image) -> None:
        level = self._level
        middle = level.height * _random.uniform(0.35, 0.65)
        wave = _wave(
            level.width * _random.uniform(0.5, 0.9), level.height * _random.uniform(0.1, 0.3)
        )
        points = [(x, middle + wave(x)) for x in range(-4, level.width + 5, 4)]
        ImageDraw.Draw(ink).line(points, 255, level.line_width, "curve")

    def _blobs(self) -> Image.Image:
        """Draw the regions that are inverted; where two overlap, they cancel each other."""
        level = self._level
        blobs = Image.new("L", (level.width, level.height))
        for place in range(level.blobs):
            # Each in its own part of the width, so that few letters are left in peace.
            x = level.width * (place + _random.uniform(0.2, 0.8)) / level.blobs
            y = level.height * _random.uniform(0.25, 0.75)
            across = level.width * _random.uniform(*level.blob_width)
            down = level.height * _random.uniform(*level.blob_height)
            blob = Image.new("L", blobs.size)
            ImageDraw.Draw(blob).polygon(_outline(x, y, across, down), 255)
            blobs = ImageChops.difference(blobs, blob)
        return blobs


@functools.cache
def _check(path: str, alphabet: str) -> None:
    """Raise ValueError if the font draws its sign for "no such letter" for one we need."""
    font = ImageFont.truetype(path)
    nothing = bytes(font.getmask("\uffff"))
    lacking = [char for char in alphabet if bytes(font.getmask(char)) == nothing]
    if lacking:
        raise ValueError(f"The font {path!r} has no {', '.join(lacking)}.")


def _base_line(level: Level) -> Callable[[float], float]:
    """Return the line that the letters stand on: a hill, a valley, an S or its mirror."""
    far = level.height * _random.uniform(*level.bend) * _random.choice((-1, 1))
    shape = _random.choice((math.sin, math.cos))
    return lambda x: level.height / 2 + far * shape(2 * math.pi * x / level.width)


def _wave(length: float, height: float) -> Callable[[float], float]:
    start = _random.uniform(0, 2 * math.pi)
    return lambda at: height * math.sin(start + 2 * math.pi * at / length)


def _outline(x: float, y: float, across: float, down: float) -> list[Point]:
    """Return the outline of an ellipse with a few dents."""
    start, dents = _random.uniform(0, 2 * math.pi), _random.choice((2, 3, 5))
    points = []
    for step in range(64):
        angle = 2 * math.pi * step / 64
        far = 1 + 0.1 * math.sin(start + dents * angle)
        points.append((x + across * far * math.cos(angle), y + down * far * math.sin(angle)))
    return points


def _rippled(ink: Image.Image, level: Level) -> Image.Image:
    """Move everything by two gentle waves, one along and one across."""
    right = _wave(_random.uniform(60, 110), _random.uniform(*level.ripple))
    below = _wave(_random.uniform(60, 110), _random.uniform(*level.ripple))
    side = 20
    mesh = []
    for x in range(0, level.width, side):
        for y in range(0, level.height, side):
            end_x, end_y = min(x + side, level.width), min(y + side, level.height)
            corners: list[float] = []
            for from_x, from_y in ((x, y), (x, end_y), (end_x, end_y), (end_x, y)):
                corners += (from_x + right(from_y), from_y + below(from_x))
            mesh.append(((x, y, end_x, end_y), tuple(corners)))
    return ink.transform(ink.size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)


def _two_colours() -> tuple[Colour, Colour]:
    """Return a dark and a light colour of one hue, far enough apart for weak eyes."""
    hue = _random.random()
    dark = colorsys.hls_to_rgb(hue, _random.uniform(0.12, 0.22), 0.5)
    light = colorsys.hls_to_rgb(hue, _random.uniform(0.90, 0.95), 0.5)
    return tuple(round(255 * part) for part in dark), tuple(round(255 * part) for part in light)


def _palette(paper: Colour, ink: Colour) -> list[int]:
    """Return the shades from paper to ink."""
    return [
        round(light + (dark - light) * shade / (SHADES - 1))
        for shade in range(SHADES)
        for light, dark in zip(paper[:3], ink[:3], strict=True)
    ]
