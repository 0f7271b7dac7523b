"""The ledger's service: what is acknowledged is there, and what may not enter is refused by its name."""

from __future__ import annotations

import http.client
import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from hauberk.digest import sha256
from hauberk.edge.listen.server import Bounds, Server
from hauberk.errors import Exceeded, HauberkError, Malformed, NotVerified, Refused, Unavailable
from hauberk.evidence.alias import Alias, Move
from hauberk.evidence.collection import key_digest
from hauberk.evidence.predicates import INDEX, MODEL_SCAN, POLICY, PROMOTION, REVOCATION, ROOT, TRUST
from hauberk.gate.standing import admit, append, found, standing
from hauberk.ledger.appender import Appender
from hauberk.ledger.checkpoint import attest
from hauberk.ledger.log import Log
from hauberk.ledger.mirror import follow, forget
from hauberk.ledger.prove import EntryProof
from hauberk.ledger.publish import publish
from hauberk.ledger.service_client import MAX_BODY_BYTES, LedgerClient
from hauberk.ledger.witness import serve_once
from hauberk.limits import DEFAULT_LIMITS
from hauberk.serve.authority import Authority, Watch
from hauberk.serve.callers import Door
from hauberk.serve.ledger import LedgerService, holds
from hauberk.signature import dsse
from hauberk.statement import Named
from ledger.test_tiles import read_whole
from simulator import START, Chain, core, policy_data

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hauberk.signature.key import Signer
    from hauberk.statement import Envelope

NOW = START + 3600


@dataclass
class Running:
    """A service that runs over a founded log, and its clients."""

    folder: Path
    chain: Chain
    url: str
    told: list[str]
    server: Server

    def by(self, role: str, *, origin: str = "", at: int = NOW, signer: Signer | None = None) -> LedgerClient:
        name = origin or standing_of(self.folder).trust.log.name
        return LedgerClient(self.url, name, signer or self.chain.keys[role], lambda: at)

    def open(self) -> Log:
        return Log.open(self.folder)


def standing_of(folder: Path) -> Any:
    with Log.open(folder, read_only=True) as log:
        return standing(log)


def said(chain: Chain, role: Any, predicate: Any, body: dict[str, Any], thing: Named | None = None) -> Envelope:
    return chain.say(role, predicate.type, thing or chain.realm, body, log=False)


def scan(chain: Chain, number: int = 0, role: Any = "scanner") -> bytes:
    body = core(files=[]) | {"policy": {"name": "scan", "digest": {"sha256": sha256(b"%d" % number).hex}}}
    return dsse.encode_envelope(said(chain, role, MODEL_SCAN, body, chain.model))


def revocation(chain: Chain, role: Any = "approver") -> bytes:
    return dsse.encode_envelope(said(chain, role, REVOCATION, {"reason": "stolen"}, chain.model))


def founded(folder: Path, chain: Chain) -> None:
    with Log.create(folder) as log:
        found(log, said(chain, "root", ROOT, chain.root_predicate), said(chain, "root", TRUST, chain.trust_predicate), now=START)  # fmt: skip
        append(log, [said(chain, "approver", POLICY, policy_data())], now=START)


@contextmanager
def served(
    folder: Path, chain: Chain, *, open_read: bool = False, started: int = START, gather_seconds: float = 0.002
) -> Iterator[Running]:
    told: list[str] = []
    read = partial(Log.open, folder, read_only=True)
    appending = Appender(partial(Log.open, folder), lambda: NOW, gather_seconds=gather_seconds)
    with appending as appender, Watch(read, told.append) as watch:
        service = LedgerService(read, appender, watch, Door(started), lambda: NOW, open_read, told.append)
        bounds = Bounds(MAX_BODY_BYTES)
        with Server("127.0.0.1", 0, service.answer, bounds, admit=service.admit, tell=told.append) as server:
            thread = threading.Thread(target=server.run)
            thread.start()
            try:
                yield Running(folder, chain, server.url, told, server)
            finally:
                server.stop()
                thread.join()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    chain = Chain()
    founded(tmp_path / "log", chain)
    with served(tmp_path / "log", chain) as one:
        yield one


