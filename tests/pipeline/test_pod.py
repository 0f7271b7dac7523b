"""A pod that has no ledger: what its service gives is a ledger like any other, and what the service can do is named."""

import http.server
import json
import shutil
import socket
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

import hauberk
from hauberk.cli.main import main
from hauberk.digest import sha256
from hauberk.edge import clock
from hauberk.edge.lock import only_one
from hauberk.edge.sources import digest_path
from hauberk.errors import Exceeded, HauberkError, Malformed, Misconfigured, NotVerified, Refused, Unavailable
from hauberk.gate.standing import append, standing
from hauberk.ledger.checkpoint import Checkpoint, sign
from hauberk.ledger.log import Log
from hauberk.pipeline.project import open_project
from hauberk.pipeline.reading import open_ledger
from hauberk.pipeline.run import run
from hauberk.serve.ledger import _read
from hauberk.signature import dsse
from hauberk.signature.note import Note
from hauberk.verdict import Answer
from listening import PROGRAM
from pods import COPY, SERVICE, key, make_pod, name_service, publish, revoke, serving
from projects import Heard, edit, go, small_project, write_plain_keys, write_sources

AWAY = """\
    when_away: {ledger: cached-verdict, cached_verdict_minutes: 30, alarm: true}
    boundaries:"""
URL = "https://ledger.example"
HOUR = 3600


class Service:
    """A ledger's service without a network, in the place of `LedgerClient`; a test changes what it answers."""

    def __init__(self, folder):
        self.folder = folder
        self.changes = {}
        self.asked = []
        self.appended = []

    def __call__(self, url, *_, **__):
        self.url = url
        return self

    def read(self, path):
        self.asked.append(path)
        change = next((change for start, change in self.changes.items() if path.startswith(start)), None)
        if isinstance(change, HauberkError):
            raise change
        with Log.open(self.folder / ".hauberk" / "ledger", read_only=True) as log:
            body = _read(log, path).body
        return body if change is None else change(body)

    def append(self, _):
        return self.appended.pop(0)

    @property
    def size(self):
        with Log.open(self.folder / ".hauberk" / "ledger", read_only=True) as log:
            return log.size


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Make a project whose policy lets an answer be remembered for half an hour, and run it."""
    folder = small_project(tmp_path_factory.mktemp("owner") / "small")
    edit(folder / "policy.yaml", "    boundaries:", AWAY)
    assert go(folder).how["gate"] == "ran"
    return folder


@pytest.fixture
def service(finished, tmp_path, monkeypatch):
    """Enter a pod; return the service that it asks."""
    shutil.copytree(finished, tmp_path / "own")
    made = Service(tmp_path / "own")
    monkeypatch.setattr("hauberk.pipeline.reading.LedgerClient", made)
    monkeypatch.chdir(make_pod(tmp_path / "own", tmp_path / "pod", URL))
    return made


@pytest.fixture
def served(finished, tmp_path, monkeypatch):
    """Enter a pod of a service that listens; return the owner's folder."""
    shutil.copytree(finished, tmp_path / "own")
    with serving(tmp_path / "own") as server:
        monkeypatch.chdir(make_pod(tmp_path / "own", tmp_path / "pod", server.url))
        yield tmp_path / "own"


def gate(capsys):
    """Ask, and return the exit code and what was said."""
    capsys.readouterr()
    code = main(["gate", "load", "model"])
    said = capsys.readouterr()
    return code, said.out + said.err


def fetch():
    """Bring the pod's copy up to date, and return how many entries it has."""
    with open_ledger(open_project("."), read_only=True) as log:
        return log.size


def refuses(kind, why):
    with pytest.raises(kind, match=why):
        fetch()


def later(monkeypatch, seconds):
    now = clock.now() + seconds
    monkeypatch.setattr("hauberk.edge.clock.now", lambda: now)


# what works


def test_a_gate_answers_as_at_the_owner_s(service, capsys, monkeypatch):
    code, at_the_pod = gate(capsys)
    monkeypatch.chdir(service.folder)
    assert (code, at_the_pod.split("hauberk: ")[0]) == (0, gate(capsys)[1].split("hauberk: ")[0])


def test_only_what_is_new_is_fetched(service):
    size = fetch()
    revoke(service.folder, sha256(b"something"))
    service.asked.clear()
    assert fetch() == size + 1
    assert service.asked == ["/healthz", "/checkpoint", f"/v1/log/{size}"]


