"""The sandbox: bubblewrap's namespaces, a system call filter, limits of time and memory, and `strace` outside of it.

What runs inside sees the interpreter, its libraries and the model, all read-only; an empty home, an empty `/tmp`, no
network, no other process. Before anything untrusted runs, a probe of ours tries from the inside what must not be
possible. If it can do any of that, or a part is missing, there is no sandbox, and nothing is run.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hauberk.edge.sandbox import seccomp, watch
from hauberk.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENER: Final = Path(__file__).with_name("opener.py")
_INSTALL: Final = "install bubblewrap and strace (Debian and Ubuntu: apt-get install bubblewrap strace)"
HOME: Final = "/tmp/home"  # noqa: S108 - of the inside, where everything is fresh
SYSTEM: Final = tuple(
    Path(path)
    for path in (
        "/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/alternatives",
    )
)  # fmt: skip
_FILES: Final = 16  # so many of the largest have room inside
FOLDER: Final = "/model"
PROGRAM: Final = "/hauberk-opener.py"
_CALLS: Final = (
    "execve,execveat,fork,vfork,clone,clone3,open,openat,openat2,creat,stat,newfstatat,unlink,unlinkat,"
    "rename,renameat,renameat2,mkdir,mkdirat,rmdir,symlink,symlinkat,link,linkat,chmod,fchmodat,chown,lchown,"
    "fchownat,truncate,mknod,mknodat,utimensat,socket,connect,bind,sendto,sendmsg,setxattr,lsetxattr,"
    "removexattr,lremovexattr"
)
# Of `/proc`, which shows the whole kernel, what an ordinary program reads. The rest is covered: where the administrator
# runs this, the inside is still the owner of those files.
_PROC: Final = frozenset(
    {
        "self",
        "thread-self",
        "mounts",
        "net",
        "cpuinfo",
        "filesystems",
        "loadavg",
        "meminfo",
        "stat",
        "uptime",
        "version",
    }
)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run inside may use: seconds by the clock, bytes of memory, bytes of one file that it writes."""

    seconds: int = 120
    memory_bytes: int = 8 << 30
    file_bytes: int = 64 << 20


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a run: the answer of the opener (None where it gave none), the trace, and why it ended early."""

    answer: dict[str, Any] | None
    trace: str
    early: str


def open_sealed(files: Mapping[str, bytes], entry: str, form: str, budget: Budget) -> Ran:
    """Open a model inside the sandbox.

    Args:
        files: the model, path to bytes; they are written to a private folder, which is all that the inside sees.
        entry: the file that is opened, or `.` for the folder.
        form: as which format.
        budget: what the run may use.

    Raises:
        Unavailable: there is no sandbox here, or it is not tight.
    """
    check()
    with tempfile.TemporaryDirectory(prefix="hauberk-") as folder:
        model = Path(folder, "model")
        for name, data in files.items():
            path = model / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return _run([form, os.path.normpath(f"{FOLDER}/{entry}")], Path(folder), model, budget)


def check() -> None:
    """Raise `Unavailable` unless everything is there and a probe inside can do nothing that it must not."""
    if sys.platform != "linux":
        raise Unavailable(f"there is no sandbox on {sys.platform}", "detonate on Linux")
    missing = [name for name in ("bwrap", "strace") if program(name) is None]
    if missing:
        raise Unavailable(f"there is no sandbox: {' and '.join(missing)} not found", _INSTALL)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hauberk-")))
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        secret = folder / "secret"
        secret.write_text("not to be seen")
        model = folder / "model"
        model.mkdir()
        ran = _run(["probe", f"127.0.0.1:{server.getsockname()[1]}:{secret}"], folder, model, Budget(seconds=30))
    if ran.answer is None or "able" not in ran.answer:
        raise Unavailable(
            f"the sandbox does not start here: {ran.early}", "allow user namespaces, or use another machine"
        )
    if ran.answer["able"]:
        raise Unavailable(f"the sandbox is not tight: inside, one can {ran.answer['able'][0]}", "nothing was opened")


def program(name: str) -> str | None:
    """Return where a program of the system lies; a caller's own PATH is no place to take a sandbox from."""
    return shutil.which(name, path=os.defpath)


