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
BYTECODE_AT = (8, 12, 16)  # behind the header of Python 2, 3.3 and 3.7
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


def _begins(*magics: bytes) -> Callable[[View, bytes], bool]:
    return lambda _, head: head.startswith(magics)


def _is_pe(view: View, head: bytes) -> bool:
    """Say whether `MZ` begins a program and not a text: its header is where it says, or there are control bytes."""
    if not head.startswith(b"MZ"):
        return False
    at = int.from_bytes(head[PE_OFFSET : PE_OFFSET + 4], "little")
    return view.read_at(at, 4) == b"PE\0\0" or head.translate(None, _CONTROL) != head


def _is_bytecode(_: View, head: bytes) -> bool:
    """Say whether it begins as `.pyc` files of Python 2 to 3.14 do, with a code object behind the header."""
    is_code = any(head[at : at + 1] in (b"\x63", b"\xe3") for at in BYTECODE_AT)
    return head[2:4] == b"\r\n" and is_code and head.translate(None, _CONTROL) != head


KINDS: tuple[Kind, ...] = (
    Kind("elf", "a program or library for Linux (ELF)", _begins(b"\x7fELF")),
    Kind("llamafile", "a program for several systems at once (APE)", _begins(*APE)),
    Kind("pe", "a program or library for Windows (PE)", _is_pe),
    Kind("mach-o", "a program or library for macOS (Mach-O)", _begins(*MACH_O)),
    Kind(
        "mach-o-fat",
        "a program for macOS (Mach-O, several processors), or a class of Java",
        _begins(b"\xca\xfe\xba\xbe"),
    ),
    Kind("bitcode", "a program before it is compiled (LLVM bitcode)", _begins(b"BC\xc0\xde", b"\xde\xc0\x17\x0b")),
    Kind("dex", "a program for Android (DEX)", _begins(b"dex\n03", b"dex\n04")),
    Kind("ar", "an archive of object files, or a Debian package", _begins(b"!<arch>\n", b"!<thin>\n")),
    Kind("pyc", "compiled code of Python", _is_bytecode),
    Kind("wasm", "a program for a virtual machine (WebAssembly)", _begins(b"\0asm")),
)
