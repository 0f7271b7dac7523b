"""`hauberk trust` and `hauberk key`: what the root signs enters, and nothing else; and a drill for each stolen key."""

import json
import re
import shutil
import time
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge import clock
from hauberk.edge.keys import open_signer, read_public_key, write_public_key
from hauberk.edge.sources import digest_path
from hauberk.errors import NotVerified
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import BY_NAME, EXCEPTION, MODEL_SCAN, POLICY, TRUST
from hauberk.gate.standing import append, standing
from hauberk.ledger.log import Log
from hauberk.pipeline.next_trust import newest, show
from hauberk.pipeline.project import open_project
from hauberk.signature import base64, dsse
from hauberk.signature.note import NoteKind, VerifierKey
from hauberk.statement import Named, Statement
from projects import go, write_plain_keys

ROOT = ".hauberk/keys/root.pem"
DAY = 86_400


@pytest.fixture(autouse=True)
def passphrase(tmp_path, monkeypatch):
    (tmp_path / "passphrase").write_text("some words\n")
    monkeypatch.setenv("HAUBERK_PASSPHRASE_FILE", str(tmp_path / "passphrase"))


def edited(change, name="next-trust.json"):
    """Draft the next trust and let a person change the file."""
    assert dispatch(["trust", "edit", "-o", name]) == 0
    body = json.loads(Path(name).read_text())
    change(body)
    Path(name).write_text(json.dumps(body))


def signed(*keys, draft="next-trust.json"):
    words = [word for key in keys or (ROOT,) for word in ("--key", key)]
    return dispatch(["trust", "sign", draft, *words])


def entered(*words):
    return dispatch(["trust", "append", "signed-trust.json", *words])


def refuses(capsys, said, *words, code=1):
    """Say that the append is refused by name, and changed neither the ledger nor the trust file."""
    with Log.open(open_project(".").ledger) as log:
        before = log.size, Path("trust.json").read_bytes()
    capsys.readouterr()
    assert entered(*words) == code
    assert said in capsys.readouterr().err
    with Log.open(open_project(".").ledger) as log:
        assert before == (log.size, Path("trust.json").read_bytes())


def trust():
    return json.loads(Path("trust.json").read_text())


def key_of(role):
    return [keyid for keyid, key in trust()["keys"].items() if key["name"] == role]


# what enters


def test_a_project_of_an_older_release_is_brought_up_to_this_one(fresh, capsys):
    def as_before(body):
        body["trust"]["grants"] = [g for g in body["trust"]["grants"] if EXCEPTION.type not in g["predicates"]]

    edited(as_before)
    assert (signed(), entered("--force")) == (0, 0)
    Path("next-trust.json").unlink()
    capsys.readouterr()
    assert dispatch(["trust", "edit", "--from-defaults"]) == 0
    assert re.search(r"^\+ approver .* may say .*\bexception\b.* about", capsys.readouterr().out, re.MULTILINE)
    assert (signed(), entered()) == (0, 0)
    rights = {(g["signer"], p, s) for g in trust()["grants"] for p in g["predicates"] for s in g["subjects"]}
    assert {(key_of("approver")[0], EXCEPTION.type, thing) for thing in ("model/small", "dataset/*")} <= rights


def test_the_defaults_add_nothing_where_nothing_lacks(fresh):
    before = trust()["grants"]
    assert dispatch(["trust", "edit", "--from-defaults"]) == 0
    assert json.loads(Path("next-trust.json").read_text())["trust"]["grants"] == before


def test_a_trust_that_has_ended_is_followed_by_one_that_holds(small):
    edited(lambda body: body["trust"].update(validUntil=format_instant(clock.now() + 2)))
    assert (signed(), entered()) == (0, 0)
    time.sleep(3.1)
    assert dispatch(["gate", "load", "model"]) == 1
    Path("next-trust.json").unlink()
    assert dispatch(["trust", "edit", "--days", "365"]) == 0
    assert (signed(), entered()) == (0, 0)
    assert dispatch(["gate", "load", "model"]) == 0