def test_what_runs_is_listed_and_the_copy_is_audited(service, capsys):
    for words in (["--live"], []):
        assert main(["ledger", "where", *words]) == 0
        assert f"{URL} gives the ledger as of 20" in capsys.readouterr().err
    assert main(["ledger", "verify"]) == 0
    assert f"a copy of what {URL} gives" in capsys.readouterr().out


def test_a_passport_is_written_and_opens_the_model(service):
    assert main(["passport", "export", "model", "-o", "small.passport"]) == 0
    opened = hauberk.open_model("model", policy="policy.yaml", trust="trust.json", evidence="small.passport")
    assert opened == {"mean": 2.0}


def test_a_revocation_that_no_checkpoint_covers_denies(service, capsys):
    fetch()
    revoke(service.folder, digest_path("model"))
    code, said = gate(capsys)
    assert code == 1
    assert "not-revoked" in said


def test_a_copy_that_was_deleted_or_damaged_is_made_again(service, capsys):
    size = fetch()
    shutil.rmtree(Path(COPY).parent)
    assert fetch() == size
    Path(COPY).write_bytes(b"nothing of the kind" * 1000)
    assert fetch() == size
    Path(COPY).write_bytes(b"")
    assert gate(capsys)[0] == 0


def test_what_was_fetched_before_the_service_went_away_is_not_fetched_again(service, monkeypatch):
    monkeypatch.setattr("hauberk.serve.ledger._ENOUGH_BYTES", 1)  # an entry in each answer
    service.changes["/v1/log/5"] = Unavailable("connection reset")
    refuses(Unavailable, "connection reset")
    service.changes.clear()
    service.asked.clear()
    assert fetch() == service.size
    assert service.asked[2] == "/v1/log/5"


def test_a_backup_spares_a_new_pod_the_first_fetch(service, capsys):
    Path(COPY).parent.mkdir()
    assert main(["ledger", "backup", COPY, "--project", str(service.folder)]) == 0
    size = service.size
    revoke(service.folder, sha256(b"something"))
    assert fetch() == size + 1
    assert service.asked == ["/healthz", "/checkpoint", f"/v1/log/{size}"]
    assert gate(capsys)[0] == 0


def test_a_backup_of_another_ledger_is_thrown_away(service, tmp_path):
    shutil.copytree(service.folder, tmp_path / "other")
    revoke(tmp_path / "other", sha256(b"other"))
    publish(tmp_path / "other")
    Path(COPY).parent.mkdir()
    assert main(["ledger", "backup", COPY, "--project", str(tmp_path / "other")]) == 0
    revoke(service.folder, sha256(b"one"))
    publish(service.folder)
    assert fetch() == service.size
    with Log.open(service.folder / ".hauberk" / "ledger") as log, open_ledger(open_project(".")) as copy:
        assert copy.records() == log.records()


def test_the_file_that_names_the_service_may_be_a_link_as_a_mounted_one_is(service):
    Path(SERVICE).rename("mounted")
    Path(SERVICE).symlink_to(Path("mounted").absolute())
    assert fetch() == service.size


def test_who_has_a_copy_open_reads_on_while_it_is_made_again(service):
    with open_ledger(open_project("."), read_only=True) as log:
        before = log.records()
        revoke(service.folder, sha256(b"something"))
        shutil.rmtree(Path(COPY).parent)
        assert fetch() == len(before) + 1
        assert log.records() == before
        with pytest.raises(Unavailable, match="was made anew while it was read"):
            log.refresh()  # nobody asks a gate of what somebody else has not any more


def test_who_has_a_copy_open_sees_what_others_fetch(service):
    with open_ledger(open_project("."), read_only=True) as log:
        revoke(service.folder, sha256(b"something"))
        fetched = fetch()
        assert log.size == fetched == service.size


# the service is away, or lets us not in


@pytest.mark.parametrize(
    "wrong",
    [
        Unavailable("connection refused"),
        Refused("the key of gate may not read here"),
        NotVerified("the ledger's trust lists no Ed25519 key"),
        lambda _: b"<html>hello</html>",
    ],
)
def test_while_it_is_away_a_gate_answers_as_the_policy_says(service, capsys, monkeypatch, wrong):
    assert gate(capsys)[0] == 0
    service.changes["/healthz"] = wrong
    code, said = gate(capsys)
    assert (code, "THE LEDGER IS AWAY" in said, "ALARM" in said) == (0, True, True)
    later(monkeypatch, HOUR)
    code, said = gate(capsys)
    assert (code, "no answer of before counts" in said) == (3, True)


