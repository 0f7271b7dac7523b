"""The witness over HTTP answers with the statuses of the standard, to requests that another program wrote too."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.client import HTTPConnection
from socket import SHUT_WR
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from hauberk.edge.listen.request import Asked, Head, Said
from hauberk.edge.listen.server import Bounds, Server
from hauberk.ledger import merkle
from hauberk.ledger.add_checkpoint import Request
from hauberk.ledger.admit import Admitted
from hauberk.ledger.checkpoint import Checkpoint, attest, sign
from hauberk.ledger.entry import Entry
from hauberk.ledger.log import Log
from hauberk.ledger.merkle import EMPTY_ROOT
from hauberk.ledger.witness import Witness, read_head
from hauberk.ledger.witness_http import MAX_BODY_BYTES, PATH, SIZE, Service
from hauberk.limits import DEFAULT_LIMITS
from hauberk.signature import note
from hauberk.signature.key import PublicKey
from hauberk.signature.note import Note, NoteKind, NoteSignature, VerifierKey
from ledger.test_witness import append_index, request
from ledger_world import LOG, MODEL, START, WITNESS, World, verified
from signers import SeedSigner, log_key, witness_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Requests that Go programs sign and answer: filippo.io/torchwood, TestAddCheckpoint in internal/witness.
GO_ORIGIN = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
GO_KEY = "ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f"
ONE = ("KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=")  # fmt: skip
THREE = ("RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=", "UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=")  # fmt: skip
FIVE = ("QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=", "UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=")  # fmt: skip
TO_THREE = "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nKgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
FROM_ONE_TO_FIVE = "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=\nKgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"  # fmt: skip
TO_FIVE = "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nKgMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nwgiIFdZfYNv6WU1OllBKsWnLYIS/DBMqt8Uh/S4OukE=\nKgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"  # fmt: skip


def go(old: int, proof: str, size: int, root: str, line: str, *, origin: str = GO_ORIGIN) -> bytes:
    return f"old {old}\n{proof}\n{origin}\n{size}\n{root}\n\n— {origin} {line}\n".encode()


def go_log() -> VerifierKey:
    return VerifierKey(GO_ORIGIN, NoteKind.ED25519, PublicKey.from_raw_ed25519(bytes.fromhex(GO_KEY)))


class Asking:
    """A service, what it has told its owner, and its clock."""

    def __init__(self, folder: Path, log: VerifierKey, log_folder: Path | None = None) -> None:
        self.state = folder / "state"
        self.told: list[str] = []
        self.now = START
        witness = Witness(self.state, log, log_folder, witness_key(WITNESS), WITNESS)
        self.service = Service({log.name: witness}, lambda: self.now, self.told.append)

    def __call__(self, body: bytes, *, path: str = PATH, method: str = "POST") -> Said:
        return self.service.answer(Asked(Head(method, path, "", {}, len(body), keeps=True), body))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def log(world: World) -> Iterator[Log]:
    with world.create() as opened:
        opened.append_many([verified("a", MODEL), verified("b")], START)
        append_index(opened)
        yield opened


@pytest.fixture
def ask(world: World) -> Asking:
    return Asking(world.folder, world.key, world.log_folder)


@pytest.fixture
def plain(world: World) -> Asking:
    return Asking(world.folder, world.key)


def test_a_log_that_another_program_signed_is_witnessed_as_that_program_does(tmp_path: Path) -> None:
    ask = Asking(tmp_path, go_log())
    steps = [
        (go(0, "", 1, *ONE), 200, WITNESS.name),
        (go(1, TO_THREE, 3, THREE[0], THREE[1].replace("6go=", "6ko=")), 403, "signature"),
        (go(1, TO_THREE, 3, *THREE, origin=GO_ORIGIN[:-1] + "3"), 404, "unknown log"),
        (go(1, "", 3, *THREE), 422, "fork"),
        (go(1, TO_THREE.replace("AAAA=\n", "ABAA=\n"), 3, *THREE), 422, "fork"),
        (go(1, TO_THREE, 3, *THREE), 200, WITNESS.name),
        (go(1, FROM_ONE_TO_FIVE, 5, *FIVE), 409, "3\n"),
        (go(3, TO_FIVE, 5, *FIVE), 200, WITNESS.name),
        (go(0, "", 5, *FIVE), 409, "5\n"),
    ]
    for body, status, says in steps:
        said = ask(body)
        assert (said.status, says in said.body.decode()) == (status, True), said


def test_the_cosignature_is_over_the_checkpoint_and_now(ask: Asking, log: Log) -> None:
    ask.now = START + 3
    asked = request(log, 0)
    line = NoteSignature.parse(ask(asked.encode()).body.decode().removesuffix("\n"))
    body = asked.checkpoint.partition("\n\n")[0] + "\n"
    assert note.verify_cosignature(body, line, witness_key(WITNESS)) == START + 3
    kept = read_head(ask.state, LOG.name)
    assert kept is not None
    keys = (witness_key(WITNESS),)
    assert attest(kept, log=log_key(LOG), witnesses=keys, quorum=1, strict=True).time == START + 3


def test_another_old_size_is_a_conflict_that_says_the_right_one(ask: Asking, log: Log) -> None:
    said = ask(request(log, 2).encode())
    assert (said.status, said.kind, said.body) == (409, SIZE, b"0\n")


def test_the_same_checkpoint_is_signed_again(ask: Asking, log: Log) -> None:
    assert ask(request(log, 0).encode()).status == 200
    ask.now += 60
    assert ask(request(log, 3).encode()).status == 200


def test_whoever_asks_again_for_what_was_signed_has_no_log_read_again(ask: Asking, log: Log) -> None:
    assert ask(request(log, 0).encode()).status == 200
    asked = request(log, 3)
    away = Witness(ask.state, log_key(LOG), ask.state / "away", witness_key(WITNESS), WITNESS)
    ask.service = Service({LOG.name: away}, lambda: ask.now, ask.told.append, ask.service.examined)
    ask.now += 60
    line = NoteSignature.parse(ask(asked.encode()).body.decode().removesuffix("\n"))
    assert note.verify_cosignature(Note.parse(asked.checkpoint).text, line, witness_key(WITNESS)) == START + 60
    ask.service = Service({LOG.name: away}, lambda: ask.now, ask.told.append)  # it begins anew, and knows of nothing
    assert ask(asked.encode()).status == 503


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 0\n\nnothing signed\n",
        b"old 01\n\n",
        b"new 0\n\n",
        b"old -1\n\n",
        b"\xff\xfe",
        b"old 0\n" + b"KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 64 + b"\n",
        b"old 0\nnot base64\n\n",
    ],
)
def test_what_is_no_request_is_a_bad_one(ask: Asking, body: bytes) -> None:
    assert ask(body).status == 400


def test_an_extension_line_is_not_signed(plain: Asking) -> None:
    body = f"{LOG.name}\n0\n{sign(Checkpoint(LOG.name, 0, EMPTY_ROOT), LOG).splitlines()[2]}\nextension\n"
    signed = f"{body}\n{note.sign_ed25519(body, LOG, LOG.name).format()}\n"
    assert plain(b"old 0\n\n" + signed.encode()).status == 400


def test_an_old_size_above_the_checkpoint_is_a_bad_request(ask: Asking, log: Log) -> None:
    assert ask(request(log, 0).encode()).status == 200
    said = ask(request(log, 99).encode())
    assert (said.status, b"old size 99" in said.body) == (400, True)


def test_an_unknown_origin_is_not_found(ask: Asking, log: Log) -> None:
    asked = Request(0, (), sign(Checkpoint("example.com/other", log.size, b"r" * 32), SeedSigner("example.com/other")))
    assert ask(asked.encode()).status == 404


@pytest.mark.parametrize("origin", ["a" * 100_000, "\u202e" * 30_000])
def test_a_stranger_does_not_fill_the_log_of_a_witness(ask: Asking, origin: str) -> None:
    said = ask(go(0, "", 1, ONE[0], ONE[1], origin="x").replace(b"\nx\n", f"\n{origin}\n".encode()))
    assert (said.status, len(said.body) < 1000, len(ask.told[0]) < 300) == (404, True, True)


def test_a_checkpoint_of_a_stranger_is_forbidden_and_opens_nothing(ask: Asking, log: Log) -> None:
    assert ask(request(log, 0, signer=SeedSigner("thief")).encode()).status == 403
    assert not ask.state.exists()


def test_another_root_at_the_size_that_was_signed_is_a_conflict_and_is_told(ask: Asking, log: Log) -> None:
    assert ask(request(log, 0).encode()).status == 200
    other = sign(Checkpoint(LOG.name, log.size, b"r" * 32), LOG)
    assert ask(Request(log.size, (), other).encode()).status == 409
    assert any("fork" in line and repr(other) in line for line in ask.told)


def is_told_whole(ask: Asking, asked: Request) -> bool:
    """Say whether the owner has what the log signed, which is the evidence, and beside it only why."""
    evidence, why = ask.told
    return evidence == f"422 what was asked: {asked.checkpoint!r}" and why.startswith("422 ")


def test_an_index_that_hides_an_entry_is_not_signed(world: World) -> None:
    with world.create() as log:
        log.append_many([verified("a", MODEL), verified("b")], START)
        append_index(log, forget=0)
        ask = Asking(world.folder, world.key, world.log_folder)
        asked = request(log, 0)
        said = ask(asked.encode())
        assert (said.status, b"lying index" in said.body) == (422, True)
        assert read_head(ask.state, LOG.name) is None
        assert is_told_whole(ask, asked)


def test_a_witness_of_consistency_only_does_sign_it(world: World) -> None:
    with world.create() as log:
        log.append_many([verified("a", MODEL), verified("b")], START)
        append_index(log, forget=0)
        assert Asking(world.folder, world.key)(request(log, 0).encode()).status == 200


def test_a_witness_of_consistency_only_refuses_a_fork(plain: Asking, log: Log, tmp_path: Path) -> None:
    assert plain(request(log, 0).encode()).status == 200
    with Log.create(tmp_path / "fork") as fork:
        fork.append_many([verified("a", MODEL), verified("x"), verified("c"), verified("d")], START)
        asked = request(fork, 3)
    assert plain(asked.encode()).status == 422
    assert is_told_whole(plain, asked)
    assert read_head(plain.state, LOG.name) is not None


def test_an_empty_log_may_grow_where_no_index_is_looked_at(plain: Asking, log: Log) -> None:
    empty = sign(Checkpoint(LOG.name, 0, EMPTY_ROOT), LOG)
    assert plain(Request(0, (), empty).encode()).status == 200
    assert plain(Request(0, (b"p" * 32,), request(log, 0).checkpoint).encode()).status == 422
    assert plain(request(log, 0).encode()).status == 200


def test_an_empty_log_has_one_root(plain: Asking) -> None:
    assert plain(Request(0, (), sign(Checkpoint(LOG.name, 0, b"r" * 32), LOG)).encode()).status == 422


def test_a_log_that_cannot_be_read_is_no_fault_of_its_own(ask: Asking, log: Log, world: World) -> None:
    asked = request(log, 0)
    world.log_folder.rename(world.folder / "away")
    assert ask(asked.encode()).status == 503
    (world.folder / "away").rename(world.log_folder)
    assert ask(asked.encode()).status == 200


def test_a_clock_that_went_back_signs_nothing(plain: Asking, log: Log) -> None:
    assert plain(request(log, 0).encode()).status == 200
    plain.now = START - 3600
    assert plain(request(log, 3).encode()).status == 503


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/", "POST", 404), ("/x" + PATH, "POST", 404), (PATH, "GET", 405)]
)
def test_only_one_thing_is_asked_of_a_witness(ask: Asking, log: Log, path: str, method: str, status: int) -> None:
    assert ask(request(log, 0).encode(), path=path, method=method).status == status
    assert not ask.state.exists()


def test_of_two_requests_that_continue_one_head_the_second_is_told_the_new_one(plain: Asking, log: Log) -> None:
    tree = merkle.Tree(log.leaf_hashes())
    small = sign(Checkpoint(LOG.name, 2, tree.root(2)), LOG)
    assert plain(request(log, 0).encode()).status == 200
    assert plain(Request(0, (), small).encode()).body == b"3\n"


def pairs(log: Log, start: int = 0) -> Iterator[tuple[bytes, bytes]]:
    return zip(log.records(start), log.envelopes(start, log.size), strict=True)


class Source:
    """A log's service that gives the entries of one log, and before that, so often, those of another."""

    def __init__(self, log: Log, other: Log, lies: int) -> None:
        self.log, self.other, self.lies = log, other, lies

    def read(self, path: str) -> bytes:
        start = int(path.rpartition("/")[2])
        log = self.other if self.lies else self.log
        self.lies = max(0, self.lies - 1)
        return b"".join(record + b"\n" + envelope + b"\n" for record, envelope in pairs(log, start))


