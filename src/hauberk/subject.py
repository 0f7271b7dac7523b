"""What a claim is about: a kind and a name for people, a digest for everything else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.errors import Malformed
from hauberk.view import Basis

if TYPE_CHECKING:
    from hauberk.digest import Digest

_KIND = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing with an identity. `basis` is `computed` here or `claimed` by somebody; a claimed one passes no gate."""

    kind: str
    name: str
    digest: Digest
    basis: Basis = Basis.COMPUTED

    def __post_init__(self) -> None:
        check_label(self.label)
        if "/" in self.kind:  # or two subjects would have one label
            raise Malformed(f"not a kind: {self.kind!r}", "a kind is one word, as in model")

    @property
    def label(self) -> str:
        """Return `kind/name`, the form that statements, grants and policies use."""
        return f"{self.kind}/{self.name}"


def check_label(label: str) -> None:
    """Raise `Malformed` unless `label` is `kind/name` with a lowercase kind and a printable, non-empty name."""
    kind, _, name = label.partition("/")
    if not _KIND.fullmatch(kind) or not name or len(name) > 512 or name == "*" or not name.isprintable():
        raise Malformed(f"not a subject: {label!r}", "a subject is written kind/name, as in model/tumour")


def in_scope(label: str, scope: str) -> bool:
    """Say whether a scope, `kind/name` exactly or `kind/*`, covers a label."""
    kind, _, name = scope.partition("/")
    return label == scope or (name == "*" and label.startswith(f"{kind}/"))
