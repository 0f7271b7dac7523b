"""`hauberk gate grandfather, break-glass, cosign, append, exceptions`: who may, how narrow, and what is refused early."""

import json
import re
import shutil
from pathlib import Path

import pytest

import hauberk
from hauberk.cli.main import main
from hauberk.edge import clock
from hauberk.edge.keys import generate_key, open_signer, write_private_key
from hauberk.edge.sources import digest_path
from hauberk.errors import Refused
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import (
    BREAK_GLASS,
    EVALUATION,
    EXCEPTION,
    GRANDFATHERING,
    MODEL_SCAN,
    REVOCATION,
    ROOT,
    TRUST,
)
from hauberk.ledger.log import Log
from hauberk.pipeline.bodies import core
from hauberk.pipeline.book import Book
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.pipeline.publishing import publish_all
from hauberk.signature import dsse
from hauberk.signature.key import KeyKind
from hauberk.statement import Named, Statement, Verified
from projects import edit, go, recorded, second_person, small_project

TERMS = """\
    exceptions: {at_least: 2, signers: [approver, security]}
    grandfather: {signers: [approver], max_days: 90}
    break_glass: {signers: [approver, security], max_hours: 24}
    boundaries:"""
NEEDED = "    require:\n      - {predicate: test-result, signers: [gate]}\n"
WHY = ("--owner", "Grace", "--reason", "it runs since spring")
GLASS = ("gate", "break-glass", "model/", *WHY, "--hours", "4", "-o", "draft.json")
SECOND = ("--key", ".hauberk/keys/security.pem")


@pytest.fixture(scope="module")
def two_people(tmp_path_factory):
    """Make a project whose gate denies its model, and two people who may have it borne."""
    folder = small_project(tmp_path_factory.mktemp("two") / "small")
    second_person(folder)
    edit(folder / "policy.yaml", "    boundaries:", TERMS)
    edit(folder / "policy.yaml", "    require:\n", NEEDED)
    assert go(folder).how["gate"] == "denied"
    return folder


@pytest.fixture
def project(two_people, tmp_path, monkeypatch):
    shutil.copytree(two_people, tmp_path / "small")
    monkeypatch.chdir(tmp_path / "small")
    return tmp_path / "small"


def in_days(days):
    return format_instant(clock.now() + days * 86_400)


def gate():
    return main(["gate", "load", "model/"])


def failed_scan(folder):
    """Record and publish that a scan of the model fails, and return the statement's id."""
    project = open_project(folder)
    with Log.open(project.ledger) as log:
        book = Book(log, Keyring(project, lambda _: None), None, clock.now)
        thing = Named(project.label, (digest_path(folder / "model"),))
        book.record(
            "scanner", MODEL_SCAN, thing, core(MODEL_SCAN, None, now=clock.now(), result="fail") | {"files": []}
        )
        publish_all(project, book)
        failing = [v for v in book.about(thing, MODEL_SCAN) if v.statement.predicate["result"] == "fail"]
    return failing[-1].id


def recorded_id(folder, kind):
    """Return the id of the newest statement of a kind."""
    with Log.open(open_project(folder).ledger, read_only=True) as log:
        envelopes = [dsse.decode_envelope(data) for data in log.envelopes(0, log.size)]
    said = [one.payload for one in envelopes if dsse.decode_statement(one.payload).predicate_type == kind.type]
    return dsse.statement_id(said[-1])


def later(monkeypatch, seconds):
    now = clock.now() + seconds
    monkeypatch.setattr("hauberk.edge.clock.now", lambda: now)


def refused(capsys, words, says, code=1):
    capsys.readouterr()
    assert main([*words]) == code
    assert says in capsys.readouterr().err


# breaking the glass


