# ruff: noqa: SLF001 (ddddocr shows its networks' scores nowhere else)
"""Count how many captcha images ready-made solvers read; README.md says what to install."""

import argparse
import importlib.util
import io
import math
import os
import pathlib
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from ddddocr import DdddOcr
from PIL import Image, ImageChops, ImageFilter, ImageOps

HERE = pathlib.Path(__file__).resolve()
# By its path: the service itself need not be installed beside the solvers.
_spec = importlib.util.spec_from_file_location(
    "image", HERE.parents[2] / "plugins/captcha/image.py"
)
image = importlib.util.module_from_spec(_spec)
sys.modules["image"] = image
_spec.loader.exec_module(image)


def otsu(grey: Image.Image) -> int:
    """Return the value that parts dark from light best."""
    counts = np.array(grey.histogram(), dtype=float)
    below = counts.cumsum()
    sums = (counts * np.arange(256)).cumsum()
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return int(np.nan_to_num(spread).argmax())


def raw(grey: Image.Image) -> Image.Image:
    return grey


def flattened(grey: Image.Image) -> Image.Image:
    """Without the slow changes of the background, then black and white."""
    background = grey.filter(ImageFilter.GaussianBlur(25))
    flat = ImageOps.autocontrast(ImageChops.subtract(grey, background, 1, 128))
    level = otsu(flat)
    return flat.point([0 if value <= level else 255 for value in range(256)])


def edges(grey: Image.Image) -> Image.Image:
    """Dark where the image changes, whichever way."""
    change = ImageChops.subtract(
        grey.filter(ImageFilter.MaxFilter(3)), grey.filter(ImageFilter.MinFilter(3))
    )
    return ImageOps.invert(ImageOps.autocontrast(change))


def uninverted(grey: Image.Image) -> Image.Image:
    """Dark where a pixel differs from most of its neighbours, so that blobs turn to paper."""
    around = grey.reduce(2).filter(ImageFilter.MedianFilter(13)).resize(grey.size)
    return ImageOps.invert(ImageOps.autocontrast(ImageChops.difference(grey, around)))