def test_the_difference_is_told_and_without_a_known_trust_everything_is(fresh, capsys):
    edited(lambda body: body["trust"]["grants"].pop(1))
    assert signed() == 0
    assert "+ producer" in (whole := capsys.readouterr().out)
    assert "+ approver" in whole
    assert dispatch(["trust", "sign", "next-trust.json", "--key", ROOT, "--since", "trust.json"]) == 0
    told = capsys.readouterr().out
    assert "- scanner" in told
    assert "may say model-scan about model/small no longer, and what it said counts no more" in told
    assert "+ producer" not in told


def test_a_draft_that_somebody_edits_is_not_written_over(fresh, capsys):
    Path("next-trust.json").write_text("{}")
    assert dispatch(["trust", "edit"]) == 2
    assert dispatch(["key", "rotate", "scanner"]) == 2
    assert Path("next-trust.json").read_text() == "{}"
    assert not Path(".hauberk/keys/scanner-2.pem").exists()


# what does not enter


@pytest.mark.parametrize("role", ["approver", "gate", "log", "scanner"])
def test_nobody_but_the_root_signs(fresh, role, capsys):
    edited(lambda body: None)
    assert signed(f".hauberk/keys/{role}.pem") == 1
    assert "is none of root version 1" in capsys.readouterr().err


def test_a_draft_that_names_another_root_deceives_the_signer_and_not_the_ledger(fresh, capsys):
    stranger = open_signer(".hauberk/keys/approver.pem").public
    edited(lambda body: body["by"].update(keys={stranger.keyid: {"kind": "ed25519", "spki": as_text(stranger)}}))
    assert signed(".hauberk/keys/approver.pem") == 0
    refuses(capsys, "no trusted key has the id")


def test_a_root_key_that_the_draft_says_was_there_before_is_shown_to_whoever_signs(fresh, capsys):
    assert dispatch(["key", "new", "thief"]) == 0
    thief = read_public_key("thief.pub")
    assert dispatch(["trust", "edit", "--root-add", "thief.pub", "-o", "next-trust.json"]) == 0
    body = json.loads(Path("next-trust.json").read_text())
    body["by"]["keys"] = body["root"]["keys"]
    Path("next-trust.json").write_text(json.dumps(body))
    capsys.readouterr()
    assert dispatch(["trust", "sign", "next-trust.json", "--key", ROOT, "--since", "trust.json"]) == 0
    told = capsys.readouterr().out
    assert thief.keyid in told
    assert "1 of 2 root keys sign from now on" in told


def test_a_root_that_has_ended_signs_nothing_whatever_the_file_says_of_its_end(fresh, capsys, monkeypatch):
    edited(lambda body: None)
    assert signed() == 0
    later = clock.now() + 5000 * DAY
    body = json.loads(Path("signed-trust.json").read_text())
    body["by"]["validUntil"] = "9999-12-31T00:00:00Z"
    Path("signed-trust.json").write_text(json.dumps(body))
    monkeypatch.setattr("hauberk.edge.clock.now", lambda: later)
    refuses(capsys, "the root ended at", "--force")


@pytest.mark.parametrize("alike", ["Gate", "gate ", "ga\u0301te", "\uff47ate", "gate."])
def test_a_name_that_looks_like_another_one_is_no_second_person_by_a_slip(fresh, capsys, alike):
    write_plain_keys(fresh, "second")
    second = open_signer(".hauberk/keys/second.pem", passphrase=lambda: b"").public
    told = {"name": alike, "kind": "ed25519", "spki": base64.encode(second.spki)}
    edited(lambda body: body["trust"]["keys"].update({second.keyid: told}))
    assert signed() == 0
    refuses(capsys, f"the name {alike!a} looks like 'gate', and counts as another person")
    assert entered("--force") == 0


