"""A model of a project is published, promoted and pulled by its name: the sentence of the verb, and its refusals."""

import re
import shutil
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.digest import sha256
from hauberk.edge import clock
from hauberk.edge.keys import open_signer
from hauberk.edge.sources import digest_path
from hauberk.errors import NotVerified, Refused, Unavailable
from hauberk.evidence.alias import Alias, Move
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import POLICY, PROMOTION
from hauberk.gate.moves import moves_in
from hauberk.gate.standing import append
from hauberk.ledger.log import Log
from hauberk.ledger.witness import serve_once
from hauberk.pipeline import promoting, publishing
from hauberk.pipeline.book import Book
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.pipeline.publishing import publish_all
from hauberk.pipeline.pulling import pull
from hauberk.signature import dsse
from hauberk.signature.note import VerifierKey
from pods import key, make_pod, publish, serving
from projects import go

REGISTER = """\
  register:
    mode: enforce
    subject: model/small
    max_evidence_age_hours: 168
    permit_valid_minutes: 60
    require:
      - {predicate: artefact, signers: [producer]}
      - {predicate: model-scan, signers: [scanner], ceilings: {high: 0, unchecked: 0}}
      - {predicate: evaluation, signers: [producer], metrics: {recall: {min: 0.9}}}
    boundaries: [source, environment]
"""
PRODUCTION, STAGING = Alias("model/small", "production"), Alias("model/small", "staging")


def approve(more=""):
    """Let the approver sign a policy with the gate `register`, and publish that."""
    path = Path("policy.yaml")
    version = 2 + path.read_text().count("# another")
    text = path.read_text().replace("version: 1\n", "version: 2\n") + (more or REGISTER)
    path.write_text(text.replace("version: 2\n", f"version: {version}\n"))
    project = open_project(".")
    with Log.open(project.ledger) as log:
        book = Book(log, Keyring(project, lambda _: None), None, clock.now)
        book.record("approver", POLICY, book.standing.realm.subject, project.read_policy().predicate)
        publish_all(project, book)


def another_model(name, recall="0.97"):
    """Make another model, with its evidence, and keep a copy of it under a name."""
    Path("data/train.csv").write_text(f"4\n5\n{len(name)}\n")
    text = Path("evaluate.py").read_text()
    Path("evaluate.py").write_text(re.sub(r"0\.[0-9]+", recall, text))
    go(Path.cwd())
    shutil.copytree("model", name)