def _run(arguments: list[str], folder: Path, model: Path, budget: Budget) -> Ran:
    trace, complaint = folder / "trace", folder / "complaint"
    filter_ = folder / "filter"
    filter_.write_bytes(seccomp.program())
    calls = ",".join(f"?{name}" for name in (*_CALLS.split(","), *seccomp.DENIED, *seccomp.UNCOUNTED))
    with filter_.open("rb") as rules, complaint.open("wb") as errors:
        command = [
            str(program("strace")), "-f", "-qq", "-xx", "-s", "4096", "-e", f"trace={calls}", "-o", str(trace),
            *walls(model, rules.fileno(), budget), sys.executable, "-I", "-B", PROGRAM, *arguments,
            str(budget.file_bytes),
        ]  # fmt: skip
        child = subprocess.Popen(  # noqa: S603 - words of ours and no shell
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env={"PATH": os.defpath},
            pass_fds=(rules.fileno(),), start_new_session=True,
            preexec_fn=lambda: limit(budget),  # noqa: PLW1509 - no thread of ours runs beside this
        )  # fmt: skip
        try:
            answer, early = watch.wait(child, watch.Allowed(budget.seconds, budget.memory_bytes, trace))
        finally:
            watch.end(child)
    early = early or (f"it ended with {child.returncode}: {last(complaint)}" if child.returncode else "")
    with trace.open(encoding="utf-8", errors="replace") as text:
        return Ran(decoded(answer), text.read(2 * watch.MOST_TRACE_BYTES), early)


def walls(model: Path, rules: int, budget: Budget, script: Path = OPENER) -> list[str]:
    """Return the command line of bubblewrap up to the program that it runs.

    Args:
        model: a folder, seen inside as `FOLDER`.
        rules: the descriptor of the filter of system calls.
        budget: room for files.
        script: a program of ours, seen inside as `PROGRAM`.
    """
    words = [str(program("bwrap")), "--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534"]
    words += ["--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL", "--hostname", "sandbox"]
    words += ["--seccomp", str(rules)]
    for path in SYSTEM:
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), str(path)]
        elif path.exists():
            words += ["--ro-bind", str(path), str(path)]
    words += ["--proc", "/proc", *_covers(), "--remount-ro", "/proc"]
    words += ["--dev", "/dev", "--size", str(budget.file_bytes), "--tmpfs", "/dev/shm"]  # noqa: S108 - of the inside
    words += ["--size", str(_FILES * budget.file_bytes), "--tmpfs", str(Path(HOME).parent), "--dir", HOME]
    for prefix in dict.fromkeys((sys.base_prefix, sys.prefix)):  # after the empty `/tmp`: an environment may lie there
        words += ["--ro-bind", prefix, prefix]
    words += ["--ro-bind", str(model), FOLDER, "--ro-bind", str(script), PROGRAM, "--chdir", HOME]
    words += ["--remount-ro", "/dev", "--remount-ro", "/"]
    for name, value in (("HOME", HOME), ("PATH", "/usr/bin:/bin"), ("LANG", "C.UTF-8"), ("OMP_NUM_THREADS", "1")):
        words += ["--setenv", name, value]
    return [*words, "--"]


def _covers() -> list[str]:
    """Return the words that put nothing over all of `/proc` that is not known to be harmless."""
    words: list[str] = []
    for entry in sorted(Path("/proc").iterdir()):
        if entry.name.isdigit() or entry.name in _PROC or entry.is_symlink():
            continue
        words += ["--tmpfs", str(entry)] if entry.is_dir() else ["--ro-bind", "/dev/null", str(entry)]
    return words


def limit(budget: Budget) -> None:
    """Lower, for good, what this process and what it starts may use; called in a child before it is another program."""
    resource.setrlimit(resource.RLIMIT_AS, (budget.memory_bytes, budget.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * watch.MOST_TRACE_BYTES,) * 2)  # of the trace; less inside
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (budget.seconds, budget.seconds + 1))


def decoded(answer: bytes) -> dict[str, Any] | None:
    """Return the document that a run answered, None where it is none."""
    try:
        document = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def last(complaint: Path) -> str:
    """Return the last line that a run complained with."""
    with complaint.open("rb") as file:
        file.seek(max(0, complaint.stat().st_size - 2000))
        written = file.read()
    lines = written.decode("utf-8", "backslashreplace").strip().splitlines()
    return lines[-1][:200] if lines else "it said nothing"
