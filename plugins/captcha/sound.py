"""Digits and their sound: which digits a challenge asks for, and how they are spoken.

A program must not find them by what it knows of speech: so each digit is spoken by somebody else,
faster or slower, through another telephone, and somebody talks backwards all the while.
"""

import hashlib
import io
import secrets
import wave
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from . import service
from .voices import DIGITS, RATE, Samples, Voices

Sound = NDArray[np.float32]

# How much louder than the background digits are, in decibels.
ABOVE_BACKGROUND = (3.0, 5.0)
# Seconds.
BEFORE, BETWEEN, AFTER = (0.5, 0.9), (0.35, 0.75), (0.4, 0.7)
# One is less in a person's way than several, and more in a program's.
TALKERS = 1
# How a recording is played: slower or faster, which also moves pitch and timbre.
PACE, TALKERS_PACE = (0.8, 1.25), (0.75, 1.3)
# Decibels by which frequencies are lifted or lowered.
COLOUR = 8.0
_COLOUR_POINTS = 7
_SWELL_SECONDS = 0.3


def digits(secret: bytes, length: int) -> str:
    """Return the `length` digits that a challenge with this secret asks for."""
    # Not what letters are drawn of: who has read the image must not know the sound.
    return service.drawn(b"sound:" + secret, DIGITS, length)


def speak(text: str, voices: Voices, *, seed: bytes | None = None) -> bytes:
    """Return the digits of `text`, spoken, as a WAV file; the same `seed` speaks the same.

    Give a seed, made of the challenge's secret, where a challenge can be heard more than once:
    noise that changes each time can be averaged away.
    """
    draw = np.random.default_rng(
        secrets.randbits(256) if seed is None else int.from_bytes(hashlib.sha256(seed).digest())
    )
    spoken = [_digit(draw, voices[digit]) for digit in text]
    pauses = [draw.uniform(*BETWEEN) for _ in text]
    pauses[0] = draw.uniform(*BEFORE)
    starts, end = [], 0
    for sound, pause in zip(spoken, pauses, strict=True):
        starts.append(end + round(pause * RATE))
        end = starts[-1] + len(sound)
    clip = _background(draw, voices, end + round(draw.uniform(*AFTER) * RATE))
    clip *= _gain(-draw.uniform(*ABOVE_BACKGROUND))
    for sound, start in zip(spoken, starts, strict=True):
        clip[start : start + len(sound)] += sound
    return _wav(clip)


def _digit(draw: np.random.Generator, recordings: Sequence[Samples]) -> Sound:
    sound = _played(recordings[int(draw.integers(len(recordings)))], draw.uniform(*PACE))
    return _level(_coloured(draw, sound)) * _gain(draw.uniform(-1.5, 1.5))


def _background(draw: np.random.Generator, voices: Voices, length: int) -> Sound:
    """Return somebody talking backwards in a murmur that swells and fades."""
    everything = [sound for recordings in voices.values() for sound in recordings]
    background = np.zeros(length, dtype=np.float32)
    for _ in range(TALKERS):
        at = -int(draw.integers(RATE // 2))
        while at < length:
            backwards = everything[int(draw.integers(len(everything)))][::-1]
            sound = _level(_played(backwards, draw.uniform(*TALKERS_PACE)))
            shown = sound[max(0, -at) : length - at]
            background[max(0, at) : max(0, at) + len(shown)] += shown
            at += len(sound)
    murmur = _coloured(draw, draw.standard_normal(length, dtype=np.float32))
    background = _level(background) + _level(murmur)
    swells = draw.uniform(-2, 2, size=2 + int(length / RATE / _SWELL_SECONDS))
    swell = np.interp(np.linspace(0, len(swells) - 1, length), np.arange(len(swells)), swells)
    return _level(background * _gains(swell))


def _played(recording: Samples, pace: float) -> Sound:
    places = np.arange(0, len(recording) - 1, pace)
    return np.asarray(np.interp(places, np.arange(len(recording)), recording), dtype=np.float32)


def _coloured(draw: np.random.Generator, sound: Sound) -> Sound:
    """Return `sound` through a telephone of its own."""
    # A length that is quick to transform.
    size = 1 << (len(sound) - 1).bit_length()
    spectrum = np.fft.rfft(sound, size)
    colours = draw.uniform(-COLOUR, COLOUR, size=_COLOUR_POINTS)
    curve = np.interp(
        np.linspace(0, _COLOUR_POINTS - 1, len(spectrum)), np.arange(_COLOUR_POINTS), colours
    )
    return np.asarray(np.fft.irfft(spectrum * _gains(curve), size)[: len(sound)], dtype=np.float32)


def _level(sound: Sound) -> Sound:
    """Return `sound` at an average loudness of one."""
    return sound / max(float(np.sqrt(np.mean(sound * sound))), 1e-9)


def _gain(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _gains(decibels: NDArray[np.float64]) -> Sound:
    return np.asarray(10 ** (decibels / 20), dtype=np.float32)


def _wav(clip: Sound) -> bytes:
    """Return a WAV file of eight bits: its grain is far below the background."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(RATE)
        out.writeframes(np.round(128 + 127 * clip / np.abs(clip).max()).astype(np.uint8).tobytes())
    return file.getvalue()
