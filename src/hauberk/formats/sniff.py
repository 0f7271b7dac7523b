"""What a view holds, told from its bytes and never from a name.

One row a format, in the order in which they are asked; the first that fits is the answer. A row has a reader, is inert,
or is known by name and not read yet: then whoever asked lists it as unchecked.

Pickle has no magic number, and much that is text begins like one: `cat` newline `dog` would import `at.dog`. What is
text counts as a pickle unless it breaks for sure before it calls anything. Text that only imports, and then breaks, is
a pickle where it imports from the standard library, of which some modules do things when they are imported; a list of
words is text. Bytes that are neither text nor of a known format are unknown, hence unchecked, so nothing hides there.

Text is inert because nothing executes it by being loaded as data. Source code, notebooks and templates are text too,
and content does not tell them apart: a loader that runs code files which lie beside a model must look at them itself.
"""

from __future__ import annotations

import codecs
import re
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hauberk.finding import UncheckedCode
from hauberk.formats import executable, magics, media, readers
from hauberk.formats.archive.zip_ends import archive_range
from hauberk.formats.model import joblib
from hauberk.formats.model.pickle.machine import MOST_NOTES
from hauberk.formats.model.pickle.opcodes import BY_CODE, HIGHEST_PROTOCOL, Argument
from hauberk.limits import DEFAULT_LIMITS
from hauberk.symbol import Effect, Global, Use

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.formats.contents import Reader
    from hauberk.view import View

ATTEMPT_BYTES = 1 << 20
TEXT_CHUNK_BYTES = 1 << 20
_LINE_PIECE = 1 << 16
_ZFILE = re.compile(rb"ZF\s*(0[xX])?[0-9a-fA-F][0-9a-fA-F_]*\s*", re.ASCII)
_BINARY = re.compile(rb"[\x00-\x08\x80-\xff]")
_NAMED_TENSORS = re.compile(rb'[\[\s]*\{\s*(?:"[\x20-\x7e]{1,64}|\}\s*$|\s{16,}$)')
_CPIO = re.compile(rb"07070[12][0-9A-Fa-f]{104}")
_ZFILE_BYTES = 21  # the two letters, and a length that joblib pads to as many digits as 2**64 has
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f")) + b"\x7f"


@dataclass(frozen=True, slots=True)
class Format:
    """A format's name; how it is told, from the view and its first bytes; its reader; whether it is inert.

    Without a reader and not inert: known by name, not read yet.
    """

    name: str
    fits: Callable[[View, bytes], bool]
    describe: Reader | None = None
    inert: bool = False


def sniff(view: View) -> Format:
    """Return the format of a view.

    Raises:
        Unavailable: the view cannot be read.
    """
    head = view.read_at(0, HEAD_BYTES)
    return next((row for row in FORMATS if row.fits(view, head)), None) or _by_its_end(view)


def _by_its_end(view: View) -> Format:
    """Return zip for bytes of no known format with a zip file behind them, as its readers have it."""
    return ZIP if archive_range(view) is not None else UNKNOWN


def _magic(*magics: bytes, at: int = 0) -> Callable[[View, bytes], bool]:
    return lambda _, head: head.startswith(magics, at)


def _is_tar(_: View, head: bytes) -> bool:
    if len(head) < HEAD_BYTES:
        return False
    from hauberk.formats.archive.tar_headers import is_header  # noqa: PLC0415 - see formats.readers

    return is_header(head)


def _is_rds(_: View, head: bytes) -> bool:
    if not head.startswith((b"RD", b"X\n", b"B\n", b"A\n")):
        return False
    from hauberk.formats.model.rds import is_rds  # noqa: PLC0415 - see formats.readers

    return is_rds(head)


def _is_ubjson(_: View, head: bytes) -> bool:
    if not head.startswith(b"{"):
        return False
    from hauberk.formats.model.ubjson import is_ubjson  # noqa: PLC0415 - see formats.readers

    return is_ubjson(head)


def _is_legacy(view: View, head: bytes) -> bool:
    if magics.TORCH_LEGACY not in head:
        return False
    from hauberk.formats.model.torch.legacy import is_legacy  # noqa: PLC0415 - see formats.readers

    return is_legacy(view, head)


