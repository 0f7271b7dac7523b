"""XGBoost's binary format of before 2.1: told, and checked where a length leads memory astray; the rest is not read.

Behind the mark stand 136 bytes of parameters, then the length of the objective's name and the name. Source: XGBoost
1.7, `src/learner.cc`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.contents import Described
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.view import View

MAGIC: Final = b"binf"
_NAME_AT: Final = 4 + 136
_LONGEST_NAME: Final = 256


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Return that the format is not read, and a length that cannot be one. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    del limits
    notes = [Unchecked(UncheckedCode.FORMAT_NOT_READ, "xgboost-binary")]
    length = int.from_bytes(view.read_at(_NAME_AT, 8), "little")
    if view.size < _NAME_AT + 8 or length > min(_LONGEST_NAME, view.size - _NAME_AT - 8):
        seen = f"a name of {length} bytes in a file of {view.size}"
        notes.append(Unchecked(UncheckedCode.MALFORMED, seen, Location(offset=_NAME_AT)))
    return Described(unchecked=tuple(notes))
