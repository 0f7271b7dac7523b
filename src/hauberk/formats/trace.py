"""What a program did, from the trace that `strace` wrote: processes, network, and files changed or read.

A trace is text, and the strings in it are the traced program's: a line is read by its shape, and what has another shape
is left out. A first mark begins the time that is asked about, and nothing ends it: from then on the program may make
any mark itself. Source: strace 6 `strace.c`, the options `-f -qq -xx` print every string in hexadecimal, so that
nothing in a name can end it.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.detonation import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

_CALL: Final = re.compile(
    r"(?:\[pid\s+)?(\d+)?\]?\s*([a-z_0-9]+)\((.*?)"
    r"(?:\)\s*=\s*(-?\d+|\?)(?:\s+([A-Z]+))?.*| <unfinished \.\.\.>)"
)
_STRING: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_CHANGES: Final = frozenset(
    {"unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir", "symlink", "symlinkat",
     "link", "linkat", "chmod", "fchmodat", "chown", "fchownat", "lchown", "truncate", "mknod", "mknodat", "utimensat",
     "setxattr", "lsetxattr", "removexattr", "lremovexattr"}
)  # fmt: skip
_NETWORK: Final = frozenset({"connect", "bind", "sendto", "sendmsg", "sendmmsg"})
_FAMILY: Final = re.compile(r"\b(?:AF|PF)_(?!UNSPEC)([A-Z0-9_]+)")
_ADDRESS: Final = re.compile(r'sin6?_port=htons\((\d+)\).*?"([^"]*)"')
_LOCAL_ADDRESS: Final = re.compile(r'sun_path=(@?)"([^"]*)"')
_WRITES: Final = re.compile(r"O_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND)")
# A name, and the folder that it is relative to, where the call names one: `AT_FDCWD</home/me>, "train.py"`.
_NAMED: Final = re.compile(r'(?:(?:AT_FDCWD|\d+)<((?:\\x[0-9a-f]{2})*)>(?:\(deleted\))?,\s*)?"((?:\\x[0-9a-f]{2})*)"')
_OWN_LINK: Final = re.compile(
    r"/+(?:proc/+[^/]+/+(?:task/+[^/]+/+)?(?:(root|cwd)|fd/+\d+)|dev/+fd/+\d+)/+(.*)", re.DOTALL
)
_DENIED: Final = frozenset(
    {"ENOENT", "EACCES", "EPERM", "EROFS", "EBUSY", "EXDEV", "ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL"}
)
_UNANSWERED: Final = frozenset({"ECONNREFUSED", "EINPROGRESS"})  # by an address that stands for another host
_PLACE: Final = re.compile(r"(\w+) (?:::ffff:)?(\S+) port (\d+)")
_LOCAL: Final = re.compile(r"\w+ (127\.|::1 |:: |::ffff:127\.|0\.0\.0\.0 )")
_MOST: Final = 10_000
_MOST_CHARACTERS: Final = 1_000  # of one act: words of a command, or a path


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """Something that a program tried and was denied.

    `read` or `write` and a path; `change` and the path of something that was not there; `network` and an address;
    `unseen` and why not all was seen.
    """

    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The acts from the first mark on, in order; whether the first and the second mark were seen."""

    acts: tuple[Act, ...]
    begun: bool
    ended: bool


def read(
    text: str, *, begin: str, end: str, known: tuple[str, ...] = (), kernel: frozenset[str] = frozenset()
) -> Trace:
    """Return what happened after a look at the name `begin`, also behind one at the name `end`.

    Args:
        text: the trace.
        begin: a name that nobody but us has looked at before the program was let loose.
        end: a name that we look at when it is done; the program may do so at any time, which hides nothing.
        known: as for `outside`.
        kernel: calls that are an act by themselves, whatever they are asked for.
    """
    acts: dict[Act, None] = {}
    begun = ended = False
    for line in text.splitlines():
        found = _CALL.match(line)
        if found is None:
            continue
        call, arguments, result = found[2], found[3], found[4]
        strings = [_decoded(match[1]) for match in _STRING.finditer(arguments)]
        if not begun:
            begun = begin in strings
        elif end in strings:
            ended = True
        elif len(acts) < _MOST and found[5] != "ENOSYS":
            allowed = result is None or not result.startswith("-")
            told = [("kernel", call)] if call in kernel else _acts(call, arguments, strings)
            seen = (Act(kind, what[:_MOST_CHARACTERS], allowed) for kind, what in told)
            acts |= dict.fromkeys(outside(seen, known))
    return Trace(tuple(acts), begun, ended)


