"""`hauberk init` with keys of their owners: what founds a project without a private key of the root, and what does not."""

import base64
import json
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hauberk.cli.dispatch import dispatch
from hauberk.digest import Digest
from hauberk.edge.keys import generate_key, open_signer, read_public_key, write_private_key, write_public_key
from hauberk.evidence.predicates import BREAK_GLASS, ROOT, TRUST
from hauberk.evidence.trust import RootKeys, decode_trust
from hauberk.evidence.trust_draft import Signed
from hauberk.gate.standing import standing
from hauberk.ledger.log import Log
from hauberk.pipeline.project import open_project
from hauberk.signature import dsse, pkcs8
from hauberk.signature.key import KeyKind, PublicKey
from hauberk.signature.note import NoteKind, VerifierKey
from hauberk.statement import Named, Statement
from owners import HERE, found, make_key, make_owners, named, signs
from projects import edit, go, small_project, write_sources

PEOPLE = ("alice", "bob", "carol")
SIGNED = "signed-trust.json"


@pytest.fixture(scope="module")
def everybody(tmp_path_factory):
    return make_owners(tmp_path_factory.mktemp("owners"), *PEOPLE)


@pytest.fixture
def owners(everybody, tmp_path):
    """Give each owner a machine, and enter an empty folder of the founding one."""
    return shutil.copytree(everybody, tmp_path / "owners")


@pytest.fixture
def here(tmp_path, monkeypatch):
    folder = tmp_path / "small"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="module")
