"""A process that looks at one file after another, as `hauberk.edge.pool` asks it to.

A request names a file, or a file of a tree, and says how to look. An answer is what was seen; whatever goes wrong with
the process itself is seen by who started it.
"""

from __future__ import annotations

import json
import traceback
from dataclasses import asdict
from typing import TYPE_CHECKING

from hauberk.callables.own import OwnRows
from hauberk.edge.pool import limit_memory, serve
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.limits import Limits
from hauberk.verbs.scan_file import How, look_at
from hauberk.verbs.scan_wire import encode
from hauberk.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

FAULT = b"!"  # begins an answer that tells of our own fault


def greeting(how: How) -> bytes:
    """Return how to look, for a worker to hear once."""
    own = {"rows": how.own.rows, "replaced": sorted(how.own.replaced)}
    told = {"version": VERSION, "limits": asdict(how.limits), "digest": how.digest, "own": own}
    return json.dumps(told).encode()


def request(root: str, relative: str | None, name: str) -> bytes:
    """Return the request to look at a file of a tree, or, where `relative` is None, at the file `root` itself."""
    return json.dumps([root, relative, name]).encode()


def begin(heard: bytes) -> Callable[[bytes], bytes]:
    """Return what answers requests, once it was heard how to look; another release answers nothing else."""
    value = json.loads(heard)
    if value["version"] != VERSION:
        fault = f"a worker of release {VERSION} was asked by one of {value['version']}"
        return lambda _: FAULT + fault.encode()
    own, limits = value["own"], Limits(**value["limits"])
    rows = {module: {name: tuple(row) for name, row in of.items()} for module, of in own["rows"].items()}
    how = How(limits, digest=value["digest"], own=OwnRows(rows, frozenset(own["replaced"])))
    return lambda asked: answer(asked, how)


def limited(heard: bytes) -> Callable[[bytes], bytes]:
    """Do as `begin`, in a process that is there for this alone and may hold so much memory."""
    limit_memory(json.loads(heard)["limits"]["max_process_bytes"])
    return begin(heard)


def answer(asked: bytes, how: How) -> bytes:
    """Return the answer to a request, encoded; our own fault is told as such, for the parent to raise."""
    root, relative, name = json.loads(asked)
    try:
        return encode(look_at(root, relative, name, how))
    except MemoryError:
        detail = "it needs more memory than a process may have"
        return encode(Unchecked(UncheckedCode.LIMIT, detail, Location(path=name)))
    except Exception:  # noqa: BLE001 - told to who asked, which raises it there
        return FAULT + traceback.format_exc().encode(errors="backslashreplace")


if __name__ == "__main__":
    serve(limited)
