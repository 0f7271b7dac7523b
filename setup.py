"""Compile the pickle machine where that is asked for: `HAUBERK_COMPILE=1 pip install .` makes C of it.

Everything else about the package stands in pyproject.toml. Without the variable, without Cython, without a C compiler
or where compiling fails, the install goes on, and the same files run as Python.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

sys.path.insert(0, "tools")
from compile_machine import FOLDER, MODULES, PACKAGE

DIRECTIVES = {"language_level": 3, "boundscheck": True, "wraparound": True, "annotation_typing": False}
ASKED = os.environ.get("HAUBERK_COMPILE") == "1"


class AllOrNothing(build_ext):
    """Build every module, or leave none: a compiled one beside one in Python would not fit together."""

    def run(self) -> None:
        """Build; where that fails, say so and go on without."""
        try:
            super().run()
        except Exception as error:  # noqa: BLE001 - whatever a compiler does, the install goes on
            for path in self.get_outputs():
                Path(path).unlink(missing_ok=True)
            self.extensions = []
            self.warn(f"the pickle machine was not compiled and runs as Python: {error}")


def extensions() -> list[Extension]:
    """Return the modules as C; none where it was not asked for, or cannot be done."""
    if not ASKED:
        return []
    try:
        from Cython.Build import cythonize  # noqa: PLC0415 - only where it was asked for
    except ImportError:
        sys.stderr.write("the pickle machine is not compiled and runs as Python: Cython is not installed\n")
        return []
    made = Path("build", "cython")
    shutil.rmtree(made, ignore_errors=True)
    flags = [] if os.name == "nt" else ["-O2", "-g0"]  # as fast as -O3 here, and built in two thirds of the time
    listed = [Extension(f"{PACKAGE}.{name}", [f"{FOLDER}/{name}.py"], extra_compile_args=flags) for name in MODULES]
    return cythonize(
        listed,
        compiler_directives=DIRECTIVES,
        build_dir=str(made),
        include_path=["src"],
        quiet=True,
    )


setup(
    ext_modules=extensions(),
    cmdclass={"build_ext": AllOrNothing},
    setup_requires=["cython>=3.1"] if ASKED else [],
)