def refusals(
    text: str,
    *,
    folder: str,
    names: Mapping[str, str] | None = None,
    led: Collection[tuple[str, int]] = (),
    matters: Callable[[Refusal], bool] = lambda _: True,
) -> tuple[Refusal, ...]:
    """Return what failed in a trace of failed calls, each once, in the order of its first time.

    Args:
        text: of `strace -y -Z`, which tells of each folder that a name is relative to where it lies.
        folder: the working directory at the start.
        names: local addresses that stand for hosts elsewhere, and what they are called.
        led: which of their ports lead there; the others are those of a host that the program may not reach.
        matters: what is kept; a program cannot push it out with what is not.
    """
    found: dict[Refusal, None] = {}
    for line in text.splitlines():
        call = _CALL.match(line)
        if call is None or not (call[4] or "").startswith("-"):
            continue
        wanted = _wanted(call[2], call[3], call[5] or "", folder)
        for one in (*_elsewhere(call[2], call[3], call[5] or "", names or {}, led), *wanted):
            if one not in found and matters(one):
                found[one] = None
        if len(found) >= _MOST:
            break
    return tuple(found)


def _elsewhere(
    call: str, arguments: str, error: str, names: Mapping[str, str], led: Collection[tuple[str, int]]
) -> Iterator[Refusal]:
    """Yield what was sent to a port of a host of which only others may be reached."""
    if not names or call not in _NETWORK or error not in _UNANSWERED:
        return
    for _, what in _acts(call, arguments, []):
        place = _PLACE.fullmatch(what)
        if place is not None and place[2] in names and (place[2], int(place[3])) not in led:
            yield Refusal("network", f"{place[1]} {names[place[2]]} port {place[3]}")


def _wanted(call: str, arguments: str, error: str, folder: str) -> Iterator[Refusal]:
    """Yield what a failed call wanted: an address, or each path that it named, without `..` in it."""
    if call in _NETWORK:
        for _, what in _acts(call, arguments, []):
            is_hidden_door = error == "ECONNREFUSED" and what.startswith("connect @")
            if (error in _DENIED and not _LOCAL.search(what)) or is_hidden_door:
                yield Refusal("network", what)
        return
    if error not in _DENIED:
        return
    named = list(_NAMED.finditer(arguments))
    if call in ("execve", "execveat"):
        named, kind = named[:1], "read"
    elif call in _CHANGES:
        named, kind = named[1:] if call.startswith("symlink") else named, "write"
        kind = "change" if error == "ENOENT" else kind
    else:
        named, kind = named[:1], "write" if call == "creat" or _WRITES.search(arguments) else "read"
    for match in named:
        for path in _places(_bytes(match[2]), _bytes(match[1] or ""), folder, certain=kind != "read"):
            yield Refusal(kind, path)


def _places(path: str, base: str, folder: str, *, certain: bool) -> Iterator[str]:
    """Yield where a name leads, as far as its text tells; all places where it may, if it is not `certain`."""
    while link := _OWN_LINK.match(path):
        path = f"/{link[2]}" if link[1] == "root" else link[2]
        base = base if link[1] == "cwd" else ""
    bases = [base or folder]
    while not base and not certain and not path.startswith("/") and bases[-1] != "/":
        bases.append(posixpath.dirname(bases[-1]))  # a program that has left the folder
    for one in bases:
        yield f"/{posixpath.normpath(posixpath.join('/', one, path)).lstrip('/')}"


def _acts(call: str, arguments: str, strings: list[str]) -> Iterator[tuple[str, str]]:
    if call in ("execve", "execveat"):
        yield "process", " ".join(strings[:12])
    elif call in ("fork", "vfork") or (call in ("clone", "clone3") and "CLONE_THREAD" not in arguments):
        yield "process", "a child process"
    elif call == "socket" and (family := _FAMILY.search(arguments)) and family[1] not in ("UNIX", "LOCAL"):
        yield "network", f"a socket of {family[1]}"
    elif call in _NETWORK and (address := _ADDRESS.search(arguments)):
        yield "network", f"{call} {_decoded(address[2]) or address[2]} port {address[1]}"
    elif call in _NETWORK and (address := _LOCAL_ADDRESS.search(arguments)):
        yield "network", f"{call} {address[1]}{_decoded(address[2])}"
    elif call in ("open", "openat", "openat2", "creat") and strings:
        yield "write" if call == "creat" or _WRITES.search(arguments) else "read", strings[0]
    elif call in _CHANGES and strings:
        yield "write", f"{call} {' '.join(strings)}"


def outside(acts: Iterable[Act], known: tuple[str, ...]) -> tuple[Act, ...]:
    """Return the acts without reads below the folders that a program reads its own code and data from."""
    return tuple(act for act in acts if act.kind != "read" or not _place(act.what).startswith(known))


def _place(path: str) -> str:
    """Return where a path leads, as far as its text tells, with a slash at its end."""
    return f"{posixpath.normpath(path)}/"


def _bytes(hexadecimal: str) -> str:
    """Return a name as the system's calls of Python take it, also where it is no UTF-8."""
    return bytes.fromhex(hexadecimal.replace("\\x", "")).decode("utf-8", "surrogateescape")


def _decoded(hexadecimal: str) -> str:
    digits = hexadecimal.replace("\\x", "")
    try:
        return bytes.fromhex(digits).decode("utf-8", "backslashreplace")
    except ValueError:
        return ""