def test_without_an_answer_of_before_it_is_closed(service, capsys):
    service.changes["/checkpoint"] = Unavailable("connection refused")
    code, said = gate(capsys)
    assert (code, "connection refused" in said) == (3, True)


@pytest.mark.parametrize("words", [["ledger", "where", "--live"], ["ledger", "verify"], ["gate", "exceptions"]])
def test_whichever_verb_fetches_a_revocation_no_answer_of_before_is_given_over_it(service, capsys, words):
    assert gate(capsys)[0] == 0
    revoke(service.folder, digest_path("model"))
    assert main(words) == 0
    service.changes["/healthz"] = Unavailable("connection refused")
    code, said = gate(capsys)
    assert (code, "no answer of before counts" in said) == (3, True)


def test_no_answer_of_before_is_given_over_a_revocation_that_came_before_the_line_broke(service, capsys, monkeypatch):
    assert gate(capsys)[0] == 0
    size = fetch()
    monkeypatch.setattr("hauberk.serve.ledger._ENOUGH_BYTES", 1)  # an entry in each answer
    for what in (digest_path("model"), sha256(b"something")):
        revoke(service.folder, what)
    service.changes[f"/v1/log/{size + 1}"] = Unavailable("connection reset")
    code, said = gate(capsys)
    assert (code, "no answer of before counts" in said) == (3, True)


def test_a_service_that_gives_little_at_a_time_is_not_asked_without_an_end(service, monkeypatch):
    monkeypatch.setattr("hauberk.serve.ledger._ENOUGH_BYTES", 1)  # an entry in each answer
    seconds, answers = [0.0], []

    def minute(body):
        seconds[0] += 59  # in which an answer may come
        answers.append(body)
        return body

    monkeypatch.setattr("hauberk.edge.clock.stopwatch", lambda: seconds[0])
    service.changes["/v1/log"] = minute
    refuses(Unavailable, f"has given 11 of {service.size} entries")
    assert fetch() == service.size
    assert len(answers) == service.size  # none was asked for twice


def test_an_answer_that_is_kept_while_a_revocation_comes_in_is_forgotten_too(service, monkeypatch):
    sizes, size = [], fetch()

    def noting(_):
        with Log.open(Path(COPY).parent, read_only=True) as copy:
            sizes.append(copy.size)

    monkeypatch.setattr("hauberk.pipeline.reading.forget_all", noting)
    revoke(service.folder, sha256(b"something"))
    assert fetch() == size + 1
    assert sizes == [size, size + 1]  # whoever asked before it looks at the copy once he has kept his answer


@pytest.mark.parametrize("words", [["ledger", "where", "--live"], ["ledger", "verify"], ["run"]])
def test_no_verb_answers_from_the_copy_alone(service, words):
    fetch()
    service.changes["/healthz"] = Unavailable("connection refused")
    assert main(words) == 3


# what the service can do


def older(service):
    """Publish more at the owner, have the pod see it, and let the service go back to what was before."""
    before = {path: service.read(path) for path in ("/healthz", "/checkpoint")}
    revoke(service.folder, sha256(b"something"))
    publish(service.folder)
    fetch()
    service.changes |= {path: lambda _, body=body: body for path, body in before.items()}


@pytest.mark.parametrize("keeps_copy", [True, False])
def test_an_older_ledger_is_a_rollback(service, keeps_copy):
    older(service)
    if not keeps_copy:
        shutil.rmtree(Path(COPY).parent)
    refuses(NotVerified, "rollback: the newest checkpoint covers")


@pytest.mark.parametrize("keeps_copy", [True, False])
def test_another_history_that_log_and_witness_signed_is_a_fork(service, tmp_path, keeps_copy, capsys):
    shutil.copytree(service.folder, tmp_path / "other")
    for folder, what in ((service.folder, b"one"), (tmp_path / "other", b"other")):
        revoke(folder, sha256(what))
        publish(folder)
    size = fetch()
    if not keeps_copy:
        shutil.rmtree(Path(COPY).parent)
    own, service.folder = service.folder, tmp_path / "other"
    refuses(NotVerified, f"fork: the first {size} entries")
    assert gate(capsys)[0] == 1
    service.folder = own
    assert fetch() == size


