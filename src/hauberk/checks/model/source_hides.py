"""Source code that hides what it runs: told by the calls alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.formats.text.python import SourceDescription

_RUNNERS: Final = frozenset({"exec", "eval", "builtins.exec", "builtins.eval"})
_DECODERS: Final = re.compile(
    r"(?:base64\.\w*decode\w*|zlib\.decompress|bz2\.decompress|lzma\.decompress|codecs\.decode|binascii\.\w+|marshal\.loads|"
    r"bytes\.fromhex|bytearray\.fromhex|requests\.get|urllib\.request\.urlopen|httpx\.get)"
)
_SHELLS: Final = frozenset({"os.system", "os.popen", "subprocess.run", "subprocess.call", "subprocess.Popen"})
PIPED: Final = re.compile(r"(?:curl|wget)\b[^|;&\n]{0,512}\|\s*(?:sudo\s+)?(?:ba|z|da|k)?sh\b|/dev/tcp/[\w.]+/\d+")


_SHELL_ENDS: Final = frozenset({"pty.spawn", "os.dup2", "subprocess.Popen", "subprocess.call", "subprocess.run"})


def hidden(source: SourceDescription) -> Iterator[str]:
    """Yield what a source runs that cannot be read in it."""
    for call in source.calls:
        if call.name in _RUNNERS:
            decoder = next((name for name in call.inner if _DECODERS.fullmatch(name)), None)
            if decoder:
                yield f"{call.name}({decoder}(…)) in line {call.line}"
        elif call.name in _SHELLS:
            found = next((match for text in call.texts if (match := PIPED.search(text))), None)
            if found:
                yield f"{call.name}({found[0]!r}) in line {call.line}"
    names = {call.name for call in source.calls}
    if "socket.socket" in names and names & {"os.dup2"} and names & _SHELL_ENDS:
        yield "socket.socket, whose ends os.dup2 gives to a shell"