@pytest.mark.parametrize(("role", "owner"), [("log", "the log"), ("root", "the root"), ("witness", "the witness ")])
def test_a_key_of_two_roles_is_not_trusted_by_a_slip(fresh, capsys, role, owner):
    public = open_signer(f".hauberk/keys/{role}.pem", passphrase=lambda: b"").public
    told = {"name": "scanner", "kind": "ed25519", "spki": base64.encode(public.spki)}
    edited(lambda body: body["trust"]["keys"].update({public.keyid: told}))
    assert signed() == 0
    refuses(capsys, f"the key of {owner}")
    assert entered("--force") == 0
    Path("next-trust.json").unlink()
    edited(lambda body: None)
    assert (signed(), entered()) == (0, 0), "said once, when it comes"


def as_text(public):
    return trust()["keys"][public.keyid]["spki"]


def test_bytes_that_are_edited_after_the_signature_do_not_enter(fresh, capsys):
    edited(lambda body: None)
    assert signed() == 0
    body = json.loads(Path("signed-trust.json").read_text())
    statement = base64.decode(body["envelopes"][0]["payload"], what="x")
    changed = statement.replace(b'"feature-view/*"', b'"model/*"')
    assert changed != statement
    body["envelopes"][0]["payload"] = base64.encode(changed)
    Path("signed-trust.json").write_text(json.dumps(body))
    refuses(capsys, "signature")
    assert signed(draft="signed-trust.json") == 1  # a second key of the root is not asked to sign it either


def test_a_signed_trust_that_is_broken_is_not_verified(fresh, capsys):
    edited(lambda body: None)
    assert signed() == 0
    body = json.loads(Path("signed-trust.json").read_text())
    body["envelopes"][0]["note"] = "x"
    Path("signed-trust.json").write_text(json.dumps(body))
    refuses(capsys, "signed-trust.json is no signed trust: ")
    assert signed(draft="signed-trust.json") == 1


def test_a_draft_that_a_person_broke_is_a_wrong_file_to_sign(fresh, capsys):
    edited(lambda body: body["trust"]["grants"][0].update(signer="0" * 64))
    assert signed() == 2
    assert "next-trust.json: a grant names the key 0000" in capsys.readouterr().err
    assert not Path("signed-trust.json").exists()


@pytest.mark.parametrize(
    ("version", "said"), [(1, "rollback: it is trust version 1, the next is 2"), (3, "it is trust version 3")]
)
def test_a_version_that_is_not_the_next_does_not_enter(fresh, version, said, capsys):
    edited(lambda body: body["trust"].update(version=version, grants=body["trust"]["grants"][1:]))
    assert signed() == 0
    refuses(capsys, said)


def test_an_older_signed_trust_does_not_come_back(fresh, capsys):
    edited(lambda body: None)
    assert (signed(), entered()) == (0, 0)
    older = Path("signed-trust.json").read_bytes()
    edited(lambda body: None, name="later.json")
    assert (signed(draft="later.json"), entered()) == (0, 0)
    Path("signed-trust.json").write_bytes(older)
    refuses(capsys, "rollback: it is trust version 2, the next is 4")


def test_a_trust_of_another_realm_does_not_enter(fresh, capsys):
    edited(lambda body: body.update(realm="sha256:" + "0" * 64))
    assert signed() == 0
    refuses(capsys, "another realm")


def test_a_trust_that_has_ended_does_not_enter_by_force_either(fresh, capsys):
    edited(lambda body: body["trust"].update(validUntil=format_instant(clock.now() - 1)))
    assert signed() == 0
    refuses(capsys, "the trust ended at", "--force")


def test_a_trust_that_outlives_its_root_is_not_signed(fresh, capsys):
    assert dispatch(["trust", "edit", "--days", "9999"]) == 2
    assert "would outlive the root" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [("--days", "0"), ("--days", "-5"), ("--root-days", "0"), ("--days", "99999999999")], ids=" ".join
)
def test_a_trust_or_root_that_ends_at_once_is_not_drafted(fresh, capsys, words):
    assert dispatch(["trust", "edit", *words]) == 2
    assert f"{' '.join(words)}: at least 1" in capsys.readouterr().err
    assert not (fresh / "next-trust.json").exists()


