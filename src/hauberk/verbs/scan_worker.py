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

if TYPE_CHECKING:
    from collections.abc import Callable

FAULT = b"!"  # begins an answer that tells of our own fault


def greeting(how: How) -> bytes:
    """Return how to look, for a worker to hear once."""
    own = {"rows": how.own.rows, "replaced": sorted(how.own.replaced)}
    return json.dumps({"limits": asdict(how.limits), "digest": how.digest, "own": own}).encode()


def request(root: str, relative: str | None, name: str) -> bytes:
    """Return the request to look at a file of a tree, or, where `relative` is None, at the file `root` itself."""
    return json.dumps([root, relative, name]).encode()


def begin(heard: bytes) -> Callable[[bytes], bytes]:
    """Return what answers requests, once it was heard how to look."""
    value = json.loads(heard)
    own, limits = value["own"], Limits(**value["limits"])
    rows = {module: {name: tuple(row) for name, row in of.items()} for module, of in own["rows"].items()}
    how = How(limits, digest=value["digest"], own=OwnRows(rows, frozenset(own["replaced"])))
    limit_memory(limits.max_process_bytes)
    return lambda asked: answer(asked, how)


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
    serve(begin)
