"""One file of a scan: open it, look into it, and say why where that could not be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from hauberk.callables.own import NO_ROWS, OwnRows
from hauberk.checks.model.examine import examine
from hauberk.edge.sources import open_file, open_in_tree, unread_code
from hauberk.edge.spool import spool
from hauberk.errors import HauberkError, Unavailable
from hauberk.finding import Location, Report, Unchecked, UncheckedCode
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import BytesView

if TYPE_CHECKING:
    from hauberk.edge.sources import FileView, StrPath
    from hauberk.rule import Rule


Engine: TypeAlias = Literal["processes", "ray"]


@dataclass(frozen=True, slots=True)
class How:
    """How a scan looks: within which limits, by which rules (None: all), hashing or not, believing whose rows."""

    limits: Limits = DEFAULT_LIMITS
    rules: tuple[Rule, ...] | None = None
    digest: bool = True
    own: OwnRows = NO_ROWS


@dataclass(frozen=True, slots=True)
class By:
    """Who looks at files: so many processes of this machine, or a cluster; and where their answers are kept."""

    jobs: int = 1
    engine: Engine = "processes"
    state: StrPath | None = None

    @property
    def patient(self) -> bool:
        """Return whether every file is left for others, however few they are."""
        return self.engine == "ray" or self.state is not None


@dataclass(slots=True)
class Slot:
    """A file, and what was seen of it once somebody has looked."""

    root: str
    relative: str | None
    name: str
    size: int
    fingerprint: tuple[int, ...] = ()
    seen: Report | Unchecked | None = None


def look(view: FileView, name: str, how: How) -> Report | Unchecked:
    """Return the report of one file, or why its bytes could not be had."""
    try:
        private = BytesView(view.read_at(0, view.size)) if view.size <= how.limits.max_private_bytes else view
        examined = examine(
            private, name, limits=how.limits, rules=how.rules, spool=spool, digest=how.digest, own=how.own
        )
        view.check_unchanged()
    except Unavailable as error:
        return Unchecked(unread_code(view), error.message, Location(path=name))
    return examined.report


def look_at(root: str, relative: str | None, name: str, how: How) -> Report | Unchecked:
    """Open a file of the tree `root`, or `root` itself, and return what `look` does.

    A file that was there when its tree was listed, and is not any more, changed.
    """
    try:
        with open_file(root) if relative is None else open_in_tree(root, relative) as view:
            return look(view, name, how)
    except HauberkError as error:
        return Unchecked(UncheckedCode.CHANGED, error.message, Location(path=name))