def finished(everybody, tmp_path_factory):
    """Found a project by two of three, and run it until its gate opens."""
    base = tmp_path_factory.mktemp("real")
    owners, folder = shutil.copytree(everybody, base / "owners"), base / "small"
    write_sources(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        found(owners, folder, *PEOPLE)
        assert dispatch(["gate", "approve", "--key", str(owners / "approver.pem")]) == 0
        go(folder)
    return base


@pytest.fixture
def real(finished, tmp_path, monkeypatch):
    base = shutil.copytree(finished, tmp_path / "real")
    monkeypatch.chdir(base / "small")
    return base


def draft():
    return json.loads(Path("founding.json").read_text())


def redraft(change):
    """Let somebody edit the draft before it is signed."""
    body = draft()
    change(body)
    Path("founding.json").write_text(json.dumps(body))


def said(capsys, words):
    capsys.readouterr()
    code = dispatch(words)
    out, err = capsys.readouterr()
    return code, out + err


# what founds


def test_a_stranger_sees_a_project_that_nobody_only_tries_out(real, tmp_path, capsys):
    shutil.copy("small.passport", tmp_path)
    shutil.copy("root.pub", tmp_path)
    words = ["passport", "verify", str(tmp_path / "small.passport"), "--root", str(tmp_path / "root.pub")]
    code, text = said(capsys, [*words, "--model", "model"])
    assert code == 0
    assert "ALLOWED" in text
    assert "development" not in text
    assert b'"development":true' not in (tmp_path / "small.passport").read_bytes()


@pytest.mark.parametrize("words", [["run"], ["gate", "load", "model"], ["passport", "export", "model", "-o", "p"]])
def test_no_output_speaks_of_development(real, capsys, words):
    code, text = said(capsys, words)
    assert code == 0
    assert "development" not in text


def test_the_founding_machine_has_no_key_of_the_root_and_none_of_the_approver(real):
    keys = real / "small" / ".hauberk" / "keys"
    assert sorted(path.stem for path in keys.iterdir()) == sorted(HERE)
    first = RootKeys.decode((real / "small" / "root.pub").read_bytes())
    assert first.threshold == 2
    assert {key.keyid for key in first.keys} == {read_public_key(real / "owners" / f"{p}.pub").keyid for p in PEOPLE}
    assert open_project(".").key("approver") is None


def test_a_key_of_the_root_is_rotated_and_older_passports_hold(real, capsys):
    owners = real / "owners"
    shutil.copy("small.passport", "before.passport")
    make_key(owners, "dora")
    lost = read_public_key(owners / "carol.pub").keyid
    assert dispatch(["key", "rotate", lost, "--public", str(owners / "dora.pub")]) == 0
    assert signs(owners, "alice", "bob", draft="next-trust.json") == 0
    assert dispatch(["trust", "append", SIGNED]) == 0
    assert dispatch(["passport", "export", "model", "-o", "after.passport"]) == 0
    for passport in ("before.passport", "after.passport"):
        code, text = said(capsys, ["passport", "verify", passport, "--root", "root.pub"])
        assert code == 0
        assert "development" not in text


def test_all_that_is_signed_is_shown_wherever_it_is_signed(owners, here, tmp_path, monkeypatch, capsys):
    assert dispatch(["init", *named(owners, *PEOPLE, threshold=2)]) == 0
    shown = capsys.readouterr().out
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy("founding.json", elsewhere)
    monkeypatch.chdir(elsewhere)  # neither a project nor a ledger
    assert signs(owners, "bob") == 0
    signed = capsys.readouterr().out
    assert "2 of 3 root keys sign from now on" in signed
    assert all(f"root key {read_public_key(owners / f'{p}.pub').keyid} comes" in signed for p in PEOPLE)
    (realm,) = (line for line in signed.splitlines() if line.startswith("it founds sha256:"))
    assert realm in shown
    assert "the root has 1 of 2 signatures" in signed


def test_one_key_of_the_root_is_enough_where_there_is_one(owners, here):
    found(owners, here, "alice", threshold=1)
    assert open_project(here).read_root().threshold == 1
    assert not open_project(here).read_trust().development


def test_more_may_sign_than_must(owners, here):
    assert dispatch(["init", *named(owners, *PEOPLE, threshold=2)]) == 0
    assert signs(owners, "carol", "alice", "bob") == 0
    assert dispatch(["init", "--signed", SIGNED]) == 0
    with Log.open(here / ".hauberk" / "ledger", read_only=True) as log:
        stands = standing(log)
    assert stands.trust == open_project(here).read_trust()
    assert not stands.realm.newest.development


def test_a_person_is_named_who_may_say_nothing_before_somebody_writes_it(owners, here):
    make_key(owners, "security")
    words = [*named(owners, "alice"), "--key", f"security={owners / 'security.pub'}"]
    assert dispatch(["init", *words]) == 0
    security = read_public_key(owners / "security.pub").keyid
    assert draft()["trust"]["keys"][security]["name"] == "security"
    assert not [grant for grant in draft()["trust"]["grants"] if grant["signer"] == security]

    def grants(body):
        glass = next(grant for grant in body["trust"]["grants"] if BREAK_GLASS.type in grant["predicates"])
        body["trust"]["grants"].append({**glass, "signer": security, "predicates": [BREAK_GLASS.type]})

    redraft(grants)
    assert (signs(owners, "alice"), dispatch(["init", "--signed", SIGNED])) == (0, 0)
    assert decode_trust(Path("trust.json").read_bytes()).allows(
        security, BREAK_GLASS.type, "model/small", open_project(here).read_trust().grants[0].not_before
    )


def test_who_signs_may_first_let_the_root_end_earlier(owners, here, capsys):
    assert dispatch(["init", *named(owners, "alice")]) == 0
    first = capsys.readouterr().out
    redraft(lambda body: body["root"].update(validUntil="2030-01-01T00:00:00Z"))
    assert signs(owners, "alice") == 0
    assert "root version 1, valid until 2030-01-01T00:00:00Z" in (then := capsys.readouterr().out)
    assert next(line for line in first.splitlines() if "founds" in line) not in then  # it is another realm
    assert dispatch(["init", "--signed", SIGNED]) == 0


def test_a_witness_of_another_owner_is_named_by_its_verifier_key(owners, here, capsys):
    vkey = VerifierKey("example.org/w1", NoteKind.COSIGNATURE_V1, read_public_key(owners / "witness.pub")).format()
    words = [*named(owners, "alice", without=("witness",)), "--witness", vkey, "--origin", "bank.example/small"]
    assert dispatch(["init", *words]) == 0
    assert draft()["trust"]["witnesses"] == {"quorum": 1, "vkeys": [vkey]}
    assert draft()["trust"]["log"]["origin"] == "bank.example/small"
    project = open_project(here)
    assert [(one.name, one.url) for one in project.file.witnesses] == [("example.org/w1", "https://example.org/w1")]
    assert project.key("witness") is None


def test_both_witnesses_must_cosign_where_that_is_said(owners, here):
    other = VerifierKey("example.org/w1", NoteKind.COSIGNATURE_V1, make_key(owners, "w1")).format()
    assert dispatch(["init", *named(owners, "alice"), "--witness", other, "--quorum", "2"]) == 0
    assert draft()["trust"]["witnesses"]["quorum"] == 2
    assert open_project(here).key("witness") is not None


def test_what_a_founded_project_has_lost_is_put_back(owners, here, capsys):
    found(owners, here, "alice", threshold=1)
    before = Path("root.pub").read_bytes(), decode_trust(Path("trust.json").read_bytes())
    Path("root.pub").unlink()
    Path("trust.json").unlink()
    assert dispatch(["init"]) == 0  # asks nothing
    assert before == (Path("root.pub").read_bytes(), decode_trust(Path("trust.json").read_bytes()))


def test_a_founding_that_was_interrupted_is_completed_and_then_repeated_in_vain(owners, here):
    found(owners, here, "alice", threshold=1)
    shutil.rmtree(here / ".hauberk" / "ledger")
    assert dispatch(["init", "--signed", SIGNED]) == 0
    with Log.open(here / ".hauberk" / "ledger", read_only=True) as log:
        assert log.size == 2
    assert dispatch(["init", "--signed", SIGNED]) == 0
    with Log.open(here / ".hauberk" / "ledger", read_only=True) as log:
        assert log.size == 2


def test_a_machine_without_the_projects_files_is_told_what_is_missing(owners, here, tmp_path, monkeypatch, capsys):
    assert dispatch(["init", *named(owners, "alice")]) == 0
    signs(owners, "alice", to=tmp_path / SIGNED)
    (tmp_path / "ledger-host").mkdir()
    monkeypatch.chdir(tmp_path / "ledger-host")
    capsys.readouterr()
    assert dispatch(["init", "--signed", str(tmp_path / SIGNED)]) == 0
    assert "next: write hauberk.yaml" in capsys.readouterr().out
    assert dispatch(["init"]) == 0
    shutil.copy(here / "hauberk.yaml", ".")
    assert dispatch(["init", "--signed", str(tmp_path / SIGNED)]) == 0
    assert "hauberk.yaml names: producer, scanner, gate, log, witness;" in capsys.readouterr().out


def test_an_empty_ledger_is_begun(owners, here):
    Log.create(here / ".hauberk" / "ledger").close()
    found(owners, here, "alice", threshold=1)
    with Log.open(here / ".hauberk" / "ledger", read_only=True) as log:
        assert log.size == 2


def test_a_trial_is_asked_about_as_before(tmp_path, monkeypatch, capsys):
    folder = small_project(tmp_path / "small")
    monkeypatch.setattr("sys.stdin", None)
    code, text = said(capsys, ["init", "--project", str(folder)])
    assert code == 2
    assert "init has one question" in text


def test_a_key_that_openssl_wrote_signs(owners, here):
    key = ec.generate_private_key(ec.SECP256R1())
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.TraditionalOpenSSL
    (owners / "hal.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    (owners / "hal.pub").write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, info))
    assert dispatch(["init", *named(owners, "alice", "hal", threshold=2)]) == 0
    assert (signs(owners, "alice", "hal"), dispatch(["init", "--signed", SIGNED])) == (0, 0)


def test_what_was_tried_out_becomes_real_beside_it(owners, tmp_path, monkeypatch, capsys):
    folder = small_project(tmp_path / "small")
    assert "a real project is founded anew" in capsys.readouterr().out
    monkeypatch.chdir(folder)
    assert dispatch(["init", *named(owners, "alice")]) == 0  # the draft, with the trial still there
    assert signs(owners, "alice") == 0
    (tmp_path / "trial").mkdir()
    for name in (".hauberk", "root.pub", "trust.json"):
        (folder / name).rename(tmp_path / "trial" / name)
    assert dispatch(["init", "--signed", SIGNED]) == 0
    assert not open_project(folder).read_trust().development


# what is not even drafted


def refuses(capsys, what, words, code=2):
    """Say that a draft is refused by name, and nothing written."""
    before = files()
    answer, text = said(capsys, ["init", *words])
    assert (answer, what in text) == (code, True), text
    assert files() == before


def files():
    return sorted(path for path in Path().rglob("*") if not path.name.startswith("ledger.sqlite-"))


@pytest.mark.parametrize(
    ("threshold", "what"),
    [(None, "how many of the 3 keys of the root must sign"), (4, "4 of 3 keys of the root"), (0, "0 of 3 keys")],
)
def test_a_threshold_that_is_none_is_refused(owners, here, capsys, threshold, what):
    refuses(capsys, what, named(owners, *PEOPLE, threshold=threshold))


@pytest.mark.parametrize("role", ["approver", "producer", "scanner", "gate", "log", "witness"])
def test_each_role_has_a_key(owners, here, capsys, role):
    refuses(capsys, role, named(owners, "alice", without=(role,)))


def test_a_project_without_a_root_is_refused(owners, here, capsys):
    refuses(capsys, "no key of the root is named", named(owners))


@pytest.mark.parametrize(
    ("files", "people"),
    [
        ({"bob": "alice.pub"}, "as root and as root"),
        ({"approver": "alice.pub"}, "as root and as approver"),
        ({"scanner": "approver.pub"}, "as approver and as scanner"),
        ({"log": "gate.pub"}, "as gate and as log"),
        ({"witness": "log.pub"}, "as log and as witness"),
        ({"witness": "bob.pub"}, "as root and as witness"),
    ],
)
def test_a_key_has_one_owner_and_one_role(owners, here, capsys, files, people):
    files = {role: owners / name for role, name in files.items()}
    refuses(capsys, people, named(owners, "alice", "bob", threshold=2, **files))


def test_a_key_under_another_encoding_is_the_same_key(owners, here, capsys):
    key = ec.generate_private_key(ec.SECP256R1())
    write_public_key(owners / "hal.pub", _public(key, serialization.PublicFormat.SubjectPublicKeyInfo))
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    head = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
    (owners / "ida.pub").write_bytes(_pem(head + point))
    refuses(capsys, "as root and as root", named(owners, "hal", "ida", threshold=2))


def _public(key, form):
    return PublicKey.from_spki(key.public_key().public_bytes(serialization.Encoding.DER, form))


def _pem(der):
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{text}-----END PUBLIC KEY-----\n".encode()


def test_a_witness_under_its_verifier_key_is_the_same_key(owners, here, capsys):
    vkey = VerifierKey("example.org/w1", NoteKind.COSIGNATURE_V1, read_public_key(owners / "witness.pub")).format()
    refuses(capsys, "is named twice", [*named(owners, "alice"), "--witness", vkey, "--quorum", "1"])


def test_two_witnesses_do_not_share_a_name(owners, here, capsys):
    words = named(owners, "alice", without=("witness",))
    for number in ("1", "2"):
        key = make_key(owners, f"w{number}")
        words += ["--witness", VerifierKey("example.org/w1", NoteKind.COSIGNATURE_V1, key).format()]
    refuses(capsys, "two witnesses have the name", [*words, "--quorum", "2"])


@pytest.mark.parametrize("encrypted", [True, False], ids=["encrypted", "plain"])
@pytest.mark.parametrize("role", ["alice", "producer", "witness"])
def test_a_private_key_is_not_read_where_a_public_one_is_wanted(owners, here, capsys, monkeypatch, role, encrypted):
    file = owners / f"{role}.pem"
    monkeypatch.setitem(pkcs8.encrypt.__kwdefaults__, "rounds", 1000)  # which is what takes time
    if encrypted:
        file = owners / "wrong.pem"
        write_private_key(file, generate_key(KeyKind.ED25519), passphrase=b"some words")
    monkeypatch.setattr("hauberk.edge.keys.serialization.load_pem_private_key", None)
    refuses(capsys, "private key, not a public key", named(owners, "alice", **{role: file}))


@pytest.mark.parametrize(
    ("name", "kind", "what"),
    [
        ("producer", KeyKind.ED25519, "models are signed with EC P-256"),
        ("log", KeyKind.ECDSA_P256, "`hauberk key new NAME` makes one"),
        ("witness", KeyKind.ECDSA_P256, "an Ed25519 key is needed"),
        ("gate", KeyKind.ECDSA_P384, "signs no statement"),
        ("alice", KeyKind.ECDSA_P521, "signs no statement"),
    ],
)
def test_a_key_of_another_kind_is_refused(owners, here, capsys, name, kind, what):
    make_key(owners / "other", name, kind)
    refuses(capsys, what, named(owners, "alice", **{name: owners / "other" / f"{name}.pub"}))


def test_the_verifier_key_of_a_log_is_no_witness(owners, here, capsys):
    vkey = VerifierKey("example.org/w1", NoteKind.ED25519, read_public_key(owners / "witness.pub")).format()
    refuses(capsys, "is a log's verifier key", [*named(owners, "alice", without=("witness",)), "--witness", vkey])


@pytest.mark.parametrize(
    ("more", "what"),
    [
        (["--key", "approver=x.pub"], "approver has two keys"),
        (["--key", "root=x.pub"], "--root-key FILE"),
        (["--key", "security"], "names no key of a role"),
        (["--key", "=x.pub"], "names no key of a role"),
        (["--witness", "example.org/w1"], "example.org/w1"),
        (["--quorum", "2"], "2 of 1 witnesses"),
        (["--origin", "a name"], "not a key name"),
        (["--development"], "one of three founds"),
        (["--signed", "x.json"], "one of three founds"),
    ],
)
def test_words_that_do_not_fit_are_refused(owners, here, capsys, more, what):
    refuses(capsys, what, [*named(owners, "alice"), *more])


@pytest.mark.parametrize("name", ["Security", "security ", "\uff53ecurity"])
def test_a_person_whose_name_looks_like_another_s_is_refused(owners, here, capsys, name):
    words = [word for one in ("security", name) for word in ("--key", f"{one}={owners / 'bob.pub'}")]
    words[-1] = f"{name}={owners / 'carol.pub'}"
    refuses(capsys, "looks like 'security', and counts as another person", [*named(owners, "alice"), *words])


def test_a_draft_that_is_there_is_not_written_over(owners, here, capsys):
    assert dispatch(["init", *named(owners, "alice")]) == 0
    before = Path("founding.json").read_bytes()
    refuses(capsys, "founding.json", named(owners, "bob"))
    assert Path("founding.json").read_bytes() == before


def test_a_key_of_the_trial_founds_nothing(owners, tmp_path, monkeypatch, capsys):
    folder = small_project(tmp_path / "small")
    monkeypatch.chdir(folder)
    for role in ("root", "scanner", "log", "witness"):
        write_public_key(owners / f"trial-{role}.pub", open_signer(f".hauberk/keys/{role}.pem").public)
    for role in ("scanner", "log", "witness"):
        refuses(capsys, f"the {role}'s of", named(owners, "alice", **{role: owners / f"trial-{role}.pub"}))
    refuses(capsys, "the root's of", named(owners, "trial-root"))
    refuses(capsys, "the root's of", named(owners, "alice", gate=owners / "trial-root.pub"))
    shutil.rmtree(".hauberk")  # root.pub and trust.json are enough to know them
    refuses(capsys, "the scanner's of", named(owners, "alice", scanner=owners / "trial-scanner.pub"))


def test_a_project_is_founded_once(owners, here, capsys):
    found(owners, here, "alice", threshold=1)
    Path("founding.json").unlink()
    refuses(capsys, "is founded already", named(owners, "bob", producer=owners / "producer.pub"))
    refuses(capsys, "founded with keys of its own", ["--development"])


# what is signed and founds nothing


def founds_nothing(capsys, what, *, code, file=SIGNED):
    answer, text = said(capsys, ["init", "--signed", file])
    assert (answer, what in text) == (code, True), text
    assert not Path(".hauberk", "ledger").exists()
    assert not Path("root.pub").exists()
    assert not Path("trust.json").exists()


@pytest.fixture
def drafted(owners, here):
    assert dispatch(["init", *named(owners, *PEOPLE, threshold=2)]) == 0
    return owners


def test_a_draft_that_nobody_signed_founds_nothing(drafted, capsys):
    founds_nothing(capsys, "that nobody has signed", code=2, file="founding.json")


def test_too_few_signatures_found_nothing(drafted, capsys):
    signs(drafted, "alice")
    founds_nothing(capsys, "1 signatures of root version 1, not 2", code=1)


def test_the_same_person_twice_is_one(drafted, capsys):
    signs(drafted, "alice", "alice")
    founds_nothing(capsys, "1 signatures of root version 1, not 2", code=1)


def test_somebody_else_does_not_sign(drafted, capsys):
    code, text = said(capsys, ["trust", "sign", "founding.json", "--key", str(drafted / "approver.pem")])
    assert code == 1
    assert "is none of root version 1" in text


@pytest.mark.parametrize("entry", [0, 1], ids=["root", "trust"])
def test_what_is_edited_after_it_was_signed_founds_nothing(drafted, capsys, entry):
    signs(drafted, "alice", "bob")
    body = json.loads(Path(SIGNED).read_text())
    payload = body["envelopes"][entry]["payload"]
    body["envelopes"][entry]["payload"] = payload[:-12] + ("A" if payload[-12] != "A" else "B") + payload[-11:]
    Path(SIGNED).write_text(json.dumps(body))
    assert said(capsys, ["init", "--signed", SIGNED])[0] in (1, 2)
    assert not Path(".hauberk").exists()


def test_the_signatures_of_another_founding_found_nothing(drafted, capsys):
    signs(drafted, "alice", "bob")
    one = json.loads(Path(SIGNED).read_text())
    redraft(lambda body: body["root"].update(validUntil="2030-01-01T00:00:00Z"))
    signs(drafted, "alice", "bob", to="other.json")
    other = json.loads(Path("other.json").read_text())
    for mixed in ([one["envelopes"][0], other["envelopes"][1]], [other["envelopes"][0], one["envelopes"][1]]):
        Path(SIGNED).write_text(json.dumps(one | {"envelopes": mixed}))
        founds_nothing(capsys, "of one realm", code=1)
    Path(SIGNED).write_text(json.dumps(one | {"envelopes": one["envelopes"][1:]}))
    founds_nothing(capsys, "begins with its root", code=1)


def test_a_root_that_was_signed_for_another_realm_founds_nothing(drafted, capsys):
    body = draft()
    signers = [open_signer(str(drafted / f"{person}.pem")) for person in ("alice", "bob")]
    other = Named(f"realm/{'0' * 64}", (Digest.parse(f"sha256:{'0' * 64}"),))
    both = ((ROOT, body["root"]), (TRUST, body["trust"]))
    envelopes = tuple(dsse.sign(Statement((other,), kind.type, said), signers) for kind, said in both)
    Path(SIGNED).write_bytes(Signed(None, envelopes).encode())
    founds_nothing(capsys, "of another realm than its root founds", code=1)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda body: body["root"].update(development=True), "marked as development"),
        (lambda body: body["trust"].update(development=True), "marked as development"),
        (lambda body: body["root"].update(version=2), "version 1 of the root"),
        (lambda body: body["trust"].update(version=2), "version 1 of the trust"),
        (lambda body: body["root"].update(threshold=4), "more than its 3 keys"),
        (lambda body: body["trust"].update(rootVersion=2), "root version 2"),
        (lambda body: body["root"].update(validUntil="2027-01-01T00:00:00Z"), "would outlive the root"),
        (lambda body: body.update(root=None), "begins with its root"),
        (lambda body: body.update(realm=f"sha256:{'0' * 64}"), "names neither"),
        (lambda body: body.update(by=body["root"]), "names neither"),
        (lambda body: body["root"]["keys"].update(_first_key(body)), "is named twice"),
        (lambda body: next(iter(body["trust"]["keys"].values())).update(name="Producer"), "looks like"),
    ],
)
def test_a_draft_that_founds_nothing_real_is_not_signed(drafted, capsys, change, what):
    redraft(change)
    code, text = said(capsys, ["trust", "sign", "founding.json", "--key", str(drafted / "alice.pem")])
    assert code != 0
    assert what in text
    assert not Path(SIGNED).exists()


