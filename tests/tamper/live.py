"""A ledger of a good chain on disk, published twice, with its witness beside it: what the cases tamper with.

entries 0 to 2     root, trust, policy
3 to 11            all that the policy asks for; 9 is the scan, 11 the artefact
12                 an index statement; the first checkpoint
13                 a data set that has nothing to do with the model
14                 an index statement; the second checkpoint
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hauberk.digest import sha256
from hauberk.errors import HauberkError
from hauberk.evidence.predicates import DATASET_MANIFEST, MODEL_SCAN
from hauberk.gate.ask import ask
from hauberk.gate.export import collect, export
from hauberk.gate.standing import append, found
from hauberk.ledger import index, merkle
from hauberk.ledger.audit import audit
from hauberk.ledger.backup import check_copy
from hauberk.ledger.checkpoint import Checkpoint, sign
from hauberk.ledger.log import Log
from hauberk.ledger.prove import prove
from hauberk.ledger.publish import publish
from hauberk.ledger.replay import index_statement
from hauberk.ledger.witness import read_head, serve_once
from hauberk.signature import dsse
from hauberk.signature.note import Note
from hauberk.statement import Named
from hauberk.verdict import Answer
from simulator import ORIGIN, START, Chain, core

if TYPE_CHECKING:
    from pathlib import Path

    from hauberk.evidence.trust import RootKeys, Trust
    from hauberk.ledger.entry import Entry
    from hauberk.ledger.publish import Published
    from hauberk.policy.policy import Policy
    from hauberk.statement import Envelope
    from tamper.case import Case

SCAN, ARTEFACT_ENTRY, FIRST_INDEX, LATER, LAST = 9, 11, 12, 13, 14
NOW = START + 100
OTHER = Named("dataset/other", (sha256(b"other"),))


@dataclass
class Live:
    """A folder with a ledger and its witness, and what the people around it hold: root, trust, policy, a kept note."""

    folder: Path
    chain: Chain
    root: RootKeys
    trust: Trust
    policy: Policy
    now: int = NOW
    kept: str | None = None
    backup: Path | None = None

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def database(self) -> Path:
        return self.log / "ledger.sqlite"

    @property
    def witness(self) -> Path:
        return self.folder / "witness"

    def open(self) -> Log:
        return Log.open(self.log)

    # behind the ledger's back

    def sql(self, command: str, *values: bytes | int | str, file: Path | None = None) -> None:
        database = sqlite3.connect(file or self.database, isolation_level=None)
        try:
            database.execute(command, values)
        finally:
            database.close()

    def entry(self, number: int) -> Entry:
        with Log.open(self.log, read_only=True) as log:
            return log.entry(number)

    def rewrite(self, number: int, entry: Entry, envelope: bytes | None = None) -> None:
        """Write another entry, as a careful thief: the other tables are then as it gives them."""
        self.sql("UPDATE entries SET envelope = ? WHERE number = ?", str(entry.envelope), number)
        self.sql("UPDATE entries SET record = ? WHERE number = ?", entry.encode(), number)
        if envelope is not None:
            self.sql("UPDATE envelopes SET data = ? WHERE number = ?", envelope, number)
        self.rebuild()

    def cut(self, number: int) -> None:
        """Cut off the entries from one on, with the checkpoints over them, as a careful thief."""
        self.sql("DELETE FROM entries WHERE number >= ?", number)
        self.sql("DELETE FROM envelopes WHERE number >= ?", number)
        self.sql("DELETE FROM checkpoints WHERE size > ?", number)
        self.rebuild()

    def rebuild(self) -> None:
        with self.open() as log:
            log.rebuild()

    def index_by_hand(self, *, leave_out: int | None = None, size: int | None = None, time: int | None = None) -> None:
        """Append an index statement, as the log's thief: over other entries, or of another size or time."""
        with self.open() as log:
            length = log.size if size is None else size
            entries = log.entries(0, length)
            pairs = [(d, n) for n, entry in enumerate(entries) for d in entry.digests if n != leave_out]
            said = index_statement(ORIGIN, length, merkle.root(log.leaf_hashes(length)), index.build(pairs))
            envelope = dsse.sign(said, [self.chain.keys["log"]])
            if size is not None:  # the log takes the same envelope only once
                envelope = dsse.sign(said, [self.chain.keys["log"], self.chain.keys["stranger"]])
            log.append_computed(lambda _: envelope, self.now if time is None else time)

    def signed(self, size: int) -> str:
        """Return the log's checkpoint of the first entries, which no witness has seen."""
        with self.open() as log:
            return sign(Checkpoint(ORIGIN, size, log.tree().root(size)), self.chain.keys["log"])

    def copy(self, name: str) -> Live:
        """Return a copy of the ledger alone, as it is now."""
        folder = self.folder / name
        folder.mkdir()
        self.settle()
        shutil.copytree(self.log, folder / "log")
        return replace(self, folder=folder)

    def take_from(self, other: Live) -> None:
        """Put another ledger in the place of this one; the witness's memory stays."""
        shutil.rmtree(self.log)
        shutil.copytree(other.log, self.log)

    def settle(self) -> None:
        """Bring all that is in the write-ahead log into the file."""
        self.sql("PRAGMA wal_checkpoint(TRUNCATE)")

    # what is read

    def root_page(self, table: str) -> int:
        with closing(sqlite3.connect(self.database)) as database:
            (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        return int(page)

    def remembered(self) -> str | None:
        return read_head(self.witness, self.trust.log.name) if self.witness.exists() else None

    def envelope(self, number: int) -> bytes:
        with Log.open(self.log, read_only=True) as log:
            return log.envelope(number)

    def note(self) -> Note:
        with Log.open(self.log, read_only=True) as log:
            return Note.parse(log.latest_checkpoint() or "")

    # as people do

    def append(self, *envelopes: Envelope) -> list[int]:
        self.now += 1
        with self.open() as log:
            return append(log, envelopes, now=self.now)

    def publish(self) -> Published:
        self.now += 1
        with self.open() as log:
            return publish(
                log,
                signer=self.chain.keys["log"],
                key=self.trust.log,
                witnesses=[self.ask_witness],
                witness_keys=self.trust.witnesses,
                quorum=self.trust.quorum,
                now=self.now,
            )

    def ask_witness(self, request: bytes, *, log: Path | None = None) -> bytes:
        return serve_once(
            request,
            state=self.witness,
            log_directory=log or self.log,
            log=self.trust.log,
            key=self.chain.witness_key,
            signer=self.chain.keys["witness"],
            now=self.now,
        )

    def verify(self) -> str:
        with Log.open(self.log, read_only=True) as log:
            audited = audit(
                log,
                key=self.trust.log,
                witness_keys=self.trust.witnesses,
                quorum=self.trust.quorum,
                now=self.now,
                earlier=self.kept,
                remembered=self.remembered(),
            )
        return "; ".join(audited.notes)

    def gate(self) -> str:
        """Return the rules by which the gate denies the model, or nothing."""
        known = {"root": self.root, "trust": self.trust, "policy": self.policy}
        with Log.open(self.log, read_only=True) as log:
            verdict, _, _ = ask(log, gate="load", subject=self.chain.subject, now=self.now, **known)
        if verdict.result is Answer.ALLOW:
            return ""
        return "denied: " + ", ".join(sorted({reason.rule for reason in verdict.reasons}))

    def prove(self) -> str:
        with Log.open(self.log, read_only=True) as log:
            prove(log, log.entries_about(self.chain.subject.digest))
        return ""

    def restore(self) -> str:
        """Compare a backup with the ledger and with what the witness remembers."""
        assert self.backup is not None
        with Log.open(self.log, read_only=True) as log:
            found = check_copy(
                self.backup,
                key=self.trust.log,
                witness_keys=self.trust.witnesses,
                quorum=self.trust.quorum,
                now=self.now,
                remembered=self.remembered(),
                live=log,
            )
        return f"lacks {found.behind} entries" if found.behind else ""

    def passport(self) -> bytes:
        with Log.open(self.log, read_only=True) as log:
            return export(collect(log, gate="load", subject=self.chain.subject), root=self.root)[0]


def another_scan(chain: Chain, **changes: Any) -> Envelope:
    """Return the envelope of one more scan of the model, which nobody has logged."""
    return chain.say("scanner", MODEL_SCAN.type, chain.model, core(files=[], **changes), log=False)


FINDERS = {
    "ledger verify": Live.verify,
    "gate": Live.gate,
    "append": lambda live: str(live.append(another_scan(live.chain, validUntil="2030-01-01T00:00:00Z")) and ""),
    "publish": lambda live: str(live.publish() and ""),
    "ledger prove": Live.prove,
    "ledger restore": Live.restore,
    "witness": lambda _: "",  # the case itself asks it
    "passport export": lambda live: str(live.passport() and ""),
}


def heard(live: Live, case: Case) -> str:
    """Tamper, and return what is said of it: a refusal, a denial, a warning, or nothing."""
    try:
        case.do(live)
        return FINDERS[case.found_by](live)
    except HauberkError as error:
        return error.message


def build(folder: Path, chain: Chain) -> Live:
    """Make the ledger of a good chain in a folder."""
    live = Live(folder, chain, chain.root_keys, chain.trust, chain.policy, now=START + 20)
    root, trust, *rest = (dsse.decode_envelope(data) for data in chain.log.envelopes)
    with Log.create(live.log) as log:
        found(log, root, trust, now=START + 15)
        append(log, rest, now=START + 20)
    live.publish()
    manifest = core(files=[{"path": "other", "size": 1, "sha256": OTHER.digests[0].hex}])
    live.append(chain.say("producer", DATASET_MANIFEST.type, OTHER, manifest, log=False))
    live.publish()
    return live


def copied(live: Live, folder: Path) -> Live:
    """Return a copy of a ledger, to be tampered with."""
    shutil.copytree(live.folder, folder)
    return Live(folder, live.chain, live.root, live.trust, live.policy, now=live.now)
