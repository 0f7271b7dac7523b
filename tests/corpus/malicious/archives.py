"""Archives that reach out of the folder into which they are unpacked, by names and by links."""

from __future__ import annotations

import stat
import tarfile
from typing import TYPE_CHECKING

from corpus.packing import Member, tarred, zipped
from corpus.sample import Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator

CWE = "CWE-22"
NAMES = {
    "parents": "../../../tmp/hauberk-marker",
    "absolute": "/tmp/hauberk-marker",
    "parents-inside": "a/b/../../../hauberk-marker",
    "backslashes": "..\\..\\hauberk-marker",
    "drive": "C:\\hauberk-marker",
    "drive-relative": "C:hauberk-marker",
    "unc": "\\\\host.invalid\\share\\x",
    "double-slash": "//tmp/hauberk-marker",
    "dot-parents": "./../hauberk-marker",
    "nul": "a\0/../../hauberk-marker",
    "home": "../.bashrc",
    "ssh": "../../root/.ssh/authorized_keys",
}
LINKS = {
    "symlink-absolute": (tarfile.SYMTYPE, "/etc"),
    "symlink-parents": (tarfile.SYMTYPE, "../../.."),
    "hardlink-absolute": (tarfile.LNKTYPE, "/etc/hostname"),
    "hardlink-parents": (tarfile.LNKTYPE, "../../etc/hostname"),
    "character-device": (tarfile.CHRTYPE, ""),
    "block-device": (tarfile.BLKTYPE, ""),
    "fifo": (tarfile.FIFOTYPE, ""),
}


def samples() -> Iterator[Sample]:
    """Yield traversals and links."""
    static = {"static": "acts when it is unpacked by a reader that does not look"}
    for name, path in NAMES.items():
        yield file(
            "traversal", f"zip-{name}", "model.zip", zipped(Member("readme", b"x"), Member(path, b"x")), CWE, **static
        )
        tar = tarred({"readme": b"x", path.replace("\0", ""): b"x"})
        yield file("traversal", f"tar-{name}", "model.tar", tar, CWE, **static)
        nemo = tarred({"model_config.yaml": b"a: 1\n", path.replace("\0", ""): b"x"}, "w:bz2")
        yield file("traversal", f"nemo-{name}", "model.nemo", nemo, "CVE-2025-23304", **static)
    for name, (kind, target) in LINKS.items():
        yield file(
            "links", f"tar-{name}", "model.tar", tarred({"a": b"x"}, links={"link": (kind, target)}), "CWE-59", **static
        )
        through = tarred({"link/hauberk-marker": b"x"}, links={"link": (kind, target)})
        yield file("links", f"tar-through-{name}", "model.tar", through, "CWE-59", **static)
    for name, target in (("absolute", b"/etc/passwd"), ("parents", b"../../etc/passwd")):
        link = Member("weights.bin", target, attributes=(stat.S_IFLNK | 0o777) << 16)
        yield file("links", f"zip-symlink-{name}", "model.zip", zipped(link), "CWE-59", **static)
        keras = zipped(Member("config.json", b"{}"), Member("metadata.json", b"{}"), link)
        yield file("links", f"keras-symlink-{name}", "model.keras", keras, "CVE-2025-12060", **static)