def test_two_people_at_two_machines_open_one_gate_for_hours(project, tmp_path, capsys, monkeypatch):
    assert main([*GLASS]) == 0
    assert "`hauberk gate cosign draft.json`, by 1 more" in capsys.readouterr().out
    assert gate() == 1

    other = tmp_path / "other"  # the second person has the files of the project, a key, and no ledger
    other.mkdir()
    for name in ("hauberk.yaml", "policy.yaml", "trust.json", "train.py", "evaluate.py", "draft.json"):
        shutil.copy(name, other)
    shutil.copy(".hauberk/keys/security.pem", other)
    capsys.readouterr()
    cosign = ["gate", "cosign", str(other / "draft.json"), "--key", str(other / "security.pem")]
    assert main([*cosign, "--project", str(other)]) == 0
    shown = capsys.readouterr().out
    assert f"break-glass at the gate load: model/small {digest_path('model')}; until " in shown
    assert "Grace answers for it: it runs since spring" in shown
    assert recorded(project, BREAK_GLASS) == []

    assert main(["gate", "append", str(other / "draft.json")]) == 0
    assert "signed by approver and security; published" in capsys.readouterr().out
    assert gate() == 0
    told = capsys.readouterr()
    assert "warning: load of model/small: BREAK-GLASS until" in told.err
    assert re.search(r"\((3|4) hours left\)", told.err)  # 4, within the second
    assert "signed by approver and security: it runs since spring" in told.err
    assert "break-glass" in told.out
    assert main(["passport", "export", "model/", "-o", "glass.passport"]) == 0
    assert main(["passport", "verify", "glass.passport", "--root", "root.pub"]) == 0
    assert "BREAK-GLASS" in capsys.readouterr().err
    with pytest.warns(UserWarning, match="BREAK-GLASS"):
        hauberk.open_model("model", policy="policy.yaml", trust="trust.json", evidence="glass.passport")

    with pytest.warns(UserWarning, match="BREAK-GLASS"), hauberk.hold("model") as held:
        assert held.permit.not_after <= clock.now() + 3600

    later(monkeypatch, 4 * 3600 + 1)
    assert gate() == 1
    assert main(["passport", "verify", "glass.passport", "--root", "root.pub"]) == 3
    with pytest.raises(Refused, match="test-result"):
        hauberk.open_model("model", policy="policy.yaml", trust="trust.json", evidence="glass.passport")


def test_a_run_under_a_broken_glass_says_so(project, capsys):
    assert main([*GLASS]) == main(["gate", "cosign", "draft.json", *SECOND]) == 0
    assert main(["gate", "append", "draft.json"]) == 0
    assert "! load of model/small: BREAK-GLASS" in "\n".join(f"! {text}" for text in go(project).notices)


def test_one_signature_is_not_appended(project, capsys):
    assert main([*GLASS]) == 0
    refused(capsys, ["gate", "append", "draft.json"], "1 more of the people")
    assert recorded(project, BREAK_GLASS) == []


def test_one_person_does_not_sign_twice(project, capsys):
    assert main([*GLASS]) == 0
    refused(capsys, ["gate", "cosign", "draft.json"], "approver has signed this already")


def test_one_person_with_two_keys_does_not_sign_twice(project, capsys):
    second_person(project, "approver2")
    edit(project / "trust.json", '"name": "approver2"', '"name": "approver"')
    assert main([*GLASS]) == 0
    line = ["gate", "cosign", "draft.json", "--key", ".hauberk/keys/approver2.pem"]
    refused(capsys, line, "two keys of one name are one person")


@pytest.mark.parametrize(
    ("key", "says"), [("gate", "may not sign"), ("scanner", "may not sign"), ("unknown", "no trusted key has the id")]
)
def test_the_second_person_is_one_whom_trust_lets(project, capsys, key, says):
    path = project / ".hauberk" / "keys" / f"{key}.pem"
    if not path.exists():
        write_private_key(path, generate_key(KeyKind.ED25519), passphrase=None)
    assert main([*GLASS]) == 0
    before = Path("draft.json").read_bytes()
    refused(capsys, ["gate", "cosign", "draft.json", "--key", str(path)], says)
    assert Path("draft.json").read_bytes() == before


def test_the_second_person_is_one_whom_the_policy_names(project, capsys):
    edit(project / "policy.yaml", "glass: {signers: [approver, security]", "glass: {signers: [approver, boss]")
    assert main([*GLASS]) == 0
    refused(capsys, ["gate", "cosign", "draft.json", *SECOND], "the policy does not let security sign this")


@pytest.mark.parametrize(
    ("change", "says", "code"),
    [
        (("--hours", "25"), "is later than the policy allows: at most 24 hours", 1),
        (("--hours", "0"), "at least 1", 2),
        (("--hours", "9" * 20), "at most 72", 2),
        (("--gate", "deploy"), "has no gate deploy for model/small", 1),
        (("--name", "model/other"), "has no gate load for model/other", 1),
        (("--name", "small"), "is no name", 2),
        (("--owner", " "), "needs an owner", 2),
        (("--reason", "two\nlines"), "needs a reason", 2),
        (("--key", "lost.pem"), "lost.pem", 3),
    ],
)
def test_what_would_open_nothing_is_not_drafted(project, capsys, change, says, code):
    refused(capsys, [*GLASS, *change], says, code)
    assert not Path("draft.json").exists()


