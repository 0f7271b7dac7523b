"""Python source that comes with the model starts programs, runs text as code, or opens connections.

Source in a package or beside a served model runs with the rights of whoever loads it. A model's code computes; it has
no need of a shell, of `eval` and `exec`, of machine code by `ctypes` or of a socket. The names are read from the
syntax, with the aliases of imports resolved, whether they are called or only handed on; nothing is run.

Example: `import os as o; o.system("…")` in a module of a package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.expression import printable
from hauberk.checks.model.source_hides import hidden
from hauberk.finding import Location, Severity
from hauberk.formats.text.python import SourceDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROCESS: Final = "starts programs"
_CODE: Final = "runs text or bytes as code"
_NETWORK: Final = "opens connections"
MODULES: Final = {
    "subprocess": _PROCESS,
    "pty": _PROCESS,
    "_posixsubprocess": _PROCESS,
    "ctypes": _CODE,
    "_ctypes": _CODE,
    "cffi": _CODE,
    "marshal": _CODE,
    "socket": _NETWORK,
    "_socket": _NETWORK,
    "socketserver": _NETWORK,
    "telnetlib": _NETWORK,
    "ftplib": _NETWORK,
    "smtplib": _NETWORK,
    "paramiko": _NETWORK,
    "http.client": _NETWORK,
    "xmlrpc": _NETWORK,
}
NAMES: Final = {
    **{f"{module}.{name}": _PROCESS for module in ("os", "posix") for name in (
        "system", "popen", "fork", "forkpty", "startfile", "posix_spawn", "posix_spawnp", "execl", "execle", "execlp",
        "execlpe", "execv", "execve", "execvp", "execvpe", "spawnl", "spawnle", "spawnlp", "spawnlpe", "spawnv",
        "spawnve", "spawnvp", "spawnvpe")},
    **{f"{module}{name}": _CODE for module in ("", "builtins.", "__builtins__.") for name in ("exec", "eval")},
    "types.FunctionType": _CODE,
    "types.CodeType": _CODE,
    "code.InteractiveInterpreter": _CODE,
    "code.InteractiveConsole": _CODE,
    "runpy.run_path": _CODE,
    "runpy.run_module": _CODE,
    "asyncio.create_subprocess_shell": _PROCESS,
    "asyncio.create_subprocess_exec": _PROCESS,
    "urllib.request.urlopen": _NETWORK,
    "urllib.request.urlretrieve": _NETWORK,
}  # fmt: skip


def acts(source: SourceDescription) -> Iterator[Sighting]:
    """Yield each name that acts, once, and what is hidden from a reader."""
    for name, line in source.names:
        why = _why(name)
        if why:
            yield Sighting(Location(line=line), printable(f"{name[:120]} {why}"))
    for name in source.imports:
        if name.endswith(".*") and _why(name.removesuffix(".*") + ".system"):
            yield Sighting(Location(), f"imports every name of {name.removesuffix('.*')}")
    for saw in hidden(source):
        yield Sighting(Location(), printable(saw))


def _why(name: str) -> str | None:
    if name in NAMES:
        return NAMES[name]
    parts = name.split(".")
    return next(
        (MODULES[head] for size in (1, 2) if (head := ".".join(parts[:size])) in MODULES and len(parts) > size), None
    )


RULE: Final = Rule(
    id="source-acts",
    title="source that comes with the model starts programs, runs text as code or opens connections",
    severity=Severity.CRITICAL,
    remedy="Do not load it. Read the source, and ask its producer what these lines are for.",
    references=("CWE-78", "CWE-94", "CWE-506", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=SourceDescription,
    look=acts,
    page=__doc__ or "",
)
