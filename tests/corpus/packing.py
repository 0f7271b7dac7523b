"""Containers written by hand, so that each field can lie: zip records, LZ4 and Zstandard frames, 7z, protobuf, GGUF, npy."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, field

WHEN = (2026, 1, 1, 0, 0, 0)


@dataclass
class Member:
    """A member of a zip whose local and central headers may disagree."""

    name: str
    data: bytes
    method: int = 0
    flags: int = 0
    crc: int | None = None
    local_name: str | None = None
    local_size: int | None = None
    local_method: int | None = None
    central_size: int | None = None
    extra: bytes = b""
    comment: bytes = b""
    attributes: int = 0
    listed: bool = True
    present: bool = True
    packed: bytes = field(init=False)

    def __post_init__(self) -> None:
        if self.method == 8:
            packer = zlib.compressobj(9, zlib.DEFLATED, -15)
            self.packed = packer.compress(self.data) + packer.flush()
        else:
            self.packed = self.data


def zipped(
    *members: Member, prefix: bytes = b"", comment: bytes = b"", end: bool = True, count: int | None = None
) -> bytes:
    """Return a zip of these members (APPNOTE 4.3), each header as its member says."""
    body, directory, listed = prefix, b"", 0
    for member in members:
        at = len(body)
        crc = zlib.crc32(member.data) if member.crc is None else member.crc
        size = len(member.data)
        name = member.name.encode()
        local = (member.local_name or member.name).encode()
        if member.present:
            lsize = size if member.local_size is None else member.local_size
            method = member.method if member.local_method is None else member.local_method
            lpacked = len(member.packed) if member.local_size is None else member.local_size
            head = struct.pack(
                "<4s5H3I2H",
                b"PK\x03\x04",
                20,
                member.flags,
                method,
                0,
                23585,
                crc,
                lpacked,
                lsize,
                len(local),
                len(member.extra),
            )
            body += head + local + member.extra + member.packed
        if member.listed:
            csize = size if member.central_size is None else member.central_size
            cpacked = len(member.packed) if member.central_size is None or member.method else member.central_size
            directory += struct.pack(
                "<4s6H3I5H2I", b"PK\x01\x02", 0x0314, 20, member.flags, member.method, 0, 23585, crc, cpacked, csize,
                len(name), len(member.extra), len(member.comment), 0, 0, member.attributes, at,
            ) + name + member.extra + member.comment  # fmt: skip
            listed += 1
    if not end:
        return body + directory
    number = listed if count is None else count
    return (
        body
        + directory
        + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, number, number, len(directory), len(body), len(comment))
        + comment
    )


def plain_zip(entries: dict[str, bytes], method: int = 0) -> bytes:
    """Return an ordinary zip as `zipfile` writes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = method
            archive.writestr(info, data)
    return out.getvalue()


