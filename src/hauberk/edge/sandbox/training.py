"""The sandbox of a training run: it sees its declared inputs, read-only, and can write in one empty directory.

Inside there is no network, but for addresses that were named, no home, no other process, a clean environment; `/tmp` is
empty and goes away. What the command tries all the same is denied, and, where `strace` is installed, told: files of
this machine that it wanted to read and that nobody declared, files that it wanted to write, addresses that it wanted to
reach.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from hauberk.edge.clock import stopwatch
from hauberk.edge.process import await_end
from hauberk.edge.relay.address import hosts
from hauberk.edge.relay.running import Carried, relayed
from hauberk.edge.sandbox import seccomp
from hauberk.edge.sandbox.bubblewrap import HOME, SYSTEM, program
from hauberk.edge.sandbox.pipes import pipe, relayed_output, started
from hauberk.errors import Misconfigured, Refused, Unavailable
from hauberk.formats.trace import Refusal, refusals
from hauberk.refused_for import RefusedFor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hauberk.edge.relay.address import Way
    from hauberk.edge.relay.running import Relay
    from hauberk.edge.sandbox.pipes import Pipe

WARDEN: Final = Path(__file__).with_name("warden.py")
_WARDEN: Final = "/hauberk-warden.py"
NAME_SERVER: Final = "192.0.2.1"  # of TEST-NET-1 (RFC 5737): whoever looks up a name asks it, in vain, and is seen
# What the administrator's own programs, which are still the owner inside, could set the kernel by.
COVERED: Final = ("--ro-bind", "/proc/sys", "/proc/sys", "--remount-ro", "/proc")
_ETC: Final = {
    "resolv.conf": f"nameserver {NAME_SERVER}\n",
    "nsswitch.conf": "hosts: files dns\npasswd: files\ngroup: files\n",
    "hosts": "{hosts}",
    "passwd": "trainer:x:{uid}:{gid}::{home}:/bin/sh\n",
    "group": "trainer:x:{gid}:\n",
}
# Public certificates, by which servers outside are known. Nothing in these folders is private.
_AUTHORITIES: Final = ("/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted")
_PRIVILEGED: Final = 1024  # a port below needs a capability, which the warden has and the command has not
_CALLS: Final = (
    "open,openat,openat2,creat,execve,execveat,connect,bind,sendto,sendmsg,sendmmsg,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,rmdir,"
    "symlink,symlinkat,link,linkat,truncate,mknod,mknodat,chmod,fchmodat,utimensat"
)
_MOST_TRACE_BYTES: Final = 256 << 20
_LIBRARY: Final = ctypes.CDLL(None)
_SET_DEATH_SIGNAL: Final = 1  # PR_SET_PDEATHSIG
_MOST_REPORT_BYTES: Final = 1 << 16
# What libraries look for, read or write on every machine. It is not in the sandbox, and nobody misses it there.
_KERNEL: Final = ("/proc/", "/sys/", "/dev/", "/run/", "/tmp/", "/var/run/", "/var/cache/")  # noqa: S108
_LOOKED_FOR: Final = (
    *_KERNEL,
    *(f"/{name}/" for name in ("etc", "usr", "lib", "lib32", "lib64", "bin", "sbin")),
    "/var/lib/dbus/",  # the machine's id
    "/var/tmp/",  # noqa: S108 - nobody writes there
    "/var/db/",
)
# Whom the C library asks for a user's name before it reads its own file.
_NAME_CACHE: Final = ("connect /var/run/nscd/socket", "connect /run/nscd/socket")
_MORE_THAN_KEPT: Final = f"did more than its watcher keeps ({_MOST_TRACE_BYTES >> 20} MiB of failed calls)"
_LOOK_SECONDS: Final = 0.5  # between two looks at how much was kept


_PARTS: Final = ("bin", "lib", "lib64", "include", "share", "etc", "pyvenv.cfg")  # of an environment that is the folder


@dataclass(frozen=True, slots=True)
class Walls:
    """What a run sees and may use.

    Attributes:
        folder: the working directory, which inside holds nothing but what is listed here.
        readable: absolute paths of files and folders, seen under the same names, read-only.
        writable: the absolute path of the one folder that it may write in.
        seconds: by the clock, and of a processor for each of its processes.
        memory_bytes: of private memory, for each of its processes.
        file_bytes: of one file that it writes.
        ways: addresses outside that it may reach.
    """

    folder: Path
    readable: tuple[Path, ...]
    writable: Path
    seconds: int
    memory_bytes: int
    file_bytes: int = 1 << 40
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True)
class Sealed:
    """How a run ended.

    Attributes:
        status: of the command, -N for a signal N; None where it ran out of time.
        left: the command lines of processes that it left running.
        refused: what it tried and was denied; None where nobody watched.
        carried: what went each way that it may reach.
    """

    status: int | None
    left: tuple[str, ...]
    refused: tuple[Refusal, ...] | None
    carried: tuple[Carried, ...] = ()


def available() -> str:
    """Return why there is no sandbox here, or nothing."""
    if sys.platform != "linux":
        return f"there is no sandbox on {sys.platform}"
    if program("bwrap") is None:
        return "bubblewrap is not installed (Debian and Ubuntu: apt-get install bubblewrap strace)"
    done = subprocess.run(  # noqa: S603 - words of ours
        [str(program("bwrap")), "--unshare-all", "--unshare-user", "--ro-bind", "/", "/", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else f"bubblewrap does not start: {done.stderr.strip()[:200]}"


def is_watched() -> bool:
    """Return whether what a command tries in the sandbox is told."""
    return program("strace") is not None


def names_of(path: Path) -> tuple[Path, ...]:
    """Return the names under which a file or folder is to be seen: its own, and where it leads."""
    own = path.parent.resolve() / path.name if path.name not in ("", "..") else path.resolve()
    return tuple(dict.fromkeys((own, path.resolve())))


def run_sealed(
    command: Sequence[str],
    environment: Mapping[str, str],
    walls: Walls,
    *,
    attend: Callable[[], float] | None = None,
) -> Sealed:
    """Run a command in the sandbox; what it prints goes to standard error.

    Args:
        command: words.
        environment: all of its environment. It may hold credentials, so it reaches the sandbox through memory, and not
            in the words that every user of the machine can list.
        walls: what it sees and may use.
        attend: as of `await_end`; what it raises ends the command too.

    Raises:
        Unavailable: the sandbox or its relay does not start, or the command took its reporter away.
        Misconfigured: there is no such command inside.
    """
    with tempfile.TemporaryDirectory(prefix="hauberk-") as place:
        folder = Path(place)
        (folder / "filter").write_bytes(seccomp.program(counted=False))
        for name, text in _ETC.items():
            named = hosts(walls.ways)
            (folder / name).write_text(text.format(uid=os.getuid(), gid=os.getgid(), home=HOME, hosts=named))
        with (
            (folder / "filter").open("rb") as filter_,
            _in_memory(_settings(environment)) as settings,
            relayed(walls.ways) as relay,
            pipe() as report_to,
        ):
            watched = is_watched()
            words = [
                *_watcher(folder / "trace", watched=watched),
                *_walls(walls, folder, filter_.fileno(), settings.fileno()),
            ]
            words += [sys.executable, "-I", "-S", "-B", _WARDEN, str(report_to.writer.fileno())]
            words += [*_opened(walls, relay), *command]
            attend = _attending(folder / "trace", attend)
            passed = (filter_.fileno(), settings.fileno(), *relay.control, report_to.writer.fileno())
            status, report = _converse(words, walls, passed, report_to, attend)
            if report is not None and status and not {"error", "closed"} & report.keys():
                report = None  # it was not its reporter that ended so
            _require_told(command[0], status, report)
            carried = relay.end()
        found = _refusals(folder / "trace", walls, report) if watched else None
    if report is None:
        return Sealed(None, (), found, carried)
    return Sealed(int(report["status"]), tuple(map(str, report["left"])), found, carried)


def _require_told(program: str, status: int | None, report: dict[str, Any] | None) -> None:
    if report is None and status is not None:
        raise Unavailable(
            f"the sandbox ended with {status} and told nothing",
            "see what it printed; no model was recorded",
            refused_for=RefusedFor.NO_REPORT,
        )
    if report is not None and report.get("closed"):
        raise Unavailable(f"the sandbox cannot be opened for --reach: {report['closed']}", "nothing was started")
    if report is not None and report.get("error"):
        raise Misconfigured(
            f"{program} cannot be started inside: {report['error']}", "declare it with --input, or among the `inputs`"
        )


def _opened(walls: Walls, relay: Relay) -> tuple[str, str]:
    """Return what the warden is told: where it gives what listens to, and where it listens."""
    places = ",".join(f"{way.inside}:{way.destination.port}" for way in walls.ways)
    return "".join(map(str, relay.control)), places


def _converse(
    words: list[str], walls: Walls, passed: tuple[int, ...], report: Pipe, attend: Callable[[], float] | None
) -> tuple[int | None, dict[str, Any] | None]:
    """Run to the end; return the sandbox's status (None: out of time) and what the warden told."""
    with relayed_output() as shown:
        child = started(
            words, stdin=subprocess.DEVNULL, stdout=shown, stderr=shown, pass_fds=passed,
            preexec_fn=lambda: _limit(walls),
        )  # fmt: skip
        try:
            report.writer.close()
            status: int | None = await_end(child, walls.seconds, attend)
        except subprocess.TimeoutExpired:
            return None, None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        return status, _decoded(report.reader.read(_MOST_REPORT_BYTES))