def asked_plainly(running: Running, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    client = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=60)
    client.request(method, path, body=body, headers=headers)
    answer = client.getresponse()
    data = answer.read()
    client.close()
    return answer.status, data


def refuses(
    running: Running, envelopes: list[bytes], kind: type[HauberkError], why: str, role: str = "scanner"
) -> None:
    with running.open() as log:
        before = log.size
        with pytest.raises(kind, match=why):
            running.by(role).append(envelopes)
        assert log.size == before


def test_what_is_acknowledged_is_in_the_log(running: Running) -> None:
    envelopes = [scan(running.chain, number) for number in range(3)]
    assert running.by("scanner").append(envelopes) == [3, 4, 5]
    with running.open() as log:
        assert log.envelopes(3, 6) == envelopes
        assert {entry.time for entry in log.entries(3)} == {NOW}


def test_what_is_there_already_keeps_its_number(running: Running) -> None:
    envelopes = [scan(running.chain, number) for number in range(2)]
    assert running.by("scanner").append(envelopes[:1]) == [3]
    assert running.by("approver").append(envelopes) == [3, 4]


def test_one_that_is_sent_twice_in_one_request_is_one_entry(running: Running) -> None:
    one, other = scan(running.chain), scan(running.chain, 1)
    assert running.by("scanner").append([one, other, one]) == [3, 4, 3]


def test_what_got_in_is_said_to_be_in_though_trust_would_not_take_it_today(running: Running) -> None:
    """Or whoever lost an answer could never be told of it, and would hold up all that waits behind."""
    chain, one = running.chain, scan(running.chain)
    policies = [said(chain, "approver", POLICY, policy_data() | {"version": n}) for n in (3, 4)]
    older, newer = map(dsse.encode_envelope, policies)
    assert running.by("approver").append([one, older, newer]) == [3, 4, 5]
    chain.trust_version = 2
    ended = dsse.encode_envelope(said(chain, "root", TRUST, chain.make_trust(not_after={"scanner": START})))
    assert running.by("approver").append([ended, older, one]) == [6, 4, 3]
    refuses(running, [one, scan(chain, 1)], NotVerified, "scanner", "approver")


def test_a_revocation_takes_the_role_of_one_who_revokes(running: Running) -> None:
    refuses(running, [revocation(running.chain)], Refused, "scanner may not revoke")
    refuses(running, [scan(running.chain), revocation(running.chain)], Refused, "may not revoke")
    assert running.by("approver").append([revocation(running.chain)]) == [3]


def test_a_key_that_may_only_read_appends_nothing(running: Running) -> None:
    refuses(running, [scan(running.chain)], Refused, "the key of gate may not append", "gate")


def key_revocation(chain: Chain, of: str) -> bytes:
    digest = key_digest(chain.keys[of].public.keyid)
    thing = Named(f"digest/{digest.hex[:16]}", (digest,))
    return dsse.encode_envelope(said(chain, "approver", REVOCATION, {"reason": "stolen"}, thing))


def test_a_key_that_is_revoked_is_let_in_no_more(running: Running) -> None:
    thief = running.by("scanner")
    assert thief.append([scan(running.chain)])
    running.by("approver").append([key_revocation(running.chain, "scanner")])
    for ask in (lambda: thief.append([scan(running.chain, 1)]), lambda: thief.read("/v1/log/0")):
        with pytest.raises(NotVerified, match="the key of scanner is revoked"):
            ask()
    assert running.by("approver").append([revocation(running.chain)])


def read_for_long(client: LedgerClient) -> None:
    for _ in range(3000):
        client.read("/v1/log/0")
        time.sleep(0.01)


