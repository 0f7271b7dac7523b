"""Files that a pool of worker processes looks at, and what each said of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from hauberk.edge.journal import open_journal
from hauberk.edge.pool import Lost, Pool, Task, worker_environment
from hauberk.edge.ray_pool import RayPool
from hauberk.errors import Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.verbs.scan_state import HEAD, State
from hauberk.verbs.scan_wire import decode
from hauberk.verbs.scan_worker import FAULT, begin, greeting, request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.finding import Report
    from hauberk.verbs.scan_file import By, How, Slot

COMMAND: Final = (sys.executable, "-P", "-m", "hauberk.verbs.scan_worker")


def looked_at(slots: Sequence[Slot], how: How, by: By) -> list[Report | Unchecked]:
    """Return what workers saw of each file, in the order of the files.

    Raises:
        RuntimeError: a worker met a fault of ours, which it tells.
        Misconfigured, Unavailable: the engine or the file of the state cannot be used.
    """
    if by.state is None:
        said = _pool(how, by).answers(_tasks(slots))
    else:
        with open_journal(by.state, head=HEAD) as journal:
            said = _resumed(slots, State(journal, greeting(how)), _pool(how, by))
    return [heard(one, slot.name) for slot, one in zip(slots, said, strict=True)]


def _pool(how: How, by: By) -> Pool | RayPool:
    if by.engine == "ray":
        return RayPool(begin, greeting(how))
    return Pool(COMMAND, worker_environment(), greeting(how), by.jobs, how.limits.max_seconds_per_file)


def _resumed(slots: Sequence[Slot], state: State, pool: Pool | RayPool) -> list[bytes | Lost]:
    """Return answers of which some are known, and the others are kept as they come; a fault is not."""
    known = [state.known(slot) for slot in slots]
    left = [slot for slot, said in zip(slots, known, strict=True) if said is None]

    def told(number: int, said: bytes) -> None:
        if not said.startswith(FAULT):
            state.keep(left[number], said)

    new = iter(pool.answers(_tasks(left), told=told) if left else ())
    return [next(new) if said is None else said for said in known]


def _tasks(slots: Sequence[Slot]) -> list[Task]:
    return [Task(request(slot.root, slot.relative, slot.name), slot.size) for slot in slots]


def heard(said: bytes | Lost, name: str) -> Report | Unchecked:
    """Return what a worker said of a file; where it said nothing that can be believed, the file is unchecked."""
    if isinstance(said, Lost):
        return Unchecked(UncheckedCode.LIMIT, said.why, Location(path=name))
    if said.startswith(FAULT):
        raise RuntimeError(said[len(FAULT) :].decode(errors="backslashreplace"))
    try:
        seen = decode(said)
    except Malformed as error:
        return _unbelieved(name, error.message)
    about = seen.location.path if isinstance(seen, Unchecked) else seen.path
    return seen if about == name else _unbelieved(name, "an answer about another file")


def _unbelieved(name: str, what: str) -> Unchecked:
    return Unchecked(UncheckedCode.LIMIT, f"the process that looked at it gave {what}", Location(path=name))