def tarred(entries: dict[str, bytes], mode: str = "w", links: dict[str, tuple[bytes, str]] | None = None) -> bytes:
    """Return a tar; a link is a name with its kind (`tarfile.SYMTYPE`, `LNKTYPE`, …) and its target."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, (kind, target) in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            archive.addfile(info)
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def torch_zip(pickle: bytes, root: str = "archive", more: dict[str, bytes] | None = None, **names: str) -> bytes:
    """Return a checkpoint as `torch.save` lays it out, its pickle as given."""
    entries = {
        f"{root}/{names.get('pickle', 'data.pkl')}": pickle,
        f"{root}/byteorder": b"little",
        f"{root}/data/0": bytes(16),
    }
    entries |= {f"{root}/{name}": data for name, data in (more or {}).items()}
    return plain_zip({**entries, f"{root}/version": b"3\n"})


def xxh32(data: bytes) -> int:
    """Return the xxHash of at most 15 bytes with seed 0, as frame descriptors of LZ4 need it."""
    p2, p3, p4, p5, p1 = 2246822519, 3266489917, 668265263, 374761393, 2654435761
    mask = 0xFFFFFFFF

    def turn(value: int, by: int) -> int:
        return ((value << by) | (value >> (32 - by))) & mask

    value, at = (p5 + len(data)) & mask, 0
    while at + 4 <= len(data):
        value = (turn((value + int.from_bytes(data[at : at + 4], "little") * p3) & mask, 17) * p4) & mask
        at += 4
    for byte in data[at:]:
        value = (turn((value + byte * p5) & mask, 11) * p1) & mask
    value = ((value ^ (value >> 15)) * p2) & mask
    value = ((value ^ (value >> 13)) * p3) & mask
    return value ^ (value >> 16)


def lz4_frame(data: bytes) -> bytes:
    """Return an LZ4 frame of blocks that are stored (LZ4 Frame Format 1.6.2)."""
    descriptor = bytes([0b01100000, 0x70])
    body = b"".join(
        struct.pack("<I", len(data[at : at + 65536]) | 1 << 31) + data[at : at + 65536]
        for at in range(0, len(data), 65536)
    )
    return b"\x04\x22\x4d\x18" + descriptor + bytes([xxh32(descriptor) >> 8 & 255]) + body + bytes(4)


def zstd_frame(data: bytes, sized: bool = True) -> bytes:
    """Return a Zstandard frame of raw blocks (RFC 8878, 3.1.1)."""
    pieces = [data[at : at + 65536] for at in range(0, len(data), 65536)] or [b""]
    blocks = b"".join(
        (len(piece) << 3 | (place == len(pieces) - 1)).to_bytes(3, "little") + piece
        for place, piece in enumerate(pieces)
    )
    head = bytes([0b10100000]) + struct.pack("<I", len(data)) if sized else bytes([0, 0x38])
    return b"\x28\xb5\x2f\xfd" + head + blocks


def seven_zip(name: str, data: bytes) -> bytes:
    """Return a 7z archive of one member that is stored (7zFormat.txt, method Copy)."""

    def number(value: int) -> bytes:
        return (
            bytes([value])
            if value < 128
            else bytes([0x80 | value >> 8, value & 255])
            if value < 1 << 14
            else b"\xe0" + value.to_bytes(3, "little")
        )

    crc = struct.pack("<I", zlib.crc32(data))
    streams = b"\x06" + number(0) + number(1) + b"\x09" + number(len(data)) + b"\x00"
    streams += b"\x07\x0b" + number(1) + b"\x00" + number(1) + b"\x01\x00" + b"\x0c" + number(len(data)) + b"\x00"
    streams += b"\x08\x0a\x01" + crc + b"\x00"
    names = b"\x00" + name.encode("utf-16-le") + b"\x00\x00"
    header = b"\x01\x04" + streams + b"\x00" + b"\x05" + number(1) + b"\x11" + number(len(names)) + names + b"\x00\x00"
    start = struct.pack("<QQI", len(data), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start + data + header


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def proto(*fields: tuple[int, int | bytes | str]) -> bytes:
    """Return a protobuf message; a number is a varint, bytes or text a length-delimited field."""
    out = b""
    for tag, value in fields:
        if isinstance(value, int):
            out += varint(tag << 3) + varint(value & (1 << 64) - 1)
        else:
            raw = value.encode() if isinstance(value, str) else value
            out += varint(tag << 3 | 2) + varint(len(raw)) + raw
    return out


def npy(body: bytes, descr: str = "'|O'", shape: str = "(1,)", version: int = 1) -> bytes:
    """Return an npy file with a header of its own making."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    size = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + size + header + body


GGUF_TYPES = {"u32": 4, "string": 8, "array": 9, "u64": 10}


def gguf_text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def gguf(pairs: dict[str, object], tensors: bytes = b"", tensor_count: int = 0, pair_count: int | None = None) -> bytes:
    """Return a GGUF of version 3 with these pairs; a value is text, a number, or raw bytes that begin with its type."""
    body = b""
    for key, value in pairs.items():
        body += gguf_text(key)
        if isinstance(value, str):
            body += struct.pack("<I", 8) + gguf_text(value)
        elif isinstance(value, int):
            body += struct.pack("<II", 4, value)
        else:
            assert isinstance(value, bytes)
            body += value
    head = struct.pack("<4sIQQ", b"GGUF", 3, tensor_count, len(pairs) if pair_count is None else pair_count)
    return head + body + tensors


def safetensors(header: bytes, data: bytes = b"", length: int | None = None) -> bytes:
    return struct.pack("<Q", len(header) if length is None else length) + header + data
