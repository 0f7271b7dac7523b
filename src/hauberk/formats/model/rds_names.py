"""Functions of R by what they reach: starting programs, running files, fetching; and which call others by name."""

from __future__ import annotations

from typing import Final

_SHELL: Final = "runs a shell command"
_PROGRAM: Final = "runs a program"
_FILE: Final = "runs a file"
_FETCH: Final = "fetches a file"
_CONNECT: Final = "opens a connection"
_MACHINE: Final = "loads machine code"
_DELETE: Final = "deletes files"
_WRITE: Final = "writes files"
_INSTALL: Final = "installs packages"
_BY_ITSELF: Final = "R calls by itself when it starts or ends with this workspace"
_PYTHON: Final = "runs Python"

CALLED: Final = {
    "system": _SHELL,
    "system2": _PROGRAM,
    "shell": _SHELL,
    "shell.exec": "opens a file as the desktop does",
    "pipe": _SHELL,
    "fifo": _CONNECT,
    "source": _FILE,
    "sys.source": _FILE,
    "download.file": _FETCH,
    "url": _CONNECT,
    "browseURL": "opens a page in a browser",
    "socketConnection": _CONNECT,
    "serverSocket": _CONNECT,
    "make.socket": _CONNECT,
    "dyn.load": _MACHINE,
    "library.dynam": _MACHINE,
    "unlink": _DELETE,
    "file.remove": _DELETE,
    "file.append": _WRITE,
    "file.copy": _WRITE,
    "file.symlink": _WRITE,
    "install.packages": _INSTALL,
    "install_github": _INSTALL,
    "py_run_string": _PYTHON,
    "py_run_file": _PYTHON,
    ".First": _BY_ITSELF,
    ".First.sys": _BY_ITSELF,
    ".Last": _BY_ITSELF,
    ".Last.sys": _BY_ITSELF,
}
# Those that columns and variables are called too: told where they are called, or given to what calls by name.
PLAIN: Final = frozenset({"system", "shell", "pipe", "fifo", "source", "url", "unlink"})
# Functions that are given another one, by its name or itself, and as which of their arguments.
BY_NAME: Final = {
    **dict.fromkeys(
        ("do.call", "match.fun", "get", "get0", "mget", "getFunction", "dynGet", "mapply", "Map", "Reduce"), 1
    ),
    **dict.fromkeys(("Filter", "Find", "Position", "as.name", "as.symbol", "call", "Vectorize", "getAnywhere"), 1),
    **dict.fromkeys(("::", ":::", "lapply", "sapply", "vapply", "rapply", "eapply", "getExportedValue"), 2),
    **dict.fromkeys(("getFromNamespace",), 1),
}
FUNCTION_TAGS: Final = frozenset({"FUN", "what"})  # whichever function takes them
EVALUATORS: Final = frozenset({"eval", "evalq", "eval.parent", "local"})
PARSERS: Final = frozenset({"parse", "str2lang", "str2expression"})
