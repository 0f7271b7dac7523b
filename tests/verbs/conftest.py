"""What several verbs are tried on: a store that is ours, with a login of its own."""

import pytest

from fake_bucket import ACCESS, SECRET, fake_bucket
from s3_login import forget, log_in


@pytest.fixture
def store(monkeypatch, tmp_path):
    forget(monkeypatch, tmp_path)
    with fake_bucket() as running:
        log_in(monkeypatch, running.url, ACCESS, SECRET)
        yield running
