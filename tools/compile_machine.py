"""Compile the pickle machine beside its sources, where Cython and a C compiler are there.

    python tools/compile_machine.py            # compile if anything changed; say what is in use
    python tools/compile_machine.py --remove   # back to the same files as Python

Four modules are compiled, with bounds checks on, from the very files that run as Python where nothing is compiled; the
`.pxd` files beside them give the types. All four or none: what was compiled is written down with a digest of the
sources, and a test fails where a compiled module is older than its source.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from importlib import util
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDER = Path("src/hauberk/formats/model/pickle")
PACKAGE = "hauberk.formats.model.pickle"
MODULES = ("level", "loop", "source", "values")
RECORD = "compiled.txt"
SUFFIX = sysconfig.get_config_var("EXT_SUFFIX") or ".so"


def digest(root: Path = REPOSITORY) -> str:
    """Return a digest of all that decides what is compiled: the sources, their types, this file, the interpreter."""
    whole = hashlib.sha256(f"{sys.version} {SUFFIX}".encode())
    files = sorted(root / FOLDER / f"{name}.{kind}" for name in MODULES for kind in ("py", "pxd"))
    for path in (*files, root / "setup.py"):
        whole.update(path.read_bytes())
    return whole.hexdigest()


def missing() -> str:
    """Return what is missing for compiling, in words; nothing where it can be done."""
    if util.find_spec("Cython") is None:
        return "Cython is not installed"
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    return "" if shutil.which(compiler) else f"there is no C compiler ({compiler})"


def compiled_modules() -> tuple[Path, str]:
    """Return the folder with the modules as compiled from the sources as they are, or why there are none."""
    kept = REPOSITORY / "build" / "machine" / digest()[:24]
    if all((kept / f"{name}{SUFFIX}").is_file() for name in MODULES):
        return kept, ""
    return kept, missing() or _compile_into(kept)


def copy_sources(folder: Path, *, compiled: bool) -> str:
    """Copy the package into a folder, as Python, or with the compiled modules; return why that cannot be done."""
    ignored = shutil.ignore_patterns("*.so", "*.pyd", "__pycache__")
    shutil.copytree(REPOSITORY / "src" / "hauberk", folder / "hauberk", ignore=ignored)
    if not compiled:
        return ""
    kept, why = compiled_modules()
    for name in () if why else MODULES:
        shutil.copy2(kept / f"{name}{SUFFIX}", folder / "hauberk" / "formats" / "model" / "pickle")
    return why


def remove(folder: Path) -> None:
    """Remove everything that is compiled, for any interpreter, and the record of it."""
    for name in MODULES:
        for path in (*folder.glob(f"{name}.*.so"), *folder.glob(f"{name}.*.pyd")):
            path.unlink()
    (folder / RECORD).unlink(missing_ok=True)


def is_fresh(folder: Path) -> bool:
    """Say whether what is compiled is of the sources as they are."""
    record = folder / RECORD
    compiled = all((folder / f"{name}{SUFFIX}").is_file() for name in MODULES)
    return compiled and record.is_file() and record.read_text() == digest()


def main() -> int:
    """Compile if anything changed, and say what is in use; never fail for want of a compiler."""
    folder = REPOSITORY / FOLDER
    if "--remove" in sys.argv:
        remove(folder)
    elif not is_fresh(folder):
        remove(folder)
        kept, why = compiled_modules()
        if why:
            print(f"setup: the pickle machine runs as Python, about fifteen times slower: {why}")
            return 0
        for name in MODULES:
            shutil.copy2(kept / f"{name}{SUFFIX}", folder)
        (folder / RECORD).write_text(digest())
        print("setup: the pickle machine is compiled")
    return 0


def _compile_into(folder: Path) -> str:
    """Compile all modules into a folder; return why it failed, and leave nothing there then."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "setup.py", "-q", "build_ext", "--parallel=2", f"-t{scratch}", f"-b{scratch}"]
        environment = {**os.environ, "HAUBERK_COMPILE": "1"}
        done = subprocess.run(
            command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, errors="replace", check=False
        )
        built = [Path(scratch, *PACKAGE.split("."), f"{name}{SUFFIX}") for name in MODULES]
        if done.returncode or not all(path.is_file() for path in built):
            return f"the compiler failed: {(done.stdout + done.stderr).strip()[-2000:]}"
        folder.mkdir(parents=True, exist_ok=True)
        for path in built:
            shutil.copy2(path, folder)
    return ""


if __name__ == "__main__":
    sys.exit(main())
