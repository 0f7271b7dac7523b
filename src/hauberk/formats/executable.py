"""Programs and libraries: a model file that is one, or holds one, is code for the machine that nobody looked at.

They are told by their first bytes and not read further; there is nothing in native code that a scan of models could
clear. A llamafile begins as a program of Windows, of Unix and of a shell at once. Sources: the ELF, PE and Mach-O
formats; the APE format of Cosmopolitan.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from hauberk.formats.contents import Described
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.view import View

APE = (b"MZqFpD='", b"jartsr='", b"APEDBG='")
PE_OFFSET = 60
MACH_O = (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe")
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutableDescription(Described):
    """Native code, and of which kind."""

    kind: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of native code: its format's name, what it is in words, and how it is told."""

    name: str
    words: str
    fits: Callable[[View, bytes], bool]

    @property
    def describe(self) -> Callable[..., ExecutableDescription]:
        """Return the reader of this kind."""
        return partial(describe, kind=self.words)


def describe(view: View, limits: Limits = DEFAULT_LIMITS, *, kind: str) -> ExecutableDescription:
    """Return that a view is native code; nothing of it is read."""
    del view, limits
    return ExecutableDescription(kind=kind)


def _is_pe(view: View, head: bytes) -> bool:
    """Say whether `MZ` begins a program and not a text: its header is where it says, or there are control bytes."""
    if not head.startswith(b"MZ"):
        return False
    at = int.from_bytes(head[PE_OFFSET : PE_OFFSET + 4], "little")
    return view.read_at(at, 4) == b"PE\0\0" or head.translate(None, _CONTROL) != head


KINDS: tuple[Kind, ...] = (
    Kind("elf", "a program or library for Linux (ELF)", lambda _, head: head.startswith(b"\x7fELF")),
    Kind("llamafile", "a program for several systems at once (APE)", lambda _, head: head.startswith(APE)),
    Kind("pe", "a program or library for Windows (PE)", _is_pe),
    Kind("mach-o", "a program or library for macOS (Mach-O)", lambda _, head: head.startswith(MACH_O)),
    Kind(
        "mach-o-fat",
        "a program for macOS (Mach-O, several processors), or a class of Java",
        lambda _, head: head.startswith(b"\xca\xfe\xba\xbe"),
    ),
    Kind("wasm", "a program for a virtual machine (WebAssembly)", lambda _, head: head.startswith(b"\0asm")),
)