def test_a_key_that_another_process_revokes_is_let_in_no_more(running: Running) -> None:
    thief = running.by("scanner")
    with running.open() as log:
        append(log, [dsse.decode_envelope(key_revocation(running.chain, "scanner"))], now=NOW)
    with pytest.raises(NotVerified, match="is revoked"):
        read_for_long(thief)


def test_whoever_brings_a_statement_vouches_for_nothing(running: Running) -> None:
    refuses(running, [scan(running.chain, role="producer")], NotVerified, "grant|may", "approver")


def test_one_bad_statement_keeps_out_all_that_come_with_it(running: Running) -> None:
    refuses(running, [scan(running.chain), scan(running.chain, 1, "gate")], NotVerified, "gate")


@pytest.mark.parametrize(
    ("line", "kind", "why"),
    [
        (b"", Malformed, "line 2"),
        (b"{}", Malformed, "line 2"),
        (b"not json", Malformed, "line 2"),
    ],
)
def test_a_line_that_is_no_envelope_is_named(running: Running, line: bytes, kind: type[HauberkError], why: str) -> None:
    refuses(running, [scan(running.chain), line, scan(running.chain, 1)], kind, why)


def test_an_envelope_in_another_writing_is_refused(running: Running) -> None:
    loose = json.dumps(json.loads(scan(running.chain))).encode()
    refuses(running, [loose], Malformed, "canonical|line 1")


def test_an_index_statement_is_not_taken_from_outside(running: Running) -> None:
    body = {"origin": "x", "size": 1, "root": "0" * 64, "count": 0, "indexRoot": "0" * 64}
    refuses(running, [dsse.encode_envelope(said(running.chain, "log", INDEX, body))], NotVerified, "key", "approver")


def test_an_older_policy_does_not_come_in_by_this_door(running: Running) -> None:
    policies = [said(running.chain, "approver", POLICY, policy_data() | {"version": n}) for n in (3, 2)]
    newer, older = map(dsse.encode_envelope, policies)
    assert running.by("approver").append([newer]) == [3]
    refuses(running, [older], NotVerified, "is older than 3", "approver")


def test_a_thousand_are_taken_at_once_and_one_more_is_refused(running: Running) -> None:
    one = scan(running.chain)
    refuses(running, [one] * 1001, Exceeded, "1001 envelopes")
    assert running.by("scanner").append([one] * 1000) == [3] * 1000


def test_a_body_above_16_mib_is_refused_before_it_is_sent(running: Running) -> None:
    for length, status in ((16 << 20, 401), ((16 << 20) + 1, 413)):  # 401: of somebody who is not known
        assert asked_plainly(running, "POST", "/v1/append", **{"Content-Length": str(length)})[0] == status


def test_whoever_is_not_known_is_refused_before_any_body_is_read(running: Running) -> None:
    status, body = asked_plainly(running, "POST", "/v1/append", **{"Content-Length": "1000"})
    assert (status, json.loads(body)["error"]["kind"]) == (401, "NotVerified")
    assert running.told == ["401 to somebody for POST /v1/append: the request is not signed"]


@pytest.mark.parametrize("path", ["/healthz", "/checkpoint"])
def test_no_body_is_read_of_somebody_who_is_not_known_where_reading_is_open(tmp_path: Path, path: str) -> None:
    founded(tmp_path / "log", chain := Chain())
    with served(tmp_path / "log", chain, open_read=True) as running:
        status, body = asked_plainly(running, "GET", path, b"x" * 5)
    assert (status, json.loads(body)["error"]["message"]) == (401, "the request is not signed")


def test_a_service_of_another_log_refuses(running: Running) -> None:
    with pytest.raises(NotVerified, match="another log"):
        running.by("scanner", origin="example.com/other").append([scan(running.chain)])


