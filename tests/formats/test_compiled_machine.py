"""The compiled machine: it says of every stream what the one in Python says, and keeps the same tests."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hauberk.formats.model.pickle.loop import COMPILED

REPOSITORY = Path(__file__).parents[2]
STREAMS = 4_000
TESTS = (
    "tests/formats/test_pickle_machine.py",
    "tests/formats/test_format_vectors.py",
    "tests/attacks",
    "tests/property/test_pickle_positions.py",
)


def _compiler():
    spec = importlib.util.spec_from_file_location("compile_machine", REPOSITORY / "tools" / "compile_machine.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


compiler = _compiler()


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    """Make two copies of the sources, one of them with the compiled modules."""
    made = {name: tmp_path_factory.mktemp(name) for name in ("python", "compiled")}
    why = [compiler.copy_sources(tree, compiled=name == "compiled") for name, tree in made.items()][-1]
    if why and os.environ.get("CI"):
        pytest.fail(why)
    if why:
        pytest.skip(why)
    return made


def run(tree, *command):
    path = os.pathsep.join((str(tree), str(REPOSITORY / "tests")))
    return subprocess.run(
        [sys.executable, *command],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_compiled_here_is_of_the_sources_as_they_are():
    folder = REPOSITORY / compiler.FOLDER
    built = [path for name in compiler.MODULES for path in folder.glob(f"{name}.*.so")]
    assert not built or compiler.is_fresh(folder), "stale: run `python tools/compile_machine.py`"


def test_both_machines_say_the_same_of_every_stream(trees):
    python, compiled = (run(trees[name], "tests/machine_dump.py", str(STREAMS)) for name in ("python", "compiled"))
    assert (python.stderr.strip(), compiled.stderr.strip()) == ("python", "compiled")
    assert python.returncode == compiled.returncode == 0
    assert python.stdout.count("\n") > 3 * STREAMS
    assert python.stdout == compiled.stdout


def test_the_other_machine_keeps_the_tests_of_this_one(trees):
    other = "python" if COMPILED else "compiled"
    done = run(trees[other], "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS)
    assert done.returncode == 0, done.stdout[-3000:]