@pytest.mark.parametrize("words", [("trust", "edit"), ("key", "rotate", "scanner")], ids=" ".join)
def test_a_draft_that_somebody_may_have_edited_is_not_written_over(fresh, words, capsys):
    edited(lambda body: None)
    before = (fresh / "next-trust.json").read_bytes()
    capsys.readouterr()
    assert dispatch([*words]) == 2
    said = capsys.readouterr().err
    assert "next-trust.json is there already, and somebody may have edited it" in said
    assert "name another file by -o" in said
    assert (fresh / "next-trust.json").read_bytes() == before
    assert not (fresh / ".hauberk/keys/scanner-2.pem").exists()


def test_a_draft_is_not_appended(fresh, capsys):
    assert dispatch(["trust", "edit", "-o", "signed-trust.json"]) == 0
    refuses(capsys, "a draft that nobody has signed", code=2)


def without(role):
    def change(body):
        keyid = next(keyid for keyid, key in body["trust"]["keys"].items() if key["name"] == role)
        del body["trust"]["keys"][keyid]
        body["trust"]["grants"] = [g for g in body["trust"]["grants"] if g["signer"] != keyid]

    return change


def with_other_log(body):
    log = open_signer(".hauberk/keys/other.pem").public
    origin = body["trust"]["log"]["origin"]
    body["trust"]["log"]["vkey"] = vkey(origin, 1, log)


def with_other_witness(body):
    witness = open_signer(".hauberk/keys/other.pem").public
    body["trust"]["witnesses"]["vkeys"] = [vkey(f"{body['trust']['log']['origin']}/witness", 4, witness)]


def vkey(name, kind, public):
    return VerifierKey(name, NoteKind(kind), public).format()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("gate"), "nobody may say"),
        (without("scanner"), "has said counts no more, from the beginning"),
        (with_other_log, "another key of the log"),
        (with_other_witness, "signs nothing more that counts"),
    ],
)
def test_a_likely_slip_enters_only_by_force(fresh, change, said, capsys):
    write_plain_keys(fresh, "other")
    edited(change)
    assert signed() == 0
    refuses(capsys, said)


# thresholds


@pytest.fixture
def two_of_three(small):
    """Turn the root of a project to two of three keys; Ada has one of them, Grace another."""
    write_plain_keys(Path("away"), "ada", "grace", "linus")
    for name in ("ada", "grace", "linus"):
        shutil.copy(f"away/.hauberk/keys/{name}.pem", f"{name}.pem")
        write_public_key(f"{name}.pub", open_signer(f"{name}.pem").public)
    adds = ["--root-add", "ada.pub", "--root-add", "grace.pub", "--root-threshold", "2"]
    assert dispatch(["trust", "edit", *adds]) == 0
    Path("next-trust.json").rename("turn.json")


def test_too_few_keys_of_the_next_root_sign_for_nobody(two_of_three, capsys):
    assert signed(draft="turn.json") == 0
    assert "the trust has 1 of 2 signatures of root version 2" in capsys.readouterr().out
    refuses(capsys, "has 1 signatures of root version 2, not 2")


def test_the_next_root_needs_the_keys_of_the_one_before(two_of_three, capsys):
    assert signed("ada.pem", "grace.pem", draft="turn.json") == 0
    refuses(capsys, "has 0 signatures of root version 1, not 1")


def test_a_root_of_three_survives_the_theft_of_one_and_the_thief_says_nothing(two_of_three, capsys):
    old = open_signer(ROOT).public.keyid
    assert signed(draft="turn.json") == 0
    assert signed("ada.pem", draft="signed-trust.json") == 0
    assert entered() == 0
    edited(lambda body: None)
    assert signed() == 0  # the thief, alone
    refuses(capsys, "has 1 signatures of root version 2, not 2")
    turn = ["key", "rotate", old, "--public", "linus.pub", "--root", "ada.pem", "--root", "grace.pem"]
    assert dispatch(turn) == 0
    Path("next-trust.json").unlink()
    edited(lambda body: None)
    assert signed() == 1  # it is no key of the root any more
    assert dispatch(["gate", "load", "model"]) == 0
    assert dispatch(["passport", "verify", "small.passport", "--root", "root.pub"]) == 0
    assert dispatch(["ledger", "verify"]) == 0


