"""Open a model: the gate before the loaders, which are the only place where Hauberk deserialises anything.

The bytes are copied once into private memory. That copy is hashed (the permit must be for this digest), described by
the machine and judged, and then given to a loader that resolves no name which the machine did not report and the
tables did not call safe. Nothing between the three steps reads the file again, so a file swapped in between changes
nothing.

`load` opens if and only if the format has a loader (`hauberk.enforce.loaders.table`), the outcome of every file is
clean and complete, and the permit fits. Tensors that are named as the entry are not copied with all else:
`hauberk.enforce.checkpoint` copies and verifies each file of them when it is used.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from hauberk.checks.model.examine import Examined, examine
from hauberk.checks.model.tree import judge_tree
from hauberk.edge import clock
from hauberk.edge.sources import Snapshot, snapshot
from hauberk.enforce.allowed import TENSORS, check_clean, check_permit
from hauberk.enforce.loaders.table import LOADERS, Entry, entry_of
from hauberk.errors import Refused
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.verdict import Permit


def load(
    path: str | os.PathLike[str],
    *,
    permit: Permit,
    entry: str | None = None,
    files: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> object:
    """Return the object that a model's entry holds, with the program that the format is for, if that is installed.

    What opens as what, and which formats have no loader and why, is a table in `docs/scan.md`.

    Args:
        path: the model: a directory, or a single file.
        permit: for the gate `load` and the digest of exactly these bytes; see `Verdict.require`.
        entry: the file in the directory that is opened; where only one file has a loader it need not be given. An
            index of safetensors shards opens as a mapping that reads, and verifies, a shard when it is asked for.
        files: the SHA-256 of each file of the directory by its path, as an `artefact` statement lists them; it is
            believed only if it is the tree of the permit. With it, safetensors are read once and not twice.
        limits: `max_load_bytes` is the most that is copied; of shards, the most of one.

    Raises:
        Refused: the permit is for another gate or digest or has ended, or what is in the files may not be opened.
        Exceeded: more than `max_load_bytes`.
        Unavailable: a file cannot be read, or a library that the model needs is not installed.
    """
    is_tree = os.path.isdir(path)  # noqa: PTH112 - a path, as given
    if is_tree and entry is not None and entry.endswith(TENSORS):
        from hauberk.enforce.checkpoint import load_tensors  # noqa: PLC0415 - a loader, for one format

        return load_tensors(path, permit=permit, entry=entry, files=files, limits=limits)
    if not is_tree and os.fspath(path).endswith(TENSORS[0]) and entry in (None, os.path.basename(path)):  # noqa: PTH119
        from hauberk.enforce.checkpoint import load_tensor_file  # noqa: PLC0415 - as above

        return load_tensor_file(path, permit=permit, limits=limits)
    return load_snapshot(snapshot(path, limits=limits), permit=permit, entry=entry, limits=limits)


def load_snapshot(
    copy: Snapshot, *, permit: Permit, entry: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> object:
    """Return the object that the entry of a private copy holds; see `load`."""
    check_permit(permit, copy.digest, clock.now())
    examined = {name: examine(BytesView(data), name, limits=limits, digest=False) for name, data in copy.files.items()}
    if copy.tree is not None:
        judged = judge_tree({name: found.report for name, found in examined.items()})
        examined = {name: replace(found, report=judged[name]) for name, found in examined.items()}
    for name, found in examined.items():
        check_clean(name, found.report)
    return _choose(copy, examined, entry).load()


def _choose(copy: Snapshot, examined: Mapping[str, Examined], entry: str | None) -> Entry:
    asked = examined if entry is None else {entry: examined[entry]} if entry in examined else {}
    entries = {name: entry_of(copy.files[name], found, _beside(copy, name)) for name, found in asked.items()}
    loadable = {name: found for name, found in sorted(entries.items()) if found is not None}
    if len(loadable) == 1:
        return next(iter(loadable.values()))
    formats = ", ".join(sorted(LOADERS))
    if entry is not None:
        raise Refused(
            f"{entry} is not a file with a loader in this model: there is no loader for {_format_of(examined, entry)}",
            f"there are loaders for {formats}, also where they are packed",
        )
    seen = ", ".join(loadable) or f"none; there is no loader for {_formats_of(examined)}"
    raise Refused(
        f"which file to open? Files with a loader: {seen}", f"give entry=...; there are loaders for {formats}"
    )


def _beside(copy: Snapshot, name: str) -> Mapping[str, bytes]:
    """Return the files of a file's folder and below, by their paths from there."""
    folder, slash, _ = name.rpartition("/")
    return {path[len(folder + slash) :]: data for path, data in copy.files.items() if path.startswith(folder + slash)}


def _format_of(examined: Mapping[str, Examined], name: str) -> str:
    return examined[name].report.format if name in examined else "a file that is not there"


def _formats_of(examined: Mapping[str, Examined]) -> str:
    return ", ".join(sorted({found.report.format for found in examined.values()})) or "no file"
