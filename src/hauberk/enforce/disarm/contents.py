"""Which bytes of a model are a pickle, and where its storages lie: one row a format that can be disarmed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hauberk.checks.model.unpacked import Unpacked
from hauberk.enforce.disarm import inert
from hauberk.enforce.disarm.arrays import STORAGES
from hauberk.enforce.disarm.stand import Asked, Stand, name_of
from hauberk.errors import Malformed, Misconfigured
from hauberk.formats.archive.zip import open_member, read_directory
from hauberk.formats.model.pickle import description
from hauberk.formats.model.pickle.description import PickleDescription
from hauberk.formats.sniff import sniff
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.formats.archive.zip import Member
    from hauberk.limits import Limits
    from hauberk.view import View

_PICKLE: Final = re.compile(r"[^/]+/data\.pkl", re.IGNORECASE)
_LEGACY_STREAMS: Final = 5
_COUNT_BYTES: Final = 8
_MOST_LAYERS: Final = 4


@dataclass(frozen=True, slots=True)
class Opened:
    """An object as `inert.read` gives it, where its storages are, as which format it was read, of how many bytes."""

    root: Any
    storage: Callable[[str], bytes]
    form: str
    size: int


def open_inert(data: bytes, limits: Limits) -> Opened:
    """Return the object of a model's bytes, built of stand-ins. Nothing of it is executed.

    Raises:
        Malformed: the bytes are not what their format says, or would exhaust whoever hashes what they hold.
        Misconfigured: the format holds no pickle.
    """
    view: View = BytesView(data)
    room = Unpacked(limits)
    for _ in range(_MOST_LAYERS):
        row = sniff(view)
        described = row.describe(view, limits) if row.describe else None
        if isinstance(described, PickleDescription):
            _require_bounded(described)
            return _pickle(view.read_at(0, view.size), row.name)
        if described is not None and described.format in ("pytorch-zip", "torchscript"):
            return _zip(view, limits, room)
        if described is None or len(described.parts) != 1:
            break
        view = described.parts[0].open(room)
        if any(seen.unchecked for seen in room.noticed()):
            raise Malformed(
                "what is packed in the file breaks, or is more than the limits", "see what a scan says of it"
            )
    raise Misconfigured(
        f"a file of {row.name} holds no pickle that could be disarmed", "see what `hauberk scan` says of it"
    )


def _require_bounded(described: PickleDescription) -> None:
    if described.deepest > 1000 or described.largest > 1 << 32:
        raise Malformed("the pickle would exhaust whoever builds it, even from stand-ins", "see what a scan says of it")


def _pickle(data: bytes, form: str) -> Opened:
    if form in ("pytorch-legacy", "torch-legacy"):
        found, end = inert.read(data, most=_LEGACY_STREAMS)
        return Opened(found[3], _Legacy(data, found, end), "pytorch-legacy", len(data))
    start = data.index(b"\x80") if form == "npy" and b"\x80" in data else 0
    (root,), _ = inert.read(data, at=start)
    return Opened(root, _none, form, len(data))


class _Legacy:
    """The storages behind the five pickles of an old file: in the order of the keys, each behind its count."""

    def __init__(self, data: bytes, found: list[Any], at: int) -> None:
        kinds = _kinds(found[3])
        self._places: dict[str, bytes] = {}
        for key in found[4] if isinstance(found[4], list) else []:
            size = int.from_bytes(data[at : at + _COUNT_BYTES], "little") * kinds.get(str(key), 1)
            at += _COUNT_BYTES
            self._places[str(key)] = data[at : at + size]
            at += size

    def __call__(self, key: str) -> bytes:
        if key not in self._places:
            raise Malformed(f"the storage {key[:40]!r} is not there")
        return self._places[key]


def _kinds(root: Any) -> dict[str, int]:
    """Return the bytes of an element of each storage that an object asks for."""
    found: dict[str, int] = {}
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Asked) and isinstance(value.identity, tuple) and len(value.identity) > 2:
            kind = STORAGES.get(name_of(value.identity[1]).rpartition(".")[2])
            found[str(value.identity[2])] = kind[1] if kind else 1
        elif id(value) not in seen:
            seen.add(id(value))
            if isinstance(value, dict):
                waiting += value.values()
            elif isinstance(value, list | tuple | set | frozenset):
                waiting += value
            elif isinstance(value, Stand):
                waiting += [
                    *value.arguments,
                    value.state,
                    *value.items,
                    *(item for pair in value.pairs for item in pair),
                ]
    return found


def _zip(view: View, limits: Limits, room: Unpacked) -> Opened:
    members: dict[str, Member] = {}
    for member in read_directory(view, limits).members:
        members.setdefault(member.name, member)
    name = next((name for name in members if _PICKLE.fullmatch(name)), None)
    if name is None:
        raise Malformed("an archive of PyTorch without data.pkl")
    root = name.partition("/")[0]
    order = members.get(f"{root}/byteorder")
    if order is not None and _bytes(view, order, room).strip() == b"big":
        raise Misconfigured("the archive was written by a big-endian machine", "load and save it on one that is not")

    def storage(key: str) -> bytes:
        member = members.get(f"{root}/data/{key}")
        if member is None:
            raise Malformed(f"the storage {key[:40]!r} is not there")
        return _bytes(view, member, room)

    data = _bytes(view, members[name], room)
    _require_bounded(description.describe(BytesView(data), limits))
    (found,), _ = inert.read(data)
    return Opened(found, storage, "pytorch-zip", view.size)


def _bytes(view: View, member: Member, room: Unpacked) -> bytes:
    opened = open_member(view, member, room)
    return opened.read_at(0, opened.size)


def _none(key: str) -> bytes:
    raise Malformed(f"the storage {key[:40]!r} is not in this file")