def test_entries_that_are_not_those_of_the_checkpoint_are_a_fork(service, tmp_path):
    shutil.copytree(service.folder, tmp_path / "other")
    revoke(tmp_path / "other", sha256(b"other"))
    publish(tmp_path / "other")
    note = Service(tmp_path / "other").read("/checkpoint")
    revoke(service.folder, sha256(b"one"))
    revoke(service.folder, sha256(b"two"))
    service.changes["/checkpoint"] = lambda _: note
    refuses(NotVerified, "fork: what the service gives")


def test_entries_that_are_kept_back_are_named(service):
    service.changes["/healthz"] = lambda _: b"99 entries\n"
    refuses(Unavailable, r"withheld: the service says that the log has 99 entries, and gives \d+$")


def test_a_checkpoint_without_its_entries_is_named(service):
    fetch()
    revoke(service.folder, sha256(b"something"))
    publish(service.folder)
    service.changes |= {"/healthz": lambda _: b"1 entries\n", "/v1/log": lambda _: b""}
    refuses(Unavailable, "withheld")


def test_a_size_that_nobody_signed_is_not_fetched(service):
    service.changes["/healthz"] = lambda _: b"1000999 entries\n"
    refuses(Exceeded, "lying size: the service says that the log has 1000999 entries")
    assert not [path for path in service.asked if path.startswith("/v1/log")]


def test_more_bytes_than_a_gate_holds_in_memory_are_not_taken_unsigned(service, monkeypatch):
    size = fetch()
    monkeypatch.setattr("hauberk.ledger.served.MOST_AHEAD_BYTES", 2000)
    revoke(service.folder, sha256(b"one"))
    assert fetch() == size + 1  # less than that, as what was signed before counts nothing
    for what in (b"two", b"three", b"four", b"five"):
        revoke(service.folder, sha256(what))
        with suppress(Exceeded):
            fetch()
    refuses(Exceeded, r"\d+ bytes behind the newest checkpoint, which nobody has signed")
    with Log.open(Path(COPY).parent) as copy:
        assert sum(map(len, copy.envelopes(size, copy.size))) <= 2000
    publish(service.folder)
    assert fetch() == service.size


def test_a_checkpoint_of_a_size_that_nobody_signed_is_not_fetched(service):
    origin = open_project(".").read_trust().log.name
    huge = sign(Checkpoint(origin, 2**60, bytes(32)), key(service.folder, "gate"))
    service.changes["/checkpoint"] = lambda _: huge.encode()
    refuses(Exceeded, "lying size")


@pytest.mark.parametrize(
    "said", [b"", b"1 entries", b"-1 entries\n", b"01 entries\n", b"1e9 entries\n", b"9" * 17 + b" entries\n"]
)
def test_a_size_that_is_none_is_refused(service, said):
    service.changes["/healthz"] = lambda _: said
    refuses(Unavailable, "does not say how many entries")


@pytest.mark.parametrize(
    ("note", "kind", "why"),
    [
        (b"", Malformed, "not a note|signature"),
        (b"\xff", Malformed, "no text"),
        (b"x" * 200_000, Exceeded, "200000 bytes"),
        (b"a\n1\nb\n\n", Malformed, "signature|note"),
    ],
)
def test_what_is_no_checkpoint_is_refused(service, note, kind, why):
    service.changes["/checkpoint"] = lambda _: note
    refuses(kind, why)


def test_a_checkpoint_that_no_witness_signed_is_refused(service):
    def alone(body):
        signed = Note.parse(body.decode())
        return Note(signed.text, signed.signatures[:1]).format().encode()

    service.changes["/checkpoint"] = alone
    refuses(NotVerified, "0 trusted witnesses cosigned")
    with Log.open(Path(COPY).parent) as copy:
        assert copy.latest_checkpoint() is None


def pair(body, number):
    lines = body.split(b"\n")
    return lines, 2 * number


def other_envelope(body):
    lines, at = pair(body, 3)
    lines[at + 1] = lines[at + 1].replace(b'"sig":"', b'"sig":"A', 1)
    return b"\n".join(lines)


def hidden_subject(body):
    lines, at = pair(body, 3)
    entry = json.loads(lines[at])
    entry["subjects"] = ["sha256:" + "0" * 64]
    lines[at] = json.dumps(entry, separators=(",", ":"), sort_keys=True).encode()
    return b"\n".join(lines)


def time_set_back(body):
    lines, at = pair(body, 3)
    entry = json.loads(lines[at])
    entry["time"] = 1
    lines[at] = json.dumps(entry, separators=(",", ":"), sort_keys=True).encode()
    return b"\n".join(lines)