def test_a_threshold_that_cannot_be_reached_is_not_drafted(fresh, capsys):
    for threshold in ("2", "0", "-1"):
        assert dispatch(["trust", "edit", "--root-threshold", threshold]) == 2
        assert f"a root of 1 keys cannot have the threshold {threshold}" in capsys.readouterr().err


# keys


def test_a_witness_is_added_by_the_key_that_its_owner_printed(fresh, capsys):
    assert dispatch(["key", "new", "witness", "--witness", "example.org/w1"]) == 0
    key = VerifierKey.parse(re.search(r"verifier +(\S+)", capsys.readouterr().out)[1])
    assert (key.name, key.kind) == ("example.org/w1", NoteKind.COSIGNATURE_V1)
    assert key.public == open_signer("witness.pem", passphrase=lambda: b"some words").public
    assert dispatch(["trust", "edit", "--witness-add", key.format(), "--quorum", "2"]) == 0
    said = capsys.readouterr().out
    assert "2 of 2 witnesses" in said
    trust = json.loads(Path("next-trust.json").read_text())["trust"]
    assert trust["witnesses"]["vkeys"][1:] == [key.format()]


@pytest.fixture
def elsewhere(fresh):
    """Let a second witness count, which runs elsewhere; return its key's id."""
    assert dispatch(["key", "new", "w1", "--witness", "example.org/w1"]) == 0
    vkey_of = VerifierKey("example.org/w1", NoteKind.COSIGNATURE_V1, read_public_key("w1.pub"))
    assert dispatch(["trust", "edit", "--witness-add", vkey_of.format()]) == 0
    with Path("hauberk.yaml").open("a") as file:
        file.write('witnesses:\n  - {name: example.org/w1, url: "http://127.0.0.1:1", timeout_seconds: 1}\n')
    assert (signed(), entered("--force")) == (0, 0)
    Path("next-trust.json").unlink()
    return vkey_of.public.keyid


def test_no_key_is_made_here_for_a_witness_that_runs_elsewhere(elsewhere, capsys):
    keys, body = sorted(Path(".hauberk/keys").iterdir()), trust()
    assert dispatch(["key", "rotate", elsewhere[:16]]) == 2
    said = capsys.readouterr().err
    assert "the witness example.org/w1 runs elsewhere, and its key is made there" in said
    assert "`hauberk key new NAME --witness example.org/w1`, and name its .pub by --public" in said
    assert sorted(Path(".hauberk/keys").iterdir()) == keys
    assert not Path("next-trust.json").exists()
    assert trust() == body


def test_the_key_that_the_owner_of_a_witness_elsewhere_made_follows_the_old_one(elsewhere, capsys):
    assert dispatch(["key", "new", "w2"]) == 0
    assert dispatch(["key", "rotate", elsewhere[:16], "--public", "w2.pub"]) == 0
    drafted = json.loads(Path("next-trust.json").read_text())["trust"]["witnesses"]["vkeys"]
    assert VerifierKey.parse(drafted[1]).public == read_public_key("w2.pub")
    assert dispatch(["key", "rotate", "witness", "-o", "own.json"]) == 0  # the project's own is made here
    assert Path(".hauberk/keys/witness-2.pem").exists()


@pytest.mark.parametrize(
    "words", [("--quorum", "2"), ("--quorum", "0"), ("--witness-add", "w1"), ("--witness-add", "")]
)
def test_a_witness_that_is_none_or_a_quorum_out_of_reach_is_not_drafted(fresh, words):
    assert dispatch(["trust", "edit", *words]) == 2
    assert not Path("next-trust.json").exists()


