"""`hauberk init`: what it makes, that it writes over nothing, and what it can and cannot make again."""

import io

import pytest

from hauberk.cli.main import main
from hauberk.edge.keys import open_signer
from hauberk.errors import Misconfigured
from hauberk.evidence.predicates import BY_TYPE
from hauberk.evidence.trust import RootKeys, decode_trust
from hauberk.gate.standing import standing
from hauberk.ledger.log import Log
from hauberk.pipeline.project import open_project
from hauberk.signature import pkcs8
from hauberk.verbs.init import ROLES
from projects import edit, write_plain_keys

DEVELOPMENT = ["init", "--development"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Enter an empty folder, with a passphrase; keys get few rounds, which is what takes time."""
    folder = tmp_path / "My Model"
    folder.mkdir()
    (tmp_path / "passphrase").write_text("a few words\n")
    monkeypatch.setitem(pkcs8.encrypt.__kwdefaults__, "rounds", 1000)
    monkeypatch.setenv("HAUBERK_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.chdir(folder)
    return folder


class Terminal(io.StringIO):
    def isatty(self):
        return True


def files(folder):
    return {
        path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "ledger.sqlite-shm"
    }


def test_trying_it_out_makes_all_that_a_project_needs(here, capsys):
    assert main(DEVELOPMENT) == 0
    assert sorted(path.name for path in (here / ".hauberk" / "keys").iterdir()) == sorted(f"{r}.pem" for r in ROLES)
    project = open_project(here)
    assert project.label == "model/my-model"
    assert project.read_policy().covers("load", "model/my-model")
    with Log.open(project.ledger, read_only=True) as log:
        stands = standing(log)
    assert stands.trust == project.read_trust()
    assert stands.trust.development
    assert tuple(stands.realm.newest.keys.values()) == project.read_root().keys
    written = capsys.readouterr().out
    assert written.count("\n") >= len(ROLES)
    assert "development trust" in written


def test_keys_are_readable_by_their_owner_only_and_under_the_passphrase(here):
    main(DEVELOPMENT)
    for role in ROLES:
        path = here / ".hauberk" / "keys" / f"{role}.pem"
        assert path.stat().st_mode & 0o777 == 0o600
        assert b"ENCRYPTED" in path.read_bytes()
    with pytest.raises(Misconfigured, match="cannot be opened"):
        open_signer(str(path), passphrase=lambda: b"another")


def test_the_keys_stay_out_of_git(here):
    main(DEVELOPMENT)
    assert (here / ".hauberk" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (
            "producer",
            {
                *("artefact", "slsa-provenance", "evaluation", "test-result", "derivation", "dataset-manifest"),
                *("boundary", "refusal"),
            },
        ),
        ("scanner", {"model-scan"}),
        ("gate", {"verification-summary", "deployment", "promotion"}),
    ],
)
def test_each_role_may_say_its_own_part_only(here, role, may):
    main(DEVELOPMENT)
    trust = decode_trust((here / "trust.json").read_bytes())
    grants = [grant for grant in trust.grants if trust.names[grant.signer] == role]
    assert {BY_TYPE[kind].name for grant in grants for kind in grant.predicates} == may
    assert grants[0].subjects[0] == "model/my-model"


def test_neither_root_nor_log_nor_witness_is_a_key_that_signs_evidence(here):
    main(DEVELOPMENT)
    names = decode_trust((here / "trust.json").read_bytes()).names
    assert sorted(names.values()) == ["approver", "gate", "producer", "scanner"]


def test_a_second_init_writes_over_nothing(here, capsys):
    main(DEVELOPMENT)
    before = files(here)
    capsys.readouterr()
    assert main(DEVELOPMENT) == 0
    assert files(here) == before
    written = capsys.readouterr().out
    assert "made" not in written.splitlines()
    assert "kept as it was" in written


def test_files_that_a_person_wrote_are_kept(here):
    main(DEVELOPMENT)
    text = (here / "hauberk.yaml").read_text().replace("my-model", "other")
    other = here / "other"
    other.mkdir()
    (other / "hauberk.yaml").write_text(text)
    assert main([*DEVELOPMENT, "--project", "other"]) == 0
    assert (other / "hauberk.yaml").read_text() == text
    assert '"model/other"' in (other / "trust.json").read_text()


def test_what_the_ledger_knows_is_written_again(here):
    main(DEVELOPMENT)
    root, trust = (here / "root.pub").read_bytes(), decode_trust((here / "trust.json").read_bytes())
    (here / "root.pub").unlink()
    (here / "trust.json").unlink()
    assert main(DEVELOPMENT) == 0
    assert (here / "root.pub").read_bytes() == root
    assert decode_trust((here / "trust.json").read_bytes()) == trust


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("trust.json", '"version": 1', '"version": 2'), ("trust.json", '"version"', "version"), ("root.pub", "=1", "=2")],
)
def test_a_file_that_is_not_what_the_ledger_knows_is_not_called_good(here, capsys, name, old, new):
    main(DEVELOPMENT)
    edit(here / name, old, new)
    assert main(DEVELOPMENT) == 2
    said = capsys.readouterr().err
    assert name in said
    assert "move it away" in said


def test_a_trust_file_that_only_looks_different_is_kept(here):
    main(DEVELOPMENT)
    edit(here / "trust.json", '"quorum": 1', '"quorum":  1')
    assert main(DEVELOPMENT) == 0


def test_a_key_that_is_gone_cannot_be_made_again(here, capsys):
    main(DEVELOPMENT)
    (here / ".hauberk" / "keys" / "scanner.pem").unlink()
    assert main(DEVELOPMENT) == 2
    assert "scanner.pem" in capsys.readouterr().err
    assert not (here / ".hauberk" / "keys" / "scanner.pem").exists()


def test_keys_that_are_there_found_the_ledger(here):
    write_plain_keys(here)
    public = open_signer(str(here / ".hauberk" / "keys" / "root.pem")).public
    assert main(DEVELOPMENT) == 0
    assert RootKeys.decode((here / "root.pub").read_bytes()).keys == (public,)


def test_an_init_that_ended_before_the_ledger_is_completed(here):
    main(DEVELOPMENT)
    trust = (here / "trust.json").read_bytes()
    (here / ".hauberk" / "ledger").rename(here / "away")
    Log.create(here / ".hauberk" / "ledger").close()
    assert main(DEVELOPMENT) == 0
    assert (here / "trust.json").read_bytes() == trust
    with Log.open(here / ".hauberk" / "ledger", read_only=True) as log:
        assert standing(log).trust == decode_trust(trust)


@pytest.mark.parametrize("name", ["trust.json", "root.pub"])
def test_files_of_other_keys_are_refused(here, capsys, name):
    main(DEVELOPMENT)
    (here / ".hauberk").rename(here / "away")
    for other in {"trust.json", "root.pub"} - {name}:
        (here / other).unlink()
    assert main(DEVELOPMENT) == 2
    assert name in capsys.readouterr().err


def test_a_trust_file_that_is_none_is_refused(here):
    (here / "trust.json").write_text("{}")
    assert main(DEVELOPMENT) == 2


def test_without_a_terminal_and_without_an_answer_nothing_is_made(here, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("try\n"))
    assert main(["init"]) == 2
    assert "--development" in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_a_terminal_is_asked_one_question(here, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", Terminal("try\n"))
    assert main(["init"]) == 0
    assert capsys.readouterr().out.count("?") == 2


def test_any_other_answer_is_asked_for_again(here, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", Terminal("1\n\ntry\n"))
    assert main(["init"]) == 0
    assert capsys.readouterr().out.count("try or own? ") == 3


@pytest.mark.parametrize("answer", ["", "maybe\n"])
def test_no_answer_at_all_is_wrong_usage(here, monkeypatch, answer):
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert main(["init"]) == 2
    assert list(here.iterdir()) == []


def test_without_a_passphrase_nothing_is_written(here, monkeypatch):
    monkeypatch.delenv("HAUBERK_PASSPHRASE_FILE")
    monkeypatch.setattr("sys.stdin", None)
    assert main(DEVELOPMENT) == 2
    assert list(here.iterdir()) == []


def test_at_the_end_stands_what_is_left_to_do(here, capsys):
    main(DEVELOPMENT)
    assert (
        "next: write data/train.csv, data/holdout.csv, train.py, evaluate.py, requirements.lock; then `hauberk run`"
        in (capsys.readouterr().out)
    )
    (here / "data").mkdir()
    for name in ("data/train.csv", "data/holdout.csv", "train.py", "evaluate.py", "requirements.lock"):
        (here / name).touch()
    main(DEVELOPMENT)
    assert "next: `hauberk run`\n" in capsys.readouterr().out


def test_who_brings_own_keys_gets_the_two_files_and_no_secret(here, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", Terminal("own\n"))
    assert main(["init"]) == 2
    assert sorted(path.name for path in here.iterdir()) == ["hauberk.yaml", "policy.yaml"]
    assert "root" in capsys.readouterr().err


def test_a_key_that_is_kept_elsewhere_is_not_made_here(here, capsys):
    main(DEVELOPMENT)
    (here / ".hauberk").rename(here / "away")
    text = (here / "hauberk.yaml").read_text().replace("file:.hauberk/keys/scanner.pem", "file:/run/scanner.pem")
    (here / "hauberk.yaml").write_text(text)
    assert main(DEVELOPMENT) == 2
    assert "scanner" in capsys.readouterr().err
    assert not (here / ".hauberk").exists()


def test_a_folder_that_is_not_there_is_wrong_usage(here):
    assert main([*DEVELOPMENT, "--project", "absent"]) == 2
