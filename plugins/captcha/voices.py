"""Voices of this installation: spoken digits, made once by Debian's espeak-ng.

Whoever knows the recordings finds them again in a challenge. So none come with the service: each
installation draws speakers of its own, whose recordings no other one has.

One .npz file per language holds all recordings end to end. Being one file it is replaced at once,
it is read in one go, and, unlike pickles, it can hold nothing but numbers.
"""

import io
import os
import secrets
import shutil
import subprocess
import tempfile
import wave
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PROGRAM = "espeak-ng"
FOLDER = "voices"
"""In the instance folder."""
RATE = 8000
DIGITS = "0123456789"
SPEAKERS = 16
TAKES = 2
"""Recordings of each digit by each speaker."""

Samples: TypeAlias = "NDArray[np.int16]"
Voices: TypeAlias = Mapping[str, Sequence[Samples]]
"""Recordings of each digit."""

# What espeak-ng's own voice files say of an accent. All else of a speaker is drawn.
ACCENTS: Mapping[str, Sequence[str]] = {
    "vi": (
        "language vi\nwords 1 2",
        "language vi-vn-x-central\nphonemes vi-hue\ndictrules 1\nwords 1",
        "language vi-vn-x-south\nphonemes vi-sgn\ndictrules 2\nwords 1",
    ),
    "en": (
        "language en-gb\ntunes s1 c1 q1 e1",
        "language en-gb-x-rp\nphonemes en-rp",
        "language en-gb-scotland\nphonemes en-sc",
        "language en-us\nphonemes en-us\ndictrules 3 6",
    ),
}
# Words a minute: a Vietnamese digit is one syllable, over in a quarter of a second at usual speed.
SPEEDS = {"vi": (80, 115), "en": (100, 150)}

_FORMANTS = 9
_SPEAKING_SECONDS = 20
_SILENCE = 0.02
_MARGIN = RATE // 100
_PEAK = 32000

_draw = secrets.SystemRandom()


class VoicesError(Exception):
    """Why voices can't be made or read, and what to do about it."""