def _decoded(report: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(report)
    except ValueError:
        return None
    return document if isinstance(document, dict) and {"status", "left"} <= document.keys() else None


def _watcher(trace: Path, *, watched: bool) -> list[str]:
    if not watched:
        return []
    words = [str(program("strace")), "-f", "-qq", "-xx", "-y", "-s", "4096", "--seccomp-bpf", "-Z"]
    return [*words, "-e", f"trace={_CALLS}", "-o", str(trace)]


def _walls(walls: Walls, etc: Path, filter_: int, settings: int) -> list[str]:
    words = [str(program("bwrap")), "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"]
    words += ["--clearenv", "--cap-drop", "ALL"]
    if any(way.destination.port < _PRIVILEGED for way in walls.ways):
        words += ["--cap-add", "CAP_NET_BIND_SERVICE"]
    words += ["--hostname", "training", "--seccomp", str(filter_)]
    for path in SYSTEM:
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), str(path)]
        elif path.exists():
            words += ["--ro-bind", str(path), str(path)]
    room = ("--size", str(walls.memory_bytes), "--tmpfs")  # it is memory, and no limit of a process counts it
    words += ["--proc", "/proc", *COVERED, "--dev", "/dev", *room, "/dev/shm", *room, "/tmp", "--dir", HOME]  # noqa: S108
    around, beside = _interpreter(walls.folder)
    for path in around:
        words += ["--ro-bind", str(path), str(path)]
    words += ["--tmpfs", str(walls.folder)]
    for path in dict.fromkeys((*beside, *walls.readable)):
        words += ["--ro-bind", str(path), str(path)]
    for name in _ETC:
        words += ["--ro-bind", str(etc / name), f"/etc/{name}"]
    if walls.ways:
        words += [word for folder in _AUTHORITIES for word in ("--ro-bind-try", folder, folder)]
    words += ["--bind", str(walls.writable), str(walls.writable)]
    words += ["--ro-bind", str(WARDEN), _WARDEN, "--chdir", str(walls.folder)]
    words += ["--remount-ro", "/dev", "--remount-ro", str(walls.folder), "--remount-ro", "/"]
    return [*words, "--args", str(settings), "--"]


