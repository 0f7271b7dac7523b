"""Run a suite of pandera or Great Expectations in a child process: in the sandbox where there is one, else with limits.

The child has a clean environment, no arguments of the suite's, no network and nothing to write to where bubblewrap is
there, and everywhere a limit of time and of memory. What it answers is read strictly.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from hauberk.edge.sandbox import seccomp, watch
from hauberk.edge.sandbox.bubblewrap import FOLDER, PROGRAM, Budget, decoded, walls
from hauberk.edge.sandbox.training import available
from hauberk.errors import Malformed, Unavailable

JUDGE: Final = Path(__file__).with_name("suite_judge.py")
BUDGET: Final = Budget(seconds=600, memory_bytes=8 << 30)
NAMES: Final = {"pandera": "pandera", "great_expectations": "great-expectations"}
_RESULTS: Final = ("pass", "fail", "incomplete")
_WHY: Final = ("", "absent", "raised")
_MOST_VERSION: Final = 40
# What the libraries would read of the caller's environment: a switch that turns validation off, keys, telemetry.
_SETTINGS: Final = {
    "GX_ANALYTICS_ENABLED": "False",
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": os.defpath,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a program.

    Attributes:
        tool: `pandera` or `great_expectations`.
        given: plain data that is known to be safe to give it.
        answers: how many there must be.
        rows: how many there are.
    """

    tool: str
    given: Any
    answers: int
    rows: int


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of one thing that was asked: in how many of how many values it does not hold, if that was counted.

    Attributes:
        why: nothing, or `absent` for a column that is not there, or `raised` where it could not be computed.
    """

    result: str
    count: int | None
    of: int | None
    first: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a suite.

    Attributes:
        version, pandas: what judged.
        sealed: it ran in the sandbox.
        said: of each thing that was asked; none where nothing was judged.
        success: the program calls the suite as a whole a success.
        failed: why nothing was judged.
    """

    version: str
    pandas: str
    sealed: bool
    said: tuple[Said, ...] = ()
    success: bool = False
    failed: str = ""


def require_tool(tool: str) -> None:
    """Raise `Unavailable` unless a program is installed beside this one; nothing of it is imported."""
    missing = [name for name in (tool, "pandas", "pyarrow") if find_spec(name) is None]
    if missing:
        packages = " ".join(NAMES.get(name, name) for name in missing)
        raise Unavailable(f"this needs {' and '.join(missing)}, which is not installed", f"pip install {packages}")


def walls_missing() -> str:
    """Return why there is no sandbox here, or nothing."""
    return available()


def run_suite(folder: Path, asked: Asked, budget: Budget = BUDGET) -> Told:
    """Run a suite over the rows in a folder (see `TableSpool`), and return what came of it.

    Args:
        folder: private; `suite.json` is written there.
        asked: of which program, and what.
        budget: what it may use.

    Raises:
        Unavailable: the program is not there, or the child cannot be started.
    """
    (folder / "suite.json").write_text(json.dumps({"tool": asked.tool, "given": asked.given}))
    sealed = not available()
    answer, early = _run(folder, budget, sealed=sealed)
    try:
        return _read(answer, early, asked, sealed=sealed)
    except (KeyError, TypeError, ValueError, Malformed):
        return Told("", "", sealed, failed=f"{asked.tool} gave no answer that can be read")


def _run(folder: Path, budget: Budget, *, sealed: bool) -> tuple[bytes, str]:
    """Return what the child printed, and why it was ended early."""
    limits = [str(budget.seconds), str(budget.memory_bytes)]
    with contextlib.ExitStack() as stack:
        passed: tuple[int, ...] = ()
        words = [sys.executable, "-I", "-B", str(JUDGE), str(folder), *limits]
        settings = {**_SETTINGS, "HOME": str(folder), "TMPDIR": str(folder)}
        if sealed:
            (folder / "filter").write_bytes(seccomp.program(counted=False))
            program = stack.enter_context((folder / "filter").open("rb"))
            passed = (program.fileno(),)
            inside = [word for pair in _SETTINGS.items() for word in ("--setenv", *pair)]
            words = [*walls(folder, passed[0], budget, JUDGE)[:-1], *inside, "--"]
            words += [sys.executable, "-I", "-B", PROGRAM, FOLDER, *limits]
        try:
            child = subprocess.Popen(  # noqa: S603 - words of ours and no shell
                words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=settings,
                cwd=folder, pass_fds=passed, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise Unavailable(f"no child process can be started: {error.strerror}") from None
        try:
            answer, early = watch.wait(child, watch.Allowed(budget.seconds, budget.memory_bytes, folder / "trace"))
        finally:
            watch.end(child)
    return answer, early or (f"it ended with {child.returncode}" if child.returncode else "")


def _read(answer: bytes, early: str, asked: Asked, *, sealed: bool) -> Told:
    """Read an answer; whatever is not exactly one is an error."""
    found, tool = decoded(answer), asked.tool
    if early or found is None:
        return Told("", "", sealed, failed=f"{tool} was ended: {early}" if early else f"{tool} gave no answer")
    if "missing" in found:
        raise Unavailable(
            f"{found['missing']!s:.40} is not installed where a suite is run",
            f"pip install {NAMES[tool]}; what is only in a folder of the user's own is not seen",
        )
    version, pandas = (_version(found[key]) for key in ("version", "pandas"))
    if "failed" in found:
        return Told(version, pandas, sealed, failed=f"{tool}: {found['failed']!s:.200}")
    said = tuple(_said(*one) for one in found["answers"])
    if len(said) != asked.answers or found["rows"] != asked.rows or not isinstance(found["success"], bool):
        raise Malformed("another number of answers or rows")
    return Told(version, pandas, sealed, said, found["success"])


def _said(result: Any, count: Any, of: Any, first: Any, why: Any) -> Said:
    numbers = all(one is None or (type(one) is int and one >= 0) for one in (count, of, first))
    if result not in _RESULTS or why not in _WHY or not numbers:
        raise Malformed("an answer of another shape")
    return Said(result, count, of, first, why)


def _version(text: Any) -> str:
    if not isinstance(text, str) or not text.isprintable() or len(text) > _MOST_VERSION:
        raise Malformed("a version that is none")
    return text
