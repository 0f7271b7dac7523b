"""The ledger at length: durable appends, proofs of inclusion, and the audit, beside their bars.

python benchmarks/ledger.py             # a million entries: about six minutes, 3 GB of disk
python benchmarks/ledger.py 20000       # fewer
python benchmarks/ledger.py 20000 DIR   # in this folder (a disk that is not memory); by default the working directory
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from row import Row, show

from hauberk.digest import sha256
from hauberk.edge.pool import processors
from hauberk.ledger import merkle
from hauberk.ledger.audit import audit
from hauberk.ledger.checkpoint import Checkpoint
from hauberk.ledger.log import Log
from hauberk.ledger.publish import publish
from hauberk.ledger.witness import serve_once
from hauberk.signature import dsse
from hauberk.signature.key import PublicKey
from hauberk.signature.note import Note, NoteKind, VerifierKey
from hauberk.statement import Named, Statement, Verified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ENTRIES, BATCH, LARGE, BLOCK, SIGNED, PROOFS = 1_000_000, 100, 500, 10_000, 10_000, 2_000
NOW = 1_700_000_000


class Key:
    """An Ed25519 key in memory."""

    def __init__(self) -> None:
        """Make one."""
        self._private = Ed25519PrivateKey.generate()
        self.public = PublicKey.of(self._private.public_key())

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message."""
        return self._private.sign(message)


def statement(number: int) -> Statement:
    """Return a statement like that of a scan, about a thing of its own; its envelope has 1.5 KB."""
    body = {
        "result": "fail",
        "findings": [{"rule": f"rule-{n}", "severity": "low", "offset": n} for n in range(11)],
        "unchecked": [],
        "tool": {"name": "hauberk", "version": "1.0", "digest": {"sha256": "a" * 64}},
        "policy": None,
        "inputs": [{"name": "data/one", "digest": {"sha256": "b" * 64}}],
        "validUntil": "2030-01-01T00:00:00Z",
    }
    return Statement((Named("model/one", (sha256(b"%d" % number),)),), "urn:hauberk:model-scan:v1", body)


def signed(said: Statement, key: Key) -> Verified:
    """Return a statement as the log takes it."""
    envelope = dsse.sign(said, [key])
    return Verified(said, dsse.statement_id(envelope.payload), envelope, (key.public.keyid,), NOW)


def append(log: Log, statements: Iterator[Statement], key: Key, count: int, batch: int) -> list[float]:
    """Append statements that were signed before, in batches; return the seconds of an append in each block of them."""
    took = []
    for _ in range(count // BLOCK or 1):
        ready = [signed(one, key) for one in islice(statements, min(BLOCK, count))]
        began = time.perf_counter()
        for start in range(0, len(ready), batch):
            log.append_many(ready[start : start + batch], NOW)
        took.append((time.perf_counter() - began) / len(ready))
    return took


def append_signing(log: Log, statements: Iterator[Statement], key: Key) -> float:
    """Sign and append statements in batches; return the seconds of one."""
    ready = list(islice(statements, min(SIGNED, BLOCK)))
    began = time.perf_counter()
    for start in range(0, len(ready), BATCH):
        log.append_many([signed(one, key) for one in ready[start : start + BATCH]], NOW)
    return (time.perf_counter() - began) / len(ready)


def prove(log: Log) -> tuple[float, float]:
    """Return the medians of the seconds in which a proof of inclusion is made, and verified."""
    size, tree = log.size, log.tree()
    root, proving, verifying = tree.root(), [], []
    checkpoint = Checkpoint.parse(Note.parse(log.latest_checkpoint() or "").text)
    assert (checkpoint.size, checkpoint.root) == (size, root)
    chosen = random.Random(1)
    for number in (chosen.randrange(size) for _ in range(PROOFS)):
        leaf = merkle.leaf_hash(log.records(number, number + 1)[0])
        began = time.perf_counter()
        proof = tree.inclusion_proof(number)
        made = time.perf_counter()
        merkle.verify_inclusion(leaf, number, size, proof, root)
        proving.append(made - began)
        verifying.append(time.perf_counter() - made)
    return median(proving), median(verifying)


def publisher(folder: Path) -> tuple[Callable[[Log], float], VerifierKey, Sequence[VerifierKey]]:
    """Return what publishes a log and says in how many seconds, and the keys of log and witness."""
    by, seer = Key(), Key()
    key = VerifierKey("example.com/log", NoteKind.ED25519, by.public)
    witness = VerifierKey("example.com/witness", NoteKind.COSIGNATURE_V1, seer.public)

    def ask(request: bytes) -> bytes:
        place = {"state": folder / "witness", "log_directory": folder / "log"}
        return serve_once(request, log=key, key=witness, signer=seer, now=NOW, **place)

    def run(log: Log) -> float:
        began = time.perf_counter()
        publish(log, signer=by, key=key, witnesses=[ask], witness_keys=[witness], quorum=1, now=NOW)
        return time.perf_counter() - began

    return run, key, [witness]


def measure(entries: int = ENTRIES, place: str = ".") -> list[Row]:
    """Return the rows of this benchmark."""
    whole = f"{entries:,} entries"
    with tempfile.TemporaryDirectory(dir=place) as name:
        folder, key, statements = Path(name), Key(), map(statement, range(10 * entries))
        run, log_key, witness_keys = publisher(folder)
        with Log.create(folder / "log") as log:
            blocks = append(log, statements, key, entries, LARGE)
            small = append(log, statements, key, min(entries, 3 * BLOCK), BATCH)
            signing = append_signing(log, statements, key)
            published = [run(log)]
            proving, verifying = prove(log)
            log.append_many([signed(next(statements), key)], NOW)
            published.append(run(log))
            began = time.perf_counter()
            audit(log, key=log_key, witness_keys=witness_keys, quorum=1, now=NOW, jobs=processors())
            audited = time.perf_counter() - began
            size = (folder / "log" / "ledger.sqlite").stat().st_size / log.size
    late = blocks[-max(1, len(blocks) // 10) :]
    return [
        Row(f"an append on the way to {whole}, signed before, in batches of {LARGE}", *_us(median(blocks), 100)),
        Row(f"the same, the last tenth of {whole}", *_us(median(late), 100)),
        Row(f"an append to {whole}, signed before, in batches of {BATCH}", *_us(median(small), 100)),
        Row(f"an append with signing, in batches of {BATCH}", *_us(signing, 500)),
        Row(f"a proof of inclusion among {whole}", *_us(proving, 200)),
        Row(f"verifying a proof of inclusion among {whole}", *_us(verifying, 30)),
        Row(f"the full audit of {whole} with two publications, {processors()} processes", audited, "s", "ledger", 15),
        Row(f"publishing {whole} for the first time, with the witness", published[0], "s", "ledger"),
        Row("publishing again, with one entry more", published[1], "s", "ledger"),
        Row("a ledger on disk", size, "bytes an entry", "ledger"),
    ]


def _us(seconds: float, bar: float) -> tuple[float, str, str, float]:
    return seconds * 1e6, "µs", "ledger", bar


if __name__ == "__main__":
    show(measure(*map(int, sys.argv[1:2]), *sys.argv[2:3]))