def test_a_clock_that_is_wrong_is_named(running: Running) -> None:
    with pytest.raises(NotVerified, match="is 3600 s behind this service"):
        running.by("scanner", at=NOW - 3600).append([scan(running.chain)])


def test_a_request_that_was_overheard_is_worth_nothing(running: Running) -> None:
    client, body = running.by("scanner"), scan(running.chain) + b"\n"
    given = client._headers("POST", "/v1/append", body)
    assert asked_plainly(running, "POST", "/v1/append", body, **given)[0] == 200
    status, said = asked_plainly(running, "POST", "/v1/append", body, **given)
    assert (status, b"replay" in said) == (401, True)
    given = client._headers("POST", "/v1/append", body)
    status, said = asked_plainly(running, "POST", "/v1/append", body.replace(b"a", b"b", 1), **given)
    assert (status, b"not the one that was signed" in said) == (422, True)
    given = client._headers("GET", "/checkpoint", b"")
    assert asked_plainly(running, "GET", "/v1/proof/0", **given)[0] == 401


def publish_now(running: Running) -> str:
    stands = standing_of(running.folder)
    witness = partial(
        serve_once,
        state=running.folder / "witness",
        log_directory=running.folder,
        log=stands.trust.log,
        key=stands.trust.witnesses[0],
        signer=running.chain.keys["witness"],
        now=NOW,
    )
    with running.open() as log:
        return publish(
            log,
            signer=running.chain.keys["log"],
            key=stands.trust.log,
            witnesses=[witness],
            witness_keys=stands.trust.witnesses,
            quorum=1,
            now=NOW,
        ).note


def test_what_is_published_is_read_and_proved(running: Running) -> None:
    client = running.by("gate")
    running.by("scanner").append([scan(running.chain)])
    with pytest.raises(Unavailable, match="nothing is published"):
        client.read("/checkpoint")
    note = publish_now(running)
    trust = standing_of(running.folder).trust
    assert client.read("/checkpoint").decode() == note
    attest(note, log=trust.log, witnesses=trust.witnesses, quorum=1, strict=True)
    (about,) = json.loads(client.read(f"/v1/about/{running.chain.model.digests[0]}"))
    assert about == json.loads(client.read("/v1/proof/3"))[0]
    proof = EntryProof.from_json(about)
    assert proof.verify(log=trust.log, witnesses=trust.witnesses, quorum=1).checkpoint.size == 5
    running.by("scanner").append([scan(running.chain, 1)])
    assert len(json.loads(client.read(f"/v1/about/{running.chain.model.digests[0]}"))) == 1


def test_a_client_of_the_standard_reads_the_log_by_its_tiles(running: Running) -> None:
    running.by("scanner").append([scan(running.chain, number) for number in range(5)])
    publish_now(running)
    client = running.by("gate")
    with running.open() as log:
        read_whole(lambda path: client.read(f"/{path}"), log)


@pytest.mark.parametrize(
    ("path", "kind", "why"),
    [
        ("/tile/0/000", Unavailable, "published no tile/0/000 yet"),
        ("/tile/0/000.p/5", Unavailable, "published no"),
        ("/tile/0/0", Malformed, "path of a tile"),
        ("/v1/proof/99", Unavailable, "covers the first"),
        ("/v1/proof/-1", Unavailable, "404"),
        ("/v1/proof/99999999999999999999", Unavailable, "404"),
        ("/v1/about/nonsense", Malformed, "nonsense"),
        ("/v1/about/sha256:" + "0" * 63, Malformed, "000"),
        ("/nothing", Unavailable, "404"),
        ("/v1/../checkpoint", Unavailable, "404"),
    ],
)
def test_what_is_not_there_is_said(running: Running, path: str, kind: type[HauberkError], why: str) -> None:
    publish_now(running)
    with pytest.raises(kind, match=why):
        running.by("gate").read(path)