def _first_key(body):
    keyid, key = next(iter(body["trust"]["keys"].items()))
    return {keyid: {"kind": key["kind"], "spki": key["spki"]}}


def test_a_founding_that_has_ended_founds_nothing(drafted, capsys):
    redraft(lambda body: body["trust"].update(validUntil="2026-01-01T00:00:00Z", grants=[]))
    signs(drafted, "alice", "bob")
    founds_nothing(capsys, "the trust ended at 2026-01-01", code=1)


def test_a_next_trust_founds_nothing(real, tmp_path, monkeypatch, capsys):
    assert dispatch(["trust", "edit"]) == 0
    signs(real / "owners", "alice", "bob", draft="next-trust.json", to=tmp_path / SIGNED)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    founds_nothing(capsys, "which founds nothing", code=2, file=str(tmp_path / SIGNED))


def test_a_founding_is_no_next_trust(real, tmp_path, capsys):
    code, text = said(capsys, ["trust", "append", SIGNED])
    assert code == 2
    assert "founds a project" in text


def test_a_founding_is_not_appended_where_nothing_is_founded(drafted, capsys):
    signs(drafted, "alice", to=SIGNED)
    code, text = said(capsys, ["trust", "append", SIGNED])
    assert code == 2
    assert "is founded" not in text
    assert "`hauberk init --signed FILE` founds one" in text