def swapped(body):
    lines, at = pair(body, 3)
    lines[at : at + 4] = lines[at + 2 : at + 4] + lines[at : at + 2]
    return b"\n".join(lines)


def twice(body):
    lines, at = pair(body, 3)
    lines[at + 2 : at + 4] = lines[at : at + 2]
    return b"\n".join(lines)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (other_envelope, "rewritten entry: an envelope has another digest"),
        (hidden_subject, "rewritten entry: number 3 has another id or subjects"),
        (time_set_back, "time set back"),
        (swapped, "fork|time set back"),
        (twice, "rewritten entry: the log holds one envelope twice"),
    ],
)
def test_an_entry_that_was_changed_on_the_way_is_named(service, change, why):
    service.changes["/v1/log"] = change
    refuses(NotVerified, why)


@pytest.mark.parametrize("path", ["/checkpoint", "/v1/log"])
def test_a_bit_that_was_changed_on_the_way_is_refused(service, path):
    for part in range(6):

        def flipped(body, part=part):
            at = len(body) * part // 6
            return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]

        service.changes[path] = flipped
        with pytest.raises((NotVerified, Malformed, Unavailable, Exceeded)):
            fetch()
        with Log.open(Path(COPY).parent) as copy:
            assert copy.latest_checkpoint() is None
    service.changes.clear()
    assert fetch() == service.size


def test_a_ledger_of_another_root_is_not_taken_for_it(service, tmp_path, capsys):
    publish(small_project(tmp_path / "stranger"))
    service.folder = tmp_path / "stranger"
    refuses(NotVerified, "does not begin with the root of this project")
    assert gate(capsys)[0] == 1


def test_another_project_of_the_same_root_is_not_taken_for_it(service, tmp_path, capsys):
    other = tmp_path / "other"
    write_sources(other)
    write_plain_keys(other)
    shutil.copy(service.folder / ".hauberk" / "keys" / "root.pem", other / ".hauberk" / "keys")
    assert main(["init", "--development", "--project", str(other)]) == 0
    assert (other / "root.pub").read_bytes() == Path("root.pub").read_bytes()
    publish(other)
    own, service.folder = service.folder, other
    refuses(NotVerified, "the root signed the trust file .* nowhere in this ledger")
    assert main(["ledger", "where"]) == 1
    service.folder = own
    assert fetch() == service.size  # nothing of the other one is remembered


def replace_the_key_of_the_log(service, before, monkeypatch):
    """Keep the owner's folder as it is, then replace the log's key, and give the pod the new trust file."""
    shutil.copytree(service.folder, before)
    (service.folder / "words").write_text("some words\n")
    monkeypatch.setenv("HAUBERK_PASSPHRASE_FILE", str(service.folder / "words"))
    root = str(service.folder / ".hauberk" / "keys" / "root.pem")
    assert main(["key", "rotate", "log", "--root", root, "--project", str(service.folder)]) == 0
    shutil.copy(service.folder / "trust.json", ".")


def test_a_ledger_from_before_the_trust_file_is_not_taken_for_it(service, tmp_path, monkeypatch):
    replace_the_key_of_the_log(service, tmp_path / "before", monkeypatch)
    own, service.folder = service.folder, tmp_path / "before"  # whose keys somebody may have: they were replaced
    refuses(NotVerified, "the root signed the trust file .* nowhere in this ledger")
    service.folder = own
    assert fetch() == service.size


def newest_trust(folder):
    with Log.open(folder / ".hauberk" / "ledger", read_only=True) as log:
        return dsse.decode_envelope(log.envelope(standing(log).trust_entry))


def test_the_trust_file_behind_what_its_former_keys_signed_makes_it_no_ledger(service, tmp_path, monkeypatch):
    replace_the_key_of_the_log(service, tmp_path / "before", monkeypatch)
    own, service.folder = service.folder, tmp_path / "before"
    revoke(service.folder, sha256(b"what only the thief of the keys has"))
    publish(service.folder)
    with Log.open(service.folder / ".hauberk" / "ledger") as log:
        append(log, [newest_trust(own)], now=clock.now())
    refuses(Unavailable, r"covers \d+ entries and not yet the trust file")
    assert main(["ledger", "where"]) == 3
    service.folder = own
    assert fetch() == service.size  # nothing of the other one is remembered


