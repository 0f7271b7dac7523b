"""`MANIFEST[=PATH]` of a command line: a data set by its manifest, and where it lies if not where that says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.errors import Misconfigured

if TYPE_CHECKING:
    from hauberk.dataset.manifest import Manifest


def written(text: str) -> tuple[str, str]:
    """Return the path of the manifest, and that of the data, which is empty where none is written."""
    path, _, place = text.partition("=")
    return path, place


def only_place(manifest: Manifest, path: str, place: str) -> str:
    """Return where the data lie.

    Args:
        manifest: the manifest.
        path: its path, for people.
        place: what is written; nothing for where the manifest was made of them.

    Raises:
        Misconfigured: it was made of several places, and one is wanted.
    """
    if not place and len(manifest.places) > 1:
        raise Misconfigured(
            f"{path} was made of {len(manifest.places)} places, and one is wanted here", "make a manifest of each"
        )
    return place or manifest.places[0]