def test_the_logs_key_is_not_drafted_as_a_witness(fresh, capsys):
    with Log.open(open_project(".").ledger) as log:
        own = standing(log).trust.log.format()
    assert dispatch(["trust", "edit", "--witness-add", own]) == 2
    assert "a log's verifier key" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("a b",), ("a+b",), ("",), ("w1", "--kind", "ecdsa-p256")])
def test_no_key_is_made_for_a_witness_that_cannot_be_one(fresh, words):
    assert dispatch(["key", "new", "witness", "--witness", *words]) == 2
    assert not Path("witness.pem").exists()


def test_a_key_is_encrypted_and_never_written_over(fresh, capsys):
    assert dispatch(["key", "new", "ada"]) == 0
    assert b"ENCRYPTED PRIVATE KEY" in Path("ada.pem").read_bytes()
    assert open_signer("ada.pem").public.keyid in capsys.readouterr().out
    assert dispatch(["key", "new", "ada"]) == 2
    assert dispatch(["key", "new", "../ada"]) == 2


@pytest.mark.parametrize("there", ["ada.pub", "ada.pem"])
def test_no_private_key_is_made_where_its_public_half_has_no_place(fresh, there):
    Path(there).symlink_to("nowhere")
    assert dispatch(["key", "new", "ada"]) == 2
    assert [path.name for path in Path().glob("ada*")] == [there]
    assert not Path("nowhere").exists()


def test_no_private_key_is_called_as_the_public_half_is(fresh, capsys):
    assert dispatch(["key", "new", "grace", "-o", "grace.pub"]) == 2
    assert "is what the public half would be called" in capsys.readouterr().err
    assert not Path("grace.pub").exists()


@pytest.mark.parametrize("role", ["log", "root", "witness"])
def test_a_key_without_grants_ends_by_another_in_its_place(fresh, role, capsys):
    keyid = open_signer(f".hauberk/keys/{role}.pem").public.keyid
    for which in (role, keyid):
        assert dispatch(["key", "revoke", which, "--since", "2026-01-01T00:00:00Z"]) == 2
        assert f"`hauberk key rotate {role}` replaces it" in capsys.readouterr().err
    assert dispatch(["key", "rotate", role, "--since", "2026-01-01T00:00:00Z"]) == 2
    assert "leave out --since" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("nobody",), ("0" * 12,)])
def test_a_key_that_nobody_has_does_not_turn(fresh, words, capsys):
    assert dispatch(["key", "rotate", *words]) == 2
    assert "is no key of the trust" in capsys.readouterr().err


def test_a_theft_lies_in_the_past(fresh, capsys):
    assert dispatch(["key", "rotate", "scanner", "--since", "2999-01-01T00:00:00Z"]) == 2
    assert "still to come" in capsys.readouterr().err
    assert dispatch(["key", "revoke", "scanner", "--since", "yesterday"]) == 2


def test_a_key_that_is_trusted_already_follows_nobody(fresh, capsys):
    write_public_key("gate.pub", open_signer(".hauberk/keys/gate.pem").public)
    assert dispatch(["key", "rotate", "scanner", "--public", "gate.pub"]) == 2
    assert "is trusted already" in capsys.readouterr().err


# the drills: what the thief can do, the commands, and what gates say before and after


def says(role, predicate, body, thing):
    """Let whoever has the first key of a role say something in the ledger, published."""
    statement = Statement((thing,), predicate.type, body)
    with Log.open(open_project(".").ledger) as log:
        append(log, [dsse.sign(statement, [open_signer(f".hauberk/keys/{role}.pem")])], now=clock.now())
    publish()


def publish():
    show(open_project("."), warn=lambda _: None)


def honest(role, predicate):
    """Return what a role has honestly said, and of what."""
    keyid = open_signer(f".hauberk/keys/{role}.pem").public.keyid
    with Log.open(open_project(".").ledger) as log:
        for number in range(log.size):
            envelope = dsse.decode_envelope(log.envelope(number))
            statement = dsse.decode_statement(envelope.payload)
            if statement.predicate_type == predicate.type and envelope.signatures[0].keyid == keyid:
                return statement
    raise AssertionError(role)


