"""Archives for TorchServe in a tar file, as its archiver packs them on request: a `.mar` by another means.

Source: TorchServe's model archiver, 0.12.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hauberk.formats.archive import tar
from hauberk.formats.model.torch.code import CodeDescription
from hauberk.formats.text import python
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.formats.archive.tar import TarDescription
    from hauberk.view import View

MANIFEST: Final = "MAR-INF/MANIFEST.json"


def describe_tar(view: View, limits: Limits = DEFAULT_LIMITS) -> TarDescription:
    """Return what a tar file holds, with the source that TorchServe would run. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    described = tar.describe(view, limits)
    if not any(member.name.endswith(MANIFEST) for member in described.members):
        return described
    sources = tuple(part.name for part in described.parts if part.name.lower().endswith(".py"))
    parts = (replace(part, reader=python.describe) if part.name in sources else part for part in described.parts)
    code = CodeDescription(sources=sources, runner="TorchServe")
    return replace(described, parts=tuple(parts), also=(*described.also, code), format="torchserve")