@pytest.mark.parametrize("path", ["/checkpoint", "/v1/proof/0", "/nothing"])
def test_who_reads_is_asked_unless_reading_is_open(running: Running, path: str) -> None:
    publish_now(running)
    assert asked_plainly(running, "GET", path)[0] == 401


def test_reading_may_be_open_and_appending_is_not(tmp_path: Path) -> None:
    chain = Chain()
    founded(tmp_path / "log", chain)
    with served(tmp_path / "log", chain, open_read=True) as running:
        note = publish_now(running)
        assert asked_plainly(running, "GET", "/checkpoint") == (200, note.encode())
        assert asked_plainly(running, "HEAD", "/checkpoint") == (200, b"")
        assert asked_plainly(running, "POST", "/v1/append", b"x")[0] == 401
        assert asked_plainly(running, "GET", "/v1/append")[0] == 405
        assert asked_plainly(running, "DELETE", "/checkpoint")[0] == 401


def test_anybody_may_ask_whether_it_is_well(running: Running) -> None:
    assert asked_plainly(running, "GET", "/healthz") == (200, b"3 entries\n")
    running.folder.rename(running.folder.with_name("away"))
    assert asked_plainly(running, "GET", "/healthz")[0] == 503


def test_a_trust_that_another_process_appends_counts_from_then_on(running: Running) -> None:
    chain = running.chain
    assert running.by("scanner").append([scan(chain)]) == [3]
    chain.trust_version = 2
    ended = chain.make_trust(not_after={"scanner": START})
    with running.open() as log:
        append(log, [said(chain, "root", TRUST, ended)], now=NOW)
    with pytest.raises((NotVerified, Refused), match="scanner"):
        running.by("scanner").append([scan(chain, 1)])
    refuses(running, [scan(chain, 2)], NotVerified, "scanner", "approver")


def test_a_key_that_trust_names_since_a_moment_ago_is_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hauberk.serve.authority._LOOK_SECONDS", 3600)
    chain = Chain()
    founded(tmp_path / "log", chain)
    known = chain.make_trust()
    gate = chain.keys["gate"].public.keyid
    chain.trust_version = 2
    without = chain.make_trust(keys={keyid: key for keyid, key in known["keys"].items() if keyid != gate})
    chain.trust_version = 3
    with Log.open(tmp_path / "log") as log:
        append(log, [said(chain, "root", TRUST, without)], now=NOW)
        with served(tmp_path / "log", chain) as running:
            with pytest.raises(NotVerified, match="lists no"):
                running.by("gate").read("/v1/log/0")
            append(log, [said(chain, "root", TRUST, chain.make_trust())], now=NOW)
            time.sleep(0.05)
            assert running.by("gate").read("/v1/log/0")


def test_a_trust_that_comes_in_by_the_service_counts_for_the_next(running: Running) -> None:
    chain = running.chain
    chain.trust_version = 2
    ended = dsse.encode_envelope(said(chain, "root", TRUST, chain.make_trust(not_after={"scanner": START})))
    assert running.by("approver").append([ended]) == [3]
    refuses(running, [scan(chain)], NotVerified, "scanner", "approver")


def test_many_pods_append_at_once_and_each_is_told_its_own_entries(running: Running) -> None:
    told: dict[int, int] = {}

    def pod(number: int) -> None:
        client = running.by("scanner")
        for part in range(4):
            which = number * 10 + part
            told[which] = client.append([envelopes[which]])[0]

    envelopes = {n * 10 + part: scan(running.chain, n * 10 + part) for n in range(6) for part in range(4)}
    pods = [threading.Thread(target=pod, args=(number,)) for number in range(6)]
    for one in pods:
        one.start()
    for one in pods:
        one.join()
    with running.open() as log:
        assert sorted(told.values()) == list(range(3, 27))
        assert all(log.envelope(entry) == envelopes[which] for which, entry in told.items())


def test_a_service_that_is_closed_acknowledges_nothing(running: Running) -> None:
    running.server.close()
    with pytest.raises(Unavailable):
        running.by("scanner").append([scan(running.chain)])


