"""Checkpoints in a real store, SeaweedFS: what is anchored can be neither deleted nor hidden, and a rollback is found."""

from __future__ import annotations

import urllib.error

import pytest

from hauberk.edge import clock
from hauberk.edge.remote.bucket_write import Bucket
from hauberk.errors import NotVerified
from hauberk.ledger.anchor import Keys, anchor, check, newest
from hauberk.ledger.log import Log
from ledger_world import START, World, verified
from s3_login import log_in
from services.conftest import ACCESS, SECRET
from services.test_seaweedfs import ask, put

PREFIX = "tumour/"


@pytest.fixture
def bucket(seaweedfs, monkeypatch):
    put(f"{seaweedfs.url}/anchors", **{"x-amz-bucket-object-lock-enabled": "true"})
    log_in(monkeypatch, seaweedfs.url, ACCESS, SECRET)
    with Bucket("anchors") as one:
        yield one


def test_a_rollback_is_found_though_the_anchor_is_hidden(seaweedfs, bucket, tmp_path):
    world = World(tmp_path)
    keys = Keys(world.key, world.witness_keys, 1)
    with world.create() as log:
        log.append_many([verified("a")], START)
        world.publish(log, START)
        anchor(log, bucket, PREFIX, keys=keys, until=clock.now() + 3600)
        log.copy_to(tmp_path / "old")
        log.append_many([verified("b")], START)
        world.publish(log, START)
        key = anchor(log, bucket, PREFIX, keys=keys, until=clock.now() + 3600)
        assert anchor(log, bucket, PREFIX, keys=keys, until=clock.now() + 7200) == key
        ((_, version), *_) = list(bucket.versions(PREFIX + key.removeprefix(PREFIX)))
        with pytest.raises(urllib.error.HTTPError, match=r"403|AccessDenied|Forbidden"):
            ask("DELETE", f"{seaweedfs.url}/anchors/{key}?versionId={version}")
        ask("DELETE", f"{seaweedfs.url}/anchors/{key}")  # a delete marker
        assert bucket.head(key) is None
        found = newest(bucket, PREFIX, keys=keys)
        assert found.note == log.latest_checkpoint()
        check(log, found)
    with Log.open_file(tmp_path / "old", read_only=True) as old, pytest.raises(NotVerified, match="rollback"):
        check(old, newest(bucket, PREFIX, keys=keys))
