"""A log with its keys and its witness in a folder, for tests: everything real but the clock."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from hauberk.digest import Digest, sha256
from hauberk.ledger.log import Log
from hauberk.ledger.publish import Published, publish
from hauberk.ledger.witness import serve_once
from hauberk.signature import dsse
from hauberk.statement import Named, Statement, Verified
from signers import SeedSigner, log_key, witness_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hauberk.signature.note import VerifierKey

START = 1_700_000_000
PRODUCER = SeedSigner("producer")
LOG = SeedSigner("example.com/log")
WITNESS = SeedSigner("example.com/witness")
MODEL = sha256(b"model")


def statement(name: str, *digests: Digest) -> Statement:
    about = digests or (sha256(name.encode()),)
    return Statement(tuple(Named(f"model/{name}-{d.hex[:4]}", (d,)) for d in about), "urn:test", {"n": name})


def verified(
    name: str, *digests: Digest, signer: SeedSigner = PRODUCER, said: Statement | None = None, time: int = START
) -> Verified:
    said = said or statement(name, *digests)
    envelope = dsse.sign(said, [signer])
    return Verified(said, dsse.statement_id(envelope.payload), envelope, (signer.public.keyid,), time)


@dataclass(frozen=True)
class World:
    """A folder with a log and a witness."""

    folder: Path

    @property
    def log_folder(self) -> Path:
        return self.folder / "log"

    @property
    def key(self) -> VerifierKey:
        return log_key(LOG)

    @property
    def witness_keys(self) -> tuple[VerifierKey, ...]:
        return (witness_key(WITNESS),)

    def create(self) -> Log:
        return Log.create(self.log_folder)

    def open(self, *, read_only: bool = False) -> Log:
        return Log.open(self.log_folder, read_only=read_only)

    def witness(
        self, now: int, *, signer: SeedSigner = WITNESS, log_folder: Path | None = None
    ) -> Callable[[bytes], bytes]:
        return partial(
            serve_once,
            state=self.folder / signer.name.replace("/", "-"),
            log_directory=log_folder or self.log_folder,
            log=self.key,
            key=witness_key(signer),
            signer=signer,
            now=now,
        )

    def publish(
        self,
        log: Log,
        now: int,
        *,
        witnesses: Sequence[Callable[[bytes], bytes]] = (),
        others: tuple[SeedSigner, ...] = (),
        quorum: int = 1,
    ) -> Published:
        """Publish, by the witness at the same time if no other ways to ask are given; `others` are trusted too."""
        return publish(
            log,
            signer=LOG,
            key=self.key,
            witnesses=witnesses or [self.witness(now)],
            witness_keys=(*self.witness_keys, *map(witness_key, others)),
            quorum=quorum,
            now=now,
        )


def published_twice(folder: Path) -> World:
    """Return a log with two publications: entries 0 to 2, an index; entries 4 and 5, an index."""
    made = World(folder)
    with made.create() as log:
        log.append_many([verified("a", MODEL), verified("b"), verified("c", MODEL)], START)
        made.publish(log, START + 1)
        log.append_many([verified("d", MODEL), verified("e")], START + 2)
        made.publish(log, START + 3)
    return made