def test_an_edited_draft_is_refused(project, capsys):
    assert main([*GLASS]) == 0
    draft = json.loads(Path("draft.json").read_text())
    other = json.loads(Path("draft.json").read_text())
    assert main([*GLASS[:-1], "other.json", "--reason", "another one"]) == 0
    draft["envelopes"][0]["payload"] = json.loads(Path("other.json").read_text())["envelopes"][0]["payload"]
    Path("draft.json").write_text(json.dumps(draft))
    refused(capsys, ["gate", "cosign", "draft.json", *SECOND], "signature")
    other["envelopes"][0]["note"] = "x"
    Path("draft.json").write_text(json.dumps(other))
    refused(capsys, ["gate", "cosign", "draft.json", *SECOND], "is no draft")


def test_a_draft_that_has_ended_is_refused(project, capsys, monkeypatch):
    assert main([*GLASS]) == main(["gate", "cosign", "draft.json", *SECOND]) == 0
    later(monkeypatch, 4 * 3600 + 1)
    refused(capsys, ["gate", "append", "draft.json"], "it ended at")


def test_no_draft_is_signed_or_appended_that_is_something_else(project, capsys):
    Path("empty.json").write_bytes(b"")
    for path in ("trust.json", "policy.yaml", "empty.json"):  # a wrong word on the command line, as to `trust sign`
        for action in ("append", "cosign"):
            refused(capsys, ["gate", action, path], f"{path} is no draft: ", 2)
        refused(capsys, ["trust", "sign", path, "--key", ".hauberk/keys/root.pem"], f"{path}: ", 2)
    refused(capsys, [*GLASS[:-1], "policy.yaml"], "policy.yaml", 2)


def test_a_draft_that_others_have_signed_is_not_written_over(project, capsys):
    assert main([*GLASS]) == main(["gate", "cosign", "draft.json", *SECOND]) == 0
    before = Path("draft.json").read_bytes()
    refused(capsys, [*GLASS], "draft.json is there already", 2)
    refused(capsys, ["gate", "grandfather", "model/", *WHY, "--until", in_days(5), "-o", "draft.json"], "already", 2)
    assert Path("draft.json").read_bytes() == before


def test_nothing_is_appended_for_a_model_that_is_revoked(project, capsys):
    assert main([*GLASS]) == main(["gate", "cosign", "draft.json", *SECOND]) == 0
    assert main(["gate", "revoke", str(digest_path("model")), "--reason", "stolen"]) == 0
    refused(capsys, ["gate", "append", "draft.json"], "is revoked: no gate opens for it again")


def test_a_model_that_is_revoked_after_the_glass_was_broken_is_denied(project, capsys):
    assert (
        main([*GLASS]) == main(["gate", "cosign", "draft.json", *SECOND]) == main(["gate", "append", "draft.json"]) == 0
    )
    assert gate() == 0
    assert main(["gate", "revoke", str(digest_path("model")), "--reason", "stolen"]) == 0
    assert gate() == 1
    capsys.readouterr()
    assert main(["gate", "exceptions"]) == 0
    assert "counts for nothing: what it is about is revoked" in capsys.readouterr().out


# grandfathering