def gate():
    return dispatch(["gate", "load", "model"])


def passport():
    return dispatch(["passport", "verify", "small.passport", "--root", "root.pub"])


def theft():
    """Return the time of a theft that comes now, with the second over."""
    at = format_instant(clock.now())
    time.sleep(1.1)
    return at


@pytest.mark.parametrize(
    ("role", "kind"), [("producer", "evaluation"), ("scanner", "model-scan"), ("gate", "verification-summary")]
)
def test_drill_a_stolen_key_of_whoever_makes_evidence(small, role, kind):
    known = honest(role, BY_NAME[kind])
    at = theft()
    own = Named("model/small", (digest_path("train.py"),))
    says(role, BY_NAME[kind], dict(known.predicate), own)  # the thief can
    assert dispatch(["key", "rotate", role, "--since", at, "--root", ROOT]) == 0
    assert gate() == 0  # what was said before the theft still counts
    assert passport() == 0
    with pytest.raises(NotVerified, match=f"{role} may not sign"):
        says(role, BY_NAME[kind], dict(known.predicate), Named("model/small", (digest_path("evaluate.py"),)))
    assert go(small).how["gate"] in ("ran", "skipped")  # the new key serves
    with Log.open(open_project(".").ledger) as log:
        stolen = open_signer(f".hauberk/keys/{role}.pem").public.keyid
        assert not standing(log).trust.allows(stolen, BY_NAME[kind].type, own.label, clock.now())
    assert dispatch(["ledger", "verify"]) == 0


def test_drill_a_stolen_scanner_that_says_no_still_denies(small):
    known = honest("scanner", MODEL_SCAN)
    at = theft()
    says("scanner", MODEL_SCAN, dict(known.predicate) | {"result": "fail"}, known.subjects[0])
    assert gate() == 1
    assert dispatch(["key", "rotate", "scanner", "--since", at, "--root", ROOT]) == 0
    assert gate() == 1  # a grant that is taken away opens no gate
    assert passport() == 0  # it says what held as of its time


def test_drill_a_scanner_stolen_before_it_scanned(small):
    assert dispatch(["key", "rotate", "scanner", "--since", "2026-01-01T00:00:00Z", "--root", ROOT]) == 0
    assert gate() == 1
    assert go(small).how["scan"] == "ran"
    assert gate() == 0


def test_drill_a_stolen_approver(small):
    known = honest("approver", POLICY)
    at = theft()
    weak = json.loads(json.dumps(dict(known.predicate))) | {"version": 9}
    weak["gates"]["load"]["max_evidence_age_hours"] = 1
    with Log.open(open_project(".").ledger) as log:
        realm = standing(log).realm.subject
    says("approver", POLICY, weak, realm)
    assert gate() == 1  # the reader's own policy is not the newest any more
    assert dispatch(["key", "rotate", "approver", "--since", at, "--root", ROOT]) == 0
    assert gate() == 0
    with pytest.raises(NotVerified, match="approver may not sign policy"):
        says("approver", POLICY, weak | {"version": 10}, realm)


def test_drill_an_approver_stolen_before_it_approved(small):
    assert dispatch(["key", "rotate", "approver", "--since", "2026-01-01T00:00:00Z", "--root", ROOT]) == 0
    assert gate() == 1
    assert go(small).how["gate"] == "ran"  # the new approver signs the policy
    assert gate() == 0


def test_drill_a_stolen_root_that_is_replaced_in_time(small):
    assert dispatch(["key", "rotate", "root", "--root", ROOT]) == 0
    assert (gate(), passport()) == (0, 0)
    with Log.open(open_project(".").ledger) as log:
        held = newest(log)
        body = dict(held.trust) | {"version": held.trust["version"] + 1}
        statement = Statement((held.standing.realm.subject,), TRUST.type, body)
        with pytest.raises(NotVerified, match="no trusted key has the id"):
            append(log, [dsse.sign(statement, [open_signer(ROOT)])], now=clock.now())