@pytest.mark.parametrize(
    ("lies", "status", "says"), [(0, 200, WITNESS.name), (1, 200, WITNESS.name), (2, 422, "rewritten entry")]
)
def test_a_copy_that_is_not_the_log_is_fetched_anew_and_never_signed(
    world: World, log: Log, tmp_path: Path, lies: int, status: int, says: str
) -> None:
    with Log.create(tmp_path / "other") as other:
        other.append_many([verified("x"), verified("y")], START)
        append_index(other)
        source = Source(log, other, lies)
        copy = Witness(tmp_path / "m", world.key, tmp_path / "copy", witness_key(WITNESS), WITNESS, source)  # type: ignore[arg-type]
        service = Service({LOG.name: copy}, lambda: START, lambda _: None)
        body = request(log, 0).encode()
        said = service.answer(Asked(Head("POST", PATH, "", {}, len(body), keeps=True), body))
    assert (said.status, says in said.body.decode()) == (status, True)


def test_a_copy_behind_which_the_next_entry_does_not_fit_is_fetched_anew(
    world: World, log: Log, tmp_path: Path
) -> None:
    with Log.create(tmp_path / "copy") as wrong:  # what the service gave once: the last entry in the place of the first
        wrong.append_admitted([Admitted(Entry.decode(record), data) for record, data in reversed(list(pairs(log)))][:1])
    copy = Witness(tmp_path / "m", world.key, tmp_path / "copy", witness_key(WITNESS), WITNESS, Source(log, log, 0))  # type: ignore[arg-type]
    service = Service({LOG.name: copy}, lambda: START, lambda _: None)
    body = request(log, 0).encode()
    assert service.answer(Asked(Head("POST", PATH, "", {}, len(body), keeps=True), body)).status == 200


