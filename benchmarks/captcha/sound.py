"""How well programs understand spoken challenges, and what speaking one costs.

Run from the repository's root, with espeak-ng installed: python -m benchmarks.captcha.sound
"""

import argparse
import io
import itertools
import os
import subprocess
import tempfile
import time
import wave
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from comments_service.plugins.captcha import sound, voices
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]

LENGTH = 6
SPEEDS = range(80, 173, 3)
ACCENTS = {
    "vi": ("vi", "vi-vn-x-central", "vi-vn-x-south"),
    "en": ("en-gb", "en-us", "en-gb-x-rp", "en-gb-scotland"),
}
VARIANTS = ("", *(f"+m{n}" for n in range(1, 9)), *(f"+f{n}" for n in range(1, 6)))

# Short-time spectrum: 32 ms windows each 10 ms, in 24 bands as wide as the ear's.
WINDOW, HOP, BANDS = 256, 80, 24
# Frames of a template: a digit is compared at each of these lengths.
SPANS = (24, 32, 40, 50, 62)
# Frames from the start of a digit to that of the next, at least: the shortest digit and pause.
APART = 50


def _bands() -> Floats:
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (80, 3900))
    mel = np.linspace(low, high, BANDS + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    places = np.fft.rfftfreq(WINDOW, 1 / voices.RATE)[:, None]
    up = (places - edges[:-2]) / (edges[1:-1] - edges[:-2])
    down = (edges[2:] - places) / (edges[2:] - edges[1:-1])
    return np.asarray(np.clip(np.minimum(up, down), 0, None), dtype=np.float32)


_FILTERS = _bands()


def heard(signal: NDArray[np.generic]) -> Floats:
    """Return the spectrum over time of a signal, in frames x bands of decibels."""
    samples = signal.astype(np.float32)
    if len(samples) < WINDOW:
        samples = np.pad(samples, (0, WINDOW - len(samples)))
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW).astype(np.float32))) ** 2
    energy = power @ _FILTERS
    return np.asarray(np.log10(energy + 1e-3 * energy.max()), dtype=np.float32)


def clip_samples(wav: bytes) -> Floats:
    with wave.open(io.BytesIO(wav)) as file:
        raw = file.readframes(file.getnframes())
    return np.frombuffer(raw, dtype=np.uint8).astype(np.float32) - 128


def stretched(frames: Floats, span: int) -> Floats:
    """Return `frames` at `span` frames."""
    places = np.linspace(0, len(frames) - 1, span)
    below = np.floor(places).astype(int)
    above = np.minimum(below + 1, len(frames) - 1)
    share = (places - below)[:, None].astype(np.float32)
    return np.asarray(frames[below] * (1 - share) + frames[above] * share)


class Matcher:
    """Finds digits by likeness to recordings: the attack that solves the library's sounds."""

    def __init__(self, recordings: Iterable[tuple[str, NDArray[np.generic]]]) -> None:
        by_span: dict[int, list[tuple[int, Floats]]] = {span: [] for span in SPANS}
        for digit, recording in recordings:
            frames = heard(recording)
            near = sorted(SPANS, key=lambda span: abs(np.log(span / len(frames))))[:3]
            for span in near:
                by_span[span].append((int(digit), unit(stretched(frames, span)[None])[0]))
        self._templates = {
            span: (np.array([d for d, _ in known]), np.stack([t for _, t in known]))
            for span, known in by_span.items()
            if known
        }
        self.size = sum(len(digits) for digits, _ in self._templates.values())

    def scores(self, frames: Floats) -> Floats:
        """Return how alike each digit is at each frame: frames x 10."""
        best = np.full((len(frames), 10), -1, dtype=np.float32)
        for span, (digits, templates) in self._templates.items():
            windows = np.lib.stride_tricks.sliding_window_view(frames, span, axis=0)
            alike = unit(windows.transpose(0, 2, 1)) @ templates.T
            for digit in range(10):
                mine = alike[:, digits == digit]
                if mine.size:
                    part = best[: len(alike), digit]
                    np.maximum(part, mine.max(axis=1), out=part)
        return best

    def answer(self, wav: bytes) -> str:
        return path(self.scores(heard(clip_samples(wav))))


def unit(windows: Floats) -> Floats:
    """Return each window without its average spectrum and loudness, flat, at length one."""
    windows = windows - windows.mean(axis=1, keepdims=True)
    flat = windows.reshape(len(windows), -1)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6))


def path(scores: Floats) -> str:
    """Return the LENGTH digits, in order and apart, that fit best together."""
    value, digit = scores.max(axis=1), scores.argmax(axis=1)
    total = np.zeros(len(value) + APART)
    came: list[NDArray[np.bool_]] = []
    for _ in range(LENGTH):
        # total[t]: the best for what is left of the clip from frame t on.
        taken = value + total[APART : APART + len(value)]
        suffix = np.maximum.accumulate(taken[::-1])[::-1]
        came.append(taken == suffix)
        total = np.concatenate([suffix, np.full(APART, -np.inf)])
    at, answer = 0, ""
    for chosen in reversed(came):
        at += int(np.argmax(chosen[at:])) if at < len(chosen) else 0
        if at >= len(digit):
            break
        answer += str(digit[at])
        at += APART
    return answer.ljust(LENGTH, "0")


