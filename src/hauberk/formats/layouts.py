"""What a zip file is by the names of its members, and which of them are examined.

One row a layout: the first whose names fit reads the archive, and says which members are raw data that nothing
executes; without one, every member is a part. A layout's description begins with `describe_directory`, so that what is
odd about the archive is told whatever it holds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hauberk.formats.archive.zip import describe_directory, every_member, read_directory
from hauberk.formats.model import keras_config
from hauberk.formats.model.torch import archive as torch_archive
from hauberk.formats.model.torch import distributed, exported
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.formats.archive.zip import Directory, ZipDescription
    from hauberk.view import View


@dataclass(frozen=True, slots=True)
class Layout:
    """A name for the format; whether the members' names fit; what describes it."""

    name: str
    fits: Callable[[tuple[str, ...]], bool]
    describe: Callable[[Directory, View, Limits], ZipDescription]


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> ZipDescription:
    """Return what a zip file holds. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    directory = read_directory(view, limits)
    if directory.oddities:  # as there are in a file that is several archives
        chain = distributed.describe_chain(view, limits)
        if chain is not None:
            return chain
    names = directory.names
    layout = next((row for row in LAYOUTS if names and row.fits(names)), None)
    if layout is None:
        return describe_directory(directory, every_member(view, directory))
    return layout.describe(directory, view, limits)


def _is_npz(names: tuple[str, ...]) -> bool:
    return all(name.endswith(".npy") for name in names)


def _is_keras(names: tuple[str, ...]) -> bool:
    return {"config.json", "metadata.json"} <= set(names) and any(name.startswith("model.weights.") for name in names)


def _keras(directory: Directory, view: View, _: Limits) -> ZipDescription:
    """Keras decodes its configuration whatever the text begins with; the weights are HDF5 or arrays."""
    parts = every_member(view, directory)
    read = tuple(replace(p, reader=keras_config.describe_text) if p.name == "config.json" else p for p in parts)
    return describe_directory(directory, read, "keras-zip")


def _npz(directory: Directory, view: View, _: Limits) -> ZipDescription:
    return describe_directory(directory, every_member(view, directory), "npz")


LAYOUTS: tuple[Layout, ...] = (
    Layout("npz", _is_npz, _npz),
    Layout("keras-zip", _is_keras, _keras),
    Layout("pytorch-zip", torch_archive.is_torch, torch_archive.describe),
    Layout("pytorch-exported", exported.is_exported, exported.describe_exported),
    Layout("torchserve", exported.is_served, exported.describe_served),
)
