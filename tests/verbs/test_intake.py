"""Intake: what is kept, under which name, and what is left of what is not what was asked for."""

import json
import os
import pickle
import stat

import pytest

from hauberk.cli.main import main
from hauberk.digest import dir_hash, sha256
from hauberk.edge import clock
from hauberk.errors import Exceeded, Misconfigured, NotVerified, Unavailable
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import ARTEFACT
from hauberk.evidence.trust import Trust
from hauberk.finding import Outcome
from hauberk.limits import Limits
from hauberk.signature import base64
from hauberk.verbs.intake import Wanted, intake
from hauberk.verbs.sign import sign
from producer import producer
from services.fake_hub import hub
from signers import SeedSigner
from simulator import Chain
from web_server import Said, serving


class Shell:
    """What a pickle is told to call when it is loaded; nothing here loads it."""

    def __reduce__(self):
        return os.system, ("true",)


CLEAN, EVIL = pickle.dumps({"weights": [0.5] * 1000}), pickle.dumps(Shell())
SIGNER = producer()


def digest_of(files):
    return dir_hash((name, sha256(data).hex) for name, data in files.items())


@pytest.fixture
def fake(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with hub({"config.json": b"{}", "sub/weights.pkl": CLEAN}) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.server.url)
        yield running


@pytest.fixture
def place(tmp_path):
    return tmp_path / "quarantine"


def trusting(key):
    listed = {key.keyid: {"name": "producer", "kind": str(key.kind), "spki": base64.encode(key.spki)}}
    grant = {
        "signer": key.keyid,
        "predicates": [ARTEFACT.type],
        "subjects": ["model/*"],
        "notBefore": format_instant(clock.now() - 1000),
        "notAfter": format_instant(clock.now() + 1000),
    }
    return Chain().trust_predicate | {"keys": listed, "grants": [grant]}


def bundle_for(files, folder, signer=SIGNER):
    """Return the signature that a publisher would put beside these files."""
    for name, data in files.items():
        (folder / "published" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "published" / name).write_bytes(data)
    sign(folder / "published", signer=signer, signature_path=folder / "published.sig")
    return (folder / "published.sig").read_bytes()


def take(fake, place, address="hf://org/name", **wanted):
    return intake(address, output=place, wanted=Wanted(**({"expect": digest_of(fake.files)} | wanted)))


def names(place):
    return sorted(path.name for path in place.iterdir())


def test_what_is_what_was_expected_and_clean_is_a_model(fake, place):
    record, path = take(fake, place)
    assert (path, names(place), record.reasons) == (place / "model", ["intake.json", "model"], ())
    assert (path / "sub" / "weights.pkl").read_bytes() == CLEAN
    assert record.digest == digest_of(fake.files)


def test_the_quarantine_is_for_its_owner_only_and_nothing_in_it_can_be_run_or_written(fake, place):
    take(fake, place)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [place, *place.rglob("*")]}
    assert {modes[path] for path in modes if path.is_dir()} == {0o700}
    assert {modes[path] for path in (place / "model").rglob("*") if path.is_file()} == {0o400}


def test_the_record_says_what_came_from_where(fake, place):
    take(fake, place)
    record = json.loads((place / "intake.json").read_text())
    assert (record["schema"], record["accepted"]) == ("urn:hauberk:intake:v1", True)
    assert record["pinned"] == f"hf://org/name@{fake.commit}"
    assert record["report"]["results"][0]["path"].startswith(str(place / "model"))
    assert {file["path"]: file["sha256"] for file in record["files"]} == {
        name: sha256(data).hex for name, data in fake.files.items()
    }


def test_another_digest_leaves_nothing_but_the_record(fake, place):
    with pytest.raises(NotVerified, match="is expected"):
        take(fake, place, expect=digest_of({"x": b"y"}))
    assert names(place) == ["REFUSED.txt", "intake.json"]
    assert json.loads((place / "intake.json").read_text())["accepted"] is False


def test_a_file_that_is_not_what_its_source_says_leaves_nothing_but_the_record(fake, place):
    fake.claims["sub/weights.pkl"] = "0" * 64
    with pytest.raises(NotVerified, match="where its source says"):
        take(fake, place)
    assert names(place) == ["REFUSED.txt", "intake.json"]


