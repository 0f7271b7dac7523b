"""Pull a model out of a depot by its digest: what comes is that, byte for byte, or nothing is there afterwards."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.digest import parse_listing, sha256
from hauberk.edge.arrival import Arrival
from hauberk.edge.files import unavailable
from hauberk.edge.remote.listing import name_fault
from hauberk.edge.sources import digest_path, printable, write_output
from hauberk.errors import Exceeded, HauberkError, Malformed, Misconfigured, NotVerified
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hauberk.digest import Digest
    from hauberk.edge.depot import Depot, Note
    from hauberk.edge.files import StrPath

_TOO_LARGE = "is it the right digest? A model of that form cannot be pulled"
ENDINGS = {"signature": "sig", "passport": "passport"}


@dataclass(frozen=True, slots=True)
class Pulled:
    """What was pulled.

    Attributes:
        fetched, kept: how many files came, and how many were here from an earlier try.
        size: how many bytes came.
        was_there: the place held this very digest already, and nothing was fetched.
    """

    digest: Digest
    fetched: int = 0
    kept: int = 0
    size: int = 0
    was_there: bool = False


def pull(
    digest: Digest,
    depot: Depot,
    place: StrPath,
    *,
    limits: Limits = DEFAULT_LIMITS,
    seen: Callable[[str], None] = lambda _: None,
) -> Pulled:
    """Fetch a directory (dirHash) or a file (sha256) to a place where nothing is.

    Args:
        digest: of what is wanted.
        depot: where it lies.
        place: where it goes; the folder that is to hold it must be there.
        limits: `max_intake_bytes` in all, `max_tree_files`, `max_tree_depth`.
        seen: called with the path of each file before it is fetched, for progress.

    Raises:
        NotVerified: the depot gives a listing or bytes of another digest, or a tree with names that no tree may have.
        Misconfigured: something else is at the place; or there are no trees or files of that kind of digest.
        Exceeded: it is larger than the limits.
        Unavailable: the depot has no such thing, or does not answer; or the disk does not take it. What came until then
            is kept for the next try, beside the place.
    """
    if digest.algorithm not in ("dirHash", "sha256"):
        raise Misconfigured(f"nothing is published by {digest.algorithm}", "dirHash of a directory, sha256 of a file")
    if _is_there(place, digest, limits):
        return Pulled(digest, was_there=True)
    wanted = _wanted(digest, depot, limits)
    fetched, kept, size = 0, 0, 0
    with Arrival(place, digest) as arrival:
        for path, content in wanted:
            seen(path)
            came = arrival.take(path, content, partial(_from, depot, content, limits.max_intake_bytes - size))
            fetched, kept, size = fetched + (came >= 0), kept + (came < 0), size + max(came, 0)
        arrival.finish()
    return Pulled(digest, fetched, kept, size)


def make_folder(folder: StrPath) -> Path:
    """Make the folder for notes, unless it is there; before a model is fetched, which may take long.

    Raises:
        Misconfigured: something that is no folder is there, or above it.
        Unavailable: it cannot be made.
    """
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        there = next(one for one in (place, *place.parents) if os.path.lexists(one))
        raise Misconfigured(
            f"{printable(there)} is there and is no folder, so no notes go into {printable(place)}",
            "name a folder by --notes, or move this file away",
        ) from None
    except (OSError, ValueError) as error:
        raise unavailable(os.fspath(folder), error) from None
    return place


def pull_notes(digest: Digest, depot: Depot, folder: StrPath) -> tuple[tuple[Note, Path], ...]:
    """Fetch what is said about a digest into a folder; nobody has verified it yet.

    Raises:
        NotVerified: a note is not what its name says.
        Misconfigured: a file of that name is there, and is none of ours; or as `make_folder`.
        Unavailable, Exceeded: as of `make_folder`, `Depot.notes` and `Depot.note`.
    """
    place, found = make_folder(folder), []
    for note in depot.notes(digest):
        data = read_note(digest, depot, note)
        path = place / f"{note.sha256[:16]}.{ENDINGS[note.kind]}"
        write_output(path, data, recognise=partial(_is_note, note))
        found.append((note, path))
    return tuple(found)


def read_note(digest: Digest, depot: Depot, note: Note) -> bytes:
    """Return a note whose bytes are those that its name says; raise `NotVerified` for others."""
    data = depot.note(digest, note)
    if sha256(data).hex != note.sha256:
        raise NotVerified(f"the {note.kind} {note.sha256[:16]} in {depot.where} has other bytes", "ask its owner")
    return data


def _from(depot: Depot, sha256: str, limit: int, start: int) -> Iterator[bytes]:
    return depot.blob(sha256, limit=limit, start=start)


def _is_note(note: Note, data: bytes) -> bool:
    return sha256(data).hex == note.sha256


def _is_there(place: StrPath, digest: Digest, limits: Limits) -> bool:
    """Say whether the place holds this very thing already; an empty directory holds nothing."""
    if not os.path.lexists(place):
        return False
    with suppress(HauberkError):
        return digest_path(place, limits=limits) == digest
    return False


def _wanted(digest: Digest, depot: Depot, limits: Limits) -> tuple[tuple[str, str], ...]:
    """Return path and SHA-256 of each file; the paths are found sound before anything is written."""
    if digest.algorithm == "sha256":
        return (("file", digest.hex),)
    listing = depot.tree(digest)
    if (found := sha256(listing)).hex != digest.hex:
        raise NotVerified(
            f"{depot.where} gives for {digest} the listing of dirHash:{found.hex}",
            "it was changed there: ask its owner",
        )
    try:
        files = parse_listing(listing)
    except Malformed as error:
        raise NotVerified(f"{digest}: {error.message}", "whoever made this digest made no tree") from None
    _check_paths([path for path, _ in files], limits)
    return files


def _check_paths(paths: list[str], limits: Limits) -> None:
    if len(paths) > limits.max_tree_files:
        raise Exceeded(f"the tree has {len(paths)} files, {limits.max_tree_files} are allowed", _TOO_LARGE)
    folders: set[str] = set()
    for path in paths:
        if fault := name_fault(path):
            raise NotVerified(f"{printable(path)[:300]}: {fault}", "whoever made this digest means no good")
        parts = path.split("/")
        if len(parts) > limits.max_tree_depth:
            raise Exceeded(f"{printable(path)[:300]} is deeper than {limits.max_tree_depth} directories", _TOO_LARGE)
        folders.update("/".join(parts[:length]) for length in range(1, len(parts)))
    if twins := folders & set(paths):
        raise NotVerified(f"{printable(min(twins))} is both a file and a directory", "no tree is like that")