def _interpreter(folder: Path) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Return where the interpreter lies: what holds the working directory, which is put over it, and all else."""
    prefixes = tuple(dict.fromkeys((Path(sys.base_prefix), Path(sys.prefix))))
    around = tuple(path for path in prefixes if folder.is_relative_to(path.resolve()))
    parts = tuple(path / name for path in around if path.resolve() == folder for name in _PARTS)
    return around, (*(path for path in prefixes if path not in around), *(part for part in parts if part.exists()))


def _settings(environment: Mapping[str, str]) -> bytes:
    """Return the arguments that set the environment, as bubblewrap reads them from a descriptor."""
    whole = {**environment, "HOME": HOME, "TMPDIR": "/tmp"}  # noqa: S108 - of the inside
    words = [word for name, value in whole.items() for word in ("--setenv", name, value)]
    return b"".join(os.fsencode(word) + b"\0" for word in words)


def _in_memory(data: bytes) -> BinaryIO:
    """Return a file that is on no disk and has no name."""
    file = os.fdopen(os.memfd_create("hauberk"), "w+b")
    file.write(data)
    file.seek(0)
    return file


def _limit(walls: Walls) -> None:
    _LIBRARY.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)  # if we are killed, nobody limits its time any more
    resource.setrlimit(resource.RLIMIT_DATA, (walls.memory_bytes, walls.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (walls.file_bytes, walls.file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    cpu = walls.seconds * (os.cpu_count() or 1)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))


def _refusals(trace: Path, walls: Walls, report: Mapping[str, Any] | None) -> tuple[Refusal, ...]:
    """Return what was denied, without what libraries look for anywhere and files that this machine has not either."""
    if trace.exists() and trace.stat().st_size > _MOST_TRACE_BYTES:
        return (Refusal("unseen", _MORE_THAN_KEPT),)
    text = trace.read_text(encoding="utf-8", errors="replace") if trace.exists() else ""
    own = tuple(f"{path}/" for path in (*_interpreter(walls.folder)[1], *walls.readable))
    found = refusals(
        text,
        folder=str(walls.folder),
        names={way.inside: way.destination.host for way in walls.ways if way.inside != way.destination.host},
        led={(way.inside, way.destination.port) for way in walls.ways},
        matters=lambda one: _matters(one, f"{walls.folder}/", own, f"{walls.writable}/"),
    )
    if report is not None and not all(f" openat({number}, NULL, O_RDONLY)" in text for number in report["mark"]):
        return (*found, Refusal("unseen", "was not watched to its end"))
    return found


def _matters(one: Refusal, folder: str, own: tuple[str, ...], writable: str) -> bool:
    if one.kind == "network":
        return one.what not in _NAME_CACHE
    place = f"{one.what}/"
    if place.startswith(writable) or (place.startswith(own) and one.kind == "read"):
        return False
    if not place.startswith(folder) and place.startswith(_LOOKED_FOR if one.kind == "read" else _KERNEL):
        return False
    return one.kind == "write" or os.path.lexists(one.what)


def _attending(trace: Path, attend: Callable[[], float] | None) -> Callable[[], float]:
    """Return what is done while a command runs: what was to be done anyway, and an end to what fills the disk."""
    due = stopwatch()

    def look() -> float:
        nonlocal due
        if trace.exists() and trace.stat().st_size > _MOST_TRACE_BYTES:
            raise Refused(
                f"the command {_MORE_THAN_KEPT}",
                "it was ended, and no model was recorded: see what it looks for",
                refused_for=RefusedFor.UNSEEN,
            )
        if attend is not None and stopwatch() >= due:
            due = stopwatch() + attend()
        return min(_LOOK_SECONDS, due - stopwatch()) if attend is not None else _LOOK_SECONDS

    return look