def _is_zlib(_: View, head: bytes) -> bool:
    """RFC 1950, 2.2: method 8 with a window of 32 KiB, and the check bits."""
    return head[:1] == b"\x78" and len(head) > 2 and int.from_bytes(head[:2], "big") % 31 == 0 and not head[1] & 32


def _is_zfile(_: View, head: bytes) -> bool:
    """Before 0.10, joblib wrote a length in digits before zlib; it reads them as `int(text, 16)` does."""
    return _ZFILE.fullmatch(head[:_ZFILE_BYTES]) is not None


def _is_safetensors(view: View, head: bytes) -> bool:
    length = int.from_bytes(head[:8], "little")
    if 2 <= length <= view.size - 8 and (head[8:9] == b"{" or _is_listed(view, head, length)):
        return True
    return _BINARY.search(head, 0, 8) is not None and _NAMED_TENSORS.match(head, 8) is not None


def _is_listed(view: View, head: bytes, length: int) -> bool:
    """Say whether a length is exactly that of a list in JSON, which a header must not be."""
    return head[8:9] == b"[" and head[:8].isascii() and b"\0" in head[:8] and view.read_at(7 + length, 1) == b"]"


def _is_marked_pickle(_: View, head: bytes) -> bool:
    return len(head) > 2 and head[0] == 0x80 and head[1] <= HIGHEST_PROTOCOL and head[2] in BY_CODE


def _is_pickle(view: View, head: bytes) -> bool:
    if not _is_marked_pickle(view, head):
        return bool(head) and head[0] in BY_CODE and _reads_as_pickle(view)
    return True


def _is_joblib(view: View, head: bytes) -> bool:
    """Say whether the pickle's first MiB names joblib's wrapper; a later one changes the name only, not the reading."""
    return joblib.WRAPPER.rpartition(".")[2].encode() in view.read_at(0, ATTEMPT_BYTES) and _is_pickle(view, head)


def _reads_as_pickle(view: View) -> bool:
    """Say whether bytes that begin like a pickle do something when they are loaded, or may.

    They do not where every unpickler breaks before anything was called. A budget that is spent proves nothing.
    """
    attempt = joblib.describe(view, ATTEMPT_LIMITS)
    if any(_acts(effect) for effect in (*attempt.effects, *attempt.beside)):
        return True
    broken = attempt.streams[-1].stop is None or attempt.trailing is not None
    notes = attempt.unchecked
    certain = len(notes) < MOST_NOTES and all(note.code is UncheckedCode.MALFORMED for note in notes)
    first = attempt.streams[0].stop
    return not (broken and certain) or (first is not None and any(effect.offset < first for effect in attempt.effects))


def has_endless_line(view: View) -> bool:
    """Say whether the first instruction of a pickle would be a line that is longer than one looks for its end.

    Without a bound a huge file that begins with such a letter would be read whole, for a newline.
    """
    if view.size <= ATTEMPT_LINE_BYTES:
        return False
    opcode = BY_CODE.get(view.read_at(0, 1)[0])
    if opcode is None or opcode.argument not in (Argument.LINE, Argument.TWO_LINES):
        return False
    pieces = range(0, ATTEMPT_LINE_BYTES, _LINE_PIECE)
    return all(b"\n" not in view.read_at(start, _LINE_PIECE) for start in pieces)


def acts_as_pickle(view: View) -> bool:
    """Say whether bytes of another format do something when they are unpickled, or may, as far as one looks."""
    head = view.read_at(0, 1)
    if not head or head[0] not in BY_CODE:
        return False
    attempt = joblib.describe(view, ATTEMPT_LIMITS)
    acts = any(_acts(effect) for effect in (*attempt.effects, *attempt.beside))
    return acts or any(note.code is UncheckedCode.LIMIT for note in attempt.unchecked)


def _acts(effect: Effect) -> bool:
    """Say whether something with a name that can be one is called, built or filled, or a known module imported."""
    target = effect.callable
    if effect.use is Use.PERSISTENT:
        return False
    if not isinstance(target, Global):
        return effect.use is not Use.IMPORT
    if not all(part.isidentifier() for part in f"{target.module}.{target.name}".split(".")):
        return False
    return effect.use is not Use.IMPORT or target.module.partition(".")[0] in sys.stdlib_module_names


