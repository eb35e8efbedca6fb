"""Spoken digits: drawn fairly, and a sound file that any browser plays."""

import collections
import hashlib
import io
import wave

import numpy as np
import pytest
from comments_service.plugins.captcha import sound, voices
from hypothesis import given, settings
from hypothesis import strategies as st


def tones() -> voices.Voices:
    """Return stand-ins for speech: for each digit, tones of its own."""
    seconds = np.arange(voices.RATE // 2) / voices.RATE
    return {
        digit: [
            (20_000 * np.sin(2 * np.pi * hertz * seconds)).astype(np.int16)
            for hertz in (300 + 200 * int(digit), 350 + 200 * int(digit))
        ]
        for digit in voices.DIGITS
    }


VOICES = tones()


def played(wav: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(wav)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype=np.uint8)


@given(st.binary(max_size=64), st.integers(1, 64))
def test_digits_follow_from_the_secret(secret: bytes, length: int) -> None:
    digits = sound.digits(secret, length)

    assert len(digits) == length
    assert set(digits) <= set(voices.DIGITS)
    assert sound.digits(secret, length) == digits
    assert sound.digits(secret, length + 1).startswith(digits)


def test_no_digit_is_favoured() -> None:
    counts = collections.Counter(sound.digits(b"secret", 100_000))

    assert all(9_500 < counts[digit] < 10_500 for digit in voices.DIGITS)


def test_the_sound_does_not_follow_from_the_letters() -> None:
    # Letters are drawn of the bare hash of the secret.
    bare = "".join(str(byte % 10) for byte in hashlib.shake_256(b"secret").digest(20))

    assert sound.digits(b"secret", 20) != bare


@settings(max_examples=25, deadline=None)
@given(st.text(voices.DIGITS, min_size=1, max_size=8))
def test_a_sound_is_a_wav_file_of_one_telephone_channel(text: str) -> None:
    wav = sound.speak(text, VOICES)

    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 1, 8000)
        seconds = file.getnframes() / file.getframerate()
        assert file.getnframes() + 44 == len(wav)
    # Half a second a digit here, at each pace, and the pauses around.
    assert 0.9 + 0.4 * len(text) + 0.35 * (len(text) - 1) - 0.01 <= seconds
    assert seconds <= 1.6 + 0.625 * len(text) + 0.75 * (len(text) - 1) + 0.01


def test_two_renderings_differ() -> None:
    assert sound.speak("123456", VOICES) != sound.speak("123456", VOICES)


def test_a_seed_speaks_the_same_again() -> None:
    first = sound.speak("123456", VOICES, seed=b"one")

    assert sound.speak("123456", VOICES, seed=b"one") == first
    assert sound.speak("123456", VOICES, seed=b"two") != first


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=8))
def test_no_part_is_silent(seed: bytes) -> None:
    parts = np.array_split(played(sound.speak("0918", VOICES, seed=seed)), 20)

    assert all(np.ptp(part) > 4 for part in parts)


def test_digits_are_louder_than_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = played(sound.speak("5", VOICES, seed=b"a")).astype(float) - 128
    monkeypatch.setattr(sound, "ABOVE_BACKGROUND", (60.0, 60.0))
    clean = played(sound.speak("5", VOICES, seed=b"a")).astype(float) - 128

    spoken = np.convolve(np.abs(clean), np.ones(80) / 80, mode="same") > 20
    loudness = [np.sqrt(np.mean(heard[where] ** 2)) for where in (spoken, ~spoken)]
    assert loudness[0] > 1.3 * loudness[1]


def test_real_voices_speak_every_digit(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("voices")
    voices.make(folder, speakers=1, takes=1)

    for known in voices.load(folder).values():
        assert len(sound.speak(voices.DIGITS, known)) < 200_000