def make(
    folder: Path,
    *,
    speakers: int = SPEAKERS,
    takes: int = TAKES,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Make new voices of every language, replace those in `folder`, and return how many digits."""
    if not shutil.which(PROGRAM):
        raise VoicesError(
            "Spoken challenges need espeak-ng, which is not installed: apt install espeak-ng"
        )
    everything = len(ACCENTS) * speakers * takes * len(DIGITS)
    done = 0
    spoken: dict[str, list[tuple[str, Samples]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for language, accents in ACCENTS.items():
            spoken[language] = []
            for number in range(speakers):
                voice = Path(scratch) / f"{language}{number}"
                voice.write_text(_speaker(accents[number % len(accents)]))
                for digit in DIGITS * takes:
                    spoken[language].append((digit, _speak(voice, language, digit)))
                    done += 1
                    progress(done, everything)
    # Like all of the instance: for the service alone.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for language, recordings in spoken.items():
        _write(folder / f"{language}.npz", recordings)
    return done


def load(folder: Path) -> Mapping[str, Voices]:
    """Return the voices of each language in `folder`: none when none were made.

    Raises VoicesError for a file that is damaged, or that belongs to somebody else.
    """
    return {path.stem: _read(path) for path in sorted(folder.glob("*.npz"))}


@click.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    # Without the service, which may have no key and no tables yet.
    default=lambda: Path(os.environ.get("COMMENTS_INSTANCE", "instance")) / FOLDER,
    help="Where they are kept; else in the instance folder.",
)
def voices(folder: Path) -> None:
    """Make the voices of spoken challenges anew, for this installation alone."""
    everything = len(ACCENTS) * SPEAKERS * TAKES * len(DIGITS)
    with click.progressbar(length=everything, label="Speaking digits") as bar:
        try:
            made = make(folder, speakers=SPEAKERS, progress=lambda _done, _all: bar.update(1))
        except (VoicesError, OSError) as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"Made {made} recordings in {folder}. Restart the service to use them.")


def _speaker(accent: str) -> str:
    """Return a voice file for somebody new: throat, pitch and habits are drawn."""
    low = _draw.uniform(80, 190)
    # Tones are told by their pitch, so it needs room to move.
    high = low * _draw.uniform(1.5, 1.9)
    # Who speaks higher has a shorter throat, as a rule.
    throat = 100 * (0.9 + 0.25 * (low - 80) / 110) * _draw.uniform(0.93, 1.07)
    lines = [
        "name own",
        accent,
        f"pitch {low:.0f} {high:.0f}",
        f"flutter {_draw.randint(0, 8)}",
        f"roughness {_draw.randint(0, 2)}",
        f"voicing {_draw.randint(85, 120)}",
        f"consonants {_draw.randint(90, 150)}",
        f"echo {_draw.randint(0, 60)} {_draw.randint(0, 12)}",
    ]
    for formant in range(_FORMANTS):
        frequency = throat * _draw.uniform(0.95, 1.05)
        strength, width = _draw.randint(75, 130), _draw.randint(80, 140)
        lines.append(f"formant {formant} {frequency:.0f} {strength} {width}")
    return "\n".join(lines) + "\n"


def _speak(voice: Path, language: str, digit: str) -> Samples:
    speed = _draw.randint(*SPEEDS[language])
    pitch = _draw.randint(35, 65)
    options = ["--load", "-v", str(voice), "-s", str(speed), "-p", str(pitch), "-z", "--stdout"]
    try:
        # The program is found on the operator's PATH; the arguments are all ours.
        done = subprocess.run(  # noqa: S603
            [PROGRAM, *options, "--", digit],
            capture_output=True,
            check=True,
            timeout=_SPEAKING_SECONDS,
        )
        return _tidy(done.stdout)
    except (subprocess.SubprocessError, wave.Error, EOFError, ValueError) as error:
        raise VoicesError(f"espeak-ng did not speak: {error}") from error


def _tidy(wav: bytes) -> Samples:
    """Return the sound of `wav` at our rate and loudness, without the silence around it."""
    with wave.open(io.BytesIO(wav)) as file:
        rate = file.getframerate()
        # A length in the header means nothing: espeak-ng writes to a pipe.
        raw = file.readframes(len(wav) // 2)
    import numpy as np  # noqa: PLC0415 (takes a tenth of a second; most processes do without)

    heard = np.frombuffer(raw, dtype="<i2").astype(np.float64)
    loud = np.flatnonzero(np.abs(heard) > _SILENCE * np.abs(heard).max(initial=0))
    if not loud.size:
        raise ValueError("nothing was heard")
    heard = heard[loud[0] : loud[-1] + 1]
    # Leaving out what is above half the new rate, so that it does not come back as a whistle.
    length = round(len(heard) * RATE / rate)
    spectrum = np.fft.rfft(heard)[: length // 2 + 1]
    sound = np.fft.irfft(spectrum, length)
    margin = min(_MARGIN, length // 2)
    ramp = np.linspace(0, 1, margin)
    sound[:margin] *= ramp
    sound[length - margin :] *= ramp[::-1]
    tidy: Samples = (sound * (_PEAK / np.abs(sound).max())).astype(np.int16)
    return tidy


def _write(path: Path, recordings: Sequence[tuple[str, Samples]]) -> None:
    import numpy as np  # noqa: PLC0415 (as above)

    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        draft.touch(mode=0o600)
        with draft.open("wb") as file:
            np.savez_compressed(
                file,
                digits=np.array([int(digit) for digit, _ in recordings], dtype=np.uint8),
                lengths=np.array([len(sound) for _, sound in recordings], dtype=np.int32),
                samples=np.concatenate([sound for _, sound in recordings]),
            )
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> Voices:
    import numpy as np  # noqa: PLC0415 (as above)

    try:
        # Opened here, because numpy leaves a damaged file open.
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            digits, lengths, samples = file["digits"], file["lengths"], file["samples"]
        sounds = np.split(samples, np.cumsum(lengths)[:-1])
        return {
            str(digit): [sounds[i] for i in np.flatnonzero(digits == digit)]
            for digit in range(len(DIGITS))
        }
    except OSError as error:
        raise VoicesError(
            f"{path} can't be read: {error.strerror}. "
            "As the service's own user make it anew: comments-service captcha voices"
        ) from error
    except (ValueError, KeyError, EOFError, IndexError, zipfile.BadZipFile, zlib.error) as error:
        raise VoicesError(
            f"{path} is damaged. Make it anew: comments-service captcha voices"
        ) from error
