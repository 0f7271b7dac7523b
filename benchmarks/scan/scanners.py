"""The scanners that are measured: how each is called, and what its exit status says of one file.

An answer is `found`, `closed` (it said that it could not look: an error, an unsupported file, a crash, a time-out) or
`passed`.
The peers live in virtual environments of their own, `$HAUBERK_PEERS/peer-<name>`; `peers.sh` makes them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PEERS_VARIABLE = "HAUBERK_PEERS"
SOURCE = Path(__file__).resolve().parents[2] / "src"


@dataclass(frozen=True, slots=True)
class Scanner:
    """A scanner: its interpreter, the function of its command line, its arguments before and behind the path."""

    name: str
    python: Path
    entry: str
    before: tuple[str, ...]
    judge: Callable[[int | None, str], str]
    distribution: str
    seconds: float = 30.0
    behind: tuple[str, ...] = ()
    forked: bool = True
    source: Path | None = None

    @property
    def installed(self) -> bool:
        """Return whether there is an interpreter for it."""
        return self.python.exists()

    def argv(self, path: str) -> list[str]:
        """Return its command line for a path."""
        return [self.name, *self.before, path, *self.behind]

    def command(self, path: str) -> list[str]:
        """Return the command line of a fresh process."""
        module, _, function = self.entry.partition(":")
        program = (
            f"import sys; sys.argv = {self.argv(path)!r}; from {module} import {function} as main; sys.exit(main())"
        )
        return [str(self.python), "-c", program]

    def version(self) -> str:
        """Return the version that its distribution declares."""
        code = f"from importlib.metadata import version; print(version({self.distribution!r}))"
        done = subprocess.run(
            [str(self.python), "-c", code], capture_output=True, text=True, check=False, env=environment()
        )
        return done.stdout.strip() or "of this tree"


def environment(source: Path | None = None) -> dict[str, str]:
    """Return the environment in which scanners run: no telemetry, no colours, this tree's source."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    quiet = {"NO_COLOR": "1", "PROMPTFOO_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1", "PROMPTFOO_DISABLE_UPDATE": "1"}
    path = str(source or os.environ.get("HAUBERK_SOURCE", SOURCE))
    return {**keep, **quiet, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}


def by_code(found: set[int], passed: set[int]) -> Callable[[int | None, str], str]:
    """Judge by the exit status alone."""
    return lambda code, _: "found" if code in found else "passed" if code in passed else "closed"


def of_picklescan(code: int | None, out: str) -> str:
    """1 means issues, 2 an error; an error beside issues is still a finding, `Infected files: n` counts them."""
    issues = re.search(r"Infected files: ([1-9]\d*)", out)
    return "found" if code == 1 or (code == 2 and issues) else "passed" if code == 0 else "closed"


def of_traceback(code: int | None, out: str) -> str:
    """1 means findings, unless it is Python's own status of a crash; fickling's 2 is a file that it cannot parse."""
    if code == 1:
        return "closed" if "Traceback (most recent call last)" in out else "found"
    return "passed" if code == 0 else "closed"


def of_two_heights(code: int | None, out: str) -> str:
    """1 and 2 are two heights of findings: mlsupplyscan and pickleguard."""
    return "found" if code == 2 and "Traceback" not in out else of_traceback(code, out)


def of_modelscan(code: int | None, out: str) -> str:
    """1 means issues, 2 an error, 3 that nothing was supported; issues beside an error are still issues."""
    return "passed" if code == 0 else "found" if code == 1 or re.search(r"Total Issues: [1-9]", out) else "closed"


def scanners() -> tuple[Scanner, ...]:
    """Return ours first, then every peer, installed or not."""
    root = Path(os.environ.get(PEERS_VARIABLE, "peers")).absolute()

    def peer(name: str) -> Path:
        return root / f"peer-{name}" / "bin" / "python"

    return (
        Scanner(
            "hauberk",
            Path(sys.executable),
            "hauberk.cli.main:main",
            ("scan",),
            by_code({1}, {0}),
            "hauberk",
            60.0,
            forked=False,
        ),
        Scanner("picklescan", peer("picklescan"), "picklescan.cli:main", ("-p",), of_picklescan, "picklescan"),
        Scanner(
            "picklescan --strict",
            peer("picklescan"),
            "picklescan.cli:main",
            ("--strict", "-p"),
            of_picklescan,
            "picklescan",
        ),
        Scanner("modelscan", peer("modelscan"), "modelscan.cli:main", ("-p",), of_modelscan, "modelscan"),
        Scanner("fickling", peer("fickling"), "fickling.__main__:main", ("--check-safety",), of_traceback, "fickling"),
        Scanner(
            "modelaudit",
            peer("modelaudit"),
            "modelaudit.__main__:_run",
            ("scan", "--no-cache"),
            of_traceback,
            "modelaudit",
        ),
        Scanner("hayward", peer("hayward"), "hayward.cli:main", ("scan",), of_traceback, "hayward"),
        Scanner("mlsupplyscan", peer("mlsupplyscan"), "mlscan.cli:main", ("scan",), of_two_heights, "mlsupplyscan"),
        Scanner(
            "pickleguard",
            peer("pickleguard"),
            "pickle_scanner.cli:main",
            ("scan",),
            of_two_heights,
            "pickleguard",
            behind=("-r",),
        ),
    )
