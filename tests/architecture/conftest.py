"""The service as operators get it: built into a wheel, installed, and run far from the checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parent.parent.parent
PARTS = ["comments_service", "plugins", "embed.js", "hatch_build.py", "pyproject.toml", "README.md"]
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.mo")
PATIENCE_SECONDS = 180


def _pip(command: str, *words: str | Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", command, "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", *words], check=True)  # noqa: S603 (our words)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy, which has no compiled catalog yet."""
    folder = tmp_path_factory.mktemp("build")
    tree = folder / "tree"
    tree.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, tree / part, ignore=NOT_COPIED)
        else:
            shutil.copy(ROOT / part, tree)
    _pip("wheel", "--no-build-isolation", "-w", folder, tree)
    [made] = folder.glob("*.whl")
    return made


@pytest.fixture(scope="session")
def wheel_names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.fixture(scope="session")
def packages(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel; return where."""
    folder = tmp_path_factory.mktemp("installed")
    _pip("install", "--target", folder, wheel)
    return folder


class Installed:
    """The installed service, run from a folder of its own and without the checkout."""

    def __init__(self, packages: Path, folder: Path) -> None:
        self.packages = packages
        self._folder = folder
        self._started: list[subprocess.Popen[bytes]] = []
        libraries = [str(packages), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
        self._environment = {
            **{name: text for name, text in os.environ.items() if "COMMENTS_" not in name},
            "PYTHONPATH": os.pathsep.join(dict.fromkeys(libraries)),
            "PYTHONUNBUFFERED": "1",
            "COMMENTS_INSTANCE": str(folder / "instance"),
        }

    def start(self, *words: str) -> Callable[[], str]:
        """Start a command that goes on until the test ends; return what reads its output so far."""
        output = self._folder / f"output-{len(self._started)}"
        # Without `site` (-S) no .pth file leads back to the checkout.
        command = [sys.executable, "-S", self.packages / "bin" / "comments-service", *words]
        with output.open("wb") as file:
            process = subprocess.Popen(  # noqa: S603 (our words)
                command,
                cwd=self._folder,
                env=self._environment,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        self._started.append(process)
        return output.read_text

    def run(self, *words: str) -> str:
        """Run a command to its end; return its output."""
        output = self.start(*words)
        assert self._started[-1].wait(PATIENCE_SECONDS) == 0, output()
        return output()

    def stop(self) -> None:
        for process in self._started:
            process.terminate()
        for process in self._started:
            process.wait(PATIENCE_SECONDS)


@pytest.fixture
def installed(packages: Path, tmp_path: Path) -> Iterator[Installed]:
    service = Installed(packages, tmp_path)
    yield service
    service.stop()


def fetch(url: str, output: Callable[[], str]) -> httpx.Response:
    """Return what is at `url`, as soon as somebody listens there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return httpx.get(url, timeout=PATIENCE_SECONDS)
        except httpx.ConnectError:
            assert time.monotonic() < deadline, output()
            time.sleep(0.05)