def test_what_does_not_continue_the_head_costs_no_fetching(world: World, log: Log, tmp_path: Path) -> None:
    copy = Witness(tmp_path / "m", world.key, tmp_path / "copy", witness_key(WITNESS), WITNESS, Source(log, log, 0))  # type: ignore[arg-type]
    service = Service({LOG.name: copy}, lambda: START, lambda _: None)
    for asked, status in ((request(log, 2), 409), (Request(0, (b"p" * 32,), request(log, 0).checkpoint), 422)):
        body = asked.encode()
        assert service.answer(Asked(Head("POST", PATH, "", {}, len(body), keeps=True), body)).status == status
    assert not (tmp_path / "copy").exists()


def test_a_copy_for_which_the_service_gives_no_entries_is_refused(world: World, log: Log, tmp_path: Path) -> None:
    class Odd(Source):
        def read(self, path: str) -> bytes:
            return b"welcome\n"

    copy = Witness(tmp_path / "m", world.key, tmp_path / "copy", witness_key(WITNESS), WITNESS, Odd(log, log, 0))  # type: ignore[arg-type]
    service = Service({LOG.name: copy}, lambda: START, lambda _: None)
    body = request(log, 0).encode()
    said = service.answer(Asked(Head("POST", PATH, "", {}, len(body), keeps=True), body))
    assert (said.status, b"does not answer with entries" in said.body) == (422, True)
    assert read_head(tmp_path / "m", LOG.name) is None