def _is_text(view: View, head: bytes) -> bool:
    """Say whether all of the view is UTF-8 without control characters other than white space."""
    if head.translate(None, _CONTROL) != head:
        return False
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, view.size, TEXT_CHUNK_BYTES):
            piece = view.read_at(start, TEXT_CHUNK_BYTES)
            if piece.translate(None, _CONTROL) != piece:
                return False
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


HEAD_BYTES = 512
ATTEMPT_LINE_BYTES = 64 << 20
BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")  # the first block of a stream, or the end of an empty one
ATTEMPT_LIMITS = replace(DEFAULT_LIMITS, max_pickle_opcodes=1 << 18, max_pickle_effects=1 << 12)
NOT_READ = (
    ("rar", b"Rar!\x1a\x07"),
    ("cab", b"MSCF\0\0\0\0"),
    ("mxnet-params", b"\x12\x01\0\0\0\0\0\0"),
    ("rknn", b"RKNN"),
    ("tensorrt-engine", b"ftrt"),
    ("tensorrt-engine-old", b"ptrt"),
)
UNKNOWN = Format("unknown", lambda _view, _head: True)
ZIP = Format("zip", _magic(b"PK\x03\x04", b"PK\x05\x06"), readers.zip_file)
FORMATS: tuple[Format, ...] = (
    Format("npy", _magic(magics.NPY), readers.npy),
    ZIP,
    Format("gzip", _magic(b"\x1f\x8b\x08"), readers.packed("gzip")),
    Format(
        "bzip2",
        _magic(*(b"BZh%d%s" % (level, block) for level in range(1, 10) for block in BZIP2_BLOCKS)),
        readers.packed("bzip2"),
    ),
    Format("xz", _magic(b"\xfd7zXZ\x00"), readers.packed("xz")),
    Format("lzma", _magic(b"\x5d\x00\x00"), readers.packed("lzma")),
    Format("zstd", _magic(b"\x28\xb5\x2f\xfd", *magics.SKIPPABLE), readers.packed("zstd")),
    Format("lz4", _magic(b"\x04\x22\x4d\x18"), readers.packed("lz4")),
    Format("zlib", _is_zlib, readers.packed("zlib")),
    Format("joblib-zfile", _is_zfile, readers.packed("joblib-zfile")),
    Format("7z", _magic(magics.SEVENZIP), readers.sevenzip),
    Format("tar", _is_tar, readers.tar),
    Format("hdf5", _magic(magics.HDF5), readers.hdf5),
    Format("gguf", _magic(magics.GGUF), readers.gguf),
    Format("catboost", _magic(magics.CATBOOST), readers.catboost),
    Format("xgboost-binary", _magic(b"binf"), readers.xgboost_binary),
    Format("rds", _is_rds, readers.rds),
    Format("ubjson", _is_ubjson, readers.ubjson),
    Format("tflite", _magic(magics.TFLITE, at=4), readers.tflite),
    *(Format(kind.name, kind.fits, kind.describe) for kind in executable.KINDS),
    *(Format(medium.name, medium.fits, medium.describe, inert=True) for medium in media.MEDIA),
    *(Format(name, _magic(magic)) for name, magic in NOT_READ),
    Format("tiff", _magic(b"II*\0", b"MM\0*"), readers.tiff),
    Format("matlab", _magic(b"MATLAB 5.0 MAT-file"), readers.matlab),
    Format("onnxruntime-flat", _magic(b"ORTM", at=4)),
    Format("cpio", lambda _, head: _CPIO.match(head) is not None),
    Format("safetensors", _is_safetensors, readers.safetensors),
    Format("executorch", _magic(magics.EXECUTORCH, at=4), readers.executorch),
    Format("executorch-data", _magic(magics.EXECUTORCH_DATA, at=4), readers.executorch_data),
    Format("torchscript-mobile", _magic(magics.MOBILE, at=4), readers.mobile),
    Format("pytorch-legacy", _is_legacy, readers.legacy),
    Format("joblib", _is_joblib, joblib.describe),
    Format("pickle", _is_pickle, joblib.describe),
    *(Format(name, readers.is_graph(name), readers.graph(name)) for name in readers.GRAPHS),
    Format("tfrecord", readers.is_records, readers.records),
    Format("text", _is_text, readers.text, inert=True),
    Format("text-utf-16", readers.is_wide, readers.wide, inert=True),
    Format("text-latin-1", readers.is_latin, readers.latin, inert=True),
)