def stretched(grey: Image.Image) -> Image.Image:
    """Edges of the image made half as wide again, which gives the networks more columns."""
    return edges(grey.resize((grey.width * 3 // 2, grey.height), Image.Resampling.BICUBIC))


PREPARATIONS: tuple[Callable[[Image.Image], Image.Image], ...] = (
    raw,
    flattened,
    edges,
    uninverted,
    stretched,
)


class Network:
    """One of ddddocr's networks, with its own answer and with one that knows what to look for."""

    def __init__(self, *, beta: bool) -> None:
        self.name = "ddddocr beta" if beta else "ddddocr"
        # Kept, for it takes its engine along when it goes.
        self._ocr = DdddOcr(beta=beta, show_ad=False)
        self._engine = self._ocr.ocr_engine
        # Large and small letters count alike.
        self._indices: dict[str, list[int]] = defaultdict(list)
        for index, char in enumerate(self._engine.charset_manager.get_charset()):
            if len(char) == 1 and char.isascii():
                self._indices[char.upper()].append(index)

    def read(self, picture: Image.Image, level: image.Level) -> tuple[str, str, str]:
        """Return the free answer, the answer within the alphabet, and the informed one."""
        array = self._engine._preprocess_image(picture, False)
        session = self._engine.session
        scores = session.run(None, {session.get_inputs()[0].name: array})[0][:, 0, :]
        free = self._engine._process_text_output(scores[:, None, :]).upper()
        logs = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        columns = [logs[:, 0]]
        columns += [
            np.logaddexp.reduce(logs[:, self._indices[char]], axis=1) for char in level.alphabet
        ]
        table = np.stack(columns, axis=1)
        within, last = "", 0
        for best in table.argmax(axis=1):
            if best and best != last:
                within += level.alphabet[best - 1]
            last = best
        return free, within, beam_search(table, level.alphabet, level.length)


def beam_search(table: np.ndarray, alphabet: str, length: int, width: int = 8) -> str:
    """Return the likeliest text of exactly this length; `table` is steps x (blank, letters).

    The best `width` beginnings of each length are kept, so that short ones don't crowd out others.
    """
    nothing = -math.inf
    # For each beginning, the chance that it ends in a blank, and in its last letter.
    beams = {"": (0.0, nothing)}
    for row in table.tolist():
        likely = sorted(enumerate(alphabet, 1), key=lambda pair: -row[pair[0]])[:8]
        following: dict[str, list[float]] = defaultdict(lambda: [nothing, nothing])
        for text, (blank, letter) in beams.items():
            both = add(blank, letter)
            kept = following[text]
            kept[0] = add(kept[0], both + row[0])
            if text:
                kept[1] = add(kept[1], letter + row[1 + alphabet.index(text[-1])])
            if len(text) == length:
                continue
            for index, char in likely:
                before = blank if text.endswith(char) else both
                if before > nothing:
                    grown = following[text + char]
                    grown[1] = add(grown[1], before + row[index])
        by_length = defaultdict(list)
        for text, ends in following.items():
            by_length[len(text)].append((add(*ends), text))
        beams = {
            text: tuple(following[text])
            for found in by_length.values()
            for _, text in sorted(found, reverse=True)[:width]
        }
    whole = [(add(*ends), text) for text, ends in beams.items() if len(text) == length]
    return max(whole)[1] if whole else ""


def add(a: float, b: float) -> float:
    """Return log(exp(a) + exp(b))."""
    if a < b:
        a, b = b, a
    return a if b == -math.inf else a + math.log1p(math.exp(b - a))


def tesseract(pictures: Sequence[Image.Image], level: image.Level) -> list[str]:
    """Return what tesseract reads; in one call, for it takes longer to start than to read."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder, f"{number}.png") for number in range(len(pictures))]
        for path, picture in zip(paths, pictures, strict=True):
            picture.save(path, dpi=(150, 150))
        names = pathlib.Path(folder, "names")
        names.write_text("".join(f"{path}\n" for path in paths))
        command = ["tesseract", str(names), "-", "--psm", "7"]
        command += ["-c", f"tessedit_char_whitelist={level.alphabet}"]
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, check=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"}
        )
    # A form feed parts the pictures' texts.
    return ["".join(page.split()) for page in done.stdout.decode().split("\f")]


def measure(level: image.Level, images: int, networks: Sequence[Network]) -> None:
    """Print how many of so many fresh images each solver reads."""
    drawer = image.HardImage(level)
    right: dict[str, Counter[str]] = defaultdict(Counter)
    pictures: dict[str, list[Image.Image]] = defaultdict(list)
    characters: Counter[str] = Counter()
    texts, sizes, seconds = [], [], 0.0
    for number in range(images):
        text = image.letters(secrets.token_bytes(32), level)
        begun = time.process_time()
        png = drawer.generate(text).getvalue()
        seconds += time.process_time() - begun
        texts.append(text)
        sizes.append(len(png))
        grey = Image.open(io.BytesIO(png)).convert("L")
        for prepare in PREPARATIONS:
            way = prepare.__name__
            picture = prepare(grey)
            pictures[way].append(picture)
            for network in networks:
                free, within, informed = network.read(picture, level)
                right[network.name][way] += text in (free, within)
                right[f"{network.name}, informed"][way] += text == informed
                characters[f"{network.name}, {way}"] += sum(map(str.__eq__, text, informed))
        if sys.stderr.isatty():
            print(f"\r{level.name}: {number + 1}/{images}", end="", file=sys.stderr)
    for way, prepared in pictures.items():
        read = tesseract(prepared, level)
        right["tesseract"][way] = sum(a == b for a, b in zip(texts, read, strict=True))
    print(f"\n{level.name}: {images} images of {level.length} of {level.alphabet}")
    print(
        f"{1000 * seconds / images:.1f} ms CPU and {sum(sizes) / images:.0f} bytes each,", end=" "
    )
    print(f"{max(sizes)} bytes at most")
    ways = [prepare.__name__ for prepare in PREPARATIONS]
    print(f"{'% of images':24}", *(f"{way:>10}" for way in [*ways, "best"]))
    for solver, counts in sorted(right.items()):
        shares = [100 * counts[way] / images for way in ways]
        print(f"{solver:24}", *(f"{share:10.1f}" for share in [*shares, max(shares)]))
    best, count = characters.most_common(1)[0]
    print(f"characters, informed: {100 * count / images / level.length:.0f} % ({best})", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("levels", nargs="*", default=list(image.LEVELS))
    parser.add_argument("--images", type=int, default=500)
    options = parser.parse_args()
    networks = [Network(beta=False), Network(beta=True)]
    for name in options.levels:
        measure(image.LEVELS[name], options.images, networks)


if __name__ == "__main__":
    main()