def test_what_is_bad_is_kept_under_a_name_that_says_so(fake, place):
    fake.files["sub/weights.pkl"] = EVIL
    record, path = take(fake, place)
    assert (path, names(place)) == (place / "refused", ["REFUSED.txt", "intake.json", "refused"])
    assert record.scan.outcome is Outcome.MALICIOUS
    assert "Do not use" in (place / "REFUSED.txt").read_text()


def test_what_could_not_be_looked_at_is_no_model(fake, place):
    fake.files["data.bin"] = bytes(range(256)) * 3
    record, path = take(fake, place)
    assert (path.name, record.reasons) == ("refused", ("1 of its files could not be looked at in full",))


def test_a_publishers_signature_verifies(fake, place, tmp_path):
    bundle_for(fake.files, tmp_path)
    trust = Trust.of(trusting(SIGNER.public))
    record, path = take(fake, place, expect=None, trust=trust, signature=tmp_path / "published.sig")
    assert (path.name, record.signer) == ("model", SIGNER.public.keyid)


def test_the_signature_that_comes_with_the_files_is_found(fake, place, tmp_path):
    fake.files["model.sig"] = bundle_for(fake.files, tmp_path)
    record, path = take(fake, place, expect=None, trust=Trust.of(trusting(SIGNER.public)))
    assert (path.name, record.signer) == ("model", SIGNER.public.keyid)


def test_what_a_signature_passes_over_is_not_taken_in_on_its_word(fake, place, tmp_path):
    fake.files[".gitattributes"] = b"* text"
    fake.files["model.sig"] = bundle_for(fake.files, tmp_path)
    trust = Trust.of(trusting(SIGNER.public))
    record, path = take(fake, tmp_path / "first", expect=None, trust=trust)
    assert (record.left_out, (path / ".gitattributes").exists()) == ((".gitattributes",), False)
    assert record.digest == digest_of({name: data for name, data in fake.files.items() if name != ".gitattributes"})
    assert (take(fake, place, trust=trust)[1] / ".gitattributes").exists()  # a digest covers all


@pytest.mark.parametrize("change", ["another key", "a changed file", "a file more", "no signature"])
def test_what_a_publisher_did_not_sign_leaves_nothing_but_the_record(fake, place, tmp_path, change):
    bundle_for(fake.files, tmp_path)
    trust, signature = Trust.of(trusting(SIGNER.public)), tmp_path / "published.sig"
    if change == "another key":
        trust = Trust.of(trusting(SeedSigner("somebody else").public))
    elif change == "a changed file":
        fake.files["config.json"] = b'{"a": 1}'
    elif change == "a file more":
        fake.files["more.txt"] = b"x"
    else:
        signature = None
    with pytest.raises((NotVerified, Misconfigured)):
        take(fake, place, expect=None, trust=trust, signature=signature)
    assert not place.exists() or names(place) == ["REFUSED.txt", "intake.json"]


def test_one_file_is_known_by_its_sha256(fake, place):
    record, path = take(fake, place, "hf://org/name/sub/weights.pkl", expect=sha256(CLEAN))
    assert (
        [file.name for file in path.rglob("*.pkl")] == ["weights.pkl"] if path.is_dir() else path.read_bytes() == CLEAN
    )
    assert record.digest == sha256(CLEAN)


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a\nb", "a\\b", "config.json"])
def test_a_name_that_no_file_may_have_is_refused_before_anything_is_fetched(fake, place, name):
    fake.extra = [{"type": "file", "path": name, "size": 1}]
    with pytest.raises(NotVerified, match="holds what no directory may"):
        take(fake, place)
    assert not place.exists()


def test_a_file_where_a_folder_is_is_refused(fake, place):
    fake.files["sub"] = b"x"
    with pytest.raises(Unavailable):
        take(fake, place)
    assert not place.exists()


def test_more_than_is_allowed_is_not_fetched(fake, place):
    with pytest.raises(Exceeded):
        intake("hf://org/name", output=place, wanted=Wanted(sha256(CLEAN)), limits=Limits(max_intake_bytes=100))
    assert not place.exists()


