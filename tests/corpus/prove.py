"""Proves that malicious samples do what they are said to do: each is opened by its own loader inside a sandbox.

    python tests/corpus/prove.py FOLDER

A sample is proved by the marker that its payload makes, or by an audit event of CPython that names its effect: a process,
a file, a socket. Modules that it names are imported before anybody listens, so that an import alone proves nothing. Answers are
written to `FOLDER/proofs.json`: id to `marker`, `event …`, or `static …` with the reason.

The sandbox is bubblewrap: no network, nothing writable but a scratch folder. Where bubblewrap is missing nothing is run.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

if __package__ is None or __package__ == "":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from corpus.loaders import LOADERS, names_of
from corpus.sample import CODE, MARKER, SHELL, read_manifest

SECONDS, MEMORY_BYTES = 6.0, 6 << 30
QUIET = {
    "import",
    "exec",
    "compile",
    "marshal.loads",
    "marshal.load",
    "pickle.find_class",
    "object.__getattr__",
    "code.__new__",
    "sys._getframe",
    "os.scandir",
    "os.listdir",
    "cpython._PySys_ClearAuditHooks",
    "array.__new__",
    "builtins.id",
    "sys._current_frames",
    "gc.get_referents",
    "gc.get_objects",
    "os.add_dll_directory",
    "mmap.__new__",
    "sys.excepthook",
    "sys.unraisablehook",
    "object.__setattr__",
    "os.putenv",
    "os.unsetenv",
    "ctypes.cdata",
    "ctypes.addressof",
    "ctypes.cdata/buffer",
    "ctypes.dlsym",
    "ctypes.dlsym/handle",
    "ctypes.PyObj_FromPtr",
}  # fmt: skip - events that an import or an ordinary load also makes; they count for the callables that they name alone
LOUD_IF_NAMED = {
    "gc.get_objects": "gc", "sys._getframe": "sys", "mmap.__new__": "mmap", "code.__new__": "types", "os.listdir": "os",
    "compile": "", "object.__setattr__": "builtins", "marshal.loads": "marshal", "marshal.load": "marshal",
    "os.putenv": "os", "builtins.id": "builtins",
}  # fmt: skip
ANSWERS = {"bwrap": "bubblewrap"}


def main() -> int:
    """Prove all samples of a folder and write what was seen."""
    folder = Path(sys.argv[-1]).resolve()
    if "--inside" in sys.argv:
        return _inside(folder)
    if shutil.which("bwrap") is None:
        print("bubblewrap is not installed: nothing is run", file=sys.stderr)
        return 3
    with tempfile.TemporaryDirectory() as scratch:
        command = [
            "bwrap",
            "--ro-bind",
            "/",
            "/",
            "--dev",
            "/dev",
            "--proc",
            "/proc",
            "--tmpfs",
            "/run",
            "--unshare-all",
        ]
        command += ["--die-with-parent", "--new-session", "--bind", scratch, scratch, "--setenv", "HOME", scratch]
        command += [
            "--setenv",
            "TMPDIR",
            scratch,
            "--chdir",
            scratch,
            sys.executable,
            __file__,
            "--inside",
            str(folder),
        ]
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL)
        answers = Path(scratch, "answers.json")
        if answers.exists():
            (folder / "proofs.json").write_text(answers.read_text())
    return done.returncode


def _inside(folder: Path) -> int:
    """Prove every sample in a child of its own; the modules that most samples need are loaded once, before."""
    for module in ("numpy", "joblib", "pandas", "sklearn.datasets", "torch"):
        with contextlib.suppress(ImportError):
            __import__(module)
    answers = {}
    for entry in read_manifest(folder, "malicious"):
        if not entry["loader"]:
            answers[entry["id"]] = f"static {entry['static'] or 'no loader'}"
            continue
        place = folder / "malicious" / entry["id"] / entry["target"]
        answers[entry["id"]] = _prove(entry["loader"], place)
    Path("answers.json").write_text(json.dumps(answers, indent=1, sort_keys=True) + "\n")
    return 0


def _prove(loader: str, place: Path) -> str:
    """Return what opening a sample did."""
    work = Path(tempfile.mkdtemp(dir="."))
    _furnish(work)
    listening, telling = os.pipe()
    child = os.fork()
    if not child:
        os.close(listening)
        _child(loader, place, work, telling)
    os.close(telling)
    events, late = _listen(listening, child)
    marker = (work / MARKER).exists()
    shutil.rmtree(work, ignore_errors=True)
    if marker:
        return "marker"
    loud = [event for event in events if not event.startswith("!")]
    if loud:
        return f"event {loud[0]}"
    if late:
        return f"event time-out after {SECONDS:.0f} s"
    return f"static {events[-1][1:] if events else 'ended without a word'}"


def _listen(listening: int, child: int) -> tuple[list[str], bool]:
    """Return the lines that a child wrote until it ended, and whether its time was over."""
    until, data, late = time.monotonic() + SECONDS, b"", False
    while True:
        ready, _, _ = select.select([listening], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            late = True
            break
        piece = os.read(listening, 1 << 16)
        data += piece
        if not piece or len(data) > 1 << 20:
            break
    with contextlib.suppress(ProcessLookupError):
        if late or len(data) > 1 << 20:
            os.killpg(child, signal.SIGKILL)
    os.close(listening)
    with contextlib.suppress(ChildProcessError):
        if not late:
            time.sleep(0.02)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return data.decode(errors="replace").splitlines(), late


def _furnish(work: Path) -> None:
    """Put into the working directory what gadgets name: a module, an archive, a pickle that runs the payload."""
    nested = b"cos\nsystem\n(V" + SHELL.encode() + b"\ntR."
    (work / "payload.py").write_text(f"{CODE}\ndef run():\n    pass\n")
    (work / "payload.pth").write_text(f"import os; os.system('{SHELL}')\n")
    (work / "a.pth").write_text(f"import os; os.system('{SHELL}')\n")
    (work / "empty").mkdir()
    for name in ("a.pkl", "a.joblib", "a.npy", "a.pt", "a", "a.pickle"):
        (work / name).write_bytes(nested)
    (work / "logging.ini").write_text(
        f"[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[logger_root]\nhandlers=h\n[handler_h]\n"
        f"class=FileHandler\nargs=(__import__('os').system('{SHELL}'),)\n"
    )


def _child(loader: str, place: Path, work: Path, telling: int) -> None:
    """Open a sample and tell each event by a line, `!` before what is only a remark; never returns."""
    os.setpgid(0, 0)
    os.chdir(work)
    sys.path.insert(0, "")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)

    def tell(line: str) -> None:
        os.write(telling, line.replace("\n", " ")[:200].encode(errors="replace") + b"\n")

    code = 0
    try:
        named = names_of(loader, place)
        for module in named:
            with contextlib.suppress(BaseException):
                __import__(module)
        missing = [module for module in named if module.partition(".")[0] not in sys.modules]
        load = LOADERS[loader.partition(":")[0]](loader.partition(":")[2])
        if missing:
            tell(f"!{missing[0]} is not installed")
        sys.addaudithook(_hook(tell, {module.partition(".")[0] for module in named}, str(place)))
        load(place)
        tell("!opened, and nothing was seen")
    except SystemExit:
        tell("SystemExit")
    except BaseException as error:  # noqa: BLE001 - whatever a payload raises is an answer
        tell(f"!{type(error).__name__}: {error}")
        code = 1
    with contextlib.suppress(BaseException):
        import atexit  # noqa: PLC0415 - only to run what a payload registered

        atexit._run_exitfuncs()  # type: ignore[attr-defined]
        time.sleep(0.01)
    os._exit(code)


def _hook(tell: object, named: set[str], place: str) -> object:
    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if event in QUIET and LOUD_IF_NAMED.get(event) not in named and not _runs_text(event, arguments):
            return
        if event == "import" and arguments[0] not in ("payload", "antigravity"):
            return
        if event == "open" and not _tells(arguments, place):
            return
        if event in ("os.chdir", "time.sleep", "glob.glob", "glob.glob/2") and not named & {"os", "time", "glob"}:
            return
        tell(f"{event} {str(arguments)[:120]}")  # type: ignore[operator]

    return hear


def _runs_text(event: str, arguments: tuple[object, ...]) -> bool:
    """Say whether text that lies in no file is compiled or run."""
    if event == "compile":
        return arguments[1] in (None, "<string>", "<console>", "x") and MARKER in str(arguments[0])
    if event == "exec":
        return getattr(arguments[0], "co_filename", "") in ("<string>", "x") and MARKER in str(
            getattr(arguments[0], "co_consts", "")
        )
    return event == "import" and arguments[0] in ("payload", "antigravity")


def _tells(arguments: tuple[object, ...], place: str) -> bool:
    """Say whether a file is written, or read that is neither the sample nor a part of Python or the system's libraries."""
    path, mode, flags = (*arguments, None, None, None)[:3]
    name = str(path)
    if (isinstance(mode, str) and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & 3):
        return not name.startswith(("/dev/null", "/proc/"))
    return name.startswith("/etc/hostname") or (
        not name.startswith("/") and not name.endswith((".pyc", ".zip")) and name != place
    )


if __name__ == "__main__":
    sys.exit(main())
