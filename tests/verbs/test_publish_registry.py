"""Models in an OCI registry: what only some registries do, and what is refused of bad ones. The registry is a fake."""

import json

import pytest

from fake_registry import LOGIN, fake_registry
from hauberk.cli.dispatch import dispatch
from hauberk.digest import sha256
from hauberk.edge.depot import MAX_NOTES, Note
from hauberk.edge.remote import registry_depot
from hauberk.edge.remote.oci_types import NOTE_TYPES
from hauberk.edge.sources import digest_path
from hauberk.errors import Exceeded, Misconfigured, NotVerified, Refused, Unavailable
from hauberk.limits import Limits
from hauberk.verbs.depots import address_of, open_depot
from hauberk.verbs.publish import publish
from hauberk.verbs.pull import pull, pull_notes
from verbs.test_publish import FILES, write

NOTE = Note("signature", sha256(b"a signature").hex)


@pytest.fixture
def registry(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    with fake_registry() as running:
        yield running


@pytest.fixture
def model(tmp_path):
    return write(tmp_path / "model", FILES)


def log_in(registry, tmp_path, login=LOGIN):
    registry.lies.add("token")
    host = registry.url.removeprefix("http://")
    write(tmp_path / "docker", {"config.json": json.dumps({"auths": {host: {"auth": login}}}).encode()})


def manifest_of(registry, digest):
    return json.loads(registry.manifests[f"dirHash-{digest.hex}"])


def change(registry, digest, **members):
    changed = json.dumps(manifest_of(registry, digest) | members).encode()
    registry.manifests[f"dirHash-{digest.hex}"] = registry.manifests[str(sha256(changed))] = changed


def test_a_model_is_published_and_pulled_with_a_token(registry, model, tmp_path):
    log_in(registry, tmp_path)
    digest = publish(model, open_depot(registry.place)).digest
    assert registry.token.endswith("pull+push")
    pull(digest, open_depot(registry.place), tmp_path / "back")
    assert digest_path(tmp_path / "back") == digest
    assert registry.token.endswith("-pull")


def test_a_token_is_fetched_again_before_it_ends(registry, model, tmp_path, monkeypatch):
    log_in(registry, tmp_path)
    later = iter(range(0, 10_000, 40))  # each look at the clock is 40 seconds after the last one
    monkeypatch.setattr(registry_depot.clock, "now", lambda: next(later))
    digest = publish(model, open_depot(registry.place)).digest
    written = registry.tokens
    pull(digest, open_depot(registry.place), tmp_path / "back")
    assert (written > 2, registry.tokens > written + 1) == (True, True)


def test_the_listing_is_the_last_that_is_sent(registry, model):
    publish(model, open_depot(registry.place))
    sent = [line for line in registry.log if line.startswith("PUT")]
    assert "/manifests/dirHash-" in sent[-1]
    assert all("/blobs/" in line for line in sent[:-1])


@pytest.mark.parametrize("lies", [set(), {"no referrers"}])
def test_notes_are_listed_by_the_registry_or_by_tag(registry, model, tmp_path, lies):
    registry.lies |= lies
    depot = open_depot(registry.place)
    digest = publish(model, depot).digest
    assert depot.notes(digest) == []
    assert depot.put_note(digest, NOTE, b"a signature")
    assert not depot.put_note(digest, NOTE, b"a signature")
    ((note, path),) = pull_notes(digest, depot, tmp_path / "notes")
    assert (note, path.read_bytes()) == (NOTE, b"a signature")
    assert any(name.startswith("sha256-") for name in registry.manifests) == bool(lies)


@pytest.mark.parametrize("lies", [set(), {"no ranges"}])
def test_a_file_that_was_cut_is_gone_on_with_where_there_are_ranges(registry, model, tmp_path, lies):
    registry.lies |= lies
    digest = publish(model, open_depot(registry.place)).digest
    weights = FILES["deep/er/weights é.bin"]
    place = tmp_path / f"back.{digest.hex[:16]}.part"
    place.mkdir(mode=0o700)
    write(place / "tree", {"deep/er/weights é.bin": weights[:1_000_003]})
    done = pull(digest, open_depot(registry.place), tmp_path / "back")
    assert digest_path(tmp_path / "back") == digest
    assert done.size == sum(map(len, FILES.values())) - (0 if lies else 1_000_003)
    assert ("from 1000003" in registry.log) is (not lies)


def test_notes_are_found_on_every_page_of_the_list(registry, model):
    depot = open_depot(registry.place)
    digest = publish(model, depot).digest
    notes = [Note("signature", sha256(data).hex) for data in (b"a", b"b", b"c")]
    for note, data in zip(notes, (b"a", b"b", b"c"), strict=True):
        depot.put_note(digest, note, data)
    registry.page = 1
    assert depot.notes(digest) == sorted(notes)


# What is refused.


@pytest.mark.parametrize(
    ("leads", "why"),
    [("", "more than 64 pages"), ("http://127.0.0.2:1", "to another server"), ("http://[", "not an address")],
)
def test_a_list_of_notes_that_leads_on_for_ever_or_elsewhere_is_not_followed(registry, model, leads, why):
    depot = open_depot(registry.place)
    digest = publish(model, depot).digest
    registry.page, registry.leads = 0, leads
    with pytest.raises((Exceeded, Unavailable), match=why):
        depot.notes(digest)


def test_without_a_login_nothing_is_published(registry, model, tmp_path):
    registry.lies.add("token")
    with pytest.raises(Unavailable):
        publish(model, open_depot(registry.place))
    log_in(registry, tmp_path, login="d3Jvbmc6b25l")
    with pytest.raises(Unavailable):
        publish(model, open_depot(registry.place))
    assert registry.manifests == {}


def test_uploads_go_to_no_other_server(registry, model):
    registry.lies.add("elsewhere")
    with pytest.raises(Unavailable, match="to another server"):
        publish(model, open_depot(registry.place))


@pytest.mark.parametrize("where", ["http://[", "http://a:x/", "http://[::1%a]/", "\x7f", "http://\xe9"])
def test_uploads_go_to_no_place_that_is_none(registry, model, where):
    registry.uploads = where
    with pytest.raises(Unavailable):
        publish(model, open_depot(registry.place))


def test_bytes_that_rot_are_refused(registry, model, tmp_path):
    digest = publish(model, open_depot(registry.place)).digest
    registry.lies.add("rot")
    with pytest.raises((NotVerified, Unavailable)):
        pull(digest, open_depot(registry.place), tmp_path / "back")
    assert not (tmp_path / "back").exists()


LAYER = {"digest": f"sha256:{'0' * 64}", "annotations": {"org.cncf.model.filepath": "a"}}
LAYERS = {
    "none": [],
    "no list": {},
    "text": ["a"],
    "another": [LAYER],
    "twice": [LAYER, LAYER],
    "no path": [{"digest": LAYER["digest"]}],
    "no digest": [{"annotations": LAYER["annotations"]}],
    "a digest that is no text": [{**LAYER, "digest": "sha256:\ud800"}],
    "a path that is no text": [{**LAYER, "annotations": {"org.cncf.model.filepath": "\ud800"}}],
    "a number as path": [{"digest": LAYER["digest"], "annotations": {"org.cncf.model.filepath": 5}}],
}


@pytest.mark.parametrize("layers", LAYERS)
def test_a_manifest_with_other_layers_is_refused(registry, model, tmp_path, layers):
    digest = publish(model, open_depot(registry.place)).digest
    change(registry, digest, layers=LAYERS[layers])
    with pytest.raises(NotVerified) as said:
        pull(digest, open_depot(registry.place), tmp_path / "back")
    assert (registry.place in said.value.message, "ask its owner" in said.value.hint) == (True, True)
    with pytest.raises(Refused, match="has another manifest"):
        publish(model, open_depot(registry.place))
    assert not (tmp_path / "back").exists()


def test_a_title_stands_for_a_path_that_is_not_named(registry, model, tmp_path):
    """As ORAS writes it."""
    digest = publish(model, open_depot(registry.place)).digest
    layers = manifest_of(registry, digest)["layers"]
    for layer in layers:
        del layer["annotations"]["org.cncf.model.filepath"]
    change(registry, digest, layers=layers)
    pull(digest, open_depot(registry.place), tmp_path / "back")
    assert digest_path(tmp_path / "back") == digest


def test_more_layers_than_the_limit_are_refused(registry, model, tmp_path):
    digest = publish(model, open_depot(registry.place)).digest
    few = registry_depot.RegistryDepot(address_of(registry.place), limits=Limits(max_tree_files=3))
    with pytest.raises(NotVerified, match="has no model"):
        few.tree(digest)


def test_a_manifest_that_no_registry_takes_is_exceeded(registry, model, monkeypatch):
    monkeypatch.setattr(registry_depot, "_MAX_MANIFEST", 100)
    with pytest.raises(Exceeded, match="registries take"):
        publish(model, open_depot(registry.place))
    assert (registry.manifests, registry.blobs) == ({}, {})


def test_an_index_of_referrers_that_others_overwrite_is_said(registry, model):
    registry.lies |= {"no referrers", "lost index"}
    depot = open_depot(registry.place)
    digest = publish(model, depot).digest
    with pytest.raises(Unavailable, match="without a pause"):
        depot.put_note(digest, NOTE, b"a signature")


def test_what_refers_to_a_model_and_is_no_note_is_passed_over(registry, model):
    depot = open_depot(registry.place)
    digest = publish(model, depot).digest
    subject = {"digest": str(sha256(registry.manifests[f"dirHash-{digest.hex}"]))}
    other = json.dumps({"artifactType": "application/spdx+json", "subject": subject, "layers": []}).encode()
    registry.manifests[str(sha256(other))] = other
    assert depot.notes(digest) == []


@pytest.mark.parametrize("digest", ["../../x", "", f"sha256:{'0' * 63}"])
def test_a_note_under_no_digest_is_refused(registry, model, digest):
    depot = open_depot(registry.place)
    registry.lies.add("no referrers")
    published = publish(model, depot).digest
    tag = f"sha256-{sha256(registry.manifests[f'dirHash-{published.hex}']).hex}"
    listed = {"manifests": [{"artifactType": NOTE_TYPES["signature"], "digest": digest}]}
    registry.manifests[tag] = json.dumps(listed).encode()
    with pytest.raises(NotVerified, match="is no note: not a digest"):
        depot.notes(published)


def test_a_note_without_one_layer_is_refused(registry, model):
    depot = open_depot(registry.place)
    digest = publish(model, depot).digest
    subject = {"digest": str(sha256(registry.manifests[f"dirHash-{digest.hex}"]))}
    other = json.dumps({"artifactType": NOTE_TYPES["signature"], "subject": subject, "layers": []}).encode()
    registry.manifests[str(sha256(other))] = other
    with pytest.raises(NotVerified, match="is no note"):
        depot.notes(digest)


def test_too_many_notes_are_exceeded(registry, model):
    depot = open_depot(registry.place)
    digest = publish(model, depot).digest
    subject = {"digest": str(sha256(registry.manifests[f"dirHash-{digest.hex}"]))}
    for number in range(MAX_NOTES + 1):
        note = {"artifactType": NOTE_TYPES["signature"], "subject": subject, "n": number}
        registry.manifests[f"sha256:{number:064x}"] = json.dumps(note).encode()
    with pytest.raises(Exceeded, match="notes refer to"):
        depot.notes(digest)


def test_notes_of_what_is_not_published_are_unavailable(registry, model):
    with pytest.raises(Unavailable, match="has no dirHash"):
        open_depot(registry.place).notes(digest_path(model))


@pytest.mark.parametrize("reference", [":v1", f"@sha256:{'0' * 64}"])
def test_a_depot_is_a_repository_and_no_one_manifest(registry, model, reference):
    with pytest.raises(Misconfigured, match="no model is published there"):
        open_depot(f"{registry.place}{reference}")


def test_a_registry_takes_no_locks(registry, model):
    assert dispatch(["publish", str(model), registry.place, "--retain", "1d"]) == 2
    assert registry.blobs == {}