def test_what_was_signed_before_the_service_began_is_refused(tmp_path: Path) -> None:
    chain = Chain()
    founded(tmp_path / "log", chain)
    with (
        served(tmp_path / "log", chain, started=NOW) as running,
        pytest.raises(NotVerified, match="before this service"),
    ):
        running.by("scanner", at=NOW - 1).append([scan(chain)])


@pytest.mark.parametrize("what", ["scanner", "approver"])
def test_what_a_clock_that_is_ahead_signed_before_a_restart_changes_nothing_when_it_is_replayed(
    tmp_path: Path, what: str
) -> None:
    """What was seen before is known to each process: such a request is let in once more, and keeps its entry."""
    chain = Chain()
    founded(tmp_path / "log", chain)
    body = (scan(chain) if what == "scanner" else revocation(chain)) + b"\n"
    with served(tmp_path / "log", chain, started=NOW - 60) as running:
        given = running.by(what, at=NOW + 60)._headers("POST", "/v1/append", body)
        assert asked_plainly(running, "POST", "/v1/append", body, **given)[0] == 200
    with served(tmp_path / "log", chain, started=NOW) as running:
        again = asked_plainly(running, "POST", "/v1/append", body, **given)
        assert again == (200, b'{"durable":true,"entries":[3]}\n')
        with running.open() as log:
            assert log.size == 4
        assert asked_plainly(running, "POST", "/v1/append", body, **given)[0] == 401
        other = scan(chain, 1) + b"\n"
        assert asked_plainly(running, "POST", "/v1/append", other, **given)[0] in (401, 422)


def test_an_answer_is_a_line_of_json(running: Running) -> None:
    body = scan(running.chain) + b"\n"
    given = running.by("scanner")._headers("POST", "/v1/append", body)
    assert asked_plainly(running, "POST", "/v1/append", body, **given) == (200, b'{"durable":true,"entries":[3]}\n')


class Registry(Chain):
    """A chain in which the gate's key may promote."""

    def make_trust(self, **changes: Any) -> dict[str, Any]:
        made = super().make_trust(**changes)
        grants = [self.grant("gate", PROMOTION, scope) for scope in ("model/tumour", "alias/*")]
        return made | {"grants": [*made["grants"], *grants]}


def moved(chain: Chain, content: bytes, after: bytes | None = None) -> bytes:
    previous = None if after is None else dsse.statement_id(dsse.decode_envelope(after).payload)
    move = Move(Alias("model/tumour", "production"), sha256(content), None, previous, sha256(b"a policy"))
    statement = move.statement(PROMOTION.type)
    return dsse.encode_envelope(
        chain.say("gate", PROMOTION.type, statement.subjects, dict(statement.predicate), log=False)
    )


def test_moves_of_an_alias_enter_one_after_the_other(tmp_path: Path) -> None:
    chain = Registry()
    founded(tmp_path / "log", chain)
    first, other = moved(chain, b"one"), moved(chain, b"two")
    second = moved(chain, b"two", after=first)
    with served(tmp_path / "log", chain) as running:
        assert running.by("gate").append([first]) == [3]
        refuses(running, [other], NotVerified, "follows nobody", "gate")
        refuses(running, [second, other], NotVerified, "follows nobody", "gate")
        assert running.by("gate").append([second]) == [4]
        assert running.by("gate").append([first, second]) == [3, 4]


def test_a_move_that_somebody_else_made_meanwhile_is_not_followed_twice(tmp_path: Path) -> None:
    chain = Registry()
    founded(tmp_path / "log", chain)
    with served(tmp_path / "log", chain) as running, running.open() as log:
        verified = admit(standing(log), (), [dsse.decode_envelope(moved(chain, b"one"))], NOW)
        later = admit(standing(log), (), [dsse.decode_envelope(moved(chain, b"two"))], NOW)
        authority = Authority.read(log)
        assert holds(authority, later, log)
        log.append_many(verified, NOW)
        assert not holds(authority, later, log)