def public_recordings(
    language: str, variants: Sequence[str], speeds: Iterable[int]
) -> list[tuple[str, NDArray[np.generic]]]:
    """Return digits as anybody's espeak-ng speaks them."""
    made = []
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "digit.wav"
        for accent, variant, speed in itertools.product(ACCENTS[language], variants, speeds):
            for digit in voices.DIGITS:
                arguments = ["-v", accent + variant, "-s", str(speed), "-z", "-w", str(file)]
                subprocess.run(["espeak-ng", *arguments, digit], check=True)  # noqa: S603, S607
                made.append((digit, voices._tidy(file.read_bytes())))  # noqa: SLF001
    return made


def flat(known: voices.Voices) -> list[tuple[str, NDArray[np.generic]]]:
    return [(digit, take) for digit, takes in known.items() for take in takes]


def trial(attack: "Matcher | Learner", clips: Sequence[tuple[str, bytes]]) -> tuple[int, float]:
    """Return how many clips are understood whole, and the share of digits in place."""
    answers = [(text, attack.answer(wav)) for text, wav in clips]
    whole = sum(text == answer for text, answer in answers)
    right = sum(a == b for text, answer in answers for a, b in zip(text, answer, strict=True))
    return whole, right / (LENGTH * len(clips))


class Learner:
    """Learns digits from clips of other installations: what the public code lets anybody do.

    A small network, of two hidden layers, that hears half a second at a time.
    """

    SPAN, STEP = 50, 2
    HIDDEN = (256, 128)
    NOTHING = 10
    # Frames from the middle of a digit to where it is no longer heard as one.
    CLEAR = 15

    def __init__(self, known: Sequence[voices.Voices], clips: int, epochs: int = 12) -> None:
        self._draw = np.random.default_rng()
        examples = [self._examples(known[n % len(known)]) for n in range(clips)]
        inputs = np.concatenate([windows for windows, _ in examples])
        labels = np.concatenate([told for _, told in examples])
        sizes = (inputs.shape[1], *self.HIDDEN, self.NOTHING + 1)
        self._weights = [
            (self._draw.standard_normal(shape) * np.sqrt(2 / shape[0])).astype(np.float32)
            for shape in itertools.pairwise(sizes)
        ]
        self._biases = [np.zeros(size, dtype=np.float32) for size in sizes[1:]]
        self._train(inputs, labels, epochs)

    def _examples(self, known: voices.Voices) -> tuple[Floats, NDArray[np.int64]]:
        text = "".join(map(str, self._draw.integers(0, 10, LENGTH)))
        seed = os.urandom(16)
        frames = heard(clip_samples(sound.speak(text, known, seed=seed)))
        middles = self._middles(text, known, seed)
        starts, told = [], []
        for middle, digit in zip(middles, text, strict=True):
            for shift in self._draw.integers(-4, 5, 3):
                starts.append(middle - self.SPAN // 2 + shift)
                told.append(int(digit))
        centres = np.arange(len(frames) - self.SPAN) + self.SPAN // 2
        away = centres[np.abs(centres[:, None] - np.array(middles)).min(axis=1) > self.CLEAR]
        for centre in self._draw.choice(away, 12):
            starts.append(centre - self.SPAN // 2)
            told.append(self.NOTHING)
        places = np.clip(starts, 0, len(frames) - self.SPAN)
        return self._windows(frames)[places], np.array(told)

    @staticmethod
    def _middles(text: str, known: voices.Voices, seed: bytes) -> list[int]:
        """Return where digits are: the same clip, spoken without a background, tells."""
        background, sound.ABOVE_BACKGROUND = sound.ABOVE_BACKGROUND, (60.0, 60.0)
        try:
            clean = clip_samples(sound.speak(text, known, seed=seed))
        finally:
            sound.ABOVE_BACKGROUND = background
        loud = np.convolve(np.abs(clean), np.ones(400) / 400, mode="same") > 1
        edges = np.flatnonzero(np.diff(loud.astype(int)))
        # Pauses inside a digit are shorter than those between digits.
        runs = edges.reshape(-1, 2)
        gaps = np.argsort(runs[1:, 0] - runs[:-1, 1])[::-1][: len(text) - 1]
        parts = np.split(runs, np.sort(gaps) + 1)
        return [int((part[0, 0] + part[-1, 1]) / 2 / HOP) for part in parts]

    def _windows(self, frames: Floats) -> Floats:
        level = (frames - frames.mean(axis=0)) / frames.std()
        windows = np.lib.stride_tricks.sliding_window_view(level, self.SPAN, axis=0)
        return windows[:, :, :: self.STEP].reshape(len(windows), -1)

    def _layers(self, inputs: Floats) -> list[Floats]:
        layers = [inputs]
        for weights, biases in zip(self._weights, self._biases, strict=True):
            layer = layers[-1] @ weights + biases
            layers.append(np.maximum(layer, 0) if weights is not self._weights[-1] else layer)
        return layers

    def _train(self, inputs: Floats, labels: NDArray[np.int64], epochs: int) -> None:
        parameters = [*self._weights, *self._biases]
        first = [np.zeros_like(each) for each in parameters]
        second = [np.zeros_like(each) for each in parameters]
        step, batch = 0, 128
        for epoch in range(epochs):
            rate = 1e-3 * (1 - epoch / epochs)
            order = self._draw.permutation(len(inputs))
            for chosen in np.array_split(order, max(1, len(order) // batch)):
                step += 1
                slopes = self._slopes(inputs[chosen], labels[chosen])
                # Adam, with a little forgetting.
                for n, slope in enumerate(slopes):
                    first[n] += 0.1 * (slope - first[n])
                    second[n] += 0.001 * (slope * slope - second[n])
                    size = np.sqrt(second[n] / (1 - 0.999**step)) + 1e-8
                    move = first[n] / (1 - 0.9**step) / size
                    parameters[n] -= rate * (move + 1e-4 * parameters[n])

    def _slopes(self, inputs: Floats, labels: NDArray[np.int64]) -> list[Floats]:
        noise = self._draw.standard_normal(inputs.shape, dtype=np.float32)
        layers = self._layers(inputs + 0.1 * noise)
        error = np.exp(layers[-1] - layers[-1].max(axis=1, keepdims=True))
        error /= error.sum(axis=1, keepdims=True)
        error[np.arange(len(labels)), labels] -= 1
        error /= len(labels)
        weights: list[Floats] = []
        biases: list[Floats] = []
        for n in range(len(self._weights) - 1, -1, -1):
            weights.insert(0, layers[n].T @ error)
            biases.insert(0, error.sum(axis=0))
            error = (error @ self._weights[n].T) * (layers[n] > 0)
        return [*weights, *biases]

    def answer(self, wav: bytes) -> str:
        layer = self._layers(self._windows(heard(clip_samples(wav))))[-1]
        # How much likelier each digit is than none, smoothed over 70 ms.
        told = layer - np.logaddexp.reduce(layer, axis=1, keepdims=True)
        scores = told[:, :10] - told[:, 10:]
        smooth = np.stack([np.convolve(s, np.ones(7) / 7, mode="same") for s in scores.T], axis=1)
        return path(smooth)


def cost(known: voices.Voices, clips: int = 100) -> tuple[float, list[int]]:
    """Return the milliseconds of processor time of a clip, and the sizes of clips in order."""
    texts = [sound.digits(bytes([number]), LENGTH) for number in range(clips)]
    sound.speak(texts[0], known)
    start = time.process_time()
    sizes = [len(sound.speak(text, known)) for text in texts]
    return (time.process_time() - start) * 1000 / clips, sorted(sizes)


def measure(language: str, clips: int, lessons: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("ours", "theirs"):
            voices.make(Path(scratch) / name)
        ours = voices.load(Path(scratch) / "ours")[language]
        theirs = voices.load(Path(scratch) / "theirs")[language]
    asked = [sound.digits(os.urandom(16), LENGTH) for _ in range(clips)]
    spoken = [(text, sound.speak(text, ours)) for text in asked]
    milliseconds, sizes = cost(ours)
    shortest, longest = ((size - 44) / voices.RATE for size in (sizes[0], sizes[-1]))
    print(f"{language}: {milliseconds:.1f} ms, {sizes[0]}-{sizes[-1]} bytes", end=", ")
    print(f"{shortest:.1f}-{longest:.1f} s")
    attacks: tuple[tuple[str, Callable[[], Matcher | Learner]], ...] = (
        ("espeak-ng as it is", lambda: Matcher(public_recordings(language, ("",), SPEEDS))),
        (
            "with its variants",
            lambda: Matcher(public_recordings(language, VARIANTS, (85, 105, 125))),
        ),
        ("another installation's files", lambda: Matcher(flat(theirs))),
        ("this installation's files", lambda: Matcher(flat(ours))),
        ("network, another installation", lambda: Learner([theirs], lessons)),
    )
    for name, attack in attacks:
        whole, share = trial(attack(), spoken)
        print(f"  {name}: {whole} of {clips} whole, {share:.0%} of digits", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--lessons", type=int, default=300, help="Clips the network learns from.")
    options = parser.parse_args()
    for language in voices.ACCENTS:
        measure(language, options.clips, options.lessons)


if __name__ == "__main__":
    main()
