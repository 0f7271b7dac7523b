"""Disarm: the same weights without code, and a statement of what they were derived from.

The pickle is read into stand-ins, so nothing of it runs, whatever it is. Tensors and arrays go to safetensors, an
estimator whose classes the tables hold to skops, plain values to JSON. What could not be carried over is listed, and
makes the result incomplete. The new files are scanned before anybody is told that they are clean.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hauberk.checks.model.examine import examine
from hauberk.digest import Digest
from hauberk.edge import clock
from hauberk.edge.sources import TOO_LONG_TO_LOAD, printable, read_file, write_atomic
from hauberk.enforce.disarm.contents import open_inert
from hauberk.enforce.disarm.skops import skops_of
from hauberk.enforce.disarm.walk import Contents, walk
from hauberk.errors import Malformed, Misconfigured, Unavailable
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import DERIVATION
from hauberk.finding import Outcome
from hauberk.formats.model.safetensors_layout import layout
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.signature import dsse
from hauberk.statement import Named, Statement
from hauberk.verbs.tool import tool
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.edge.sources import StrPath
    from hauberk.signature.key import Signer

_DAY: Final = 86_400
STATEMENT: Final = "derivation.json"
ENVELOPE: Final = "derivation.dsse.json"
_SUFFIXES: Final = frozenset(
    {".pkl", ".pickle", ".joblib", ".pt", ".pth", ".bin", ".ckpt", ".npy", ".gz", ".zlib", ".xz", ".bz2"}
)
_MOST_LISTED: Final = 10_000
_LEAST_ALLOWED_BYTES: Final = 256 << 20
_MOST_TIMES: Final = 8  # the bytes that were read, which views of one storage may come to
_MOST_NAMED: Final = 3
_MOST_SAID: Final = 200
_SKOPS: Final = ".skops"


@dataclass(frozen=True, slots=True)
class Disarmed:
    """What came of it.

    Attributes:
        source: digest of the bytes that were read.
        form: the format that they were.
        files: the new files, name to digest; the statement is not among them.
        tensors: how many tensors were carried over, and `values` how many plain values.
        left: what was not carried over, by name, with why.
        estimator: whether the object as a whole is in a skops file, in which nothing is missing.
    """

    source: Digest
    form: str
    files: dict[str, Digest]
    tensors: int
    values: int
    left: dict[str, str]
    estimator: bool

    @property
    def complete(self) -> bool:
        """Return whether nothing was left behind."""
        return self.estimator or not self.left


def disarm(
    path: StrPath, output: StrPath, *, signer: Signer | None = None, limits: Limits = DEFAULT_LIMITS
) -> Disarmed:
    """Write what a pickled model holds, without its code, to a new directory.

    Args:
        path: a pickle, a joblib file, a PyTorch archive, new or old, packed or not.
        output: a directory that does not exist yet, or is empty.
        signer: who signs the statement of derivation; without one it is written unsigned.
        limits: `max_load_bytes` is the most that is read.

    Raises:
        Malformed: the file breaks before its end, or would exhaust whoever reads it.
        Misconfigured: the format holds no pickle, or the output is not empty.
        Unavailable, Exceeded: the file cannot be read, or is too large.
    """
    folder = _new(output)
    data = read_file(path, limit=limits.max_load_bytes, hint=TOO_LONG_TO_LOAD)
    opened = open_inert(data, limits)
    most = min(limits.max_load_bytes, max(_LEAST_ALLOWED_BYTES, _MOST_TIMES * opened.size))
    contents = walk(opened.root, opened.storage, most_bytes=most)
    made = _made(opened.root, contents, _stem(path))
    if not made:
        raise Malformed(_nothing(data, contents), "see what `hauberk scan` says of it")
    files = {name: Digest("sha256", hashlib.sha256(content).hexdigest()) for name, content in made.items()}
    estimator = any(name.endswith(_SKOPS) for name in made)
    found = Disarmed(
        Digest("sha256", hashlib.sha256(data).hexdigest()), opened.form, files, len(contents.tensors),
        len(contents.values), contents.left, estimator,
    )  # fmt: skip
    statement = _statement(_stem(path), found, contents)
    made[STATEMENT] = dsse.encode_statement(statement)
    if signer is not None:
        made[ENVELOPE] = dsse.encode_envelope(dsse.sign(statement, [signer]))
    _write(folder, made)
    return found


def _made(root: Any, contents: Contents, stem: str) -> dict[str, bytes]:
    """Return the new files, name to bytes; one that a scan does not call clean stays behind as well."""
    made: dict[str, bytes] = {}
    if contents.tensors:
        made[f"{stem}.safetensors"] = b"".join(_safetensors(contents))
    if contents.values:
        made[f"{stem}.values.json"] = _values(contents)
    if estimator := _estimator(root, contents):
        made[f"{stem}{_SKOPS}"] = estimator
    for name in tuple(made):
        seen = examine(BytesView(made[name]), name).report
        if seen.outcome is not Outcome.CLEAN:
            contents.left[f"({name})"] = f"not written: a scan finds {seen.findings[0].rule}: {seen.findings[0].saw}"
            del made[name]
    return made


def _nothing(data: bytes, contents: Contents) -> str:
    """Return why nothing was carried over: what is in the file, and what a scan finds in it."""
    parts = ["there is nothing in it that could be carried over"]
    parts += [f"{name}: {why}" for name, why in list(contents.left.items())[:_MOST_NAMED]]
    seen = examine(BytesView(data), "").report
    if seen.outcome is not Outcome.CLEAN:
        parts.append(f"a scan finds {seen.findings[0].rule}: {seen.findings[0].saw}")
    return "; ".join(part[:_MOST_SAID] for part in parts)


def _new(output: StrPath) -> Path:
    folder = Path(output)
    try:
        if folder.exists() and any(folder.iterdir()):
            raise Misconfigured(f"{printable(folder)} is not empty", "name a new directory")
    except OSError as error:
        raise Unavailable(f"{printable(folder)}: {error.strerror}", "name a directory that can be made") from None
    return folder


def _stem(path: StrPath) -> str:
    name = Path(os.fspath(path)).name
    while Path(name).suffix.lower() in _SUFFIXES and Path(name).stem:
        name = Path(name).stem
    return name


def _estimator(root: Any, contents: Contents) -> bytes:
    """Return a skops file of an object that is more than tensors and values, or nothing where it has no form there."""
    if not contents.left:
        return b""
    try:
        return skops_of(root)
    except Malformed as error:
        contents.left["(skops)"] = f"not written: {error.message}"
        return b""


def _safetensors(contents: Contents) -> Iterator[bytes]:
    found = contents.tensors
    front, order = layout({name: (one.dtype, one.shape, len(one.data)) for name, one in found.items()})
    yield front
    for name in order:
        yield bytes(found[name].data)


def _values(contents: Contents) -> bytes:
    plain = {name: _finite(value) for name, value in sorted(contents.values.items())}
    return json.dumps(plain, indent=1, ensure_ascii=True, allow_nan=False).encode()


def _finite(value: Any) -> Any:
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


def _write(folder: Path, made: dict[str, bytes]) -> None:
    """Write all files, the statement last; where one cannot be written, none of them stays."""
    is_ours = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in made.items():
            write_atomic(folder / name, data)
    except BaseException as error:
        for name in made:
            with suppress(OSError):
                (folder / name).unlink()
        if is_ours:
            with suppress(OSError):
                folder.rmdir()
        if isinstance(error, OSError):
            raise Unavailable(f"{printable(folder)}: {error.strerror}", "name a directory that can be made") from None
        raise


def _statement(stem: str, found: Disarmed, contents: Contents) -> Statement:
    """Return the statement of derivation."""
    predicate = {
        "kind": "disarm",
        "result": "pass" if found.complete else "incomplete",
        "findings": [],
        "unchecked": [],
        "policy": None,
        "validUntil": format_instant(clock.now() + _DAY * (DERIVATION.valid_days or 0)),
        "inputs": [{"name": f"model/{stem}", "digest": {found.source.algorithm: found.source.hex}}],
        "equivalence": {
            "claim": "bit-identical",
            "tensors": found.tensors,
            "bytes": sum(len(one.data) for one in contents.tensors.values()),
        },
        "left": [{"name": name, "why": why} for name, why in sorted(found.left.items())[:_MOST_LISTED]],
        "aliases": dict(sorted(contents.aliases.items())[:_MOST_LISTED]),
        "tool": tool(),
    }
    subjects = tuple(Named(f"file/{name}", (digest,)) for name, digest in sorted(found.files.items()))
    return Statement(subjects, DERIVATION.type, json.loads(json.dumps(predicate)))