def test_what_was_behind_a_checkpoint_and_is_not_the_log_s_goes_with_the_next(service, tmp_path, capsys):
    """A service that shows a revocation which nobody logged closes the gate, and no longer than until a checkpoint."""
    shutil.copytree(service.folder, tmp_path / "other")
    revoke(tmp_path / "other", digest_path("model"))
    own, service.folder = service.folder, tmp_path / "other"
    assert gate(capsys)[0] == 1
    service.folder = own
    revoke(own, sha256(b"something"))
    publish(own)
    assert fetch() == service.size
    assert gate(capsys)[0] == 0


def test_what_does_not_hold_makes_a_pod_forget_no_revocation(service, capsys):
    fetch()
    before = {path: service.read(path) for path in ("/healthz", "/checkpoint")}
    revoke(service.folder, digest_path("model"))
    assert gate(capsys)[0] == 1
    service.changes |= {path: lambda _, body=body: body for path, body in before.items()}
    wrong_root = sign(Checkpoint(open_project(".").read_trust().log.name, 15, bytes(32)), key(service.folder, "log"))
    service.changes["/checkpoint"] = lambda _: wrong_root.encode()
    refuses(NotVerified, "fork")
    service.changes["/checkpoint"] = lambda _: before["/checkpoint"]
    code, said = gate(capsys)
    assert (code, "not-revoked" in said) == (1, True)


def test_a_copy_is_made_anew_beside_the_one_that_is_there_and_never_through_a_link(service, tmp_path):
    fetch()
    new = Path(COPY).parent.with_name("copy.new")
    new.symlink_to(tmp_path / "elsewhere")
    Path(COPY).write_bytes(b"nothing of the kind")
    refuses(Misconfigured, "copy.new is a link")
    assert not (tmp_path / "elsewhere").exists()
    new.unlink()
    new.mkdir()
    (new / "ledger.sqlite").write_bytes(b"of one who was killed")
    assert fetch() == service.size
    assert not new.exists()


def test_a_checkpoint_that_grows_old_closes_the_gate_by_the_policy(service, capsys, monkeypatch):
    assert gate(capsys)[0] == 0
    later(monkeypatch, 169 * HOUR)
    code, said = gate(capsys)
    assert (code, "too old" in said) == (3, True)


def test_an_older_word_on_the_same_size_takes_no_place(service):
    fetch()
    before = service.read("/checkpoint")
    newer = publish(service.folder, at=clock.now() + 60)
    assert newer.encode() != before
    fetch()
    service.changes["/checkpoint"] = lambda _: before
    fetch()
    with Log.open(Path(COPY).parent, read_only=True) as copy:
        assert copy.latest_checkpoint() == newer


# this machine


def test_others_that_fetch_for_too_long_are_not_waited_for(service, monkeypatch):
    monkeypatch.setattr("hauberk.ledger.served._TURN_SECONDS", 0.03)
    fetch()
    with only_one(".hauberk/ledger/copy.lock"):
        refuses(Unavailable, "others have held")


def test_a_ledger_beside_the_name_of_a_service_is_two(service, capsys):
    shutil.copy(service.folder / ".hauberk" / "ledger" / "ledger.sqlite", ".hauberk/ledger")
    assert main(["ledger", "head"]) == 2
    assert "two ledgers" in capsys.readouterr().err


@pytest.mark.parametrize("what", [".hauberk/ledger/copy", COPY])
def test_nothing_is_fetched_into_another_ledger_by_a_link(service, tmp_path, what, capsys):
    shutil.copytree(service.folder, tmp_path / "other")
    ledger = tmp_path / "other" / ".hauberk" / "ledger"
    revoke(service.folder, sha256(b"something"))
    Path(what).parent.mkdir(exist_ok=True)
    Path(what).symlink_to(ledger / "ledger.sqlite" if what == COPY else ledger)
    size = service.size
    assert gate(capsys)[0] == 2
    with Log.open(ledger, read_only=True) as log:
        assert log.size == size - 1


def test_nothing_is_fetched_into_a_server(service):
    Path(COPY).parent.mkdir()
    Path(COPY).with_name("ledger.postgresql").write_text("host: elsewhere.example\n")
    refuses(Misconfigured, "names a server")


@pytest.mark.parametrize("words", [["rebuild"], ["tiles", "public"], ["serve", "--listen", "127.0.0.1:0"]])
def test_what_needs_the_ledger_itself_says_so(service, words, capsys):
    assert main(["ledger", *words]) == 2
    assert "the ledger is on another machine" in capsys.readouterr().err