def test_a_file_that_grows_while_it_is_fetched_is_cut(place):
    with serving({"/m.pkl": lambda asked: Said(200, {}, iter(lambda: bytes(4096), b""))}) as server:
        with pytest.raises(Exceeded):
            intake(
                f"{server.url}/m.pkl",
                output=place,
                wanted=Wanted(sha256(CLEAN)),
                limits=Limits(max_intake_bytes=100_000),
            )
        assert server.sent < 50_000_000
    assert not place.exists()


def breaking(data, *, tag='"t"', later=None):
    """Return a route that breaks off after half, then goes on where it is asked to."""

    def answer(asked):
        start = int(asked.headers.get("range", "bytes=0-")[6:].partition("-")[0])
        if not start:
            return Said(200, {"ETag": tag}, data[: len(data) // 2], len(data))
        rest = data[start:]
        headers = {"ETag": tag, "Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
        return later or Said(206, headers, rest)

    return answer


def test_a_broken_download_goes_on_where_it_broke(place):
    with serving({"/m.pkl": breaking(CLEAN)}) as server:
        _, path = intake(f"{server.url}/m.pkl", output=place, wanted=Wanted(sha256(CLEAN)))
        assert server.log[1].headers["if-match"] == '"t"'
    assert (place / "model" / "m.pkl").read_bytes() == CLEAN
    assert path == place / "model"


@pytest.mark.parametrize(
    "later",
    [
        Said(412),
        Said(200, {"ETag": '"t"'}, CLEAN),
        Said(206, {"ETag": '"other"', "Content-Range": f"bytes {len(CLEAN) // 2}-{len(CLEAN) - 1}/{len(CLEAN)}"}, b"x"),
        Said(206, {"ETag": '"t"', "Content-Range": f"bytes 0-{len(CLEAN) - 1}/{len(CLEAN)}"}, CLEAN),
    ],
    ids=["changed", "from the start", "another tag", "another place"],
)
def test_the_rest_of_another_version_is_not_taken(place, later):
    with serving({"/m.pkl": breaking(CLEAN, later=later)}) as server, pytest.raises(Unavailable, match="changed"):
        intake(f"{server.url}/m.pkl", output=place, wanted=Wanted(sha256(CLEAN)))
    assert not place.exists()


def test_something_that_is_there_is_not_written_over(fake, place):
    place.mkdir()
    (place / "mine").write_text("x")
    with pytest.raises(Misconfigured, match="not an empty directory"):
        take(fake, place)
    assert names(place) == ["mine"]


def test_a_link_is_not_followed(fake, place, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Misconfigured):
        take(fake, place)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--expect", "sha256:12"],
        ["--expect", "md5:" + "0" * 32],
        ["--publisher", "lost.json", "--expect", "x"],
    ],
)
def test_without_a_word_on_what_is_right_nothing_is_fetched(fake, place, arguments):
    assert main(["intake", "hf://org/name", "-o", str(place), *arguments]) in (2, 3)
    assert not fake.server.log


def test_a_path_is_no_address(place):
    assert main(["intake", "model/", "-o", str(place), "--expect", str(sha256(b""))]) == 2


def test_the_exit_code_says_how_it_ended(fake, place, tmp_path, capsys):
    def ends(name):
        return main(["intake", "hf://org/name", "-o", str(tmp_path / name), "--expect", str(digest_of(fake.files))])

    good = ends("a")
    wrong = main(["intake", "hf://org/name", "-o", str(tmp_path / "b"), "--expect", str(sha256(b"x"))])
    fake.files["data.bin"] = bytes(range(256)) * 3
    incomplete = ends("c")
    fake.files["evil.pkl"] = EVIL
    assert (good, wrong, incomplete, ends("d")) == (0, 1, 3, 1)
    assert "accepted" in capsys.readouterr().out


def test_a_publishers_trust_file_is_read_from_the_command_line(fake, place, tmp_path):
    bundle_for(fake.files, tmp_path)
    (tmp_path / "trust.json").write_text(json.dumps(trusting(SIGNER.public)))
    arguments = ["--publisher", str(tmp_path / "trust.json"), "--signature", str(tmp_path / "published.sig")]
    assert main(["intake", "hf://org/name", "-o", str(place), "--format", "json", *arguments]) == 0