@contextmanager
def listening(ask: Asking) -> Iterator[str]:
    with Server("127.0.0.1", 0, ask.service.answer, Bounds(MAX_BODY_BYTES), tell=ask.told.append) as server:
        thread = threading.Thread(target=server.run)
        thread.start()
        yield urlsplit(server.url).netloc
        server.stop()
        thread.join()


def test_a_note_as_long_as_any_may_be_is_signed_and_what_is_too_long_is_not_even_read(ask: Asking, log: Log) -> None:
    asked = request(log, 0)
    room = DEFAULT_LIMITS.max_note_bytes - len(asked.checkpoint) - len("— others AAAA\n")
    others = NoteSignature("others", b"hash", bytes(room // 4 * 3 - 1))
    long = replace(asked, checkpoint=f"{asked.checkpoint}{others.format()}\n")
    assert 0 <= DEFAULT_LIMITS.max_note_bytes - len(long.checkpoint) < 4
    with listening(ask) as where:
        client = HTTPConnection(where, timeout=60)
        client.request("POST", PATH, body=long.encode())
        assert client.getresponse().status == 200
        client.close()
        client.request("POST", PATH, headers={"Content-Length": str(2 * DEFAULT_LIMITS.max_note_bytes + 1)})
        with suppress(OSError):
            client.sock.shutdown(SHUT_WR)
        assert client.getresponse().status == 413
        client.close()


def asking_meanwhile(monkeypatch: pytest.MonkeyPatch, body: bytes, service: Service) -> list[Said]:
    """Have another service asked while a witness looks at the entries of a log; return what it says."""
    look, heard = Witness.examine, list[Said]()

    def examine(self: Witness, *given: Any) -> int:
        if self.log_directory is not None:
            heard.append(service.answer(Asked(Head("POST", PATH, "", {}, len(body), keeps=True), body)))
        return look(self, *given)

    monkeypatch.setattr(Witness, "examine", examine)
    return heard


def test_a_log_that_is_looked_at_keeps_no_other_one_waiting(
    ask: Asking, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = SeedSigner("example.com/quick")
    other = Witness(ask.state, log_key(quick), None, witness_key(WITNESS), WITNESS)
    ask.service = replace(ask.service, witnesses={**ask.service.witnesses, quick.name: other})
    empty = Request(0, (), sign(Checkpoint(quick.name, 0, EMPTY_ROOT), quick)).encode()
    monkeypatch.setattr("hauberk.edge.stores._BUSY_SECONDS", 0.1)
    heard = asking_meanwhile(monkeypatch, empty, ask.service)
    assert ask(request(log, 0).encode()).status == 200
    assert [said.status for said in heard] == [200]


def test_a_head_that_was_signed_while_entries_were_looked_at_is_not_gone_back_behind(
    ask: Asking, plain: Asking, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = request(log, 0).encode()
    log.append_many([verified("c")], START)
    append_index(log)
    monkeypatch.setattr("hauberk.edge.stores._BUSY_SECONDS", 0.1)
    heard = asking_meanwhile(monkeypatch, request(log, 0).encode(), plain.service)
    said = ask(small)
    assert [one.status for one in heard] == [200]
    assert (said.status, said.body) == (409, b"5\n")
    kept = read_head(ask.state, LOG.name)
    assert kept is not None
    assert Checkpoint.parse(Note.parse(kept).text).size == 5


def test_of_one_log_the_entries_are_looked_at_once_at_a_time(
    ask: Asking, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hauberk.ledger.witness_http._TURN_SECONDS", 0.1)
    heard = asking_meanwhile(monkeypatch, request(log, 0).encode(), ask.service)
    assert ask(request(log, 0).encode()).status == 200
    assert [(said.status, b"being looked at" in said.body) for said in heard] == [(503, True)]