@pytest.mark.parametrize(
    "said",
    [
        {"url": "ftp://ledger.example"},
        {"url": "https://ada:secret@ledger.example"},
        {"url": "https://ledger.example/?a=b"},
        {"url": URL, "every_seconds": 0},
        {"url": URL, "every_seconds": 6},
        {"url": URL, "kee": "x"},
        {"url": URL, "tls_key": "pod.key"},
    ],
)
def test_a_file_that_names_no_service_is_a_wrong_configuration(service, said, capsys):
    name_service(Path(), **said)
    assert main(["ledger", "head"]) == 2
    assert "secret" not in capsys.readouterr().err


def test_a_key_that_signs_no_requests_is_a_wrong_configuration(finished, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(make_pod(finished, tmp_path / "pod", URL, key="producer"))
    assert main(["ledger", "head"]) == 2
    assert "name another key that trust lists" in capsys.readouterr().err
    edit(Path(SERVICE), "producer", "nobody")
    assert main(["ledger", "head"]) == 3


@pytest.mark.parametrize("name", ["trust.json", "root.pub"])
def test_a_pod_without_the_project_s_files_is_not_told_to_found_one(service, name, capsys):
    Path(name).unlink()
    assert main(["gate", "load", "model"]) == 3
    told = capsys.readouterr().err
    assert "init" not in told
    assert "get root.pub and trust.json from whoever owns the project" in told


@pytest.mark.parametrize("words", [["ledger", "head"], ["gate", "load", "model"], ["gate", "approve"]])
def test_a_machine_without_a_ledger_is_told_how_one_gets_there(service, words, capsys):
    Path(SERVICE).unlink()
    assert main(words) == 3
    told = capsys.readouterr().err
    assert "there is no ledger in" in told
    assert "a pod has ledger.service there" in told


def test_plain_http_that_is_answered_by_tls_is_asked_about(finished, tmp_path, monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=alert, args=(server,), daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.chdir(make_pod(finished, tmp_path / "pod", url))
        assert main(["ledger", "head"]) == 3
    assert "is it https://?" in capsys.readouterr().err


def alert(server):
    """Answer as a server of TLS does that was sent something else."""
    asked, _ = server.accept()
    with asked:
        asked.recv(65536)
        asked.sendall(b"\x15\x03\x01\x00\x02\x02\x46")


def test_a_path_where_no_service_is_is_asked_about(finished, tmp_path, monkeypatch, capsys):
    with serving(finished) as server:
        monkeypatch.chdir(make_pod(finished, tmp_path / "pod", f"{server.url}/ledger"))
        assert main(["ledger", "head"]) == 3
    assert "with no path too many" in capsys.readouterr().err


# keys that are replaced


def test_keys_that_were_replaced_are_followed_and_the_gate_wants_the_new_trust_file(service, monkeypatch, capsys):
    fetch()
    (service.folder / "words").write_text("some words\n")
    monkeypatch.setenv("HAUBERK_PASSPHRASE_FILE", str(service.folder / "words"))
    root = str(service.folder / ".hauberk" / "keys" / "root.pem")
    assert main(["key", "rotate", "log", "--root", root, "--project", str(service.folder)]) == 0
    assert fetch() == service.size
    code, said = gate(capsys)
    assert (code, "is not the one that the root signed" in said) == (1, True)
    shutil.rmtree(Path(COPY).parent)
    assert fetch() == service.size
    shutil.copy(service.folder / "trust.json", ".")
    assert gate(capsys)[0] == 0


# over a network


def test_where_anybody_may_read_a_pod_needs_no_key_and_appends_nothing(finished, tmp_path, monkeypatch, capsys):
    with serving(finished, open_read=True) as server:
        monkeypatch.chdir(make_pod(finished, tmp_path / "pod", server.url))
        name_service(Path(), server.url)
        assert gate(capsys)[0] == 0
        assert deploy() == 2
        assert "no key signs what" in capsys.readouterr().err


def test_several_processes_share_a_copy_that_all_of_them_fetch(served, monkeypatch, capsys):
    monkeypatch.setattr("hauberk.serve.ledger._ENOUGH_BYTES", 1)  # an entry in each answer
    words = [*PROGRAM, "gate", "load", "model"]
    several = [subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(2)]
    said = [one.communicate(timeout=120)[1] for one in several]
    assert [one.returncode for one in several] == [0, 0], said
    assert main(["ledger", "verify"]) == 0


def test_a_permit_that_is_held_at_a_pod_ends_with_a_revocation(served):
    edit(Path(SERVICE), "url:", "every_seconds: 1\nurl:")
    with hauberk.hold("model") as held:
        assert held.every_seconds == 1
        revoke(served, digest_path(Path("data/train.csv")))
        assert held.wait(120)
        with pytest.raises(Refused, match="was revoked by entry"):
            held.check()


def test_a_service_that_was_away_for_a_moment_ends_nothing(service):
    edit(Path(SERVICE), "url:", "every_seconds: 1\nurl:")
    with hauberk.hold("model") as held:
        service.changes["/healthz"] = Unavailable("connection refused")
        until(lambda: held._unread is not None)
        assert held.check()
        service.changes.clear()
        until(lambda: held._unread is None)
        assert held.check()


def test_a_service_that_shows_another_history_ends_it_for_good(service, tmp_path):
    edit(Path(SERVICE), "url:", "every_seconds: 1\nurl:")
    older_folder = shutil.copytree(service.folder, tmp_path / "other")
    revoke(service.folder, sha256(b"something"))
    publish(service.folder)
    with hauberk.hold("model") as held:
        service.folder = older_folder
        assert held.wait(120)
        with pytest.raises(NotVerified, match="rollback"):
            held.check()


def until(holds):
    """Wait for something that another thread does; how long that takes is no question here."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def test_a_run_at_a_pod_records_and_waits_for_the_owner_s_checkpoint(served, monkeypatch, capsys):
    for role in ("producer", "scanner"):
        shutil.copy(served / ".hauberk" / "keys" / f"{role}.pem", ".hauberk/keys")
    edit(Path(SERVICE), "gate.pem", "scanner.pem")
    Path("data/train.csv").write_text("1\n2\n9\n")
    monkeypatch.setattr("hauberk.pipeline.publishing._wait", lambda _: publish(served))
    assert main(["run"]) == 0
    assert main(["run"]) == 0
    assert gate(capsys)[0] == 0
    assert main(["gate", "load", str(served / "model"), "--project", str(served)]) == 0
    monkeypatch.setattr("hauberk.pipeline.publishing._SERVICE_SECONDS", 0)
    Path("data/train.csv").write_text("1\n2\n6\n")
    capsys.readouterr()
    assert main(["run"]) == 3
    assert "nobody published a checkpoint" in capsys.readouterr().err


def test_a_run_at_a_pod_denies_what_was_revoked_while_it_was_under_way(served, monkeypatch):
    for role in ("producer", "scanner"):
        shutil.copy(served / ".hauberk" / "keys" / f"{role}.pem", ".hauberk/keys")
    monkeypatch.setattr("hauberk.pipeline.publishing._wait", lambda _: publish(served))

    class Slow(Heard):
        def ended(self, stage, result, seconds):
            super().ended(stage, result, seconds)
            if stage == "sign":
                revoke(served, digest_path("model"))

    heard = Slow()
    assert run(open_project("."), heard).result is Answer.DENY
    assert heard.how["gate"] == "denied"


def deploy():
    return main(["ledger", "deployed", "model", "--environment", "e", "--service", "s", "--by", "me"])


def test_a_key_that_may_only_read_appends_nothing(service, monkeypatch, capsys):
    def refuse(_):
        raise Refused("the key of gate may not append here", "use another key")

    monkeypatch.setattr(service, "append", refuse)
    assert deploy() == 1
    assert "may not append" in capsys.readouterr().err


def test_an_entry_that_was_acknowledged_and_is_not_shown_is_named(service, capsys):
    service.appended.append([99])
    assert deploy() == 3
    assert "withheld: the service does not show entry 99" in capsys.readouterr().err


def test_an_entry_that_was_acknowledged_and_is_another_one_is_named(service, capsys):
    service.appended.append([3])
    assert deploy() == 1
    assert "says that it appended entry 3, which is another one" in capsys.readouterr().err


def test_more_than_a_request_takes_is_refused_before_it_is_sent(service, monkeypatch, capsys):
    monkeypatch.setattr("hauberk.ledger.served.MAX_BODY_BYTES", 100)
    assert deploy() == 3
    assert "more than the ledger's service takes at once" in capsys.readouterr().err


class Endless(http.server.BaseHTTPRequestHandler):
    """A server whose answer has no end."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(bytes(1 << 20))

    def log_message(self, *_):
        pass


def test_an_answer_without_an_end_is_cut_off(finished, tmp_path, monkeypatch):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endless) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.chdir(make_pod(finished, tmp_path / "pod", f"http://127.0.0.1:{server.server_port}"))
        refuses(Exceeded, "longer than|bytes")
        server.shutdown()
