"""Voices: made by the real espeak-ng, kept whole, and told plainly when they can't be made."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from comments_service.plugins.captcha import voices


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("instance") / "voices"
    voices.make(folder, speakers=1, takes=2)
    return folder


def test_each_language_speaks_every_digit(made: Path) -> None:
    loaded = voices.load(made)

    assert set(loaded) == {"vi", "en"}
    for known in loaded.values():
        assert {digit: len(takes) for digit, takes in known.items()} == dict.fromkeys(
            voices.DIGITS, 2
        )
        for take in (take for takes in known.values() for take in takes):
            assert take.dtype == np.int16
            assert 0.1 * voices.RATE < len(take) < 2 * voices.RATE
            assert np.abs(take).max() >= 31_000


def test_what_is_made_is_counted_and_reported(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    count = voices.make(
        tmp_path, speakers=1, takes=1, progress=lambda done, all_: told.append((done, all_))
    )

    assert count == 20
    assert told == [(number, 20) for number in range(1, 21)]


def test_the_files_are_for_the_service_alone(made: Path) -> None:
    assert made.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in made.iterdir()} == {0o600}


def test_no_two_installations_sound_alike(made: Path, tmp_path: Path) -> None:
    voices.make(tmp_path, speakers=1, takes=1)

    ours, theirs = voices.load(made), voices.load(tmp_path)

    for language, known in ours.items():
        for digit, takes in known.items():
            assert not any(np.array_equal(take, theirs[language][digit][0]) for take in takes)


def test_nothing_is_loaded_where_nothing_was_made(tmp_path: Path) -> None:
    assert voices.load(tmp_path / "none") == {}


def test_a_failure_leaves_the_voices_that_were_there(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in made.iterdir()}

    def fail(*_args: object, **_named: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez_compressed", fail)
    with pytest.raises(OSError, match="No space"):
        voices.make(made, speakers=1, takes=1)

    assert {path.name: path.read_bytes() for path in made.iterdir()} == before


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "vi.npz").write_bytes(b"PK\x03\x04 not whole")

    with pytest.raises(voices.VoicesError, match=r"vi\.npz is damaged"):
        voices.load(tmp_path)


def test_a_program_that_fails_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "espeak-ng"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    with pytest.raises(voices.VoicesError, match="did not speak"):
        voices.make(tmp_path / "voices")

    assert not (tmp_path / "voices").exists()


def test_without_espeak_ng_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    result = CliRunner().invoke(voices.voices, ["--folder", str(tmp_path / "voices")])

    assert result.exit_code == 1
    assert "apt install espeak-ng" in result.output
    assert not (tmp_path / "voices").exists()


def test_the_command_makes_voices_in_the_instance_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voices, "SPEAKERS", 1)
    monkeypatch.setenv("COMMENTS_INSTANCE", str(tmp_path))

    result = CliRunner().invoke(voices.voices)

    assert result.exit_code == 0, result.output
    assert "Made 40 recordings" in result.output
    assert set(voices.load(tmp_path / "voices")) == {"vi", "en"}
