"""What a core install adds to an empty virtual environment: packages, and bytes on disk with compiled modules."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from row import Row, show

REPOSITORY = Path(__file__).parents[1]
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


def size_of(folder: Path) -> int:
    """Return the bytes of all files under a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def wheel_of_a_copy(place: Path) -> Path:
    """Build our wheel from a copy of its sources: a build leaves traces beside what it builds."""
    copy = place / "copy"
    shutil.copytree(REPOSITORY / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, copy)
    subprocess.run([*PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", place, copy], check=True)
    return next(place.glob("*.whl"))


def measure() -> list[Row]:
    """Return the rows of this benchmark."""
    with tempfile.TemporaryDirectory() as place:
        venv = Path(place, "venv")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
        before = size_of(venv)
        into = [*PIP, "--python", str(venv / "bin" / "python"), "install"]
        subprocess.run([*into, "--require-hashes", "-r", REPOSITORY / "requirements" / "core.lock"], check=True)
        subprocess.run([*into, "--no-deps", wheel_of_a_copy(Path(place))], check=True)
        packages = len(list(venv.rglob("*.dist-info")))
        megabytes = (size_of(venv) - before) / 1e6
    return [
        Row("packages of a core install", packages, "", "install", bar=12),
        Row("size of a core install", megabytes, "MB", "install", bar=30),
    ]


if __name__ == "__main__":
    show(measure())