@pytest.mark.parametrize("name", ["root.pub", "trust.json"])
def test_files_of_another_project_are_not_written_over(drafted, finished, capsys, name):
    signs(drafted, "alice", "bob")
    shutil.copy(finished / "small" / name, ".")
    if name == "root.pub":
        edit(Path(name), "threshold=2", "threshold=3")
    before = Path(name).read_bytes()
    code, text = said(capsys, ["init", "--signed", SIGNED])
    assert code == 2
    assert name in text
    assert Path(name).read_bytes() == before
    assert not Path(".hauberk").exists()


def test_a_project_that_tries_out_is_not_made_real_in_place(owners, tmp_path, monkeypatch, capsys):
    folder = small_project(tmp_path / "small")
    monkeypatch.chdir(folder)
    assert dispatch(["init", *named(owners, "alice")]) == 0
    signs(owners, "alice")
    code, text = said(capsys, ["init", "--signed", SIGNED])
    assert code == 2
    assert "another project is founded here already" in text
    assert "move .hauberk, root.pub and trust.json away together" in text


def test_a_ledger_of_another_project_is_kept(real, tmp_path, capsys):
    owners = make_owners(tmp_path / "others", "zoe")
    Path("next").mkdir()
    assert dispatch(["init", "--project", "next", *named(owners, "zoe"), "-o", "other.json"]) == 0
    signs(owners, "zoe", draft="other.json", to="other.signed.json")
    code, text = said(capsys, ["init", "--signed", "other.signed.json"])
    assert code == 2
    assert "another project is founded here already" in text