@pytest.fixture(scope="module")
def made(finished_small, tmp_path_factory):
    """Make a project whose ledger knows three models, the last of them too bad, and whose policy has the gate."""
    folder = tmp_path_factory.mktemp("promoting") / "small"
    shutil.copytree(finished_small, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        shutil.copytree("model", "first")
        approve()
        another_model("second")
        another_model("worse", recall="0.5")
    return folder


@pytest.fixture
def project(made, tmp_path, monkeypatch):
    shutil.copytree(made, tmp_path / "small")
    monkeypatch.chdir(tmp_path / "small")


@pytest.fixture
def near(project, monkeypatch):
    """Let the witness answer in this process: one test has the real one."""

    def answer(command, request, **_):
        given = dict(zip(command[-10::2], command[-9::2], strict=True))
        return serve_once(
            request,
            state=given["--state"],
            log_directory=given["--log"],
            log=VerifierKey.parse(given["--log-vkey"]),
            key=VerifierKey.parse(given["--vkey"]),
            signer=open_signer(given["--key"]),
            now=clock.now(),
        )

    monkeypatch.setattr(publishing, "exchange", answer)


@pytest.fixture
def digest(near):
    """Enter the project, and return the digest of its first model."""
    return digest_path("first")


@pytest.fixture
def second(near):
    return digest_path("second")


def moves(alias=PRODUCTION):
    with Log.open(open_project(".").ledger, read_only=True) as log:
        return moves_in(log, alias)


def test_a_model_is_published_promoted_from_staging_to_production_and_pulled_by_its_name(small, tmp_path, capsys):
    """The sentence of the verb, word for word, with a witness that is a process of its own."""
    approve()
    digest, depot = digest_path("model"), str(tmp_path / "depot")
    assert dispatch(["publish", "model", depot, "--signature", "small.sig", "--passport", "small.passport"]) == 0
    assert dispatch(["promote", str(digest), "staging"]) == 0
    assert dispatch(["promote", str(digest), "staging", "production", "--reason", "it holds"]) == 0
    assert "model/small@production moved" in capsys.readouterr().out
    words = [
        "pull",
        "model/small@production",
        depot,
        "-o",
        str(tmp_path / "served"),
        "--notes",
        str(tmp_path / "notes"),
    ]
    assert dispatch(words) == 0
    assert "model/small@production, as of " in capsys.readouterr().out
    assert digest_path(tmp_path / "served") == digest
    (passport,) = (tmp_path / "notes").glob("*.passport")
    served = ["passport", "verify", str(passport), "--root", "root.pub", "--model", str(tmp_path / "served")]
    assert dispatch(served) == 0
    (move,) = moves()
    assert (move.move.origin, move.move.reason, move.move.previous) == ("staging", "it holds", None)
    assert dispatch(["ledger", "verify"]) == 0


def test_the_example_is_published_promoted_and_pulled(tumour, tmp_path):
    digest, depot = digest_path("model"), str(tmp_path / "depot")
    assert dispatch(["publish", "model", depot, "--signature", "tumour.sig", "--passport", "tumour.passport"]) == 0
    assert dispatch(["promote", str(digest), "staging"]) == 0
    assert dispatch(["promote", str(digest), "staging", "production"]) == 0
    assert dispatch(["pull", "model/tumour@production", depot, "-o", str(tmp_path / "served")]) == 0
    assert digest_path(tmp_path / "served") == digest
    assert dispatch(["gate", "load", str(tmp_path / "served")]) == 0


def test_an_alias_moves_on_and_is_moved_back_only_by_a_newer_statement(digest, second, tmp_path):
    depot = str(tmp_path / "depot")
    assert dispatch(["publish", "first", depot]) == 0
    assert dispatch(["promote", str(digest), "production"]) == 0
    assert dispatch(["publish", "second", depot]) == 0
    assert dispatch(["promote", str(second), "production"]) == 0
    pull("model/small@production", depot, tmp_path / "a")
    assert digest_path(tmp_path / "a") == second
    assert dispatch(["promote", str(digest), "production", "--reason", "the newer one is worse"]) == 0
    pull("model/small@production", depot, tmp_path / "b")
    assert digest_path(tmp_path / "b") == digest
    assert [str(one.move.previous or "") for one in moves()] == ["", *(str(one.id) for one in moves()[:-1])]


def test_a_passport_of_a_promoted_model_verifies(second, tmp_path):
    assert dispatch(["promote", str(second), "production"]) == 0
    assert dispatch(["passport", "export", "second", "-o", str(tmp_path / "p")]) == 0
    assert dispatch(["passport", "verify", str(tmp_path / "p"), "--root", "root.pub", "--model", "second"]) == 0


# A denied promotion leaves the alias where it was.


def test_a_model_that_the_gate_denies_is_not_promoted(digest, capsys):
    assert dispatch(["promote", str(digest), "production"]) == 0
    worse = digest_path("worse")
    capsys.readouterr()
    assert dispatch(["promote", str(worse), "production"]) == 1
    assert "model/small@production stays what it was" in capsys.readouterr().out
    assert [one.move.digest for one in moves()] == [digest]


def test_a_digest_that_nobody_speaks_of_is_not_promoted(digest, capsys):
    assert dispatch(["promote", f"dirHash:{'0' * 64}", "production"]) == 1
    assert moves() == ()


def test_a_revoked_model_is_neither_promoted_nor_pulled(digest, tmp_path, capsys):
    assert dispatch(["promote", str(digest), "staging"]) == 0
    assert dispatch(["gate", "revoke", str(digest), "--reason", "stolen data"]) == 0
    assert dispatch(["promote", str(digest), "staging", "production"]) == 1
    assert moves() == ()
    with pytest.raises(Refused, match="is revoked by"):
        pull("model/small@staging", str(tmp_path), tmp_path / "a")


def test_without_the_gate_in_the_policy_nothing_is_promoted(small):
    assert dispatch(["promote", str(digest_path("model")), "production"]) == 1
    assert moves() == ()


def test_an_edited_policy_promotes_nothing_until_it_is_signed(digest, capsys):
    Path("policy.yaml").write_text(Path("policy.yaml").read_text().replace("min: 0.9}", "min: 0.1}"))
    assert dispatch(["promote", str(digest), "production"]) == 1
    assert "policy.approved" in capsys.readouterr().out
    assert moves() == ()


def test_an_environment_with_a_gate_of_its_own_asks_that(digest, capsys):
    own = REGISTER.replace("register:", "register-production:").replace("{predicate: artefact", "{predicate: promotion")
    approve("  # another\n" + own.replace("signers: [producer]}", "signers: [gate]}", 1))
    assert dispatch(["promote", str(digest), "production"]) == 1
    assert "promotion" in capsys.readouterr().out
    assert moves() == ()
    assert dispatch(["promote", str(digest), "staging"]) == 0
    assert dispatch(["promote", str(digest), "staging", "production"]) == 0


def test_what_is_not_in_staging_does_not_come_from_there(digest, second, capsys):
    assert dispatch(["promote", str(digest), "staging", "production"]) == 1
    assert "model/small@staging names nothing" in capsys.readouterr().err
    assert dispatch(["promote", str(digest), "staging"]) == 0
    assert dispatch(["promote", str(second), "staging", "production"]) == 1
    assert moves() == ()


def test_what_is_there_already_stays_and_a_job_that_runs_again_succeeds(digest, capsys):
    assert dispatch(["promote", str(digest), "staging"]) == 0
    before = moves(STAGING)
    capsys.readouterr()
    for words in (["staging"], ["staging", "--reason", "again"]):
        assert dispatch(["promote", str(digest), *words]) == 0
        assert "model/small@staging stays: it names this already" in capsys.readouterr().out
    assert moves(STAGING) == before


def test_what_is_there_already_and_is_denied_today_is_no_success(digest, capsys):
    assert dispatch(["promote", str(digest), "staging"]) == 0
    assert dispatch(["gate", "revoke", str(digest), "--reason", "stolen data"]) == 0
    capsys.readouterr()
    assert dispatch(["promote", str(digest), "staging"]) == 1
    assert "names this already" not in capsys.readouterr().out


def test_what_is_there_already_still_has_to_come_from_where_it_is_said_to(digest, second, capsys):
    for words in (["staging"], ["staging", "production"]):
        assert dispatch(["promote", str(digest), *words]) == 0
    assert dispatch(["promote", str(digest), "staging", "production"]) == 0
    assert dispatch(["promote", str(second), "staging"]) == 0
    assert dispatch(["promote", str(digest), "staging", "production"]) == 1
    assert "model/small@staging names" in capsys.readouterr().err
    assert len(moves()) == 1


def test_a_move_whose_signer_trust_knows_no_more_is_said_again(digest, tmp_path, monkeypatch, capsys):
    """Readers refuse the alias then: a job that is told that all is well would be deceived."""
    (tmp_path / "passphrase").write_text("some words\n")
    monkeypatch.setenv("HAUBERK_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    assert dispatch(["promote", str(digest), "staging"]) == 0
    stolen = ["--since", format_instant(clock.now() - 86_400), "--root", ".hauberk/keys/root.pem"]
    assert dispatch(["key", "rotate", "gate", *stolen]) == 0
    assert dispatch(["promote", str(digest), "staging"]) == 0
    assert "model/small@staging moved" in capsys.readouterr().out
    first, again = moves(STAGING)
    assert (again.move.previous, again.move.digest) == (first.id, digest)


def test_a_key_without_the_grant_promotes_nothing(digest, monkeypatch, capsys):
    keyring = Keyring.signer
    monkeypatch.setattr(Keyring, "signer", lambda self, role: keyring(self, "scanner" if role == "gate" else role))
    assert dispatch(["promote", str(digest), "production"]) == 1
    assert "may not sign" in capsys.readouterr().err
    assert moves() == ()


WRONG = {
    "no digest": ["model", "production"],
    "no environment": [f"dirHash:{'0' * 64}"],
    "three": [f"dirHash:{'0' * 64}", "a", "b", "c"],
    "a name of another form": [f"dirHash:{'0' * 64}", "Production"],
    "an origin of another form": [f"dirHash:{'0' * 64}", "a b", "production"],
    "twice the same": [f"dirHash:{'0' * 64}", "staging", "staging"],
    "a reason of two lines": [f"dirHash:{'0' * 64}", "staging", "--reason", "a\nb"],
}


@pytest.mark.parametrize("wrong", WRONG)
def test_it_is_wrong_usage_to_promote(fresh, wrong):
    assert dispatch(["promote", *WRONG[wrong]]) == 2


# Two at once, and a ledger that goes back.


def test_who_comes_second_is_told_and_moves_nothing(digest, second, monkeypatch):
    """Somebody else's promotion lands between the gate's answer and ours."""
    ask, done = promoting.ask_gate, []

    def asked(project, book, policy, gate, subject):
        answer = ask(project, book, policy, gate, subject)
        if not done:
            done.append(subject)
            project_now = open_project(".")
            assert promoting.promote(project_now, promoting.Wanted(second, "production"), warn=lambda _: None).moved
        return answer

    monkeypatch.setattr(promoting, "ask_gate", asked)
    assert dispatch(["promote", str(digest), "production"]) == 0  # it follows the other one, and says so
    assert [one.move.digest for one in moves()] == [second, digest]
    assert moves()[1].move.previous == moves()[0].id


def test_who_is_followed_at_once_is_told_of_his_own_move(digest, second, monkeypatch):
    def then_another(log, envelopes, *, now):
        entries = append(log, envelopes, now=now)
        (first,) = moves()
        move = Move(PRODUCTION, second, None, first.id, sha256(b"policy"))
        append(log, [dsse.sign(move.statement(PROMOTION.type), [key(Path.cwd(), "gate")])], now=now)
        return entries

    monkeypatch.setattr("hauberk.enforce.promote.append", then_another)
    wanted = promoting.Wanted(digest, "production")
    assert promoting.promote(open_project("."), wanted, warn=lambda _: None).moved.move.digest == digest
    assert [one.move.digest for one in moves()] == [digest, second]


def test_the_same_move_by_somebody_who_has_not_published_it_is_published(digest, monkeypatch, capsys):
    assert dispatch(["promote", str(digest), "staging"]) == 0
    ask = promoting.ask_gate

    def asked(project, book, policy, gate, subject):
        answer = ask(project, book, policy, gate, subject)
        move = Move(PRODUCTION, digest, None, None, policy.digest)
        append(book.log, [dsse.sign(move.statement(PROMOTION.type), [book.keys.signer("gate")])], now=clock.now())
        return answer

    monkeypatch.setattr(promoting, "ask_gate", asked)
    assert dispatch(["promote", str(digest), "production"]) == 0
    assert "names this already" in capsys.readouterr().out
    with pytest.raises(Unavailable, match="has no trees"):  # it was resolved: the move is in a checkpoint
        pull("model/small@production", "nowhere", Path("served"))


def test_a_move_that_does_not_follow_the_last_one_does_not_enter_the_ledger(digest):
    assert dispatch(["promote", str(digest), "production"]) == 0
    (first,) = moves()
    stale = Move(PRODUCTION, sha256(b"another"), None, None, first.move.policy).statement(PROMOTION.type)
    project = open_project(".")
    with Log.open(project.ledger) as log:
        keys = Keyring(project, lambda _: None)
        size = log.size
        with pytest.raises(NotVerified, match="was moved by"):
            append(log, [dsse.sign(stale, [keys.signer("gate")])], now=clock.now())
        assert log.size == size


def copy_of_ledger(name):
    shutil.copytree(".hauberk/ledger", name)
    return name


def put_back(name):
    shutil.rmtree(".hauberk/ledger")
    shutil.copytree(name, ".hauberk/ledger")


def test_a_ledger_that_was_put_back_to_yesterday_is_refused_by_who_saw_today(digest, second, tmp_path):
    depot = str(tmp_path / "depot")
    assert dispatch(["publish", "first", depot]) == 0
    assert dispatch(["promote", str(digest), "production"]) == 0
    yesterday = copy_of_ledger("yesterday")
    assert dispatch(["promote", str(second), "production"]) == 0
    with pytest.raises(Unavailable, match="has no trees"):
        pull("model/small@production", depot, tmp_path / "new")  # it was resolved, and is not published yet
    put_back(yesterday)
    with pytest.raises(NotVerified, match="rollback"):
        pull("model/small@production", depot, tmp_path / "old")
    assert not (tmp_path / "old").exists()


def test_a_ledger_of_another_history_is_refused_by_who_saw_the_first(digest, second, tmp_path):
    before = copy_of_ledger("before")
    witness = shutil.copytree(".hauberk/witness", "witness-before")
    assert dispatch(["promote", str(digest), "production"]) == 0
    with pytest.raises(Unavailable, match="has no trees"):
        pull("model/small@production", str(tmp_path), tmp_path / "a")
    put_back(before)
    shutil.rmtree(".hauberk/witness")
    shutil.copytree(witness, ".hauberk/witness")
    for environment in ("staging", "production"):
        assert dispatch(["promote", str(second), environment]) == 0
    with pytest.raises(NotVerified, match="fork"):
        pull("model/small@production", str(tmp_path), tmp_path / "b")


def test_what_is_remembered_and_is_no_checkpoint_is_named(digest, tmp_path):
    assert dispatch(["promote", str(digest), "production"]) == 0
    Path(".hauberk/seen-checkpoint").write_text("nothing")
    assert dispatch(["pull", "model/small@production", str(tmp_path), "-o", str(tmp_path / "a")]) == 1


@pytest.mark.parametrize("what", ["model/small@", "small@production", "@", "model/small@A"])
def test_what_is_no_alias_is_wrong_usage(fresh, what, tmp_path):
    assert dispatch(["pull", what, str(tmp_path), "-o", str(tmp_path / "a")]) == 2


def test_an_alias_that_was_never_moved_is_refused(digest, tmp_path):
    with pytest.raises(Refused, match="nothing was ever promoted"):
        pull("model/small@production", str(tmp_path), tmp_path / "a")


# A reader who has a passport, and no ledger.


@pytest.fixture
def served(second, tmp_path):
    """Promote and publish the second model, and give out its passport."""
    assert dispatch(["promote", str(second), "production"]) == 0
    assert dispatch(["passport", "export", "second", "-o", str(tmp_path / "p")]) == 0
    assert dispatch(["publish", "second", str(tmp_path / "depot"), "--passport", str(tmp_path / "p")]) == 0
    shutil.copy("root.pub", tmp_path)
    return tmp_path


def pulled(place, *more, alias="model/small@production", passport="p"):
    """Pull where there is no project."""
    words = ["pull", alias, str(place / "depot"), "-o", str(place / "out"), "--passport", str(place / passport)]
    return dispatch([*words, "--root", str(place / "root.pub"), "--project", str(place / "nowhere"), *more])


def test_a_passport_and_the_roots_key_resolve_an_alias(served, second, capsys):
    assert pulled(served, "--seen", str(served / "seen")) == 0
    assert digest_path(served / "out") == second
    assert "model/small@production, as of " in capsys.readouterr().out


def test_the_passport_of_a_model_that_is_no_longer_there_resolves_nothing(served, digest, second, capsys):
    assert dispatch(["promote", str(digest), "production"]) == 0
    assert dispatch(["passport", "export", "second", "-o", str(served / "later")]) == 0
    assert pulled(served, passport="later") == 1
    assert f"and model/small@production names {digest}" in capsys.readouterr().err


def test_an_older_passport_is_refused_by_who_saw_a_newer_one(served, digest, capsys):
    assert dispatch(["promote", str(digest), "production"]) == 0
    assert dispatch(["passport", "export", "first", "-o", str(served / "newer")]) == 0
    assert dispatch(["publish", "first", str(served / "depot")]) == 0
    assert pulled(served, "--seen", str(served / "seen"), passport="newer") == 0
    shutil.rmtree(served / "out")
    assert pulled(served, "--seen", str(served / "seen")) == 1
    assert "rollback" in capsys.readouterr().err
    assert not (served / "out").exists()


def test_a_passport_of_before_the_promotion_proves_no_move(served, second, capsys):
    assert pulled(served, alias="model/small@staging") == 1
    said = capsys.readouterr().err
    assert "the index proves no move of model/small@staging" in said
    assert "`hauberk passport export` in the project makes a newer one" in said
    assert pulled(served, alias="model/other@production") == 1


def test_a_passport_that_is_too_old_resolves_nothing(served, monkeypatch):
    later = clock.now() + 30 * 86_400
    monkeypatch.setattr(clock, "now", lambda: later)
    assert pulled(served) == 3


def test_a_passport_that_was_changed_resolves_nothing(served):
    data = (served / "p").read_bytes()
    (served / "p").write_bytes(data.replace(b'"gate":"load"', b'"gate":"lord"', 1))
    assert pulled(served) == 1
    (served / "p").write_bytes(data[:-1])
    assert pulled(served) == 1


def test_a_passport_needs_the_roots_key_and_an_alias(served, second):
    words = ["pull", "model/small@production", str(served / "depot"), "-o", str(served / "out")]
    assert dispatch([*words, "--passport", str(served / "p")]) == 2
    assert dispatch([*words, "--seen", str(served / "seen")]) == 2
    assert pulled(served, alias=str(second)) == 2


def test_a_pod_without_a_ledger_promotes_and_resolves(near, tmp_path, monkeypatch):
    owner = Path.cwd()
    with serving(owner) as server:
        monkeypatch.chdir(make_pod(owner, tmp_path / "pod", server.url))
        monkeypatch.setattr(publishing, "_wait", lambda _: publish(owner))
        first = digest_path("first")
        assert dispatch(["promote", str(first), "production"]) == 0
        assert promoting.resolve_alias(open_project("."), PRODUCTION).digest == first
        assert dispatch(["promote", str(digest_path("worse")), "production"]) == 1
    with pytest.raises(Unavailable):
        promoting.resolve_alias(open_project("."), PRODUCTION)
    assert promoting.resolve_alias(open_project(owner), PRODUCTION).digest == first