def test_what_runs_is_grandfathered_told_listed_and_ends(project, capsys, monkeypatch):
    assert main(["gate", "grandfather", "model/", *WHY, "--until", in_days(5)]) == 0
    assert gate() == 0
    assert "grandfathered until" in (told := capsys.readouterr().err)
    said = r"(4|5) days left\)? ?(bears 1 rule)?; Grace answers for it, signed by approver: it runs since spring"
    assert re.search(said, told)  # 5, within the second
    assert "bears 1 rule" in told
    assert main(["gate", "exceptions"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"grandfathering at the gate load: model/small {digest_path('model')}; until ")
    assert re.search(said, line)
    assert main(["gate", "exceptions", "--format", "json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["kind"], one["counts"], one["signers"]) == ("grandfathering", True, ["approver"])
    assert 4 * 86_400 < one["secondsLeft"] <= 5 * 86_400
    (project / "model" / "extra.txt").write_text("x")
    assert gate() == 1, "other bytes are not grandfathered"
    (project / "model" / "extra.txt").unlink()
    later(monkeypatch, 5 * 86_400 + 60)
    assert gate() == 1
    capsys.readouterr()
    assert main(["gate", "exceptions"]) == 0
    assert "the gates bear nothing" in capsys.readouterr().out
    assert main(["gate", "exceptions", "--all"]) == 0
    assert "counts for nothing: it has ended" in capsys.readouterr().out


def test_a_file_that_is_called_as_a_digest_is_not_taken_for_it(project, capsys):
    digest = "dirHash:" + "0" * 64
    Path(digest).write_text("other bytes")
    refused(capsys, ["gate", "grandfather", digest, *WHY, "--until", in_days(30)], "something here is called so", 2)
    refused(capsys, [*GLASS[:2], digest, *GLASS[3:]], f"write ./{digest}", 2)
    assert recorded(project, GRANDFATHERING) == []
    assert main(["gate", "grandfather", f"./{digest}", *WHY, "--until", in_days(30)]) == 0
    assert recorded(project, GRANDFATHERING)[0].digests == (digest_path(digest),)
    Path("running.txt").write_text(f"{digest}\n")
    assert main(["gate", "grandfather", "--list", "running.txt", *WHY, "--until", in_days(30)]) == 0
    assert str(recorded(project, GRANDFATHERING)[1].digests[0]) == digest


def test_a_list_of_what_runs_is_grandfathered_at_once(project, capsys):
    Path("running.txt").write_text(
        f"# what runs today\n\n{digest_path('model')}\nmodel/small dirHash:{'0' * 64}  # old\n"
    )
    assert main(["gate", "grandfather", "--list", "running.txt", *WHY, "--until", in_days(30)]) == 0
    assert [said.subjects[0].digests[0].hex[:1] for said in recorded(project, GRANDFATHERING)][1] == "0"
    assert gate() == 0


@pytest.mark.parametrize(
    ("words", "says", "code"),
    [
        (("model/", "--until", "2001-01-01"), "is past", 2),
        (("model/", "--until", "soon"), "is no day", 2),
        (("model/", "--until", "2999-12-31"), "is later than the policy allows: at most 90 days", 1),
        (("model/", "--until", "DAY", "--gate", "deploy"), "has no gate deploy", 1),
        (("model/", "--until", "DAY", *SECOND), "the policy does not let security sign this", 1),
        (("model/", "--until", "DAY", "--key", ".hauberk/keys/scanner.pem"), "scanner may not sign", 1),
        (("--until", "DAY"), "name a model or a digest", 2),
        (("model/", "--list", "x", "--until", "DAY"), "name a model or a digest", 2),
        (("--list", "train.py", "--until", "DAY"), "line 1 is no digest", 2),
        (("--list", "requirements.lock", "--until", "DAY"), "names no digest", 2),
        (("lost/", "--until", "DAY"), "lost", 3),
    ],
)
def test_what_would_bear_nothing_is_not_signed(project, capsys, words, says, code):
    words = [in_days(30) if word == "DAY" else word for word in words]
    refused(capsys, ["gate", "grandfather", *words, *WHY], says, code)
    assert recorded(project, GRANDFATHERING) == []


def test_nobody_grandfathers_before_the_root_says_who(small, capsys):
    edit(small / "policy.yaml", "    boundaries:", TERMS)
    line = ["gate", "grandfather", "model/", *WHY, "--until", in_days(30)]
    refused(capsys, line, "approver may not sign grandfathering about model/small")
    assert recorded(small, GRANDFATHERING) == []


def test_a_policy_without_the_member_bears_nothing(project, capsys):
    edit(project / "policy.yaml", "    grandfather: {signers: [approver], max_days: 90}\n", "")
    line = ["gate", "grandfather", "model/", *WHY, "--until", in_days(30)]
    refused(capsys, line, "its policy has no `grandfather`")


# exceptions of two people


def test_an_exception_of_two_people_is_drafted_and_cosigned(project, capsys):
    edit(project / "policy.yaml", "      - {predicate: test-result, signers: [gate]}\n", "")
    assert go(project).how["gate"] == "ran"
    identity = failed_scan(project)
    assert gate() == 1
    words = ["gate", "excuse", str(identity), *WHY, "--until", in_days(9)]
    refused(capsys, words, "1 more of the people")
    assert recorded(project, EXCEPTION) == []
    assert main([*words, "-o", "draft.json"]) == main(["gate", "cosign", "draft.json", *SECOND]) == 0
    assert main(["gate", "append", "draft.json"]) == 0
    assert gate() == 0
    assert "an exception until" in capsys.readouterr().err


def test_a_metric_out_of_bounds_is_excused_though_the_evaluation_passes(project, capsys):
    edit(project / "policy.yaml", "      - {predicate: test-result, signers: [gate]}\n", "")
    assert go(project).how["gate"] == "ran"
    identity = str(recorded_id(project, EVALUATION))
    words = ["gate", "excuse", identity, *WHY, "--until", in_days(9), "-o", "draft.json"]
    refused(capsys, words, "passes", 2)
    low = "{predicate: evaluation, signers: [producer], metrics: {recall: {min: 0.99}}}"
    edit(project / "policy.yaml", "{predicate: evaluation, signers: [producer]}", low)
    assert go(project).how["gate"] == "denied"
    assert main(words) == main(["gate", "cosign", "draft.json", *SECOND]) == main(["gate", "append", "draft.json"]) == 0
    assert gate() == 0
    assert "an exception until" in capsys.readouterr().err


@pytest.mark.parametrize("kind", [ROOT, TRUST])
def test_what_no_gate_looks_at_is_not_excused(project, capsys, kind):
    words = ["gate", "excuse", str(recorded_id(project, kind)), *WHY, "--until", in_days(9)]
    refused(capsys, words, "no evidence", 2)


def test_a_failing_check_that_cannot_be_read_in_full_is_excused(project, capsys):
    thing, signer = Named("model/small", (digest_path("model"),)), open_signer(".hauberk/keys/scanner.pem")
    body = core(MODEL_SCAN, None, now=clock.now(), result="fail") | {"files": [], "found-by-a-newer-release": 1}
    envelope = dsse.sign(Statement((thing,), MODEL_SCAN.type, body), [signer])
    identity = dsse.statement_id(envelope.payload)
    newer = Verified(dsse.decode_statement(envelope.payload), identity, envelope, (signer.public.keyid,), clock.now())
    with Log.open(open_project(project).ledger) as log:
        log.append_many([newer], clock.now())
    assert gate() == 1
    told = capsys.readouterr().out
    assert "model-scan.readable" in told
    assert "next: a newer release may have written that" in told
    words = ["gate", "excuse", str(identity), *WHY, "--until", in_days(9), "-o", "draft.json"]
    assert main(words) == 0


# what does not take it back


def test_a_statement_is_not_revoked_and_it_is_said_what_ends_it(project, capsys):
    assert main(["gate", "grandfather", "model/", *WHY, "--until", in_days(5)]) == 0
    old = recorded_id(project, GRANDFATHERING)
    refused(
        capsys, ["gate", "revoke", str(old), "--reason", "a mistake"], "is the id of a statement (grandfathering", 2
    )
    scan = recorded_id(project, MODEL_SCAN)
    line = ["gate", "revoke", str(scan), "--reason", "a mistake"]
    refused(capsys, line, f"revoke what it is about ({digest_path('model')})", 2)
    assert recorded(project, REVOCATION) == []
    assert gate() == 0


def test_a_revocation_is_told_under_a_policy_whose_evidence_ends_after_all_years(project, capsys):
    edit(project / "policy.yaml", "max_evidence_age_hours: 168", "max_evidence_age_hours: 1000000000000")
    assert main(["gate", "revoke", str(digest_path("model")), "--reason", "stolen"]) == 0
    assert "what the policy's max_evidence_age_hours lets them" in capsys.readouterr().out


def test_what_a_revoked_key_has_signed_is_listed_as_counting_for_nothing(project, capsys):
    assert main(["gate", "grandfather", "model/", *WHY, "--until", in_days(5)]) == 0
    keyid = open_signer(f"file:{project}/.hauberk/keys/approver.pem", passphrase=lambda: b"").public.keyid
    assert main(["gate", "revoke", f"sha256:{keyid}", "--reason", "stolen"]) == 0
    capsys.readouterr()
    assert main(["gate", "exceptions"]) == 0
    assert "counts for nothing: a key that signed it is revoked" in capsys.readouterr().out