def test_a_copy_of_the_log_is_brought_up_to_date(running: Running, tmp_path: Path) -> None:
    client = running.by("gate")
    running.by("scanner").append([scan(running.chain, number) for number in range(5)])
    for until in (4, 6, 8):
        follow(tmp_path / "copy", client, until=until)
        with Log.open(tmp_path / "copy", read_only=True) as copy:
            assert copy.size == until
    publish_now(running)
    follow(tmp_path / "copy", client, until=9)
    with running.open() as log, Log.open(tmp_path / "copy", read_only=True) as copy:
        assert copy.records() == log.records()
        assert copy.envelopes(0, 9) == log.envelopes(0, 9)
        assert copy.tree().root() == log.tree().root()


def test_a_copy_is_thrown_away_be_it_there_or_not(running: Running, tmp_path: Path) -> None:
    forget(tmp_path / "copy")
    follow(tmp_path / "copy", running.by("gate"), until=3)
    forget(tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_copy_of_more_than_there_is_waits(running: Running, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="has 3 entries, 4 are needed"):
        follow(tmp_path / "copy", running.by("gate"), until=4)


def test_long_entries_come_in_several_answers(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hauberk.serve.ledger._ENOUGH_BYTES", 1)
    assert running.by("gate").read("/v1/log/0").count(b"\n") == 2
    follow(tmp_path / "copy", running.by("gate"), until=3)


def test_a_long_statement_that_got_in_can_be_read_again(running: Running) -> None:
    """Or whoever may append anything would keep every pod and every witness elsewhere from reading on, for good."""
    files = [{"path": f"{n:0>90000}", "sha256": "0" * 64, "coverage": "full", "format": "f"} for n in range(72)]
    body = core(files=files) | {"policy": {"name": "scan", "digest": {"sha256": "0" * 64}}}
    envelope = dsse.encode_envelope(said(running.chain, "scanner", MODEL_SCAN, body, running.chain.model))
    assert DEFAULT_LIMITS.max_remote_document_bytes < len(envelope) < MAX_BODY_BYTES
    client = running.by("scanner")
    (number,) = client.append([envelope])
    assert client.read(f"/v1/log/{number}").split(b"\n")[1] == envelope


def test_a_witness_may_read(running: Running) -> None:
    assert running.by("witness").read("/v1/log/2").count(b"\n") == 2
    assert running.by("witness").read("/v1/log/3") == b""
    refuses(running, [scan(running.chain)], Refused, "may not append", "witness")


class Answering:
    """A service that answers as it is told."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)

    def read(self, _: str) -> bytes:
        return self.answers.pop(0)


@pytest.mark.parametrize(
    ("change", "kind", "why"),
    [
        (lambda body: body[:-1], Malformed, "does not answer with entries"),
        (lambda body: body.split(b"\n", 1)[1], Malformed, "does not answer with entries"),
        (lambda body: body.replace(b'"sig":"', b'"sig":"A', 1), NotVerified, "another digest"),
        (lambda body: body + body.split(b"\n", 2)[0] + b"\n" + body.split(b"\n", 2)[1] + b"\n", NotVerified, "twice"),
        (lambda body: b"x" + body, Malformed, ""),
        (lambda _: b"\n\n", Malformed, ""),
        (lambda body: body + b"\n" * 30_000, Malformed, "more than 20000 lines"),
    ],
)
def test_a_service_that_gives_something_else_is_refused(
    running: Running, tmp_path: Path, change: Any, kind: type[HauberkError], why: str
) -> None:
    body = running.by("gate").read("/v1/log/0")
    with pytest.raises(kind, match=why or None):
        follow(tmp_path / "copy", Answering(change(body)), until=9)  # type: ignore[arg-type]
